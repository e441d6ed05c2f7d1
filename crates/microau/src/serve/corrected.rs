//! The report of a film as people corrected it, in the form in which detections are reported, so that every writer writes it.
//!
//! What a person decided has probability 1 or 0; what nobody touched keeps what the model said. Rejected movements are left out.

use std::collections::BTreeMap;

use microau_core::au::Au;
use microau_core::report::{FaceReport, InputReport, Report};
use microau_core::score::{
    AuInterval, AuScore, AuScores, Emotion, ExpressionKind, FaceFrame, FoundBy, Moment, Spotted,
};
use microau_core::time::FrameIndex;
use microau_eval::emotion::{emotion_group, objective_class};

use super::annotations::{Annotation, Annotations, UnitState, Verdict};
use super::record::pictures::Times;

/// The corrected report of one film, of whose report by a job the corrections were made.
pub(crate) fn corrected(report: &Report, notes: &Annotations, times: &Times) -> Report {
    let mut corrected = report.clone();
    for au in Au::ALL {
        let is_used = notes.intervals.iter().any(|it| it.state(au) == UnitState::On);
        if is_used && !corrected.model.aus.contains(&au) {
            corrected.model.aus.push(au);
        }
    }
    let aus = corrected.model.aus.clone();
    let found: Vec<&FaceReport> = report.inputs.iter().flat_map(|input| &input.faces).collect();
    let mut faces: BTreeMap<u32, Vec<AuInterval>> = BTreeMap::new();
    for note in notes.intervals.iter().filter(|it| it.verdict != Verdict::Rejected) {
        let interval = interval(note, machine(&found, note), &aus, times);
        faces.entry(note.face_id).or_default().push(interval);
    }
    if let Some(input) = corrected.inputs.first_mut() {
        input.faces = faces.into_iter().map(face).collect();
    }
    corrected
}

fn face((face_id, mut intervals): (u32, Vec<AuInterval>)) -> FaceReport {
    intervals.sort_by_key(|it| (it.onset.frame, it.apex.frame));
    FaceReport { face_id, intervals }
}

/// The movement as the job found it.
fn machine<'a>(found: &[&'a FaceReport], note: &Annotation) -> Option<&'a AuInterval> {
    let origin = note.origin?;
    let is_it = |it: &&AuInterval| (it.onset.frame.0, it.apex.frame.0) == (origin.onset, origin.apex);
    found.iter().filter(|face| face.face_id == note.face_id).find_map(|face| face.intervals.iter().find(is_it))
}

/// Whether a person decided about an action unit of a movement: who confirms a movement confirms its units.
fn is_decided(note: &Annotation, machine: Option<&AuInterval>, au: Au) -> bool {
    let said = machine.and_then(|it| it.aus.get(au)).map(|score| score.present);
    match note.state(au) {
        UnitState::Unsure => false,
        state => note.verdict == Verdict::Confirmed || said != Some(state == UnitState::On),
    }
}

fn interval(note: &Annotation, machine: Option<&AuInterval>, aus: &[Au], times: &Times) -> AuInterval {
    let moment = |frame: u64| Moment::new(FrameIndex(frame), times.of(frame));
    let (onset, apex, offset) = (moment(note.onset), moment(note.apex), note.offset.map(moment));
    let scores: Vec<AuScore> = aus.iter().filter_map(|&au| score(note, machine, au)).collect();
    let scores = AuScores::new(scores);
    let present = scores.present();
    let emotion = objective_class(present).zip(emotion_group(present));
    let is_same = |it: &AuInterval| {
        let offset = it.offset.map(|offset| offset.frame.0);
        (it.onset.frame.0, it.apex.frame.0, offset) == (note.onset, note.apex, note.offset)
    };
    let same = machine.filter(|it| is_same(it));
    AuInterval {
        onset,
        apex,
        offset,
        found_by: same.map_or(FoundBy::Given, |it| it.found_by),
        spotted: spotted(note, machine, onset, offset),
        aus: scores,
        emotion: emotion.map(|(objective_class, rule)| Emotion {
            objective_class,
            objective_name: objective_class.name().to_owned(),
            rule,
            // words were compared with the frames that the model saw
            text: same.and_then(|it| it.emotion.as_ref()).map_or_else(Vec::new, |emotion| emotion.text.clone()),
        }),
    }
}

/// `None` for a unit that the model does not know and nobody is sure of.
fn score(note: &Annotation, machine: Option<&AuInterval>, au: Au) -> Option<AuScore> {
    let said = machine.and_then(|it| it.aus.get(au));
    if is_decided(note, machine, au) {
        let present = note.state(au) == UnitState::On;
        let probability = if present { 1.0 } else { 0.0 };
        return Some(AuScore { au, probability, present, left: None, right: None });
    }
    said.copied()
}

