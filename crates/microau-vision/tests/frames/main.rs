//! Frames against what ffmpeg decodes (`reference/frames_golden.py`), and against files that are no good.

mod bad_input;
mod clips;
mod folders;
mod golden;
mod through_ffmpeg;
