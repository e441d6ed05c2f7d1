//! One run beside others on the same samples: ablations of a model, or baselines under it.

use crate::compare::Comparison;
use crate::figure::Figure;
use crate::measure::Scope;
use crate::run_figures::RunFigures;
use crate::sheets::Sheet;
use crate::table::{Entry, Table};

/// A run beside the first one.
pub struct Variant<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its figures.
    pub figures: &'a RunFigures,
    /// The first run compared with it; `None` for the first run itself.
    pub against_first: Option<&'a Comparison>,
}

/// Means over the units of each run, and what the first run has more than each of the others.
pub fn sheet(title: &str, variants: &[Variant<'_>]) -> Sheet {
    let mut table =
        Table::new(["run", "binary F1", "macro-F1", "ROC-AUC", "first minus this, binary F1", "p"]).left_from(1);
    for variant in variants {
        let mean = |figure| Entry::figure(variant.figures.cell(Scope::Pooled, None, figure), "no unit");
        let (difference, p) = variant.against_first.map_or_else(Default::default, difference);
        table.push([
            variant.name.into(),
            mean(Figure::BinaryF1),
            mean(Figure::MacroF1),
            mean(Figure::RocAuc),
            difference,
            p,
        ]);
    }
    let notes = [
        "Means over the action units, pooled over all folds, averaged over seeds.",
        "In brackets intervals of 95 % that resample subjects; differences draw the same subjects for both runs.",
        "Binary F1 is of the active class, macro-F1 the mean of both classes.",
    ];
    Sheet { title: title.to_owned(), table, notes: notes.map(str::to_owned).to_vec() }
}

/// Of the mean binary F1, and its p-value.
fn difference(comparison: &Comparison) -> (Entry, Entry) {
    let of_mean =
        |key: &crate::measure::Key| key.scope == Scope::Pooled && key.au.is_none() && key.figure == Figure::BinaryF1;
    let Some(difference) = comparison.differences.iter().find(|difference| of_mean(&difference.key)) else {
        return Default::default();
    };
    let p = difference.p_value.map_or("n/a".to_owned(), |p| format!("{p:.3}"));
    (Entry::difference(difference.value(), difference.interval.map(|it| [it.low, it.high])), p.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::Bootstrap;
    use crate::compare::compare;
    use crate::measure::AuChoice;
    use crate::run_scores::RunScores;
    use crate::scores::from_jsonl;

    fn run(probs: [f64; 4]) -> RunScores {
        let line = |(i, prob): (usize, f64)| {
            let label = usize::from(i < 2);
            format!(
                r#"{{"sample":"s{i}","dataset":"own","subject":"p{i}","fold":"p{i}","seed":0,"labels":{{"AU04":{label}}},"probs":{{"AU04":{prob}}}}}"#
            )
        };
        let lines: Vec<String> = probs.into_iter().enumerate().map(line).collect();
        RunScores::new(from_jsonl(&(lines.join("\n") + "\n")).unwrap()).unwrap()
    }

    #[test]
    fn the_first_run_stands_beside_each_other_with_the_difference() {
        // hits 2 of 2, no alarm: F1 1; hits 1 of 2, one alarm: F1 1/2
        let (good, bad) = (run([0.9, 0.8, 0.1, 0.2]), run([0.9, 0.2, 0.7, 0.2]));
        let figures = |run| RunFigures::new(run, &AuChoice::All, None).unwrap();
        let (of_good, of_bad) = (figures(&good), figures(&bad));
        let difference = compare(&good, &bad, &AuChoice::All, Some(Bootstrap::default())).unwrap();
        let variants = [
            Variant { name: "full", figures: &of_good, against_first: None },
            Variant { name: "less", figures: &of_bad, against_first: Some(&difference) },
        ];
        let text = sheet("Ablations", &variants).render(crate::table::Format::Csv);
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[2].starts_with("full,1.000,1.000,1.000,,"), "{text}");
        // of four pairs two are won and one is a tie: 2.5 / 4
        assert!(rows[3].starts_with("less,0.500,0.500,0.625,"), "{text}");
        assert!(rows[3].contains(",+0.500,"), "{text}");
    }
}
