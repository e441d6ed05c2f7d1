//! The page of a report, from made-up scores: what is on it, what is never on it, and how large it grows.

mod support {
    pub mod page;
}

use image::{Rgb, RgbImage};
use microau::core::au::Au;
use microau::core::geom::Point3;
use microau::core::landmarks::Landmarks;
use microau::core::plane::FlowField;
use microau::core::region::PatchGrid;
use microau::core::report::{ErrorReport, FaceReport, InputReport, ModelInfo, Program, Report, Settings, VideoReport};
use microau::core::score::{AuInterval, ExpressionKind, FaceFrame, FoundBy, Moment, Spotted};
use microau::core::time::{FrameIndex, FrameRate};
use microau::detect::interval::{self, Moments};
use microau::detect::page::{MOST_CARDS, Page, Sights};
use microau::detect::scorer::{Attention, ClipScores};
use microau::detect::{Input, Look};
use support::page::{Element, elements};

const RATE: FrameRate = FrameRate::whole(30);

fn report(inputs: Vec<InputReport>) -> Report {
    let program = Program { name: "microau".to_owned(), version: "0.1.0".to_owned() };
    let model = ModelInfo { name: "nano".to_owned(), preset: "nano".to_owned(), aus: Au::CD6ME.to_vec() };
    Report { inputs, ..Report::new(program, model, Settings { threshold: 0.5, placing_frames: 5 }) }
}

fn film(name: &str, frames: u64, faces: Vec<FaceReport>) -> InputReport {
    let codec = "h264".to_owned();
    let video = VideoReport { width_px: 640, height_px: 360, codec, frame_rate: RATE, frame_count: Some(frames) };
    InputReport { input: name.to_owned(), video: Some(video), faces, errors: Vec::new() }
}

fn at(frame: u64) -> Moment {
    Moment::new(FrameIndex(frame), RATE.time_of(FrameIndex(frame)))
}

/// A movement of AU1 and AU12, so strong, found by spotting; a tenth of them last longer than half a second.
fn movement(onset: u64, strength: f32) -> AuInterval {
    let long = onset % 10 == 9;
    let (apex, offset) = if long { (onset + 20, onset + 60) } else { (onset + 4, onset + 9) };
    let moments = Moments { onset: at(onset), apex: at(apex), offset: Some(at(offset)) };
    let probs: Vec<f32> =
        Au::CD6ME.iter().map(|au| if [Au::Au1, Au::Au12].contains(au) { strength } else { 0.03 }).collect();
    let sides = Some([probs.clone(), probs.iter().map(|prob| prob * 0.6).collect()]);
    let scores = ClipScores { both: probs, sides, text: Vec::new(), attention: None };
    let kind = if long { ExpressionKind::Macro } else { ExpressionKind::Micro };
    let interval = interval::interval(moments, FoundBy::Spot, &Au::CD6ME, &scores, 0.5);
    AuInterval { spotted: Some(Spotted { kind, confidence: 0.9 }), ..interval }
}

/// A picture with as much detail as a film has, and more than JPEG likes.
fn attention(seed: u32) -> Attention {
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ seed.wrapping_mul(97)) >> 7;
    let onset = RgbImage::from_fn(224, 224, |x, y| {
        let smooth = 120.0 + 60.0 * (x as f32 / 37.0).sin() * (y as f32 / 53.0).cos();
        Rgb([0.0, 20.0, 40.0].map(|more| (smooth + more + (noise(x, y) % 16) as f32) as u8))
    });
    let mut apex = onset.clone();
    apex.pixels_mut().skip(20_000).take(9_000).for_each(|pixel| pixel.0[1] = pixel.0[1].saturating_add(9));
    let mut flow = FlowField::new(112, 112);
    flow.u.data.iter_mut().enumerate().for_each(|(i, u)| *u = 2.0 * (i as f32 / 900.0).sin());
    let grid = PatchGrid::square(14, 224.0);
    let weights = (0..12 * grid.len()).map(|i| 1.0 / (1.0 + (i % 23) as f32)).collect();
    Attention { onset, crop: apex, flow, grid, weights }
}

fn look(sights: &mut Sights, face_id: u32, interval: &AuInterval, attention: &Attention) {
    let input = Input::film("film.mp4".as_ref());
    sights.album.add(Look { input: &input, face_id, interval, attention });
}

fn frame(face_id: u32, frame: u64) -> FaceFrame {
    let wave = |au: usize| 0.5 + 0.5 * ((frame as f32 / (40.0 + 17.0 * au as f32)).sin()).powi(9);
    let landmarks = Landmarks::new(vec![Point3::default(); Landmarks::COUNT]).unwrap();
    FaceFrame { face_id, at: at(frame), confidence: 0.9, landmarks, aus: (0..12).map(wave).collect() }
}

