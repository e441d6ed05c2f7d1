// One film: frames, time line, curves, corrections, exports.

import { ask } from "./api.js";
import { ask as confirm, h, problem, put, say } from "./dom.js";
import { Curves } from "./curves.js";
import { Editor } from "./editor.js";
import { jobLine } from "./films.js";
import { List, SaveState } from "./list.js";
import { exports, keys, pressed } from "./menus.js";
import { Notes, forgetDraft } from "./notes.js";
import { Stage } from "./stage.js";
import { Film } from "./state.js";
import { Timeline } from "./timeline.js";
import { clock, length, probability, rate, summary, units } from "./words.js";

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
  const subject = h("input", {
    id: "subject",
    value: film.subject,
    size: 16,
    autocomplete: "off",
    placeholder: "any name",
    onchange: () =>
      ask(`/api/films/${film.id}`, { method: "PATCH", body: { subject: subject.value } }).then(
        () => say("Saved"),
        (fault) => say(fault.message),
      ),
  });
  const found = page.job?.summary;
  const facts = found
    ? [
        ["picture", `${found.width_px} × ${found.height_px} px`],
        ["rate", `${rate(found.rate)} frames a second`],
        ["frames", found.frames],
        ["length", length(found.secs)],
        ["model", page.job.model_name],
      ]
    : [];
  return h(
    "header",
    { class: "film-head" },
    h("p", { class: "over" }, h("a", { href: "#/" }, "Films")),
    h("h1", {}, film.name),
    found ? h("p", { class: "lead" }, `${summary(found)}${found.movements ? "." : ""}`) : null,
    h(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
      h("div", {}, h("dt", {}, h("label", { for: "subject" }, "who is shown")), h("dd", {}, subject)),
    ),
  );
}

function deleting(page) {
  const { film } = page;
  const remove = async () => {
    const yes = await confirm(
      "Delete this film?",
      `${film.name}, its pictures, results and corrections will be gone for good.`,
      "Delete it",
    );
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
  const add = ({ interval }) =>
    found.append(
      h(
        "li",
        {},
        h("b", {}, clock(interval.onset.secs)),
        " ",
        units({ aus: Object.fromEntries(interval.aus.filter((it) => it.present).map((it) => [it.au, "on"])) }, names),
        interval.confidence === undefined ? "" : `, confidence ${probability(interval.confidence)}`,
      ),
    );
  const draw = (job) =>
    put(
      state,
      h(
        "h2",
        {},
        { failed: "It could not be done", cancelled: "Stopped", queued: "Waiting" }[job.state] ?? "Being looked at",
      ),
      jobLine(job),
    );
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
  const [frames, report, read] = await Promise.all([
    ask(`/api/films/${id}/frames`),
    ask(`/api/jobs/${job.id}/report`),
    ask(`/api/films/${id}/annotations`),
  ]);
  const notes = new Notes(id, read);
  const film = new Film(page.film, job, { frames, report, notes, about: app.about });
  const stage = new Stage(film);
  const parts = {
    timeline: new Timeline(film),
    curves: new Curves(film),
    editor: new Editor(film),
    list: new List(film),
    saving: new SaveState(notes),
  };
  const others = h("div", { class: "others" });
  const drawOthers = () =>
    put(
      others,
      page.film.jobs
        .filter((it) => it.state !== "done")
        .map((it) => h("div", { class: "card" }, h("b", {}, `Model ${it.model_name}`), jobLine(it))),
    );
  put(
    view,
    header(page),
    job.problems.map((it) => problem(it)),
    others,
    h(
      "div",
      { class: "tools" },
      exports(page),
      h("a", { class: "button", href: `#/film/${id}/compare` }, "Compare two models"),
      keys(),
      deleting(page),
    ),
    h(
      "div",
      { class: "desk" },
      h("div", { class: "column" }, stage.element, parts.timeline.element),
      h("div", { class: "side" }, parts.saving.element, parts.editor.element),
    ),
    parts.curves.element,
    parts.list.element,
  );
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
