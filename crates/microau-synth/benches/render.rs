//! Speed of the renderer: `cargo bench -p microau-synth`. The issue asks for 200 frames/s at 256 px on two cores.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use microau_synth::long::{LongFilm, LongScript, LongSettings};
use microau_synth::{ClipScript, Film, Renderer, SynthSettings};
use rayon::prelude::*;

/// Frames rendered of each clip.
const FRAMES: u32 = 12;

/// Films of different people and clips, so that no lucky light or pose decides.
fn films(count: u64) -> Vec<Film> {
    let (settings, renderer) = (SynthSettings::default(), Renderer::new());
    (0..count).map(|n| renderer.film(&ClipScript::sample(&settings, n % 4, n))).collect()
}

fn long_film(seed: u64) -> LongFilm {
    let script = LongScript::sample(&LongSettings::default(), seed, seed).expect("the usual settings are inside");
    Renderer::new().long_film(&script)
}

fn render(c: &mut Criterion) {
    let films = films(16);
    let mut group = c.benchmark_group("synth");
    group.sample_size(20);

    // As clips are written: each thread renders the frames of one clip after the other.
    group.throughput(Throughput::Elements(films.len() as u64 * u64::from(FRAMES)));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads start");
    group.bench_function("frames at 256 px, two threads", |b| {
        let clip = |film: &Film| (0..FRAMES).for_each(|n| drop(std::hint::black_box(film.frame(n))));
        b.iter(|| pool.install(|| films.par_iter().for_each(clip)));
    });

    group.throughput(Throughput::Elements(1));
    let mut number = 0;
    group.bench_function("one frame at 256 px, one thread", |b| {
        b.iter(|| {
            number += 1;
            films[number / FRAMES as usize % films.len()].frame(number as u32 % FRAMES)
        });
    });

    // Aim: over 60 frames a second a core.
    let films: Vec<LongFilm> = (0..4).map(long_film).collect();
    let mut number = 0;
    group.bench_function("one frame of a long film at 640x360, one thread", |b| {
        b.iter(|| {
            number += 1;
            films[number % films.len()].frame(7 * number as u32 % 1800)
        });
    });

    let (settings, renderer) = (SynthSettings::default(), Renderer::new());
    let mut clip = 0;
    group.bench_function("a pair of a new clip of a known person, one thread", |b| {
        b.iter(|| {
            clip += 1;
            renderer.pair(&ClipScript::sample(&settings, clip % 4, clip))
        });
    });
    let mut person = 100;
    group.bench_function("a pair of a new person, one thread", |b| {
        b.iter(|| {
            person += 1;
            renderer.pair(&ClipScript::sample(&settings, person, 1))
        });
    });
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
