//! Units made from anatomy instead of by a sculptor: a muscle is a few strands, each of which pulls the skin around its
//! insertion towards its origin.
//!
//! A strand moves the skin by `(1 - (s / r)^2)^2` in one direction, with `s` the way along the skin from the insertion and
//! `r` the strand's reach: along the skin, so that an upper lip can rise and leave the lower one where it is. Insertions and
//! origins are landmarks of the average head. Lids have no strands: they slide over the eyeball.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::LazyLock;

use microau_core::landmarks::MIRROR;

use crate::head::Head;
use crate::head::asset::Target;
use crate::truth::embedding;
use crate::vec3::V3;

/// Family of the targets made here.
pub(crate) const FAMILY: &str = "strand";

/// Name (`{}` for the side), landmark of the insertion and of the origin on the subject's right, reach in decimetres (the
/// eyes are 0.62 apart).
type Strand = (&'static str, usize, usize, f32);

const STRANDS: &[Strand] = &[
    ("frontalis-medial-brow-{}", 107, 108, 0.30),
    ("frontalis-medial-head-{}", 55, 107, 0.22),
    ("frontalis-lateral-brow-{}", 105, 104, 0.28),
    ("frontalis-lateral-tail-{}", 46, 70, 0.24),
    ("corrugator-{}", 107, 8, 0.28),
    ("corrugator-belly-{}", 105, 52, 0.26),
    ("procerus", 9, 168, 0.22),
    ("orbicularis-cheek-{}", 118, 111, 0.28),
    ("orbicularis-below-{}", 119, 230, 0.24),
    ("levator-alae-wing-{}", 129, 198, 0.22),
    ("levator-alae-side-{}", 209, 188, 0.22),
    ("levator-labii-{}", 39, 203, 0.26),
    ("levator-labii-middle-{}", 37, 98, 0.22),
    ("zygomaticus-major-{}", 61, 50, 0.34),
    ("zygomaticus-cheek-{}", 205, 50, 0.30),
    ("risorius-{}", 61, 147, 0.30),
    ("buccinator-{}", 61, 192, 0.24),
    ("buccinator-dimple-{}", 207, 61, 0.20),
    ("depressor-anguli-{}", 61, 210, 0.30),
    ("depressor-anguli-fold-{}", 43, 202, 0.24),
    ("mentalis", 199, 18, 0.34),
    ("mentalis-boss-{}", 201, 182, 0.26),
    ("mentalis-lip", 18, 17, 0.30),
];

/// The targets of all strands, in their order, left before right.
static TARGETS: LazyLock<Vec<Target>> = LazyLock::new(targets);

/// Index of a strand's target, beyond those of the head; `None` when there is none.
pub(crate) fn find(name: &str) -> Option<usize> {
    let strand = TARGETS.iter().position(|target| target.name == name)?;
    Some(Head::get().asset.targets.len() + strand)
}

/// Displacements of a target by its index, of the head or of a strand: (vertex, dm), by rising vertex.
pub(crate) fn deltas(target: usize) -> &'static [(u16, V3)] {
    let of_head = &Head::get().asset.targets;
    of_head.get(target).map_or_else(|| &TARGETS[target - of_head.len()].deltas, |target| &target.deltas)
}

fn targets() -> Vec<Target> {
    let skin = Skin::new();
    let of_strand = |&(name, from, to, reach_dm): &Strand| {
        if !name.contains("{}") {
            return vec![skin.target(name.to_owned(), from, to, reach_dm)];
        }
        let mirrored = |landmark: usize| usize::from(MIRROR[landmark]);
        let left = skin.target(name.replace("{}", "left"), mirrored(from), mirrored(to), reach_dm);
        vec![left, skin.target(name.replace("{}", "right"), from, to, reach_dm)]
    };
    STRANDS.iter().flat_map(of_strand).collect()
}

/// The skin of the average head as a net of edges.
struct Skin {
    neighbours: BTreeMap<u16, Vec<u16>>,
}

