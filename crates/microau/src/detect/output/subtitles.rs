//! Intervals as WebVTT and SubRip: a cue each, which a player shows over the film.
//!
//! The text is one line such as `micro-expression: 12 lip corner puller (left and right), .87`, with `face 1: ` before it
//! where the film has several faces.

use std::io::{self, Write};

use microau_core::report::InputReport;
use microau_core::score::AuInterval;

use super::times::{clock, span_millis};
use super::{OneInput, Sink, words};

/// Cues of one film, in order of time.
pub struct Subtitles<W> {
    to: W,
    form: Form,
    only: OneInput,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    WebVtt,
    SubRip,
}

impl<W: Write + Send> Subtitles<W> {
    /// WebVTT.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn vtt(mut to: W) -> io::Result<Self> {
        to.write_all(b"WEBVTT\n")?;
        Ok(Self { to, form: Form::WebVtt, only: OneInput::default() })
    }

    /// SubRip.
    pub fn srt(to: W) -> Self {
        Self { to, form: Form::SubRip, only: OneInput::default() }
    }

    fn cue(&mut self, number: usize, (begin, end): (u64, u64), text: &str) -> io::Result<()> {
        match self.form {
            Form::WebVtt => {
                let (begin, end) = (clock(begin, '.'), clock(end, '.'));
                write!(self.to, "\n{number}\n{begin} --> {end}\n{text}\n")
            }
            Form::SubRip => {
                let gap = if number > 1 { "\n" } else { "" };
                let (begin, end) = (clock(begin, ','), clock(end, ','));
                write!(self.to, "{gap}{number}\n{begin} --> {end}\n{text}\n")
            }
        }
    }
}

impl<W: Write + Send> Sink<W> for Subtitles<W> {
    fn input(&mut self, input: &InputReport) -> io::Result<()> {
        self.only.take()?;
        let several = input.faces.len() > 1;
        let of_face = |id: u32| if several { format!("face {id}: ") } else { String::new() };
        let mut cues: Vec<(u32, &AuInterval)> = Vec::new();
        for face in &input.faces {
            cues.extend(face.intervals.iter().map(|interval| (face.face_id, interval)));
        }
        cues.sort_by_key(|(face, interval)| (interval.onset.micros, *face));
        for (number, (face, interval)) in (1..).zip(cues) {
            let text = format!("{}{}", of_face(face), words::sentence(interval));
            self.cue(number, span_millis(interval, input), &text)?;
        }
        Ok(())
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        Ok(self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty_report, film_report, interval_at};
    use super::super::{Format, bytes};
    use microau_core::report::{FaceReport, InputReport};

    fn text(format: Format, film: InputReport) -> String {
        let mut report = empty_report();
        report.inputs.push(film);
        String::from_utf8(bytes(format, &report).unwrap()).unwrap()
    }

    #[test]
    fn a_cue_says_when_and_what() {
        let film = || film_report("a.mp4", vec![interval_at(3, 12)]);
        let said = "micro-expression: 12 lip corner puller (left and right), .88\n";
        let vtt = format!("WEBVTT\n\n1\n00:00:00.100 --> 00:00:00.400\n{said}");
        assert_eq!(text(Format::Vtt, film()), vtt);
        assert_eq!(text(Format::Srt, film()), format!("1\n00:00:00,100 --> 00:00:00,400\n{said}"));
    }

    #[test]
    fn cues_of_several_faces_are_in_order_of_time_and_name_their_face() {
        let mut film = film_report("a.mp4", vec![interval_at(30, 60)]);
        film.faces.push(FaceReport { face_id: 1, intervals: vec![interval_at(3, 12)] });
        let srt = text(Format::Srt, film);
        let said: Vec<&str> = srt.lines().filter(|line| line.contains("face ")).collect();
        assert!(said[0].starts_with("face 1: micro") && said[1].starts_with("face 0: longer"), "{srt}");
    }

    #[test]
    fn a_film_without_movements_has_a_file_without_cues() {
        assert_eq!(text(Format::Vtt, film_report("a.mp4", Vec::new())), "WEBVTT\n");
        assert_eq!(text(Format::Srt, film_report("a.mp4", Vec::new())), "");
    }
}
