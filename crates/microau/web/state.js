// What the parts of the view of a film share.

import { say } from "./dom.js";
import { Window } from "./timeline.js";
import { probability } from "./words.js";

/** What the parts of the view share: the film, the frame that is shown, the movement that is chosen. */
export class Film extends EventTarget {
  constructor(view, job, { frames, report, notes, about }) {
    super();
    const video = report.inputs[0].video;
    Object.assign(this, {
      id: view.id,
      name: view.name,
      job,
      report,
      notes,
      frame: 0,
      selected: null,
      count: Math.max(1, frames.count),
      fps: frames.fps,
      micros: frames.micros,
      width: video.width_px,
      height: video.height_px,
      aus: report.model.aus,
      threshold: report.settings.threshold,
      names: new Map(about.units.map((unit) => [unit.au, unit])),
    });
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
    return {
      ...note,
      onset: found.onset.frame,
      apex: found.apex.frame,
      offset: found.offset?.frame ?? null,
      aus,
      verdict: "open",
    };
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
    const it = {
      id,
      face_id,
      onset: Math.max(0, apex - reach),
      apex,
      offset: Math.min(this.count - 1, apex + reach),
      aus: {},
      emotion: "",
      note: "",
      verdict: "confirmed",
      origin: null,
    };
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
