//! Facial action units (AUs) of the Facial Action Coding System (FACS), the sides of a face, and sets of AUs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One facial action unit: the change of appearance that one muscle (group) makes.
///
/// Ordered by number. Serialised as its code, `"AU01"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[repr(u8)]
pub enum Au {
    /// Inner brow raiser.
    Au1 = 1,
    /// Outer brow raiser.
    Au2 = 2,
    /// Brow lowerer.
    Au4 = 4,
    /// Upper lid raiser.
    Au5 = 5,
    /// Cheek raiser.
    Au6 = 6,
    /// Lid tightener.
    Au7 = 7,
    /// Nose wrinkler.
    Au9 = 9,
    /// Upper lip raiser.
    Au10 = 10,
    /// Lip corner puller.
    Au12 = 12,
    /// Dimpler.
    Au14 = 14,
    /// Lip corner depressor.
    Au15 = 15,
    /// Chin raiser.
    Au17 = 17,
    /// Lip stretcher.
    Au20 = 20,
    /// Lip tightener.
    Au23 = 23,
    /// Lip pressor.
    Au24 = 24,
    /// Lips part.
    Au25 = 25,
    /// Jaw drop.
    Au26 = 26,
}

/// What the table of AUs says of one of them.
struct Entry {
    au: Au,
    code: &'static str,
    name: &'static str,
    muscle: &'static str,
    phrase: &'static str,
}

#[rustfmt::skip]
const TABLE: [Entry; 17] = [
    Entry { au: Au::Au1,  code: "AU01", name: "inner brow raiser",    muscle: "frontalis, pars medialis",               phrase: "raising the inner part of the brows" },
    Entry { au: Au::Au2,  code: "AU02", name: "outer brow raiser",    muscle: "frontalis, pars lateralis",              phrase: "raising the outer part of the brows" },
    Entry { au: Au::Au4,  code: "AU04", name: "brow lowerer",         muscle: "corrugator, depressor supercilii",       phrase: "lowering the brows" },
    Entry { au: Au::Au5,  code: "AU05", name: "upper lid raiser",     muscle: "levator palpebrae superioris",           phrase: "raising the upper lids" },
    Entry { au: Au::Au6,  code: "AU06", name: "cheek raiser",         muscle: "orbicularis oculi, pars orbitalis",      phrase: "raising the cheeks" },
    Entry { au: Au::Au7,  code: "AU07", name: "lid tightener",        muscle: "orbicularis oculi, pars palpebralis",    phrase: "tightening the lids" },
    Entry { au: Au::Au9,  code: "AU09", name: "nose wrinkler",        muscle: "levator labii superioris alaeque nasi",  phrase: "wrinkling the nose" },
    Entry { au: Au::Au10, code: "AU10", name: "upper lip raiser",     muscle: "levator labii superioris",               phrase: "raising the upper lip" },
    Entry { au: Au::Au12, code: "AU12", name: "lip corner puller",    muscle: "zygomaticus major",                      phrase: "pulling the corners of the lips" },
    Entry { au: Au::Au14, code: "AU14", name: "dimpler",              muscle: "buccinator",                             phrase: "creating the dimples" },
    Entry { au: Au::Au15, code: "AU15", name: "lip corner depressor", muscle: "depressor anguli oris",                  phrase: "depressing the corners of the lips" },
    Entry { au: Au::Au17, code: "AU17", name: "chin raiser",          muscle: "mentalis",                               phrase: "raising the chin" },
    Entry { au: Au::Au20, code: "AU20", name: "lip stretcher",        muscle: "risorius",                               phrase: "stretching the lips" },
    Entry { au: Au::Au23, code: "AU23", name: "lip tightener",        muscle: "orbicularis oris",                       phrase: "tightening the lips" },
    Entry { au: Au::Au24, code: "AU24", name: "lip pressor",          muscle: "orbicularis oris",                       phrase: "pressing the lips" },
    Entry { au: Au::Au25, code: "AU25", name: "lips part",            muscle: "depressor labii inferioris",             phrase: "parting the lips" },
    Entry { au: Au::Au26, code: "AU26", name: "jaw drop",             muscle: "masseter, relaxed",                      phrase: "dropping the jaw" },
];

impl Au {
    /// All AUs known here, by number.
    #[rustfmt::skip]
    pub const ALL: [Au; 17] = [
        Au::Au1, Au::Au2, Au::Au4, Au::Au5, Au::Au6, Au::Au7, Au::Au9, Au::Au10, Au::Au12, Au::Au14, Au::Au15, Au::Au17,
        Au::Au20, Au::Au23, Au::Au24, Au::Au25, Au::Au26,
    ];

    /// The twelve AUs of the CD6ME protocol (MEB, TAFFC 2023), in its order: the default columns.
    #[rustfmt::skip]
    pub const CD6ME: [Au; 12] = [
        Au::Au1, Au::Au2, Au::Au4, Au::Au5, Au::Au6, Au::Au7, Au::Au9, Au::Au10, Au::Au12, Au::Au14, Au::Au15, Au::Au17,
    ];

    /// FACS number, e.g. 12.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The AU of a FACS number; `None` for one not known here.
    pub fn from_number(number: u8) -> Option<Au> {
        Au::ALL.into_iter().find(|au| au.number() == number)
    }

