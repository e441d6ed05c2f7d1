//! Where each compressed frame lies in an mp4 file and when it is shown.

use re_mp4::{StblBox, TrafBox, TrexBox, TrunBox};

/// More frames than this are a damaged count: 23 hours at 200 frames a second.
const MAX_SAMPLES: usize = 1 << 24;

/// One compressed frame, in order of decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// First byte in the file.
    pub(super) offset: u64,
    /// Length in bytes.
    pub(super) bytes: u32,
    /// When it is to be shown, in ticks of the track's clock, before the edit list.
    pub(super) shown_tick: i64,
}

/// The samples of a track as its tables in `moov` tell.
///
/// # Errors
/// When the tables contradict each other or the length of the file.
pub(super) fn from_tables(tables: &StblBox, file_bytes: u64) -> Result<Vec<Sample>, String> {
    let count = tables.stsz.sample_count as usize;
    let fixed_bytes = tables.stsz.sample_size;
    if count > MAX_SAMPLES || u64::from(fixed_bytes) * count as u64 > file_bytes {
        return Err(format!("the index speaks of {count} frames"));
    }
    let offsets = chunk_offsets(tables);
    let mut steps = runs(tables.stts.entries.iter().map(|run| (run.sample_count, i64::from(run.sample_delta))));
    let delays = tables.ctts.iter().flat_map(|table| &table.entries);
    let mut delays = runs(delays.map(|run| (run.sample_count, i64::from(run.sample_offset))));

    let mut samples = Vec::with_capacity(count);
    let mut tick = 0_i64;
    'chunks: for (chunk, &chunk_offset) in offsets.iter().enumerate() {
        let mut offset = chunk_offset;
        for _ in 0..samples_in_chunk(tables, chunk) {
            if samples.len() == count {
                break 'chunks;
            }
            let bytes = tables.stsz.sample_sizes.get(samples.len()).copied().unwrap_or(fixed_bytes);
            samples.push(Sample { offset, bytes, shown_tick: tick + delays.next().unwrap_or(0) });
            offset = offset.saturating_add(u64::from(bytes));
            tick += steps.next().unwrap_or(0);
        }
    }
    if samples.len() < count {
        return Err(format!("{} of {count} frames have no place in the file", count - samples.len()));
    }
    Ok(samples)
}

/// Appends the samples of one fragment (`moof`) of a track.
///
/// `fragment_offset` is where the `moof` starts; `next_tick` is when the first frame is decoded where the fragment
/// does not say, and is moved behind the last.
///
/// # Errors
/// When the fragment speaks of more than the file can hold.
pub(super) fn append_fragment(
    samples: &mut Vec<Sample>,
    fragment: &TrafBox,
    defaults: &TrexBox,
    fragment_offset: u64,
    file_bytes: u64,
    next_tick: &mut i64,
) -> Result<(), String> {
    let step = fragment.tfhd.default_sample_duration.unwrap_or(defaults.default_sample_duration);
    let bytes = fragment.tfhd.default_sample_size.unwrap_or(defaults.default_sample_size);
    if let Some(start) = &fragment.tfdt {
        // Half the range is left free, so that sums with steps and delays cannot overflow.
        *next_tick = i64::try_from(start.base_media_decode_time).unwrap_or(i64::MAX).min(i64::MAX / 2);
    }
    let base = fragment.tfhd.base_data_offset.unwrap_or(fragment_offset);
    let mut offset = base;
    for run in &fragment.truns {
        let count = run.sample_count as usize;
        if samples.len() + count > MAX_SAMPLES || count as u64 > file_bytes {
            return Err(format!("a fragment speaks of {count} frames"));
        }
        if let Some(from_base) = run.data_offset {
            offset = base.saturating_add_signed(i64::from(from_base));
        }
        for position in 0..count {
            let bytes = run.sample_sizes.get(position).copied().unwrap_or(bytes);
            let step = run.sample_durations.get(position).copied().unwrap_or(step);
            samples.push(Sample { offset, bytes, shown_tick: *next_tick + delay(run, position) });
            offset = offset.saturating_add(u64::from(bytes));
            *next_tick = next_tick.saturating_add(i64::from(step)).min(i64::MAX / 2);
        }
    }
    Ok(())
}

