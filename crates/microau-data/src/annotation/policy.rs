//! What the marks of an annotation mean for a label: settings, because published loaders choose differently.

use std::fmt;

use microau_core::au::Side;
use microau_core::sample::AuLabels;
use serde::{Deserialize, Serialize};

use super::{Annotation, AuCodes, Place, Unit};

/// What becomes of a unit with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Treat {
    /// It counts as present. `count` means the same.
    #[serde(alias = "count")]
    Present,
    /// It counts as absent. `drop` means the same.
    #[serde(alias = "drop")]
    Absent,
    /// It is left open: neither learned from nor judged.
    Open,
}

/// What becomes of units joined by `or`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alternative {
    /// The one that the published list of the dataset names; where it names none, the last, as that list mostly does.
    Listed,
    /// The first counts, the others do not.
    First,
    /// All count.
    All,
    /// All are left open; a unit that every alternative names counts without its side.
    Open,
}

/// How marks are read. The defaults are those of the MEB loaders (`tvaranka/meb`), from which published CD6ME counts come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuPolicy {
    /// `ref(7B)`. Default `present`: MEB keeps the digits of a cell and nothing else.
    pub reference: Treat,
    /// `7?`. Default `present`, as in MEB. A bare `?` names no unit and is passed over, but with `open` every unit that the
    /// cell does not name is open.
    pub doubtful: Treat,
    /// `L12 or L14`. Default `listed`, as in MEB.
    pub alternative: Alternative,
    /// `7(k)`. Default `absent`, as in MEB unless its `ignore_ks` is set.
    pub k: Treat,
    /// `A9`, `A/L12`: both sides unequally. Default `present` on both sides, as in MEB.
    pub asymmetric: Treat,
}

impl Default for AuPolicy {
    fn default() -> AuPolicy {
        AuPolicy {
            reference: Treat::Present,
            doubtful: Treat::Present,
            alternative: Alternative::Listed,
            k: Treat::Absent,
            asymmetric: Treat::Present,
        }
    }
}

impl AuPolicy {
    /// What becomes of one unit: the least certain of what its marks say.
    fn treat(&self, unit: &Unit) -> Treat {
        let marks = [
            (unit.is_reference, self.reference),
            (unit.is_doubtful, self.doubtful),
            (unit.has_k, self.k),
            (unit.place.is_asymmetric(), self.asymmetric),
        ];
        let said = |wanted| marks.iter().any(|&(is_marked, treat)| is_marked && treat == wanted);
        if said(Treat::Absent) {
            Treat::Absent
        } else if said(Treat::Open) {
            Treat::Open
        } else {
            Treat::Present
        }
    }

    fn add(&self, unit: &Unit, side: Option<Side>, codes: &mut AuCodes) {
        match self.treat(unit) {
            Treat::Present => codes.insert(unit.number, side),
            Treat::Open => codes.leave_open(unit.number),
            Treat::Absent => {}
        }
    }
}

/// One line, as it stands in results: `reference=present doubtful=present alternative=listed k=absent asymmetric=present`.
impl fmt::Display for AuPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let treat = |treat| match treat {
            Treat::Present => "present",
            Treat::Absent => "absent",
            Treat::Open => "open",
        };
        let alternative = match self.alternative {
            Alternative::Listed => "listed",
            Alternative::First => "first",
            Alternative::All => "all",
            Alternative::Open => "open",
        };
        let (reference, doubtful, k) = (treat(self.reference), treat(self.doubtful), treat(self.k));
        let asymmetric = treat(self.asymmetric);
        write!(f, "reference={reference} doubtful={doubtful} alternative={alternative} k={k} asymmetric={asymmetric}")
    }
}

impl Annotation {
    /// The codes that a policy makes of the cell; a cell with nothing in it has none.
    pub fn codes(&self, policy: &AuPolicy) -> AuCodes {
        let mut codes = AuCodes::default();
        for units in &self.coded {
            let (first, last) = (&units[0], &units[units.len() - 1]);
            match policy.alternative {
                Alternative::Listed => policy.add(last, side(last), &mut codes),
                Alternative::First => policy.add(first, side(first), &mut codes),
                Alternative::All => units.iter().for_each(|unit| policy.add(unit, side(unit), &mut codes)),
                Alternative::Open if units.len() == 1 => policy.add(first, side(first), &mut codes),
                Alternative::Open if units.iter().all(|unit| unit.number == first.number) => {
                    policy.add(first, None, &mut codes);
                }
                Alternative::Open => units.iter().for_each(|unit| codes.leave_open(unit.number)),
            }
        }
        if self.has_unnamed && policy.doubtful == Treat::Open {
            codes.leave_rest_open();
        }
        codes
    }

