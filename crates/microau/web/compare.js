// Two models on one film, side by side: what both found, what only one found, and where their action units differ.

import { ask, send } from "./api.js";
import { h, problem, put, s } from "./dom.js";
import { jobLine } from "./films.js";
import { sign } from "./timeline.js";
import { MICRO_SECS, clock, counted, length, probability, short } from "./words.js";

export async function show(view, app, id) {
  const [film, models] = await Promise.all([ask(`/api/films/${id}`), ask("/api/models")]);
  const page = { film, models, app, id };
  const result = h("div");
  const jobs = h("div", { class: "others" });
  const done = () => film.jobs.filter((job) => job.state === "done");
  const picks = ["a", "b"].map((which, place) =>
    h("select", { id: `pick-${which}`, onchange: () => draw(), "data-place": place }),
  );
  const fill = () =>
    picks.forEach((pick, place) => {
      const before = place && pick.value === picks[0].value ? "" : pick.value;
      put(
        pick,
        done().map((job) =>
          h(
            "option",
            { value: job.id },
            `${job.model_name}${done().filter((it) => it.model_name === job.model_name).length > 1 ? ` (${done().indexOf(job) + 1})` : ""}`,
          ),
        ),
      );
      pick.value = done().some((job) => job.id === before)
        ? before
        : (done()[Math.min(place, done().length - 1)]?.id ?? "");
    });
  const draw = async () => {
    put(
      jobs,
      film.jobs
        .filter((job) => job.state !== "done")
        .map((job) => h("div", { class: "card" }, h("b", {}, `Model ${job.model_name}`), jobLine(job))),
    );
    const [a, b] = picks.map((pick) => pick.value);
    if (done().length < 2 || a === b) {
      put(
        result,
        h("p", { class: "lead" }, "Let a second model look at this film, then both stand here side by side."),
      );
      return;
    }
    put(result, comparison(await ask(`/api/films/${id}/compare?a=${a}&b=${b}`), film, id));
  };
  put(
    view,
    h(
      "header",
      { class: "film-head" },
      h("p", { class: "over" }, h("a", { href: `#/film/${id}` }, film.name)),
      h("h1", {}, "Two models side by side"),
    ),
    asking(page, models),
    jobs,
    h(
      "div",
      { class: "fields" },
      picks.map((pick, place) =>
        h("div", { class: "field" }, h("label", { for: pick.id }, place ? "Second" : "First"), pick),
      ),
    ),
    result,
  );
  fill();
  await draw();
  return {
    job: (job) => {
      if (job.film !== id) return;
      const place = film.jobs.findIndex((it) => it.id === job.id);
      const was = film.jobs[place]?.state;
      if (place < 0) film.jobs.push(job);
      else film.jobs[place] = job;
      if (job.state === "done" && was !== "done") fill();
      draw();
    },
    gone: (it) => it.film === id && (location.hash = "#/"),
    again: () => app.again(),
  };
}

/** Asks another model, or takes up a checkpoint. */
function asking(page, models) {
  const model = h("select", { id: "model" });
  const fill = (chosen) => {
    put(
      model,
      models.map((it) => h("option", { value: it.id }, it.built_in ? `${it.name} (built in)` : it.name)),
    );
    if (chosen) model.value = chosen;
  };
  fill();
  const trouble = h("div");
  const look = () => {
    put(trouble);
    const first = page.film.jobs[0];
    ask(`/api/films/${page.id}/jobs`, {
      method: "POST",
      body: { model: model.value, kind: first?.kind ?? "auto", confidence: first?.confidence },
    }).catch((fault) => put(trouble, problem(fault)));
  };
  const upload = async () => {
    const form = new FormData();
    form.append("file", file.files[0], file.files[0].name);
    put(trouble, h("p", { class: "quiet" }, "The checkpoint is being uploaded and read …"));
    try {
      const added = await send("/api/models", form, () => {}).promise;
      models.push(added);
      fill(added.id);
      put(trouble);
    } catch (fault) {
      put(trouble, problem(fault));
    }
    file.value = "";
  };
  const file = h("input", {
    type: "file",
    class: "unseen",
    accept: ".safetensors",
    "aria-label": "Choose a checkpoint",
    onchange: upload,
  });
  return h(
    "section",
    { class: "card" },
    h(
      "div",
      { class: "fields" },
      h("div", { class: "field" }, h("label", { for: "model" }, "Model"), model),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", class: "main", onclick: look }, "Let it look at this film"),
        h("button", { type: "button", onclick: () => file.click() }, "Upload a checkpoint"),
        file,
      ),
    ),
    h(
      "p",
      { class: "quiet" },
      "Checkpoints that microau train wrote; those in the folder models of the folder of data stand here by themselves.",
    ),
    trouble,
  );
}

