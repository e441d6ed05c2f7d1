//! What the page shows of one input: facts, timeline, table, curves, cards.

use std::collections::{BTreeMap, BTreeSet};

use microau_core::report::{ErrorReport, InputReport, Report, VideoReport};
use microau_core::score::{AuInterval, Moment};
use microau_core::time::{FrameIndex, Micros};

use super::card::CardView;
use super::curves::{Paths, Track};
use super::lanes::{Mark, Tick, ticks};
use super::words::{Kind, clock, counted, length, listed, probability, sentence, short};
use super::{Sights, strength};

/// Most faces of an input whose curves are drawn.
const MOST_TRACKS: usize = 6;

/// One input on the page.
pub(super) struct FilmView<'a> {
    /// Its address on the page.
    pub(super) id: String,
    /// The last part of its name.
    pub(super) name: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) summary: String,
    pub(super) errors: &'a [ErrorReport],
    /// Kinds of movement that are on the timeline.
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) ticks: Vec<Tick>,
    pub(super) lanes: Vec<LaneView>,
    pub(super) rows: Vec<RowView>,
    pub(super) tracks: Vec<TrackView>,
    /// Faces whose curves are not drawn.
    pub(super) more_faces: usize,
    pub(super) cards: Vec<CardView<'a>>,
}

/// The movements of one face on the timeline.
pub(super) struct LaneView {
    pub(super) face_id: u32,
    pub(super) marks: Vec<Mark>,
}

/// One row of the table of movements.
pub(super) struct RowView {
    pub(super) onset: String,
    pub(super) kind: Kind,
    pub(super) face_id: u32,
    pub(super) sentence: String,
    /// The card about it, where there is one.
    pub(super) card: Option<String>,
}

/// The curves of one face.
pub(super) struct TrackView {
    pub(super) face_id: u32,
    pub(super) curves: Vec<CurveView>,
    pub(super) marks: Vec<Mark>,
}

/// The curve of one action unit.
pub(super) struct CurveView {
    pub(super) code: String,
    pub(super) name: &'static str,
    pub(super) peak: String,
    pub(super) peak_at: String,
    pub(super) paths: Paths,
}

/// A movement in the order of the page.
struct Movement<'a> {
    face_id: u32,
    interval: &'a AuInterval,
    card: Option<String>,
}

/// How strong the movements of an input are, strongest first.
pub(super) fn strengths(input: &InputReport) -> Vec<f32> {
    let mut strengths: Vec<f32> = input.faces.iter().flat_map(|face| face.intervals.iter().map(strength)).collect();
    strengths.sort_by(|a, b| b.total_cmp(a));
    strengths
}

impl<'a> FilmView<'a> {
    /// The input at a place of the report; its `most_cards` strongest movements have cards.
    pub(super) fn new(report: &'a Report, place: usize, sights: Option<&'a Sights>, most_cards: usize) -> Self {
        let input = &report.inputs[place];
        let id = format!("film{}", place + 1);
        let movements = movements(input, &id, most_cards);
        let span = span(input, sights);
        let marks = |face_id| {
            movements
                .iter()
                .filter(move |it| it.face_id == face_id)
                .map(|it| Mark::new(it.interval, it.card.clone(), span))
        };
        let cards = movements.iter().enumerate().filter_map(|(place, it)| {
            let pictures = sights.and_then(|sights| sights.album.pictures(it.face_id, it.interval));
            Some(CardView::new(report, it.card.clone()?, place + 1, (it.face_id, it.interval), pictures))
        });
        let lanes =
            input.faces.iter().map(|face| LaneView { face_id: face.face_id, marks: marks(face.face_id).collect() });
        let (tracks, more_faces) =
            sights.map_or((Vec::new(), 0), |sights| tracks(report, sights, span, &|face_id| marks(face_id).collect()));
        Self {
            name: short_name(&input.input).to_owned(),
            facts: facts(input),
            summary: summary(input, &movements),
            errors: &input.errors,
            kinds: movements.iter().map(|it| Kind::of(it.interval)).collect(),
            ticks: ticks(span),
            lanes: lanes.filter(|lane| !lane.marks.is_empty()).collect(),
            rows: movements.iter().map(|it| row(it, report.settings.threshold)).collect(),
            tracks,
            more_faces,
            cards: cards.collect(),
            id,
        }
    }
}

/// All movements of an input in order of time; the `most_cards` strongest have cards.
fn movements<'a>(input: &'a InputReport, id: &str, most_cards: usize) -> Vec<Movement<'a>> {
    let faces = input.faces.iter();
    let mut all: Vec<(u32, &AuInterval)> =
        faces.flat_map(|face| face.intervals.iter().map(|interval| (face.face_id, interval))).collect();
    all.sort_by_key(|(face_id, interval)| (interval.onset.micros, interval.apex.micros, *face_id));
    let mut ranked: Vec<usize> = (0..all.len()).collect();
    ranked.sort_by(|&a, &b| strength(all[b].1).total_cmp(&strength(all[a].1)));
    let shown: BTreeSet<usize> = ranked.into_iter().take(most_cards).collect();
    let card = |place: usize| shown.contains(&place).then(|| format!("{id}-movement{}", place + 1));
    let movement = |(place, (face_id, interval))| Movement { face_id, interval, card: card(place) };
    all.into_iter().enumerate().map(movement).collect()
}

