//! How well scores agree with labels: per AU and in the mean, and how often an AU is seen where there is none.
//!
//! [`clips`] judges a model on generated sets and on tables of labelled clips, [`probs`](mod@probs) scores prepared samples,
//! [`runs`] judges a training run from the scores that it left behind, [`spotting`] what was found in long films.

pub mod clips;
pub mod probs;
pub mod runs;
mod several;
pub mod spotting;
mod whole;

use microau_core::au::Au;
use microau_core::sample::AuLabels;
use microau_eval::figure::{Figure, Figures};
use microau_eval::per_au::{self, AuFigures};
use microau_eval::reliability::reliability;
use microau_eval::table::{Table, ratio_text};
use microau_eval::{EvalError, Scored};

pub use clips::{EvaluateError, Judged, MissedClip, ScoredClip, generated, labelled};
pub use microau_eval::figure::THRESHOLD;
pub use probs::{logits, probs};
pub use runs::{JudgeOptions, Run, RunError};
pub use spotting::{SpottedFilms, SpottingError};

/// Figures of one set of clips.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Per AU over all clips.
    pub figures: Vec<AuFigures>,
    /// Means over the AUs.
    pub means: Figures,
    /// Per AU over the clips without expression: share of them in which it is seen; `None` without such clips.
    pub false_alarms: Vec<(Au, Option<f64>)>,
    /// Expected calibration error over all AUs and clips together, 0 to 1; `None` without clips.
    pub calibration_error: Option<f64>,
    /// Number of clips.
    pub clips: usize,
    /// Number of clips without expression among them.
    pub calm_clips: usize,
}

/// Bins of the reliability curve.
const BINS: usize = 10;

/// Compares probabilities `[clips][K]` with labels.
///
/// # Errors
/// When rows and labels differ in number, or a probability is not finite.
pub fn evaluate(aus: &[Au], labels: &[AuLabels], probs: &[Vec<f32>]) -> Result<Evaluation, EvalError> {
    if labels.len() != probs.len() {
        return Err(EvalError::LengthMismatch { labels: labels.len(), scores: probs.len() });
    }
    let column = |k: usize, au: Au| {
        let annotated =
            labels.iter().zip(probs).filter_map(|(labels, row)| Some((labels.state(au)?, f64::from(row[k]))));
        let (truth, scores) = annotated.unzip();
        Ok((au, Scored::new(truth, scores)?))
    };
    let columns = aus.iter().enumerate().map(|(k, &au)| column(k, au)).collect::<Result<Vec<_>, EvalError>>()?;
    let figures = per_au::figures(&columns, THRESHOLD);
    let calm: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == AuLabels::NONE).collect();
    let alarm = |k: usize| {
        let seen = calm.iter().filter(|&&i| f64::from(probs[i][k]) >= THRESHOLD).count();
        (!calm.is_empty()).then(|| seen as f64 / calm.len() as f64)
    };
    let pooled = |pick: fn(&Scored) -> Vec<(bool, f64)>| columns.iter().flat_map(|(_, scored)| pick(scored)).unzip();
    let (truth, scores): (Vec<bool>, Vec<f64>) =
        pooled(|scored| scored.labels().iter().copied().zip(scored.scores().iter().copied()).collect());
    Ok(Evaluation {
        means: per_au::means(&figures),
        false_alarms: aus.iter().enumerate().map(|(k, &au)| (au, alarm(k))).collect(),
        figures,
        calibration_error: reliability(&Scored::new(truth, scores)?, BINS)?.expected_calibration_error,
        clips: labels.len(),
        calm_clips: calm.len(),
    })
}

impl Evaluation {
    /// The lowest F1 of an AU; `None` when none is defined.
    pub fn lowest_f1(&self) -> Option<f64> {
        self.figures.iter().filter_map(|figure| figure.counts.f1()).min_by(f64::total_cmp)
    }

    /// The highest share of false alarms of an AU on clips without expression; `None` without such clips.
    pub fn highest_false_alarm(&self) -> Option<f64> {
        self.false_alarms.iter().filter_map(|&(_, share)| share).max_by(f64::total_cmp)
    }

    /// One row an AU with its false alarms on clips without expression, means below.
    pub fn table(&self) -> Table {
        let mut table =
            Table::new(["AU", "positives", "precision", "recall", "binary F1", "ROC-AUC", "alarms on calm clips"]);
        let no_calm = "no calm clips";
        for (figure, &(_, alarm)) in self.figures.iter().zip(&self.false_alarms) {
            let counts = &figure.counts;
            table.push([
                figure.au.code().to_owned(),
                counts.positives().to_string(),
                ratio_text(counts.precision(), "never seen"),
                ratio_text(counts.recall(), "0 positives"),
                ratio_text(counts.f1(), "0 positives"),
                ratio_text(figure.figures[Figure::RocAuc], "one class"),
                ratio_text(alarm, no_calm),
            ]);
        }
        let [f1, auc] = [Figure::BinaryF1, Figure::RocAuc].map(|figure| ratio_text(self.means[figure], "no unit"));
        let alarms = ratio_text(self.mean_false_alarm(), no_calm);
        table.push(["mean".to_owned(), String::new(), String::new(), String::new(), f1, auc, alarms]);
        table
    }

    /// One line below the table.
    pub fn summary(&self) -> String {
        let percent = |share: Option<f64>| share.map_or("n/a".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        format!(
            "{} clips, {} of them without expression; lowest F1 {}; most false alarms of one AU on calm clips {}; \
             expected calibration error {}.",
            self.clips,
            self.calm_clips,
            ratio_text(self.lowest_f1(), "no unit"),
            percent(self.highest_false_alarm()),
            ratio_text(self.calibration_error, "no clips"),
        )
    }

    fn mean_false_alarm(&self) -> Option<f64> {
        let defined: Vec<f64> = self.false_alarms.iter().filter_map(|&(_, share)| share).collect();
        (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn false_alarms_are_counted_on_clips_without_expression_only() {
        let labels: Vec<AuLabels> = ["12", "", "", "", ""].map(|text| text.parse().unwrap()).to_vec();
        let probs = vec![vec![0.9, 0.9], vec![0.9, 0.1], vec![0.1, 0.1], vec![0.2, 0.2], vec![0.5, 0.4]];
        let result = evaluate(&[Au::Au12, Au::Au4], &labels, &probs).unwrap();
        assert_eq!(result.false_alarms, [(Au::Au12, Some(0.5)), (Au::Au4, Some(0.0))]);
        // AU12: 1 hit, 2 false alarms, no miss: F1 = 2 / (2 + 2); AU04 has no positives and so no F1
        assert_eq!(result.lowest_f1(), Some(0.5));
        assert_eq!(result.figures[0].counts.f1(), Some(0.5));
    }
}
