// Figures in plain words, as the page for reading writes them.

export const MICRO_SECS = 0.5;

/** A moment of a film: 0:02.400. */
export function clock(secs) {
  const millis = Math.max(0, Math.round(secs * 1000));
  const pad = (value, digits) => String(value).padStart(digits, "0");
  const [hours, minutes, rest] = [
    Math.floor(millis / 3_600_000),
    Math.floor(millis / 60_000) % 60,
    Math.floor(millis / 1000) % 60,
  ];
  const tail = `${pad(rest, 2)}.${pad(millis % 1000, 3)}`;
  return hours ? `${hours}:${pad(minutes, 2)}:${tail}` : `${minutes}:${tail}`;
}

/** A length of time as people say it. */
export function length(secs) {
  if (secs < 0.9995) return `${Math.round(secs * 1000)} ms`;
  if (secs < 60) return `${secs.toFixed(1)} s`;
  if (secs < 3600) return `${Math.floor(secs / 60)} min ${Math.round(secs % 60)} s`;
  return `${Math.floor(secs / 3600)} h ${Math.floor(secs / 60) % 60} min`;
}

/** How long something will still take, rounded as guesses are. */
export function left(secs) {
  if (secs < 5) return "a few seconds left";
  if (secs < 90) return `about ${Math.ceil(secs / 5) * 5} s left`;
  if (secs < 5400) return `about ${Math.round(secs / 60)} min left`;
  return `about ${(secs / 3600).toFixed(1)} h left`;
}

export const counted = (count, one) => (count === 1 ? `1 ${one}` : `${count} ${one}s`);

export function bytes(count) {
  if (count < 1e6) return `${Math.max(1, Math.round(count / 1e3))} kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(2)} GB`;
}

/** Frames a second that stand as a fraction. */
export function rate(text) {
  const [above, under = 1] = text.split("/").map(Number);
  return String(Number((above / under).toFixed(2)));
}

/** A probability without its zero, never a certainty. */
export function probability(value) {
  if (value < 0.005) return "under .01";
  return value >= 0.995 ? "over .99" : value.toFixed(2).replace(/^0/, "");
}

/** AU12 as coders write it, without a leading zero. */
export const short = (au) => `AU${Number(au.slice(2))}`;

/** What sort of movement a correction is of: micro, longer, or endless where nobody knows its end. */
export function kind(note, secsOf) {
  if (note.offset === null || note.offset === undefined) return "endless";
  return secsOf(note.offset) - secsOf(note.onset) <= MICRO_SECS + 1e-6 ? "micro" : "longer";
}

export const KINDS = {
  micro: "Micro-expression",
  longer: "Longer expression",
  endless: "Movement without end",
};

export const VERDICTS = { open: "not looked at", confirmed: "confirmed", rejected: "rejected" };

/** The units that are there, in words. */
export function units(note, names) {
  const on = Object.entries(note.aus)
    .filter(([, state]) => state === "on")
    .map(([au]) => au)
    .sort();
  const unsure = Object.entries(note.aus)
    .filter(([, state]) => state === "unsure")
    .map(([au]) => au)
    .sort();
  const named = on.map((au) => `${names.get(au)?.name ?? au} (${short(au)})`);
  const open = unsure.length ? `; unsure: ${unsure.map(short).join(", ")}` : "";
  const text = named.length ? named.join(", ") : "no action unit";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${open}`;
}

export const STATES = {
  queued: "waiting",
  running: "being looked at",
  done: "done",
  failed: "failed",
  cancelled: "stopped",
};

/** What was found, in a line. */
export function summary(found) {
  if (!found) return "";
  if (!found.movements) return "No movement was found. That does not mean that there was none.";
  const parts = [];
  if (found.micro) parts.push(counted(found.micro, "micro-expression"));
  if (found.longer) parts.push(counted(found.longer, "longer expression"));
  const others = found.movements - found.micro - found.longer;
  if (others) parts.push(others === 1 ? "the strongest movement" : `${others} movements`);
  const text = `${parts.join(" and ")} of ${counted(found.faces, "face")}`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
