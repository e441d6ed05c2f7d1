//! Where the model looked, painted over the face: one PNG per present action unit and a sheet of all of them.
//!
//! ```text
//! DIR/<input>/face0_onset12_apex20/AU12.png
//! DIR/<input>/face0_onset12_apex20/overview.png
//! ```
//!
//! The picture is the face crop of the apex. Colour is the weight of Patch Token Attention as a share of the largest
//! weight of that action unit, smoothed between the centres of the patches.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage, imageops};
use microau_core::geom::Point2;
use microau_core::plane::Plane;
use microau_core::score::AuScore;
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster};

use super::error::DetectError;
use super::input::Input;
use super::pipeline::Look;
use super::scorer::Attention;
use crate::files;

/// Height of a caption, px.
const CAPTION_PX: u32 = 22;
/// Space between the pictures of a sheet, px.
const GAP_PX: u32 = 6;
/// Pictures side by side on a sheet.
const SHEET_COLUMNS: u32 = 4;
/// How much of a picture its colours hide where the weight is largest.
const OPACITY: f32 = 0.65;
/// Background of sheets and captions.
const PAPER: Rgb<u8> = Rgb([250, 250, 248]);
/// Colours from no weight to the largest: dark blue, violet, orange, light yellow.
const COLOURS: [[f32; 3]; 4] = [[20.0, 20.0, 90.0], [140.0, 40.0, 130.0], [240.0, 110.0, 50.0], [255.0, 240.0, 150.0]];

/// Writes heat maps below one folder, a subfolder for each input.
#[derive(Debug)]
pub struct HeatmapFolder {
    folder: PathBuf,
    names: BTreeMap<String, Vec<String>>,
}

impl HeatmapFolder {
    /// Heat maps below `folder`, which is made when the first one is written.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), names: BTreeMap::new() }
    }

    /// Writes the pictures of one interval.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn write(&mut self, look: Look<'_>) -> Result<(), DetectError> {
        let Look { face_id, interval, .. } = look;
        let event = format!("face{face_id}_onset{}_apex{}", interval.onset.frame, interval.apex.frame);
        let name = self.name_of(look.input);
        let folder = self.folder.join(name).join(event);
        let pictures = pictures(look);
        for (score, picture) in pictures.iter().filter(|(score, _)| score.present) {
            files::write_png(&folder.join(format!("{}.png", score.au.code())), picture)?;
        }
        files::write_png(&folder.join("overview.png"), &sheet(&pictures))
    }

    /// A folder name for an input, with a number where two inputs have one name.
    fn name_of(&mut self, input: &Input) -> String {
        let (stem, whole) = (input.stem(), input.to_string());
        let known = self.names.entry(stem.clone()).or_default();
        let place = known.iter().position(|it| *it == whole).unwrap_or_else(|| {
            known.push(whole);
            known.len() - 1
        });
        if place == 0 { stem } else { format!("{stem}_{}", place + 1) }
    }
}

/// The face with the weights of each action unit over it, the likeliest first.
fn pictures(look: Look<'_>) -> Vec<(AuScore, RgbImage)> {
    let patches = look.attention.grid.len();
    let rows = look.interval.aus.iter().zip(look.attention.weights.chunks_exact(patches));
    let mut pictures: Vec<(AuScore, RgbImage)> =
        rows.map(|(score, row)| (*score, overlay(look.attention, row))).collect();
    pictures.sort_by(|a, b| b.0.probability.total_cmp(&a.0.probability));
    pictures
}

/// The crop with one row of weights over it.
pub fn overlay(attention: &Attention, weights: &[f32]) -> RgbImage {
    let grid = attention.grid;
    let largest = weights.iter().copied().fold(0.0, f32::max);
    let heat = Plane::from_vec(grid.cols, grid.rows, weights.to_vec());
    let mut picture = attention.crop.clone();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let centre = Point2::new((x as f32 + 0.5) / grid.patch_px, (y as f32 + 0.5) / grid.patch_px);
        let share = if largest > 0.0 { (heat.sample(centre) / largest).clamp(0.0, 1.0) } else { 0.0 };
        *pixel = blended(*pixel, colour(share), OPACITY * share.sqrt());
    }
    picture
}

