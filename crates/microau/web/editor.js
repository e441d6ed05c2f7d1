// One movement in words and numbers, to be corrected.

import { h, put, say } from "./dom.js";
import { KINDS, clock, kind, length, probability, short, units } from "./words.js";
import { sign } from "./timeline.js";

const NEXT = { off: "on", on: "unsure", unsure: "off" };
const STATE_WORDS = { on: "there", off: "not there", unsure: "unsure" };
const EMOTIONS = ["happiness", "surprise", "anger", "disgust", "sadness", "fear", "contempt", "repression", "others"];
const PARTS = [
  ["onset", "Onset", "last frame before the movement"],
  ["apex", "Apex", "frame of the strongest movement"],
  ["offset", "Offset", "first frame after it"],
];

/** The movement that is chosen. */
export class Editor {
  constructor(film) {
    this.film = film;
    this.element = h("section", { class: "editor", "aria-label": "The chosen movement" });
    film.addEventListener("select", () => this.draw());
    film.notes.addEventListener("change", () => this.refresh());
    this.draw();
  }

  /** Draws anew unless somebody is writing in it. */
  refresh() {
    const writes =
      this.element.contains(document.activeElement) && ["emotion", "note"].includes(document.activeElement.id);
    if (!writes || !this.film.chosen) this.draw();
    else this.drawHead();
  }

  draw() {
    const it = this.film.chosen;
    if (!it) {
      put(
        this.element,
        h("h3", {}, "No movement chosen"),
        h("p", { class: "quiet" }, "Choose one on the time line or in the list, or add one where you saw something."),
        this.adding(),
      );
      return;
    }
    const held = this.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.head = h("div");
    put(this.element, this.head, this.verdict(it), this.moments(it), this.chips(it), this.texts(it), this.more(it));
    this.drawHead();
    if (held) this.element.querySelector(`[data-key="${held}"]`)?.focus({ preventScroll: true });
  }

  drawHead() {
    const { film } = this;
    const it = film.chosen;
    if (!it || !this.head) return;
    const sort = kind(it, (frame) => film.secs(frame));
    const lasts =
      it.offset === null
        ? `${length(film.secs(it.apex) - film.secs(it.onset))} to the apex`
        : length(film.secs(it.offset) - film.secs(it.onset));
    put(
      this.head,
      h(
        "h3",
        {},
        sign(sort),
        KINDS[sort],
        film.faces().length > 1 ? h("span", { class: "face" }, ` face ${it.face_id}`) : null,
      ),
      h(
        "p",
        { class: "quiet" },
        `${clock(film.secs(it.onset))}, ${lasts} · ${it.origin ? film.confidenceOf(it) : "added by hand"}`,
      ),
    );
  }

  verdict(it) {
    const set = (verdict) => () => this.film.notes.set(it.id, { verdict: it.verdict === verdict ? "open" : verdict });
    const button = (verdict, text, key) =>
      h(
        "button",
        {
          type: "button",
          class: `verdict ${verdict}`,
          "data-key": verdict,
          "aria-pressed": String(it.verdict === verdict),
          title: `Key ${key}`,
          onclick: set(verdict),
        },
        text,
      );
    return h(
      "div",
      { class: "verdicts", role: "group", "aria-label": "Is it a movement of the face that counts?" },
      button("confirmed", "✓ Confirm", "c"),
      button("rejected", "✕ Reject", "x"),
    );
  }

