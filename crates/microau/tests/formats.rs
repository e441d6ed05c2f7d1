//! One made-up film in every format.
//!
//! `reference/formats_check.py` reads the files with other people's readers; they are written where `MICROAU_FORMATS`
//! names a folder. Without it the test holds the formats against what those readers accepted: `golden/formats/`.

use std::path::Path;

use microau::core::au::Au;
use microau::core::geom::Point3;
use microau::core::landmarks::Landmarks;
use microau::core::report::{FaceReport, InputReport, ModelInfo, Program, Report, Settings, VideoReport};
use microau::core::score::{AuInterval, AuScore, AuScores, ExpressionKind, FaceFrame, FoundBy, Moment, Spotted};
use microau::core::time::{FrameIndex, FrameRate};
use microau::detect::output::{self, Format, FrameFormat};

/// A name that breaks whatever does not escape it.
const NAME: &str = "/films/ä \"b\", <c> & 100% d.mp4";

fn moment(frame: u64) -> Moment {
    let rate = FrameRate::new(30_000, 1_001).unwrap();
    Moment::new(FrameIndex(frame), rate.time_of(FrameIndex(frame)))
}

fn interval(onset: u64, offset: Option<u64>, spotted: Option<f32>, probs: [f32; 3]) -> AuInterval {
    let apex = moment(offset.map_or(onset + 5, |offset| (onset + offset) / 2));
    let (onset, offset) = (moment(onset), offset.map(moment));
    let kind = offset.map_or(ExpressionKind::Macro, |offset| ExpressionKind::of(onset.micros, offset.micros));
    let [brow, smile, chin] = probs;
    let scores = [
        AuScore::new(Au::Au1, brow, 0.5).with_sides(brow, brow / 4.0),
        AuScore::new(Au::Au12, smile, 0.5),
        AuScore::new(Au::Au17, chin, 0.5),
    ];
    AuInterval {
        onset,
        apex,
        offset,
        found_by: if spotted.is_some() { FoundBy::Spot } else { FoundBy::Given },
        spotted: spotted.map(|confidence| Spotted { kind, confidence }),
        aus: AuScores::new(scores.into()),
        emotion: None,
    }
}

fn report() -> Report {
    let program = Program { name: "microau".to_owned(), version: "0.1.0".to_owned() };
    let model =
        ModelInfo { name: "made-up".to_owned(), preset: "nano".to_owned(), aus: vec![Au::Au1, Au::Au12, Au::Au17] };
    let mut report = Report::new(program, model, Settings { threshold: 0.5, placing_frames: 5 });
    let one = vec![
        interval(10, Some(20), Some(0.87), [0.9, 0.1, 0.0]),
        interval(100, Some(160), Some(0.75), [0.2, 0.96, 0.6]),
        // within the one before, with the same unit
        interval(130, Some(141), Some(0.5), [0.1, 0.7, 0.2]),
        interval(300, None, Some(1.0), [0.1, 0.2, 0.3]),
    ];
    let other =
        vec![interval(15, Some(27), Some(0.25), [0.6, 0.5, 0.4]), interval(200, Some(210), None, [0.7, 0.1, 0.1])];
    let video = VideoReport {
        width_px: 640,
        height_px: 360,
        codec: "h264".to_owned(),
        frame_rate: FrameRate::new(30_000, 1_001).unwrap(),
        frame_count: Some(450),
    };
    report.inputs.push(InputReport {
        input: NAME.to_owned(),
        video: Some(video),
        faces: vec![FaceReport { face_id: 0, intervals: one }, FaceReport { face_id: 1, intervals: other }],
        errors: Vec::new(),
    });
    report
}

/// The canonical face, 20 px a cm, its nose at `x`.
fn landmarks(x: f32) -> Landmarks {
    let text = include_str!("../../microau-core/tests/assets/canonical_face.txt");
    let mut points = Vec::new();
    for row in text.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<f32> = row.split_whitespace().map(|word| word.parse().unwrap()).collect();
        points.push(Point3::new(x + 20.0 * row[0], 200.0 - 20.0 * row[1], -20.0 * row[2]));
    }
    points.resize(Landmarks::COUNT, Point3::new(x, 200.0, 0.0));
    Landmarks::new(points).unwrap()
}

/// Four frames of one face and two of another, whose units were not looked at in its first.
fn frames() -> Vec<FaceFrame> {
    let mut frames = Vec::new();
    for frame in 0..4u64 {
        let share = frame as f32 / 8.0;
        let aus = vec![0.25 + share, 0.875 - share, 0.5];
        frames.push(FaceFrame { face_id: 0, at: moment(frame), confidence: 0.98, landmarks: landmarks(200.0), aus });
        if frame >= 2 {
            let aus = if frame == 2 { Vec::new() } else { vec![0.5, 0.125, 0.75] };
            frames.push(FaceFrame {
                face_id: 1,
                at: moment(frame),
                confidence: 0.45,
                landmarks: landmarks(450.0),
                aus,
            });
        }
    }
    frames
}

fn frame_bytes(format: FrameFormat) -> Vec<u8> {
    let report = report();
    let mut sink = output::frame_sink(format, &report, Vec::new()).unwrap();
    sink.begin(NAME).unwrap();
    frames().iter().for_each(|frame| sink.frame(frame).unwrap());
    sink.input(&report.inputs[0]).unwrap();
    sink.end().unwrap()
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let intervals = |format| output::bytes(format, &report()).unwrap();
    vec![
        ("report.json", intervals(Format::Json)),
        ("report.txt", intervals(Format::Table)),
        ("intervals.csv", intervals(Format::Csv)),
        ("intervals.jsonl", intervals(Format::Jsonl)),
        ("intervals.parquet", intervals(Format::Parquet)),
        ("film.eaf", intervals(Format::Eaf)),
        ("film.vtt", intervals(Format::Vtt)),
        ("film.srt", intervals(Format::Srt)),
        ("frames.csv", frame_bytes(FrameFormat::Csv)),
        ("frames.jsonl", frame_bytes(FrameFormat::Jsonl)),
        ("frames.parquet", frame_bytes(FrameFormat::Parquet)),
        ("openface.csv", frame_bytes(FrameFormat::Openface)),
    ]
}

#[test]
fn every_format_is_that_which_foreign_readers_accepted() {
    if let Some(folder) = std::env::var_os("MICROAU_FORMATS") {
        for (name, bytes) in files() {
            std::fs::write(Path::new(&folder).join(name), bytes).unwrap();
        }
        return;
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/formats");
    for (name, bytes) in files() {
        // the bytes of Parquet are its writer's business; its values are read back beside the writer
        if name.ends_with(".parquet") {
            continue;
        }
        let expected = std::fs::read_to_string(golden.join(name)).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), expected, "{name}");
    }
}
