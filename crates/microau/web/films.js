// The first view: drop films, see how far they are, open one.

import { ask, send } from "./api.js";
import { ask as confirm, h, problem, put, say } from "./dom.js";
import { forgetDraft } from "./notes.js";
import { STATES, bytes, left, length, summary } from "./words.js";

const IMAGE = /\.(jpe?g|png|bmp|tiff?)$/i;
const VIDEO = /\.(mp4|m4v|mov|avi|mkv|webm|mpg|mpeg|wmv)$/i;

/** Files by the folder that they lie in: a video each is a film, the images of a folder are one. */
export function filmsOf(files) {
  const folders = new Map();
  for (const { path, file } of files) {
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    if (!folders.has(folder)) folders.set(folder, []);
    if (!file.name.startsWith(".")) folders.get(folder).push(file);
  }
  const films = [];
  for (const [folder, inside] of folders) {
    const images = inside.filter((file) => IMAGE.test(file.name));
    const others = inside.filter((file) => !IMAGE.test(file.name) && (folder === "" || VIDEO.test(file.name)));
    if (images.length)
      films.push({ name: folder.split("/").pop() || (images.length > 1 ? "images" : images[0].name), files: images });
    films.push(...others.map((file) => ({ name: file.name, files: [file] })));
  }
  return films;
}

async function entriesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = entry.createReader();
  const all = [];
  for (;;) {
    // a browser gives a folder in pieces, and an empty one at its end
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    all.push(...(await Promise.all(some.map(entriesOf))));
  }
  return all.flat();
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ path: file.name, file }));
  return (await Promise.all(entries.map(entriesOf))).flat();
}

/** Shows the first view; gives back what to call when something happens, and when it is left. */
export async function show(view, app) {
  const [films, models] = await Promise.all([ask("/api/films"), ask("/api/models")]);
  const all = new Map(films.map((film) => [film.id, film]));
  const uploads = h("ul", { class: "uploads" });
  const list = h("ul", { class: "films" });
  const settings = options(models);
  const begin = (files) => filmsOf(files).forEach((film) => upload(film, settings.values(), uploads, app.about));
  put(
    view,
    h("h1", {}, "Which muscles of a face moved, when, and where"),
    dropZone(begin),
    settings.element,
    uploads,
    h("h2", { id: "list-title" }, "Films"),
    list,
    h(
      "p",
      { class: "quiet" },
      "Confirmed corrections of all films as a table for training: ",
      h("a", { href: "/api/training.csv", download: "labels.csv" }, "labels.csv"),
      `, which also lies in ${app.about.data_dir}.`,
    ),
  );

  const rows = new Map();
  const draw = (film) => {
    const row = rows.get(film.id) ?? h("li", { class: "film" });
    rows.set(film.id, row);
    put(row, filmRow(film));
    return row;
  };
  const drawAll = () => put(list, all.size ? [...all.values()].map(draw) : h("li", { class: "quiet" }, "None yet."));
  drawAll();
  const again = async () => {
    const films = await ask("/api/films");
    all.clear();
    films.forEach((film) => all.set(film.id, film));
    drawAll();
  };
  return {
    again,
    job: (job) => {
      const film = all.get(job.film);
      if (!film) return;
      const place = film.jobs.findIndex((it) => it.id === job.id);
      if (place >= 0) film.jobs[place] = job;
      else film.jobs.push(job);
      draw(film);
    },
    film: again,
    gone: ({ film }) => {
      all.delete(film);
      rows.delete(film);
      drawAll();
    },
  };
}

