// One film: frames, time line, curves, corrections, exports.

import { ask } from "./api.js";
import { ask as confirm, h, problem, put, say } from "./dom.js";
import { Curves } from "./curves.js";
import { Editor, List, SaveState } from "./editor.js";
import { jobLine } from "./films.js";
import { Notes, forgetDraft } from "./notes.js";
import { Stage } from "./stage.js";
import { Timeline, Window } from "./timeline.js";
import { clock, length, probability, summary, units } from "./words.js";

/** What the parts of the view share: the film, the frame that is shown, the movement that is chosen. */
class Film extends EventTarget {
  constructor(view, job, { frames, report, notes, about }) {
    super();
    const video = report.inputs[0].video;
    Object.assign(this, { id: view.id, name: view.name, job, report, notes, frame: 0, selected: null, count: Math.max(1, frames.count), fps: frames.fps, micros: frames.micros,
      width: video.width_px, height: video.height_px, aus: report.model.aus, threshold: report.settings.threshold, names: new Map(about.units.map((unit) => [unit.au, unit])) });
    this.window = new Window(this.count);
  }

  secs(frame) {
    return this.micros?.[frame] === undefined ? frame / this.fps : this.micros[frame] / 1e6;
  }

  frameAt(secs) {
    if (!this.micros) return Math.floor(secs * this.fps + 1e-6);
    const after = this.micros.findIndex((micros) => micros / 1e6 > secs);
    return after < 0 ? this.count - 1 : Math.max(0, after - 1);
  }

  tell(name) {
    this.dispatchEvent(new Event(name));
  }

  go(frame) {
    const to = Math.max(0, Math.min(this.count - 1, Math.round(frame)));
    if (to === this.frame) return;
    this.frame = to;
    this.window.follow(to);
    this.tell("frame");
  }

  /** Faces that moved, or in which somebody marked a movement. */
  faces() {
    const found = this.report.inputs[0].faces.map((face) => face.face_id);
    const all = [...new Set([...found, ...this.notes.intervals.map((it) => it.face_id)])].sort((a, b) => a - b);
    return all.length ? all : [0];
  }

  get chosen() {
    return this.notes.find(this.selected);
  }

  choose(id, goes = false) {
    this.selected = id;
    if (goes && this.chosen) this.go(this.chosen.apex);
    this.tell("select");
  }

  /** The movement as the model found it. */
  machine(note) {
    if (!note.origin) return undefined;
    const face = this.report.inputs[0].faces.find((it) => it.face_id === note.face_id);
    return face?.intervals.find((it) => it.onset.frame === note.origin.onset && it.apex.frame === note.origin.apex);
  }

  confidenceOf(note) {
    const found = this.machine(note);
    return found?.confidence === undefined ? "found by the model" : `confidence ${probability(found.confidence)}`;
  }

  original(note) {
    const found = this.machine(note);
    if (!found) return note;
    const aus = Object.fromEntries(found.aus.map((score) => [score.au, score.present ? "on" : "off"]));
    return { ...note, onset: found.onset.frame, apex: found.apex.frame, offset: found.offset?.frame ?? null, aus, verdict: "open" };
  }

  /** Moves onset, apex or offset, as far as their order lets it. */
  move(id, part, frame) {
    const it = this.notes.find(id);
    if (!it || Number.isNaN(frame)) return;
    const last = this.count - 1;
    const bound = (value, least, most) => Math.max(least, Math.min(most, Math.round(value)));
    const values = {
      onset: () => bound(frame, 0, it.apex - 1),
      apex: () => bound(frame, it.onset + 1, it.offset ?? last),
      offset: () => (frame === null ? null : bound(frame, it.apex, last)),
    };
    const value = values[part]();
    this.notes.set(id, { [part]: value }, part);
    if (value !== null) this.go(value);
  }

