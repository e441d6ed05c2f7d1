//! Paints a subject's plate: the photograph reshaped and toned (`photographed`), then relit, skin with lines and pores
//! (`skin`), new surroundings, and what lies under lids and lips (`opening`).

mod opening;
mod photographed;
mod skin;

use microau_core::geom::Point2;

pub(crate) use self::photographed::photographed;
use crate::photo::look::Look;
use crate::photo::stage::{Kind, Stage};
use crate::render::raster::{NOTHING, Visibility};
use crate::vec3::smoothstep;

/// Light, skin and surroundings, once the mesh lies over the face; `seen` is the mesh at rest.
pub(crate) fn finish(stage: &mut Stage, look: &Look, seen: &Visibility) {
    stage.skin_share = skin::share(stage, seen);
    skin::relight(stage, look, seen);
    skin::add_lines_and_pores(stage, look, seen);
    surround(stage, look);
    stage.under = opening::under(stage, seen);
}

/// What a pixel of the plate shows at rest; `None` for the surroundings.
fn kind_at(stage: &Stage, seen: &Visibility, at: usize) -> Option<Kind> {
    let number = seen.triangle[at];
    (number != NOTHING).then(|| stage.triangles[usize::from(number)].1)
}

/// Replaces what lies outside an oval around head and shoulders.
fn surround(stage: &mut Stage, look: &Look) {
    if look.surroundings(Point2::default()).is_none() {
        return;
    }
    let unit = 1.0 / stage.inter_ocular_px;
    for at in 0..stage.plate.pixels.len() {
        let (x, y) = ((at % stage.plate.width) as f32 + 0.5, (at / stage.plate.width) as f32 + 0.5);
        let p = (Point2::new(x, y) - stage.eyes) * unit;
        // Hair reaches about 1.6 distances between the eyes to the side and 2 above them.
        let away = (p.x / 1.75).hypot((p.y - 0.2).min(0.0) / 2.1);
        let cover = smoothstep(0.92, 1.12, away);
        if let Some(colour) = look.surroundings(p).filter(|_| cover > 0.0) {
            let pixel = &mut stage.plate.pixels[at];
            for (c, fresh) in [colour.x, colour.y, colour.z].into_iter().enumerate() {
                pixel[c] += cover * (fresh - pixel[c]);
            }
        }
    }
}
