//! Which action units go together in a dataset: clips in which both are present beside the phi coefficient.

use microau_core::au::Au;
use microau_data::stats::Pairs;

use super::{counts, matrix};

/// Room above each matrix for its title, px.
const TITLE_PX: usize = 32;

/// Both matrices one above the other as a picture of its own, of the action units that are present in some clip.
pub fn pairs(title: &str, pairs: &Pairs) -> String {
    let seen: Vec<usize> = (0..pairs.aus.len()).filter(|&i| pairs.together[i][i] > 0).collect();
    let names: Vec<String> = seen.iter().map(|&i| Au::code(pairs.aus[i]).to_owned()).collect();
    fn part<T: Copy>(values: &[Vec<T>], seen: &[usize]) -> Vec<Vec<T>> {
        seen.iter().map(|&row| seen.iter().map(|&column| values[row][column]).collect()).collect()
    }
    let together = counts("clips with both", &names, &part(&pairs.together, &seen));
    let phi = matrix("phi", &names, &part(&pairs.phi, &seen));
    let edge = edge(&together);
    let panel = |drawing: &str, name: &str, top: usize| {
        let inner =
            drawing.replacen("<svg ", &format!("<svg y=\"{}\" width=\"{edge}\" height=\"{edge}\" ", top + TITLE_PX), 1);
        let text = format!("{title}: {name}").replace('&', "&amp;").replace('<', "&lt;");
        format!("<text x=\"4\" y=\"{}\" font-family=\"sans-serif\" font-size=\"15\">{text}</text>\n{inner}\n", top + 22)
    };
    let height = 2 * (edge + TITLE_PX);
    let first = panel(&together, "clips in which both are present", 0);
    let second = panel(&phi, "phi coefficient in hundredths", edge + TITLE_PX);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {edge} {height}\" width=\"{edge}\" height=\"{height}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{first}{second}</svg>\n"
    )
}

/// Width of a square drawing, as it stands in its view box.
fn edge(drawing: &str) -> usize {
    let view = drawing.split("viewBox=\"0 0 ").nth(1).and_then(|rest| rest.split(' ').next());
    view.and_then(|width| width.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_matrices_hold_the_units_that_are_seen() {
        let aus = vec![Au::Au1, Au::Au2, Au::Au4];
        let together = vec![vec![3, 2, 0], vec![2, 4, 0], vec![0, 0, 0]];
        let phi = vec![vec![Some(1.0), Some(0.5), None], vec![Some(0.5), Some(1.0), None], vec![None; 3]];
        let drawn = pairs("casme2 <x>", &Pairs { aus, together, phi });
        assert_eq!(drawn.matches("<svg").count(), 3);
        assert!(drawn.contains("casme2 &lt;x>: phi") && drawn.contains("AU02") && !drawn.contains("AU04"), "{drawn}");
    }
}
