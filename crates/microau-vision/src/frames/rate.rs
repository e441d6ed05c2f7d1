//! An exact frame rate from the clock ticks at which frames start.

use microau_core::time::{FrameRate, Micros};

/// Rates that cameras and standards use; looked up when a coarse clock blurs the steps, as 33, 33, 34 ms do at 30.
const COMMON: [(u32, u32); 20] = [
    // Whole rates first: a short clip at a coarse clock fits 30 and 30000/1001 alike.
    (30, 1),
    (25, 1),
    (24, 1),
    (60, 1),
    (50, 1),
    (48, 1),
    (10, 1),
    (12, 1),
    (15, 1),
    (20, 1),
    (90, 1),
    (100, 1),
    (120, 1),
    (200, 1),
    (240, 1),
    (500, 1),
    (24_000, 1_001),
    (30_000, 1_001),
    (60_000, 1_001),
    (120_000, 1_001),
];

/// The rate of a film whose frames start at `ticks` of a clock with `ticks_per_sec`, ascending, and whether it is
/// constant.
///
/// * All steps alike: that step, exact.
/// * All starts within one tick of a common rate: that rate, constant.
/// * Else the mean rate, variable.
///
/// `None` for fewer than two frames or a clock that stands still.
pub(super) fn from_ticks(ticks: &[i64], ticks_per_sec: u32) -> Option<(FrameRate, bool)> {
    let (first, last) = (*ticks.first()?, *ticks.last()?);
    let span = u64::try_from(last.checked_sub(first)?).ok().filter(|&span| span > 0)?;
    let steps = ticks.len() as u64 - 1;

    let step = ticks[1].checked_sub(first)?;
    if step > 0 && ticks.windows(2).all(|pair| pair[1] - pair[0] == step) {
        return Some((fraction(u128::from(ticks_per_sec), step as u128)?, true));
    }
    let common = COMMON.iter().filter_map(|&(num, den)| FrameRate::new(num, den).ok()).find(|rate| {
        ticks.iter().enumerate().all(|(frame, &tick)| within_a_tick(*rate, frame, tick - first, ticks_per_sec))
    });
    match common {
        Some(rate) => Some((rate, true)),
        None => Some((fraction(u128::from(steps) * u128::from(ticks_per_sec), u128::from(span))?, false)),
    }
}

/// Ticks as microseconds, rounded down.
pub(super) fn micros(ticks: i64, ticks_per_sec: u32) -> Micros {
    let micros = (i128::from(ticks) * 1_000_000).div_euclid(i128::from(ticks_per_sec.max(1)));
    Micros(micros.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
}

/// `num / den` in lowest terms, rounded to what two `u32` hold.
fn fraction(mut num: u128, mut den: u128) -> Option<FrameRate> {
    let divisor = gcd(num, den).max(1);
    (num, den) = (num / divisor, den / divisor);
    while num > u128::from(u32::MAX) || den > u128::from(u32::MAX) {
        (num, den) = (num / 2, den / 2);
    }
    FrameRate::new(num as u32, den as u32).ok()
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// |frame / rate - tick / ticks_per_sec| is at most one tick.
fn within_a_tick(rate: FrameRate, frame: usize, tick: i64, ticks_per_sec: u32) -> bool {
    let (num, den) = (i128::from(rate.num()), i128::from(rate.den()));
    let exact_times_num = frame as i128 * den * i128::from(ticks_per_sec);
    (exact_times_num - i128::from(tick) * num).abs() <= num
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(num: u32, den: u32) -> FrameRate {
        FrameRate::new(num, den).unwrap()
    }

    #[test]
    fn equal_steps_give_the_exact_rate() {
        assert_eq!(from_ticks(&[0, 1001, 2002], 30_000), Some((rate(30_000, 1_001), true)));
        assert_eq!(from_ticks(&[512, 1024, 1536], 12_800), Some((rate(25, 1), true)));
    }

    #[test]
    fn a_millisecond_clock_does_not_make_a_rate_variable() {
        assert_eq!(from_ticks(&[0, 33, 67, 100, 133, 167], 1_000), Some((rate(30, 1), true)));
        let ntsc: Vec<i64> = (0..1_000).map(|frame| frame * 1_001_000 / 30_000).collect();
        assert_eq!(from_ticks(&ntsc, 1_000), Some((rate(30_000, 1_001), true)));
    }

    #[test]
    fn uneven_steps_give_the_mean_rate() {
        assert_eq!(from_ticks(&[0, 10, 40], 100), Some((rate(5, 1), false)));
    }

    #[test]
    fn one_frame_has_no_rate() {
        assert_eq!(from_ticks(&[7], 1_000), None);
        assert_eq!(from_ticks(&[7, 7], 1_000), None);
        assert_eq!(from_ticks(&[], 1_000), None);
    }

    #[test]
    fn extreme_clocks_do_not_overflow() {
        assert!(from_ticks(&[i64::MIN, 0, i64::MAX], 1).is_none());
        assert!(from_ticks(&[0, 1, i64::MAX], u32::MAX).is_some());
        assert_eq!(micros(i64::MAX, 1), Micros(i64::MAX));
        assert_eq!(micros(-1, 3), Micros(-333_334));
    }
}
