//! The apex search on generated clips, whose apex is known by construction: heads drift, blink and look about in them.

use std::path::Path;

use microau::detect::Input;
use microau::detect::faces::tracker;
use microau::detect::film::Film;
use microau::spot::{self, Movement};
use microau::synthesise::{ClipsPlan, FrameFormat, SynthSettings, TABLE_NAME, generate_clips};
use microau_data::index::{Clip, Index};
use microau_vision::frames::DEFAULT_FOLDER_RATE;

/// Generated clips with an expression in them.
fn clips(folder: &Path, count: usize) -> Vec<Clip> {
    let plan = ClipsPlan { subjects: count, clips: count, seed: 20, format: FrameFormat::Jpg };
    generate_clips(&SynthSettings::default(), &plan, None, folder, &|_| ()).unwrap();
    let index = Index::read(&folder.join(TABLE_NAME)).unwrap();
    index.clips.into_iter().filter(|clip| !clip.labels.present().is_empty()).collect()
}

/// The first face's movement, and the number of frames of the clip.
fn searched(clip: &Clip) -> (Option<Movement>, u64) {
    let source = Input::film(&clip.path).open(DEFAULT_FOLDER_RATE).unwrap();
    let mut silent = |_| ();
    let mut film = Film::new(source, &mut silent);
    let movements = spot::movements(&mut film, &mut tracker().unwrap(), 5).unwrap();
    (movements.first().copied(), film.position())
}

/// Shares of the time between onset and offset by which the apex found is off.
fn misses(count: usize) -> Vec<f64> {
    let folder = tempfile::tempdir().unwrap();
    let miss = |clip: &Clip| {
        let truth = clip.event;
        let length = (truth.offset.unwrap().0 - truth.onset.0) as f64;
        let (movement, frames) = searched(clip);
        let miss = movement.map_or(f64::INFINITY, |it| it.event.apex.0.abs_diff(truth.apex.0) as f64 / length);
        eprintln!(
            "{:10} {:8} {frames:3} frames, truth {truth:?}, miss {miss:.2}, found {:?}",
            clip.name,
            clip.labels.to_string(),
            movement.map(|it| it.event)
        );
        miss
    };
    clips(folder.path(), count).iter().map(miss).collect()
}

#[test]
fn most_apexes_are_found_within_a_fifth_of_the_movement() {
    let count = std::env::var("APEX_CLIPS").ok().and_then(|count| count.parse().ok()).unwrap_or(8);
    let misses = misses(count);
    let found = misses.iter().filter(|&&miss| miss <= 0.2).count();
    println!("{found} of {}", misses.len());
    assert!(2 * found > misses.len(), "{found} of {}", misses.len());
}
