//! Who is filmed: a head, the style of its skin and how it wrinkles.

use crate::dice::Dice;
use crate::identity::Identity;
use crate::settings::SynthSettings;

/// A person, drawn from one seed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub seed: u64,
    pub identity: Identity,
    /// Strength of colour variation and pores.
    pub skin_detail: f32,
    /// Largest strength of stubble, freckles and lines of age.
    pub marks: f32,
    pub gloss: f32,
    /// Height of wrinkles that come with an AU.
    pub wrinkle: f32,
}

impl Person {
    /// The person of a seed.
    pub fn sample(settings: &SynthSettings, seed: u64) -> Person {
        let mut looks = Dice::new(seed, "look");
        let skin_detail = looks.span(settings.look.skin_detail);
        let gloss = looks.span(settings.look.gloss);
        let wrinkle = looks.span(settings.look.wrinkle);
        let identity = Identity::sample(&settings.identity, seed);
        Person { seed, identity, skin_detail, marks: settings.look.marks, gloss, wrinkle }
    }

    /// Whether two people look the same at rest.
    pub fn looks_like(&self, other: &Person) -> bool {
        let paint = |person: &Person| [person.skin_detail.to_bits(), person.marks.to_bits()];
        self.identity == other.identity && paint(self) == paint(other)
    }
}
