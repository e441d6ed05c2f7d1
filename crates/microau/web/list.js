// How far saving is, and all movements of a film.

import { h, problem, put } from "./dom.js";
import { sign } from "./timeline.js";
import { KINDS, VERDICTS, clock, kind, units } from "./words.js";

/** How far saving is, with a way out when two disagree. */
export class SaveState {
  constructor(notes) {
    this.notes = notes;
    this.element = h("div", { class: "saving" });
    notes.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { notes } = this;
    const texts = {
      saved: notes.revision ? `All corrections saved (revision ${notes.revision})` : "No corrections yet",
      waiting: "Not saved yet …",
      saving: "Saving …",
    };
    const undo = h(
      "div",
      { class: "buttons small" },
      h(
        "button",
        {
          type: "button",
          class: "plain",
          disabled: !notes.undone.length,
          title: "Ctrl+Z",
          onclick: () => notes.undo(),
        },
        "Undo",
      ),
      h(
        "button",
        {
          type: "button",
          class: "plain",
          disabled: !notes.redone.length,
          title: "Ctrl+Shift+Z",
          onclick: () => notes.redo(),
        },
        "Redo",
      ),
    );
    if (texts[notes.state]) {
      put(this.element, h("span", { class: "quiet", role: "status" }, texts[notes.state]), undo);
      return;
    }
    if (notes.state === "elsewhere") {
      put(
        this.element,
        problem(
          {
            message: "this film was corrected in another tab or by another person meanwhile",
            hint: "nothing was overwritten; your changes are still here, and not saved",
          },
          h("button", { type: "button", onclick: () => notes.takeTheirs() }, "Take theirs, let mine go"),
          h("button", { type: "button", onclick: () => notes.keepMine() }, "Save mine over theirs"),
        ),
      );
      return;
    }
    put(
      this.element,
      problem(
        {
          message: `not saved: ${notes.fault?.message ?? ""}`,
          hint: notes.fault?.hint ?? "it is tried again; your changes are kept in this browser",
        },
        h("button", { type: "button", onclick: () => notes.save() }, "Save now"),
      ),
    );
  }
}

/** All movements in order of time. */
export class List {
  constructor(film) {
    this.film = film;
    this.shown = "all";
    this.body = h("tbody");
    const filter = h(
      "select",
      {
        id: "filter",
        onchange: () => {
          this.shown = filter.value;
          this.draw();
        },
      },
      [["all", "all"], ...Object.entries(VERDICTS)].map(([value, text]) => h("option", { value }, text)),
    );
    this.count = h("span", { class: "quiet" });
    this.element = h(
      "section",
      { class: "list", "aria-labelledby": "list-title" },
      h(
        "div",
        { class: "bar" },
        h("h3", { id: "list-title" }, "Movements"),
        this.count,
        h("label", { class: "check", for: "filter" }, "Show"),
        filter,
      ),
      h(
        "table",
        { class: "movements" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["When", "What moved", "Looked at"].map((text) => h("th", { scope: "col" }, text)),
          ),
        ),
        this.body,
      ),
    );
    film.addEventListener("select", () => this.draw());
    film.notes.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { film } = this;
    const all = [...film.notes.intervals].sort((a, b) => a.onset - b.onset || a.face_id - b.face_id);
    const some = all.filter((it) => this.shown === "all" || it.verdict === this.shown);
    const open = all.filter((it) => it.verdict === "open").length;
    put(this.count, all.length ? `${all.length}, of which ${open} not looked at` : "");
    put(
      this.body,
      some.length
        ? some.map((it) => this.row(it))
        : h(
            "tr",
            {},
            h(
              "td",
              { colspan: 3, class: "quiet" },
              all.length ? "None of these." : "No movement was found. That does not mean that there was none.",
            ),
          ),
    );
  }

  row(it) {
    const { film } = this;
    const sort = kind(it, (frame) => film.secs(frame));
    return h(
      "tr",
      { class: `${it.verdict} ${it.id === film.selected ? "chosen" : ""}` },
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          { type: "button", class: "plain link", onclick: () => film.choose(it.id, true) },
          clock(film.secs(it.onset)),
        ),
        h("span", { class: "tag" }, sign(sort), KINDS[sort], film.faces().length > 1 ? ` · face ${it.face_id}` : ""),
      ),
      h(
        "td",
        {},
        units(it, film.names),
        it.emotion ? h("span", { class: "quiet" }, ` · ${it.emotion}`) : null,
        it.note ? h("span", { class: "quiet" }, ` · ${it.note}`) : null,
      ),
      h("td", {}, VERDICTS[it.verdict]),
    );
  }
}