function comparison(found, film, id) {
  const both = found.pairs.filter((pair) => pair.a && pair.b);
  const [onlyA, onlyB] = ["a", "b"].map(
    (which) => found.pairs.filter((pair) => pair[which] && !(pair.a && pair.b)).length,
  );
  const differ = both.filter((pair) => pair.differ.length).length;
  const end = Math.max(
    ...found.pairs
      .flatMap((pair) => [pair.a, pair.b])
      .filter(Boolean)
      .map((it) => (it.offset ?? it.apex).secs),
    film.jobs.find((job) => job.summary)?.summary.secs ?? 1,
  );
  return [
    h(
      "p",
      { class: "lead" },
      `Both found ${counted(both.length, "movement")}, ${differ} of them with other action units. ${found.a} alone found ${onlyA}, ${found.b} alone ${onlyB}.`,
    ),
    h(
      "figure",
      { class: "lanes-two" },
      ["a", "b"].map((which) => lane(found, which, end)),
    ),
    h("h3", {}, "Movement by movement"),
    h(
      "table",
      { class: "movements two" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "When"),
          h("th", { scope: "col" }, found.a),
          h("th", { scope: "col" }, found.b),
        ),
      ),
      h(
        "tbody",
        {},
        found.pairs.map((pair) => row(pair, id)),
      ),
    ),
    h("h3", {}, "Action unit by action unit"),
    h(
      "table",
      { class: "units-two" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["", "both", `${found.a} alone`, `${found.b} alone`, "mean difference of curves"].map((text) =>
            h("th", { scope: "col" }, text),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        found.units.map((unit) =>
          h(
            "tr",
            { class: unit.only_a + unit.only_b ? "differs" : "" },
            h("th", { scope: "row" }, short(unit.au)),
            h("td", {}, unit.both),
            h("td", {}, unit.only_a),
            h("td", {}, unit.only_b),
            h("td", {}, unit.difference === null ? "–" : unit.difference.toFixed(3).replace(/^0/, "")),
          ),
        ),
      ),
    ),
  ];
}

const sortOf = (it) =>
  it.offset ? (it.offset.secs - it.onset.secs <= MICRO_SECS + 1e-6 ? "micro" : "longer") : "endless";

function lane(found, which, end) {
  const x = (secs) => `${((100 * secs) / end).toFixed(3)}%`;
  const mine = found.pairs.filter((pair) => pair[which]);
  return h(
    "div",
    { class: "lane-row" },
    h("span", { class: "name" }, found[which]),
    s(
      "svg",
      { role: "img", height: 34, "aria-label": `${mine.length} movements that ${found[which]} found` },
      s("line", { class: "base", x1: 0, x2: "100%", y1: 30, y2: 30 }),
      mine.map((pair) => {
        const it = pair[which];
        const width = Math.max(0.15, (100 * ((it.offset ?? it.apex).secs - it.onset.secs)) / end);
        return s(
          "g",
          { class: `mark ${sortOf(it)} ${pair.a && pair.b ? "" : "alone"}` },
          s("title", {}, `${clock(it.onset.secs)}${pair.a && pair.b ? "" : ", it alone"}`),
          s("rect", { x: x(it.onset.secs), width: `${width.toFixed(3)}%`, y: 8, height: 20, rx: 2 }),
        );
      }),
    ),
  );
}

function row(pair, id) {
  const first = pair.a ?? pair.b;
  const cell = (it) => {
    if (!it) return h("td", { class: "quiet" }, "nothing found");
    const present = it.aus.filter((score) => score.present);
    return h(
      "td",
      {},
      h(
        "span",
        { class: "tag" },
        sign(sortOf(it)),
        it.offset ? length(it.offset.secs - it.onset.secs) : "stays",
        it.confidence === undefined ? "" : `, confidence ${probability(it.confidence)}`,
      ),
      present.length
        ? present.map((score, place) => [
            place ? ", " : "",
            h(
              "span",
              { class: pair.differ.includes(score.au) ? "differs" : "" },
              `${short(score.au)} ${probability(score.probability)}`,
            ),
          ])
        : h("span", { class: "quiet" }, "no action unit"),
    );
  };
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      h("a", { href: `#/film/${id}` }, clock(first.onset.secs)),
      h("span", { class: "face" }, ` face ${pair.face_id}`),
    ),
    cell(pair.a),
    cell(pair.b),
  );
}
