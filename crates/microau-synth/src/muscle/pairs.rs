//! Which AUs are shown together: one AU mostly, else company as real annotations have it.

use microau_core::au::{Au, AuSet};

use crate::dice::Dice;
use crate::settings::MuscleSettings;

/// How much likelier than chance a pair is; pairs not named have 0.5 (rare, but seen).
///
/// From the phi coefficients of 1,274 annotated samples of three corpora (1+2 .69, 6+12 .24, 15+17 .17, 4+9 .15; 4+14 -.29,
/// 1+4 -.28) and their never-seen pairs; 5+7 and 12+15 pull against each other.
const COMPANY: [(u8, u8, f32); 25] = [
    (1, 2, 12.0),
    (6, 12, 6.0),
    (15, 17, 4.0),
    (4, 9, 3.0),
    (4, 7, 3.0),
    (6, 7, 3.0),
    (6, 9, 2.5),
    (9, 10, 2.5),
    (4, 10, 1.4),
    (12, 25, 2.0),
    (25, 26, 4.0),
    (4, 14, 0.02),
    (1, 4, 0.02),
    (1, 14, 0.05),
    (7, 14, 0.0),
    (5, 14, 0.0),
    (1, 9, 0.0),
    (2, 9, 0.0),
    (1, 17, 0.0),
    (2, 17, 0.0),
    (10, 14, 0.0),
    (5, 7, 0.0),
    (12, 15, 0.0),
    (24, 25, 0.0),
    (24, 26, 0.0),
];

/// Weight of two different AUs being shown together; 0 for exclusions.
pub(crate) fn company(a: Au, b: Au) -> f32 {
    let (low, high) = (a.number().min(b.number()), a.number().max(b.number()));
    COMPANY.iter().find(|(x, y, _)| (*x, *y) == (low, high)).map_or(0.5, |(_, _, weight)| *weight)
}

/// The AUs of one clip: none, one, two or three.
pub(crate) fn draw(settings: &MuscleSettings, dice: &mut Dice) -> AuSet {
    let mut shown = AuSet::EMPTY;
    if settings.aus.is_empty() || dice.chance(settings.neutral_share) {
        return shown;
    }
    shown.insert(settings.aus[dice.below(settings.aus.len())]);
    let count = if dice.chance(settings.single_share) { 1 } else { 2 + usize::from(dice.chance(0.2)) };
    while shown.len() < count {
        let weights: Vec<f32> = settings.aus.iter().map(|&au| weight_beside(au, shown, settings.company)).collect();
        let Some(chosen) = dice.weighted(&weights) else { break };
        shown.insert(settings.aus[chosen]);
    }
    shown
}

/// Weight of an AU beside those shown; `closeness` 1 follows [`COMPANY`], 0 takes every AU alike.
fn weight_beside(au: Au, shown: AuSet, closeness: f32) -> f32 {
    let weight = |other| match company(au, other) {
        weight if closeness >= 1.0 => weight,
        // an exclusion is lifted as soon as the company is not followed to the letter
        weight => weight.max(0.02).powf(closeness),
    };
    if shown.contains(au) { 0.0 } else { shown.iter().map(weight).product() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize) -> Vec<AuSet> {
        let settings = MuscleSettings::default();
        let mut dice = Dice::new(5, "test of pairs");
        (0..count).map(|_| draw(&settings, &mut dice)).collect()
    }

    fn au(number: u8) -> Au {
        Au::from_number(number).unwrap()
    }

    #[test]
    fn three_quarters_show_a_single_au_and_a_tenth_none() {
        let clips = many(20_000);
        let none = clips.iter().filter(|s| s.is_empty()).count() as f64 / 20_000.0;
        let single = clips.iter().filter(|s| s.len() == 1).count() as f64 / 20_000.0;
        // Three standard errors of a share of 20,000 throws are below 0.011.
        assert!((none - 0.10).abs() < 0.011, "{none}");
        assert!((single - 0.90 * 0.73).abs() < 0.011, "{single}");
    }

    #[test]
    fn exclusions_never_meet_and_brow_raisers_often_do() {
        let clips = many(20_000);
        for (a, b) in [(7, 14), (5, 14), (1, 9), (2, 9), (1, 17), (2, 17), (10, 14)] {
            assert!(clips.iter().all(|s| !(s.contains(au(a)) && s.contains(au(b)))), "{a}+{b}");
        }
        let both = |a, b| clips.iter().filter(|s| s.contains(au(a)) && s.contains(au(b))).count();
        assert!(both(1, 2) > 4 * both(2, 12), "{} against {}", both(1, 2), both(2, 12));
        assert!(both(1, 4) < both(1, 2) / 20);
    }

    #[test]
    fn without_company_every_two_aus_meet() {
        let settings = MuscleSettings { company: 0.0, single_share: 0.0, ..MuscleSettings::default() };
        let mut dice = Dice::new(6, "test of pairs");
        let clips: Vec<AuSet> = (0..20_000).map(|_| draw(&settings, &mut dice)).collect();
        for a in Au::CD6ME {
            for b in Au::CD6ME.into_iter().filter(|&b| b != a) {
                let both = clips.iter().filter(|s| s.contains(a) && s.contains(b)).count();
                // 18,000 clips with expression, 66 pairs, a fifth of the clips with three pairs: 382 expected
                assert!((300..470).contains(&both), "{a}+{b}: {both}");
            }
        }
    }

    #[test]
    fn every_au_is_shown() {
        let clips = many(5_000);
        for au in Au::CD6ME {
            assert!(clips.iter().filter(|s| s.contains(au)).count() > 300, "{au}");
        }
    }
}
