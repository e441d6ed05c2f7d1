//! The whole report as JSON, as docs/report-format.md describes it.

use microau_core::report::Report;

/// The report as indented JSON, ending with a line break.
pub fn write(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report).expect("a report has text keys and finite numbers");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::output::table::tests::report;

    #[test]
    fn the_json_reads_back_and_names_its_version() {
        let text = write(&report());
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report());
        assert!(text.starts_with("{\n  \"format\": \"microau-report\",\n  \"version\": 1,\n"), "{text}");
    }
}
