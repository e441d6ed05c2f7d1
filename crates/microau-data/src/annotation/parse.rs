//! Recursive descent over a cell of action units. The grammar stands at the head of [`annotation`](super).

use std::str::FromStr;

use super::{Annotation, Grade, Kind, Place, Unit};

/// A cell that is no list of action units.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got {got:?} in {cell:?}")]
pub struct BadAnnotation {
    /// What should stand there.
    pub expected: &'static str,
    /// What stands there, to the end of the cell.
    pub got: String,
    /// The whole cell.
    pub cell: String,
}

impl FromStr for Annotation {
    type Err = BadAnnotation;

    /// Reads a cell; letters may be small, spaces may stand anywhere but inside a number, and a separator may be left
    /// over at the end. A cell that Excel took for a number (`4` written as `4.0`) is that number.
    fn from_str(cell: &str) -> Result<Annotation, BadAnnotation> {
        let trimmed = cell.trim();
        let rest = trimmed.strip_suffix(".0").filter(|digits| digits.parse::<u8>().is_ok()).unwrap_or(trimmed);
        let mut reader = Reader { rest };
        reader.cell().map_err(|expected| BadAnnotation { expected, got: reader.rest.to_owned(), cell: cell.to_owned() })
    }
}

/// What should have stood where the reader is.
type Expected = &'static str;

