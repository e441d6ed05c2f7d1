//! End-point error on generated pairs with known motion, against OpenCV on the same pairs.
//!
//! Pairs, truth and OpenCV's errors are made by reference/flow_golden.py.

use std::path::{Path, PathBuf};

use half::f16;
use microau_core::plane::{FlowField, Plane};
use microau_vision::flow::DenseFlow;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    size: usize,
    step: usize,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    opencv_dis_medium: Errors,
    opencv_dual_tvl1: Errors,
}

/// Mean end-point errors, px.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Errors {
    epe: f32,
    epe_moving: f32,
}

impl Errors {
    fn is_no_worse_than(self, other: Errors) -> bool {
        self.epe <= other.epe && self.epe_moving <= other.epe_moving
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/flow")
}

fn grey(name: &str) -> Plane {
    let image = image::open(folder().join(name)).unwrap().into_luma8();
    let data = image.as_raw().iter().map(|&v| f32::from(v)).collect();
    Plane::from_vec(image.width() as usize, image.height() as usize, data)
}

/// Planes u, v and moving at every `step`-th pixel.
fn truth(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(folder().join(format!("{name}.f16"))).unwrap();
    bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
}

fn errors(flow: &FlowField, truth: &[f32], step: usize) -> Errors {
    let columns = flow.width() / step;
    let count = truth.len() / 3;
    let error = |i: usize| {
        let (x, y) = (i % columns * step + step / 2, i / columns * step + step / 2);
        (flow.u.at(x, y) - truth[i]).hypot(flow.v.at(x, y) - truth[count + i])
    };
    let moving: Vec<usize> = (0..count).filter(|i| truth[2 * count + i] > 0.5).collect();
    Errors {
        epe: (0..count).map(error).sum::<f32>() / count as f32,
        epe_moving: moving.iter().map(|&i| error(i)).sum::<f32>() / moving.len() as f32,
    }
}

fn golden() -> Golden {
    serde_json::from_str(&std::fs::read_to_string(folder().join("golden.json")).unwrap()).unwrap()
}

fn ours(engine: &mut DenseFlow, golden: &Golden, pair: &Pair) -> Errors {
    let (first, second) = (grey(&format!("{}_a.png", pair.name)), grey(&format!("{}_b.png", pair.name)));
    assert_eq!((first.width, first.height), (golden.size, golden.size));
    errors(&engine.compute(&first, &second).unwrap(), &truth(&pair.name), golden.step)
}

#[test]
fn no_pair_is_worse_than_with_opencv_dis_medium_or_dual_tvl1() {
    let golden = golden();
    for mut engine in [DenseFlow::medium(), DenseFlow::fine()] {
        for pair in &golden.pairs {
            let ours = ours(&mut engine, &golden, pair);
            let (dis, tvl1) = (pair.opencv_dis_medium, pair.opencv_dual_tvl1);
            assert!(ours.is_no_worse_than(dis), "{}: {ours:?}, DIS {dis:?}", pair.name);
            assert!(ours.is_no_worse_than(tvl1), "{}: {ours:?}, TV-L1 {tvl1:?}", pair.name);
        }
    }
}

#[test]
fn the_fast_preset_is_no_worse_than_dis_medium_on_the_whole() {
    let golden = golden();
    let mut engine = DenseFlow::fast();
    let ours: Vec<Errors> = golden.pairs.iter().map(|pair| ours(&mut engine, &golden, pair)).collect();
    let sum = |errors: &mut dyn Iterator<Item = Errors>| {
        errors.fold((0.0, 0.0), |(all, moving), e| (all + e.epe, moving + e.epe_moving))
    };
    let (all, moving) = sum(&mut ours.iter().copied());
    let (dis_all, dis_moving) = sum(&mut golden.pairs.iter().map(|pair| pair.opencv_dis_medium));
    assert!(all <= dis_all && moving <= dis_moving, "{ours:?}");
}
