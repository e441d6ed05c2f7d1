//! What every frame of a film shows: pictures, faces with their regions, curves.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use microau_core::au::Au;
use microau_core::geom::{Point2, Rect};
use microau_core::landmarks::{self, Landmarks};
use microau_core::region;
use microau_core::score::FaceFrame;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::State;
use super::super::fault::{Fault, FaultBody};
use super::super::record::pictures::{self, Times};
use super::super::record::track::Track;
use super::super::store::Job;
use super::extract::Asked;
use super::{Shared, aside};

/// Most frames of one answer with faces.
const MOST_FRAMES: u64 = 120;
/// Most points of a curve in one answer.
const MOST_POINTS: u64 = 4000;

/// The frames of a film.
#[derive(Serialize, ToSchema)]
pub(super) struct Frames {
    /// How many there are.
    count: u64,
    /// How many of them have a picture; the others came after the room for pictures was used up.
    pictures: u64,
    /// Frames a second as text.
    rate: String,
    /// The same as a number.
    fps: f64,
    /// Microseconds of every frame where they are not what the rate says; null where they are.
    micros: Option<Vec<i64>>,
}

/// A face in a frame.
#[derive(Serialize, ToSchema)]
pub(super) struct FaceView {
    /// The frame.
    frame: u64,
    /// Number of the face.
    face_id: u32,
    /// Probability that a face is there.
    confidence: f32,
    /// Left, top, right, bottom, px of the film.
    #[schema(value_type = Vec<f32>)]
    r#box: [f32; 4],
    /// Outline of the face, eyes, brows, lips and nose: x, y, x, y …
    contours: Vec<Vec<f32>>,
    /// Probability of each action unit, and where it shows; empty where the frame could not be scored.
    units: Vec<RegionView>,
}

/// An action unit in a frame.
#[derive(Serialize, ToSchema)]
pub(super) struct RegionView {
    /// The action unit.
    #[schema(value_type = String)]
    au: Au,
    /// Its probability against the face at rest.
    probability: f32,
    /// Its region on the subject's left and right: x, y, x, y …
    regions: Vec<Vec<f32>>,
}

/// The curves of one face.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct CurveView {
    /// Number of the face.
    face_id: u32,
    /// First frame of each stretch of frames.
    frames: Vec<u64>,
    /// Highest value of each action unit in each stretch.
    #[schema(value_type = BTreeMap<String, Vec<f32>>)]
    aus: BTreeMap<Au, Vec<f32>>,
}

/// Which frames.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// First frame.
    #[serde(default)]
    from: u64,
    /// How many frames; at most 120.
    count: Option<u64>,
}

/// Which stretch of curves.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Stretch {
    /// First frame.
    #[serde(default)]
    from: u64,
    /// Frame behind the last; without it the end of the film.
    to: Option<u64>,
    /// Most points of a curve; at most 4000.
    points: Option<u64>,
}

/// The frames of a film: how many, and when
#[utoipa::path(get, path = "/api/films/{film}/frames", tag = "frames", params(("film" = String, Path)),
    responses((status = 200, body = Frames), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn index(From(state): Shared, Path(film): Path<String>) -> Result<Json<Frames>, Fault> {
    aside(move || {
        let job = state.job_of(&state.film(&film)?.id, None)?;
        let times = state.times(&job)?;
        let report = state.report(&job)?;
        let video = report.inputs.first().and_then(|input| input.video.as_ref());
        let rate = video.map(|video| video.frame_rate).ok_or_else(|| Fault::missing("film"))?;
        let count = video.and_then(|video| video.frame_count).unwrap_or(0).max(times.frames());
        let micros = times.is_variable().then(|| (0..count).map(|frame| times.of(frame).0).collect());
        Ok(Json(Frames { count, pictures: times.pictures, rate: rate.to_string(), fps: rate.as_f64(), micros }))
    })
    .await
}

/// The picture of a frame, at most 480 px wide
#[utoipa::path(get, path = "/api/films/{film}/frames/{frame}", tag = "frames",
    params(("film" = String, Path), ("frame" = u64, Path)),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 404, body = FaultBody)))]
