//! The action units that count in a clip, by FACS number: `1+L2+R12+38+?14`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use microau_core::au::{Au, Side};
use microau_core::sample::AuLabels;

/// FACS numbers present, with their sides, and numbers left open.
///
/// The notation is that of [`AuLabels`], but any number from 1 to 99 may stand in it: objective classes ask for 38 and 40,
/// which no model here knows. A bare `?` leaves open every number that is not named; alone it is a clip that was never
/// annotated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuCodes {
    left: BTreeSet<u8>,
    right: BTreeSet<u8>,
    open: BTreeSet<u8>,
    is_rest_open: bool,
}

impl AuCodes {
    /// A clip that was not annotated.
    pub fn unannotated() -> AuCodes {
        AuCodes { is_rest_open: true, ..AuCodes::default() }
    }

    /// Whether nobody annotated the clip.
    pub fn is_unannotated(&self) -> bool {
        *self == AuCodes::unannotated()
    }

    /// Adds a number on one side, or on both when `side` is `None`.
    pub fn insert(&mut self, number: u8, side: Option<Side>) {
        self.open.remove(&number);
        if side != Some(Side::Right) {
            self.left.insert(number);
        }
        if side != Some(Side::Left) {
            self.right.insert(number);
        }
    }

    /// Says of a number that it is open whether it is there. One that is present already stays so.
    pub fn leave_open(&mut self, number: u8) {
        if !self.contains(number) {
            self.open.insert(number);
        }
    }

    /// Says the same of every number that is not named.
    pub fn leave_rest_open(&mut self) {
        self.is_rest_open = true;
    }

    /// Whether a number is present on any side.
    pub fn contains(&self, number: u8) -> bool {
        self.left.contains(&number) || self.right.contains(&number)
    }

    /// The numbers present, ascending: what objective classes are made from.
    pub fn numbers(&self) -> impl Iterator<Item = u8> {
        self.left.union(&self.right).copied()
    }

    /// The labels of the action units known to core.
    pub fn labels(&self) -> AuLabels {
        let mut labels = if self.is_rest_open { AuLabels::unannotated() } else { AuLabels::NONE };
        for (number, au) in self.numbers().filter_map(|number| Some((number, Au::from_number(number)?))) {
            labels.insert(au, self.one_side(number));
        }
        self.open.iter().filter_map(|&number| Au::from_number(number)).for_each(|au| labels.leave_open(au));
        labels
    }

    fn one_side(&self, number: u8) -> Option<Side> {
        match (self.left.contains(&number), self.right.contains(&number)) {
            (true, false) => Some(Side::Left),
            (false, true) => Some(Side::Right),
            _ => None,
        }
    }
}

impl fmt::Display for AuCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = self.numbers().map(|number| {
            let side = self.one_side(number).map(|side| side.letter().to_string()).unwrap_or_default();
            format!("{side}{number}")
        });
        let open = self.open.iter().map(|number| format!("?{number}"));
        let rest = self.is_rest_open.then(|| "?".to_owned());
        f.pad(&present.chain(open).chain(rest).collect::<Vec<_>>().join("+"))
    }
}

/// A text that is no list of codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected action units such as 1+L2+R12+?14, got {item:?} in {text:?}")]
pub struct BadAuCodes {
    /// The part that could not be read.
    pub item: String,
    /// The whole text.
    pub text: String,
}

impl FromStr for AuCodes {
    type Err = BadAuCodes;

    /// Reads what `Display` writes; an empty text is no action unit.
    fn from_str(text: &str) -> Result<AuCodes, BadAuCodes> {
        let mut codes = AuCodes::default();
        for item in text.split('+').map(str::trim).filter(|_| !text.trim().is_empty()) {
            let bad = || BadAuCodes { item: item.to_owned(), text: text.to_owned() };
            let digits = item.trim_start_matches(['L', 'R', '?']);
            let number = || digits.parse().ok().filter(|number| (1..=99).contains(number)).ok_or_else(bad);
            match &item[..item.len() - digits.len()] {
                "" => codes.insert(number()?, None),
                "L" => codes.insert(number()?, Some(Side::Left)),
                "R" => codes.insert(number()?, Some(Side::Right)),
                "?" if digits.is_empty() => codes.leave_rest_open(),
                "?" => codes.leave_open(number()?),
                _ => return Err(bad()),
            }
        }
        Ok(codes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_agree_with_the_labels_of_core() {
        for text in ["", "12", "1+L2+R12", "4+7+9", "4+?12", "?"] {
            let codes: AuCodes = text.parse().unwrap();
            assert_eq!(codes.to_string(), text);
            assert_eq!(codes.labels(), text.parse::<AuLabels>().unwrap());
        }
    }

    #[test]
    fn numbers_outside_core_are_kept_in_the_codes_only() {
        let codes: AuCodes = "4+38+?40".parse().unwrap();
        assert_eq!(codes.numbers().collect::<Vec<_>>(), [4, 38]);
        assert_eq!(codes.to_string(), "4+38+?40");
        assert_eq!(codes.labels().to_string(), "4");
    }

    #[test]
    fn a_bare_question_mark_leaves_open_what_is_not_named() {
        let labels = "4+?".parse::<AuCodes>().unwrap().labels();
        assert_eq!([Au::Au4, Au::Au12].map(|au| labels.state(au)), [Some(true), None]);
    }

    #[test]
    fn what_is_no_code_is_refused_by_name() {
        for (text, item) in [("1+X3", "X3"), ("0", "0"), ("100", "100"), ("L", "L"), ("1++2", "")] {
            assert_eq!(text.parse::<AuCodes>().unwrap_err().item, item);
        }
    }
}
