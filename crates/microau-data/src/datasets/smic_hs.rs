//! SMIC, high-speed camera: 16 subjects, 164 clips (157 in the films of HS-E) at 100 frames a second, 640×480.
//!
//! **Table.** `SMIC-HS-E_annotation.xlsx` or `…_2019.xlsx`: Subject, Filename (`s20_ne_01`), FirstF, OnsetF, ApexF (in 2019 only),
//! OffsetF, Emotion; rows of text below. There are **no action units**: every clip is unannotated (`?`), and an AU model can
//! only be applied to it. Without the table of 2019 there are no apexes either.
//!
//! **Emotions** are negative, positive and surprise; where the cell holds a number or nothing, the clip's name tells
//! (`ne`, `po`, `sur`).
//!
//! **Frames.** Cut and registered: `SMIC_all_cropped/HS/s1/micro/negative/s1_ne_01/reg_image000123.bmp`. Whole films of HS-E:
//! `HS_long/SMIC-HS-E/s20/image000123.jpg`, in which several clips share a folder. Subjects are written `s1` or `s01`; in the
//! index always `smic-01`.

use super::Layout;
use super::recipe::{Columns, RawRow, Recipe, Source, two_digits};
use crate::problems::Problems;

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Smic,
    files: &["SMIC-HS-E_annotation*.xls*", "SMIC-HS-E_annotation*.csv"],
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["OnsetF", "OnsetFrame"],
        apex: &["ApexF", "ApexFrame"],
        offset: &["OffsetF", "OffsetFrame"],
        emotion: &["Emotion"],
        ..Columns::NONE
    },
    rate_fps: 100,
    roots: &["hs_long", "hs-e", "cropped"],
    tails,
    clip_depth: 0,
    rows,
    subject: |cell| two_digits(number(cell)),
    has_apex: false,
    ..Recipe::PLAIN
};

/// A subject's cell less its `s`.
fn number(cell: &str) -> &str {
    cell.trim().trim_start_matches(['s', 'S'])
}

/// Folders named with and without a zero before the number.
fn tails(row: &RawRow) -> Vec<String> {
    let subject = number(&row.subject);
    let bare = subject.trim_start_matches('0');
    let rest = row.clip.split_once('_').map_or(row.clip.as_str(), |(_, rest)| rest);
    let spelled = [subject.to_owned(), bare.to_owned(), two_digits(subject)];
    let mut tails = Vec::new();
    for folder in &spelled {
        tails.push(format!("s{folder}/micro/*/{}", row.clip));
        tails.extend(spelled.iter().map(|name| format!("s{folder}/micro/*/s{name}_{rest}")));
    }
    tails.extend(spelled.iter().map(|folder| format!("s{folder}/")));
    tails.dedup();
    tails
}

fn rows(source: &Source, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
    let mut rows = source.rows(problems)?;
    for row in rows.iter_mut().filter(|row| !row.emotion.contains(char::is_alphabetic)) {
        let token = row.clip.split('_').nth(1).unwrap_or_default().to_lowercase();
        let named = [("ne", "negative"), ("po", "positive"), ("su", "surprise")];
        if let Some((_, emotion)) = named.into_iter().find(|(begins, _)| token.starts_with(begins)) {
            row.emotion = emotion.to_owned();
        }
    }
    Ok(rows)
}