fn colour(share: f32) -> [f32; 3] {
    let position = share * (COLOURS.len() - 1) as f32;
    let below = (position as usize).min(COLOURS.len() - 2);
    let part = position - below as f32;
    std::array::from_fn(|i| COLOURS[below][i] + part * (COLOURS[below + 1][i] - COLOURS[below][i]))
}

fn blended(under: Rgb<u8>, over: [f32; 3], opacity: f32) -> Rgb<u8> {
    Rgb(std::array::from_fn(|i| (f32::from(under.0[i]) * (1.0 - opacity) + over[i] * opacity).round() as u8))
}

/// All pictures on one sheet, each with its action unit and probability above it, present ones in bold black.
fn sheet(pictures: &[(AuScore, RgbImage)]) -> RgbImage {
    let (width, height) = pictures.first().map_or((0, 0), |(_, picture)| picture.dimensions());
    let columns = SHEET_COLUMNS.min(pictures.len() as u32);
    let rows = (pictures.len() as u32).div_ceil(SHEET_COLUMNS);
    let (cell_w, cell_h) = (width + GAP_PX, height + CAPTION_PX + GAP_PX);
    let mut sheet = RgbImage::from_pixel(columns * cell_w + GAP_PX, rows * cell_h + GAP_PX, PAPER);
    for (place, (score, picture)) in pictures.iter().enumerate() {
        let (column, row) = (place as u32 % SHEET_COLUMNS, place as u32 / SHEET_COLUMNS);
        let (x, y) = (GAP_PX + column * cell_w, GAP_PX + row * cell_h);
        caption(&mut sheet, x, y + 2, score);
        imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y + CAPTION_PX));
    }
    sheet
}

fn caption(sheet: &mut RgbImage, x: u32, y: u32, score: &AuScore) {
    let ink = if score.present { [0.0; 3] } else { [150.0; 3] };
    let text = format!("{} {:.2} {}", score.au.code(), score.probability, score.au.name());
    for (place, character) in text.chars().enumerate() {
        let Some(raster) = get_raster(character, FontWeight::Regular, RasterHeight::Size16) else { continue };
        let left = x + (place * raster.width()) as u32;
        for (dy, row) in raster.rows().enumerate() {
            for (dx, &cover) in row.iter().enumerate() {
                if let Some(pixel) = sheet.get_pixel_mut_checked(left + dx as u32, y + dy as u32) {
                    *pixel = blended(*pixel, ink, f32::from(cover) / 255.0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::plane::FlowField;
    use microau_core::region::PatchGrid;

    fn attention() -> Attention {
        let crop = RgbImage::from_pixel(64, 64, Rgb([128, 128, 128]));
        let (grid, flow) = (PatchGrid::square(4, 64.0), FlowField::new(32, 32));
        Attention { onset: crop.clone(), crop, flow, grid, weights: Vec::new() }
    }

    #[test]
    fn the_patch_looked_at_is_bright_and_the_others_are_left_alone() {
        let mut weights = vec![0.0; 16];
        weights[5] = 1.0; // row 1, column 1: px 16 to 32
        let picture = overlay(&attention(), &weights);
        assert!(picture.get_pixel(24, 24).0[0] > 200);
        assert_eq!(picture.get_pixel(60, 60).0, [128, 128, 128]);
    }

    #[test]
    fn no_weight_at_all_leaves_the_face_as_it_is() {
        assert_eq!(overlay(&attention(), &[0.0; 16]), attention().crop);
    }

    #[test]
    fn inputs_of_one_name_have_folders_of_their_own() {
        let mut folder = HeatmapFolder::new(Path::new("out"));
        let input = |path: &str| Input::film(Path::new(path));
        assert_eq!(folder.name_of(&input("a/clip.mp4")), "clip");
        assert_eq!(folder.name_of(&input("b/clip.mp4")), "clip_2");
        assert_eq!(folder.name_of(&input("a/clip.mp4")), "clip");
    }
}
