//! What coders wrote in a cell of action units, as they wrote it: `(R6 or R12)+R15`, `ref(7B)`, `4+7?`, `AU4+AU7(k)`.
//!
//! [`Annotation`] keeps every mark of the cell. What a mark means for a label is a choice that published loaders make
//! differently, so it is a setting: [`AuPolicy`] turns an annotation into [`AuCodes`], the numbers that count as present
//! and those left open, written as `1+L2+R12+?14`.
//!
//! ```text
//! cell  := "" | number | item (sep item)* [sep]        sep := "+" | "," | "，"
//! item  := unit ("or" unit)* | "(" unit ("or" unit)* ")" | "?" | words
//! unit  := "ref(" unit ")" | ["AU" | "AD" | "M"] [side] digits [grade ["/" grade]] ["(k)"] ["?"] [words]
//! side  := "L" | "R" | "T" | "B" | "A" | "A/L" | "A/R"
//! grade := "A" | "B" | "C" | "D" | "E"
//! ```
//!
//! Before the digits `A` means asymmetric, behind them it is an intensity: `A9` is not `9A`.

mod codes;
mod parse;
mod policy;

use std::fmt;

pub use codes::{AuCodes, BadAuCodes};
pub use parse::BadAnnotation;
pub use policy::{Alternative, AuPolicy, Treat};

/// The content of one cell of action units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// What was coded, in the order of the cell: one unit each, or several of which one holds (`L12 or L14`).
    pub coded: Vec<Vec<Unit>>,
    /// Whether a bare `?` says that something was seen which nobody could name.
    pub has_unnamed: bool,
    /// Words that are no code, e.g. `soft focus`.
    pub notes: Vec<String>,
}

impl Annotation {
    /// Whether the cell holds no code at all.
    pub fn is_empty(&self) -> bool {
        self.coded.is_empty() && !self.has_unnamed
    }

    /// Every unit named in the cell, alternatives included.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.coded.iter().flatten()
    }
}

/// One coded unit with all its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// FACS number, 1 to 99; also of units that [`microau_core::au::Au`] does not know, such as 38.
    pub number: u8,
    /// What kind of code it is.
    pub kind: Kind,
    /// Where on the face it was seen, as far as that was coded.
    pub place: Place,
    /// How strong it was.
    pub grade: Option<Grade>,
    /// `ref()`: the code is about the reference (onset) frame.
    pub is_reference: bool,
    /// `?`: the coder was not sure.
    pub is_doubtful: bool,
    /// `(k)`, a mark of 4DME whose meaning its loaders do not state.
    pub has_k: bool,
}

/// Kind of a FACS code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An action unit; the letters `AU` may stand before it.
    Unit,
    /// An action descriptor, `AD38`.
    Descriptor,
    /// A movement of the head or the eyes, `M58`.
    Movement,
}

/// Where on the face a unit was seen. Sides are the subject's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Not coded: both sides.
    Whole,
    /// Left side only, `L12`.
    Left,
    /// Right side only, `R12`.
    Right,
    /// Upper lip only, `T18`.
    Top,
    /// Lower lip only, `B18`.
    Bottom,
    /// Both sides unequally, `A9`.
    Asymmetric,
    /// Both sides, the left more, `A/L12`.
    MoreLeft,
    /// Both sides, the right more, `A/R12`.
    MoreRight,
}

impl Place {
    /// Letters that stand before the number, the longer ones first.
    const LETTERS: [(&'static str, Place); 7] = [
        ("A/L", Place::MoreLeft),
        ("A/R", Place::MoreRight),
        ("A", Place::Asymmetric),
        ("L", Place::Left),
        ("R", Place::Right),
        ("T", Place::Top),
        ("B", Place::Bottom),
    ];

    /// Whether both sides moved, but not alike.
    pub const fn is_asymmetric(self) -> bool {
        matches!(self, Place::Asymmetric | Place::MoreLeft | Place::MoreRight)
    }
}

/// Intensity from `A` (trace) to `E` (maximum); `A/B` lies between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grade {
    /// Letter from `A` to `E`.
    pub letter: char,
    /// The other letter of `A/B`.
    pub up_to: Option<char>,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter)?;
        self.up_to.map_or(Ok(()), |letter| write!(f, "/{letter}"))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Unit => "",
            Kind::Descriptor => "AD",
            Kind::Movement => "M",
        };
        let place = Place::LETTERS.iter().find(|(_, place)| *place == self.place).map_or("", |(letters, _)| letters);
        let (open, close) = if self.is_reference { ("ref(", ")") } else { ("", "") };
        write!(f, "{open}{kind}{place}{}", self.number)?;
        self.grade.map_or(Ok(()), |grade| write!(f, "{grade}"))?;
        write!(f, "{}{}{close}", if self.has_k { "(k)" } else { "" }, if self.is_doubtful { "?" } else { "" })
    }
}

/// The cell in one spelling, with every mark: parsing it gives the same annotation.
impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = |units: &Vec<Unit>| {
            let names: Vec<String> = units.iter().map(Unit::to_string).collect();
            if names.len() == 1 { names[0].clone() } else { format!("({})", names.join(" or ")) }
        };
        let coded = self.coded.iter().map(item);
        let unnamed = self.has_unnamed.then(|| "?".to_owned());
        let items: Vec<String> = coded.chain(unnamed).chain(self.notes.iter().cloned()).collect();
        f.write_str(&items.join("+"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place() -> impl Strategy<Value = Place> {
        let places: Vec<Place> = Place::LETTERS.iter().map(|(_, place)| *place).chain([Place::Whole]).collect();
        proptest::sample::select(places)
    }

    fn unit() -> impl Strategy<Value = Unit> {
        let kinds = proptest::sample::select(vec![Kind::Unit, Kind::Descriptor, Kind::Movement]);
        let letter = || proptest::char::range('A', 'E');
        let grade = proptest::option::of((letter(), proptest::option::of(letter())));
        (1..=99_u8, kinds, place(), grade, any::<[bool; 3]>()).prop_map(|(number, kind, place, grade, marks)| Unit {
            number,
            kind,
            place,
            grade: grade.map(|(letter, up_to)| Grade { letter, up_to }),
            is_reference: marks[0],
            is_doubtful: marks[1],
            has_k: marks[2],
        })
    }

    pub(super) fn annotation() -> impl Strategy<Value = Annotation> {
        let coded = proptest::collection::vec(proptest::collection::vec(unit(), 1..4), 0..5);
        let notes = proptest::collection::vec(proptest::sample::select(vec!["soft focus", "talking", "blink"]), 0..2);
        (coded, any::<bool>(), notes).prop_map(|(coded, has_unnamed, notes)| Annotation {
            coded,
            has_unnamed,
            notes: notes.into_iter().map(str::to_owned).collect(),
        })
    }

    proptest! {
        #[test]
        fn an_annotation_reads_back_as_it_is_written(annotation in annotation()) {
            prop_assert_eq!(annotation.to_string().parse::<Annotation>(), Ok(annotation));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[LRTBAlrADEMUref()or ,+?/k0-9，é]{0,24}") {
            let _ = text.parse::<Annotation>();
        }
    }
}