pub(super) async fn picture(
    From(state): Shared,
    Path((film, frame)): Path<(String, String)>,
) -> Result<Response, Fault> {
    aside(move || {
        let film = state.film(&film)?;
        let frame = frame.parse().map_err(|_| Fault::wrong("a frame counted from 0", format!("{frame:?}")))?;
        let bytes = pictures::read(&state.folders.film(&film.id), frame)?.ok_or_else(|| Fault::missing("picture"))?;
        Ok(([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response())
    })
    .await
}

/// The faces of some frames, with the regions of their action units
#[utoipa::path(get, path = "/api/jobs/{job}/faces", tag = "frames", params(("job" = String, Path), Range),
    responses((status = 200, body = Vec<FaceView>), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn faces(
    From(state): Shared,
    Path(job): Path<String>,
    Asked(range): Asked<Range>,
) -> Result<Json<Vec<FaceView>>, Fault> {
    aside(move || {
        let (_, track, aus) = state.track(&state.job(&job)?)?;
        let end = range.from.saturating_add(range.count.unwrap_or(1).min(MOST_FRAMES));
        let mut views = Vec::new();
        for face in track.faces_from(range.from)? {
            let face = face?;
            if face.at.frame.0 >= end {
                break;
            }
            views.push(view(&face, &aus));
        }
        Ok(Json(views))
    })
    .await
}

/// The curves of action units of every face
#[utoipa::path(get, path = "/api/jobs/{job}/curves", tag = "frames", params(("job" = String, Path), Stretch),
    responses((status = 200, body = Vec<CurveView>), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn curves(
    From(state): Shared,
    Path(job): Path<String>,
    Asked(asked): Asked<Stretch>,
) -> Result<Json<Vec<CurveView>>, Fault> {
    aside(move || {
        let job = state.job(&job)?;
        let (_, track, aus) = state.track(&job)?;
        let last = job.summary.as_ref().map_or(0, |it| it.frames);
        let to = asked.to.unwrap_or(last.max(1));
        let points = asked.points.unwrap_or(1000).clamp(1, MOST_POINTS);
        let each = to.saturating_sub(asked.from).div_ceil(points).max(1);
        let mut curves: BTreeMap<u32, CurveView> = BTreeMap::new();
        for head in track.heads()? {
            let head = head?;
            let frame = head.at.frame.0;
            if frame >= to {
                break;
            }
            if frame >= asked.from && !head.aus.is_empty() {
                let start = asked.from + (frame - asked.from) / each * each;
                let curve = curves.entry(head.face_id).or_default();
                curve.face_id = head.face_id;
                curve.add(start, &aus, &head.aus);
            }
        }
        Ok(Json(curves.into_values().collect()))
    })
    .await
}

impl CurveView {
    fn add(&mut self, start: u64, aus: &[Au], values: &[f32]) {
        let is_new = self.frames.last() != Some(&start);
        if is_new {
            self.frames.push(start);
        }
        for (&au, &value) in aus.iter().zip(values) {
            let value = (value * 1000.0).round() / 1000.0;
            let curve = self.aus.entry(au).or_default();
            match curve.last_mut() {
                Some(last) if !is_new => *last = last.max(value),
                _ => curve.push(value),
            }
        }
    }
}

fn view(face: &FaceFrame, aus: &[Au]) -> FaceView {
    let Rect { x0, y0, x1, y1 } =
        Rect::around(face.landmarks.points().iter().map(|point| point.xy())).expect("a face has landmarks");
    let unit = |(&au, &probability): (&Au, &f32)| {
        let regions = region::polygons(au, &face.landmarks).map(|(_, polygon)| flat(polygon.0.into_iter()));
        RegionView { au, probability, regions: regions.into() }
    };
    FaceView {
        frame: face.at.frame.0,
        face_id: face.face_id,
        confidence: face.confidence,
        r#box: [x0, y0, x1, y1].map(tenth),
        contours: contours(&face.landmarks),
        units: aus.iter().zip(&face.aus).map(unit).collect(),
    }
}

fn contours(face: &Landmarks) -> Vec<Vec<f32>> {
    let outlines: [&[usize]; 8] = [
        &landmarks::FACE_OVAL,
        &landmarks::EYE_LEFT,
        &landmarks::EYE_RIGHT,
        &landmarks::BROW_LEFT,
        &landmarks::BROW_RIGHT,
        &landmarks::LIPS_OUTER,
        &landmarks::LIPS_INNER,
        &landmarks::NOSE_BRIDGE,
    ];
    outlines.iter().map(|outline| flat(outline.iter().map(|&index| face.xy(index)))).collect()
}

fn flat(points: impl Iterator<Item = Point2>) -> Vec<f32> {
    points.flat_map(|point| [tenth(point.x), tenth(point.y)]).collect()
}

/// To a tenth of a px, which no eye sees.
fn tenth(value: f32) -> f32 {
    (value * 10.0).round() / 10.0
}

impl State {
    /// When the frames of the film of a job are shown.
    pub(in crate::serve) fn times(&self, job: &Job) -> Result<Times, Fault> {
        let rate = job.summary.as_ref().and_then(|it| it.rate.parse().ok());
        Ok(Times::read(&self.folders.film(&job.film), rate)?)
    }

    /// What a job that is done saw in every frame, with its report and the order of its action units.
    pub(in crate::serve) fn track(&self, job: &Job) -> Result<(microau_core::report::Report, Track, Vec<Au>), Fault> {
        let report = self.report(job)?;
        let aus = report.model.aus.clone();
        Ok((report, Track::open(&self.folders.job(&job.film, &job.id), aus.len()), aus))
    }
}
