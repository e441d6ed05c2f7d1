//! The report that a person reads: one HTML page that needs nothing beside it, no script and no network.
//!
//! While an input is scored, [`Sights`] keep what the page will show of it: pictures of its strongest movements and
//! curves of its action units, both of bounded size however long the film. [`Page`] joins them with the [`Report`] when all
//! is done.

mod album;
mod card;
mod curves;
mod emotion;
mod film;
mod lanes;
mod model_card;
mod pictures;
mod view;
mod words;

use std::collections::BTreeMap;

use microau_core::report::Report;
use microau_core::score::AuInterval;

pub use album::Album;
pub use curves::Curves;

/// Most movements of a page that have a card with pictures; the others stand in the tables alone. A card takes up to
/// 100 kB, so that a page stays a file that can be mailed.
pub const MOST_CARDS: usize = 40;

/// What is seen of one input.
#[derive(Debug, Default)]
pub struct Sights {
    /// Pictures of its strongest movements.
    pub album: Album,
    /// Curves of the action units of its faces.
    pub curves: Curves,
}

/// A page in the making.
#[derive(Debug, Default)]
pub struct Page {
    sights: BTreeMap<usize, Sights>,
    story: Vec<(String, String)>,
}

impl Page {
    /// A page without pictures; `story` says of a model that is not built in how it was trained, by key.
    pub fn new(story: Vec<(String, String)>) -> Self {
        Self { sights: BTreeMap::new(), story }
    }

    /// Adds what was seen of the input at a place of the report, from 0; inputs may come in any order.
    ///
    /// Pictures beyond [`MOST_CARDS`] of all inputs are let go, the weakest of each input first.
    pub fn add(&mut self, place: usize, sights: Sights) {
        self.sights.insert(place, sights);
        let shown: Vec<Vec<f32>> = self.sights.values().map(|it| it.album.strengths()).collect();
        let most = most_each(&shown);
        self.sights.values_mut().zip(most).for_each(|(it, most)| it.album.keep_strongest(most));
    }

    /// The page. An input of which no sights were added, as one whose result was read from a file, has no pictures.
    pub fn html(&self, report: &Report) -> String {
        view::html(report, &self.sights, &self.story)
    }
}

/// How strong a movement is, for the question which ones to show: its likeliest action unit, times the confidence of
/// spotting where it was spotted.
fn strength(interval: &AuInterval) -> f32 {
    let likeliest = interval.aus.iter().map(|score| score.probability).fold(0.0, f32::max);
    likeliest * interval.spotted.map_or(1.0, |spotted| spotted.confidence)
}

/// How many movements of each input are shown, of their strengths in falling order: the strongest of every input come
/// before the second of any, and so on.
fn most_each(strengths: &[Vec<f32>]) -> Vec<usize> {
    let ranked = strengths.iter().enumerate();
    let mut all: Vec<(usize, f32, usize)> =
        ranked.flat_map(|(input, them)| them.iter().enumerate().map(move |(rank, &it)| (rank, it, input))).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let mut most = vec![0; strengths.len()];
    all.iter().take(MOST_CARDS).for_each(|&(_, _, input)| most[input] += 1);
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_shows_its_strongest_before_any_shows_its_second() {
        let most = most_each(&[vec![0.9; 100], vec![0.2, 0.1], vec![]]);
        assert_eq!(most, [MOST_CARDS - 2, 2, 0]);
        let many: Vec<Vec<f32>> = (0..MOST_CARDS + 1).map(|input| vec![1.0 - 0.01 * input as f32; 3]).collect();
        let most = most_each(&many);
        assert_eq!((most[0], most[MOST_CARDS - 1], most[MOST_CARDS]), (1, 1, 0));
    }
}
