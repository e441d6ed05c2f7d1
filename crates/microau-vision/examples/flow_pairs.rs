//! Flow of every pair in a folder, timed: `flow_pairs PAIRS OUT fast|medium|fine [ROUNDS]`.
//!
//! Reads NAME_a.png and NAME_b.png, writes OUT/NAME.flo (Middlebury format) and prints one JSON object: the preset and the
//! milliseconds of each pair, the least of the rounds. One thread. Used by benches/peers/flow_opencv.py.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use microau_core::plane::{FlowField, Plane};
use microau_vision::flow::{DenseFlow, FlowSettings};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pairs, out, preset, rounds @ ..] = &arguments[..] else {
        return Err("usage: flow_pairs PAIRS OUT fast|medium|fine [ROUNDS]".into());
    };
    let settings = match &preset[..] {
        "fast" => FlowSettings::fast(),
        "medium" => FlowSettings::medium(),
        "fine" => FlowSettings::fine(),
        other => return Err(format!("no preset {other}, expected fast, medium or fine").into()),
    };
    let rounds = rounds.first().map_or(Ok(1), |text| text.parse())?;
    let mut engine = DenseFlow::new(FlowSettings { parallel_from_px: usize::MAX, ..settings });
    let mut millis = BTreeMap::new();
    for name in names(Path::new(pairs))? {
        let image = |end: &str| grey(&Path::new(pairs).join(format!("{name}_{end}.png")));
        let (first, second) = (image("a")?, image("b")?);
        let mut least = f64::INFINITY;
        for _ in 0..rounds {
            let start = Instant::now();
            let flow = engine.compute(&first, &second)?;
            least = least.min(start.elapsed().as_secs_f64() * 1e3);
            write_flo(&flow, &Path::new(out).join(format!("{name}.flo")))?;
        }
        millis.insert(name, least);
    }
    println!("{}", serde_json::json!({ "preset": preset, "ms": millis }));
    Ok(())
}

/// Names of the pairs in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix("_a.png").map(String::from))
        .collect();
    names.sort();
    Ok(names)
}

fn grey(path: &PathBuf) -> Result<Plane, Box<dyn Error>> {
    let image = image::open(path)?.into_luma8();
    let data = image.as_raw().iter().map(|&v| f32::from(v)).collect();
    Ok(Plane::from_vec(image.width() as usize, image.height() as usize, data))
}

/// Middlebury .flo: "PIEH", width, height (i32), then u, v of each pixel (f32), little endian.
fn write_flo(flow: &FlowField, path: &Path) -> std::io::Result<()> {
    let mut bytes = b"PIEH".to_vec();
    for side in [flow.width(), flow.height()] {
        bytes.extend((side as i32).to_le_bytes());
    }
    for (u, v) in flow.u.data.iter().zip(&flow.v.data) {
        bytes.extend(u.to_le_bytes());
        bytes.extend(v.to_le_bytes());
    }
    std::fs::write(path, bytes)
}
