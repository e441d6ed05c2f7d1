//! The apex of a clip from its motion energy, one number a frame.
//!
//! The apex is the frame of most energy after light smoothing. Onset and offset are where the energy last was, and first
//! is again, within a tenth of the way from the resting level to the peak. The resting level is the lower quartile of what
//! lies before the apex. With a noisy rest they move outwards up to the ends of the clip, which is the safe side: nothing
//! of the movement is cut off.

/// Share of the rise from rest to peak that still counts as rest. On generated clips a fifth found onsets two frames late.
const REST_SHARE: f32 = 0.1;

/// Positions in a series of energies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// Last position at rest before the apex.
    pub onset: usize,
    /// Position of most energy, after the onset.
    pub apex: usize,
    /// First position at rest after the apex; `None` when the series ends before.
    pub offset: Option<usize>,
}

/// Finds the strongest movement in energies measured against the first frame; `None` for fewer than two frames.
///
/// `energies[0]` is that of the first frame itself. Energies are finite.
pub fn peak(energies: &[f32]) -> Option<Peak> {
    if energies.len() < 2 {
        return None;
    }
    let smooth = smoothed(energies);
    let apex = (1..smooth.len()).rev().max_by(|&a, &b| smooth[a].total_cmp(&smooth[b])).expect("two frames or more");
    let rest = |level: f32| level + REST_SHARE * (smooth[apex] - level);
    let at_rest = rest(lower_quartile(&smooth[..apex]));
    let onset = (0..apex).rev().find(|&i| smooth[i] <= at_rest).expect("a quarter of the positions is at rest");
    // a movement that does not come back to where it began has no offset in this clip
    let offset = (apex + 1..smooth.len()).find(|&i| smooth[i] <= at_rest);
    Some(Peak { onset, apex, offset })
}

/// Each energy averaged with its neighbours by 1/4, 1/2, 1/4; the ends are kept.
fn smoothed(energies: &[f32]) -> Vec<f32> {
    let mut smooth = energies.to_vec();
    for (i, window) in energies.windows(3).enumerate() {
        smooth[i + 1] = 0.25 * window[0] + 0.5 * window[1] + 0.25 * window[2];
    }
    smooth
}

fn lower_quartile(energies: &[f32]) -> f32 {
    let mut sorted = energies.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted[sorted.len() / 4]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_and_fall_has_onset_apex_and_offset() {
        let energies = [0.0, 0.0, 0.0, 0.2, 0.6, 1.0, 0.6, 0.2, 0.0, 0.0];
        assert_eq!(peak(&energies), Some(Peak { onset: 2, apex: 5, offset: Some(8) }));
    }

    #[test]
    fn a_smile_that_stays_has_no_offset() {
        let energies = [0.0, 0.0, 0.5, 1.0, 1.0, 1.0];
        let peak = peak(&energies).unwrap();
        assert_eq!(peak.offset, None);
        assert!(peak.apex >= 3);
    }

    #[test]
    fn a_single_spike_of_noise_does_not_beat_a_movement() {
        let energies = [0.0, 0.1, 1.1, 0.1, 0.0, 0.5, 0.9, 1.0, 0.9, 0.5, 0.0];
        assert_eq!(peak(&energies).unwrap().apex, 7);
    }

    #[test]
    fn a_film_at_rest_still_has_an_order() {
        let peak = peak(&[0.0, 0.0, 0.0]).unwrap();
        assert!(peak.onset < peak.apex);
    }

    #[test]
    fn two_frames_are_onset_and_apex() {
        assert_eq!(peak(&[0.0, 0.3]), Some(Peak { onset: 0, apex: 1, offset: None }));
        assert_eq!(peak(&[0.0]), None);
    }
}
