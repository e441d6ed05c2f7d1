//! The photo mode seen from outside: muscles pull the right way, nothing else moves, and truth agrees with pictures.

use microau_core::au::{Au, Side};
use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::{Landmarks, MIRROR};
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_synth::{ClipScript, Span, SynthSettings};
use rayon::prelude::*;

/// Strong plain units, both sides, no camera faults.
fn plain_settings() -> SynthSettings {
    let mut settings = SynthSettings { size_px: 192, ..SynthSettings::default() };
    settings.muscle.strength = Span::new(0.5, 0.5);
    settings.muscle.one_sided_share = 0.0;
    settings.muscle.families = [1.0, 0.0, 0.0, 0.0];
    settings.muscle.neighbour = 0.0;
    settings
}

fn still_script(settings: &SynthSettings, aus: &[Au], clip_seed: u64) -> ClipScript {
    let mut script = ClipScript::with_aus(settings, 11, clip_seed, aus.iter().copied().collect());
    script.still();
    script
}

fn studio_of(portrait: usize, settings: PhotoSettings) -> PhotoStudio {
    PhotoStudio::new(vec![Portrait::shipped().swap_remove(portrait)], settings).unwrap()
}

/// Displacement of every landmark from onset to apex, hundredths of the distance between the eyes.
fn landmark_motion(studio: &PhotoStudio, script: &ClipScript) -> Vec<Point2> {
    let film = studio.film(script).unwrap();
    let event = script.event();
    let (onset, apex) = (film.landmarks(event.onset.0 as u32), film.landmarks(event.apex.0 as u32));
    let unit = 100.0 / onset.inter_ocular();
    (0..Landmarks::COUNT).map(|i| (apex.xy(i) - onset.xy(i)) * unit).collect()
}

#[test]
fn every_au_pulls_its_landmarks_the_way_anatomy_says() {
    // AU, landmark on the subject's left, direction (right, down) in the picture.
    let expected = [
        (Au::Au1, 285, (0.0, -1.0)),
        (Au::Au2, 300, (0.0, -1.0)),
        (Au::Au4, 285, (0.0, 1.0)),
        (Au::Au5, 386, (0.0, -1.0)),
        (Au::Au6, 330, (0.0, -1.0)),
        (Au::Au7, 374, (0.0, -1.0)),
        (Au::Au9, 279, (0.0, -1.0)),
        (Au::Au10, 267, (0.0, -1.0)),
        (Au::Au12, 291, (0.6, -0.8)),
        (Au::Au14, 291, (1.0, 0.0)),
        (Au::Au15, 291, (0.0, 1.0)),
        (Au::Au17, 405, (0.0, -1.0)),
    ];
    for portrait in 0..2 {
        let studio = studio_of(portrait, PhotoSettings::faithful());
        for (au, landmark, (right, down)) in expected {
            let motion = landmark_motion(&studio, &still_script(&plain_settings(), &[au], 3));
            let (left, other) = (motion[landmark], motion[usize::from(MIRROR[landmark])]);
            // Half a unit moves its landmarks by at least a 250th of the distance between the eyes.
            assert!(left.x * right + left.y * down > 0.4, "{au} portrait {portrait}: left {left:?}");
            assert!(-other.x * right + other.y * down > 0.4, "{au} portrait {portrait}: right {other:?}");
        }
    }
}

#[test]
fn a_one_sided_au_leaves_the_other_half_of_the_face_at_rest() {
    let mut settings = plain_settings();
    settings.muscle.one_sided_share = 1.0;
    settings.muscle.wobble = 0.0;
    let studio = studio_of(1, PhotoSettings::faithful());
    for au in [Au::Au2, Au::Au4, Au::Au6, Au::Au12, Au::Au14] {
        let script = still_script(&settings, &[au], 5);
        let side = script.labels().one_sided(au).expect("all are one-sided here");
        let motion = landmark_motion(&studio, &script);
        // Landmarks of the cheek, the outer brow and the corner of the mouth.
        let on = |landmarks: [usize; 6], s: Side| {
            let index = |i: usize| if s == Side::Left { i } else { usize::from(MIRROR[i]) };
            landmarks.map(|i| motion[index(i)].norm()).into_iter().fold(0.0, f32::max)
        };
        let places = [291, 280, 330, 300, 276, 425];
        assert!(on(places, side) > 0.5, "{au}");
        assert!(on(places, side.other()) < 0.1 * on(places, side), "{au}");
    }
}

#[test]
fn without_any_movement_onset_and_apex_are_the_same_picture() {
    let studio = studio_of(0, PhotoSettings::default());
    let pair = studio.pair(&still_script(&plain_settings(), &[], 7)).unwrap();
    assert_eq!(pair.onset.image, pair.apex.image);
    assert_eq!(pair.onset.landmarks, pair.apex.landmarks);
}

#[test]
fn the_same_seeds_give_the_same_bytes_on_any_number_of_threads() {
    let settings = SynthSettings { size_px: 128, ..SynthSettings::default() };
    let scripts: Vec<ClipScript> = (0..6).map(|i| ClipScript::sample(&settings, i % 3, i)).collect();
    let fresh = || PhotoStudio::new(Portrait::shipped(), PhotoSettings::default()).unwrap();
    let one_by_one: Vec<_> = scripts.iter().map(|s| fresh().pair(s).unwrap()).collect();
    let studio = fresh();
    let together: Vec<_> = scripts.par_iter().map(|s| studio.pair(s).unwrap()).collect();
    for (a, b) in one_by_one.iter().zip(&together) {
        assert!(a.onset.image == b.onset.image && a.apex.image == b.apex.image);
        assert_eq!(a.apex.landmarks, b.apex.landmarks);
    }
    let other = fresh().pair(&ClipScript::sample(&settings, 1, 99)).unwrap();
    assert!(one_by_one.iter().all(|pair| pair.onset.image != other.onset.image));
}

