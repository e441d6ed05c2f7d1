//! Long films that are written are read again, frame by frame and at their rate.

use microau::core::time::FrameRate;
use microau::synthesise::{FilmFormat, FilmsPlan, LongSettings, Renderer, write_films};
use microau_vision::frames;

#[test]
fn a_film_is_read_as_it_was_written() {
    let settings = LongSettings {
        secs: 2.0,
        rate: FrameRate::new(30_000, 1001).unwrap(),
        width_px: 130,
        height_px: 75,
        ..LongSettings::default()
    };
    let folder = tempfile::tempdir().unwrap();
    for format in [FilmFormat::Avi, FilmFormat::Jpg] {
        let plan = FilmsPlan { settings: settings.clone(), films: 1, subjects: 1, seed: 3, format };
        let out = folder.path().join(plan.film_name(0));
        write_films(&plan, None, &out, &|_| ()).unwrap();
        let mut film = frames::open(&out.join(plan.film_name(0))).unwrap();
        if format == FilmFormat::Avi {
            assert_eq!((film.info().rate, film.info().frame_count), (settings.rate, Some(60)));
        }
        let rendered = Renderer::new().long_film(&plan.script(0, false).unwrap());
        for (number, expected) in (0..).zip(rendered.frames()) {
            let frame = film.next_frame().unwrap().expect("a frame for each that was rendered");
            assert_eq!(frame.index.0, number);
            // this film's camera compresses, and files are not compressed again
            assert_eq!(frame.image, expected, "{format:?} frame {number}");
        }
        assert!(film.next_frame().unwrap().is_none());
    }
}
