//! Spotting and curves on real films that `scripts/fetch_media.sh` fetches; skipped with a note where they are not there.

use std::path::{Path, PathBuf};

use microau::DeviceChoice;
use microau::core::au::Au;
use microau::core::report::InputReport;
use microau::core::score::{AuInterval, ExpressionKind, FaceFrame};
use microau::detect::faces::{FaceFinder, tracker};
use microau::detect::model_scorer::NANO;
use microau::detect::{DetectSettings, Detector, Input, ModelScorer, Moments, Request, Watch};
use microau_vision::face::{FaceTracker, TrackerSettings, blendshapes};

fn film(name: &str) -> Option<PathBuf> {
    let fetched = std::env::var_os("MICROAU_MEDIA").map(PathBuf::from);
    let folder = fetched.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../media"));
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no {}; scripts/fetch_media.sh fetches it", path.display());
    None
}

/// What is spotted in a film, and every face in every frame.
fn spotted(path: &Path) -> (InputReport, Vec<FaceFrame>) {
    let (mut finder, mut scorer) = (tracker().unwrap(), ModelScorer::open(NANO, DeviceChoice::Cpu).unwrap());
    let mut detector = Detector::new(&mut finder as &mut dyn FaceFinder, &mut scorer, DetectSettings::default());
    let mut frames = Vec::new();
    let mut see = |_: &Input, frame: &FaceFrame| {
        frames.push(frame.clone());
        Ok(())
    };
    let mut watch = Watch { progress: &mut |_| (), look: &mut |_| Ok(()), frame: Some(&mut see) };
    let report = detector.detect(&Request::new(Input::film(path), Moments::Spot), &mut watch);
    (report, frames)
}

/// A blendshape, the mean of both sides where there are two, in every frame of the first face.
fn shape(path: &Path, names: &[&str]) -> Vec<f64> {
    let mut tracker = FaceTracker::new(TrackerSettings::default()).unwrap();
    let mut source = microau_vision::frames::open(path).unwrap();
    let mut values = Vec::new();
    while let Some(frame) = source.next_frame().unwrap() {
        let faces = tracker.track(&frame.image);
        let Some(shapes) = faces.first().and_then(|face| face.blendshapes.as_ref()) else { continue };
        let sum: f32 = names.iter().map(|name| blendshapes::named(shapes, name)).sum();
        values.push(f64::from(sum) / names.len() as f64);
    }
    values
}

/// The mean of the probabilities of action units in every frame.
fn curve(frames: &[FaceFrame], units: &[Au]) -> Vec<f64> {
    let place = |unit: &Au| Au::CD6ME.iter().position(|au| au == unit).unwrap();
    let mean = |frame: &FaceFrame| units.iter().map(|au| f64::from(frame.aus[place(au)])).sum::<f64>();
    frames.iter().map(|frame| mean(frame) / units.len() as f64).collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let product =
        |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
    product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
}

fn strongest(interval: &AuInterval) -> Au {
    interval.aus.iter().max_by(|a, b| a.probability.total_cmp(&b.probability)).unwrap().au
}

#[test]
fn a_smile_is_one_longer_expression_of_au12_and_its_curve_follows_the_smile() {
    let Some(path) = film("single_face.mp4") else { return };
    let (report, frames) = spotted(&path);
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    let intervals: Vec<&AuInterval> = report.faces.iter().flat_map(|face| &face.intervals).collect();
    assert_eq!(intervals.len(), 1, "{intervals:?}");
    assert_eq!(intervals[0].spotted.unwrap().kind, ExpressionKind::Macro);
    assert_eq!(strongest(intervals[0]), Au::Au12);

    // .86 measured: a probability is sure of a smile before it is at its widest
    let r = correlation(&curve(&frames, &[Au::Au12]), &shape(&path, &["mouthSmileLeft", "mouthSmileRight"]));
    assert!(r > 0.8, "{r}");
    // .69 measured
    let r = correlation(&curve(&frames, &[Au::Au4]), &shape(&path, &["browDownLeft", "browDownRight"]));
    assert!(r > 0.6, "{r}");
}

#[test]
fn the_curves_of_au1_and_au2_follow_brows_that_rise() {
    let Some(path) = film("cap13_edit2.mp4") else { return };
    let (_, frames) = spotted(&path);
    let first: Vec<FaceFrame> = frames.into_iter().filter(|frame| frame.face_id == 0).collect();
    let inner = shape(&path, &["browInnerUp"]);
    let outer = shape(&path, &["browOuterUpLeft", "browOuterUpRight"]);
    let up: Vec<f64> = inner.iter().zip(&outer).map(|(inner, outer)| inner + outer).collect();
    // .89 measured
    let r = correlation(&curve(&first, &[Au::Au1, Au::Au2]), &up);
    assert!(r > 0.8, "{r}");
}

#[test]
fn a_film_without_faces_has_no_expression() {
    let Some(path) = film("no_face.mp4") else { return };
    let (report, frames) = spotted(&path);
    assert!(report.faces.is_empty() && frames.is_empty());
    assert!(report.errors[0].message.contains("no face"), "{:?}", report.errors);
}
