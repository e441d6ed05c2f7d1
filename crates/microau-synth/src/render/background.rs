//! What is behind the head: a gradient with soft blobs, out of focus.

use crate::dice::Dice;
use crate::identity::linear_rgb;
use crate::vec3::{V3, v3};

/// Blobs across and down.
const GRID: usize = 7;

/// A background in linear light, one colour per pixel.
#[derive(Debug, Clone)]
pub(crate) struct Background {
    pub pixels: Vec<V3>,
}

impl Background {
    /// No light.
    pub fn dark(width: usize, height: usize) -> Background {
        Background { pixels: vec![V3::ZERO; width * height] }
    }

    /// The background of a seed for a frame of `width` x `height` px.
    pub fn new(seed: u64, width: usize, height: usize) -> Background {
        let mut dice = Dice::new(seed, "background");
        let grey = dice.between(20.0, 225.0);
        let tint = dice.unit().powi(2) * 55.0;
        let top = linear_rgb([0, 1, 2].map(|_| (grey + tint * dice.signed()).clamp(5.0, 245.0)));
        let bottom = top * dice.between(0.5, 1.3);
        let busy = dice.unit().powi(2) * 0.6;
        let blobs: Vec<V3> = (0..GRID * GRID)
            .map(|_| {
                let level = 1.0 + busy * dice.signed();
                v3(level + 0.3 * busy * dice.signed(), level, level + 0.3 * busy * dice.signed())
            })
            .collect();
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let fy = (y as f32 + 0.5) / height as f32;
            for x in 0..width {
                let fx = (x as f32 + 0.5) / width as f32;
                pixels.push(top.lerp(bottom, fy) * blob(&blobs, fx, fy));
            }
        }
        Background { pixels }
    }
}

fn blob(blobs: &[V3], fx: f32, fy: f32) -> V3 {
    let (x, y) = (fx * (GRID - 1) as f32, fy * (GRID - 1) as f32);
    let (ix, iy) = ((x as usize).min(GRID - 2), (y as usize).min(GRID - 2));
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (wx, wy) = (ease(x - ix as f32), ease(y - iy as f32));
    let at = iy * GRID + ix;
    let top = blobs[at].lerp(blobs[at + 1], wx);
    top.lerp(blobs[at + GRID].lerp(blobs[at + GRID + 1], wx), wy)
}
