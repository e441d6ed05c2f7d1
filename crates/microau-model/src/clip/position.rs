//! Positional embeddings for images of another size than the tower was trained with.
//!
//! The grid of positions is an image with D channels; it is resampled with sample centres at (i + ½) · old / new,
//! edges repeated, and no smoothing when it shrinks, as Hugging Face's `interpolate_pos_encoding` does.
//!
//! | kernel | weights at distance x |
//! |---|---|
//! | bilinear | 1 − x |
//! | bicubic | Keys' cubic with a = −0.75, torch's choice |

use serde::{Deserialize, Serialize};

use super::config::VisualConfig;
use super::error::ClipError;
use super::parts::matrix;
use super::visual::VisualTower;

/// How a grid of positions is resampled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// From the two nearest positions along each axis.
    Bilinear,
    /// From the four nearest positions along each axis.
    #[default]
    Bicubic,
}

/// The side of the images that a visual tower will see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageSize {
    /// What it was trained with.
    #[default]
    AsTrained,
    /// Another side; positions are resampled.
    Resized {
        /// New side of the image, px; a multiple of the patch.
        image_px: usize,
        /// How positions are resampled.
        by: Interpolation,
    },
}

impl VisualTower {
    /// The same tower for images of another size.
    ///
    /// # Errors
    /// [`ClipError::Size`] when patches do not fill the new size.
    pub fn with_image_size(self, size: ImageSize) -> Result<Self, ClipError> {
        let ImageSize::Resized { image_px, by } = size else {
            return Ok(self);
        };
        let config = VisualConfig { image_px, ..self.config.clone() };
        config.validate()?;
        if image_px == self.config.image_px {
            return Ok(self);
        }
        let old = self.positions.val();
        let values = old.to_data().convert::<f32>();
        let values = values.as_slice::<f32>().expect("converted to f32");
        let first_patch = usize::from(config.class_token) * config.width;
        let (class, patches) = values.split_at(first_patch);
        let sides = [self.config.grid_side(), config.grid_side()];
        let mut resized = class.to_vec();
        resized.extend(resample_grid(patches, sides, config.width, by));
        let shape = [config.token_count(), config.width];
        let positions = matrix(resized, shape, &old.device()).set_require_grad(self.positions.is_require_grad());
        Ok(Self { positions, config, ..self })
    }
}

/// [old², D] → [new², D], rows first.
fn resample_grid(grid: &[f32], [old, new]: [usize; 2], width: usize, by: Interpolation) -> Vec<f32> {
    let taps: Vec<_> = (0..new).map(|index| taps(index, old, new, by)).collect();
    let mut resized = Vec::with_capacity(new * new * width);
    for row_taps in &taps {
        for column_taps in &taps {
            let start = resized.len();
            resized.resize(start + width, 0.0);
            for &(row, row_weight) in row_taps {
                for &(column, column_weight) in column_taps {
                    let weight = row_weight * column_weight;
                    let from = &grid[(row * old + column) * width..][..width];
                    for (sum, value) in resized[start..].iter_mut().zip(from) {
                        *sum += weight * value;
                    }
                }
            }
        }
    }
    resized
}

/// Old positions along one axis and their weights for new position `index`.
fn taps(index: usize, old: usize, new: usize, by: Interpolation) -> Vec<(usize, f32)> {
    let mut centre = (index as f32 + 0.5) * old as f32 / new as f32 - 0.5;
    if by == Interpolation::Bilinear {
        centre = centre.max(0.0);
    }
    let left = centre.floor();
    let reach = match by {
        Interpolation::Bilinear => 0..=1,
        Interpolation::Bicubic => -1..=2,
    };
    let tap = |step: isize| {
        let place = (left as isize + step).clamp(0, old as isize - 1);
        let distance = (centre - left - step as f32).abs();
        (place as usize, kernel(distance, by))
    };
    reach.map(tap).collect()
}

fn kernel(x: f32, by: Interpolation) -> f32 {
    const A: f32 = -0.75;
    match by {
        Interpolation::Bilinear => 1.0 - x,
        Interpolation::Bicubic if x <= 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        Interpolation::Bicubic => A * (((x - 5.0) * x + 8.0) * x - 4.0),
    }
}
