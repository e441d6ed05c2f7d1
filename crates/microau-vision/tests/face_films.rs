//! Faces in real films, which are fetched (scripts/fetch_media.sh) and may not be committed: skipped where they are absent.

use std::path::PathBuf;

use microau_core::geom::Point2;
use microau_vision::face::{FaceTracker, TrackerSettings};
use microau_vision::frames;

/// A film of the media folder, or a printed note.
fn film(name: &str) -> Option<PathBuf> {
    let fetched = std::env::var_os("MICROAU_MEDIA").map(PathBuf::from);
    let media = fetched.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../media"));
    let path = media.join(name);
    if !path.exists() {
        println!("skipped: {name} is not in {}; scripts/fetch_media.sh fetches it", media.display());
    }
    path.exists().then_some(path)
}

/// Every `step`-th frame of a film.
fn sampled(path: &std::path::Path, step: u64) -> impl Iterator<Item = frames::Frame> {
    let mut source = frames::open(path).unwrap();
    std::iter::from_fn(move || source.next_frame().unwrap()).filter(move |frame| frame.index.0 % step == 0)
}

#[test]
fn every_sampled_frame_shows_its_face_without_help_from_the_one_before() {
    let films =
        [("single_face.mp4", 6), ("WolfgangLanger_Pexels.mp4", 16), ("franck.mp4", 80), ("cap13_edit2.mp4", 40)];
    for (name, step) in films {
        let Some(path) = film(name) else { continue };
        let mut tracker = FaceTracker::new(TrackerSettings::default()).unwrap();
        let (mut looked, mut missed) = (0, Vec::new());
        for frame in sampled(&path, step) {
            tracker.reset();
            looked += 1;
            if tracker.track(&frame.image).is_empty() {
                missed.push(frame.index.0);
            }
        }
        println!("{name}: {looked} frames looked at, no face in {missed:?}");
        assert!(looked > 10 && missed.is_empty(), "{name}: no face in frames {missed:?}");
    }
}

#[test]
fn a_film_without_faces_shows_none() {
    let Some(path) = film("no_face.mp4") else { return };
    let (mut alone, mut along) =
        (FaceTracker::new(TrackerSettings::default()).unwrap(), FaceTracker::new(TrackerSettings::default()).unwrap());
    for frame in sampled(&path, 1) {
        assert!(along.track(&frame.image).is_empty(), "frame {}", frame.index.0);
        if frame.index.0 % 8 == 0 {
            alone.reset();
            assert!(alone.track(&frame.image).is_empty(), "frame {} by itself", frame.index.0);
        }
    }
}

#[test]
fn one_person_keeps_one_id_and_is_detected_once() {
    for (name, most) in [("single_face.mp4", 72), ("WolfgangLanger_Pexels.mp4", 150)] {
        let Some(path) = film(name) else { continue };
        let mut tracker = FaceTracker::new(TrackerSettings::default()).unwrap();
        let mut last: Option<Point2> = None;
        for frame in sampled(&path, 1).take(most) {
            let faces = tracker.track(&frame.image);
            let at = frame.index.0;
            assert_eq!(faces.iter().map(|face| face.face_id).collect::<Vec<_>>(), [0], "{name} frame {at}");
            assert_eq!(faces[0].detected, at == 0, "{name} frame {at}");
            let nose = faces[0].landmarks.xy(4);
            // A tenth of the eyes' distance in a thirtieth of a second would be a jump of the tracker, not of a calm head.
            let step = last.map_or(0.0, |last| nose.distance(last)) / faces[0].landmarks.inter_ocular();
            assert!(step < 0.2, "{name} frame {at}: the nose jumps by {step} eye distances");
            last = Some(nose);
        }
    }
}

#[test]
fn everybody_in_a_group_is_found_when_a_group_is_expected() {
    // Counted by eye. MediaPipe, which looks at whole frames only, finds 1 and none.
    for (name, persons) in [("sample4.jpg", 4), ("sample5.jpg", 5)] {
        let Some(path) = film(name) else { continue };
        let settings = TrackerSettings { max_faces: 10, expected_faces: 10, ..TrackerSettings::default() };
        let faces = FaceTracker::new(settings).unwrap().track(&image::open(path).unwrap().into_rgb8());
        assert_eq!(faces.len(), persons, "{name}");
    }
}

#[test]
fn without_the_presence_gate_there_would_be_false_faces() {
    let Some(path) = film("no_face.mp4") else { return };
    let settings = TrackerSettings { min_presence: 1e-6, ..TrackerSettings::default() };
    let mut tracker = FaceTracker::new(settings).unwrap();
    assert!(sampled(&path, 1).any(|frame| !tracker.track(&frame.image).is_empty()));
}
