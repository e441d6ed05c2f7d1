// The page: which view is shown, and what happens meanwhile.

import { ask, listen, onAway } from "./api.js";
import * as compare from "./compare.js";
import { h, problem, put } from "./dom.js";
import * as film from "./film.js";
import * as films from "./films.js";
import * as webcam from "./webcam.js";

const view = document.getElementById("view");
const trouble = document.getElementById("trouble");
const app = { about: null, again: () => route() };
let current = {};
let turn = 0;
let hush = null;

const ROUTES = [
  [/^#\/film\/([0-9a-f]+)\/compare$/, compare.show, "Two models"],
  [/^#\/film\/([0-9a-f]+)(?:\/([0-9a-f]+))?$/, film.show, "Film"],
  [/^#\/webcam$/, webcam.show, "Webcam"],
  [/^#\/about$/, about, "Limits of use"],
  [/^/, films.show, "Films"],
];

async function route() {
  const mine = ++turn;
  current.leave?.();
  current = {};
  const [pattern, show, title] = ROUTES.find(([it]) => it.test(location.hash));
  document.title = `${title} – Micro-AU`;
  document
    .querySelectorAll("header.top nav a")
    .forEach((link) => link.toggleAttribute("aria-current", link.getAttribute("href") === (location.hash || "#/")));
  // a view that comes late must not take the place of the one that was asked for after it
  const stage = h("div");
  try {
    app.about ??= await ask("/api/about");
    document.getElementById("sign-out").hidden = !app.about.has_token;
    const shown = await show(stage, app, ...location.hash.match(pattern).slice(1));
    if (mine !== turn) {
      shown?.leave?.();
      return;
    }
    current = shown ?? {};
    put(view, stage);
    hear();
  } catch (fault) {
    if (mine !== turn || fault.status === 401) return;
    if (!(fault.status >= 0)) throw fault;
    put(
      view,
      problem(
        fault,
        h("button", { type: "button", onclick: route }, "Try again"),
        h("a", { class: "button", href: "#/" }, "All films"),
      ),
    );
  }
}

const handlers = Object.fromEntries(
  ["job", "movement", "film", "notes", "gone"].map((name) => [name, (data) => current[name]?.(data)]),
);

/** Listens while somebody looks: a browser has few connections for all tabs together. */
function hear() {
  if (document.hidden || !app.about) {
    hush?.();
    hush = null;
    return;
  }
  hush ??= listen(handlers, () => current.again?.());
}

function signIn() {
  hush?.();
  hush = null;
  app.about = null;
  const token = h("input", { id: "token", type: "password", autocomplete: "current-password", required: true });
  const wrong = h("div");
  const submit = async (event) => {
    event.preventDefault();
    try {
      await ask("/api/session", { method: "POST", body: { token: token.value } });
      route();
    } catch (fault) {
      put(wrong, problem(fault));
    }
  };
  if (view.querySelector("#token")) return;
  put(
    view,
    h(
      "form",
      { class: "card sign-in", onsubmit: submit },
      h("h1", {}, "Sign in"),
      h("p", {}, "This server asks for the token that it was started with."),
      h("div", { class: "field" }, h("label", { for: "token" }, "Token"), token),
      h("div", { class: "buttons" }, h("button", { class: "main" }, "Sign in")),
      wrong,
    ),
  );
  token.focus();
}

async function about(stage) {
  const item = (title, text) => h("li", {}, h("strong", {}, title), ` ${text}`);
  put(
    stage,
    h("h1", {}, "Limits of use"),
    h(
      "ul",
      { class: "limits" },
      item(
        "Not a lie detector, and not a diagnosis.",
        "Action units are movements of muscles. Why they moved, and what the person felt, does not follow from them. Do not decide about people by this page.",
      ),
      item(
        "It errs both ways.",
        "It reports movements that were not there and passes over movements that were. Both have to be expected on every film; look at the frames before you believe a number.",
      ),
      item(
        "Measured on generated films only.",
        "The built-in model learnt from generated faces. How often it errs on films of real people, and whether it errs more for some skins, ages or sexes than for others, was not measured.",
      ),
      item(
        "What it does not see.",
        "Action units beyond those listed; faces turned by more than about 15 degrees or less than 60 px wide; what lies under hands, hair, masks or thick glasses.",
      ),
      item(
        "What can mislead it.",
        "Speech, chewing and laughter, blinks, changes of light, heavy compression, and films of fewer than 25 frames a second, in which a micro-expression is one or two frames.",
      ),
      item(
        "Films are personal data.",
        "Ask those who are filmed. Everything stays on the machine that serves this page; what is deleted here is gone from its folder, but not from backups that others made of it.",
      ),
    ),
    h(
      "p",
      { class: "quiet" },
      `Micro-AU ${app.about.version}. Data lie in ${app.about.data_dir}. A job may take ${app.about.max_minutes} minutes.`,
    ),
  );
}

onAway((away) => {
  trouble.hidden = !away;
  trouble.textContent = away
    ? "The server does not answer. What you changed is kept in this browser; the page goes on by itself when the server is back."
    : "";
});
window.addEventListener("hashchange", () => {
  route();
  view.focus({ preventScroll: true });
  scrollTo(0, 0);
});
document.addEventListener("visibilitychange", () => {
  const wasAway = !document.hidden && !hush;
  hear();
  if (wasAway) current.again?.();
});
window.addEventListener("signin", signIn);
document
  .getElementById("sign-out")
  .addEventListener("click", () => ask("/api/session", { method: "DELETE" }).then(signIn));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  view.focus();
});
route();
