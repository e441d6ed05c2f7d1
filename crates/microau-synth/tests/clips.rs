//! The same seed gives the same bytes, extreme settings do not break anything, and what is written can be read.

use std::collections::BTreeMap;
use std::path::Path;

use microau_core::au::Au;
use microau_synth::dataset::{ClipsPlan, FrameFormat, generate_clips};
use microau_synth::{ClipScript, Renderer, Span, SynthError, SynthSettings};

fn small() -> SynthSettings {
    let mut settings = SynthSettings { size_px: 96, rate_fps: 30, ..SynthSettings::default() };
    settings.timing.event_millis = Span::new(100.0, 200.0);
    settings.timing.rest_millis = Span::new(0.0, 70.0);
    settings
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                open.push(entry);
            } else {
                let name = entry.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&entry).unwrap());
            }
        }
    }
    found
}

fn written(threads: usize, plan: &ClipsPlan) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let frames = pool.install(|| generate_clips(&small(), plan, None, folder.path(), &|_| ())).unwrap();
    let files = files(folder.path());
    assert_eq!(files.len(), frames + 1, "frames and one table, nothing left over");
    files
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let plan = ClipsPlan { subjects: 3, clips: 7, seed: 11, format: FrameFormat::Png };
    let once = written(1, &plan);
    assert_eq!(once, written(3, &plan));
    let other = written(2, &ClipsPlan { seed: 12, ..plan });
    assert_ne!(once.get("s001/c001/000001.png"), other.get("s001/c001/000001.png"));
}

#[test]
fn the_table_has_a_row_a_clip_in_order_with_frames_that_exist() {
    let plan = ClipsPlan { subjects: 2, clips: 5, seed: 3, format: FrameFormat::Jpg };
    let files = written(2, &plan);
    let table = String::from_utf8(files["labels.csv"].clone()).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("clip,subject,onset,apex,offset,aus,emotion"));
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let names: Vec<&str> = rows.iter().map(|r| r[0]).collect();
    assert_eq!(names, ["s001/c001", "s002/c001", "s001/c002", "s002/c002", "s001/c003"]);
    for row in rows {
        assert_eq!(row.len(), 7);
        let frame = |i: usize| row[i].parse::<usize>().unwrap();
        assert!(frame(2) < frame(3) && frame(3) <= frame(4), "{row:?}");
        assert!(files.contains_key(&format!("{}/{:06}.jpg", row[0], frame(4) + 1)), "{row:?}");
        assert!(row[5].parse::<microau_core::sample::AuLabels>().is_ok(), "{row:?}");
    }
}

#[test]
fn a_folder_of_an_older_run_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let stale = folder.path().join("s001/c001");
    std::fs::create_dir_all(&stale).unwrap();
    std::fs::write(stale.join("999999.jpg"), b"old").unwrap();
    let plan = ClipsPlan { subjects: 1, clips: 1, seed: 1, format: FrameFormat::Jpg };
    generate_clips(&small(), &plan, None, folder.path(), &|_| ()).unwrap();
    assert!(!stale.join("999999.jpg").exists() && stale.join("000001.jpg").exists());
}

#[test]
fn bad_settings_and_unwritable_folders_are_errors() {
    let plan = ClipsPlan { subjects: 0, ..ClipsPlan::default() };
    let folder = tempfile::tempdir().unwrap();
    let error = generate_clips(&small(), &plan, None, folder.path(), &|_| ()).unwrap_err();
    assert!(matches!(error, SynthError::BadSetting { name: "subjects", .. }), "{error}");
    let mut settings = small();
    settings.size_px = 3;
    let error = generate_clips(&settings, &ClipsPlan::default(), None, folder.path(), &|_| ()).unwrap_err();
    assert!(error.to_string().contains("size_px"), "{error}");
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = generate_clips(&small(), &ClipsPlan::default(), None, &file.join("below"), &|_| ()).unwrap_err();
    assert!(matches!(error, SynthError::Write { .. }), "{error}");
}

/// Settings at the ends of their ranges.
fn extremes(high: bool) -> SynthSettings {
    let pick = |lo: f32, hi: f32| if high { Span::new(hi, hi) } else { Span::new(lo, lo) };
    let mut s = SynthSettings { size_px: 64, rate_fps: if high { 500 } else { 20 }, ..SynthSettings::default() };
    s.identity.age = pick(0.0, 1.0);
    s.identity.variety = if high { 1.5 } else { 0.0 };
    s.identity.skin_tone = pick(0.0, 1.0);
    s.identity.hair_share = if high { 1.0 } else { 0.0 };
    s.muscle.aus = Au::ALL.to_vec();
    s.muscle.strength = pick(0.01, 1.0);
    s.muscle.neighbour = if high { 0.5 } else { 0.0 };
    s.muscle.asymmetry = s.muscle.neighbour;
    s.muscle.wobble = s.muscle.neighbour;
    s.muscle.single_share = 0.0;
    s.timing.event_millis = pick(60.0, 2000.0);
    s.timing.rest_millis = pick(0.0, 2000.0);
    s.distractors.drift_deg_per_sec = pick(0.0, 30.0);
    s.distractors.drift_widths_per_sec = pick(0.0, 0.5);
    s.distractors.blink_share = 1.0;
    s.distractors.gaze_shift_share = 1.0;
    s.look.wrinkle = pick(0.0, 2.0);
    s.look.skin_detail = pick(0.0, 2.0);
    s.look.gloss = pick(0.0, 2.0);
    s.light.key_side_deg = pick(0.0, 80.0);
    s.light.key_up_deg = pick(-30.0, 80.0);
    s.light.ambient = pick(0.1, 0.9);
    s.camera.inter_ocular_share = pick(0.1, 0.45);
    s.camera.shift_share = 0.2;
    s.camera.pose_deg = 25.0;
    s.camera.distance_dm = pick(4.0, 40.0);
    s.camera.noise_levels = pick(0.0, 20.0);
    s.camera.blur_px = pick(0.0, 3.0);
    s.camera.exposure_stops = pick(-2.0, 2.0);
    s.camera.gamma = pick(0.5, 2.0);
    s.camera.jpeg_quality = pick(20.0, 100.0);
    s
}

#[test]
fn extreme_settings_make_pictures_all_the_same() {
    let renderer = Renderer::new();
    for high in [false, true] {
        let settings = extremes(high);
        settings.check().unwrap();
        for seed in 0..6 {
            let pair = renderer.pair(&ClipScript::sample(&settings, seed, seed));
            assert_eq!(pair.apex.image.dimensions(), (64, 64));
            let finite =
                pair.apex.landmarks.points().iter().all(|p| p.x.is_finite() && p.y.is_finite() && p.z.is_finite());
            assert!(finite, "high {high} seed {seed}");
        }
    }
}

#[test]
fn settings_survive_a_round_trip_and_unknown_ones_are_refused() {
    let settings = extremes(true);
    let text = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<SynthSettings>(&text).unwrap(), settings);
    let partial: SynthSettings = serde_json::from_str(r#"{"muscle": {"families": [1.0, 0.0, 0.0, 0.0]}}"#).unwrap();
    assert_eq!(partial.muscle.families, [1.0, 0.0, 0.0, 0.0]);
    assert!(serde_json::from_str::<SynthSettings>(r#"{"muscel": {}}"#).is_err());
}