    /// Column name with two digits, e.g. `AU04`.
    pub fn code(self) -> &'static str {
        self.entry().code
    }

    /// FACS name in lower case, e.g. `lip corner puller`.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Muscle that makes the AU.
    pub fn muscle(self) -> &'static str {
        self.entry().muscle
    }

    /// Movement as a gerund phrase for text prompts, e.g. `raising the cheeks`.
    pub fn phrase(self) -> &'static str {
        self.entry().phrase
    }

    fn entry(self) -> &'static Entry {
        TABLE.iter().find(|entry| entry.au == self).expect("the table holds every AU")
    }

    const fn bit(self) -> u32 {
        1 << self as u8
    }
}

impl fmt::Display for Au {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A text that names no AU known here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an action unit such as AU12 or 12, got {got:?}")]
pub struct UnknownAu {
    /// What was given.
    pub got: String,
}

impl FromStr for Au {
    type Err = UnknownAu;

    /// Reads `AU12`, `au12`, `AU01` or `12`.
    fn from_str(text: &str) -> Result<Au, UnknownAu> {
        let digits = text.trim_start_matches(['A', 'a']).trim_start_matches(['U', 'u']);
        digits.parse().ok().and_then(Au::from_number).ok_or_else(|| UnknownAu { got: text.to_owned() })
    }
}

impl TryFrom<String> for Au {
    type Error = UnknownAu;

    fn try_from(text: String) -> Result<Au, UnknownAu> {
        text.parse()
    }
}

impl From<Au> for String {
    fn from(au: Au) -> String {
        au.code().to_owned()
    }
}

/// Side of the face: the subject's own, as FACS names it (`L12`, `R14`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The subject's left, on the right of an unmirrored picture.
    Left,
    /// The subject's right, on the left of an unmirrored picture.
    Right,
}

impl Side {
    /// Both sides, left first.
    pub const BOTH: [Side; 2] = [Side::Left, Side::Right];

    /// The other side.
    pub const fn other(self) -> Side {
        match self {
            Side::Left => Side::Right,
            Side::Right => Side::Left,
        }
    }

    /// FACS prefix: `L` or `R`.
    pub const fn letter(self) -> char {
        match self {
            Side::Left => 'L',
            Side::Right => 'R',
        }
    }
}

/// A set of AUs, iterated by number.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Au>", into = "Vec<Au>")]
pub struct AuSet(u32);

impl AuSet {
    /// The empty set.
    pub const EMPTY: AuSet = AuSet(0);

    /// Adds an AU; says whether it was new.
    pub fn insert(&mut self, au: Au) -> bool {
        let new = !self.contains(au);
        self.0 |= au.bit();
        new
    }

    /// Takes an AU out; says whether it was there.
    pub fn remove(&mut self, au: Au) -> bool {
        let there = self.contains(au);
        self.0 &= !au.bit();
        there
    }

    /// Whether the AU is in the set.
    pub const fn contains(self, au: Au) -> bool {
        self.0 & au.bit() != 0
    }

    /// Number of AUs in the set.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// AUs in both sets.
    pub const fn intersection(self, other: AuSet) -> AuSet {
        AuSet(self.0 & other.0)
    }

    /// The AUs by number.
    pub fn iter(self) -> impl Iterator<Item = Au> {
        Au::ALL.into_iter().filter(move |&au| self.contains(au))
    }
}

impl FromIterator<Au> for AuSet {
    fn from_iter<I: IntoIterator<Item = Au>>(aus: I) -> AuSet {
        let mut set = AuSet::EMPTY;
        aus.into_iter().for_each(|au| {
            set.insert(au);
        });
        set
    }
}

impl From<Vec<Au>> for AuSet {
    fn from(aus: Vec<Au>) -> AuSet {
        aus.into_iter().collect()
    }
}

impl From<AuSet> for Vec<Au> {
    fn from(set: AuSet) -> Vec<Au> {
        set.iter().collect()
    }
}

/// FACS notation, e.g. `1+2+12`; the empty set prints as nothing.
impl fmt::Display for AuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.iter().map(|au| au.number().to_string()).collect();
        f.pad(&numbers.join("+"))
    }
}

impl fmt::Debug for AuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_au_has_one_entry_under_its_own_code() {
        for au in Au::ALL {
            assert_eq!(au.code(), format!("AU{:02}", au.number()));
            assert_eq!(au.code().parse(), Ok(au));
            assert_eq!(au.number().to_string().parse(), Ok(au));
        }
        assert_eq!(TABLE.len(), Au::ALL.len());
    }

    #[test]
    fn unknown_codes_are_refused() {
        for text in ["AU03", "", "AU", "smile", "AU300", "-1"] {
            assert!(text.parse::<Au>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_set_prints_in_facs_notation_by_number() {
        let set: AuSet = [Au::Au12, Au::Au1, Au::Au12, Au::Au2].into_iter().collect();
        assert_eq!(set.to_string(), "1+2+12");
        assert_eq!(set.len(), 3);
    }

    #[test]
    fn the_highest_au_fits_the_bits_of_a_set() {
        let set: AuSet = Au::ALL.into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), Au::ALL);
    }
}