    /// The labels that a policy makes of the cell, of the action units known to core.
    pub fn labels(&self, policy: &AuPolicy) -> AuLabels {
        self.codes(policy).labels()
    }
}

/// The one side on which a unit was seen; lips above or below are on both.
fn side(unit: &Unit) -> Option<Side> {
    match unit.place {
        Place::Left => Some(Side::Left),
        Place::Right => Some(Side::Right),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::annotation;
    use super::*;
    use proptest::prelude::*;

    fn codes(cell: &str, policy: &AuPolicy) -> String {
        cell.parse::<Annotation>().unwrap().codes(policy).to_string()
    }

    #[test]
    fn by_default_marks_are_read_as_the_meb_loaders_do() {
        let policy = AuPolicy::default();
        let cases = [
            ("ref(7B)+12", "7+12"),
            ("4+7?", "4+7"),
            ("(R6 or R12)+R15", "R12+R15"),
            ("L12 or L14", "L14"),
            ("AU4+AU7(k)", "4"),
            ("A/L12+A9", "9+12"),
            ("4+AD38+M58", "4+38+58"),
            ("B18", "18"),
            ("4+?", "4"),
            ("?", ""),
            ("", ""),
        ];
        for (cell, text) in cases {
            assert_eq!(codes(cell, &policy), text, "{cell}");
        }
        assert_eq!(
            policy.to_string(),
            "reference=present doubtful=present alternative=listed k=absent asymmetric=present"
        );
    }

    #[test]
    fn every_mark_can_be_left_open_or_dropped() {
        let open = AuPolicy {
            reference: Treat::Open,
            doubtful: Treat::Open,
            alternative: Alternative::Open,
            k: Treat::Open,
            asymmetric: Treat::Open,
        };
        let cases = [
            ("ref(7B)+12", "12+?7"),
            ("4+7?", "4+?7"),
            ("(R6 or R12)+R15", "R15+?6+?12"),
            ("L12 or R12", "12"),
            ("4+7(k)", "4+?7"),
            ("A9", "?9"),
            ("4+?", "4+?"),
            ("?", "?"),
        ];
        for (cell, text) in cases {
            assert_eq!(codes(cell, &open), text, "{cell}");
        }
        let all = AuPolicy { alternative: Alternative::All, doubtful: Treat::Absent, ..AuPolicy::default() };
        assert_eq!(codes("L12 or L14", &all), "L12+L14");
        assert_eq!(codes("4+7?", &all), "4");
        let first = AuPolicy { alternative: Alternative::First, reference: Treat::Absent, ..all };
        assert_eq!(codes("(R6 or R12)+ref(7B)", &first), "R6");
    }

    #[test]
    fn labels_hold_the_units_known_to_core() {
        let labels = "L12+38+4?".parse::<Annotation>().unwrap().labels(&AuPolicy::default());
        assert_eq!(labels.to_string(), "4+L12");
    }

    proptest! {
        #[test]
        fn codes_read_back_as_they_are_written_under_any_policy(annotation in annotation(), choice in 0..81_usize) {
            let treat = |digit: usize| [Treat::Present, Treat::Absent, Treat::Open][digit % 3];
            let alternatives = [Alternative::Listed, Alternative::First, Alternative::All, Alternative::Open];
            let policy = AuPolicy {
                reference: treat(choice),
                doubtful: treat(choice / 3),
                k: treat(choice / 9),
                asymmetric: treat(choice / 27),
                alternative: alternatives[choice % 4],
            };
            let codes = annotation.codes(&policy);
            prop_assert_eq!(codes.to_string().parse::<AuCodes>(), Ok(codes.clone()));
            prop_assert!(codes.numbers().all(|number| annotation.units().any(|unit| unit.number == number)));
        }
    }
}