  moments(it) {
    const { film } = this;
    const row = ([part, name, hint]) => {
      const has = it[part] !== null && it[part] !== undefined;
      const input = h("input", {
        id: `at-${part}`,
        "data-key": `at-${part}`,
        type: "number",
        min: 0,
        max: film.count - 1,
        value: has ? it[part] : "",
        placeholder: "–",
        onchange: () => film.move(it.id, part, input.value === "" && part === "offset" ? null : Number(input.value)),
      });
      const small = (label, text, work) =>
        h(
          "button",
          {
            type: "button",
            class: "plain",
            "aria-label": `${name}: ${label}`,
            title: label,
            "data-key": `${part}-${text}`,
            onclick: work,
          },
          text,
        );
      return h(
        "div",
        { class: "moment" },
        h("label", { for: `at-${part}`, title: hint }, name),
        small("one frame earlier", "−", () => film.move(it.id, part, (it[part] ?? it.apex) - 1)),
        input,
        small("one frame later", "+", () => film.move(it.id, part, (it[part] ?? it.apex) + 1)),
        h("span", { class: "quiet time" }, has ? clock(film.secs(it[part])) : "stays"),
        small("set to the frame that is shown", "set", () => film.move(it.id, part, film.frame)),
        small("show this frame", "show", () => film.go(it[part] ?? film.count - 1)),
      );
    };
    return h("div", { class: "moments" }, PARTS.map(row));
  }

  chips(it) {
    const { film } = this;
    const said = film.machine(it);
    const chip = (au) => {
      const state = it.aus[au] ?? "off";
      const value = said?.aus.find((score) => score.au === au)?.probability;
      const name = film.names.get(au)?.name ?? "";
      const model = value === undefined ? "" : `, the model says ${probability(value)}`;
      const next = () => film.notes.set(it.id, { aus: { ...film.notes.find(it.id).aus, [au]: NEXT[state] } });
      return h(
        "button",
        {
          type: "button",
          class: `chip ${state}`,
          "data-key": `au-${au}`,
          "aria-label": `${short(au)} ${name}: ${STATE_WORDS[state]}${model}`,
          title: `${name}: ${STATE_WORDS[state]}${model}`,
          onclick: next,
        },
        h("b", {}, short(au).slice(2), state === "unsure" ? "?" : ""),
        value === undefined ? null : h("span", {}, value.toFixed(2).replace(/^0/, "")),
      );
    };
    const known = film.aus;
    const others = [...film.names.keys()].filter((au) => !known.includes(au));
    return h(
      "div",
      { class: "units" },
      h("h4", {}, "Action units"),
      h("p", { class: "quiet" }, units(it, film.names)),
      h("div", { class: "chips", role: "group", "aria-label": "Action units" }, known.map(chip)),
      others.length
        ? h(
            "details",
            { open: others.some((au) => (it.aus[au] ?? "off") !== "off") },
            h("summary", { class: "quiet" }, "Units that this model does not know"),
            h("div", { class: "chips" }, others.map(chip)),
          )
        : null,
      h("p", { class: "quiet small-print" }, "Click: there, unsure (?), not there. The figure is what the model said."),
    );
  }

  texts(it) {
    const { film } = this;
    const write = (name) => (event) => film.notes.set(it.id, { [name]: event.target.value }, name);
    return h(
      "div",
      { class: "texts" },
      h("label", { for: "emotion" }, "Emotion, as you read it"),
      h("input", {
        id: "emotion",
        "data-key": "emotion",
        list: "emotions",
        maxlength: 100,
        value: it.emotion,
        autocomplete: "off",
        oninput: write("emotion"),
      }),
      h(
        "datalist",
        { id: "emotions" },
        EMOTIONS.map((value) => h("option", { value })),
      ),
      h("label", { for: "note" }, "Note"),
      h("textarea", {
        id: "note",
        "data-key": "note",
        rows: 2,
        maxlength: 4000,
        value: it.note,
        oninput: write("note"),
      }),
    );
  }

  more(it) {
    const { film } = this;
    const remove = () => {
      film.notes.change((all) => all.filter((other) => other.id !== it.id));
      film.choose(null);
      say("The movement is gone; undo brings it back");
    };
    const reset = () =>
      film.notes.change((all) => all.map((other) => (other.id === it.id ? film.original(it) : other)));
    return h(
      "div",
      { class: "buttons small" },
      it.origin
        ? h("button", { type: "button", class: "plain", onclick: reset }, "Back to what the model said")
        : h("button", { type: "button", class: "plain", onclick: remove }, "Delete"),
      this.adding(),
    );
  }

  adding() {
    return h(
      "button",
      { type: "button", class: "plain", title: "Key n", onclick: () => this.film.add() },
      "Add a movement at this frame",
    );
  }
}
