//! The way from a film to its report, with fakes for the face networks and the model.

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use microau::core::au::{Au, Side};
use microau::core::geom::{Point2, Point3, Similarity};
use microau::core::landmarks::Landmarks;
use microau::core::plane::FlowField;
use microau::core::region::{PatchGrid, polygon};
use microau::core::report::{InputReport, ModelInfo};
use microau::core::score::FoundBy;
use microau::detect::faces::{FaceFinder, FoundFace};
use microau::detect::scorer::{Attention, ClipScores, FaceClip, Scorer};
use microau::detect::{
    DetectError, DetectSettings, Detector, EventNumbers, Input, Look, Moments, Numbering, Request, Watch,
};

const SIZE_PX: u32 = 200;

/// The canonical face mesh, 60 px between the eyes, around the middle of the frame.
fn face(shift_x: f32) -> Landmarks {
    let text = include_str!("../../microau-core/tests/assets/canonical_face.txt");
    let mut points: Vec<Point3> = text.lines().filter(|line| !line.starts_with('#')).map(point).collect();
    points.resize(Landmarks::COUNT, Point3::default());
    let raw = Landmarks::new(points).unwrap();
    let eyes = [raw.eye_midpoint(Side::Right), raw.eye_midpoint(Side::Left)];
    let target = [70.0, 130.0].map(|x| Point2::new(x + shift_x, 75.0));
    raw.transformed(&Similarity::fit(&eyes, &target).unwrap())
}

fn point(line: &str) -> Point3 {
    let v: Vec<f32> = line.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Point3::new(v[0], -v[1], -v[2])
}

/// Finds a face in the frames whose number, written into the first pixel, is in its list.
struct FakeFinder {
    frames_with_face: Vec<u8>,
    found_so_far: u32,
    was_there: bool,
}

impl FakeFinder {
    fn new(frames: impl IntoIterator<Item = u8>) -> Self {
        Self { frames_with_face: frames.into_iter().collect(), found_so_far: 0, was_there: false }
    }
}

impl FaceFinder for FakeFinder {
    fn restart(&mut self) {
        (self.found_so_far, self.was_there) = (0, false);
    }

    /// A face that comes back is another face, as for a tracker that lost it.
    fn find(&mut self, frame: &RgbImage) -> Vec<FoundFace> {
        let is_there = self.frames_with_face.contains(&frame.get_pixel(0, 0).0[0]);
        self.found_so_far += u32::from(is_there && !self.was_there);
        self.was_there = is_there;
        let found = FoundFace {
            face_id: self.found_so_far.saturating_sub(1),
            landmarks: face(0.0),
            confidence: 1.0,
            blink: 0.0,
            jaw_open: 0.0,
            gaze: [0.0; 2],
        };
        if is_there { vec![found] } else { Vec::new() }
    }
}

/// Says AU12 of everything, and remembers which frames it was shown.
#[derive(Default)]
struct FakeScorer {
    shown: Vec<(u8, u8, usize)>,
}

impl Scorer for FakeScorer {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: "fake".to_owned(), preset: "fake".to_owned(), aus: vec![Au::Au4, Au::Au12] }
    }

    fn score(&mut self, clip: &FaceClip) -> Result<ClipScores, DetectError> {
        let number = |frame: &RgbImage| frame.get_pixel(0, 0).0[0];
        self.shown.push((number(&clip.onset), number(&clip.apex), clip.placing.len()));
        let (onset, flow) = (RgbImage::new(32, 32), FlowField::new(16, 16));
        let grid = PatchGrid::square(2, 32.0);
        let attention = Attention { crop: onset.clone(), onset, flow, grid, weights: vec![0.25; 8] };
        let sides = Some([vec![0.1, 0.9], vec![0.1, 0.2]]);
        Ok(ClipScores { both: vec![0.1, 0.75], sides, text: Vec::new(), attention: Some(attention) })
    }
}

