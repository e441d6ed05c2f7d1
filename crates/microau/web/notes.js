// Corrections of one film: saved by themselves, under the revision that they were made from. What could not be saved is kept in
// this browser until it can, and what somebody else saved meanwhile is never overwritten without asking.

import { ask } from "./api.js";
import { later } from "./dom.js";

const draftOf = (film) => `microau-draft-${film}`;
const SAVE_AFTER = 500;
const TRY_AGAIN_AFTER = 3000;

export const forgetDraft = (film) => localStorage.removeItem(draftOf(film));

export class Notes extends EventTarget {
  /** The corrections of a film; `read` is what the server holds. */
  constructor(film, read) {
    super();
    Object.assign(this, { film, revision: read.revision, job: read.job, intervals: read.intervals });
    this.state = "saved";
    this.fault = null;
    this.undone = [];
    this.redone = [];
    this.version = 0;
    this.saveSoon = later(SAVE_AFTER, () => this.save());
    this.restore();
  }

  get address() {
    return `/api/films/${this.film}/annotations`;
  }

  /** Takes up what a tab that was closed could not save. */
  restore() {
    const draft = JSON.parse(localStorage.getItem(draftOf(this.film)) ?? "null");
    if (!draft) return;
    this.intervals = draft.intervals;
    if (draft.revision === this.revision) this.changed();
    else {
      this.revision = draft.revision;
      this.save();
    }
  }

  find(id) {
    return this.intervals.find((it) => it.id === id);
  }

  /** Changes the movements by a function that gives new ones; `what` is one step for undoing when it stays the same. */
  change(work, what = null) {
    const before = this.intervals;
    const next = work(structuredClone(before));
    if (JSON.stringify(next) === JSON.stringify(before)) return;
    if (what === null || what !== this.step) this.undone.push(before);
    if (this.undone.length > 200) this.undone.shift();
    this.step = what;
    this.redone = [];
    this.intervals = next;
    this.changed();
  }

  /** Changes one movement. */
  set(id, values, what = null) {
    this.change((all) => all.map((it) => (it.id === id ? { ...it, ...values } : it)), what && `${id} ${what}`);
  }

  undo() {
    this.move(this.undone, this.redone);
  }

  redo() {
    this.move(this.redone, this.undone);
  }

  move(from, to) {
    if (!from.length) return;
    to.push(this.intervals);
    this.intervals = from.pop();
    this.step = null;
    this.changed();
  }

  changed() {
    this.version += 1;
    localStorage.setItem(draftOf(this.film), JSON.stringify({ revision: this.revision, intervals: this.intervals }));
    if (this.state !== "elsewhere") this.state = "waiting";
    this.tell();
    if (this.state === "waiting") this.saveSoon();
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  async save() {
    if (this.saving) return;
    this.saveSoon.cancel();
    const { version, revision, job, intervals } = this;
    this.saving = true;
    this.state = "saving";
    this.tell();
    try {
      const saved = await ask(this.address, { method: "PUT", body: { revision, job, intervals } });
      this.revision = saved.revision;
      this.fault = null;
      this.saving = false;
      if (version !== this.version) {
        this.changed();
        return;
      }
      forgetDraft(this.film);
      this.state = "saved";
    } catch (fault) {
      this.saving = false;
      this.fault = fault;
      this.state = fault.status === 409 ? "elsewhere" : "failed";
      // the server may be away, or its disk full, for a while only
      if (fault.status === 0 || fault.status >= 500)
        setTimeout(() => this.state === "failed" && this.save(), TRY_AGAIN_AFTER);
    }
    this.tell();
  }

  /** Somebody saved a revision; whether it was another tab and nothing of ours is open, so that theirs can be shown. */
  async heard(revision) {
    if (revision > this.revision && this.state === "saved" && !this.saving) await this.takeTheirs();
  }

  /** Lets go of what was changed here. */
  async takeTheirs() {
    const theirs = await ask(this.address);
    forgetDraft(this.film);
    Object.assign(this, {
      revision: theirs.revision,
      job: theirs.job,
      intervals: theirs.intervals,
      state: "saved",
      fault: null,
    });
    this.undone = [];
    this.redone = [];
    this.tell();
  }

  /** Saves what was changed here over theirs, which was asked for. */
  async keepMine() {
    const theirs = await ask(this.address);
    this.revision = theirs.revision;
    this.state = "waiting";
    await this.save();
  }
}
