//! Curves over the steps of a fit.

use plotters::prelude::*;

use super::{BLUE, for_page, letters};

/// Most ticks of an axis.
const TICKS: usize = 7;

/// What happened at each step in many fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Least value of a fit at each step.
    pub low: Vec<f64>,
    /// Mean over the fits.
    pub mean: Vec<f64>,
    /// Largest value.
    pub high: Vec<f64>,
}

impl Curve {
    /// The curve of several fits, each smoothed over `window` steps; as long as the shortest of them.
    pub fn of(fits: &[Vec<f64>], window: usize) -> Curve {
        let smooth: Vec<Vec<f64>> = fits.iter().map(|fit| smoothed(fit, window.max(1))).collect();
        let steps = smooth.iter().map(Vec::len).min().unwrap_or(0);
        let at = |pick: fn(&[f64]) -> f64| -> Vec<f64> {
            (0..steps).map(|step| pick(&smooth.iter().map(|fit| fit[step]).collect::<Vec<_>>())).collect()
        };
        Curve {
            low: at(|values| values.iter().copied().fold(f64::INFINITY, f64::min)),
            mean: at(|values| values.iter().sum::<f64>() / values.len() as f64),
            high: at(|values| values.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        }
    }
}

/// Mean over the last `window` values at each place.
fn smoothed(values: &[f64], window: usize) -> Vec<f64> {
    let mean = |end: usize| {
        let part = &values[(end + 1).saturating_sub(window)..=end];
        part.iter().sum::<f64>() / part.len() as f64
    };
    (0..values.len()).map(mean).collect()
}

/// A curve with the band between its least and largest values, as SVG of 480x240; a sentence where there is no step.
pub fn curves(title: &str, curve: &Curve) -> String {
    if curve.mean.is_empty() {
        return format!("<p>{title}: no steps</p>");
    }
    let mut svg = String::new();
    draw(&mut svg, curve).expect("drawing into memory does not fail");
    for_page(&svg, title)
}

fn draw(svg: &mut String, curve: &Curve) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (480, 240)).into_drawing_area();
    let finite = |values: &[f64]| values.iter().copied().filter(|value| value.is_finite()).collect::<Vec<_>>();
    let largest = finite(&curve.high).into_iter().fold(0.0_f64, f64::max);
    let top = if largest > 0.0 { largest * 1.05 } else { 1.0 };
    // steps are counted, so that no tick lies between two
    let last = (curve.mean.len() - 1).max(1) as i32;
    let mut chart = ChartBuilder::on(&area)
        .margin(8)
        .x_label_area_size(34)
        .y_label_area_size(52)
        .build_cartesian_2d(0..last, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .label_style(letters())
        .x_desc("step")
        .x_labels(TICKS)
        .y_labels(TICKS)
        .draw()?;
    let at = |values: &[f64]| -> Vec<(i32, f64)> { (0..).zip(values.iter().copied()).collect() };
    let band: Vec<(i32, f64)> = at(&curve.low).into_iter().chain(at(&curve.high).into_iter().rev()).collect();
    chart.draw_series(std::iter::once(Polygon::new(band, BLUE.mix(0.2))))?;
    chart.draw_series(LineSeries::new(at(&curve.mean), BLUE.stroke_width(2)))?;
    area.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_holds_every_fit_and_the_mean_lies_within() {
        let curve = Curve::of(&[vec![4.0, 2.0, 0.0], vec![2.0, 2.0]], 1);
        assert_eq!((curve.low, curve.mean, curve.high), (vec![2.0, 2.0], vec![3.0, 2.0], vec![4.0, 2.0]));
        assert_eq!(Curve::of(&[vec![4.0, 2.0, 0.0]], 2).mean, [4.0, 3.0, 1.0]);
    }

    #[test]
    fn every_tick_has_a_number_of_its_own() {
        let numbers = |curve: &[f64]| -> Vec<String> {
            let drawn = curves("loss", &Curve::of(&[curve.to_vec()], 1));
            let lines = drawn.lines().map(str::trim).filter(|line| line.parse::<f64>().is_ok());
            lines.map(str::to_owned).collect()
        };
        // five steps: 0 to 4 once each beside the losses
        let five = numbers(&[4.0, 3.0, 2.0, 1.5, 1.0]);
        for step in ["1", "3", "4"] {
            assert_eq!(five.iter().filter(|number| *number == step).count(), 1, "{five:?}");
        }
        let none = numbers(&[0.0, 0.0]);
        let losses: Vec<&String> = none.iter().filter(|number| number.contains('.')).collect();
        let unique: std::collections::BTreeSet<&&String> = losses.iter().collect();
        assert_eq!(unique.len(), losses.len(), "{none:?}");
    }

    #[test]
    fn a_fit_without_steps_is_a_sentence() {
        assert_eq!(curves("loss", &Curve::of(&[], 5)), "<p>loss: no steps</p>");
        assert!(curves("loss", &Curve::of(&[vec![1.0, 0.5]], 5)).contains("aria-label=\"loss\""));
    }
}
