//! The card of one movement.

use microau_core::report::Report;
use microau_core::score::{AuInterval, AuScore, Moment};

use super::emotion::EmotionView;
use super::pictures::Pictures;
use super::words::{Kind, clock, probability, sentence, short};

/// What a card shows.
pub(super) struct CardView<'a> {
    /// Its address on the page.
    pub(super) id: String,
    pub(super) number: usize,
    pub(super) kind: Kind,
    pub(super) face_id: u32,
    pub(super) onset: String,
    pub(super) sentence: String,
    /// Times and frames of the movement, by name.
    pub(super) moments: Vec<(&'static str, String)>,
    pub(super) pictures: Option<&'a Pictures>,
    pub(super) bars: Vec<BarView>,
    /// Threshold, percent.
    pub(super) threshold: String,
    pub(super) emotion: Option<EmotionView>,
}

/// One action unit of a card.
pub(super) struct BarView {
    pub(super) code: String,
    pub(super) name: &'static str,
    /// What the muscle does.
    pub(super) phrase: &'static str,
    pub(super) present: bool,
    /// Length of the bar, percent.
    pub(super) width: String,
    pub(super) probability: String,
    /// Both sides, where they differ.
    pub(super) sides: Option<(String, String)>,
}

impl<'a> CardView<'a> {
    pub(super) fn new(
        report: &Report,
        id: String,
        number: usize,
        (face_id, interval): (u32, &AuInterval),
        pictures: Option<&'a Pictures>,
    ) -> Self {
        let threshold = report.settings.threshold;
        let emotion = interval.emotion.as_ref();
        Self {
            id,
            number,
            kind: Kind::of(interval),
            face_id,
            onset: clock(interval.onset.micros),
            sentence: sentence(interval, threshold),
            moments: moments(interval),
            pictures,
            bars: interval.aus.iter().map(bar).collect(),
            threshold: percent(threshold),
            emotion: emotion.map(|emotion| EmotionView::new(emotion, interval.aus.present())),
        }
    }

    /// Edge of a heat map, px.
    pub(super) fn heat_px(&self) -> u32 {
        Pictures::HEAT_PX
    }
}

fn moments(interval: &AuInterval) -> Vec<(&'static str, String)> {
    let named = [("onset", Some(interval.onset)), ("apex", Some(interval.apex)), ("offset", interval.offset)];
    let text = |moment: Moment| format!("{} (frame {})", clock(moment.micros), moment.frame);
    let at = |(name, moment): (_, Option<Moment>)| (name, moment.map_or("not known".to_owned(), text));
    let confidence = interval
        .spotted
        .map(|spotted| ("spotted as an expression", format!("probability {}", probability(spotted.confidence))));
    named.into_iter().map(at).chain(confidence).collect()
}

fn bar(score: &AuScore) -> BarView {
    BarView {
        code: short(score.au),
        name: score.au.name(),
        phrase: score.au.phrase(),
        present: score.present,
        width: percent(score.probability),
        probability: probability(score.probability),
        sides: score.left.zip(score.right).map(|(left, right)| (probability(left), probability(right))),
    }
}

fn percent(share: f32) -> String {
    format!("{:.1}%", 100.0 * share.clamp(0.0, 1.0))
}
