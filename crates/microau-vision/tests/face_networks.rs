//! The engine against LiteRT, on the same weights and inputs (reference/face_landmarks_golden.py).

use std::path::Path;

use microau_vision::network::{Bundle, LiteNetwork, Network};

const TASK: &[u8] = include_bytes!("../assets/face_landmarker/face_landmarker.task");

/// The rule for made-up inputs in the script.
fn noise(count: usize, low: f64, high: f64, seed: usize) -> Vec<f32> {
    (0..count).map(|i| (low + (high - low) * (((i * 7919 + seed * 104_729) % 2048) as f64 / 2048.0)) as f32).collect()
}

fn assets() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/face")
}

fn json(name: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(assets().join(name)).unwrap()).unwrap()
}

fn portrait_landmarks() -> Vec<f32> {
    let golden = json("astronaut.json");
    let points = golden["landmarks_px"].as_array().unwrap();
    let pair = |p: &serde_json::Value| [p[0].as_f64().unwrap() as f32, p[1].as_f64().unwrap() as f32];
    points.iter().take(146).flat_map(pair).collect()
}

fn input(network: &str, given: &str) -> Vec<f32> {
    let portrait = || image::open(assets().join("astronaut.png")).unwrap().into_rgb8();
    let pixels = |x0: u32, y0: u32, step: u32, count: u32, f: fn(f32) -> f32| -> Vec<f32> {
        let portrait = portrait();
        let at = |i: u32, j: u32| portrait.get_pixel(x0 + step * i, y0 + step * j).0;
        (0..count)
            .flat_map(|j| (0..count).map(move |i| (i, j)))
            .flat_map(|(i, j)| at(i, j))
            .map(|v| f(v.into()))
            .collect()
    };
    match (network, given) {
        ("face_detector.tflite", "portrait") => pixels(0, 0, 4, 128, |v| v / 127.5 - 1.0),
        ("face_detector.tflite", "noise") => noise(128 * 128 * 3, -1.0, 1.0, 1),
        ("face_landmarks_detector.tflite", "portrait") => pixels(96, 0, 1, 256, |v| v / 255.0),
        ("face_landmarks_detector.tflite", "noise") => noise(256 * 256 * 3, 0.0, 1.0, 2),
        ("face_blendshapes.tflite", "portrait") => portrait_landmarks(),
        ("face_blendshapes.tflite", "noise") => noise(146 * 2, 0.0, 512.0, 3),
        other => panic!("no rule for {other:?}"),
    }
}

#[test]
fn every_network_agrees_with_litert_on_a_portrait_and_on_noise() {
    let bundle = Bundle::new(TASK).unwrap();
    let bytes = std::fs::read(assets().join("networks.f32")).unwrap();
    let mut golden = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    for case in json("networks.json")["cases"].as_array().unwrap() {
        let (name, given) = (case["network"].as_str().unwrap(), case["input"].as_str().unwrap());
        let mut network = LiteNetwork::from_tflite(bundle.member(name).unwrap()).unwrap();
        network.run(&input(name, given)).unwrap();
        for (index, len) in case["outputs"].as_array().unwrap().iter().enumerate() {
            let want: Vec<f32> = golden.by_ref().take(len.as_u64().unwrap() as usize).collect();
            let got = network.output(index);
            assert_eq!(got.len(), want.len());
            let scale = want.iter().fold(1.0_f32, |scale, w| scale.max(w.abs()));
            let worst = got.iter().zip(&want).map(|(g, w)| (g - w).abs()).fold(0.0, f32::max);
            println!("{name} {given} output {index}: largest difference {worst:.2e} of values up to {scale:.1}");
            // Both sum the same float32 products, in another order, through up to 70 layers.
            assert!(worst <= 1e-5 * scale, "{name} {given} output {index}: {worst} of {scale}");
        }
    }
    assert_eq!(golden.next(), None);
}

#[test]
fn running_twice_gives_the_same_bits() {
    let bundle = Bundle::new(TASK).unwrap();
    for (name, given) in [("face_detector.tflite", "noise"), ("face_landmarks_detector.tflite", "noise")] {
        let mut network = LiteNetwork::from_tflite(bundle.member(name).unwrap()).unwrap();
        network.run(&input(name, given)).unwrap();
        let first = network.output(0).to_vec();
        network.run(&input(name, "portrait")).unwrap();
        network.run(&input(name, given)).unwrap();
        assert_eq!(network.output(0), first);
    }
}

#[test]
fn an_input_of_another_length_is_refused() {
    let bundle = Bundle::new(TASK).unwrap();
    let mut network = LiteNetwork::from_tflite(bundle.member("face_detector.tflite").unwrap()).unwrap();
    assert_eq!(network.run(&[0.0; 5]).unwrap_err().to_string(), "expected an input of 49152 floats, got 5");
}

#[test]
fn damaged_models_are_errors_and_no_panics() {
    let bundle = Bundle::new(TASK).unwrap();
    let whole = bundle.member("face_detector.tflite").unwrap();
    for len in (0..whole.len()).step_by(1009) {
        assert!(LiteNetwork::from_tflite(&whole[..len]).is_err(), "cut at {len}");
    }
    // The tables lie at the end of the file; flip bytes of them one after the other.
    let tables = whole.len() - 20_000;
    for at in (tables..whole.len()).step_by(19) {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 0xa5;
        if let Ok(mut network) = LiteNetwork::from_tflite(&bytes) {
            let input = vec![0.5; network.input_len()];
            network.run(&input).unwrap();
        }
    }
}