function dropZone(begin) {
  const files = h("input", {
    type: "file",
    id: "files",
    class: "unseen",
    multiple: true,
    "aria-label": "Choose films or images",
    onchange: () => begin([...files.files].map((file) => ({ path: file.name, file }))) || (files.value = ""),
  });
  const folder = h("input", {
    type: "file",
    id: "folder",
    class: "unseen",
    webkitdirectory: true,
    "aria-label": "Choose a folder",
    onchange: () =>
      begin([...folder.files].map((file) => ({ path: file.webkitRelativePath, file }))) || (folder.value = ""),
  });
  const zone = h(
    "section",
    {
      class: "drop",
      "aria-labelledby": "drop-title",
      ondragover: (event) => {
        event.preventDefault();
        zone.classList.add("over");
      },
      ondragleave: () => zone.classList.remove("over"),
      ondrop: async (event) => {
        event.preventDefault();
        zone.classList.remove("over");
        begin(await dropped(event.dataTransfer));
      },
    },
    h("h2", { id: "drop-title" }, "Drop films here"),
    h("p", { class: "quiet" }, "Videos, folders of videos, or a folder with the frames of one film as images."),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "main", onclick: () => files.click() }, "Choose films"),
      h("button", { type: "button", onclick: () => folder.click() }, "Choose a folder"),
      h("a", { class: "button", href: "#/webcam" }, "Record with the webcam"),
    ),
    files,
    folder,
  );
  return zone;
}

function options(models) {
  const model = h(
    "select",
    { id: "opt-model" },
    models.map((it) => h("option", { value: it.id }, it.built_in ? `${it.name} (built in)` : it.name)),
  );
  const kind = h(
    "select",
    { id: "opt-kind" },
    h("option", { value: "auto" }, "by its length"),
    h("option", { value: "film" }, "a film: spot all expressions"),
    h("option", { value: "clip" }, "a clip of one movement"),
  );
  const rate = h("input", { id: "opt-rate", value: "30", inputmode: "decimal", size: 8 });
  const subject = h("input", { id: "opt-subject", value: "", autocomplete: "off", size: 14 });
  const confidence = h("input", { id: "opt-confidence", type: "number", min: 0, max: 1, step: 0.05, value: "0.4" });
  const field = (label, input, hint) =>
    h("div", { class: "field" }, h("label", { for: input.id }, label), input, hint ? h("small", {}, hint) : null);
  const element = h(
    "details",
    { class: "options" },
    h("summary", {}, "Settings for the next films"),
    h(
      "div",
      { class: "fields" },
      field("Model", model),
      field("A film is", kind, "shorter than 3 s is a clip by itself"),
      field("Frames a second", rate, "of folders of frames, which do not say it"),
      field("Who is shown", subject, "any name; for training, each person has one"),
      field("Least confidence", confidence, "of a spotted expression"),
    ),
  );
  const values = () => ({
    model: model.value,
    kind: kind.value,
    rate: rate.value,
    subject: subject.value,
    confidence: confidence.value,
  });
  return { element, values };
}

/** Uploads go one after another: a browser opens few connections, and the page needs some itself. */
let turn = Promise.resolve();

function inTurn(work) {
  const mine = turn.then(work);
  turn = mine.catch(() => {});
  return mine;
}

/** Uploads a film and shows how far it is. */
export function upload(film, settings, list, about) {
  const total = film.files.reduce((sum, file) => sum + file.size, 0);
  const row = h("li", { class: "upload" });
  list.append(row);
  const failed = (fault) =>
    put(
      row,
      h("strong", {}, film.name),
      problem(
        fault,
        h(
          "button",
          { type: "button", onclick: () => row.remove() || upload(film, settings, list, about) },
          "Upload again",
        ),
        h("button", { type: "button", onclick: () => row.remove() }, "Leave it"),
      ),
    );
  if (total > about.max_upload) {
    failed({
      message: `expected an upload of at most ${bytes(about.max_upload)}, got ${bytes(total)}`,
      hint: "cut the film, or start the server with a larger --max-upload-mb",
    });
    return null;
  }
  const form = new FormData();
  const isFolder = film.files.length > 1;
  for (const [name, value] of Object.entries({ name: film.name, ...settings })) {
    if (value !== "" && (name !== "rate" || isFolder)) form.append(name, value);
  }
  film.files.forEach((file) => form.append("file", file, file.name));
  const bar = h("progress", { max: 1, value: 0, "aria-label": `Upload of ${film.name}` });
  let sent = null;
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    sent?.stop();
    row.remove();
  };
  put(
    row,
    h("strong", {}, film.name),
    h("span", { class: "quiet" }, ` ${bytes(total)}`),
    bar,
    h("button", { type: "button", class: "plain", onclick: stop }, "Stop"),
  );
  const uploaded = inTurn(() => {
    if (isStopped) return null;
    sent = send("/api/films", form, (share) => (bar.value = share));
    return sent.promise;
  });
  return uploaded.then(
    (added) => {
      row.remove();
      if (added) say(`${film.name} is uploaded`);
      return added;
    },
    (fault) => {
      if (!isStopped) failed(fault);
      return null;
    },
  );
}

