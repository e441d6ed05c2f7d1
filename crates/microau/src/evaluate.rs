//! How well scores agree with labels: per AU and in the mean, and how often an AU is seen where there is none.

use microau_core::au::Au;
use microau_core::sample::AuLabels;
use microau_eval::per_au::{self, AuFigures, MeanFigures};
use microau_eval::table::Table;
use microau_eval::{EvalError, Scored};

/// Threshold on probabilities: an AU is present from here.
pub const THRESHOLD: f64 = 0.5;

/// Figures of one set of clips.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Per AU over all clips.
    pub figures: Vec<AuFigures>,
    /// Means over the AUs.
    pub means: MeanFigures,
    /// Per AU over the clips without expression: share of them in which it is seen; `None` without such clips.
    pub false_alarms: Vec<(Au, Option<f64>)>,
    /// Number of clips.
    pub clips: usize,
}

/// Compares probabilities `[clips][K]` with labels.
///
/// # Errors
/// When rows and labels differ in number, or a probability is not finite.
pub fn evaluate(aus: &[Au], labels: &[AuLabels], probs: &[Vec<f32>]) -> Result<Evaluation, EvalError> {
    let column = |k: usize, au: Au| {
        let truth = labels.iter().map(|labels| labels.present().contains(au)).collect();
        Ok((au, Scored::new(truth, probs.iter().map(|row| f64::from(row[k])).collect())?))
    };
    let columns = aus.iter().enumerate().map(|(k, &au)| column(k, au)).collect::<Result<Vec<_>, EvalError>>()?;
    let figures = per_au::figures(&columns, THRESHOLD);
    let calm: Vec<usize> = (0..labels.len()).filter(|&i| labels[i].present().is_empty()).collect();
    let alarm = |k: usize| {
        let seen = calm.iter().filter(|&&i| f64::from(probs[i][k]) >= THRESHOLD).count();
        (!calm.is_empty()).then(|| seen as f64 / calm.len() as f64)
    };
    Ok(Evaluation {
        means: per_au::means(&figures),
        false_alarms: aus.iter().enumerate().map(|(k, &au)| (au, alarm(k))).collect(),
        figures,
        clips: labels.len(),
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

    /// One row an AU, means below.
    pub fn table(&self) -> Table {
        per_au::table(&self.figures)
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
