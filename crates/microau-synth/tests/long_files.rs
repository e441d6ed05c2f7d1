//! Long films on disk: whole or not there, the same on any number of threads, and gone on with.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use microau_core::time::FrameRate;
use microau_synth::long::{FilmFormat, FilmsPlan, LongSettings, write_films};
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_synth::{Renderer, SynthError};

fn plan(films: usize, format: FilmFormat) -> FilmsPlan {
    let settings = LongSettings {
        secs: 2.0,
        rate: FrameRate::whole(25),
        width_px: 98,
        height_px: 65,
        faces: 2,
        ..LongSettings::default()
    };
    FilmsPlan { settings, films, subjects: 2, seed: 5, format }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        if entry.is_dir() {
            found.extend(files(&entry).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(entry).unwrap());
        }
    }
    found
}

fn written(plan: &FilmsPlan, threads: usize) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let done = AtomicU64::new(0);
    let advance = |frames: u64| {
        done.fetch_add(frames, Ordering::Relaxed);
    };
    pool.install(|| write_films(plan, None, folder.path(), &advance)).unwrap();
    assert_eq!(done.into_inner(), plan.frame_count());
    files(folder.path())
}

#[test]
fn films_are_the_same_side_by_side_and_one_by_one() {
    // two films are fewer than three threads and as many as two
    for format in [FilmFormat::Avi, FilmFormat::Png] {
        let plan = plan(2, format);
        let side_by_side = written(&plan, 2);
        assert!(side_by_side == written(&plan, 3), "{format:?}");
        let frames = if format == FilmFormat::Avi { 2 } else { 2 * 50 };
        assert_eq!(side_by_side.len(), frames + 3, "films, two tables and a marker, nothing left over");
    }
}

#[test]
fn a_frame_on_disk_is_the_frame_in_memory() {
    let plan = plan(1, FilmFormat::Png);
    let files = written(&plan, 1);
    let film = Renderer::new().long_film(&plan.script(0, false).unwrap());
    let stored = image::load_from_memory(&files["f0001/000031.png"]).unwrap().into_rgb8();
    assert_eq!(stored, film.frame(30));
    let jpeg = &written(&FilmsPlan { format: FilmFormat::Jpg, ..plan }, 2)["f0001/000031.jpg"];
    let jpeg = image::load_from_memory(jpeg).unwrap().into_rgb8();
    let off = jpeg.iter().zip(stored.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / jpeg.len() as f64;
    // compressed once as this film's camera does, or at quality 97 where it does not
    assert!(off < 2.0, "{off} levels");
}

#[test]
fn an_avi_holds_its_frames_as_the_format_says() {
    let plan = plan(1, FilmFormat::Avi);
    let avi = &written(&plan, 1)["f0001.avi"];
    let word = |at: usize| u32::from_le_bytes(avi[at..at + 4].try_into().unwrap());
    assert_eq!((&avi[..4], word(4) as usize, &avi[8..12]), (&b"RIFF"[..], avi.len() - 8, &b"AVI "[..]));
    let at = |name: &[u8]| avi.windows(4).position(|w| w == name).unwrap();
    let (header, stream, movie, index) = (at(b"avih") + 8, at(b"strh") + 8, at(b"movi"), at(b"idx1"));
    assert_eq!((word(header), word(header + 16), word(header + 32), word(header + 36)), (40_000, 50, 98, 65));
    assert_eq!((word(stream + 20), word(stream + 24), word(stream + 32)), (1, 25, 50));
    assert_eq!((&avi[movie - 8..movie - 4], word(movie - 4) as usize), (&b"LIST"[..], index - movie));
    assert_eq!(word(index + 4), 50 * 16);
    let film = Renderer::new().long_film(&plan.script(0, false).unwrap());
    for frame in 0..50 {
        let entry = index + 8 + 16 * frame as usize;
        let (place, length) = (movie + word(entry + 8) as usize, word(entry + 12) as usize);
        assert_eq!((&avi[place..place + 4], word(place + 4) as usize), (&b"00dc"[..], length));
        assert_eq!(place % 2, 0, "chunks start at even places");
        assert!(avi[place + 8..place + 8 + length] == film.jpeg(frame).unwrap());
    }
}

#[test]
fn a_stopped_run_goes_on_with_what_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(3, FilmFormat::Png);
    let all = written(&plan, 2);
    write_films(&plan, None, folder.path(), &|_| ()).unwrap();
    // stopped within the second film
    std::fs::remove_file(folder.path().join("truth.csv")).unwrap();
    std::fs::rename(folder.path().join("f0002"), folder.path().join(".f0002.partial")).unwrap();
    std::fs::remove_file(folder.path().join(".f0002.partial/000049.png")).unwrap();
    std::fs::write(folder.path().join(".f0002.partial/000007.png"), b"half").unwrap();
    write_films(&plan, None, folder.path(), &|_| ()).unwrap();
    assert!(files(folder.path()) == all);
    let other = FilmsPlan { seed: 6, ..plan };
    let error = write_films(&other, None, folder.path(), &|_| ()).unwrap_err();
    assert!(matches!(error, SynthError::Occupied { .. }), "{error}");
}

#[test]
fn with_photographs_every_second_person_is_one() {
    let mut plan = plan(3, FilmFormat::Png);
    plan.settings.faces = 1;
    plan.settings.secs = 1.0;
    let studio = PhotoStudio::new(Portrait::shipped(), PhotoSettings::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    write_films(&plan, Some(&studio), folder.path(), &|_| ()).unwrap();
    let with = files(folder.path());
    let without = written(&plan, 2);
    for (film, is_photo) in [("f0001", false), ("f0002", true), ("f0003", false)] {
        let first = format!("{film}/000001.png");
        assert_eq!(with[&first] != without[&first], is_photo, "{film}");
    }
    let two_faces = FilmsPlan { settings: LongSettings { faces: 2, ..plan.settings.clone() }, ..plan };
    let other = tempfile::tempdir().unwrap();
    let error = write_films(&two_faces, Some(&studio), other.path(), &|_| ()).unwrap_err();
    assert!(matches!(error, SynthError::BadSetting { name: "faces", .. }), "{error}");
}

#[test]
fn tables_say_who_and_what() {
    let files = written(&plan(3, FilmFormat::Jpg), 2);
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let films: Vec<String> = text("films.csv").lines().map(str::to_owned).collect();
    assert_eq!(films[0], "film,subject,fps,frames,width,height");
    assert_eq!(films[1..], ["f0001,s001,25,50,98,65", "f0002,s002,25,50,98,65", "f0003,s001,25,50,98,65"]);
    for row in text("truth.csv").lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>()) {
        assert_eq!(row.len(), 10);
        assert!(["0", "1"].contains(&row[1]), "{row:?}");
        let (frame, secs): (f64, f64) = (row[3].parse().unwrap(), row[6].parse().unwrap());
        assert_eq!(frame / 25.0, secs, "{row:?}");
    }
}
