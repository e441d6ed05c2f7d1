//! What two models say of one film, side by side: which movements both found, and where their action units differ.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use microau_core::au::Au;
use microau_core::report::{InputReport, Report};
use microau_core::score::AuInterval;
use serde::Serialize;
use utoipa::ToSchema;

use super::record::track::Track;

/// Least overlap at which two movements are the same, as the spotting challenges count.
const LEAST_OVERLAP: f64 = 0.5;

/// Two jobs of one film side by side.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Comparison {
    /// Name of the first model.
    a: String,
    /// Name of the second model.
    b: String,
    /// Movements in order of time.
    pairs: Vec<Pair>,
    /// What they say of each action unit.
    units: Vec<Unit>,
}

/// A movement that both found, or one of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pair {
    /// Number of the face.
    face_id: u32,
    /// As the first model has it, in the form of a report.
    #[schema(value_type = Option<Object>)]
    a: Option<AuInterval>,
    /// As the second has it.
    #[schema(value_type = Option<Object>)]
    b: Option<AuInterval>,
    /// Shared part of the two, from 0 to 1; null where one is alone.
    overlap: Option<f64>,
    /// Action units that one says are there and the other not.
    #[schema(value_type = Vec<String>)]
    differ: Vec<Au>,
}

/// What two models say of an action unit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unit {
    /// The action unit.
    #[schema(value_type = String)]
    au: Au,
    /// Movements of both in which both see it.
    both: usize,
    /// Movements in which the first alone sees it.
    only_a: usize,
    /// Movements in which the second alone sees it.
    only_b: usize,
    /// Mean absolute difference of the two curves; null where one does not know it.
    difference: Option<f64>,
}

/// Compares two jobs of one film.
pub(crate) fn compare(a: (&Report, &Track), b: (&Report, &Track)) -> io::Result<Comparison> {
    let pairs = pairs(&movements(a.0), &movements(b.0));
    let differences = curve_differences(a, b)?;
    let known: BTreeSet<Au> = a.0.model.aus.iter().chain(&b.0.model.aus).copied().collect();
    let units = known.into_iter().map(|au| unit(au, &pairs, differences.get(&au).copied())).collect();
    Ok(Comparison { a: a.0.model.name.clone(), b: b.0.model.name.clone(), pairs, units })
}

fn movements(report: &Report) -> Vec<(u32, &AuInterval)> {
    let faces = report.inputs.iter().flat_map(|input: &InputReport| &input.faces);
    faces.flat_map(|face| face.intervals.iter().map(|interval| (face.face_id, interval))).collect()
}

fn span(it: &AuInterval) -> (f64, f64) {
    (it.onset.frame.0 as f64, it.offset.unwrap_or(it.apex).frame.0 as f64 + 1.0)
}

/// Shared part of two movements, from 0 to 1.
fn overlap(a: &AuInterval, b: &AuInterval) -> f64 {
    let ((a0, a1), (b0, b1)) = (span(a), span(b));
    let shared = (a1.min(b1) - a0.max(b0)).max(0.0);
    shared / (a1.max(b1) - a0.min(b0))
}

