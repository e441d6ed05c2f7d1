//! Deals AUs to clips: how often each AU is shown is kept to the letter; who keeps whom company, how many clips show a single
//! AU and how many fall into each objective class is approached by exchanging AUs between clips until nothing gets better.
//!
//! Threshold accepting on whole numbers: the same on every machine.

use microau_core::emotion::ObjectiveClass;

use crate::dice::Dice;

use super::codes::{Codes, objective_class};
use super::company::Company;

/// What the clips of a data set show, all together.
#[derive(Clone, Debug)]
pub(crate) struct Targets {
    pub clips: usize,
    /// AUs and the number of clips that show each.
    pub aus: Vec<(u8, usize)>,
    /// Clips with a single AU.
    pub singles: usize,
    /// Clips of each objective class, where that is known.
    pub classes: Option<[usize; 7]>,
    pub company: Vec<(u8, u8, Company)>,
}

/// Exchanges tried for each clip.
const TRIES: usize = 2500;
/// How much worse an exchange may make things at the beginning.
const HEAT: i64 = 12;

/// The AUs of each clip, at least one.
pub(crate) fn deal(targets: &Targets, dice: &mut Dice) -> Vec<Codes> {
    let mut table = Table::laid(targets, dice);
    let (tries, clips) = (TRIES * targets.clips, targets.clips);
    for number in 0..if clips > 1 { tries } else { 0 } {
        let heat = HEAT - (number as i64 * HEAT * 10 / (tries as i64 * 9)).min(HEAT);
        let (giver, taker) = (dice.below(clips), dice.below(clips));
        if giver != taker {
            table.exchange(giver, taker, heat, dice);
        }
        if table.cost == 0 {
            break;
        }
    }
    table.clips
}

/// The AUs of each clip when none has regard to another; there may be none.
pub(crate) fn deal_by_chance(targets: &Targets, dice: &mut Dice) -> Vec<Codes> {
    let mut clips = vec![Codes::default(); targets.clips];
    let mut order: Vec<usize> = (0..targets.clips).collect();
    for &(au, count) in &targets.aus {
        shuffle(&mut order, dice);
        order[..count].iter().for_each(|&clip| clips[clip] = clips[clip].with(au));
    }
    clips
}

/// The clips as they lie, and how far they are from what is wanted.
struct Table {
    clips: Vec<Codes>,
    pairs: Vec<(Codes, i64, i64)>,
    wanted_classes: Option<[i64; 7]>,
    wanted_singles: i64,
    seen_pairs: Vec<i64>,
    seen_classes: [i64; 7],
    seen_singles: i64,
    crowding: i64,
    cost: i64,
}

/// An unwanted class weighs more than an unwanted pair: classes are published as counts, pairs as tendencies.
const WEIGHT_OF_CLASS: i64 = 8;
const WEIGHT_OF_SINGLES: i64 = 2;
const WEIGHT_OF_PAIR: i64 = 2;
const WEIGHT_OF_EXCLUSION: i64 = 10;

/// What is bad about the number of AUs of a clip.
const fn crowd(codes: Codes) -> i64 {
    match codes.len() {
        0 => 1000,
        1..=3 => 0,
        4 => 2,
        5 => 8,
        _ => 40,
    }
}

impl Table {
    fn laid(targets: &Targets, dice: &mut Dice) -> Table {
        let count = |au: u8| targets.aus.iter().find(|(other, _)| *other == au).map_or(0, |(_, count)| *count);
        let pair = |&(a, b, company): &(u8, u8, Company)| {
            let wanted = company.together(targets.clips, count(a), count(b)) as i64;
            let weight = if matches!(company, Company::Never) { WEIGHT_OF_EXCLUSION } else { WEIGHT_OF_PAIR };
            (Codes::of(&[a, b]), wanted, weight)
        };
        let pairs: Vec<_> = targets.company.iter().map(pair).collect();
        let mut table = Table {
            clips: scattered(targets, dice),
            seen_pairs: vec![0; pairs.len()],
            pairs,
            wanted_classes: targets.classes.map(|classes| classes.map(|count| count as i64)),
            wanted_singles: targets.singles as i64,
            seen_classes: [0; 7],
            seen_singles: 0,
            crowding: 0,
            cost: 0,
        };
        for clip in 0..table.clips.len() {
            table.count(table.clips[clip], 1);
        }
        table.cost = table.distance();
        table
    }

