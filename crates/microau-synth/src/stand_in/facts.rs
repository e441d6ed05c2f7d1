//! What is published of a data set, as numbers; each file of `corpus` says which of them are and which are ours.

use super::company::Company;
use super::deal::shuffle;
use super::feeling::Feeling;
use crate::dice::Dice;

/// The twelve AUs whose counts are published (CD6ME), in the order of [`Facts::aus`].
pub(crate) const COUNTED: [u8; 12] = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17];

/// Positives of the six data sets of CD6ME together (2,031 clips): the mould for sets whose own counts are not published.
const OF_ALL: [usize; 12] = [304, 280, 708, 134, 60, 252, 117, 75, 176, 277, 52, 86];

/// A data set at its full size.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// Annotated events.
    pub clips: usize,
    /// Numbers of the people with events, as the set names them.
    pub people: Vec<u32>,
    /// People who must not be missing however small the stand-in is.
    pub needed: &'static [u32],
    /// Frames a second; more than one where clips differ.
    pub rates_fps: &'static [u32],
    /// Clips that show each of [`COUNTED`].
    pub aus: [usize; 12],
    /// The same of AUs beyond them.
    pub others: &'static [(u8, usize)],
    /// Clips that show a single AU.
    pub singles: usize,
    /// Clips of the objective classes I to VII, where that is known.
    pub classes: Option<[usize; 7]>,
    /// Company of this set that differs from that of all.
    pub company: &'static [(u8, u8, Company)],
    /// Emotion words, what they mean, how often they occur.
    pub emotions: &'static [(&'static str, Feeling, usize)],
    /// Share of clips whose emotion does not follow from their AUs.
    pub clash: f32,
    /// From onset to offset, both counted.
    pub lengths: Lengths,
    /// Macro-expressions among the events, and their lengths.
    pub macros: usize,
    /// Lengths of those.
    pub macro_lengths: Lengths,
    /// Sides and doubts in the cells.
    pub marks: Marks,
    /// How events lie on films.
    pub films: Films,
    /// Number of the first onset on a film, from and to.
    pub start: [u32; 2],
}

/// Least, median and largest number of frames of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lengths(pub u32, pub u32, pub u32);

/// How tokens of AU cells are marked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// Tokens with L.
    pub left: usize,
    /// Tokens with R.
    pub right: usize,
    /// Tokens with a question mark.
    pub doubtful: usize,
    /// AUs written twice in a cell, once for each side; counted in `left` and `right`.
    pub twins: usize,
    /// Rows with a single AU and no mark, where that is known.
    pub plain_rows: Option<usize>,
}

/// How events lie on films.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Films {
    /// Each event is a film.
    PerEvent,
    /// One long film of each person.
    PerPerson,
    /// So many films in all, each with one event or several, and of one person at most so many.
    Total(usize, usize),
}

impl Facts {
    /// Facts of a set of which little is published, in the mould of all: `tenths` AUs for ten clips.
    pub fn moulded(clips: usize, people: Vec<u32>, tenths: usize) -> Facts {
        Facts {
            clips,
            people,
            needed: &[],
            rates_fps: &[30],
            aus: in_proportion(&OF_ALL, clips * tenths / 10).try_into().expect("twelve shares of twelve"),
            others: &[],
            singles: clips * (23 - tenths) / 13,
            classes: None,
            company: &[],
            emotions: &[],
            clash: 0.3,
            lengths: Lengths(5, 11, 15),
            macros: 0,
            macro_lengths: Lengths(16, 30, 90),
            marks: Marks::default(),
            films: Films::PerEvent,
            start: [10, 90],
        }
    }

    /// AUs and their counts, those with none left out.
    pub fn tokens(&self) -> Vec<(u8, usize)> {
        let counted = COUNTED.into_iter().zip(self.aus);
        counted.chain(self.others.iter().copied()).filter(|(_, count)| *count > 0).collect()
    }
}

impl Lengths {
    /// `count` lengths in an order by chance; least, median and largest are met exactly.
    pub fn draw(self, count: usize, dice: &mut Dice) -> Vec<u32> {
        let Lengths(least, median, most) = self;
        let length = |i: usize| {
            // where the clip stands between the shortest (-1), the median (0) and the longest (1)
            let place = if count > 1 { 2.0 * i as f64 / (count - 1) as f64 - 1.0 } else { 0.0 };
            let (reach, share) = if place < 0.0 { (median - least, -place) } else { (most - median, place) };
            // most lengths are near the median
            let away = (f64::from(reach) * share * share).round() as u32;
            if place < 0.0 { median - away } else { median + away }
        };
        let mut lengths: Vec<u32> = (0..count).map(length).collect();
        shuffle(&mut lengths, dice);
        lengths
    }
}

/// Shares of `total` in proportion to counts, by largest remainder; the counts themselves when they add up to it.
pub(crate) fn in_proportion(counts: &[usize], total: usize) -> Vec<usize> {
    let sum = counts.iter().sum::<usize>().max(1);
    let mut shares: Vec<usize> = counts.iter().map(|count| count * total / sum).collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(counts[i] * total % sum));
    let left = total - shares.iter().sum::<usize>().min(total);
    order.into_iter().filter(|&i| counts[i] > 0).take(left).for_each(|i| shares[i] += 1);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_full_size_changes_nothing() {
        assert_eq!(in_proportion(&[26, 22, 130], 178), [26, 22, 130]);
        assert_eq!(in_proportion(&[50, 30, 20], 7), [4, 2, 1]);
        assert_eq!(in_proportion(&[1, 0, 1], 1).iter().sum::<usize>(), 1);
    }

    #[test]
    fn lengths_have_the_least_the_median_and_the_largest() {
        let mut lengths = Lengths(24, 61, 141).draw(255, &mut Dice::new(1, "lengths"));
        lengths.sort_unstable();
        assert_eq!([lengths[0], lengths[127], lengths[254]], [24, 61, 141]);
        assert_eq!(Lengths(24, 61, 141).draw(1, &mut Dice::new(1, "lengths")), [61]);
    }
}
