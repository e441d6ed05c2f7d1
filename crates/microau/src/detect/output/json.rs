//! The whole report as JSON, as docs/report-format.md describes it.

use std::io::{self, Write};

use microau_core::report::{InputReport, Report};

use super::Sink;

/// Collects the report and writes it at the end, indented and ending with a line break.
pub struct JsonSink<W> {
    report: Report,
    to: W,
}

impl<W: Write + Send> JsonSink<W> {
    /// A report with the head of `report` and no inputs yet.
    pub fn new(report: &Report, to: W) -> Self {
        Self { report: Report { inputs: Vec::new(), ..report.clone() }, to }
    }
}

impl<W: Write + Send> Sink<W> for JsonSink<W> {
    fn input(&mut self, input: &InputReport) -> io::Result<()> {
        self.report.inputs.push(input.clone());
        Ok(())
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        let Self { report, mut to } = *self;
        serde_json::to_writer_pretty(&mut to, &report)?;
        to.write_all(b"\n")?;
        Ok(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::output::table::tests::report;
    use crate::detect::output::{Format, bytes};

    #[test]
    fn the_json_reads_back_and_names_its_version() {
        let text = String::from_utf8(bytes(Format::Json, &report()).unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report());
        assert!(text.starts_with("{\n  \"format\": \"microau-report\",\n  \"version\": 1,\n"), "{text}");
        assert!(text.ends_with("}\n"));
    }
}