/// What is left of a cell.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn cell(&mut self) -> Result<Annotation, Expected> {
        let mut annotation = Annotation::default();
        while !self.is_done() {
            self.item(&mut annotation)?;
            if !self.is_done() && !["+", ",", "，"].iter().any(|separator| self.take(separator)) {
                return Err("a separator (+ or ,)");
            }
        }
        Ok(annotation)
    }

    fn item(&mut self, annotation: &mut Annotation) -> Result<(), Expected> {
        if self.take("?") || self.take("#?") {
            annotation.has_unnamed = true;
        } else if let Some(words) = self.words() {
            annotation.notes.push(words);
        } else if self.take("(") {
            let units = self.alternatives(annotation)?;
            self.closing()?;
            annotation.coded.push(units);
        } else {
            let units = self.alternatives(annotation)?;
            annotation.coded.push(units);
        }
        Ok(())
    }

    fn alternatives(&mut self, annotation: &mut Annotation) -> Result<Vec<Unit>, Expected> {
        let mut units = vec![self.unit()?];
        while self.take("or") {
            units.push(self.unit()?);
        }
        annotation.notes.extend(self.words());
        Ok(units)
    }

    fn unit(&mut self) -> Result<Unit, Expected> {
        if self.take("ref") {
            if !self.take("(") {
                return Err("an opening bracket");
            }
            let unit = self.plain_unit()?;
            self.closing()?;
            let is_doubtful = self.take("?") || unit.is_doubtful;
            return Ok(Unit { is_reference: true, is_doubtful, ..unit });
        }
        self.plain_unit()
    }

    fn plain_unit(&mut self) -> Result<Unit, Expected> {
        let kind = self.kind();
        let place = Place::LETTERS.iter().find(|(letters, _)| self.take(letters));
        let number = self.number()?;
        let grade = self.grade()?;
        let has_k = self.take("(k)");
        let is_doubtful = self.take("?");
        let place = place.map_or(Place::Whole, |(_, place)| *place);
        Ok(Unit { number, kind, place, grade, is_reference: false, is_doubtful, has_k })
    }

    fn kind(&mut self) -> Kind {
        if self.take("AD") {
            Kind::Descriptor
        } else if self.take("M") {
            Kind::Movement
        } else {
            self.take("AU");
            Kind::Unit
        }
    }

    fn number(&mut self) -> Result<u8, Expected> {
        const NUMBER: Expected = "the number of an action unit, 1 to 99";
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().ok().filter(|number| (1..=99).contains(number)).ok_or(NUMBER)?;
        self.rest = &self.rest[end..];
        Ok(number)
    }

    /// An intensity right behind the number: a letter after a space begins a word.
    fn grade(&mut self) -> Result<Option<Grade>, Expected> {
        let Some(letter) = self.grade_letter() else { return Ok(None) };
        let up_to = match self.rest.strip_prefix('/') {
            Some(rest) => {
                self.rest = rest;
                Some(self.grade_letter().ok_or("an intensity from A to E")?)
            }
            None => None,
        };
        Ok(Some(Grade { letter, up_to }))
    }

    fn grade_letter(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?.to_ascii_uppercase();
        if !('A'..='E').contains(&letter) {
            return None;
        }
        self.rest = &self.rest[1..];
        Some(letter)
    }

    fn closing(&mut self) -> Result<(), Expected> {
        if self.take(")") { Ok(()) } else { Err("a closing bracket") }
    }

    /// Words up to the next separator, when there is no digit and no bracket in them.
    fn words(&mut self) -> Option<String> {
        let text = self.rest.trim_start();
        let end = text.find(['+', ',', '，', ')']).unwrap_or(text.len());
        let words = text[..end].trim_end();
        let begins = words.chars().next().is_some_and(char::is_alphabetic);
        if !begins || words.contains(|letter: char| letter.is_numeric() || "()?#/".contains(letter)) {
            return None;
        }
        self.rest = &text[end..];
        Some(words.to_owned())
    }

    /// Passes over a text, whatever the size of its letters and the spaces before it.
    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.trim_start();
        let is_here = rest.get(..text.len()).is_some_and(|here| here.eq_ignore_ascii_case(text));
        if is_here {
            self.rest = &rest[text.len()..];
        }
        is_here
    }

    fn is_done(&self) -> bool {
        self.rest.trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> Annotation {
        cell.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    fn only(cell: &str) -> Unit {
        let annotation = read(cell);
        let [units] = annotation.coded.as_slice() else { panic!("{cell}: {annotation:?}") };
        let [unit] = units.as_slice() else { panic!("{cell}: {units:?}") };
        *unit
    }

    fn grade(letter: char) -> Option<Grade> {
        Some(Grade { letter, up_to: None })
    }

    #[test]
    fn every_shape_of_the_published_tables_is_read() {
        // cell, and the same in one spelling: shapes of CASME II, SAMM, 4DME and CAS(ME)3
        let shapes = [
            ("4+L10", "4+L10"),
            ("R14", "R14"),
            ("4+7?", "4+7?"),
            ("L7A", "L7A"),
            ("A12B", "A12B"),
            ("A9E", "A9E"),
            ("A/L12", "A/L12"),
            ("B18", "B18"),
            ("T18", "T18"),
            ("ref(7B)", "ref(7B)"),
            ("ref(43)", "ref(43)"),
            ("(R6 or R12)+R15", "(R6 or R12)+R15"),
            ("L12 or L14", "(L12 or L14)"),
            ("R10A or 9A", "(R10A or 9A)"),
            ("AD38", "AD38"),
            ("M58", "M58"),
            ("R4,5", "R4+5"),
            ("4，5，", "4+5"),
            ("L12 + 61", "L12+61"),
            ("AU4+AU7(k)", "4+7(k)"),
            ("l12+r14", "L12+R14"),
            ("12A/B", "12A/B"),
            ("4+", "4"),
            ("4?,", "4?"),
            ("?", "?"),
            ("#?", "?"),
            ("4.0", "4"),
            ("12+soft focus", "12+soft focus"),
            ("", ""),
        ];
        for (cell, spelling) in shapes {
            assert_eq!(read(cell).to_string(), spelling, "{cell}");
        }
    }

    #[test]
    fn a_letter_before_the_number_is_a_place_and_behind_it_an_intensity() {
        assert_eq!((only("A9").place, only("A9").grade), (Place::Asymmetric, None));
        assert_eq!((only("9A").place, only("9A").grade), (Place::Whole, grade('A')));
        assert_eq!((only("A9E").place, only("A9E").grade), (Place::Asymmetric, grade('E')));
        assert_eq!((only("B18").place, only("18B").grade), (Place::Bottom, grade('B')));
        assert_eq!(only("12A/B").grade, Some(Grade { letter: 'A', up_to: Some('B') }));
        assert_eq!((only("AD38").kind, only("AD38").number), (Kind::Descriptor, 38));
    }

    #[test]
    fn alternatives_stay_together_and_apart_from_what_follows() {
        let annotation = read("(R6 or R12)+R15");
        assert_eq!(annotation.coded.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(read("4+L12 or L14").coded.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn words_beside_codes_are_notes() {
        assert_eq!(read("soft focus").notes, ["soft focus"]);
        assert!(read("soft focus").is_empty());
        let annotation = read("L12 soft focus, 7");
        assert_eq!((annotation.coded.len(), annotation.notes.as_slice()), (2, ["soft focus".to_owned()].as_slice()));
    }

    #[test]
    fn what_is_no_list_of_units_is_refused_with_the_place() {
        let cases = [
            ("4+x7", "x7"),
            ("4++7", "+7"),
            ("100", "100"),
            ("0", "0"),
            ("ref(7", ""),
            ("4 7", "7"),
            ("(4 or", ""),
            ("12A/7", "7"),
            ("46119", "46119"),
        ];
        for (cell, got) in cases {
            let error = cell.parse::<Annotation>().unwrap_err();
            assert_eq!(error.got.trim_start(), got, "{error}");
        }
    }
}
