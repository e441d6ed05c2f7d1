//! Which emotion a clip is labelled with: as many of each as published, led by the AUs as far as real labels are.
//!
//! Real labels clash: the same AUs are called disgust by one clip and others by the next, since coders also saw what film
//! the person watched. A share of the clips is therefore labelled without a look at their AUs.

use crate::dice::Dice;

use super::codes::Codes;
use super::deal::shuffle;

/// What an emotion word of a data set means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feeling {
    Happiness,
    Surprise,
    Anger,
    Disgust,
    Sadness,
    Fear,
    Contempt,
    Repression,
    Others,
    /// A group of three classes that is neither happiness nor surprise.
    Negative,
}

use Feeling::*;

impl Feeling {
    /// How well AUs go with a feeling, 0..=6. Sources: EMFACS prototypes, and the clashes seen in CASME II (4 is others or
    /// disgust, 14 repression, others or happiness, 17 others or repression, 1 surprise or sadness).
    fn suits(self, aus: Codes) -> i64 {
        let (has, any) = (|au| aus.contains(au), |list: &[u8]| aus.contains_any(Codes::of(list)));
        let frown = has(4);
        let smiles = has(12) && !any(&[4, 9, 15]) || aus == Codes::of(&[6]);
        let startles = (has(1) && has(2) || any(&[5, 25, 26])) && !frown;
        match self {
            Happiness => first([(smiles, 6), (has(6) && !frown, 3), (aus == Codes::of(&[14]), 1)]),
            Surprise => first([(startles && !smiles, 6), (any(&[1, 2]) && !frown && !smiles, 3)]),
            _ if smiles || startles => i64::from(matches!(self, Others | Contempt)),
            Negative => 6,
            Anger => first([(frown && any(&[5, 7]) || any(&[23]), 4), (any(&[4, 7]), 3)]),
            Disgust => first([(any(&[9, 10]), 6), (frown && has(7), 4), (frown, 3)]),
            Sadness => first([(has(15) || aus == Codes::of(&[1]), 5), (has(1) && frown, 4)]),
            Fear => first([(has(20) || has(1) && frown, 5), (any(&[1, 2, 4]), 2)]),
            Contempt => first([(has(12) && has(14), 5), (has(14), 4)]),
            Repression => first([(has(14), 4), (any(&[15, 17, 24]), 3)]),
            Others => first([(aus == Codes::of(&[4]), 4), (any(&[4, 14, 17, 15]), 3), (true, 2)]),
        }
    }
}

/// The score of the first thing that is so.
fn first<const N: usize>(cases: [(bool, i64); N]) -> i64 {
    cases.into_iter().find(|(so, _)| *so).map_or(0, |(_, score)| score)
}

/// Exchanges tried for each clip.
const TRIES: usize = 1500;

/// For each clip the index of an emotion; `counts` of them in all, `clash` the share of clips labelled by chance.
pub(crate) fn assigned(clips: &[Codes], emotions: &[(Feeling, usize)], clash: f32, dice: &mut Dice) -> Vec<usize> {
    let mut labels: Vec<usize> =
        emotions.iter().enumerate().flat_map(|(at, &(_, count))| std::iter::repeat_n(at, count)).collect();
    assert_eq!(labels.len(), clips.len(), "as many emotions as clips");
    shuffle(&mut labels, dice);
    let led: Vec<usize> = (0..clips.len()).filter(|_| !dice.chance(clash)).collect();
    let suits = |label: usize, clip: usize| emotions[label].0.suits(clips[clip]);
    for _ in 0..if led.len() > 1 { TRIES * led.len() } else { 0 } {
        let (a, b) = (led[dice.below(led.len())], led[dice.below(led.len())]);
        let (kept, swapped) = (suits(labels[a], a) + suits(labels[b], b), suits(labels[b], a) + suits(labels[a], b));
        if swapped > kept {
            labels.swap(a, b);
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smiles_are_happy_and_raised_brows_surprised_where_labels_follow_the_aus() {
        let clips: Vec<Codes> =
            [12, 4, 1].repeat(20).into_iter().map(|au| Codes::of(&[au, au + u8::from(au == 1)])).collect();
        let emotions = [(Surprise, 20), (Happiness, 20), (Disgust, 20)];
        let labels = assigned(&clips, &emotions, 0.0, &mut Dice::new(1, "feelings"));
        assert!(labels.chunks(3).all(|three| three == [1, 2, 0]), "{labels:?}");
        let clashing = assigned(&clips, &emotions, 1.0, &mut Dice::new(1, "feelings"));
        assert!(clashing.chunks(3).any(|three| three != [1, 2, 0]));
        assert_eq!(
            (0..3).map(|kind| clashing.iter().filter(|&&l| l == kind).count()).collect::<Vec<_>>(),
            [20, 20, 20]
        );
    }
}
