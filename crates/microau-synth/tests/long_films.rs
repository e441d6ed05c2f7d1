//! Long films: the truth says what the face does, at every rate; and the same seeds give the same film.

use microau_core::landmarks::Landmarks;
use microau_core::time::FrameRate;
use microau_synth::long::{EventKind, FilmEvent, LongFilm, LongScript, LongSettings};
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_synth::{Renderer, Span, SynthError};

fn settings(secs: f64, fps: u32) -> LongSettings {
    LongSettings { secs, rate: FrameRate::whole(fps), ..LongSettings::default() }
}

fn script(settings: &LongSettings, seed: u64) -> LongScript {
    LongScript::sample(settings, seed, seed).unwrap()
}

/// Settings in which nothing but expressions moves a face.
fn quiet(secs: f64, fps: u32) -> LongSettings {
    let mut settings = settings(secs, fps);
    settings.synth.muscle.strength = Span::new(0.4, 0.6);
    settings.synth.distractors.drift_deg_per_sec = Span::new(0.0, 0.0);
    settings.synth.distractors.drift_widths_per_sec = Span::new(0.0, 0.0);
    settings.synth.distractors.twitch = 0.0;
    let life = &mut settings.life;
    life.talking_share = 0.0;
    for rate in [
        &mut life.blinks_per_minute,
        &mut life.gaze_shifts_per_minute,
        &mut life.turns_per_minute,
        &mut life.tilts_per_minute,
        &mut life.nods_per_minute,
        &mut life.leans_per_minute,
        &mut life.swallows_per_minute,
    ] {
        *rate = 0.0;
    }
    settings
}

/// Largest movement of a landmark between two frames, px.
fn movement(film: &LongFilm, first: u64, second: u64) -> f32 {
    let at = |frame: u64| film.landmarks(0, frame as u32).unwrap();
    let (a, b) = (at(first), at(second));
    let moved = |i: usize| (a.xy(i).x - b.xy(i).x).hypot(a.xy(i).y - b.xy(i).y);
    (0..Landmarks::COUNT).map(moved).fold(0.0, f32::max)
}

fn offset(event: &FilmEvent) -> u64 {
    event.event.offset.unwrap().0
}

#[test]
fn a_face_moves_most_at_the_apex_and_is_at_rest_at_onset_and_offset() {
    for fps in [25, 60, 200] {
        let script = script(&quiet(30.0, fps), 3);
        let film = Renderer::new().long_film(&script);
        assert!(script.expressions().count() >= 2);
        for event in script.expressions() {
            let (onset, apex, offset) = (event.event.onset.0, event.event.apex.0, offset(event));
            let most = movement(&film, onset, apex);
            // half a px of 80 and more between the eyes: the weakest AU at two fifths of its unit
            assert!(most > 0.5, "{fps} fps: {event:?} moves {most} px");
            assert_eq!(movement(&film, onset, offset), 0.0, "{event:?}");
            for frame in onset..=offset {
                assert!(movement(&film, onset, frame) <= most * 1.001, "{fps} fps, frame {frame} of {event:?}");
            }
        }
        let rest = script.expressions().next().unwrap().event.onset.0;
        assert_eq!(movement(&film, 0, rest), 0.0, "nothing else moves");
    }
}

#[test]
fn expressions_last_as_long_as_asked_at_every_rate_and_keep_apart() {
    for fps in [25, 30, 50, 60, 100, 120, 200, 240] {
        let mut settings = settings(600.0, fps);
        settings.expressions.micro_per_minute = 12.0;
        let script = script(&settings, u64::from(fps));
        let millis = |frames: u64| frames as f64 * 1000.0 / f64::from(fps);
        let expressions: Vec<&FilmEvent> = script.expressions().collect();
        assert!(expressions.len() > 80, "{fps} fps: {}", expressions.len());
        for event in &expressions {
            let length = millis(offset(event) - event.event.onset.0);
            let range = if event.kind == EventKind::Micro { 40.0..=500.0 } else { 500.0..=4000.0 };
            assert!(range.contains(&length), "{fps} fps: {event:?} lasts {length} ms");
            assert!(event.event.onset < event.event.apex && event.event.apex.0 < offset(event));
            assert!(offset(event) < u64::from(script.frame_count()));
            assert!(!event.aus.present().is_empty());
        }
        for pair in expressions.windows(2) {
            assert!(millis(pair[1].event.onset.0 - offset(pair[0])) >= 500.0, "{fps} fps: {pair:?}");
        }
    }
}