/// A frame of smooth texture; the skin in the region of AU12 is lifted by `lift_px` on the subject's left.
fn frame(number: u8, lift_px: f32) -> RgbImage {
    let cheek = polygon(Au::Au12, Side::Left, &face(0.0));
    let middle = Point2::new(cheek.0.iter().map(|p| p.x).sum::<f32>(), cheek.0.iter().map(|p| p.y).sum::<f32>())
        * (1.0 / cheek.0.len() as f32);
    let mut frame = RgbImage::from_fn(SIZE_PX, SIZE_PX, |x, y| {
        let at = Point2::new(x as f32 + 0.5, y as f32 + 0.5);
        let near = (-(at.distance(middle) / 18.0).powi(2)).exp();
        let (u, v) = (at.x, at.y + lift_px * near);
        let value = 128.0 + 40.0 * (u * 0.35 + (v * 0.11).sin()).sin() + 40.0 * (v * 0.4 + (u * 0.09).cos()).sin();
        Rgb([value as u8; 3])
    });
    frame.put_pixel(0, 0, Rgb([number, 0, 0]));
    frame
}

/// A folder of frames whose lift rises to 2 px at frame 6 and is gone at frame 12.
fn film(folder: &Path, count: u8) -> Input {
    for number in 0..count {
        let phase = (f32::from(number) - 6.0).abs();
        let lift_px = 2.0 * (1.0 - phase / 4.0).max(0.0);
        frame(number, lift_px).save(folder.join(format!("img{number:03}.png"))).unwrap();
    }
    Input::film(folder)
}

fn given(onset: u64, apex: u64, offset: Option<u64>) -> Moments {
    Moments::Given { numbers: vec![EventNumbers { onset, apex, offset }], numbering: Numbering::Position }
}

fn detect(request: &Request, finder: &mut FakeFinder, scorer: &mut FakeScorer) -> InputReport {
    let mut detector = Detector::new(finder, scorer, DetectSettings::default());
    let mut look = |_: Look<'_>| Ok(());
    detector.detect(request, &mut Watch { progress: &mut |_| (), look: &mut look, frame: None })
}

fn only_error(report: &InputReport) -> &str {
    assert_eq!(report.errors.len(), 1, "{:?}", report.errors);
    &report.errors[0].message
}

#[test]
fn given_frames_are_the_frames_scored() {
    let folder = tempfile::tempdir().unwrap();
    let request = Request::new(film(folder.path(), 14), given(2, 6, Some(12)));
    let mut scorer = FakeScorer::default();
    let report = detect(&request, &mut FakeFinder::new(0..14), &mut scorer);
    assert_eq!(report.errors, []);
    assert_eq!(scorer.shown, [(2, 6, 4)], "four frames from the onset to before the apex place the crop");
    let interval = &report.faces[0].intervals[0];
    assert_eq!((interval.onset.frame.0, interval.apex.frame.0), (2, 6));
    assert_eq!(interval.offset.unwrap().micros.0, 400_000, "frame 12 at the 30 frames a second assumed for folders");
    assert_eq!(interval.found_by, FoundBy::Given);
    let smile = interval.aus.get(Au::Au12).unwrap();
    assert_eq!((smile.present, smile.left, smile.right), (true, Some(0.9), Some(0.2)));
}

#[test]
fn without_frames_the_apex_is_where_the_skin_moved_most() {
    let folder = tempfile::tempdir().unwrap();
    let request = Request::new(film(folder.path(), 14), Moments::Search);
    let report = detect(&request, &mut FakeFinder::new(0..14), &mut FakeScorer::default());
    assert_eq!(report.errors, []);
    let interval = &report.faces[0].intervals[0];
    assert_eq!(interval.found_by, FoundBy::Search);
    assert_eq!(interval.apex.frame.0, 6);
    assert!((1..=3).contains(&interval.onset.frame.0), "onset {:?}", interval.onset);
    assert!((9..=11).contains(&interval.offset.unwrap().frame.0), "offset {:?}", interval.offset);
}

