// Recording with the webcam. Frames are kept as single pictures with the times at which they came, and not as a video: the
// recorders of browsers smear just what a micro-expression is made of, and often drop its frames.

import { h, problem, put, say } from "./dom.js";
import { upload } from "./films.js";

/** Quality of the JPEG of a frame: nearly without loss. */
const QUALITY = 0.95;
/** Longest recording, seconds: frames are held in memory until they are uploaded. */
const MOST_SECS = 120;
/** Frames a second below which a micro-expression is one frame or two. */
const LEAST_RATE = 25;

export async function show(view, app) {
  const video = h("video", { playsinline: true, class: "camera", "aria-label": "Picture of the webcam" });
  video.muted = true;
  const state = h("p", { class: "quiet", role: "status" }, "The camera is off.");
  const uploads = h("ul", { class: "uploads" });
  const trouble = h("div");
  const subject = h("input", { id: "cam-subject", autocomplete: "off", size: 14 });
  const button = (text, kind, work) => h("button", { type: "button", class: kind, onclick: work }, text);
  const on = button("Switch the camera on", "main", () => begin());
  const record = button("Record", "main", () => (recording ? stop() : start()));
  record.hidden = true;
  let stream = null;
  let recording = null;

  async function begin() {
    put(trouble);
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "NotSupportedError");
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 60 } },
      });
    } catch (error) {
      put(trouble, problem(reason(error)));
      return;
    }
    video.srcObject = stream;
    await video.play();
    on.hidden = true;
    record.hidden = false;
    const { width, height, frameRate } = stream.getVideoTracks()[0].getSettings();
    put(
      state,
      `The camera gives ${width} × ${height} px${frameRate ? `, at most ${Math.round(frameRate)} frames a second` : ""}. Nothing is recorded yet.`,
    );
  }

  function start() {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    recording = { canvas, brush: canvas.getContext("2d", { alpha: false }), frames: [], busy: 0, lost: 0 };
    put(record, "Stop and look at it");
    video.requestVideoFrameCallback(take);
  }

  /** Keeps a frame; one that comes while too many are still being packed is lost, and counted. */
  function take(now, about) {
    if (!recording) return;
    video.requestVideoFrameCallback(take);
    const secs = about.captureTime === undefined ? about.mediaTime : about.captureTime / 1000;
    if (recording.busy > 8) recording.lost += 1;
    else keep(recording, secs);
    const { frames } = recording;
    const lasts = frames.length ? secs - frames[0].secs : 0;
    put(
      state,
      `Recording: ${frames.length} frames, ${lasts.toFixed(1)} s${recording.lost ? `, ${recording.lost} frames lost` : ""}. At most ${MOST_SECS} s.`,
    );
    if (lasts > MOST_SECS) stop();
  }

  function keep(kept, secs) {
    const frame = { secs };
    kept.brush.drawImage(video, 0, 0);
    kept.frames.push(frame);
    kept.busy += 1;
    frame.blob = kept.canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY }).finally(() => (kept.busy -= 1));
  }

  async function stop() {
    const { frames, lost } = recording;
    recording = null;
    put(record, "Record");
    if (frames.length < 2) {
      put(trouble, problem({ message: "fewer than two frames came from the camera", hint: "record a little longer" }));
      return;
    }
    const rate = (frames.length - 1) / (frames.at(-1).secs - frames[0].secs);
    const steps = frames.slice(1).map((frame, place) => frame.secs - frames[place].secs);
    const uneven = steps.filter((step) => step > 1.5 / rate).length;
    put(
      state,
      `${frames.length} frames at ${rate.toFixed(2)} frames a second, as measured${uneven || lost ? `; ${uneven + lost} came late or were lost` : ", evenly"}.${rate < LEAST_RATE ? " That is slow: a micro-expression is one or two frames then. More light often makes a camera faster." : ""}`,
    );
    const files = await Promise.all(
      frames.map(
        async (frame, place) =>
          new File([await frame.blob], `${String(place).padStart(6, "0")}.jpg`, { type: "image/jpeg" }),
      ),
    );
    const name = `webcam ${new Date().toLocaleString("sv").replaceAll(":", ".")}`;
    const added = await upload(
      { name, files },
      { rate: rate.toFixed(4), subject: subject.value, kind: "auto" },
      uploads,
      app.about,
    );
    if (added) {
      say("The recording is uploaded");
      location.hash = `#/film/${added.id}`;
    }
  }

  put(
    view,
    h("h1", {}, "Record with the webcam"),
    h("p", {}, "The face should be frontal and well lit, and fill a third of the picture. Ask whoever is filmed."),
    h("div", { class: "stage" }, h("div", { class: "frame" }, video)),
    h("div", { class: "buttons" }, on, record),
    state,
    trouble,
    h("div", { class: "field" }, h("label", { for: "cam-subject" }, "Who is shown"), subject),
    uploads,
    h(
      "p",
      { class: "quiet" },
      "Frames are sent to this server as single pictures with their measured rate, not as a video: video recorders of browsers smear small movements. Sound is not recorded.",
    ),
  );
  return {
    leave: () => {
      recording = null;
      stream?.getTracks().forEach((track) => track.stop());
    },
  };
}

function reason(error) {
  const reasons = {
    NotAllowedError: {
      message: "the browser was not allowed to use the camera",
      hint: "allow it in the address bar, then try again",
    },
    NotFoundError: { message: "no camera was found", hint: "connect one, then try again" },
    NotReadableError: { message: "the camera is in use", hint: "close the other program that uses it" },
    NotSupportedError: {
      message: "the browser gives no camera to this page",
      hint: "open the page as localhost or 127.0.0.1, or through https",
    },
  };
  return reasons[error.name] ?? { message: `the camera could not be used (${error.name})` };
}
