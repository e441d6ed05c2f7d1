// Elements without markup in strings: the page's policy forbids scripts to write HTML, so nothing that a user names can.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "indeterminate")
      element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** An element of HTML: h("p", { class: "quiet" }, "text", element). */
export const h = (tag, props = {}, ...children) => fill(document.createElement(tag), props, children);

/** An element of SVG. */
export const s = (tag, props = {}, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** Puts other children in the place of those that are there. */
export const put = (element, ...children) => {
  element.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
};

/** Tells those who do not see the page what happened. */
export const say = (text) => {
  document.getElementById("said").textContent = text;
};

/** A question with a way back; resolves to whether it was answered with yes. */
export function ask(title, text, yes, kind = "danger") {
  return new Promise((resolve) => {
    const done = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "ask-title", oncancel: () => done(false) },
      h("h2", { id: "ask-title" }, title),
      h("p", {}, text),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", onclick: () => done(false) }, "No, go back"),
        h("button", { type: "button", class: kind, onclick: () => done(true) }, yes),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** What could not be done, with what to do about it. */
export const problem = (fault, ...more) =>
  h(
    "div",
    { class: "problems", role: "alert" },
    h(
      "p",
      {},
      h("strong", {}, sentence(fault.message)),
      fault.hint ? [h("br"), h("span", { class: "quiet" }, sentence(fault.hint))] : null,
    ),
    more.length ? h("div", { class: "buttons" }, more) : null,
  );

export const sentence = (text) => {
  const line = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?…]$/.test(line) ? line : `${line}.`;
};

/** Calls once, `millis` after the last of many calls. */
export function later(millis, work) {
  let waits = 0;
  const call = (...args) => {
    clearTimeout(waits);
    waits = setTimeout(() => work(...args), millis);
  };
  call.cancel = () => clearTimeout(waits);
  return call;
}
