// Probability of every action unit over time, in the window of the timeline.

import { ask } from "./api.js";
import { h, later, put, s } from "./dom.js";
import { probability, short } from "./words.js";

const HEIGHT = 30;
const FETCH_AFTER = 120;

export class Curves {
  constructor(film) {
    Object.assign(this, { film, window: film.window, face: film.faces()[0] ?? 0, data: [] });
    this.rows = h("div", { class: "rows" });
    this.pick = h("select", {
      "aria-label": "Face whose curves are shown",
      onchange: () => {
        this.face = Number(this.pick.value);
        this.draw();
      },
    });
    this.element = h(
      "section",
      { class: "curves", "aria-labelledby": "curves-title" },
      h("div", { class: "bar" }, h("h3", { id: "curves-title" }, "Every action unit over time"), this.pick),
      h(
        "p",
        { class: "quiet" },
        "Probability in every frame against the face at rest, from 0 at the bottom of a row to 1 at its top; dashed: one half. On the right its value in the frame that is shown.",
      ),
      this.rows,
    );
    this.fetchSoon = later(FETCH_AFTER, () => this.fetch());
    this.window.addEventListener("change", () => this.fetchSoon());
    film.addEventListener("frame", () => this.mark());
    film.addEventListener("select", () => {
      if (film.chosen && this.data.some((it) => it.face_id === film.chosen.face_id)) this.show(film.chosen.face_id);
      else this.draw();
    });
    film.notes.addEventListener("change", () => this.draw());
    this.rows.addEventListener("pointerdown", (event) => this.scrub(event));
    new ResizeObserver(() => this.fetchSoon()).observe(this.rows);
    this.fetch();
  }

  show(face) {
    this.face = face;
    this.pick.value = face;
    this.draw();
  }

  async fetch() {
    const [from, to] = [Math.floor(this.window.from), Math.ceil(this.window.to)];
    const points = Math.min(2000, Math.max(200, Math.round(this.width)));
    const asked = `/api/jobs/${this.film.job.id}/curves?from=${from}&to=${to}&points=${points}`;
    this.asked = asked;
    const data = await ask(asked).catch(() => null);
    if (!data || this.asked !== asked) return;
    this.data = data;
    this.each = Math.max(1, Math.ceil((to - from) / points));
    const faces = data.map((it) => it.face_id);
    if (faces.length && !faces.includes(this.face)) [this.face] = faces;
    put(
      this.pick,
      faces.map((face) => h("option", { value: face }, `face ${face}`)),
    );
    this.pick.value = this.face;
    this.pick.hidden = faces.length < 2;
    this.draw();
  }

  get width() {
    return this.rows.querySelector("svg")?.clientWidth || 600;
  }

  scrub(event) {
    const drawing = event.target.closest("svg");
    if (!drawing) return;
    const box = drawing.getBoundingClientRect();
    const go = (moved) => this.film.go(this.window.frame(moved.clientX - box.left, box.width));
    go(event);
    const up = () => window.removeEventListener("pointermove", go);
    window.addEventListener("pointermove", go);
    window.addEventListener("pointerup", up, { once: true });
  }

  draw() {
    const curve = this.data.find((it) => it.face_id === this.face);
    if (!curve) {
      put(this.rows, h("p", { class: "quiet" }, "No face could be scored here."));
      return;
    }
    const chosen = this.film.chosen?.face_id === this.face ? this.film.chosen : null;
    this.values = new Map();
    put(
      this.rows,
      this.film.aus.filter((au) => curve.aus[au]).map((au) => this.row(au, curve, chosen)),
    );
    this.mark();
  }

  row(au, curve, chosen) {
    const value = h("span", { class: "peak" });
    this.values.set(au, value);
    const name = this.film.names.get(au)?.name ?? "";
    const x = (frame) => ((frame - this.window.from) / (this.window.to - this.window.from)) * 1000;
    const state = chosen?.aus[au];
    const around = chosen
      ? s("rect", {
          class: `around ${state === "on" ? "on" : ""}`,
          x: x(chosen.onset),
          width: Math.max(2, x((chosen.offset ?? chosen.apex) + 1) - x(chosen.onset)),
          y: 0,
          height: 100,
        })
      : null;
    const peak = Math.max(0, ...curve.aus[au]);
    return h(
      "div",
      { class: `row curve ${peak >= this.film.threshold ? "reaches" : ""}` },
      h("span", { class: "name" }, h("b", {}, short(au)), ` ${name}`),
      s(
        "svg",
        {
          viewBox: "0 0 1000 100",
          preserveAspectRatio: "none",
          height: HEIGHT,
          role: "img",
          "aria-label": `${short(au)} ${name}: highest ${probability(peak)} in the part that is shown`,
        },
        around,
        s("line", { class: "half", x1: 0, x2: 1000, y1: 50, y2: 50 }),
        s("path", { class: "line", d: path(curve.frames, curve.aus[au], x, this.each) }),
        s("line", { class: "playhead", y1: 0, y2: 100 }),
      ),
      value,
    );
  }

  /** Moves the playhead and tells the values there. */
  mark() {
    const { film } = this;
    const at = ((film.frame + 0.5 - this.window.from) / (this.window.to - this.window.from)) * 1000;
    this.rows.querySelectorAll(".playhead").forEach((line) => {
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
    });
    const curve = this.data.find((it) => it.face_id === this.face);
    if (!curve || !this.values) return;
    let place = curve.frames.findLastIndex((frame) => frame <= film.frame);
    if (place >= 0 && film.frame - curve.frames[place] >= this.each) place = -1;
    for (const [au, value] of this.values) {
      const now = place < 0 ? null : curve.aus[au][place];
      put(value, now === null ? "–" : now.toFixed(2).replace(/^0/, ""));
      value.classList.toggle("high", now !== null && now >= film.threshold);
    }
  }
}

/** A line that is broken where the face was away. */
function path(frames, values, x, each) {
  let text = "";
  frames.forEach((frame, place) => {
    const isNext = place > 0 && frame - frames[place - 1] <= each;
    text += `${isNext ? "L" : "M"}${x(frame + each / 2).toFixed(1)} ${(100 - 98 * values[place]).toFixed(1)}`;
    if (!isNext) text += "h.1";
  });
  return text;
}