  /** Adds a movement around the frame that is shown. */
  add() {
    const reach = Math.max(2, Math.round(this.fps * 0.12));
    const apex = Math.max(1, Math.min(this.count - 1, this.frame));
    const id = `h${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    const face_id = this.chosen?.face_id ?? this.faces()[0];
    const it = { id, face_id, onset: Math.max(0, apex - reach), apex, offset: Math.min(this.count - 1, apex + reach), aus: {}, emotion: "", note: "", verdict: "confirmed", origin: null };
    this.notes.change((all) => [...all, it]);
    this.choose(id);
    say("A movement is added at this frame");
  }

  /** The movement before or after the frame that is shown. */
  next(by) {
    const all = [...this.notes.intervals].sort((a, b) => a.apex - b.apex);
    const found = by > 0 ? all.find((it) => it.apex > this.frame) : all.findLast((it) => it.apex < this.frame);
    if (found) this.choose(found.id, true);
  }
}

/** Shows one film; gives back what to call when something happens, and when it is left. */
export async function show(view, app, id, jobId) {
  const film = await ask(`/api/films/${id}`);
  const page = { film, app, view, id };
  page.job = film.jobs.find((job) => job.id === jobId) ?? film.jobs.find((job) => job.state === "done");
  if (!page.job) return waiting(page);
  return looking(page);
}

function header(page) {
  const { film } = page;
  const subject = h("input", { id: "subject", value: film.subject, size: 16, autocomplete: "off", placeholder: "any name", onchange: () =>
    ask(`/api/films/${film.id}`, { method: "PATCH", body: { subject: subject.value } }).then(() => say("Saved"), (fault) => say(fault.message)) });
  const found = page.job?.summary;
  const facts = found ? [["picture", `${found.width_px} × ${found.height_px} px`], ["rate", `${found.rate} frames a second`], ["frames", found.frames], ["length", length(found.secs)], ["model", page.job.model_name]] : [];
  return h("header", { class: "film-head" }, h("p", { class: "over" }, h("a", { href: "#/" }, "Films")), h("h1", {}, film.name),
    found ? h("p", { class: "lead" }, `${summary(found)}${found.movements ? "." : ""}`) : null,
    h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))), h("div", {}, h("dt", {}, h("label", { for: "subject" }, "who is shown")), h("dd", {}, subject))));
}

function deleting(page) {
  const { film } = page;
  const remove = async () => {
    const yes = await confirm("Delete this film?", `${film.name}, its pictures, results and corrections will be gone for good.`, "Delete it");
    if (!yes) return;
    forgetDraft(film.id);
    await ask(`/api/films/${film.id}`, { method: "DELETE" }).catch((fault) => say(fault.message));
    location.hash = "#/";
  };
  return h("button", { type: "button", class: "plain danger-text", onclick: remove }, "Delete this film");
}

/** A film of which nothing is known yet: what was found so far, while it comes. */
function waiting(page) {
  const { film, view, app } = page;
  const state = h("div", { class: "card" });
  const names = new Map(app.about.units.map((unit) => [unit.au, unit]));
  const found = h("ul", { class: "found", "aria-live": "polite" });
  const add = ({ interval }) => found.append(h("li", {}, h("b", {}, clock(interval.onset.secs)), " ",
    units({ aus: Object.fromEntries(interval.aus.filter((it) => it.present).map((it) => [it.au, "on"])) }, names), interval.confidence === undefined ? "" : `, confidence ${probability(interval.confidence)}`));
  const draw = (job) => put(state, h("h2", {}, { failed: "It could not be done", cancelled: "Stopped", queued: "Waiting" }[job.state] ?? "Being looked at"), jobLine(job));
  put(view, header(page), state, found, deleting(page));
  const [job] = film.jobs.slice(-1);
  draw(job);
  if (job.state === "running") {
    const source = new EventSource(`/api/jobs/${job.id}/events`);
    source.addEventListener("movement", (event) => add(JSON.parse(event.data)));
    source.addEventListener("job", () => source.close());
    source.onerror = () => source.close();
  }
  return {
    job: (it) => {
      if (it.film !== film.id) return;
      if (it.state === "done") app.again();
      else draw(it);
    },
    movement: (it) => it.film === film.id && add(it),
    gone: (it) => it.film === film.id && (location.hash = "#/"),
    again: () => app.again(),
  };
}

async function looking(page) {
  const { view, app, id, job } = page;
  const [frames, report, read] = await Promise.all([ask(`/api/films/${id}/frames`), ask(`/api/jobs/${job.id}/report`), ask(`/api/films/${id}/annotations`)]);
  const notes = new Notes(id, read);
  const film = new Film(page.film, job, { frames, report, notes, about: app.about });
  const stage = new Stage(film);
  const parts = { timeline: new Timeline(film), curves: new Curves(film), editor: new Editor(film), list: new List(film), saving: new SaveState(notes) };
  const others = h("div", { class: "others" });
  const drawOthers = () => put(others, page.film.jobs.filter((it) => it.state !== "done").map((it) => h("div", { class: "card" }, h("b", {}, `Model ${it.model_name}`), jobLine(it))));
  put(view, header(page), job.problems.map((it) => problem(it)), others,
    h("div", { class: "tools" }, exports(page), h("a", { class: "button", href: `#/film/${id}/compare` }, "Compare two models"), keys(), deleting(page)),
    h("div", { class: "desk" }, stage.element, h("div", { class: "side" }, parts.saving.element, parts.editor.element)),
    parts.timeline.element, parts.curves.element, parts.list.element);
  drawOthers();
  const first = [...notes.intervals].sort((a, b) => a.onset - b.onset)[0];
  if (first) film.choose(first.id, true);
  else stage.draw();
  const press = (event) => pressed(event, film, stage);
  const warn = (event) => notes.state !== "saved" && event.preventDefault();
  document.addEventListener("keydown", press);
  window.addEventListener("beforeunload", warn);
  return {
    job: (it) => {
      if (it.film !== id) return;
      const place = page.film.jobs.findIndex((other) => other.id === it.id);
      if (place < 0) page.film.jobs.push(it);
      else page.film.jobs[place] = it;
      drawOthers();
    },
    notes: (it) => it.film === id && notes.heard(it.revision),
    gone: (it) => {
      if (it.film !== id) return;
      forgetDraft(id);
      notes.state = "saved";
      say("The film was deleted");
      location.hash = "#/";
    },
    again: async () => {
      if (notes.state === "failed") notes.save();
      else notes.heard((await ask(`/api/films/${id}`)).revision);
    },
    leave: () => {
      stage.stop();
      document.removeEventListener("keydown", press);
      window.removeEventListener("beforeunload", warn);
      if (["waiting", "failed"].includes(notes.state)) notes.save();
    },
  };
}

