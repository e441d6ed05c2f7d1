// The interface of the server, as /openapi.json describes it.

/** What could not be done: message and hint are for people. */
export class Fault extends Error {
  constructor(status, error) {
    super(error.message);
    Object.assign(this, { status, hint: error.hint, expected: error.expected, found: error.found });
  }
}

const AWAY = {
  message: "the server does not answer",
  hint: "is it still running? What you changed here is kept in this tab",
};

const listeners = new Set();
let isAway = false;

/** Calls back with whether the server is away, whenever that changes. */
export const onAway = (callback) => listeners.add(callback);

function away(now) {
  if (now !== isAway) {
    isAway = now;
    listeners.forEach((callback) => callback(now));
  }
}

async function read(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json().catch(() => ({}));
  const fault = new Fault(response.status, body.error ?? { message: `the server answered ${response.status}` });
  if (fault.status === 401) window.dispatchEvent(new Event("signin"));
  throw fault;
}

/** Asks and gives back what the answer says. */
export async function ask(path, { method = "GET", body, signal } = {}) {
  const json =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  let response;
  try {
    response = await fetch(path, { method, signal, ...json });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    away(true);
    throw new Fault(0, AWAY);
  }
  away(false);
  return read(response);
}

/** The picture of a frame, or null where there is none. */
export async function picture(film, frame) {
  const response = await fetch(`/api/films/${film}/frames/${frame}`);
  return response.ok ? createImageBitmap(await response.blob()) : null;
}

/** Sends a form with files; `told` hears the share that is sent. Gives a promise and a way to stop. */
export function send(path, form, told) {
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    request.open("POST", path);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onload = () => {
      const ok = request.status >= 200 && request.status < 300;
      if (ok) resolve(request.response);
      else
        reject(
          new Fault(request.status, request.response?.error ?? { message: `the server answered ${request.status}` }),
        );
    };
    request.onerror = () =>
      reject(
        new Fault(0, {
          message: "the upload broke off",
          hint: "is the server running, and has its disk room? Then upload it again",
        }),
      );
    request.onabort = () => reject(new Fault(0, { message: "the upload was stopped" }));
    request.send(form);
  });
  return { promise, stop: () => request.abort() };
}

/** Listens to everything that happens; `again` is called when something may have been missed. */
export function listen(handlers, again) {
  const source = new EventSource("/api/events");
  let heard = false;
  for (const name of ["job", "movement", "film", "notes", "gone"]) {
    source.addEventListener(name, (event) => handlers[name]?.(JSON.parse(event.data)));
  }
  source.addEventListener("behind", again);
  source.addEventListener("ready", () => {
    away(false);
    if (heard) again();
    heard = true;
  });
  source.onerror = () => away(true);
  return () => source.close();
}
