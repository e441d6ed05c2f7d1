//! What the page says of the model: of the built-in one its figures, of any other the story in its checkpoint.

use microau_core::report::ModelInfo;

use super::words::{listed, short};
use crate::detect::model_scorer::NANO;

/// Figures of the built-in model on one set of generated clips, shares in hundredths, as docs/model-card-nano.md has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetFigures {
    /// Heading of the set in the model card.
    #[cfg_attr(not(test), allow(dead_code))]
    set: &'static str,
    pub(super) what: &'static str,
    /// Of 100 units that were there, so many are found: mean over the units, and the worst unit.
    pub(super) found: [u32; 2],
    /// Of 100 units that are said to be there, so many are: mean over the units, and the worst.
    pub(super) right: [u32; 2],
}

const NANO_FIGURES: [SetFigures; 3] = [
    SetFigures { set: "heldout-rendered", what: "rendered heads it never saw", found: [95, 91], right: [93, 74] },
    SetFigures {
        set: "heldout-settings",
        what: "rendered heads in light and cameras it never saw",
        found: [95, 85],
        right: [93, 84],
    },
    SetFigures {
        set: "heldout-photo",
        what: "one photographed face it never saw, moved by the computer",
        found: [92, 71],
        right: [93, 77],
    },
];

/// The model on the page.
pub(super) struct ModelView<'a> {
    pub(super) facts: Vec<(&'static str, String)>,
    /// Of the built-in model.
    pub(super) figures: &'static [SetFigures],
    /// Of any other.
    pub(super) story: &'a [(String, String)],
}

impl<'a> ModelView<'a> {
    pub(super) fn new(info: &ModelInfo, story: &'a [(String, String)]) -> Self {
        let units: Vec<String> = info.aus.iter().map(|&au| short(au)).collect();
        let facts =
            vec![("model", info.name.clone()), ("preset", info.preset.clone()), ("action units", listed(&units))];
        let is_nano = info.name == NANO;
        Self { facts, figures: if is_nano { &NANO_FIGURES } else { &[] }, story: if is_nano { &[] } else { story } }
    }

    /// Whether it is the built-in model.
    pub(super) fn is_nano(&self) -> bool {
        !self.figures.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Precision and recall of each unit on a set, from the model card.
    fn card(set: &str) -> Vec<[f64; 2]> {
        let card = include_str!("../../../../../docs/model-card-nano.md");
        let part = card.split(&format!("### {set}\n")).nth(1).unwrap().split("\n#").next().unwrap();
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            Some([cells.get(3)?.parse().ok()?, cells.get(4)?.parse().ok()?])
        };
        part.lines().filter(|line| line.starts_with("| AU")).filter_map(row).collect()
    }

    #[test]
    fn the_figures_are_those_of_the_model_card() {
        for SetFigures { set, found, right, .. } in NANO_FIGURES {
            let rows = card(set);
            assert_eq!(rows.len(), 12, "{set}");
            let summed_up = |column: usize| {
                let values = rows.iter().map(|row| 100.0 * row[column]);
                let (sum, least) = values.fold((0.0, f64::INFINITY), |(sum, least), it| (sum + it, least.min(it)));
                [(sum / 12.0).round() as u32, least.round() as u32]
            };
            assert_eq!((right, found), (summed_up(0), summed_up(1)), "{set}: right, found");
        }
    }
}
