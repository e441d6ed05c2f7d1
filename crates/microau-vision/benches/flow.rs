//! Dense flow of a face crop, one thread; against OpenCV: benches/peers/flow_opencv.py.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use microau_core::plane::Plane;
use microau_vision::flow::{DenseFlow, strain};

fn grey(name: &str) -> Plane {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/flow").join(name);
    let image = image::open(path).expect("the golden pairs are in the repository").into_luma8();
    let data = image.as_raw().iter().map(|&v| f32::from(v)).collect();
    Plane::from_vec(image.width() as usize, image.height() as usize, data)
}

fn flow(c: &mut Criterion) {
    let (first, second) = (grey("head_a.png"), grey("head_b.png"));
    let mut group = c.benchmark_group("flow_192px");
    for (name, mut engine) in
        [("fast", DenseFlow::fast()), ("medium", DenseFlow::medium()), ("fine", DenseFlow::fine())]
    {
        group.bench_function(name, |b| b.iter(|| engine.compute(black_box(&first), black_box(&second))));
    }
    let mut kept = DenseFlow::fast();
    kept.set_first(&first);
    group.bench_function("fast_first_kept", |b| b.iter(|| kept.flow_to(black_box(&second))));
    let field = kept.flow_to(&second).expect("the images have one size");
    group.bench_function("strain", |b| b.iter(|| strain(black_box(&field))));
    group.finish();
}

criterion_group!(benches, flow);
criterion_main!(benches);
