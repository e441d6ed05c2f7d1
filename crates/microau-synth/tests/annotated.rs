//! Clips filmed after an annotation: its AUs, its sides, its times.

use microau_core::sample::{AuLabels, Event};
use microau_core::time::FrameIndex;
use microau_synth::{ClipScript, Renderer, Span, SynthSettings};

fn event(onset: u64, apex: u64, offset: u64) -> Event {
    Event { onset: FrameIndex(onset), apex: FrameIndex(apex), offset: Some(FrameIndex(offset)) }
}

#[test]
fn what_is_annotated_is_filmed_also_where_such_aus_never_meet() {
    let settings = SynthSettings::default();
    for text in ["L4+7+14", "R1+4+R12+17", "1+2+4+5+6+7+9+10+12+14+15+17+20+23+24+25+26", ""] {
        let labels: AuLabels = text.parse().unwrap();
        for clip in 0..5 {
            let script = ClipScript::annotated(&settings, 3, clip, &labels, event(3, 9, 15), 20);
            assert_eq!(script.labels(), labels, "{text}");
            assert_eq!((script.event(), script.frame_count()), (event(3, 9, 15), 20));
        }
    }
}

#[test]
fn times_that_cannot_be_are_moved_to_such_that_can() {
    let settings = SynthSettings::default();
    let labels: AuLabels = "4".parse().unwrap();
    for (asked, frames) in [((5, 5, 9), 12), ((8, 3, 1), 12), ((90, 95, 99), 10), ((0, 0, 0), 0), ((0, 1, u64::MAX), 3)]
    {
        let script = ClipScript::annotated(&settings, 1, 1, &labels, event(asked.0, asked.1, asked.2), frames);
        let found = script.event();
        let offset = found.offset.unwrap();
        assert!(found.onset < found.apex && found.apex < offset, "{asked:?}: {found:?}");
        assert!(offset.0 < u64::from(script.frame_count()) && script.frame_count() >= frames.max(3));
    }
}

#[test]
fn the_side_that_is_not_named_stays_at_rest() {
    let mut settings = SynthSettings { size_px: 128, ..SynthSettings::default() };
    settings.muscle.strength = Span::new(0.8, 0.8);
    let labels: AuLabels = "L2".parse().unwrap();
    let mut script = ClipScript::annotated(&settings, 4, 1, &labels, event(0, 5, 10), 11);
    script.still();
    let film = Renderer::new().film(&script);
    let [rest, apex] = [film.mesh_points(0), film.mesh_points(5)];
    let middle = rest.iter().map(|p| p.x).sum::<f32>() / rest.len() as f32;
    let moved = |left: bool| {
        let side = rest.iter().zip(&apex).filter(|(p, _)| (p.x > middle) == left && (p.x - middle).abs() > 6.0);
        side.map(|(a, b)| (a.x - b.x).hypot(a.y - b.y)).fold(0.0, f32::max)
    };
    // the subject's left is on the right of the picture
    assert!(moved(true) > 1.0 && moved(false) < 0.1 * moved(true), "{} against {}", moved(true), moved(false));
}

#[test]
fn clips_of_one_room_have_one_background() {
    let mut settings = SynthSettings { size_px: 96, ..SynthSettings::default() };
    settings.camera.noise_levels = Span::new(0.0, 0.0);
    settings.camera.jpeg_share = 0.0;
    settings.distractors.flicker = 0.0;
    let renderer = Renderer::new();
    let corner = |person: u64, room: Option<u64>| {
        let script = ClipScript::annotated(&settings, person, 1, &AuLabels::NONE, event(0, 1, 2), 3);
        let script = match room {
            Some(room) => script.in_room(&settings, room),
            None => script,
        };
        *renderer.frame(&script, 0).image.get_pixel(1, 1)
    };
    assert_eq!(corner(1, Some(9)), corner(2, Some(9)));
    assert_ne!(corner(1, Some(9)), corner(1, Some(8)));
    assert_ne!(corner(1, None), corner(2, None));
}
