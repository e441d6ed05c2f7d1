//! The frame files of a clip, known by the numbers in their names: `img46.jpg` is 46, `006_05562.jpg` is 5562.
//!
//! Only names are looked at here; pixels are another room's.

use std::collections::BTreeMap;
use std::path::Path;

/// Endings of frames, in any case; those that the program decodes.
pub const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "bmp", "tif", "tiff"];

/// What lies in a folder of frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameFiles {
    /// Numbers of the frames, ascending, each once.
    pub numbers: Vec<u64>,
    /// Images in whose name stands no number.
    pub unnumbered: Vec<String>,
    /// Numbers that two images bear.
    pub repeated: Vec<u64>,
    /// Number of images by ending, in small letters.
    pub endings: BTreeMap<String, usize>,
    /// Number of files that are no images.
    pub others: usize,
}

impl FrameFiles {
    /// Lists a folder; subfolders are not entered, names that begin with a dot are passed over.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(folder: &Path) -> std::io::Result<FrameFiles> {
        let mut files = FrameFiles::default();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                files.add(&name);
            }
        }
        files.unnumbered.sort();
        files.numbers.sort_unstable();
        files.repeated = files.numbers.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        files.repeated.dedup();
        files.numbers.dedup();
        Ok(files)
    }

    fn add(&mut self, name: &str) {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let ending = ending.to_lowercase();
        if !ENDINGS.contains(&ending.as_str()) {
            self.others += 1;
            return;
        }
        *self.endings.entry(ending).or_default() += 1;
        match number_in(stem) {
            Some(number) => self.numbers.push(number),
            None => self.unnumbered.push(name.to_owned()),
        }
    }

    /// Whether there is a frame of this number.
    pub fn contains(&self, number: u64) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }

    /// Numbers from `first` to `last` without a frame, as text: `47-49, 60`; `None` when all are there.
    pub fn missing(&self, first: u64, last: u64) -> Option<String> {
        let there = self.numbers.iter().copied().filter(|number| (first..=last).contains(number));
        let mut gaps = Vec::new();
        let mut next = first;
        for number in there.chain([last.saturating_add(1)]) {
            match number - next {
                0 => {}
                1 => gaps.push(next.to_string()),
                _ => gaps.push(format!("{next}-{}", number - 1)),
            }
            next = number.saturating_add(1);
        }
        (!gaps.is_empty()).then(|| gaps.join(", "))
    }
}

/// The last run of digits of a name without its ending.
pub fn number_in(stem: &str) -> Option<u64> {
    let end = stem.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let start = stem[..end]
        .rfind(|letter: char| !letter.is_ascii_digit())
        .map_or(0, |i| i + stem[i..].chars().next().map_or(1, char::len_utf8));
    stem[start..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_are_known_by_the_last_number_of_their_names() {
        let names = ["img46", "reg_img46", "006_05562", "1", "reg_image000123", "S01-07-001 (2)", "帧7张"];
        assert_eq!(names.map(number_in), [46, 46, 5562, 1, 123, 2, 7].map(Some));
        assert_eq!([number_in("onset"), number_in("99999999999999999999999")], [None, None]);
    }

    #[test]
    fn a_folder_is_listed_with_everything_odd_in_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["img2.jpg", "img10.JPG", "img9.png", "frame2.png", "onset.bmp", "Thumbs.db", "._img3.jpg"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let files = FrameFiles::read(folder.path()).unwrap();
        assert_eq!(files.numbers, [2, 9, 10]);
        assert_eq!((files.repeated, files.others), (vec![2], 1));
        assert_eq!(files.unnumbered, ["onset.bmp"]);
        assert_eq!(files.endings.into_iter().collect::<Vec<_>>().len(), 3);
        assert!(FrameFiles::read(&folder.path().join("none")).is_err());
    }

    proptest! {
        #[test]
        fn missing_frames_are_those_that_are_not_there(numbers in proptest::collection::btree_set(0..40_u64, 0..30), first in 0..40_u64, length in 0..40_u64) {
            let files = FrameFiles { numbers: numbers.iter().copied().collect(), ..FrameFiles::default() };
            let told = files.missing(first, first + length).unwrap_or_default();
            let ranges = told.split(", ").filter(|range| !range.is_empty()).flat_map(|range| {
                let (low, high) = range.split_once('-').unwrap_or((range, range));
                low.parse::<u64>().unwrap()..=high.parse::<u64>().unwrap()
            });
            let absent: Vec<u64> = (first..=first + length).filter(|number| !numbers.contains(number)).collect();
            prop_assert_eq!(ranges.collect::<Vec<_>>(), absent);
        }
    }
}
