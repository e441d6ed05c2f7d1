//! The counts of an index as tables for reading.

use std::collections::BTreeMap;

use microau_core::au::Au;
use microau_data::stats::Stats;
use microau_eval::table::Table;

/// All counts of an index: datasets, subjects, action units, emotions, objective classes.
pub fn text(stats: &Stats) -> String {
    let named = |count: &BTreeMap<String, usize>| -> Vec<(String, usize)> {
        let name = |name: &String| if name.is_empty() { "(none)".to_owned() } else { name.clone() };
        count.iter().map(|(key, &count)| (name(key), count)).collect()
    };
    let parts = [
        counted("dataset", &named(&stats.datasets), stats.clips),
        counted("action unit", &aus(stats), stats.clips),
        counted("emotion", &named(&stats.emotions), stats.clips),
        counted("objective class", &named(&stats.objective_classes), stats.clips),
        counted("subject", &named(&stats.subjects), stats.clips),
    ];
    let (clips, subjects) = (stats.clips, stats.subjects.len());
    format!("clips: {clips}, subjects: {subjects}\n\n{}", parts.join("\n"))
}

/// Action units by number, the names of those known to core beside them.
fn aus(stats: &Stats) -> Vec<(String, usize)> {
    let name = |number: u8| match Au::from_number(number) {
        Some(au) => format!("{number} {}", au.name()),
        None => number.to_string(),
    };
    stats.aus.iter().map(|(&number, &count)| (name(number), count)).collect()
}

fn counted(what: &str, counts: &[(String, usize)], clips: usize) -> String {
    let mut table = Table::new([what, "clips", "share"]);
    for (name, count) in counts {
        let share = 100.0 * *count as f64 / clips.max(1) as f64;
        table.push([name.clone(), count.to_string(), format!("{share:.1} %")]);
    }
    table.to_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_has_its_table() {
        let stats = Stats {
            clips: 4,
            aus: BTreeMap::from([(12, 3), (38, 1)]),
            subjects: BTreeMap::from([("casme2-01".to_owned(), 4)]),
            datasets: BTreeMap::from([("casme2".to_owned(), 4)]),
            emotions: BTreeMap::from([(String::new(), 1), ("joy".to_owned(), 3)]),
            ..Stats::default()
        };
        let text = text(&stats);
        for part in ["clips: 4, subjects: 1", "12 lip corner puller", "75.0 %", "(none)", "casme2-01"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
