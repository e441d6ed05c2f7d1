//! Frames a second of the built-in decoders, on one core.
//!
//!     cargo bench -p microau-vision --bench decode
//!
//! Films come from `media/` (scripts/fetch_media.sh); what is absent is left out.

use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use microau_vision::frames::{self, mp4::Mp4};

fn decode(criterion: &mut Criterion) {
    let fetched = std::env::var_os("MICROAU_MEDIA").map(PathBuf::from);
    let media = fetched.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../media"));
    let mut group = criterion.benchmark_group("decode");
    group.sample_size(10);
    for (name, frame_count) in [("single_face.mp4", 72), ("WolfgangLanger_Pexels.mp4", 472)] {
        let path = media.join(name);
        if !path.exists() {
            eprintln!("skipped: no {}; scripts/fetch_media.sh fetches it", path.display());
            continue;
        }
        group.throughput(Throughput::Elements(frame_count));
        group.bench_function(format!("{name}/planes"), |bencher| {
            bencher.iter(|| {
                let mut film = Mp4::open(&path).expect("the film opens");
                while film.next_planes().expect("the film decodes").is_some() {}
            });
        });
        group.bench_function(format!("{name}/rgb"), |bencher| {
            bencher.iter(|| {
                let mut film = frames::open(&path).expect("the film opens");
                while film.next_frame().expect("the film decodes").is_some() {}
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
