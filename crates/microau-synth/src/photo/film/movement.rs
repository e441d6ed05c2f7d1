//! What muscles and lids move, on the plate.

use crate::photo::blink::Lids;
use crate::photo::stage::Stage;
use crate::vec3::V3;

/// A vertex of the stage with its displacement on the plate at full strength: right, down, nearer, px.
pub(crate) type Moved = (u16, [f32; 3]);

/// What both lids move in a full blink.
pub(super) fn blink_of(stage: &Stage) -> Vec<Moved> {
    let landmark = |i: usize| stage.marks[i].vertex.xy;
    let lids = [0, 1].map(|side| Lids::new(side, landmark, stage.inter_ocular_px));
    let moved = stage.slots.iter().flatten().filter_map(|&slot| {
        let vertex = &stage.vertices[usize::from(slot)];
        let d = lids.iter().find_map(|lids| lids.closed(vertex.xy))?;
        Some((slot, d.map(|v| v * vertex.part)))
    });
    moved.collect()
}

/// A movement of the head's vertices on the plate.
pub(super) fn carry(stage: &Stage, moved: Vec<(u16, V3)>) -> Vec<Moved> {
    let carried = moved.into_iter().filter_map(|(v, d)| {
        let slot = stage.slots[usize::from(v)]?;
        let vertex = &stage.vertices[usize::from(slot)];
        let d = stage.fit.turned(d) * vertex.part;
        let [right, up] = vertex.axes;
        Some((slot, [d.x * right[0] + d.y * up[0], d.x * right[1] + d.y * up[1], d.z * stage.scale]))
    });
    carried.collect()
}