/// Ticks from decoding to showing. Signed from version 1 on.
fn delay(run: &TrunBox, position: usize) -> i64 {
    let raw = run.sample_cts.get(position).copied().unwrap_or(0);
    if run.version == 0 { i64::from(raw) } else { i64::from(raw as i32) }
}

fn chunk_offsets(tables: &StblBox) -> Vec<u64> {
    match (&tables.co64, &tables.stco) {
        (Some(table), _) => table.entries.clone(),
        (None, Some(table)) => table.entries.iter().map(|&offset| u64::from(offset)).collect(),
        (None, None) => Vec::new(),
    }
}

/// Entries of `stsc` hold from their first chunk (counted from 1) up to that of the next entry.
fn samples_in_chunk(tables: &StblBox, chunk: usize) -> u32 {
    let entries = &tables.stsc.entries;
    let behind = entries.partition_point(|entry| entry.first_chunk as usize <= chunk + 1);
    behind.checked_sub(1).map_or(0, |at| entries[at].samples_per_chunk)
}

/// Values by run length, one by one; the last value goes on, since some writers leave out the end.
fn runs(runs: impl Iterator<Item = (u32, i64)>) -> impl Iterator<Item = i64> {
    let mut runs = runs.peekable();
    let mut run = runs.next();
    std::iter::from_fn(move || {
        while let Some((0, _)) = run
            && runs.peek().is_some()
        {
            run = runs.next();
        }
        let (left, value) = run.as_mut()?;
        *left = left.saturating_sub(1);
        Some(*value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::mp4::boxes::{boxes, read};

    /// A box of big-endian words.
    fn boxed(kind: &[u8; 4], words: &[u32]) -> Vec<u8> {
        let size = 8 + 4 * words.len() as u32;
        let words = words.iter().flat_map(|word| word.to_be_bytes());
        size.to_be_bytes().into_iter().chain(*kind).chain(words).collect()
    }

    /// Four samples in three chunks; the first words of each table are version and number of entries.
    fn tables(stsz: &[u32]) -> StblBox {
        let entry = boxed(b"test", &[]);
        let entry = [u32::from_be_bytes(entry[..4].try_into().unwrap()), u32::from_be_bytes(*b"test")];
        let all = [
            boxed(b"stsd", &[0, 1, entry[0], entry[1]]),
            boxed(b"stts", &[0, 1, 2, 10]),
            boxed(b"ctts", &[1 << 24, 3, 1, 10, 1, 20, 2, -5_i32 as u32]),
            boxed(b"stsc", &[0, 2, 1, 2, 1, 2, 1, 1]),
            boxed(b"stsz", stsz),
            boxed(b"stco", &[0, 3, 100, 200, 300]),
        ]
        .concat();
        let whole = [&(all.len() as u32 + 8).to_be_bytes(), b"stbl", all.as_slice()].concat();
        let span = boxes(&whole, 0, whole.len()).next().unwrap();
        read(&whole, span).unwrap()
    }

    #[test]
    fn tables_are_unrolled_chunk_by_chunk() {
        let samples = from_tables(&tables(&[0, 0, 4, 3, 4, 5, 6]), 1_000).unwrap();
        let places: Vec<_> = samples.iter().map(|sample| (sample.offset, sample.bytes)).collect();
        assert_eq!(places, [(100, 3), (103, 4), (200, 5), (300, 6)]);
        let ticks: Vec<_> = samples.iter().map(|sample| sample.shown_tick).collect();
        assert_eq!(ticks, [10, 30, 15, 25], "steps of 10, the last of which goes on, and delays of 10, 20, -5, -5");
    }

    #[test]
    fn impossible_counts_are_errors() {
        assert!(from_tables(&tables(&[0, 0, 5, 3, 4, 5, 6, 7]), 1_000).unwrap_err().contains("1 of 5 frames"));
        assert!(from_tables(&tables(&[0, 1, u32::MAX]), 1_000).is_err());
        assert!(from_tables(&tables(&[0, 300, 4]), 1_000).is_err());
    }
}
