//! Which frames of a track are shown, in what order, and when.

use re_mp4::ElstBox;

use super::samples::Sample;

/// Rank of a sample that is decoded for others to refer to, but not shown.
pub(super) const HIDDEN: u32 = u32::MAX;

/// Presentation of the samples of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Timeline {
    /// For each sample in order of decoding, its place in order of presentation, or [`HIDDEN`].
    pub(super) ranks: Vec<u32>,
    /// For each place, when it is shown: ticks since the first frame that is shown.
    pub(super) ticks: Vec<i64>,
}

/// Orders the samples by the time they are shown, and hides those outside the edit list.
///
/// The edit list names spans of the track's clock that belong to the film: cutting tools and phones leave frames
/// before the first cut in the file, because others refer to them. As in ffmpeg, a frame belongs to the film when it
/// starts within a span. Empty edits, which delay the picture against the sound, are ignored: time starts at the
/// first frame. An edit list that hides everything is ignored too.
pub(super) fn timeline(
    samples: &[Sample],
    edits: Option<&ElstBox>,
    ticks_per_sec: u32,
    movie_ticks_per_sec: u32,
) -> Timeline {
    let spans = edits.map(|edits| spans(edits, ticks_per_sec, movie_ticks_per_sec)).unwrap_or_default();
    let shown = |tick: i64| spans.iter().any(|&(start, end)| (start..end).contains(&tick));
    let show_all = !samples.iter().any(|sample| shown(sample.shown_tick));

    let mut order: Vec<u32> =
        (0..samples.len() as u32).filter(|&at| show_all || shown(samples[at as usize].shown_tick)).collect();
    order.sort_by_key(|&at| samples[at as usize].shown_tick);

    let mut ranks = vec![HIDDEN; samples.len()];
    for (rank, &at) in order.iter().enumerate() {
        ranks[at as usize] = rank as u32;
    }
    let first = order.first().map_or(0, |&at| samples[at as usize].shown_tick);
    let ticks = order.iter().map(|&at| samples[at as usize].shown_tick - first).collect();
    Timeline { ranks, ticks }
}

/// Spans of the track's clock, from tick up to but without tick.
fn spans(edits: &ElstBox, ticks_per_sec: u32, movie_ticks_per_sec: u32) -> Vec<(i64, i64)> {
    let empty = if edits.version == 1 { u64::MAX } else { u64::from(u32::MAX) };
    edits
        .entries
        .iter()
        .filter(|edit| edit.media_time != empty)
        .filter_map(|edit| {
            let start = i64::try_from(edit.media_time).ok()?;
            let ticks =
                u128::from(edit.segment_duration) * u128::from(ticks_per_sec) / u128::from(movie_ticks_per_sec.max(1));
            // A length of 0 means to the end: fragmented files do not know it when they start.
            let end = match ticks {
                0 => i64::MAX,
                _ => start.saturating_add(i64::try_from(ticks).unwrap_or(i64::MAX)),
            };
            Some((start, end))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use re_mp4::ElstEntry;

    fn samples(ticks: &[i64]) -> Vec<Sample> {
        ticks.iter().map(|&shown_tick| Sample { offset: 0, bytes: 0, shown_tick }).collect()
    }

    fn edit(media_time: u64, segment_duration: u64) -> ElstEntry {
        ElstEntry { segment_duration, media_time, media_rate: 1, media_rate_fraction: 0 }
    }

    fn edits(entries: Vec<ElstEntry>) -> ElstBox {
        ElstBox { entries, ..Default::default() }
    }

    #[test]
    fn frames_are_ranked_by_the_time_they_are_shown() {
        let film = timeline(&samples(&[1024, 2560, 1536, 2048]), None, 15_360, 1_000);
        assert_eq!(film.ranks, [0, 3, 1, 2]);
        assert_eq!(film.ticks, [0, 512, 1024, 1536]);
    }

    #[test]
    fn frames_outside_the_edit_are_hidden() {
        let list = edits(vec![edit(u64::from(u32::MAX), 500), edit(20, 20)]);
        let film = timeline(&samples(&[0, 10, 20, 30, 40]), Some(&list), 1_000, 1_000);
        assert_eq!(film.ranks, [HIDDEN, HIDDEN, 0, 1, HIDDEN]);
        assert_eq!(film.ticks, [0, 10]);
    }

    #[test]
    fn an_edit_of_no_length_goes_to_the_end_and_one_that_hides_all_is_ignored() {
        let open = timeline(&samples(&[0, 10, 20]), Some(&edits(vec![edit(10, 0)])), 1_000, 1_000);
        assert_eq!(open.ranks, [HIDDEN, 0, 1]);
        let none = timeline(&samples(&[0, 10, 20]), Some(&edits(vec![edit(99, 1)])), 1_000, 1_000);
        assert_eq!(none.ranks, [0, 1, 2]);
    }
}
