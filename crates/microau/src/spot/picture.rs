//! The part of a frame around a face, and two of them as a clip.

use std::sync::Arc;

use image::{RgbImage, imageops};
use microau_core::au::Side;
use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::{Landmarks, RIGID};
use microau_core::sample::Sample;
use microau_core::score::Moment;
use microau_vision::face::align;

use crate::detect::scorer::FaceClip;

/// Longest edge of a picture that is kept as it is, px; of a larger one squares of 2x2, 3x3 and so on become one pixel. A crop of
/// 224 px, the largest that a model asks for, fits into it.
const LARGEST: u32 = 384;
/// Steps in which the edges of pictures grow, px.
const SIZES: u32 = 32;
/// Part of the crop's edge that is kept beyond the crop on each side.
const MARGIN: f32 = 0.15;
/// Motion of the head between two pictures, in shares of the distance between the eyes, above which one is laid over the other
/// by its landmarks: less than that the flow takes out by itself, and better.
const MUCH: f32 = 0.03;

/// A face in a frame.
#[derive(Clone, Debug)]
pub struct Picture {
    pub moment: Moment,
    /// The part of the frame that a crop of the face needs, and some more.
    image: Arc<RgbImage>,
    /// Landmarks, px of the image.
    pub landmarks: Landmarks,
    /// From px of the frame to px of the image.
    from_frame: Similarity,
}

impl Picture {
    /// The part of a frame around the face of these landmarks, px of the frame; a large one is made smaller.
    pub fn of(frame: &RgbImage, landmarks: &Landmarks, moment: Moment) -> Picture {
        let [x, y, width, height] = around(landmarks, frame.width(), frame.height());
        let step = width.max(height).div_ceil(LARGEST);
        // pixels of all pictures are means over the same squares of the frame: what stands still looks the same in each
        let (left, top) = (x / step * step, y / step * step);
        let columns = edge((x + width - left).div_ceil(step), (frame.width() - left) / step);
        let rows = edge((y + height - top).div_ceil(step), (frame.height() - top) / step);
        let part = imageops::crop_imm(frame, left, top, columns * step, rows * step);
        let image = if step == 1 { part.to_image() } else { imageops::thumbnail(&*part, columns, rows) };
        let scale = 1.0 / step as f32;
        // the middle of a square lies in the middle of its pixel
        let middle = (step as f32 - 1.0) / 2.0;
        let (tx, ty) = (-(left as f32 + middle) * scale, -(top as f32 + middle) * scale);
        let from_frame = Similarity { a: scale, b: 0.0, tx, ty };
        Picture { moment, image: Arc::new(image), landmarks: landmarks.transformed(&from_frame), from_frame }
    }

    /// From px of another picture's image to px of this one's.
    fn from(&self, other: &Picture) -> Similarity {
        other.from_frame.inverse().expect("a picture has a scale").then(&self.from_frame)
    }
}

/// The edge of a picture, px, of which `needed` are needed and no more than `most` are there; at least 1. Pictures come in few
/// sizes, so that the memory of one that is dropped serves the next.
fn edge(needed: u32, most: u32) -> u32 {
    needed.next_multiple_of(SIZES).min(most).max(1)
}

/// Two pictures of which a clip is made when it is asked for.
#[derive(Clone, Debug)]
pub struct PicturePair {
    onset: Picture,
    later: Picture,
    /// Landmarks from about the time of the onset, px of its image: they help to place the crop.
    placing: Arc<[Landmarks]>,
}

impl PicturePair {
    /// From rest to a later picture; `around` are pictures from about the time of the onset.
    pub fn new<'a>(onset: &Picture, later: &Picture, around: impl Iterator<Item = &'a Picture>) -> PicturePair {
        let around = around.map(|it| it.landmarks.transformed(&onset.from(it)));
        let placing = std::iter::once(onset.landmarks.clone()).chain(around).collect();
        PicturePair { onset: onset.clone(), later: later.clone(), placing }
    }

    /// The same onset before another picture.
    pub fn before(&self, later: &Picture) -> PicturePair {
        PicturePair { later: later.clone(), ..self.clone() }
    }

    /// The clip that a model sees.
    pub fn clip(&self) -> FaceClip {
        let apex = laid_over(&self.later, &self.onset);
        FaceClip { onset: Arc::clone(&self.onset.image), apex, placing: self.placing.to_vec() }
    }
}

/// The pictures of one movement.
#[derive(Clone, Debug)]
pub struct Scene {
    /// From the onset to the apex.
    pub forth: PicturePair,
    /// From the onset to the offset: what is left by then is no expression.
    pub back: PicturePair,
}

/// A picture where the head is as in another.
fn laid_over(picture: &Picture, other: &Picture) -> Arc<RgbImage> {
    let bone = |landmarks: &Landmarks| -> Vec<Point2> { RIGID.iter().map(|&i| landmarks.xy(i)).collect() };
    let (from, to) = (bone(&picture.landmarks), bone(&other.landmarks));
    let still = other.from(picture);
    let apart =
        from.iter().zip(&to).map(|(from, to)| still.apply(*from).distance(*to)).sum::<f32>() / from.len() as f32;
    let fit = (apart > MUCH * other.landmarks.inter_ocular()).then(|| Similarity::fit(&from, &to)).flatten();
    let similarity = fit.unwrap_or(still);
    if similarity == Similarity::IDENTITY {
        return Arc::clone(&picture.image);
    }
    let edge = other.image.width().max(other.image.height());
    Arc::new(align::warp(&picture.image, &similarity, edge))
}

/// The part of a frame that the crop of a face needs: x, y, width, height, px; at least one pixel.
fn around(landmarks: &Landmarks, width: u32, height: u32) -> [u32; 4] {
    let middle = landmarks.eye_midpoint(Side::Left).lerp(landmarks.eye_midpoint(Side::Right), 0.5);
    let edge = landmarks.inter_ocular() / Sample::EYE_DISTANCE;
    let margin = MARGIN * edge;
    let span = |middle: f32, before: f32, size: u32| {
        let first = (middle - before * edge - margin).clamp(0.0, size as f32 - 1.0);
        let last = (middle + (1.0 - before) * edge + margin).clamp(first + 1.0, size as f32);
        (first as u32, (last.ceil() as u32).min(size))
    };
    let ((x0, x1), (y0, y1)) = (span(middle.x, 0.5, width), span(middle.y, Sample::EYE_LEVEL, height));
    [x0, y0, x1 - x0, y1 - y0]
}