/// Pairs movements of one face, those that share most first.
fn pairs(a: &[(u32, &AuInterval)], b: &[(u32, &AuInterval)]) -> Vec<Pair> {
    let mut shared: Vec<(f64, usize, usize)> = Vec::new();
    for (i, (face_a, it_a)) in a.iter().enumerate() {
        for (j, (_, it_b)) in b.iter().enumerate().filter(|(_, (face_b, _))| face_a == face_b) {
            let overlap = overlap(it_a, it_b);
            if overlap >= LEAST_OVERLAP {
                shared.push((overlap, i, j));
            }
        }
    }
    shared.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let (mut taken_a, mut taken_b) = (vec![false; a.len()], vec![false; b.len()]);
    let mut pairs = Vec::new();
    for (overlap, i, j) in shared {
        if !taken_a[i] && !taken_b[j] {
            (taken_a[i], taken_b[j]) = (true, true);
            let ((face_id, it_a), (_, it_b)) = (a[i], b[j]);
            let differ = Au::ALL.into_iter().filter(|&au| sees(it_a, au) != sees(it_b, au)).collect();
            pairs.push(Pair { face_id, a: Some(it_a.clone()), b: Some(it_b.clone()), overlap: Some(overlap), differ });
        }
    }
    let alone = |taken: &[bool], all: &[(u32, &AuInterval)]| -> Vec<(u32, AuInterval)> {
        all.iter()
            .zip(taken)
            .filter(|(_, taken)| !**taken)
            .map(|((face_id, it), _)| (*face_id, (*it).clone()))
            .collect()
    };
    let only = |face_id, a, b| Pair { face_id, a, b, overlap: None, differ: Vec::new() };
    pairs.extend(alone(&taken_a, a).into_iter().map(|(face_id, it)| only(face_id, Some(it), None)));
    pairs.extend(alone(&taken_b, b).into_iter().map(|(face_id, it)| only(face_id, None, Some(it))));
    pairs.sort_by_key(|it| (it.a.as_ref().or(it.b.as_ref()).map(|it| it.onset.frame), it.face_id));
    pairs
}

fn sees(interval: &AuInterval, au: Au) -> bool {
    interval.aus.get(au).is_some_and(|score| score.present)
}

fn unit(au: Au, pairs: &[Pair], difference: Option<f64>) -> Unit {
    let of = |it: &Option<AuInterval>| it.as_ref().is_some_and(|it| sees(it, au));
    let count = |a: bool, b: bool| pairs.iter().filter(|pair| (of(&pair.a), of(&pair.b)) == (a, b)).count();
    Unit { au, both: count(true, true), only_a: count(true, false), only_b: count(false, true), difference }
}

/// Mean absolute difference of the curves of every action unit that both models know, over the frames that both scored.
fn curve_differences(a: (&Report, &Track), b: (&Report, &Track)) -> io::Result<BTreeMap<Au, f64>> {
    let (mut sums, mut count) = (BTreeMap::<Au, f64>::new(), 0_u64);
    let known = |au: &Au| {
        Some((*au, a.0.model.aus.iter().position(|it| it == au)?, b.0.model.aus.iter().position(|it| it == au)?))
    };
    let shared: Vec<(Au, usize, usize)> = Au::ALL.iter().filter_map(known).collect();
    let mut others = b.1.heads()?.peekable();
    for head in a.1.heads()? {
        let head = head?;
        let key = (head.at.frame, head.face_id);
        while others.peek().is_some_and(|it| it.as_ref().is_ok_and(|it| (it.at.frame, it.face_id) < key)) {
            others.next();
        }
        let Some(Ok(other)) = others.peek() else { break };
        if (other.at.frame, other.face_id) != key || head.aus.is_empty() || other.aus.is_empty() {
            continue;
        }
        count += 1;
        for &(au, i, j) in &shared {
            *sums.entry(au).or_default() += f64::from((head.aus[i] - other.aus[j]).abs());
        }
    }
    sums.values_mut().for_each(|sum| *sum /= count.max(1) as f64);
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::output::tests::interval_at;

    #[test]
    fn movements_that_share_half_are_one_and_others_stand_alone() {
        let (first, second, late) = (interval_at(10, 30), interval_at(12, 31), interval_at(80, 90));
        let pairs = pairs(&[(0, &first), (0, &late)], &[(0, &second), (1, &late)]);
        let shape: Vec<_> = pairs.iter().map(|it| (it.face_id, it.a.is_some(), it.b.is_some())).collect();
        assert_eq!(shape, [(0, true, true), (0, true, false), (1, false, true)]);
        // frames 12 to 30 of 10 to 31
        assert!((pairs[0].overlap.unwrap() - 19.0 / 22.0).abs() < 1e-9);
        let smile = unit(Au::Au12, &pairs, None);
        assert_eq!((smile.both, smile.only_a, smile.only_b), (1, 1, 1));
    }
}
