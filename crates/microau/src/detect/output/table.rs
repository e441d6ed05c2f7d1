//! A report as a table for reading: one row per interval, the present action units in words below it.

use std::io::{self, Write};

use microau_core::report::InputReport;
use microau_core::score::{AuInterval, AuScore, ExpressionKind, FoundBy, Moment, Spotted};
use microau_core::time::FrameIndex;
use microau_eval::table::Table;

use super::Sink;

/// Writes the intervals of each input as text. Errors are not in it: they go where errors go.
pub struct TableSink<W> {
    to: W,
}

impl<W: Write + Send> TableSink<W> {
    /// A table without rows yet.
    pub fn new(to: W) -> Self {
        Self { to }
    }
}

impl<W: Write + Send> Sink<W> for TableSink<W> {
    fn input(&mut self, input: &InputReport) -> io::Result<()> {
        for face in &input.faces {
            for interval in &face.intervals {
                let (heading, scores) = (heading(input, face.face_id, interval), indented(&scores(interval).to_text()));
                writeln!(self.to, "{heading}{scores}{}", emotion(interval))?;
            }
        }
        self.to.flush()
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        Ok(self.to)
    }
}

fn heading(input: &InputReport, face_id: u32, interval: &AuInterval) -> String {
    let how = match (interval.spotted, interval.found_by) {
        (Some(Spotted { kind: ExpressionKind::Micro, confidence }), _) => format!("micro-expression, {confidence:.2}"),
        (Some(Spotted { kind: ExpressionKind::Macro, confidence }), _) => format!("longer expression, {confidence:.2}"),
        (None, FoundBy::Given) => "given".to_owned(),
        (None, FoundBy::Search | FoundBy::Spot) => "found by motion".to_owned(),
    };
    let offset = interval.offset.map_or(String::new(), |offset| format!(", offset {}", at(offset)));
    let (onset, apex) = (at(interval.onset), at(interval.apex));
    format!("{}  face {face_id}  onset {onset}, apex {apex}{offset}  ({how})\n", input.input)
}

fn at(moment: Moment) -> String {
    let Moment { frame: FrameIndex(frame), secs, .. } = moment;
    format!("frame {frame} ({secs:.3} s)")
}

fn scores(interval: &AuInterval) -> Table {
    let mut table = Table::new(["AU", "probability", "", "side", "movement"]);
    for score in interval.aus.iter() {
        table.push([
            score.au.code().to_owned(),
            format!("{:.2}", score.probability),
            if score.present { bar(score.probability) } else { String::new() },
            side(score),
            score.au.phrase().to_owned(),
        ]);
    }
    table.left_from(2)
}

/// Up to ten blocks, so that the eye finds what is present.
fn bar(probability: f32) -> String {
    "#".repeat((probability * 10.0).round() as usize)
}

fn side(score: &AuScore) -> String {
    match (score.left, score.right) {
        (Some(left), Some(right)) => format!("left {left:.2}, right {right:.2}"),
        _ => String::new(),
    }
}

fn emotion(interval: &AuInterval) -> String {
    let Some(emotion) = &interval.emotion else { return "  no action unit present\n".to_owned() };
    let closest = emotion.text.first().map_or(String::new(), |text| format!("; by text: {}", text.emotion));
    let (class, rule) = (emotion.objective_class, emotion.rule);
    format!("  present: {}; objective class {class}; by rule: {rule}{closest}\n", interval.aus.present())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::detect::output::{Format, bytes};
    use microau_core::au::Au;
    use microau_core::emotion::{EmotionGroup, ObjectiveClass};
    use microau_core::report::{FaceReport, ModelInfo, Program, Report, Settings};
    use microau_core::score::{AuScores, Emotion};
    use microau_core::time::Micros;

    /// A report of one film with one interval, and of one input that failed.
    pub(crate) fn report() -> Report {
        let program = Program { name: "microau".to_owned(), version: "0.1.0".to_owned() };
        let model = ModelInfo { name: "nano".to_owned(), preset: "nano".to_owned(), aus: vec![Au::Au4, Au::Au12] };
        let mut report = Report::new(program, model, Settings { threshold: 0.5, placing_frames: 5 });
        let face = FaceReport { face_id: 0, intervals: vec![interval()] };
        let input = "a, b.mp4".to_owned();
        report.inputs.push(InputReport { input, video: None, faces: vec![face], errors: Vec::new() });
        report
    }

    fn interval() -> AuInterval {
        let smile = AuScore::new(Au::Au12, 0.875, 0.5).with_sides(0.75, 0.25);
        let emotion = Emotion {
            objective_class: ObjectiveClass::I,
            objective_name: "happiness".to_owned(),
            rule: EmotionGroup::Positive,
            text: Vec::new(),
        };
        AuInterval {
            onset: Moment::new(FrameIndex(3), Micros(100_000)),
            apex: Moment::new(FrameIndex(9), Micros(300_000)),
            offset: None,
            found_by: FoundBy::Given,
            spotted: None,
            aus: AuScores::new(vec![AuScore::new(Au::Au4, 0.125, 0.5), smile]),
            emotion: Some(emotion),
        }
    }

    #[test]
    fn the_table_says_what_moved_when_and_where() {
        let expected = "\
a, b.mp4  face 0  onset frame 3 (0.100 s), apex frame 9 (0.300 s)  (given)
  AU    probability             side                   movement
  AU04         0.12                                    lowering the brows
  AU12         0.88  #########  left 0.75, right 0.25  pulling the corners of the lips
  present: 12; objective class I happiness; by rule: positive

";
        assert_eq!(String::from_utf8(bytes(Format::Table, &report()).unwrap()).unwrap(), expected);
    }
}
