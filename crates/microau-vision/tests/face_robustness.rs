//! No picture makes the tracker or the crop panic, and what comes out is finite.

use std::cell::RefCell;

use image::{Rgb, RgbImage, imageops};
use microau_core::geom::Similarity;
use microau_vision::face::{FaceTracker, TrackedFace, TrackerSettings, align};
use proptest::prelude::*;

thread_local! {
    static TRACKER: RefCell<FaceTracker> = RefCell::new(FaceTracker::new(TrackerSettings::default()).unwrap());
}

fn astronaut() -> RgbImage {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/assets/face/astronaut.png");
    image::open(path).unwrap().into_rgb8()
}

fn faces(frame: &RgbImage) -> Vec<TrackedFace> {
    TRACKER.with_borrow_mut(|tracker| {
        tracker.reset();
        tracker.track(frame);
        tracker.track(frame)
    })
}

fn check(frame: &RgbImage) -> Result<(), TestCaseError> {
    for face in faces(frame) {
        prop_assert!(face.landmarks.points().iter().all(|p| p.x.is_finite() && p.y.is_finite() && p.z.is_finite()));
        prop_assert!(face.blendshapes.unwrap().iter().all(|b| (0.0..=1.0).contains(b)));
        if let Some(crop) = align::crop_from_frame(&[face.landmarks], 64) {
            prop_assert_eq!(align::warp(frame, &crop, 64).dimensions(), (64, 64));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn frames_of_any_size_are_looked_at(width in 0_u32..400, height in 0_u32..400, seed in 0_u32..1000) {
        let noise = RgbImage::from_fn(width, height, |x, y| {
            let v = (x * 7919 + y * 104_729 + seed).wrapping_mul(2_654_435_761);
            Rgb([(v >> 8) as u8, (v >> 16) as u8, (v >> 24) as u8])
        });
        check(&noise)?;
    }

    #[test]
    fn portraits_of_any_size_and_cut_are_looked_at(
        x in 0_u32..400, y in 0_u32..300, width in 1_u32..512, height in 1_u32..512, to_width in 1_u32..600, to_height in 1_u32..600,
    ) {
        let cut = imageops::crop_imm(&astronaut(), x, y, width.min(512 - x), height.min(512 - y)).to_image();
        check(&imageops::resize(&cut, to_width, to_height, imageops::FilterType::Nearest))?;
    }

    #[test]
    fn any_similarity_is_warped_by(a in any::<f32>(), b in any::<f32>(), tx in any::<f32>(), ty in any::<f32>(), size in 0_u32..40) {
        let crop = align::warp(&RgbImage::from_pixel(3, 2, Rgb([9, 9, 9])), &Similarity { a, b, tx, ty }, size);
        prop_assert_eq!(crop.dimensions(), (size, size));
    }
}

#[test]
fn the_narrowest_and_largest_frames_are_looked_at() {
    for (width, height) in [(0, 0), (0, 9), (1, 1), (1, 4000), (4000, 1), (2, 2), (7680, 4320)] {
        check(&RgbImage::from_pixel(width, height, Rgb([128, 128, 128]))).unwrap();
    }
}

#[test]
fn a_gray_portrait_shows_its_face() {
    let gray = image::DynamicImage::ImageRgb8(astronaut()).to_luma8();
    assert_eq!(faces(&image::DynamicImage::ImageLuma8(gray).into_rgb8()).len(), 1);
}

#[test]
fn a_small_face_in_a_large_frame_is_found_by_searching() {
    // The face is 95 px of 2400 wide: 5 px of what the network sees in a look at the whole.
    let mut frame = RgbImage::from_pixel(2400, 1350, Rgb([90, 100, 110]));
    imageops::replace(&mut frame, &imageops::crop_imm(&astronaut(), 100, 0, 256, 256).to_image(), 1500, 700);
    let found = faces(&frame);
    assert_eq!(found.len(), 1);
    let eyes = found[0].landmarks.eye_midpoint(microau_core::au::Side::Right);
    // The eye in astronaut.png, by MediaPipe, and where the part was put.
    assert!((eyes.x - (204.0 - 100.0 + 1500.0)).abs() < 2.0 && (eyes.y - (101.5 + 700.0)).abs() < 2.0, "{eyes:?}");
}

#[test]
fn two_faces_get_two_ids_and_keep_them_when_they_come_back() {
    let face = imageops::crop_imm(&astronaut(), 100, 0, 256, 256).to_image();
    let mut both = RgbImage::from_pixel(640, 300, Rgb([60, 60, 60]));
    imageops::replace(&mut both, &face, 20, 20);
    let mut left_alone = both.clone();
    imageops::replace(&mut both, &face, 360, 30);
    let mut tracker = FaceTracker::new(TrackerSettings { redetect_every: 1, ..Default::default() }).unwrap();
    let mut ids = |frame: &RgbImage| -> Vec<(u32, bool)> {
        tracker.track(frame).iter().map(|face| (face.face_id, face.landmarks.xy(4).x < 320.0)).collect()
    };
    let first = ids(&both);
    assert_eq!(first.iter().map(|face| face.0).collect::<Vec<_>>(), [0, 1]);
    let left = first.iter().find(|face| face.1).copied().unwrap();
    assert_eq!(ids(&left_alone), [left]);
    assert_eq!(ids(&left_alone), [left]);
    assert_eq!(ids(&both), first);
    imageops::replace(&mut left_alone, &RgbImage::from_pixel(300, 300, Rgb([60, 60, 60])), 0, 0);
    assert_eq!(ids(&left_alone), []);
}

#[test]
fn a_face_that_passes_before_another_leaves_both_their_ids() {
    let front = imageops::crop_imm(&astronaut(), 110, 0, 220, 240).to_image();
    let behind = imageops::flip_horizontal(&imageops::resize(&front, 200, 218, imageops::FilterType::Triangle));
    let settings = TrackerSettings { redetect_every: 1, expected_faces: 2, ..Default::default() };
    let mut tracker = FaceTracker::new(settings).unwrap();
    let mut seen = Vec::new();
    for step in 0..44_i64 {
        let mut frame = RgbImage::from_pixel(760, 280, Rgb([60, 60, 60]));
        imageops::replace(&mut frame, &behind, 270, 30);
        imageops::replace(&mut frame, &front, 10 + 12 * step, 20);
        let faces = tracker.track(&frame);
        seen.push(faces.iter().map(|face| (face.face_id, face.landmarks.xy(4).x)).collect::<Vec<_>>());
    }
    let id_at = |faces: &[(u32, f32)], from: f32, to: f32| {
        faces.iter().find(|(_, x)| (from..to).contains(x)).map(|(id, _)| *id)
    };
    let (first, last) = (&seen[0], &seen[43]);
    let (passing, still) = (id_at(first, 10.0, 230.0), id_at(first, 270.0, 470.0));
    assert!(passing.is_some() && still.is_some() && passing != still, "{first:?}");
    assert_eq!(id_at(last, 526.0, 746.0), passing, "{seen:?}");
    assert_eq!(id_at(last, 270.0, 470.0), still, "{seen:?}");
    assert!(seen.iter().any(|faces| faces.len() == 1), "one was hidden: {seen:?}");
}

#[test]
fn two_faces_that_cross_in_opposite_directions_keep_their_ids() {
    let front = imageops::crop_imm(&astronaut(), 110, 0, 220, 240).to_image();
    let behind = imageops::flip_horizontal(&imageops::resize(&front, 200, 218, imageops::FilterType::Triangle));
    let settings = TrackerSettings { redetect_every: 1, expected_faces: 2, ..Default::default() };
    let mut tracker = FaceTracker::new(settings).unwrap();
    let mut seen = Vec::new();
    for step in 0..50_i64 {
        let mut frame = RgbImage::from_pixel(760, 280, Rgb([60, 60, 60]));
        imageops::replace(&mut frame, &behind, 540 - 11 * step, 30);
        imageops::replace(&mut frame, &front, 5 + 10 * step, 20);
        let faces = tracker.track(&frame);
        seen.push(faces.iter().map(|face| (face.face_id, face.landmarks.xy(4).x)).collect::<Vec<_>>());
    }
    assert_eq!(seen[0].iter().map(|face| face.0).collect::<Vec<_>>(), [0, 1], "{seen:?}");
    let by_place = |faces: &[(u32, f32)]| {
        let mut faces = faces.to_vec();
        faces.sort_by(|a, b| a.1.total_cmp(&b.1));
        faces.iter().map(|face| face.0).collect::<Vec<_>>()
    };
    let (first, mut last) = (by_place(&seen[0]), by_place(&seen[49]));
    last.reverse();
    assert_eq!(first, last, "{seen:?}");
    assert!(seen.iter().any(|faces| faces.len() == 1), "one was hidden: {seen:?}");
}
