//! CLIP against Hugging Face transformers, OpenCLIP, their tokenizer and their picture processors.
//!
//! `reference/clip_golden.py` makes everything under `tests/assets/clip`; versions and seed stand in the files.

mod files;
mod golden;
mod named;
mod pixels;
mod texts;
mod towers;
mod tuning;