#[test]
fn as_much_happens_as_was_asked_for() {
    let script = script(&settings(3600.0, 30), 1);
    let count = |kind: EventKind| script.events().iter().filter(|e| e.kind == kind).count();
    // in an hour 360 and 240, less those that wait for the end of speech
    assert!((290..=400).contains(&count(EventKind::Micro)), "{}", count(EventKind::Micro));
    assert!((190..=270).contains(&count(EventKind::Macro)), "{}", count(EventKind::Macro));
    let blinks = [EventKind::Blink, EventKind::DoubleBlink, EventKind::LongBlink].map(count);
    assert!((900..1100).contains(&blinks.iter().sum::<usize>()), "{blinks:?}");
    assert!(EventKind::ALL.into_iter().all(|kind| count(kind) > 10), "every kind happens");
    let talking = script.events().iter().filter(|e| e.kind == EventKind::Talking);
    let secs = talking.map(|e| (offset(e) - e.event.onset.0) as f64 / 30.0).sum::<f64>();
    assert!((0.2..0.3).contains(&(secs / 3600.0)), "{secs} s of speech");
}

#[test]
fn calm_films_have_everything_but_expressions() {
    let script = script(&settings(600.0, 30).calm(), 5);
    assert_eq!(script.expressions().count(), 0);
    let has = |kind| script.events().iter().any(|e| e.kind == kind);
    assert!(EventKind::ALL.into_iter().all(|kind| has(kind) != kind.is_expression()));
    assert!(script.events().iter().all(|e| e.aus.present().is_empty()));
}

#[test]
fn what_the_mouth_shows_is_not_shown_while_it_talks() {
    let script = script(&settings(1800.0, 30), 2);
    let talking: Vec<&FilmEvent> = script.events().iter().filter(|e| e.kind == EventKind::Talking).collect();
    let overlaps = |a: &FilmEvent, b: &FilmEvent| a.event.onset.0 < offset(b) && b.event.onset.0 < offset(a);
    let amid = script.expressions().filter(|e| talking.iter().any(|t| overlaps(e, t)));
    let amid: Vec<&FilmEvent> = amid.collect();
    assert!(!amid.is_empty());
    for event in amid {
        assert!(event.aus.present().iter().all(|au| au.number() < 10), "{event:?}");
    }
}

