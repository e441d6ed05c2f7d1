//! Answers questions about the speed of the visual tower, line by line, for `benches/peers/tower.py`.
//!
//! `tower_speed WEIGHTS PIXELS THREADS`: a safetensors file in Hugging Face's layout, pictures `[B, 3, 224, 224]` as
//! little-endian f32. Questions on stdin, one JSON line each as answer:
//!
//! * `time PRECISION BATCH CALLS`: milliseconds of each call
//! * `peak PRECISION`: operations a second of products in registers, all threads
//! * `tokens PRECISION BATCH FILE`: writes the patch tokens, little-endian f32

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use burn::tensor::Device;
use microau_kernels::peak_operations;
use microau_model::clip::{LoadSettings, PatchBlock, VisualTower};
use microau_model::engine::{FastTower, Level, Precision};

/// Rounds of the loop that finds the peak: about a millisecond.
const PEAK_ROUNDS: usize = 60_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [weights, pixels, threads] = &arguments[..] else { panic!("usage: tower_speed WEIGHTS PIXELS THREADS") };
    let settings = LoadSettings { patch_block: PatchBlock::LastBut(0), ..LoadSettings::default() };
    let tower = VisualTower::load(Path::new(weights), &settings, &Device::flex()).expect("a visual tower");
    let bytes = std::fs::read(pixels).expect("pixels");
    let pixels = bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let threads = threads.parse().expect("a number of threads");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let mut answers = Answers { tower, pixels, fast: HashMap::new() };
    for question in std::io::stdin().lock().lines() {
        let question = question.expect("a line");
        println!("{}", pool.install(|| answers.to(&question.split(' ').collect::<Vec<_>>())));
        std::io::stdout().flush().expect("an open pipe");
    }
}

struct Answers {
    tower: VisualTower,
    pixels: Vec<f32>,
    fast: HashMap<Precision, FastTower>,
}

impl Answers {
    fn to(&mut self, question: &[&str]) -> String {
        match question {
            ["time", precision, batch, calls] => {
                let calls = calls.parse().expect("a number of calls");
                let times: Vec<f64> = (0..calls).map(|_| self.call(precision, batch).0).collect();
                serde_json::to_string(&times).expect("numbers")
            }
            ["peak", precision] => peak(named(precision)).to_string(),
            ["tokens", precision, batch, file] => {
                let bytes: Vec<u8> = self.call(precision, batch).1.iter().flat_map(|x| x.to_le_bytes()).collect();
                std::fs::write(file, bytes).expect("a file that can be written");
                "true".to_owned()
            }
            other => panic!("no such question: {other:?}"),
        }
    }

    /// Milliseconds of a call, and its tokens.
    fn call(&mut self, precision: &str, batch: &str) -> (f64, Vec<f32>) {
        let (precision, batch) = (named(precision), batch.parse::<usize>().expect("a size"));
        let pixels = &self.pixels[..batch * 3 * self.tower.config().image_px.pow(2)];
        let fast = self.fast.entry(precision).or_insert_with(|| FastTower::new(&self.tower, precision));
        let mut tokens = Vec::new();
        let start = Instant::now();
        fast.patch_tokens(pixels, &mut tokens);
        (start.elapsed().as_secs_f64() * 1e3, tokens)
    }
}

fn named(precision: &str) -> Precision {
    match precision {
        "f32" => Precision::F32,
        "bf16" => Precision::Bf16,
        "int8" => Precision::Int8,
        other => panic!("no such precision: {other}"),
    }
}

/// Operations a second of all threads of the pool together.
fn peak(precision: Precision) -> f64 {
    let rates = rayon::broadcast(|_| {
        let start = Instant::now();
        let operations = peak_operations(Level::best(), precision, PEAK_ROUNDS);
        operations as f64 / start.elapsed().as_secs_f64()
    });
    rates.iter().sum()
}
