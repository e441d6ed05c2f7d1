//! Writes a sheet of onset and apex frames of a stand-in.
//!
//! `cargo run --release -p microau-synth --example stand_in_sheet -- OUT.jpg LAYOUT [CLIPS] [cropped]`

use image::RgbImage;
use image::imageops::replace;
use microau_synth::stand_in::{FrameKind, Layout, StandInSettings, write_stand_in};

/// Pairs of frames in a row.
const COLUMNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize, otherwise: &str| arguments.get(at).cloned().unwrap_or_else(|| otherwise.to_owned());
    let layout = Layout::ALL.into_iter().find(|layout| layout.name() == argument(1, "casme2")).expect("a known layout");
    let clips = argument(2, "12").parse().expect("a number of clips");
    let kind = if argument(3, "raw") == "cropped" { FrameKind::Cropped } else { FrameKind::Raw };
    let settings = StandInSettings { clips: Some(clips), margin: 0, kind, ..StandInSettings::new(layout, 7) };
    let plan = settings.plan().expect("settings in range");
    let folder = std::env::temp_dir().join(format!("stand-in-sheet-{}", std::process::id()));
    write_stand_in(&plan, &folder, &|_| ()).expect("the folder can be written");
    let open = |clip, number| {
        let path = folder.join(plan.folder(clip)).join(plan.frame_name(clip, number));
        image::open(path).expect("the frame was written").to_rgb8()
    };
    let pictures: Vec<RgbImage> =
        plan.clips.iter().flat_map(|clip| [open(clip, clip.onset), open(clip, clip.apex)]).collect();
    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
    let (width, height) = pictures[0].dimensions();
    let rows = pictures.len().div_ceil(2 * COLUMNS) as u32;
    let mut sheet = RgbImage::new(2 * COLUMNS as u32 * width, rows * height);
    for (at, picture) in pictures.iter().enumerate() {
        let (column, row) = (at % (2 * COLUMNS), at / (2 * COLUMNS));
        replace(&mut sheet, picture, column as i64 * i64::from(width), row as i64 * i64::from(height));
    }
    sheet.save(argument(0, "stand_in_sheet.jpg")).expect("the sheet can be written");
    plan.clips.iter().for_each(|clip| println!("{} {} {}", clip.name, clip.cell(), clip.emotion));
}
