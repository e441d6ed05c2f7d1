//! Writes frontal views of random people with the place of every mesh vertex, for `reference/embed_landmarks.py`:
//! `cargo run --release -p microau-synth --example mesh_views -- FOLDER [COUNT]`.
//!
//! Per view: `view_NNN.png` and `view_NNN.f32` (x, y, depth of each vertex in px, little endian).

use std::path::PathBuf;

use microau_synth::{ClipScript, Renderer, Span, SynthSettings};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder to write to"));
    let count: u64 = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(64);
    std::fs::create_dir_all(&folder).expect("the folder is made");
    let mut settings = SynthSettings { size_px: 512, ..SynthSettings::default() };
    settings.identity.variety = 0.8;
    settings.camera.inter_ocular_share = Span::new(0.24, 0.28);
    settings.camera.distance_dm = Span::new(9.0, 16.0);
    settings.camera.exposure_stops = Span::new(-0.1, 0.3);
    settings.light.key_side_deg = Span::new(0.0, 30.0);
    settings.light.ambient = Span::new(0.4, 0.6);
    let renderer = Renderer::new();
    for view in 0..count {
        let script = ClipScript::passport(&settings, 90_000 + view, 1);
        let film = renderer.film(&script);
        film.frame(0).image.save(folder.join(format!("view_{view:03}.png"))).expect("the picture is written");
        let points = film.mesh_points(0);
        let bytes: Vec<u8> = points.iter().flat_map(|p| [p.x, p.y, p.z]).flat_map(f32::to_le_bytes).collect();
        std::fs::write(folder.join(format!("view_{view:03}.f32")), bytes).expect("the points are written");
    }
}
