// What can be done with a film besides looking: keys, exports.

import { h, put } from "./dom.js";

const KEYS = [
  ["← →", "one frame back, on"],
  ["Shift ← →", "ten frames"],
  ["Space", "play, pause"],
  ["Home End", "first, last frame"],
  ["[ ]", "movement before, after"],
  ["o a f", "set onset, apex, offset to this frame"],
  ["c x", "confirm, reject"],
  ["n", "add a movement at this frame"],
  ["Ctrl Z", "undo"],
];

/** The list of all keys. */
export const keys = () =>
  h(
    "details",
    { class: "menu" },
    h("summary", { class: "button" }, "Keys"),
    h(
      "dl",
      { class: "keys sheet" },
      KEYS.map(([key, text]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)]),
    ),
  );

/** Does what a key means. */
export function pressed(event, film, stage) {
  if (
    /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) &&
    event.target.type !== "checkbox" &&
    event.target.type !== "range"
  )
    return;
  if (document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    if (event.shiftKey) film.notes.redo();
    else film.notes.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { chosen } = film;
  const set = (part) => () => chosen && film.move(chosen.id, part, film.frame);
  const judge = (verdict) => () =>
    chosen && film.notes.set(chosen.id, { verdict: chosen.verdict === verdict ? "open" : verdict });
  const isButton = event.target.closest?.("button, summary, a, [role=button]");
  const work = {
    ArrowLeft: () => film.go(film.frame - (event.shiftKey ? 10 : 1)),
    ArrowRight: () => film.go(film.frame + (event.shiftKey ? 10 : 1)),
    Home: () => film.go(0),
    End: () => film.go(film.count - 1),
    " ": isButton ? null : () => stage.toggle(),
    "[": () => film.next(-1),
    "]": () => film.next(1),
    o: set("onset"),
    a: set("apex"),
    f: set("offset"),
    c: judge("confirmed"),
    x: judge("rejected"),
    n: () => film.add(),
  }[event.key];
  if (!work) return;
  event.preventDefault();
  work();
}

const FORMATS = {
  csv: ["CSV", "spreadsheets"],
  json: ["JSON", "the whole report"],
  jsonl: ["JSON lines", "programs"],
  openface: ["OpenFace", "a row a frame"],
  parquet: ["Parquet", "pandas, R"],
  eaf: ["ELAN", "tiers"],
  vtt: ["WebVTT", "subtitles"],
  srt: ["SubRip", "subtitles"],
  table: ["Text", "reading"],
  annotations: ["Everything you said", "JSON"],
};

/** The menu of formats. */
export function exports(page) {
  const of = h(
    "select",
    { id: "export-of", onchange: () => draw() },
    h("option", { value: "corrected" }, "as corrected"),
    h("option", { value: "machine" }, "as the model said"),
  );
  const rows = h(
    "select",
    { id: "export-rows", onchange: () => draw() },
    h("option", { value: "intervals" }, "a row a movement"),
    h("option", { value: "frames" }, "a row a frame and face"),
  );
  const links = h("ul", { class: "links" });
  const draw = () =>
    put(
      links,
      Object.entries(FORMATS)
        .filter(([format]) => rows.value === "intervals" || ["csv", "jsonl", "parquet", "openface"].includes(format))
        .map(([format, [name, what]]) =>
          h(
            "li",
            {},
            h(
              "a",
              {
                href: `/api/films/${page.id}/export?format=${format}&of=${of.value}&rows=${rows.value}${of.value === "machine" ? `&job=${page.job.id}` : ""}`,
                download: "",
              },
              name,
            ),
            h("span", { class: "quiet" }, ` ${what}`),
          ),
        ),
    );
  draw();
  return h(
    "details",
    { class: "menu" },
    h("summary", { class: "button main" }, "Export"),
    h(
      "div",
      { class: "sheet" },
      h(
        "div",
        { class: "fields" },
        h("div", { class: "field" }, h("label", { for: "export-of" }, "Movements"), of),
        h("div", { class: "field" }, h("label", { for: "export-rows" }, "Rows"), rows),
      ),
      links,
    ),
  );
}