const KEYS = [["← →", "one frame back, on"], ["Shift ← →", "ten frames"], ["Space", "play, pause"], ["Home End", "first, last frame"], ["[ ]", "movement before, after"],
  ["o a f", "set onset, apex, offset to this frame"], ["c x", "confirm, reject"], ["n", "add a movement at this frame"], ["Ctrl Z", "undo"]];

const keys = () => h("details", { class: "menu" }, h("summary", { class: "button" }, "Keys"), h("dl", { class: "keys sheet" }, KEYS.map(([key, text]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)])));

function pressed(event, film, stage) {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox" && event.target.type !== "range") return;
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
  const judge = (verdict) => () => chosen && film.notes.set(chosen.id, { verdict: chosen.verdict === verdict ? "open" : verdict });
  const isButton = event.target.closest?.("button, summary, a, [role=button]");
  const work = {
    ArrowLeft: () => film.go(film.frame - (event.shiftKey ? 10 : 1)), ArrowRight: () => film.go(film.frame + (event.shiftKey ? 10 : 1)), Home: () => film.go(0), End: () => film.go(film.count - 1),
    " ": isButton ? null : () => stage.toggle(), "[": () => film.next(-1), "]": () => film.next(1), o: set("onset"), a: set("apex"), f: set("offset"), c: judge("confirmed"), x: judge("rejected"), n: () => film.add(),
  }[event.key];
  if (!work) return;
  event.preventDefault();
  work();
}

const FORMATS = { csv: ["CSV", "spreadsheets"], json: ["JSON", "the whole report"], jsonl: ["JSON lines", "programs"], openface: ["OpenFace", "a row a frame"], parquet: ["Parquet", "pandas, R"],
  eaf: ["ELAN", "tiers"], vtt: ["WebVTT", "subtitles"], srt: ["SubRip", "subtitles"], table: ["Text", "reading"], annotations: ["Everything you said", "JSON"] };

function exports(page) {
  const of = h("select", { id: "export-of", onchange: () => draw() }, h("option", { value: "corrected" }, "as corrected"), h("option", { value: "machine" }, "as the model said"));
  const rows = h("select", { id: "export-rows", onchange: () => draw() }, h("option", { value: "intervals" }, "a row a movement"), h("option", { value: "frames" }, "a row a frame and face"));
  const links = h("ul", { class: "links" });
  const draw = () => put(links, Object.entries(FORMATS).filter(([format]) => rows.value === "intervals" || ["csv", "jsonl", "parquet", "openface"].includes(format)).map(([format, [name, what]]) =>
    h("li", {}, h("a", { href: `/api/films/${page.id}/export?format=${format}&of=${of.value}&rows=${rows.value}${of.value === "machine" ? `&job=${page.job.id}` : ""}`, download: "" }, name), h("span", { class: "quiet" }, ` ${what}`))));
  draw();
  return h("details", { class: "menu" }, h("summary", { class: "button main" }, "Export"), h("div", { class: "sheet" }, h("div", { class: "fields" },
    h("div", { class: "field" }, h("label", { for: "export-of" }, "Movements"), of), h("div", { class: "field" }, h("label", { for: "export-rows" }, "Rows"), rows)), links));
}