#[test]
fn a_face_found_later_keeps_the_number_of_the_search() {
    let folder = tempfile::tempdir().unwrap();
    // there for one frame, gone, and there again from frame 4 on: face 1
    let mut finder = FakeFinder::new([0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    let request = Request::new(film(folder.path(), 14), Moments::Search);
    let report = detect(&request, &mut finder, &mut FakeScorer::default());
    let ids: Vec<u32> = report.faces.iter().map(|face| face.face_id).collect();
    assert_eq!(ids, [1], "a face of one frame has no movement");
}

#[test]
fn numbers_in_file_names_count_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (place, number) in (40..46).enumerate() {
        frame(place as u8, 0.0).save(folder.path().join(format!("img{number}.png"))).unwrap();
    }
    let numbers = vec![EventNumbers { onset: 41, apex: 44, offset: None }];
    let moments = Moments::Given { numbers: numbers.clone(), numbering: Numbering::Names };
    let mut scorer = FakeScorer::default();
    detect(&Request::new(Input::film(folder.path()), moments), &mut FakeFinder::new(0..6), &mut scorer);
    assert_eq!(scorer.shown[0].0, 1);
    assert_eq!(scorer.shown[0].1, 4);
    let moments = Moments::Given { numbers, numbering: Numbering::Position };
    let request = Request::new(Input::film(folder.path()), moments);
    let report = detect(&request, &mut FakeFinder::new(0..6), &mut scorer);
    assert!(only_error(&report).starts_with("onset 41 lies past the end, the last frame is 5"));
    assert!(report.errors[0].hint.as_ref().unwrap().contains("--numbering names"));
}

#[test]
fn one_bad_event_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let event = |onset, apex| EventNumbers { onset, apex, offset: None };
    let numbers = vec![event(6, 2), event(2, 6), event(3, 99)];
    let request = Request::new(film(folder.path(), 14), Moments::Given { numbers, numbering: Numbering::Position });
    let mut scorer = FakeScorer::default();
    let report = detect(&request, &mut FakeFinder::new(0..14), &mut scorer);
    assert_eq!(report.errors.len(), 2);
    assert!(report.errors[0].message.starts_with("expected onset < apex <= offset, got onset 6, apex 2"));
    assert!(report.errors[1].message.starts_with("apex 99 lies past the end, the last frame is 13"));
    assert_eq!(report.faces[0].intervals.len(), 1);
}

#[test]
fn two_images_are_onset_and_apex() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = ["a.png", "b.png"].iter().map(|name| folder.path().join(name)).collect();
    for (number, path) in (0..).zip(&paths) {
        frame(number, 0.0).save(path).unwrap();
    }
    let inputs = Input::from_paths(&paths);
    let mut scorer = FakeScorer::default();
    let request = Request::new(inputs[0].clone(), Moments::Search);
    let report = detect(&request, &mut FakeFinder::new(0..2), &mut scorer);
    assert_eq!(scorer.shown, [(0, 1, 1)]);
    assert_eq!(report.faces[0].intervals[0].found_by, FoundBy::Given);
}

#[test]
fn a_film_without_a_face_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let request = Request::new(film(folder.path(), 3), Moments::Search);
    let report = detect(&request, &mut FakeFinder::new([]), &mut FakeScorer::default());
    assert!(only_error(&report).starts_with("found no face in 3 frames: "), "{:?}", report.errors);
    let request = Request::new(Input::film(folder.path()), given(0, 2, None));
    let report = detect(&request, &mut FakeFinder::new([]), &mut FakeScorer::default());
    assert!(only_error(&report).starts_with("found no face that is in both frame 0 and frame 2: "));
}

#[test]
fn a_single_frame_is_too_few() {
    let folder = tempfile::tempdir().unwrap();
    let input = film(folder.path(), 1);
    for moments in [Moments::Search, given(0, 0, None)] {
        let report =
            detect(&Request::new(input.clone(), moments), &mut FakeFinder::new([0]), &mut FakeScorer::default());
        assert!(only_error(&report).starts_with("expected at least 2 frames, got 1: "), "{:?}", report.errors);
    }
}

#[test]
fn a_missing_film_says_its_path() {
    let request = Request::new(Input::film(Path::new("/nowhere/at/all.mp4")), Moments::Search);
    let report = detect(&request, &mut FakeFinder::new([]), &mut FakeScorer::default());
    assert_eq!(only_error(&report), "no such file or folder: /nowhere/at/all.mp4");
}

#[test]
fn a_damaged_frame_is_said_and_the_rest_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    let input = film(folder.path(), 14);
    std::fs::write(folder.path().join("img004.png"), b"no image").unwrap();
    let report =
        detect(&Request::new(input, given(2, 6, None)), &mut FakeFinder::new(0..14), &mut FakeScorer::default());
    assert_eq!(report.faces[0].intervals.len(), 1);
    assert!(only_error(&report).contains("img004.png"), "{:?}", report.errors);
}
