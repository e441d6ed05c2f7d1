//! Confirmed movements as the table from which trainings read anyone's own clips.
//!
//! `clip,subject,onset,apex,offset,aus,emotion,fps,frames`, one row a movement. `frames` is the upload, relative to the folder of
//! data, where the table lies as `labels.csv`: `microau data index DIR --layout generic` reads it as it is. Frames are counted
//! from 0, which for folders of frames are the numbers in the names that they have here.

use std::fmt::Write;

use super::annotations::{Annotations, Verdict};
use super::store::{Film, FilmKind, Job};

const HEADER: &str = "clip,subject,onset,apex,offset,aus,emotion,fps,frames\n";

/// The table of films, each with its corrections and the job by which its rate is known.
pub(crate) fn table<'a>(films: impl Iterator<Item = (&'a Film, &'a Annotations, Option<&'a Job>)>) -> String {
    let mut table = HEADER.to_owned();
    for (film, notes, job) in films {
        let rate = film.rate.map(|rate| rate.to_string());
        let rate = rate.or(job.and_then(|job| job.summary.as_ref()).map(|it| it.rate.clone())).unwrap_or_default();
        let frames = match film.kind {
            FilmKind::Video => format!("films/{}/film", film.id),
            FilmKind::Frames => format!("films/{}/frames", film.id),
        };
        for it in notes.intervals.iter().filter(|it| it.verdict == Verdict::Confirmed) {
            // two films may have one name, and one film has many movements
            let clip = format!("{}~{}#{}-{}", film.name, &film.id[..6.min(film.id.len())], it.face_id, it.onset);
            let subject = subject(film, it.face_id);
            let offset = it.offset.map_or(String::new(), |offset| offset.to_string());
            let (onset, apex, aus) = (it.onset, it.apex, it.labels());
            let [clip, subject, emotion] = [&clip, &subject, &it.emotion].map(|text| field(text));
            writeln!(table, "{clip},{subject},{onset},{apex},{offset},{aus},{emotion},{rate},{frames}")
                .expect("a text can be written to");
        }
    }
    table
}

/// Whose face it is: the first is the film's subject, others are told apart by number.
fn subject(film: &Film, face_id: u32) -> String {
    let name = film.subject.trim();
    let name = if name.is_empty() { format!("film-{}", &film.id[..6.min(film.id.len())]) } else { name.to_owned() };
    if face_id == 0 { name } else { format!("{name}-face{face_id}") }
}

/// A field of CSV on one line.
fn field(text: &str) -> String {
    let text: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::annotations::tests::found;
    use super::*;
    use microau_core::time::FrameRate;
    use microau_data::datasets::{Layout, ReadSettings, read};

    fn film(kind: FilmKind) -> Film {
        let rate = Some(FrameRate::whole(30));
        let (id, name) = ("0123456789".to_owned(), "a, \"b\".mp4".to_owned());
        Film { id, name, subject: "anna".to_owned(), kind, rate, files: 1, bytes: 1, added: 1 }
    }

    #[test]
    fn the_table_is_read_by_the_reader_of_ones_own_clips() {
        let folder = tempfile::tempdir().unwrap();
        let mut notes = found();
        notes.intervals.iter_mut().for_each(|it| it.verdict = Verdict::Confirmed);
        notes.intervals[1].face_id = 1;
        notes.intervals[1].emotion = "surprise, mild".to_owned();
        for kind in [FilmKind::Video, FilmKind::Frames] {
            let film = film(kind);
            let path = folder.path().join("films").join(&film.id);
            std::fs::create_dir_all(path.join("frames")).unwrap();
            std::fs::write(path.join("film"), b"").unwrap();
            (0..70).for_each(|frame| std::fs::write(path.join(format!("frames/{frame:06}.png")), b"").unwrap());
            std::fs::write(folder.path().join("labels.csv"), table([(&film, &notes, None)].into_iter())).unwrap();
            let (index, problems) = read(Layout::Generic, folder.path(), &ReadSettings::default());
            assert!(!problems.has_errors(), "{problems}");
            let [first, second] = &index.clips[..] else { panic!("{index:?}") };
            assert_eq!(
                (first.onset, first.apex, first.offset, first.labels().to_string()),
                (3, Some(7), Some(12), "12".into())
            );
            assert_eq!((first.subject.as_str(), second.subject.as_str()), ("generic-anna", "generic-anna-face1"));
            assert_eq!(second.emotion.as_deref(), Some("surprise, mild"));
            assert!(first.frames.exists() && first.rate == Some(FrameRate::whole(30)));
        }
    }

    #[test]
    fn what_nobody_confirmed_is_no_example() {
        let table = table([(&film(FilmKind::Video), &found(), None)].into_iter());
        assert_eq!(table, HEADER);
    }
}