    /// Counts a clip in (+1) or out (−1).
    fn count(&mut self, codes: Codes, sign: i64) {
        for (seen, (pair, ..)) in self.seen_pairs.iter_mut().zip(&self.pairs) {
            *seen += sign * i64::from(codes.contains_all(*pair));
        }
        self.seen_classes[class_index(objective_class(codes))] += sign;
        self.seen_singles += sign * i64::from(codes.len() == 1);
        self.crowding += sign * crowd(codes);
    }

    fn distance(&self) -> i64 {
        let pairs =
            self.pairs.iter().zip(&self.seen_pairs).map(|((_, wanted, weight), seen)| weight * (seen - wanted).abs());
        let classes = self.wanted_classes.iter().flat_map(|wanted| wanted.iter().zip(&self.seen_classes));
        let astray: i64 = classes.map(|(wanted, seen)| WEIGHT_OF_CLASS * (seen - wanted).abs()).sum();
        pairs.sum::<i64>()
            + astray
            + WEIGHT_OF_SINGLES * (self.seen_singles - self.wanted_singles).abs()
            + self.crowding
    }

    /// One clip gives an AU to another, mostly for one in return; undone when that makes things worse by more than `heat`.
    fn exchange(&mut self, giver: usize, taker: usize, heat: i64, dice: &mut Dice) {
        let before = [self.clips[giver], self.clips[taker]];
        let Some(given) = pick(before[0], dice) else { return };
        let back = if dice.chance(0.3) { None } else { pick(before[1], dice) };
        if before[1].contains(given) || back.is_some_and(|au| before[0].contains(au)) {
            return;
        }
        let mut after = [before[0].without(given), before[1].with(given)];
        if let Some(au) = back {
            after = [after[0].with(au), after[1].without(au)];
        }
        before.iter().for_each(|&codes| self.count(codes, -1));
        after.iter().for_each(|&codes| self.count(codes, 1));
        let cost = self.distance();
        if cost <= self.cost + heat {
            (self.clips[giver], self.clips[taker], self.cost) = (after[0], after[1], cost);
        } else {
            after.iter().for_each(|&codes| self.count(codes, -1));
            before.iter().for_each(|&codes| self.count(codes, 1));
        }
    }
}

/// Position of a class in tables of seven.
pub(crate) fn class_index(class: ObjectiveClass) -> usize {
    ObjectiveClass::ALL.iter().position(|&other| other == class).expect("ALL holds every class")
}

fn pick(codes: Codes, dice: &mut Dice) -> Option<u8> {
    codes.iter().nth(dice.below(codes.len()))
}

/// A first deal by chance: the clips go round, each AU to the next clip that lacks it.
fn scattered(targets: &Targets, dice: &mut Dice) -> Vec<Codes> {
    let mut cards: Vec<u8> = targets.aus.iter().flat_map(|&(au, count)| std::iter::repeat_n(au, count)).collect();
    shuffle(&mut cards, dice);
    let mut clips = vec![Codes::default(); targets.clips];
    for (number, &au) in cards.iter().enumerate() {
        let free = (0..clips.len()).map(|step| (number + step) % clips.len()).find(|&clip| !clips[clip].contains(au));
        let clip = free.expect("no AU is shown by more clips than there are");
        clips[clip] = clips[clip].with(au);
    }
    clips
}

/// Puts things in an order by chance.
pub(crate) fn shuffle<T>(things: &mut [T], dice: &mut Dice) {
    for last in (1..things.len()).rev() {
        things.swap(last, dice.below(last + 1));
    }
}