/** How far a job is, with what can be done about it. */
export function jobLine(job) {
  const act = (what) => () =>
    ask(`/api/jobs/${job.id}/${what}`, { method: "POST" }).catch((fault) => say(fault.message));
  const button = (text, what) => h("button", { type: "button", class: "plain", onclick: act(what) }, text);
  if (job.state === "running") {
    const { share = null, eta_secs: eta = null, pass } = job.progress ?? {};
    return h(
      "div",
      { class: "progress" },
      share === null
        ? h("progress", { "aria-label": "Progress" })
        : h("progress", { max: 1, value: share, "aria-label": "Progress" }),
      h(
        "span",
        { class: "quiet" },
        share === null ? "beginning" : `${pass ?? ""} ${Math.floor(share * 100)} %`,
        eta === null ? "" : `, ${left(eta)}`,
      ),
      button("Stop", "cancel"),
    );
  }
  if (job.state === "queued")
    return h(
      "div",
      { class: "progress" },
      h("span", { class: "quiet" }, "Waits for its turn"),
      button("Stop", "cancel"),
    );
  if (job.state === "failed") return problem(job.fault ?? { message: "it failed" }, button("Try again", "retry"));
  if (job.state === "cancelled")
    return h("div", { class: "progress" }, h("span", {}, "Stopped. "), button("Look at it again", "retry"));
  return null;
}

function filmRow(film) {
  const job = film.jobs.find((it) => it.state === "done") ?? film.jobs[0];
  const found = job?.summary;
  const isDone = job?.state === "done";
  const name = h("a", { href: `#/film/${film.id}`, class: "name" }, film.name);
  const facts = [
    bytes(film.bytes),
    found ? length(found.secs) : null,
    film.subject ? `shows ${film.subject}` : null,
    film.revision ? "corrected" : null,
    new Date(film.added * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }),
  ];
  const picture = isDone
    ? h("img", {
        src: `/api/films/${film.id}/frames/0`,
        alt: "",
        width: 112,
        loading: "lazy",
        onerror: (event) => event.target.replaceWith(h("span", { class: "no-picture" })),
      })
    : h("span", { class: "no-picture" });
  const remove = async () => {
    const yes = await confirm(
      "Delete this film?",
      `${film.name}, its pictures, results and corrections will be gone for good.`,
      "Delete it",
    );
    if (!yes) return;
    forgetDraft(film.id);
    await ask(`/api/films/${film.id}`, { method: "DELETE" }).catch((fault) => say(fault.message));
  };
  return [
    picture,
    h(
      "div",
      { class: "what" },
      name,
      h("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
      isDone ? h("p", {}, summary(found)) : h("p", { class: "unseen" }, STATES[job?.state]),
      ...(job?.problems ?? []).map((it) => problem(it)),
      job ? jobLine(job) : null,
    ),
    h("button", { type: "button", class: "plain", "aria-label": `Delete ${film.name}`, onclick: remove }, "Delete"),
  ];
}