#[test]
fn landmarks_move_with_the_true_flow() {
    let mut settings = plain_settings();
    settings.distractors.blink_share = 0.0;
    settings.distractors.drift_deg_per_sec = Span::new(5.0, 5.0);
    for portrait in 0..2 {
        let studio = studio_of(portrait, PhotoSettings::default());
        let mut script = ClipScript::with_aus(&settings, 4, 2, [Au::Au12, Au::Au1].into_iter().collect());
        script.expression.actions.iter_mut().for_each(|a| (a.left, a.right) = (0.4, 0.4));
        let film = studio.film(&script).unwrap();
        let (onset, apex) = (script.event().onset.0 as u32, script.event().apex.0 as u32);
        let (from, to) = (film.landmarks(onset), film.landmarks(apex));
        let flow = film.true_flow(onset, apex).flow;
        // Skin away from the openings, where the nearest pixels move like the landmark.
        for i in [4, 6, 9, 50, 280, 101, 330, 66, 296, 205, 425, 199, 117, 346, 187, 411] {
            let (p, q) = (from.xy(i), to.xy(i));
            let off = (p + flow.sample(p)).distance(q);
            // The photo's landmark lies up to 2 px beside the head's own place, and the flow bends between them.
            assert!(off < 0.3, "landmark {i} of portrait {portrait}: {off} px of {}", p.distance(q));
        }
    }
}

#[test]
fn the_apex_taken_back_along_the_true_flow_shows_the_onset() {
    let settings = plain_settings();
    let faithful = PhotoSettings { furrow: 0.0, ..PhotoSettings::faithful() };
    let studio = studio_of(1, faithful);
    for au in [Au::Au2, Au::Au4, Au::Au12, Au::Au15] {
        let script = still_script(&settings, &[au], 3);
        let film = studio.film(&script).unwrap();
        let pair = film.pair();
        let truth = film.true_flow(script.event().onset.0 as u32, script.event().apex.0 as u32);
        let level = |image: &image::RgbImage, p: Point2| {
            let (x, y) = (p.x - 0.5, p.y - 0.5);
            let (ix, iy) = (x.floor().clamp(0.0, 190.0) as u32, y.floor().clamp(0.0, 190.0) as u32);
            let (fx, fy) = (x - ix as f32, y - iy as f32);
            let at = |i: u32, j: u32| f32::from(image.get_pixel(ix + i, iy + j).0[1]);
            (1.0 - fy) * ((1.0 - fx) * at(0, 0) + fx * at(1, 0)) + fy * ((1.0 - fx) * at(0, 1) + fx * at(1, 1))
        };
        let (mut moved, mut unmoved, mut count) = (0.0, 0.0, 0.0);
        for y in 2..190 {
            for x in 2..190 {
                let p = Point2::new(x as f32 + 0.5, y as f32 + 0.5);
                let d = truth.flow.sample(p);
                if truth.valid.at(x, y) > 0.5 && d.norm() > 0.5 {
                    moved += (level(&pair.apex.image, p + d) - level(&pair.onset.image, p)).abs();
                    unmoved += (level(&pair.apex.image, p) - level(&pair.onset.image, p)).abs();
                    count += 1.0;
                }
            }
        }
        assert!(count > 200.0, "{au}: {count}");
        // What is left is the blur of reading between pixels.
        assert!(moved < 0.5 * unmoved, "{au}: {} against {}", moved / count, unmoved / count);
    }
}

#[test]
fn a_face_cut_off_by_the_picture_is_still_filmed() {
    let whole = &Portrait::shipped()[1];
    let (width, height) = whole.image().dimensions();
    let cut = image::imageops::crop_imm(whole.image(), 150, 40, width - 150, height - 120).to_image();
    let landmarks = whole.landmarks().transformed(&Similarity { tx: -150.0, ty: -40.0, ..Similarity::IDENTITY });
    let portrait = Portrait::new("cut", cut, landmarks).unwrap();
    let studio = PhotoStudio::new(vec![portrait], PhotoSettings::default()).unwrap();
    for clip in 0..3 {
        let pair = studio.pair(&ClipScript::sample(&plain_settings(), 1, clip)).unwrap();
        assert_eq!(pair.apex.image.dimensions(), (192, 192));
        assert!(pair.apex.landmarks.points().iter().all(|p| p.x.is_finite() && p.y.is_finite()));
    }
}

#[test]
fn landmarks_that_are_no_face_are_an_error() {
    let image = Portrait::shipped()[0].image().clone();
    let line = (0..Landmarks::COUNT).map(|i| microau_core::geom::Point3::new(i as f32 * 0.5, 20.0, 0.0)).collect();
    let flat = Portrait::new("line", image, Landmarks::new(line).unwrap());
    if let Ok(portrait) = flat {
        let studio = PhotoStudio::new(vec![portrait], PhotoSettings::default()).unwrap();
        let _ = studio.pair(&ClipScript::sample(&plain_settings(), 1, 1));
    }
    assert!(PhotoStudio::new(Vec::new(), PhotoSettings::default()).is_err());
}
