//! Times the face networks and the tracker on one thread; prints milliseconds as JSON.
//!
//! `cargo run --release -p microau-vision --example face_speed -- PORTRAIT [REPETITIONS]`

use std::time::Instant;

use microau_vision::face::roi::{Outside, Roi};
use microau_vision::face::{FaceNetworks, FaceTracker, TrackerSettings, align};
use microau_vision::network::Network;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let portrait = arguments.next().expect("usage: face_speed PORTRAIT [REPETITIONS]");
    let repetitions = arguments.next().map_or(100, |count| count.parse().expect("a number of repetitions"));
    let frame = image::open(portrait).expect("a readable picture").into_rgb8();

    let load = decile_ms(10, || drop(std::hint::black_box(FaceNetworks::embedded().expect("sound networks"))));
    let mut networks = FaceNetworks::embedded().expect("sound networks");
    let time = |network: &mut dyn Network| {
        let input: Vec<f32> = (0..network.input_len()).map(|i| (i * 7919 % 2048) as f32 / 2048.0).collect();
        decile_ms(repetitions, || network.run(&input).expect("the right length"))
    };
    let (detector, mesh) = (time(&mut *networks.detector), time(&mut *networks.mesh));
    let blendshapes = time(&mut *networks.blendshapes);

    let mut tracker = FaceTracker::new(TrackerSettings { max_faces: 1, ..Default::default() }).expect("sound networks");
    let first = decile_ms(repetitions, || {
        tracker.reset();
        assert!(!tracker.track(&frame).is_empty(), "the portrait shows a face");
    });
    let next = decile_ms(repetitions, || drop(std::hint::black_box(tracker.track(&frame))));
    let faces = tracker.track(&frame);
    let crop = align::crop_from_frame(&[faces[0].landmarks.clone()], 224).expect("two eyes");
    let mut pixels = vec![0.0; 256 * 256 * 3];
    let roi = Roi::from_landmarks(&faces[0].landmarks);
    let read = decile_ms(repetitions, || roi.read(&frame, Outside::Edge, 256, (1.0 / 255.0, 0.0), &mut pixels));
    let warp = decile_ms(repetitions, || drop(std::hint::black_box(align::warp(&frame, &crop, 224))));
    let gray = decile_ms(repetitions, || drop(std::hint::black_box(align::warp_gray(&frame, &crop, 224))));

    let times = serde_json::json!({
        "load_ms": load, "detector_ms": detector, "mesh_ms": mesh, "blendshapes_ms": blendshapes,
        "first_frame_ms": first, "next_frame_ms": next, "read_ms": read, "warp_ms": warp, "warp_gray_ms": gray,
    });
    println!("{times}");
}

/// Time within which the fastest tenth of the runs end, after some to warm up: what the work takes when nothing else runs.
fn decile_ms(repetitions: usize, mut run: impl FnMut()) -> f64 {
    (0..repetitions / 10).for_each(|_| run());
    let mut times: Vec<f64> = (0..repetitions.max(1))
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[times.len() / 10] * 1e4).round() / 1e4
}