/// Two films, one of them with two faces, and an input that failed.
fn some_films() -> (Report, String) {
    let faces = |onsets: [&[u64]; 2]| -> Vec<FaceReport> {
        let movement = |&onset: &u64| movement(onset, 0.7 + 0.002 * (onset % 100) as f32);
        let face =
            |(face_id, onsets): (u32, &[u64])| FaceReport { face_id, intervals: onsets.iter().map(movement).collect() };
        (0..).zip(onsets).map(face).collect()
    };
    let error = ErrorReport {
        message: "expected a video or an image, got text: notes.mp4".to_owned(),
        hint: Some("give a video".to_owned()),
    };
    let mut smile = movement(30, 0.9);
    (smile.spotted, smile.found_by) = (None, FoundBy::Search);
    let named = AuInterval { found_by: FoundBy::Given, spotted: None, offset: None, ..movement(50, 0.3) };
    let report = report(vec![
        film("films/interview.mp4", 900, faces([&[31, 150, 409, 700], &[220, 640]])),
        film("films/clip.mp4", 90, vec![FaceReport { face_id: 0, intervals: vec![smile, named] }]),
        InputReport::failed("notes.mp4".to_owned(), error),
    ]);
    let mut page = Page::default();
    for (place, input) in report.inputs.iter().enumerate() {
        let mut sights = Sights::default();
        for face in &input.faces {
            face.intervals.iter().for_each(|it| look(&mut sights, face.face_id, it, &attention(place as u32)));
            let frames = input.video.as_ref().unwrap().frame_count.unwrap();
            (0..frames).filter(|i| !(300..380).contains(i)).for_each(|i| sights.curves.add(&frame(face.face_id, i)));
        }
        page.add(place, sights);
    }
    let html = page.html(&report);
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.html"), &html).unwrap();
    (report, html)
}

/// Text between tags.
fn text(html: &str) -> String {
    let pieces = html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
    pieces.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_movement_of_the_report_is_on_the_page() {
    let (report, html) = some_films();
    let shown = elements(&html);
    let rows = shown.iter().filter(|it| it.name == "th" && it.has("class", "time")).count();
    let cards: Vec<&Element> = shown.iter().filter(|it| it.name == "article").collect();
    let intervals: Vec<&AuInterval> =
        report.inputs.iter().flat_map(|input| &input.faces).flat_map(|face| &face.intervals).collect();
    assert_eq!((rows, cards.len()), (intervals.len(), intervals.len()));
    let text = text(&html);
    for interval in intervals {
        let millis = (interval.onset.micros.0 + 500) / 1000;
        let clock = format!("0:{:02}.{:03}", millis / 1000, millis % 1000);
        assert!(text.contains(&clock), "{clock}");
    }
    for said in [
        "5 micro-expressions and 1 longer expression of 2 faces.",
        "expected a video or an image, got text: notes.mp4",
        "Hint: give a video",
        "Not a lie detector",
        "Trained on generated faces only",
        "lip corner puller (AU12)",
        "end not known",
        "no action unit reached .50",
        "Spotting errs too",
    ] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let (_, html) = some_films();
    for element in elements(&html) {
        assert!(!["script", "link", "iframe", "object", "embed", "form", "base"].contains(&element.name.as_str()));
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && name != "style" && name != "srcset", "{name} in {element:?}");
            match name.as_str() {
                "src" => assert!(value.starts_with("data:image/jpeg;base64,"), "{value:.40}"),
                "href" => assert!(value.starts_with('#'), "{value:.40}"),
                _ => assert!(!value.contains("//") && !value.contains("url(") || value.starts_with("url(#"), "{value}"),
            }
        }
    }
    let styles: String = html.split("<style>").skip(1).filter_map(|part| part.split("</style>").next()).collect();
    assert!(!styles.contains("@import") && !styles.replace("url(#hatch)", "").contains("url("));
    assert!(html.contains("default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-"), "a strict policy");
}

#[test]
fn every_picture_says_what_it_shows() {
    let (_, html) = some_films();
    let shown = elements(&html);
    let images: Vec<&Element> = shown.iter().filter(|it| it.name == "img").collect();
    // onset, apex, difference and motion of eight movements; heat maps of two units, of one where none is present
    assert_eq!(images.len(), 8 * 4 + 7 * 2 + 1);
    assert!(images.iter().all(|it| it.attribute("alt").is_some_and(|alt| !alt.is_empty())));
    assert!(images.iter().all(|it| it.attribute("width").is_some() && it.attribute("height").is_some()));
    for svg in shown.iter().filter(|it| it.name == "svg" && !it.path.contains(&"svg".to_owned())) {
        let is_named = ["aria-label", "aria-labelledby"].iter().any(|name| svg.attribute(name).is_some());
        assert!(svg.has("aria-hidden", "true") || is_named && svg.attribute("role").is_some(), "{svg:?}");
    }
}

