//! Where each compressed frame lies in an mp4 file and when it is shown.

use re_mp4::{Co64Box, CttsBox, StcoBox, StscBox, StszBox, SttsBox, TfdtBox, TfhdBox, TrexBox, TrunBox};

use super::boxes::{Span, boxes, find, read};

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

/// The tables of a track. Each is read by itself: the parser's walk over a box of boxes does not end when one of them
/// claims to be 0 bytes long.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    /// Ticks from each sample to the next.
    steps: SttsBox,
    /// Ticks from decoding to showing.
    delays: Option<CttsBox>,
    /// Samples in each chunk.
    chunks: StscBox,
    sizes: StszBox,
    chunk_offsets: Vec<u64>,
}

impl Tables {
    /// Reads the tables in a sample table box.
    ///
    /// # Errors
    /// When one is missing or longer than its box.
    pub(super) fn read(moov: &[u8], stbl: Span) -> Result<Self, String> {
        let table = |kind: &[u8; 4]| find(moov, stbl.body, stbl.end, &[kind]);
        let need = |kind: &[u8; 4]| table(kind).ok_or_else(|| format!("it has no {} table", kind.escape_ascii()));
        let delays = table(b"ctts").map(|span| read::<CttsBox>(moov, span)).transpose()?;
        let chunk_offsets = match table(b"co64") {
            Some(span) => read::<Co64Box>(moov, span)?.entries,
            None => read::<StcoBox>(moov, need(b"stco")?)?.entries.into_iter().map(u64::from).collect(),
        };
        Ok(Self {
            steps: read(moov, need(b"stts")?)?,
            delays,
            chunks: read(moov, need(b"stsc")?)?,
            sizes: read(moov, need(b"stsz")?)?,
            chunk_offsets,
        })
    }

    /// Ticks from the first sample to the second; 0 when the tables do not say.
    pub(super) fn first_step(&self) -> u32 {
        self.steps.entries.first().map_or(0, |run| run.sample_delta)
    }

    /// Entries hold from their first chunk (counted from 1) up to that of the next entry.
    fn samples_in_chunk(&self, chunk: usize) -> u32 {
        let entries = &self.chunks.entries;
        let behind = entries.partition_point(|entry| entry.first_chunk as usize <= chunk + 1);
        behind.checked_sub(1).map_or(0, |at| entries[at].samples_per_chunk)
    }
}

/// The samples of a track as its tables in `moov` tell.
///
/// # Errors
/// When the tables contradict each other or the length of the file.
pub(super) fn from_tables(tables: &Tables, file_bytes: u64) -> Result<Vec<Sample>, String> {
    let count = tables.sizes.sample_count as usize;
    let fixed_bytes = tables.sizes.sample_size;
    if count > MAX_SAMPLES || u64::from(fixed_bytes) * count as u64 > file_bytes {
        return Err(format!("the index speaks of {count} frames"));
    }
    let mut steps = runs(tables.steps.entries.iter().map(|run| (run.sample_count, i64::from(run.sample_delta))));
    let delays = tables.delays.iter().flat_map(|table| &table.entries);
    let mut delays = runs(delays.map(|run| (run.sample_count, i64::from(run.sample_offset))));

    let mut samples = Vec::with_capacity(count);
    let mut tick = 0_i64;
    'chunks: for (chunk, &chunk_offset) in tables.chunk_offsets.iter().enumerate() {
        let mut offset = chunk_offset;
        for _ in 0..tables.samples_in_chunk(chunk) {
            if samples.len() == count {
                break 'chunks;
            }
            let bytes = tables.sizes.sample_sizes.get(samples.len()).copied().unwrap_or(fixed_bytes);
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

/// One fragment of a film, as in films for streaming.
pub(super) struct Fragment<'a> {
    /// Payload of the `moof` box.
    pub(super) payload: &'a [u8],
    /// Where that box starts in the file.
    pub(super) offset: u64,
    pub(super) file_bytes: u64,
}

impl Fragment<'_> {
    /// Appends the samples of a track. `next_tick` is when its first frame is decoded where the fragment does not say,
    /// and is moved behind the last.
    ///
    /// # Errors
    /// When the fragment speaks of more than the file can hold.
    pub(super) fn append_to(
        &self,
        samples: &mut Vec<Sample>,
        defaults: &TrexBox,
        next_tick: &mut i64,
    ) -> Result<(), String> {
        for part in boxes(self.payload, 0, self.payload.len()).filter(|span| span.kind == *b"traf") {
            let child = |kind: &[u8; 4]| find(self.payload, part.body, part.end, &[kind]);
            let head: TfhdBox = read(self.payload, child(b"tfhd").ok_or("a fragment has no header")?)?;
            if head.track_id != defaults.track_id {
                continue;
            }
            if let Some(start) = child(b"tfdt") {
                let start: TfdtBox = read(self.payload, start)?;
                // Half the range is left free, so that sums with steps and delays cannot overflow.
                *next_tick = i64::try_from(start.base_media_decode_time).unwrap_or(i64::MAX).min(i64::MAX / 2);
            }
            let base = head.base_data_offset.unwrap_or(self.offset);
            let mut offset = base;
            for span in boxes(self.payload, part.body, part.end).filter(|span| span.kind == *b"trun") {
                self.check_count(span, samples.len())?;
                let run: TrunBox = read(self.payload, span)?;
                if let Some(from_base) = run.data_offset {
                    offset = base.saturating_add_signed(i64::from(from_base));
                }
                append_run(samples, &run, &head, defaults, &mut offset, next_tick);
            }
        }
        Ok(())
    }

    /// A run may name a count and nothing else, which the parser counts through and we would fill memory with.
    fn check_count(&self, run: Span, samples_before: usize) -> Result<(), String> {
        // Version and flags stand before the count.
        let count = self.payload[run.body..run.end]
            .get(4..8)
            .map_or(0, |word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]) as usize);
        if count as u64 > self.file_bytes || samples_before + count > MAX_SAMPLES {
            return Err(format!("a fragment speaks of {count} frames"));
        }
        Ok(())
    }
}