/// Kind by length; sure where a person says that it is one.
fn spotted(note: &Annotation, machine: Option<&AuInterval>, onset: Moment, offset: Option<Moment>) -> Option<Spotted> {
    let said = machine.and_then(|it| it.spotted);
    let is_sure = note.verdict == Verdict::Confirmed || note.origin.is_none();
    let kind = offset.map(|offset| ExpressionKind::of(onset.micros, offset.micros)).or(said.map(|it| it.kind))?;
    let confidence = if is_sure { 1.0 } else { said?.confidence };
    Some(Spotted { kind, confidence })
}

/// Puts into the curves of a frame what people decided of the movements around it: a unit that is there reaches the threshold of
/// the report, one that is not stays below it.
pub(crate) fn correct_frame(frame: &mut FaceFrame, report: &Report, notes: &Annotations) {
    let threshold = report.settings.threshold;
    let found: Vec<&FaceReport> = report.inputs.iter().flat_map(|input: &InputReport| &input.faces).collect();
    let at = frame.at.frame.0;
    let around = |it: &&Annotation| {
        it.face_id == frame.face_id
            && it.verdict != Verdict::Rejected
            && it.onset <= at
            && at <= it.offset.unwrap_or(it.apex)
    };
    for note in notes.intervals.iter().filter(around) {
        let machine = machine(&found, note);
        for (value, &au) in frame.aus.iter_mut().zip(&report.model.aus) {
            if is_decided(note, machine, au) {
                *value = match note.state(au) {
                    UnitState::On => value.max(threshold),
                    _ => value.min(threshold.next_down()),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::output::tests::{empty_report, film_report, frame, interval_at};

    fn report() -> Report {
        let mut report = empty_report();
        report.inputs.push(film_report("a.mp4", vec![interval_at(3, 12), interval_at(30, 60)]));
        report
    }

    fn notes() -> Annotations {
        Annotations::of_job("j", &report().inputs[0])
    }

    fn times() -> Times {
        Times::read(std::path::Path::new("nowhere"), Some(microau_core::time::FrameRate::whole(30))).unwrap()
    }

    #[test]
    fn what_nobody_touched_stays_as_it_was() {
        assert_eq!(corrected(&report(), &notes(), &times()), report());
    }

    #[test]
    fn a_rejected_movement_is_gone_and_a_confirmed_one_is_sure() {
        let mut notes = notes();
        notes.intervals[0].verdict = Verdict::Rejected;
        notes.intervals[1].verdict = Verdict::Confirmed;
        let got = corrected(&report(), &notes, &times());
        let intervals = &got.inputs[0].faces[0].intervals;
        assert_eq!(intervals.len(), 1);
        assert_eq!(intervals[0].spotted, Some(Spotted { kind: ExpressionKind::Macro, confidence: 1.0 }));
        assert_eq!(intervals[0].aus.iter().map(|it| it.probability).collect::<Vec<_>>(), [0.0, 1.0]);
        assert_eq!(intervals[0].found_by, FoundBy::Spot);
    }

    #[test]
    fn a_moved_offset_changes_the_kind_and_a_unit_the_rule() {
        let mut notes = notes();
        let note = &mut notes.intervals[1];
        (note.offset, note.apex) = (Some(44), 40);
        note.aus.insert(Au::Au12, UnitState::Off);
        note.aus.insert(Au::Au4, UnitState::On);
        note.aus.insert(Au::Au26, UnitState::On);
        let got = corrected(&report(), &notes, &times());
        assert_eq!(got.model.aus, [Au::Au4, Au::Au12, Au::Au26]);
        let interval = &got.inputs[0].faces[0].intervals[1];
        assert_eq!(interval.offset.unwrap().micros.0, 1_466_666);
        assert_eq!(interval.spotted, Some(Spotted { kind: ExpressionKind::Micro, confidence: 0.875 }));
        assert_eq!((interval.aus.present().to_string().as_str(), interval.found_by), ("4+26", FoundBy::Given));
        assert_eq!(interval.emotion.as_ref().unwrap().rule.name(), "negative");
    }

    #[test]
    fn a_movement_added_by_hand_is_one_on_its_face() {
        let mut notes = notes();
        let mut added = notes.intervals[0].clone();
        (added.id, added.face_id, added.origin) = ("mine".to_owned(), 2, None);
        notes.intervals = vec![added];
        let got = corrected(&report(), &notes, &times());
        assert_eq!((got.inputs[0].faces.len(), got.inputs[0].faces[0].face_id), (1, 2));
        assert_eq!(got.inputs[0].faces[0].intervals[0].found_by, FoundBy::Given);
    }

    #[test]
    fn curves_reach_the_threshold_where_a_person_says_so() {
        let mut notes = notes();
        notes.intervals[0].aus = [(Au::Au4, UnitState::On), (Au::Au12, UnitState::Off)].into();
        let mut inside = frame(0, 5);
        correct_frame(&mut inside, &report(), &notes);
        assert!(inside.aus[0] >= 0.5 && inside.aus[1] < 0.5, "{:?}", inside.aus);
        let mut outside = frame(0, 20);
        correct_frame(&mut outside, &report(), &notes);
        assert_eq!(outside, frame(0, 20));
    }
}
