// The film frame by frame, with what was seen drawn over it.

import { ask, picture } from "./api.js";
import { h, put } from "./dom.js";
import { clock, probability, short } from "./words.js";

/** Pictures and pieces of faces that are kept at hand. */
const MOST_PICTURES = 240;
const MOST_PIECES = 40;
/** Frames of faces that are asked for at once. */
const PIECE = 30;
/** Frames fetched ahead while the film plays. */
const AHEAD = 12;
const SPEEDS = [
  [1, "1 ×"],
  [0.5, "½ ×"],
  [0.25, "¼ ×"],
  [0.1, "⅒ ×"],
];

/** Keeps the last things that were asked for. */
class Shelf {
  constructor(most, fetch) {
    Object.assign(this, { most, fetch, things: new Map() });
  }

  get(key) {
    let thing = this.things.get(key);
    this.things.delete(key);
    if (!thing) {
      thing = { value: undefined };
      thing.promise = this.fetch(key).then(
        (value) => (thing.value = value),
        () => {
          this.things.delete(key);
          return (thing.value = null);
        },
      );
    }
    this.things.set(key, thing);
    if (this.things.size > this.most) this.things.delete(this.things.keys().next().value);
    return thing;
  }
}

export class Stage {
  constructor(film) {
    this.film = film;
    this.pictures = new Shelf(MOST_PICTURES, (frame) => picture(film.id, frame));
    this.pieces = new Shelf(MOST_PIECES, (piece) =>
      ask(`/api/jobs/${film.job.id}/faces?from=${piece * PIECE}&count=${PIECE}`),
    );
    this.speed = 1;
    this.canvas = h("canvas", { role: "img", "aria-label": "Frame of the film" });
    this.where = h("output", { class: "where", "aria-live": "off" });
    this.note = h("p", { class: "quiet stage-note" });
    this.play = h(
      "button",
      { type: "button", class: "main", onclick: () => this.toggle(), "aria-label": "Play" },
      "▶",
    );
    this.slider = h("input", {
      type: "range",
      min: 0,
      max: film.count - 1,
      value: 0,
      "aria-label": "Frame",
      oninput: () => film.go(Number(this.slider.value)),
    });
    this.shows = Object.fromEntries(
      ["regions", "contours", "box"].map((name) => [
        name,
        h("input", { type: "checkbox", checked: name !== "box", onchange: () => this.draw() }),
      ]),
    );
    this.element = this.build();
    film.addEventListener("frame", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  build() {
    const step = (by, label, text) =>
      h(
        "button",
        { type: "button", onclick: () => this.film.go(this.film.frame + by), "aria-label": label, title: label },
        text,
      );
    const speed = h(
      "select",
      { "aria-label": "Speed", onchange: () => (this.speed = Number(speed.value)) },
      SPEEDS.map(([value, text]) => h("option", { value }, text)),
    );
    const shown = (name, text) => h("label", { class: "check" }, this.shows[name], text);
    return h(
      "section",
      { class: "stage", "aria-label": "Frames" },
      h("div", { class: "frame" }, this.canvas),
      this.slider,
      h(
        "div",
        { class: "transport" },
        step(-1, "One frame back (left arrow)", "◂"),
        this.play,
        step(1, "One frame on (right arrow)", "▸"),
        speed,
        this.where,
      ),
      h(
        "div",
        { class: "transport" },
        h("span", { class: "quiet" }, "Shown:"),
        shown("regions", "active regions"),
        shown("contours", "outlines"),
        shown("box", "face box"),
      ),
      this.note,
    );
  }

  get isPlaying() {
    return this.playing !== undefined;
  }

  toggle() {
    if (this.isPlaying) {
      this.stop();
      return;
    }
    if (this.film.frame >= this.film.count - 1) this.film.go(0);
    const begun = { at: performance.now(), secs: this.film.secs(this.film.frame) };
    put(this.play, "❚❚").setAttribute("aria-label", "Pause");
    const tick = (now) => {
      const secs = begun.secs + ((now - begun.at) / 1000) * this.speed;
      this.film.go(this.film.frameAt(secs));
      if (this.film.frame >= this.film.count - 1) this.stop();
      else this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = undefined;
    put(this.play, "▶").setAttribute("aria-label", "Play");
  }

  /** The faces of a frame, or undefined while they are on their way. */
  facesOf(frame) {
    const piece = this.pieces.get(Math.floor(frame / PIECE));
    if (piece.value === undefined) piece.promise.then(() => this.draw());
    return piece.value?.filter((face) => face.frame === frame);
  }

  draw() {
    const { film } = this;
    const frame = film.frame;
    if (this.slider.value !== String(frame)) this.slider.value = frame;
    put(this.where, `${clock(film.secs(frame))} · frame ${frame}`);
    const thing = this.pictures.get(frame);
    if (thing.value === undefined) thing.promise.then(() => film.frame === frame && this.draw());
    for (let next = frame + 1; next <= Math.min(frame + (this.isPlaying ? AHEAD : 2), film.count - 1); next += 1)
      this.pictures.get(next);
    this.pieces.get(Math.floor((frame + PIECE / 2) / PIECE));
    const faces = this.facesOf(frame);
    // while a picture is on its way the last one stays, so that nothing flickers
    if (thing.value !== undefined || !this.canvas.dataset.frame) this.paint(thing.value, faces ?? [], frame);
    this.describe(thing.value, faces, frame);
  }

  describe(image, faces, frame) {
    const active = (faces ?? []).flatMap((face) =>
      face.units
        .filter((unit) => unit.probability >= this.film.threshold)
        .map((unit) => `${short(unit.au)} ${probability(unit.probability)}`),
    );
    this.canvas.setAttribute(
      "aria-label",
      `Frame ${frame} at ${clock(this.film.secs(frame))}: ${(faces ?? []).length} faces; ${active.length ? active.join(", ") : "no action unit reaches the threshold"}`,
    );
    put(
      this.note,
      image === null
        ? "There is no picture of this frame: the room for pictures of this film was used up, or the frame is damaged."
        : "",
    );
  }

  paint(image, faces, frame) {
    const { canvas, film } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio) || 640;
    const height = Math.round((width * film.height) / film.width);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const brush = canvas.getContext("2d");
    brush.clearRect(0, 0, width, height);
    brush.imageSmoothingQuality = "high";
    if (image) brush.drawImage(image, 0, 0, width, height);
    canvas.dataset.frame = frame;
    const scale = width / film.width;
    for (const face of faces) this.paintFace(brush, face, scale, faces.length > 1);
  }

  paintFace(brush, face, scale, isNamed) {
    // a tall picture is shown smaller than it is drawn, and letters stay as large
    const shown = Math.min(1, (this.canvas.clientHeight * devicePixelRatio) / this.canvas.height) || 1;
    const size = Math.max(0.9 * devicePixelRatio, this.canvas.width / 900) / Math.max(shown, 0.2);
    const line = 1.1 * size;
    if (this.shows.contours.checked) {
      brush.strokeStyle = "rgb(255 255 255 / .55)";
      brush.lineWidth = line;
      face.contours.forEach(
        (points, place) => trace(brush, points, scale, place < face.contours.length - 1) || brush.stroke(),
      );
    }
    if (this.shows.box.checked || isNamed) {
      const [x0, y0, x1, y1] = face.box.map((value) => value * scale);
      brush.strokeStyle = "rgb(255 255 255 / .9)";
      brush.lineWidth = line;
      if (this.shows.box.checked) brush.strokeRect(x0, y0, x1 - x0, y1 - y0);
      label(brush, `face ${face.face_id}`, x0, y0 - 4 * size, size, "#fff");
    }
    if (!this.shows.regions.checked) return;
    const active = face.units.filter((unit) => unit.probability >= this.film.threshold);
    for (const unit of active) {
      brush.strokeStyle = "#ff9a6b";
      brush.lineWidth = 1.6 * line;
      brush.fillStyle = `rgb(255 138 80 / ${0.12 + 0.22 * unit.probability})`;
      unit.regions.forEach((points) => trace(brush, points, scale, true) || brush.fill() || brush.stroke());
    }
    const [, y0, x1] = face.box;
    active.forEach((unit, row) =>
      label(
        brush,
        `${short(unit.au)} ${probability(unit.probability)}`,
        x1 * scale + 6 * size,
        y0 * scale + (14 + 19 * row) * size,
        size,
        "#ffb48f",
      ),
    );
  }
}

function trace(brush, points, scale, isClosed) {
  brush.beginPath();
  for (let place = 0; place + 1 < points.length; place += 2)
    brush.lineTo(points[place] * scale, points[place + 1] * scale);
  if (isClosed) brush.closePath();
}

function label(brush, text, x, y, scale, colour) {
  const size = 13 * scale;
  brush.font = `600 ${size}px system-ui, sans-serif`;
  const width = brush.measureText(text).width;
  const left = Math.max(2, Math.min(x, brush.canvas.width - width - 8));
  brush.fillStyle = "rgb(16 16 20 / .72)";
  brush.fillRect(left - 3, y - size, width + 6, size * 1.25);
  brush.fillStyle = colour;
  brush.fillText(text, left, y);
}
