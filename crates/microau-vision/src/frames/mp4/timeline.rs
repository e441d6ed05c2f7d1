//! Which frames of a track are shown, in what order, and when.

use std::ops::Range;

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
pub(super) fn timeline(samples: &[Sample], spans: &[Range<i64>]) -> Timeline {
    let shown = |tick: i64| spans.iter().any(|span| span.contains(&tick));
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

/// The spans of a track's clock that an edit list shows.
pub(super) fn spans(edits: &ElstBox, ticks_per_sec: u32, movie_ticks_per_sec: u32) -> Vec<Range<i64>> {
    let empty = if edits.version == 1 { u64::MAX } else { u64::from(u32::MAX) };
    edits
        .entries
        .iter()
        .filter(|edit| edit.media_time != empty)
        .filter_map(|edit| span(edit.media_time, edit.segment_duration, ticks_per_sec, movie_ticks_per_sec))
        .collect()
}

/// One span from a start in ticks of the track and a length in ticks of the movie.
fn span(start: u64, movie_ticks: u64, ticks_per_sec: u32, movie_ticks_per_sec: u32) -> Option<Range<i64>> {
    let start = i64::try_from(start).ok()?;
    let ticks = u128::from(movie_ticks) * u128::from(ticks_per_sec) / u128::from(movie_ticks_per_sec.max(1));
    // A length of 0 means to the end: fragmented files do not know it when they start.
    let end = match ticks {
        0 => i64::MAX,
        _ => start.saturating_add(i64::try_from(ticks).unwrap_or(i64::MAX)),
    };
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(ticks: &[i64]) -> Vec<Sample> {
        ticks.iter().map(|&shown_tick| Sample { offset: 0, bytes: 0, shown_tick }).collect()
    }

    #[test]
    fn frames_are_ranked_by_the_time_they_are_shown() {
        let film = timeline(&samples(&[1024, 2560, 1536, 2048]), &[]);
        assert_eq!(film.ranks, [0, 3, 1, 2]);
        assert_eq!(film.ticks, [0, 512, 1024, 1536]);
    }

    #[test]
    fn frames_outside_the_edit_are_hidden() {
        let film = timeline(&samples(&[0, 10, 20, 30, 40]), &[20..40, 90..99]);
        assert_eq!(film.ranks, [HIDDEN, HIDDEN, 0, 1, HIDDEN]);
        assert_eq!(film.ticks, [0, 10]);
    }

    #[test]
    fn an_edit_that_hides_all_is_ignored() {
        assert_eq!(timeline(&samples(&[0, 10, 20]), &[99..100, 200..300]).ranks, [0, 1, 2]);
    }

    #[test]
    fn lengths_of_edits_are_in_ticks_of_the_movie() {
        assert_eq!(span(1024, 480, 12_800, 1_000), Some(1024..7168));
        assert_eq!(span(1024, 0, 12_800, 1_000), Some(1024..i64::MAX), "no length goes to the end");
        assert_eq!(span(u64::MAX, 1, 12_800, 1_000), None);
        assert_eq!(span(1, u64::MAX, u32::MAX, 1), Some(1..i64::MAX));
    }
}