#[test]
fn every_link_leads_somewhere_and_headings_step_down_by_one() {
    let (_, html) = some_films();
    let shown = elements(&html);
    let mut ids: Vec<&str> = shown.iter().filter_map(|it| it.attribute("id")).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id stands twice");
    for element in &shown {
        let targets = element.attribute("href").map(|href| &href[1..]).into_iter();
        let names = element.attribute("aria-labelledby").into_iter().flat_map(str::split_whitespace);
        targets.chain(names).for_each(|id| assert!(ids.binary_search(&id).is_ok(), "{id} of {element:?}"));
    }
    let levels: Vec<u32> = shown.iter().filter_map(|it| it.name.strip_prefix('h')?.parse().ok()).collect();
    assert_eq!(levels[0], 1);
    assert!(levels.windows(2).all(|two| two[1] <= two[0] + 1), "{levels:?}");
    assert_eq!(levels.iter().filter(|&&level| level == 1).count(), 1);
    for landmark in ["header", "nav", "main", "footer"] {
        assert_eq!(shown.iter().filter(|it| it.name == landmark).count(), 1, "{landmark}");
    }
}

#[test]
fn hostile_names_and_texts_are_only_text() {
    let evil = "</title><script>alert(1)</script>\" onload='x' & {{ 7*7 }}.mp4";
    let error = ErrorReport { message: evil.to_owned(), hint: Some(evil.to_owned()) };
    let mut input = film(evil, 90, vec![FaceReport { face_id: 0, intervals: vec![movement(3, 0.8)] }]);
    input.errors.push(error);
    let mut report = report(vec![input]);
    (report.model.name, report.program.version) = (evil.to_owned(), evil.to_owned());
    let html = Page::new(vec![(evil.to_owned(), evil.to_owned())]).html(&report);
    let shown = elements(&html);
    assert!(shown.iter().all(|it| it.name != "script" && it.attribute("onload").is_none()));
    assert_eq!(
        shown.iter().filter(|it| it.name == "title" && it.path.last().is_some_and(|it| it == "head")).count(),
        1
    );
    assert!(html.matches("{{ 7*7 }}").count() >= 5, "it is all there");
}

#[test]
fn a_movement_without_pictures_and_a_report_without_inputs_have_a_page() {
    let alone = report(vec![film("a.mp4", 90, vec![FaceReport { face_id: 0, intervals: vec![movement(3, 0.8)] }])]);
    let html = Page::default().html(&alone);
    assert!(text(&html).contains("No pictures of this movement were kept."));
    assert!(elements(&html).iter().all(|it| it.name != "img"));
    assert!(!elements(&Page::default().html(&report(Vec::new()))).is_empty());
    let still = text(&Page::default().html(&report(vec![film("a.mp4", 90, Vec::new())])));
    assert!(still.contains("No movement was found. That does not mean that there was none."));
}

#[test]
fn an_hour_of_film_is_a_page_that_can_be_mailed() {
    let mut sights = Sights::default();
    (0..108_000).for_each(|i| sights.curves.add(&frame(0, i)));
    let intervals: Vec<AuInterval> = (0..300).map(|i| movement(i * 353, 0.5 + 0.001 * i as f32)).collect();
    // the weaker ones before them are never asked for their pictures
    for (seed, interval) in (0..).zip(&intervals[240..]) {
        look(&mut sights, 0, interval, &attention(seed));
    }
    let mut page = Page::default();
    page.add(0, sights);
    let html = page.html(&report(vec![film("hour.mp4", 108_000, vec![FaceReport { face_id: 0, intervals }])]));
    let shown = elements(&html);
    assert_eq!(shown.iter().filter(|it| it.name == "article").count(), MOST_CARDS);
    assert_eq!(shown.iter().filter(|it| it.name == "th" && it.has("class", "time")).count(), 300);
    assert!(text(&html).contains(&format!("Of 300 movements the {MOST_CARDS} strongest are shown with pictures")));
    assert!(
        html.contains("id=\"film1-movement300\"") && !html.contains("id=\"film1-movement1\""),
        "the strongest stay"
    );
    let images: usize =
        shown.iter().filter(|it| it.name == "img").filter_map(|it| it.attribute("src")).map(str::len).sum();
    println!("pictures {images} bytes of {}", html.len());
    // mail servers take 10 MB and more; what is no picture stays under 1 MB
    assert!(html.len() < 6_000_000 && html.len() - images < 1_000_000, "{} bytes, pictures {images}", html.len());
}
