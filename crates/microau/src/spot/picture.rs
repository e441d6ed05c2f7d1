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
    pub image: Arc<RgbImage>,
    /// Landmarks, px of the image.
    pub landmarks: Landmarks,
    /// Left upper corner of the image in the frame, px.
    corner: Point2,
}

impl Picture {
    /// The part of a frame around the face of these landmarks, px of the frame.
    pub fn of(frame: &RgbImage, landmarks: &Landmarks, moment: Moment) -> Picture {
        let [x, y, width, height] = around(landmarks, frame.width(), frame.height());
        let corner = Point2::new(x as f32, y as f32);
        let image = Arc::new(imageops::crop_imm(frame, x, y, width, height).to_image());
        Picture { moment, image, landmarks: moved(landmarks, corner * -1.0), corner }
    }

    /// Landmarks of another picture, px of this one's image.
    fn landmarks_of(&self, other: &Picture) -> Landmarks {
        moved(&other.landmarks, other.corner - self.corner)
    }
}

/// The pictures of one movement; the clips that a model sees are made of them when they are asked for.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(super) onset: Picture,
    pub(super) apex: Picture,
    pub(super) offset: Picture,
    /// Pictures from about the time of the onset.
    pub(super) around: Vec<Picture>,
}

impl Scene {
    /// From the onset to the apex.
    pub fn forth(&self) -> FaceClip {
        clip(&self.onset, &self.apex, self.around.iter())
    }

    /// From the onset to the offset: what is left by then is no expression.
    pub fn back(&self) -> FaceClip {
        clip(&self.onset, &self.offset, self.around.iter())
    }
}

/// The clip from rest to the apex; `around` are pictures from about the time of the onset, whose landmarks help to place it.
pub(super) fn clip<'a>(onset: &Picture, apex: &Picture, around: impl Iterator<Item = &'a Picture>) -> FaceClip {
    let placing = std::iter::once(onset.landmarks.clone()).chain(around.map(|it| onset.landmarks_of(it))).collect();
    FaceClip { onset: Arc::clone(&onset.image), apex: laid_over(apex, onset), placing }
}

/// A picture where the head is as in another.
fn laid_over(picture: &Picture, other: &Picture) -> Arc<RgbImage> {
    let bone = |landmarks: &Landmarks| -> Vec<Point2> { RIGID.iter().map(|&i| landmarks.xy(i)).collect() };
    let (from, to) = (bone(&picture.landmarks), bone(&other.landmarks));
    let shift = picture.corner - other.corner;
    let apart = from.iter().zip(&to).map(|(from, to)| (*from + shift).distance(*to)).sum::<f32>() / from.len() as f32;
    let fit = (apart > MUCH * other.landmarks.inter_ocular()).then(|| Similarity::fit(&from, &to)).flatten();
    let similarity = fit.unwrap_or(Similarity { a: 1.0, b: 0.0, tx: shift.x, ty: shift.y });
    if similarity == Similarity::IDENTITY {
        return Arc::clone(&picture.image);
    }
    let edge = other.image.width().max(other.image.height());
    Arc::new(align::warp(&picture.image, &similarity, edge))
}

fn moved(landmarks: &Landmarks, by: Point2) -> Landmarks {
    landmarks.transformed(&Similarity { a: 1.0, b: 0.0, tx: by.x, ty: by.y })
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
