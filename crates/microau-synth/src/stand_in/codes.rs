//! Sets of FACS numbers as annotators write them, among them units that cannot be filmed (38, 43), and their objective class.

use microau_core::emotion::ObjectiveClass;

/// A set of FACS numbers below 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Codes(u64);

impl Codes {
    /// The set of the numbers given.
    pub const fn of(numbers: &[u8]) -> Codes {
        let mut set = Codes(0);
        let mut i = 0;
        while i < numbers.len() {
            set = set.with(numbers[i]);
            i += 1;
        }
        set
    }

    /// The set and one more.
    pub const fn with(self, number: u8) -> Codes {
        Codes(self.0 | 1 << number)
    }

    /// The set less one.
    pub const fn without(self, number: u8) -> Codes {
        Codes(self.0 & !(1 << number))
    }

    /// Whether a number is in the set.
    pub const fn contains(self, number: u8) -> bool {
        self.0 & 1 << number != 0
    }

    /// Whether all of another set are in this one.
    pub const fn contains_all(self, other: Codes) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of another set is in this one.
    pub const fn contains_any(self, other: Codes) -> bool {
        self.0 & other.0 != 0
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The numbers, rising.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |&number| self.contains(number))
    }
}

use ObjectiveClass::{I, II, III, IV, V, VI, VII};

/// The sets that have a class of their own (Davison et al. 2017); all others are class VII.
#[rustfmt::skip]
const CLASSES: [(ObjectiveClass, &[Codes]); 6] = [
    (I, &[Codes::of(&[6]), Codes::of(&[12]), Codes::of(&[6, 12]), Codes::of(&[6, 7, 12]), Codes::of(&[7, 12])]),
    (II, &[
        Codes::of(&[1, 2]), Codes::of(&[5]), Codes::of(&[25]), Codes::of(&[1, 2, 25]), Codes::of(&[25, 26]),
        Codes::of(&[5, 24]),
    ]),
    (III, &[
        Codes::of(&[23]), Codes::of(&[4]), Codes::of(&[4, 7]), Codes::of(&[4, 5]), Codes::of(&[4, 5, 7]),
        Codes::of(&[17, 24]), Codes::of(&[4, 6, 7]), Codes::of(&[4, 38]),
    ]),
    (IV, &[
        Codes::of(&[10]), Codes::of(&[9]), Codes::of(&[4, 9]), Codes::of(&[4, 40]), Codes::of(&[4, 5, 40]),
        Codes::of(&[4, 7, 9]), Codes::of(&[4, 9, 17]), Codes::of(&[4, 7, 10]), Codes::of(&[4, 5, 7, 9]),
        Codes::of(&[7, 10]),
    ]),
    (V, &[Codes::of(&[1]), Codes::of(&[15]), Codes::of(&[1, 4]), Codes::of(&[6, 15]), Codes::of(&[15, 17])]),
    (VI, &[Codes::of(&[1, 2, 4]), Codes::of(&[20])]),
];

/// Objective class of a set of codes, sides and intensities dropped.
pub(crate) fn objective_class(codes: Codes) -> ObjectiveClass {
    CLASSES.iter().find(|(_, sets)| sets.contains(&codes)).map_or(VII, |&(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_and_nothing_else() {
        let set = Codes::of(&[4, 63]).with(12).without(4);
        assert_eq!(set.iter().collect::<Vec<_>>(), [12, 63]);
        assert!(set.len() == 2 && set.contains_any(Codes::of(&[4, 12])) && !set.contains_all(Codes::of(&[4, 12])));
    }

    #[test]
    fn classes_are_those_of_the_published_table() {
        let class = |numbers: &[u8]| objective_class(Codes::of(numbers));
        assert_eq!([class(&[12, 6]), class(&[2, 1]), class(&[38, 4])], [I, II, III]);
        assert_eq!([class(&[9, 4, 17]), class(&[1, 4]), class(&[4, 2, 1])], [IV, V, VI]);
        assert_eq!([class(&[14]), class(&[7]), class(&[4, 10])], [VII, VII, VII]);
    }
}
