//! A run as one page that needs nothing beside it: figures, curves, who was on which side, dependencies learned and annotated.

use std::path::{Path, PathBuf};

use askama::Template;
use microau_core::au::Au;
use microau_eval::figure::{Figure, THRESHOLD};
use microau_eval::measure::Scope;
use microau_eval::run_figures::{Cell, RunFigures};
use microau_eval::run_scores::RunScores;

use super::error::TrainError;
use crate::chart::{Bar, Curve, bars, curves, matrix};
use crate::evaluate::Run;
use crate::files;
use crate::html::HOUSE_STYLE;

/// Steps over which the loss is smoothed.
const WINDOW: usize = 10;

/// One row of hits and misses.
struct Confusion {
    au: String,
    hits: u64,
    misses: u64,
    false_alarms: u64,
    rejections: u64,
}

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage<'a> {
    style: &'static str,
    title: &'a str,
    facts: Vec<(String, String)>,
    f1_bars: String,
    loss_curve: String,
    confusion: Vec<Confusion>,
    learned: String,
    annotated: String,
    notes: &'a [String],
    settings: &'a str,
}

/// Writes `page.html` of a run's folder.
///
/// `logs` are the folders of its fits, in which `log.jsonl` lies; `settings` is its TOML.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    out: &Path,
    run: &Run,
    figures: &RunFigures,
    logs: &[PathBuf],
    settings: &str,
    notes: &[String],
) -> Result<(), TrainError> {
    let (title, run) = (run.name.as_str(), &run.scores);
    let aus = run.aus();
    let names: Vec<String> = aus.iter().map(|au| au.code().to_owned()).collect();
    let cell = |au: Option<Au>, figure| figures.cell(Scope::Pooled, au, figure);
    let f1 = aus.iter().map(|&au| bar(&cell(Some(au), Figure::BinaryF1))).chain([bar(&cell(None, Figure::BinaryF1))]);
    let fits: Vec<Vec<f64>> = logs.iter().map(|folder| losses(folder)).collect();
    let page = RunPage {
        style: HOUSE_STYLE,
        title,
        facts: facts(run, figures),
        f1_bars: bars(
            "binary F1 of each AU",
            &[names.clone(), vec!["mean".to_owned()]].concat(),
            &f1.collect::<Vec<_>>(),
        ),
        loss_curve: curves("loss over the steps, all folds", &Curve::of(&fits, WINDOW)),
        confusion: aus.iter().map(|&au| confusion(run, au)).collect(),
        learned: matrix("correlation of the probabilities of AU pairs", &names, &pairs(aus, &|au| probs(run, au))),
        annotated: matrix("phi of the annotations of AU pairs", &names, &pairs(aus, &|au| labels(run, au))),
        notes,
        settings,
    };
    let html = page.render().expect("the template is checked when the program is built");
    Ok(files::write(&out.join("page.html"), html.as_bytes())?)
}

fn bar(cell: &Cell) -> Bar {
    (cell.value, cell.interval.as_ref().map(|interval| [interval.low, interval.high]))
}

fn facts(run: &RunScores, figures: &RunFigures) -> Vec<(String, String)> {
    let mean = |figure| {
        let cell = figures.cell(Scope::Pooled, None, figure);
        cell.value.map_or("n/a".to_owned(), |value| format!("{value:.3}"))
    };
    [
        ("protocol", figures.about.trained_by.clone().unwrap_or_else(|| "not known".to_owned())),
        ("clips", run.samples().len().to_string()),
        ("subjects", run.subjects().to_string()),
        ("datasets", run.datasets().join(", ")),
        ("seeds", run.seeds().iter().map(|seed| seed.seed.to_string()).collect::<Vec<_>>().join(", ")),
        ("mean binary F1", mean(Figure::BinaryF1)),
        ("mean two-class macro-F1", mean(Figure::MacroF1)),
        ("mean ROC-AUC", mean(Figure::RocAuc)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The total loss of each step of a fit; nothing where there is no log.
fn losses(folder: &Path) -> Vec<f64> {
    let text = std::fs::read_to_string(folder.join("log.jsonl")).unwrap_or_default();
    let loss = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?["losses"]["loss"].as_f64();
    text.lines().filter_map(loss).collect()
}

/// Hits and misses over all seeds at the threshold.
fn confusion(run: &RunScores, au: Au) -> Confusion {
    let mut counts = microau_eval::f1::Confusion::default();
    for seed in run.seeds() {
        for (sample, probs) in run.samples().iter().zip(&seed.probs) {
            if let (Some(Some(label)), Some(&prob)) = (sample.labels.get(&au), probs.get(&au)) {
                counts.add(*label, prob >= THRESHOLD);
            }
        }
    }
    Confusion {
        au: au.code().to_owned(),
        hits: counts.true_positives,
        misses: counts.false_negatives,
        false_alarms: counts.false_positives,
        rejections: counts.true_negatives,
    }
}

fn probs(run: &RunScores, au: Au) -> Vec<Option<f64>> {
    run.seeds().iter().flat_map(|seed| seed.probs.iter().map(move |probs| probs.get(&au).copied())).collect()
}

fn labels(run: &RunScores, au: Au) -> Vec<Option<f64>> {
    let label = |label: Option<&Option<bool>>| label.copied().flatten().map(|active| f64::from(u8::from(active)));
    run.samples().iter().map(|sample| label(sample.labels.get(&au))).collect()
}

/// Pearson's correlation of each pair of columns (phi, where these are 0 and 1).
fn pairs(aus: &[Au], column: &dyn Fn(Au) -> Vec<Option<f64>>) -> Vec<Vec<Option<f64>>> {
    let columns: Vec<Vec<Option<f64>>> = aus.iter().map(|&au| column(au)).collect();
    columns.iter().map(|a| columns.iter().map(|b| correlation(a, b)).collect()).collect()
}

/// `None` where a column does not vary.
fn correlation(a: &[Option<f64>], b: &[Option<f64>]) -> Option<f64> {
    let known: Vec<(f64, f64)> = a.iter().zip(b).filter_map(|(a, b)| Some(((*a)?, (*b)?))).collect();
    let n = known.len() as f64;
    let (mean_a, mean_b) = (known.iter().map(|p| p.0).sum::<f64>() / n, known.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |f: &dyn Fn(f64, f64) -> f64| known.iter().map(|&(a, b)| f(a - mean_a, b - mean_b)).sum::<f64>();
    let (aa, bb, ab) = (sum(&|a, _| a * a), sum(&|_, b| b * b), sum(&|a, b| a * b));
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_of_annotations_is_phi() {
        let column = |bits: [u8; 4]| bits.map(|bit| Some(f64::from(bit))).to_vec();
        // both 1, only b 2, none 1: phi = (1*1 - 2*0) / sqrt(1*3 * 3*1)
        let phi = correlation(&column([1, 0, 0, 0]), &column([1, 1, 1, 0])).unwrap();
        assert!((phi - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(correlation(&column([0; 4]), &column([1, 0, 1, 0])), None);
        assert_eq!(correlation(&[Some(1.0), None, Some(0.0)], &[Some(2.0), Some(9.0), Some(1.0)]), Some(1.0));
    }
}