impl Skin {
    fn new() -> Skin {
        let head = Head::get();
        let mut neighbours: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
        for &[a, b, c] in &head.asset.triangles[head.group("skin")] {
            for (p, q) in [(a, b), (b, c), (c, a)] {
                neighbours.entry(p).or_default().push(q);
                neighbours.entry(q).or_default().push(p);
            }
        }
        Skin { neighbours }
    }

    fn target(&self, name: String, from: usize, to: usize, reach_dm: f32) -> Target {
        let positions = &Head::get().average_dm;
        let [insertion, origin] = [from, to].map(|landmark| embedding()[landmark].on(positions));
        let pull = (origin - insertion).normalized();
        let share = |way: f32| (1.0 - (way / reach_dm).powi(2)).powi(2);
        let ways = self.ways(insertion, reach_dm);
        let deltas = ways.into_iter().map(|(vertex, way)| (vertex, pull * share(way))).collect();
        Target { family: FAMILY.to_owned(), name, deltas }
    }

    /// Length of the way along the skin to each vertex that lies nearer than `reach_dm` (after Dijkstra).
    fn ways(&self, start: V3, reach_dm: f32) -> BTreeMap<u16, f32> {
        let positions = &Head::get().average_dm;
        let between = |a: V3, vertex: u16| (positions[usize::from(vertex)] - a).length();
        let nearest = self.neighbours.keys().copied().min_by(|&a, &b| between(start, a).total_cmp(&between(start, b)));
        let mut ways = BTreeMap::new();
        // the bits of a float that is not negative rise with it
        let mut open: BinaryHeap<Reverse<(u32, u16)>> =
            nearest.map(|vertex| Reverse((between(start, vertex).to_bits(), vertex))).into_iter().collect();
        while let Some(Reverse((bits, vertex))) = open.pop() {
            let way = f32::from_bits(bits);
            if way >= reach_dm || ways.contains_key(&vertex) {
                continue;
            }
            ways.insert(vertex, way);
            let here = positions[usize::from(vertex)];
            let further = self.neighbours[&vertex].iter().filter(|next| !ways.contains_key(next));
            open.extend(further.map(|&next| Reverse(((way + between(here, next)).to_bits(), next))));
        }
        ways
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sum of the displacements of the vertices next to a landmark.
    fn moved(target: usize, landmark: usize) -> V3 {
        let head = Head::get();
        let corners = head.asset.triangles[usize::from(embedding()[landmark].triangle)];
        let near = deltas(target).iter().filter(|(vertex, _)| corners.contains(vertex));
        near.fold(V3::ZERO, |sum, (_, delta)| sum + *delta)
    }

    #[test]
    fn a_smile_pulls_the_corner_of_the_mouth_up_and_outwards_on_its_side_alone() {
        let (right, left) = (find("zygomaticus-major-right").unwrap(), find("zygomaticus-major-left").unwrap());
        // 61 is the subject's right corner (x < 0), 291 the left one
        assert!(moved(right, 61).y > 0.3 && moved(right, 61).x < -0.1, "{:?}", moved(right, 61));
        assert!(moved(left, 291).y > 0.3 && moved(left, 291).x > 0.1, "{:?}", moved(left, 291));
        assert_eq!(moved(right, 291), V3::ZERO);
    }

    #[test]
    fn the_upper_lip_rises_without_the_lower_one() {
        let target = find("levator-labii-middle-right").unwrap();
        assert!(moved(target, 37).y > 0.5, "{:?}", moved(target, 37));
        assert_eq!(moved(target, 84), V3::ZERO);
    }

    #[test]
    fn the_chin_rises_on_both_sides() {
        let target = find("mentalis").unwrap();
        assert!(moved(target, 199).y > 0.5);
        assert!(moved(target, 208).y > 0.0 && moved(target, 428).y > 0.0);
    }

    #[test]
    fn every_strand_moves_some_skin_and_no_more_than_its_reach() {
        for target in TARGETS.iter() {
            assert!((10..900).contains(&target.deltas.len()), "{}: {}", target.name, target.deltas.len());
            assert!(target.deltas.iter().all(|(_, delta)| delta.length() <= 1.0 + 1e-6));
        }
    }
}
