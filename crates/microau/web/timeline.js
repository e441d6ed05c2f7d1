// When something moved: a lane a face, movements that can be chosen and dragged, and a window that can be made narrower.

import { h, put, s } from "./dom.js";
import { KINDS, VERDICTS, clock, kind, length } from "./words.js";

const LANE = 42;
const AXIS = 24;
/** Fewest frames of a window. */
const LEAST = 12;
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const HANDLES = { onset: "Onset", apex: "Apex", offset: "Offset" };

/** The part of a film that timeline and curves show, in frames. */
export class Window extends EventTarget {
  constructor(count) {
    super();
    Object.assign(this, { count, from: 0, to: count });
  }

  set(from, to) {
    const width = Math.min(Math.max(to - from, LEAST), this.count);
    this.from = Math.max(0, Math.min(from, this.count - width));
    this.to = this.from + width;
    this.dispatchEvent(new Event("change"));
  }

  zoom(factor, around = (this.from + this.to) / 2) {
    this.set(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  /** Moves so that a frame can be seen. */
  follow(frame) {
    const width = this.to - this.from;
    if (frame < this.from || frame >= this.to) this.set(frame - width / 4, frame + (3 * width) / 4);
  }

  x(frame, width) {
    return ((frame - this.from) / (this.to - this.from)) * width;
  }

  frame(x, width) {
    return Math.round(this.from + (x / width) * (this.to - this.from));
  }
}

export class Timeline {
  constructor(film) {
    Object.assign(this, { film, window: film.window });
    this.drawing = s("svg", { class: "lanes", role: "group", "aria-label": "Movements on the time line of the film" });
    this.overview = s("svg", { class: "overview", "aria-hidden": "true" });
    const button = (label, text, work) =>
      h("button", { type: "button", "aria-label": label, title: label, onclick: work }, text);
    this.element = h(
      "section",
      { class: "timeline", "aria-labelledby": "timeline-title" },
      h(
        "div",
        { class: "bar" },
        h("h3", { id: "timeline-title" }, "When something moved"),
        h(
          "div",
          { class: "buttons small" },
          button("Show less of the film", "+", () => this.window.zoom(0.5, this.around())),
          button("Show more of the film", "−", () => this.window.zoom(2)),
          button("Show all of the film", "all", () => this.window.set(0, this.window.count)),
        ),
      ),
      this.drawing,
      this.overview,
      h(
        "ul",
        { class: "legend" },
        ["micro", "longer", "endless"].map((it) => h("li", {}, sign(it), KINDS[it])),
        h("li", { class: "quiet" }, "faint: rejected · tick: confirmed"),
      ),
    );
    this.drawing.addEventListener("pointerdown", (event) => this.scrub(event));
    this.drawing.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.overview.addEventListener("pointerdown", (event) => this.pan(event));
    new ResizeObserver(() => this.draw()).observe(this.drawing);
    for (const name of ["frame", "select"]) film.addEventListener(name, () => this.draw());
    film.notes.addEventListener("change", () => this.draw());
    this.window.addEventListener("change", () => this.draw());
  }

  around() {
    const chosen = this.film.chosen;
    return chosen ? chosen.apex : this.film.frame;
  }

  get width() {
    return this.drawing.clientWidth || 600;
  }

  frameOf(event, drawing = this.drawing) {
    const box = drawing.getBoundingClientRect();
    return this.window.frame(event.clientX - box.left, box.width);
  }

  drag(event, work, done = () => {}) {
    event.preventDefault();
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const move = (moved) => work(moved);
    const up = () => {
      target.removeEventListener("pointermove", move);
      done();
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", up, { once: true });
    target.addEventListener("pointercancel", up, { once: true });
  }

  scrub(event) {
    if (event.target.closest("[data-own]")) return;
    this.film.go(this.frameOf(event));
    this.drag(event, (moved) => this.film.go(this.frameOf(moved)));
  }

  wheel(event) {
    if (event.ctrlKey || event.metaKey) this.window.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.frameOf(event));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const by = ((event.deltaX || event.deltaY) / this.width) * (this.window.to - this.window.from);
      this.window.set(this.window.from + by, this.window.to + by);
    } else return;
    event.preventDefault();
  }

  pan(event) {
    const box = this.overview.getBoundingClientRect();
    const half = (this.window.to - this.window.from) / 2;
    const to = (moved) => {
      const frame = ((moved.clientX - box.left) / box.width) * this.window.count;
      this.window.set(frame - half, frame + half);
    };
    to(event);
    this.drag(event, to);
  }

  draw() {
    const { film, width } = this;
    const faces = film.faces();
    const bottom = faces.length * LANE;
    this.drawing.setAttribute("height", bottom + AXIS);
    const held = document.activeElement?.dataset?.key;
    put(
      this.drawing,
      hatch(),
      faces.map((face, place) => this.lane(face, place * LANE)),
      this.axis(bottom, width),
      playhead(this.window.x(film.frame + 0.5, width), bottom),
    );
    // what is drawn anew is the same thing to whoever holds it
    if (held) this.drawing.querySelector(`[data-key="${held}"]`)?.focus({ preventScroll: true });
    this.drawOverview(faces);
  }

  lane(face, top) {
    const { film } = this;
    const line = s("line", { class: "base", x1: 0, x2: this.width, y1: top + LANE - 6, y2: top + LANE - 6 });
    const name = film.faces().length > 1 ? s("text", { class: "lane-name", x: 2, y: top + 11 }, `face ${face}`) : null;
    const notes = film.notes.intervals.filter((it) => it.face_id === face).sort((a, b) => a.onset - b.onset);
    const chosen = notes.filter((it) => it.id === film.selected);
    return s(
      "g",
      {},
      line,
      name,
      notes.filter((it) => it.id !== film.selected).map((it) => this.mark(it, top)),
      chosen.map((it) => [this.mark(it, top), this.handles(it, top)]),
    );
  }

  mark(it, top) {
    const { film, width } = this;
    const [start, end, apex] = [it.onset, (it.offset ?? it.apex) + 1, it.apex + 0.5].map((frame) =>
      this.window.x(frame, width),
    );
    if (end < 0 || start > width) return null;
    const [x0, x1] = [Math.max(start, 0), Math.min(end, width)];
    const isInside = apex >= 0 && apex <= width;
    const sort = kind(it, (frame) => film.secs(frame));
    const text = `${KINDS[sort]} of face ${it.face_id} at ${clock(film.secs(it.onset))}, ${length(film.secs(it.offset ?? it.apex) - film.secs(it.onset))}, ${VERDICTS[it.verdict]}`;
    const isChosen = it.id === film.selected;
    const choose = () => film.choose(it.id, true);
    return s(
      "g",
      {
        class: `mark ${sort} ${it.verdict} ${isChosen ? "chosen" : ""}`,
        role: "button",
        tabindex: 0,
        "data-own": true,
        "data-key": it.id,
        "aria-label": text,
        "aria-pressed": String(isChosen),
        onclick: choose,
        onkeydown: (event) =>
          ["Enter", " "].includes(event.key) && (event.preventDefault(), event.stopPropagation(), choose()),
      },
      s("title", {}, text),
      s("rect", { class: "grip", x: x0 - 4, y: top + 6, width: Math.max(x1 - x0, 3) + 8, height: LANE - 12 }),
      s("rect", { x: x0, y: top + 18, width: Math.max(x1 - x0, 3), height: LANE - 24, rx: 2 }),
      isInside ? shape(sort, apex, top + 16) : null,
      isInside && it.verdict === "confirmed"
        ? s("path", { class: "tick", d: `M${apex + 8} ${top + 10}l3 3 6 -6` })
        : null,
    );
  }

  handles(it, top) {
    const { film, width } = this;
    return Object.entries(HANDLES)
      .filter(([part]) => it[part] !== null && it[part] !== undefined)
      .map(([part, name]) => {
        const x = this.window.x(it[part] + (part === "apex" ? 0.5 : part === "offset" ? 1 : 0), width);
        if (x < 0 || x > width) return null;
        const set = (frame) => film.move(it.id, part, frame);
        return s(
          "g",
          {
            class: `handle ${part}`,
            role: "slider",
            tabindex: 0,
            "data-own": true,
            "data-key": `${it.id}-${part}`,
            "aria-label": name,
            "aria-valuemin": 0,
            "aria-valuemax": film.count - 1,
            "aria-valuenow": it[part],
            "aria-valuetext": `frame ${it[part]}, ${clock(film.secs(it[part]))}`,
            onkeydown: (event) => {
              const by = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[
                event.key
              ];
              if (!by) return;
              event.preventDefault();
              event.stopPropagation();
              set(film.notes.find(it.id)[part] + by);
            },
            onpointerdown: (event) => {
              event.stopPropagation();
              this.dragHandle(event, it.id, part);
            },
          },
          s("title", {}, `${name}: frame ${it[part]}. Drag, or use the arrow keys`),
          s("line", { x1: x, x2: x, y1: top + 2, y2: top + LANE - 4 }),
          s("circle", { cx: x, cy: part === "apex" ? top + 8 : top + LANE - 10, r: 6 }),
        );
      });
  }

  /** Drags outside of the drawing, which is drawn anew at every step. */
  dragHandle(event, id, part) {
    event.preventDefault();
    const shift = part === "offset" ? 1 : 0;
    const move = (moved) => this.film.move(id, part, this.frameOf(moved) - shift);
    const up = () => {
      window.removeEventListener("pointermove", move);
      this.film.notes.step = null;
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up, { once: true });
  }

  axis(top, width) {
    const { window: shown, film } = this;
    const [from, to] = [film.secs(shown.from), film.secs(shown.to)];
    const most = Math.max(2, Math.floor(width / 110));
    const step = STEPS.find((it) => (to - from) / it <= most) ?? 7200;
    const ticks = [];
    for (let place = Math.ceil(from / step); place * step <= to; place += 1) {
      const secs = place * step;
      const x = shown.x(film.frameAt(secs), width);
      const anchor = x < 20 ? "start" : x > width - 30 ? "end" : "middle";
      const digits = step >= 1 ? 4 : step >= 0.1 ? 2 : 1;
      ticks.push(
        s("line", { class: "tick-line", x1: x, x2: x, y1: top, y2: top + 5 }),
        s("text", { x, y: top + 18, "text-anchor": anchor }, clock(secs).slice(0, -digits)),
      );
    }
    return s("g", { class: "ticks" }, ticks);
  }

  drawOverview(faces) {
    const { film, window: shown } = this;
    const isAll = shown.to - shown.from >= shown.count;
    this.overview.classList.toggle("gone", isAll);
    if (isAll) return;
    const width = this.overview.clientWidth || this.width;
    const x = (frame) => (frame / shown.count) * width;
    const row = 16 / Math.max(1, faces.length);
    put(
      this.overview,
      film.notes.intervals.map((it) =>
        s("rect", {
          class: `mini ${kind(it, (frame) => film.secs(frame))}`,
          x: x(it.onset),
          y: 4 + faces.indexOf(it.face_id) * row,
          width: Math.max(2, x((it.offset ?? it.apex) + 1) - x(it.onset)),
          height: row - 1,
        }),
      ),
      s("rect", {
        class: "shown",
        x: x(shown.from),
        y: 1,
        width: Math.max(6, x(shown.to) - x(shown.from)),
        height: 22,
        rx: 3,
      }),
    );
  }
}

const playhead = (x, bottom) => s("line", { class: "playhead", x1: x, x2: x, y1: 0, y2: bottom });

const hatch = () =>
  s(
    "defs",
    {},
    s(
      "pattern",
      { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("path", { class: "hatch", d: "M0 0v6" }),
    ),
  );

function shape(sort, x, y) {
  if (sort === "micro") return s("path", { class: "sign", d: `M${x} ${y}l-5 -9h10z` });
  if (sort === "longer") return s("path", { class: "sign hollow", d: `M${x} ${y}l-5 -4.5 5 -4.5 5 4.5z` });
  return s("path", { class: "sign", d: `M${x - 4} ${y - 8}h8v8h-8z` });
}

/** The sign of a sort of movement, for legends and lists. */
export const sign = (sort) =>
  s(
    "svg",
    { class: `sign-key mark ${sort}`, viewBox: "-8 -12 16 14", width: 16, height: 14, "aria-hidden": "true" },
    shape(sort, 0, 0),
  );
