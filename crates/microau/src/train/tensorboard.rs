//! Event files for TensorBoard: each step's losses, rate and gradient norm as scalars.
//!
//! The format is TensorFlow's: records of a length, its checksum, a protocol buffer `Event` and its checksum (CRC-32C, rotated
//! and offset), see `tensorflow/core/util/event.proto` and `tensorflow/core/lib/io/record_writer.h`. The wall time of an event
//! is the step in seconds, so that two runs of one seed give the same bytes.

use std::io::Write;
use std::path::Path;

use prost::Message;

use super::error::TrainError;
use super::fit::StepReport;

/// Name of the file in its folder; TensorBoard takes every name with `tfevents` in it.
pub const FILE: &str = "events.out.tfevents.0.microau";

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, tag = "2")]
    simple_value: f32,
}

/// Writes the events of a run that has taken `done` steps before: those stay, what came after them is cut off.
pub struct EventWriter {
    file: std::fs::File,
    path: std::path::PathBuf,
}

impl EventWriter {
    /// The writer of `folder`.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn open(folder: &Path, done: usize) -> Result<EventWriter, TrainError> {
        let path = folder.join(FILE);
        let bytes = std::fs::read(&path).unwrap_or_default();
        let kept = &bytes[..length_of(&bytes, 1 + done)];
        let io = |source| TrainError::Io { path: path.clone(), source };
        let mut file = std::fs::File::create(&path).map_err(io)?;
        file.write_all(kept).map_err(io)?;
        let mut writer = EventWriter { file, path };
        if kept.is_empty() {
            writer.write(&Event { file_version: Some("brain.Event:2".to_owned()), ..Event::default() })?;
        }
        Ok(writer)
    }

    /// Adds a step.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn step(&mut self, report: &StepReport) -> Result<(), TrainError> {
        let losses = report.losses.iter().map(|&(name, value)| (format!("loss/{name}"), value));
        let others = [("rate".to_owned(), report.rate as f32), ("gradient_norm".to_owned(), report.gradient_norm)];
        let value = losses.chain(others).map(|(tag, simple_value)| Value { tag, simple_value }).collect();
        let (wall_time, step) = (report.step as f64, report.step as i64);
        self.write(&Event { wall_time, step, file_version: None, summary: Some(Summary { value }) })
    }

    fn write(&mut self, event: &Event) -> Result<(), TrainError> {
        let io = |source| TrainError::Io { path: self.path.clone(), source };
        self.file.write_all(&record(&event.encode_to_vec())).map_err(io)
    }
}

/// Bytes around the data of a record: its length, that length's checksum, and the data's.
const FRAME: usize = 8 + 4 + 4;

fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked(&length).to_le_bytes(), data, &masked(data).to_le_bytes()].concat()
}

/// The checksum of TensorFlow's records: CRC-32C, rotated by 15 bits, plus a constant.
fn masked(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Bytes that the first `count` whole records take.
fn length_of(bytes: &[u8], count: usize) -> usize {
    let mut end = 0;
    for _ in 0..count {
        let Some(length) = bytes.get(end..end + 8) else { break };
        let length = u64::from_le_bytes(length.try_into().expect("eight bytes")) as usize;
        match end.checked_add(FRAME).and_then(|framed| framed.checked_add(length)) {
            Some(next) if next <= bytes.len() => end = next,
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(step: usize) -> StepReport {
        StepReport { step, rate: 0.5, gradient_norm: 2.0, losses: vec![("loss", 1.0 / (1 + step) as f32)] }
    }

    #[test]
    fn checksums_are_those_of_tensorflow() {
        // the record of the file version as TensorFlow 2 writes it, wall time 0
        let event = Event { file_version: Some("brain.Event:2".to_owned()), ..Event::default() };
        let data = event.encode_to_vec();
        assert_eq!(data, b"\x1a\x0dbrain.Event:2");
        // CRC-32C of "123456789" is e3069283 (RFC 3720)
        assert_eq!(masked(b"123456789"), 0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8));
    }

    #[test]
    fn events_after_the_last_state_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let write = |done: usize, steps: std::ops::Range<usize>| {
            let mut writer = EventWriter::open(folder.path(), done).unwrap();
            steps.for_each(|step| writer.step(&report(step)).unwrap());
            std::fs::read(folder.path().join(FILE)).unwrap()
        };
        let whole = write(0, 0..5);
        assert_eq!(write(2, 2..5), whole);
        // a record that was cut off in the middle is no record
        std::fs::write(folder.path().join(FILE), &whole[..whole.len() - 3]).unwrap();
        assert_eq!(write(5, 4..5), whole);
    }
}