#[test]
fn another_rate_gives_the_same_happenings() {
    let (slow, fast) = (script(&settings(300.0, 25), 4), script(&settings(300.0, 200), 4));
    let count = |script: &LongScript| script.events().len();
    assert_eq!(count(&slow), count(&fast));
    let onsets = |script: &LongScript, kind: EventKind| -> Vec<f64> {
        let onset = |e: &FilmEvent| e.event.onset.0 as f64 / script.rate().as_f64();
        script.events().iter().filter(|e| e.kind == kind).map(onset).collect()
    };
    for kind in [EventKind::Talking, EventKind::Blink, EventKind::HeadTurn] {
        for (a, b) in onsets(&slow, kind).into_iter().zip(onsets(&fast, kind)) {
            assert!((a - b).abs() <= 0.045, "{kind}: {a} and {b} s");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_any_order_and_on_any_number_of_threads() {
    let settings = LongSettings { width_px: 160, height_px: 96, ..settings(2.0, 25) };
    let film = Renderer::new().long_film(&script(&settings, 9));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let in_order: Vec<_> = pool.install(|| film.frames().collect());
    assert_eq!(in_order.len(), 50);
    let again = Renderer::new().long_film(&script(&settings, 9));
    for frame in (0..50).rev().step_by(7) {
        assert_eq!(again.frame(frame), in_order[frame as usize], "frame {frame}");
    }
    let window: Vec<_> = film.window(40..60).collect();
    assert_eq!(window, in_order[40..]);
    let other = Renderer::new().long_film(&LongScript::sample(&settings, 9, 10).unwrap());
    assert_ne!(other.frame(0), in_order[0]);
}

#[test]
fn faces_stay_inside_the_frame_and_turn_as_far_as_allowed() {
    for (seed, faces) in [(1, 1), (2, 1), (3, 2), (4, 2)] {
        let settings = LongSettings { faces, ..settings(120.0, 30) };
        let film = Renderer::new().long_film(&script(&settings, seed));
        for face in 0..faces {
            for frame in (0..film.script().frame_count()).step_by(31) {
                let landmarks = film.landmarks(face, frame).unwrap();
                let [width, height] = film.script().size_px().map(|v| v as f32);
                let is_inside = |i: usize| {
                    let p = landmarks.xy(i);
                    (0.0..width).contains(&p.x) && (0.0..height).contains(&p.y)
                };
                let inside = (0..Landmarks::COUNT).filter(|&i| is_inside(i)).count();
                assert!(inside >= 460, "seed {seed}, face {face}, frame {frame}: {inside} landmarks inside");
                let middle = landmarks.xy(1).x / width * faces as f32;
                assert_eq!(middle as usize, face, "faces are numbered from the left");
            }
        }
        assert!(film.landmarks(faces, 0).is_none());
    }
}

#[test]
fn a_photograph_plays_the_same_script() {
    let mut quiet = quiet(20.0, 30);
    quiet.synth.camera.pose_deg = 0.0;
    let script = script(&quiet, 8);
    let studio = PhotoStudio::new(Portrait::shipped(), PhotoSettings::default()).unwrap();
    let film = studio.long_film(&script).unwrap();
    assert_eq!(film.frame(3).dimensions(), (640, 360));
    for event in script.expressions() {
        let (onset, apex, offset) = (event.event.onset.0, event.event.apex.0, offset(event));
        assert!(movement(&film, onset, apex) > 0.5, "{event:?}");
        assert!(movement(&film, onset, offset) < 1e-3, "{event:?}");
    }
    let two = LongScript::sample(&LongSettings { faces: 2, ..quiet }, 1, 1).unwrap();
    assert!(matches!(studio.long_film(&two), Err(SynthError::BadSetting { name: "faces", .. })));
}

#[test]
fn every_size_and_rate_makes_frames_of_that_size() {
    for (width, height, fps) in [(64, 64, 25), (320, 640, 240), (1281, 203, 30)] {
        let settings = LongSettings { width_px: width, height_px: height, ..settings(1.0, fps) };
        let film = Renderer::new().long_film(&script(&settings, 1));
        assert_eq!(film.frame(u32::MAX).dimensions(), (width as u32, height as u32));
        assert_eq!(film.frames().len(), fps as usize);
    }
    let ntsc = LongSettings { rate: FrameRate::new(30_000, 1001).unwrap(), ..settings(60.0, 30) };
    assert_eq!(script(&ntsc, 1).frame_count(), 1798);
}

#[test]
fn settings_outside_their_ranges_are_named() {
    let bad = |change: &dyn Fn(&mut LongSettings)| {
        let mut settings = LongSettings::default();
        change(&mut settings);
        match LongScript::sample(&settings, 1, 1).unwrap_err() {
            SynthError::BadSetting { name, .. } => name,
            other => panic!("{other}"),
        }
    };
    assert_eq!(bad(&|s| s.rate = FrameRate::whole(24)), "rate");
    assert_eq!(bad(&|s| s.secs = f64::NAN), "secs");
    assert_eq!(bad(&|s| s.faces = 3), "faces");
    assert_eq!(bad(&|s| s.expressions.micro_millis = Span::new(40.0, 600.0)), "expressions.micro_millis");
    assert_eq!(bad(&|s| s.life.talking_share = 1.0), "life.talking_share");
}