/// Length of the axis: that of the film, and not less than what was seen in it.
fn span(input: &InputReport, sights: Option<&Sights>) -> Micros {
    let film = input.video.as_ref().and_then(film_length);
    let moments = input.faces.iter().flat_map(|face| &face.intervals).flat_map(|it| [Some(it.apex), it.offset]);
    let curves = sights.into_iter().flat_map(|sights| sights.curves.faces()).map(|(_, track)| track.last);
    moments.flatten().map(|moment| moment.micros).chain(curves).chain(film).max().unwrap_or(Micros(0)).max(Micros(1000))
}

fn film_length(video: &VideoReport) -> Option<Micros> {
    video.frame_count.map(|count| video.frame_rate.time_of(FrameIndex(count)))
}

fn facts(input: &InputReport) -> Vec<(&'static str, String)> {
    let mut facts = vec![("file", input.input.clone())];
    if let Some(video) = &input.video {
        facts.push(("picture", format!("{} x {} px, {}", video.width_px, video.height_px, video.codec)));
        facts.push(("rate", format!("{} frames a second", decimal(video.frame_rate.as_f64()))));
        facts.extend(video.frame_count.map(|count| ("frames", count.to_string())));
        facts.extend(film_length(video).map(|it| ("length", length(it))));
    }
    facts
}

fn decimal(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn summary(input: &InputReport, movements: &[Movement<'_>]) -> String {
    if movements.is_empty() && input.video.is_none() {
        return "This input could not be read.".to_owned();
    }
    if movements.is_empty() {
        return "No movement was found. That does not mean that there was none.".to_owned();
    }
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    movements.iter().for_each(|it| *kinds.entry(Kind::of(it.interval)).or_default() += 1);
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(kind, count)| match kind {
            Kind::Micro | Kind::Longer => counted(count, &kind.name().to_lowercase()),
            Kind::Strongest if count == 1 => "The strongest movement".to_owned(),
            Kind::Strongest => "The strongest movements".to_owned(),
            Kind::Given => format!("{} as given", counted(count, "movement")),
        })
        .collect();
    let faces = input.faces.iter().filter(|face| !face.intervals.is_empty()).count();
    format!("{} of {}.", listed(&kinds), counted(faces, "face"))
}

fn row(movement: &Movement<'_>, threshold: f32) -> RowView {
    let Movement { face_id, interval, card } = movement;
    RowView {
        onset: clock(interval.onset.micros),
        kind: Kind::of(interval),
        face_id: *face_id,
        sentence: sentence(interval, threshold),
        card: card.clone(),
    }
}

/// The curves of the faces seen longest, by number, and how many faces are left out.
fn tracks(report: &Report, sights: &Sights, span: Micros, marks: &dyn Fn(u32) -> Vec<Mark>) -> (Vec<TrackView>, usize) {
    let mut faces: Vec<(u32, &Track)> = sights.curves.faces().collect();
    let more = faces.len().saturating_sub(MOST_TRACKS);
    faces.sort_by_key(|(_, track)| std::cmp::Reverse(track.frames));
    faces.truncate(MOST_TRACKS);
    faces.sort_by_key(|(face_id, _)| *face_id);
    let curve = |track: &Track, (place, &(peak, at)): (usize, &(f32, Moment))| {
        let au = *report.model.aus.get(place)?;
        let (code, name) = (short(au), au.name());
        Some(CurveView {
            code,
            name,
            peak: probability(peak),
            peak_at: clock(at.micros),
            paths: track.paths(place, span),
        })
    };
    let view = |(face_id, track): (u32, &Track)| TrackView {
        face_id,
        curves: track.peaks.iter().enumerate().filter_map(|peak| curve(track, peak)).collect(),
        marks: marks(face_id),
    };
    (faces.into_iter().map(view).collect(), more)
}

/// The last part of a path; two images stay as they are.
fn short_name(input: &str) -> &str {
    let last = input.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
    if last.is_empty() || input.contains(" -> ") { input } else { last }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_input_is_the_last_part_of_its_path() {
        for (input, name) in [("a/b.mp4", "b.mp4"), ("c:\\films\\b.mp4", "b.mp4"), ("frames/", "frames"), ("/", "/")] {
            assert_eq!(short_name(input), name);
        }
        assert_eq!(short_name("x/a.png -> x/b.png"), "x/a.png -> x/b.png");
    }
}