/// Appends one run of samples, which lie one behind the other from `offset` on.
fn append_run(
    samples: &mut Vec<Sample>,
    run: &TrunBox,
    head: &TfhdBox,
    defaults: &TrexBox,
    offset: &mut u64,
    next_tick: &mut i64,
) {
    let step = head.default_sample_duration.unwrap_or(defaults.default_sample_duration);
    let bytes = head.default_sample_size.unwrap_or(defaults.default_sample_size);
    for position in 0..run.sample_count as usize {
        let bytes = run.sample_sizes.get(position).copied().unwrap_or(bytes);
        let step = run.sample_durations.get(position).copied().unwrap_or(step);
        samples.push(Sample { offset: *offset, bytes, shown_tick: *next_tick + delay(run, position) });
        *offset = offset.saturating_add(u64::from(bytes));
        *next_tick = next_tick.saturating_add(i64::from(step)).min(i64::MAX / 2);
    }
}

/// Ticks from decoding to showing. Signed from version 1 on.
fn delay(run: &TrunBox, position: usize) -> i64 {
    let raw = run.sample_cts.get(position).copied().unwrap_or(0);
    if run.version == 0 { i64::from(raw) } else { i64::from(raw as i32) }
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

    /// A box of big-endian words.
    fn boxed(kind: &[u8; 4], words: &[u32]) -> Vec<u8> {
        let size = 8 + 4 * words.len() as u32;
        let words = words.iter().flat_map(|word| word.to_be_bytes());
        size.to_be_bytes().into_iter().chain(*kind).chain(words).collect()
    }

    /// Four samples in three chunks; the first words of each table are version and number of entries.
    fn tables(stsz: &[u32]) -> Tables {
        let all = [
            boxed(b"stts", &[0, 1, 2, 10]),
            boxed(b"ctts", &[1 << 24, 3, 1, 10, 1, 20, 2, -5_i32 as u32]),
            boxed(b"stsc", &[0, 2, 1, 2, 1, 2, 1, 1]),
            boxed(b"stsz", stsz),
            boxed(b"stco", &[0, 3, 100, 200, 300]),
        ]
        .concat();
        Tables::read(&all, Span { kind: *b"stbl", body: 0, end: all.len() }).unwrap()
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

    #[test]
    fn a_fragment_that_only_names_a_count_is_an_error() {
        let inside = [boxed(b"tfhd", &[0, 1]), boxed(b"trun", &[0, u32::MAX])].concat();
        let payload = [&(inside.len() as u32 + 8).to_be_bytes(), b"traf", inside.as_slice()].concat();
        let fragment = Fragment { payload: &payload, offset: 0, file_bytes: 1_000 };
        let defaults = TrexBox { track_id: 1, ..Default::default() };
        let error = fragment.append_to(&mut Vec::new(), &defaults, &mut 0).unwrap_err();
        assert_eq!(error, "a fragment speaks of 4294967295 frames");
    }
}
