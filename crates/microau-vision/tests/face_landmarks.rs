//! Landmarks and blendshapes of two portraits against MediaPipe's own (reference/face_landmarks_golden.py).

use std::path::Path;

use image::RgbImage;
use microau_vision::face::{FaceTracker, TrackedFace, TrackerSettings, blendshapes};

struct Golden {
    image: RgbImage,
    landmarks: Vec<[f64; 3]>,
    blendshapes: Vec<f64>,
}

/// The second portrait is one that synth ships: it stands there alone.
const SHIPPED: &str = "../microau-synth/assets/portraits";

fn golden(name: &str) -> Golden {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let assets = here.join("tests/assets/face");
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(assets.join(format!("{name}.json"))).unwrap()).unwrap();
    let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|side| json["cut_px"][side].as_u64().unwrap() as u32);
    let folder = if name.starts_with("astronaut") { &assets } else { &here.join(SHIPPED) };
    let image = image::open(folder.join(json["image"].as_str().unwrap())).unwrap();
    let points = json["landmarks_px"].as_array().unwrap();
    Golden {
        image: image.crop_imm(x0, y0, x1 - x0, y1 - y0).into_rgb8(),
        landmarks: points.iter().map(|p| [0, 1, 2].map(|axis| p[axis].as_f64().unwrap())).collect(),
        blendshapes: blendshapes::NAMES.iter().map(|name| json["blendshapes"][name].as_f64().unwrap()).collect(),
    }
}

fn only_face(image: &RgbImage) -> TrackedFace {
    let mut faces = FaceTracker::new(TrackerSettings::default()).unwrap().track(image);
    assert_eq!(faces.len(), 1);
    faces.remove(0)
}

/// Mean and largest distance in the picture, and largest difference of depth, px.
fn distances(face: &TrackedFace, golden: &Golden) -> (f64, f64, f64) {
    let pairs = || face.landmarks.points().iter().zip(&golden.landmarks);
    let apart = |(p, g): (&microau_core::geom::Point3, &[f64; 3])| (f64::from(p.x) - g[0]).hypot(f64::from(p.y) - g[1]);
    let mean = pairs().map(apart).sum::<f64>() / golden.landmarks.len() as f64;
    let depth = pairs().map(|(p, g)| (f64::from(p.z) - g[2]).abs()).fold(0.0, f64::max);
    (mean, pairs().map(apart).fold(0.0, f64::max), depth)
}

#[test]
fn landmarks_of_the_astronaut_are_those_of_mediapipe() {
    let golden = golden("astronaut");
    let (mean, max, depth) = distances(&only_face(&golden.image), &golden);
    println!("astronaut: mean {mean:.4} px, max {max:.4} px, depth {depth:.4} px");
    // The project asks for 0.5 and 1.5. MediaPipe rounds positions in the frame to 1/32 px, we do not: that moves landmarks by
    // a few hundredths.
    assert!(mean < 0.03 && max < 0.1 && depth < 0.3);
}

#[test]
fn landmarks_of_the_admiral_are_those_of_mediapipe() {
    let golden = golden("grace_hopper");
    let (mean, max, depth) = distances(&only_face(&golden.image), &golden);
    println!("grace_hopper: mean {mean:.4} px, max {max:.4} px, depth {depth:.4} px");
    // As above, on a face twice as large; and this is a JPEG, which our decoder and Python's read a few steps apart.
    assert!(mean < 0.1 && max < 0.3 && depth < 0.5);
}

#[test]
fn landmarks_of_a_face_near_the_border_are_those_of_mediapipe() {
    let golden = golden("astronaut_cut");
    let (mean, max, depth) = distances(&only_face(&golden.image), &golden);
    println!("astronaut_cut: mean {mean:.4} px, max {max:.4} px, depth {depth:.4} px");
    assert!(mean < 0.03 && max < 0.15 && depth < 0.3);
}

#[test]
fn blendshapes_are_those_of_mediapipe() {
    for name in ["astronaut", "grace_hopper"] {
        let golden = golden(name);
        let got = only_face(&golden.image).blendshapes.unwrap();
        let worst = got.iter().zip(&golden.blendshapes).map(|(g, w)| (f64::from(*g) - w).abs()).fold(0.0, f64::max);
        println!("{name}: largest difference of a blendshape {worst:.4}");
        // They are steep functions of the landmarks, which differ by up to a tenth of a px, in the JPEG by two.
        assert!(worst < 0.02, "{name}: {worst}");
    }
}

#[test]
fn closing_the_lids_of_the_left_eye_raises_the_blink_of_that_eye() {
    use microau_core::landmarks::Landmarks;
    use microau_vision::face::{FaceNetworks, blendshapes::BlendshapeReader};

    let face = only_face(&golden("astronaut").image);
    let mut reader = BlendshapeReader::new(FaceNetworks::embedded().unwrap().blendshapes);
    let open = reader.read(&face.landmarks);
    // Upper lid of the subject's left eye onto the lower.
    let mut points = face.landmarks.points().to_vec();
    for (upper, lower) in [(384, 381), (385, 380), (386, 374), (387, 373), (388, 390), (398, 382), (466, 249)] {
        points[upper] = points[lower];
    }
    let shut = reader.read(&Landmarks::new(points).unwrap());
    let blink = |name| blendshapes::NAMES.iter().position(|n| *n == name).unwrap();
    let (left, right) = (blink("eyeBlinkLeft"), blink("eyeBlinkRight"));
    println!("left {} -> {}, right {} -> {}", open[left], shut[left], open[right], shut[right]);
    assert!(shut[left] > open[left] + 0.2 && shut[left] > shut[right] + 0.1);
}
