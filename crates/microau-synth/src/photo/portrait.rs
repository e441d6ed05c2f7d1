//! A photograph of a face with its landmarks, and the two that ship.

use image::{ImageFormat, RgbImage};
use microau_core::geom::Point3;
use microau_core::landmarks::Landmarks;
use serde::Deserialize;

use crate::error::SynthError;

/// Fewest px between the eyes from which a plate can be made.
const LEAST_INTER_OCULAR_PX: f32 = 16.0;
/// Share of the landmarks that must lie inside the picture.
const LEAST_INSIDE: f32 = 0.7;

/// A photograph of one face, best neutral and frontal, with its 478 landmarks.
#[derive(Debug, Clone)]
pub struct Portrait {
    name: String,
    image: RgbImage,
    landmarks: Landmarks,
}

/// The landmark file beside each shipped portrait; `reference/portrait_landmarks.py` writes it.
#[derive(Deserialize)]
struct LandmarkFile {
    format: u32,
    width: u32,
    height: u32,
    points: Vec<[f32; 3]>,
}

impl Portrait {
    /// A portrait of a user: `landmarks` in px of `image`, z in the scale of x and negative towards the camera. `name`
    /// is only used in messages.
    ///
    /// # Errors
    /// [`SynthError::BadPortrait`] when a coordinate is not finite, the eyes are nearer than 16 px, or more than three
    /// landmarks in ten lie outside the picture.
    pub fn new(name: &str, image: RgbImage, landmarks: Landmarks) -> Result<Portrait, SynthError> {
        let bad =
            |expected: &'static str, got: String| SynthError::BadPortrait { name: name.to_owned(), expected, got };
        if landmarks.points().iter().any(|p| !(p.x.is_finite() && p.y.is_finite() && p.z.is_finite())) {
            return Err(bad("finite landmarks", "one that is not".to_owned()));
        }
        let between = landmarks.inter_ocular();
        if between < LEAST_INTER_OCULAR_PX {
            return Err(bad("at least 16 px between the eyes", format!("{between:.1} px")));
        }
        let (width, height) = (image.width() as f32, image.height() as f32);
        let is_inside = |p: &&Point3| (0.0..=width).contains(&p.x) && (0.0..=height).contains(&p.y);
        let inside = landmarks.points().iter().filter(is_inside).count() as f32 / Landmarks::COUNT as f32;
        if inside < LEAST_INSIDE {
            return Err(bad("at least 70 % of the landmarks inside the picture", format!("{:.0} %", 100.0 * inside)));
        }
        Ok(Portrait { name: name.to_owned(), image, landmarks })
    }

    /// The two public-domain portraits that ship: an astronaut (NASA) and Grace Hopper (US Navy).
    ///
    /// # Panics
    /// Never: both are part of the build and a test reads them.
    pub fn shipped() -> Vec<Portrait> {
        let files: [(&str, &[u8], &str); 2] = [
            (
                "astronaut",
                include_bytes!("../../assets/portraits/astronaut.jpg"),
                include_str!("../../assets/portraits/astronaut.json"),
            ),
            (
                "grace_hopper",
                include_bytes!("../../assets/portraits/grace_hopper.jpg"),
                include_str!("../../assets/portraits/grace_hopper.json"),
            ),
        ];
        files
            .iter()
            .map(|(name, jpeg, json)| Portrait::read(name, jpeg, json).expect("a shipped portrait reads"))
            .collect()
    }

    /// A portrait from an encoded picture and a landmark file of format 1.
    ///
    /// # Errors
    /// [`SynthError::BadPortrait`] when either cannot be read or they do not belong together.
    pub fn read(name: &str, picture: &[u8], landmarks_json: &str) -> Result<Portrait, SynthError> {
        let bad =
            |expected: &'static str, got: String| SynthError::BadPortrait { name: name.to_owned(), expected, got };
        let format = image::guess_format(picture).unwrap_or(ImageFormat::Jpeg);
        let image = image::load_from_memory_with_format(picture, format)
            .map_err(|error| bad("a picture", error.to_string()))?
            .into_rgb8();
        let file: LandmarkFile =
            serde_json::from_str(landmarks_json).map_err(|error| bad("a landmark file", error.to_string()))?;
        if file.format != 1 {
            return Err(bad("a landmark file of format 1", format!("format {}", file.format)));
        }
        if (file.width, file.height) != image.dimensions() {
            return Err(bad("landmarks of this picture", format!("those of one of {}x{} px", file.width, file.height)));
        }
        let count = file.points.len();
        let points = file.points.into_iter().map(|[x, y, z]| Point3::new(x, y, z)).collect();
        let landmarks = Landmarks::new(points).ok_or_else(|| bad("478 landmarks", count.to_string()))?;
        Portrait::new(name, image, landmarks)
    }

    /// Name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The photograph.
    pub fn image(&self) -> &RgbImage {
        &self.image
    }

    /// The landmarks, px of [`Portrait::image`].
    pub fn landmarks(&self) -> &Landmarks {
        &self.landmarks
    }

    /// The portrait in a mirror: another person to a model that does not know the first.
    pub(crate) fn mirrored(&self) -> Portrait {
        Portrait {
            name: self.name.clone(),
            image: image::imageops::flip_horizontal(&self.image),
            landmarks: self.landmarks.mirrored(self.image.width() as f32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::geom::Similarity;

    #[test]
    fn the_shipped_portraits_have_their_eyes_where_the_script_printed_them() {
        let shipped = Portrait::shipped();
        // reference/portrait_landmarks.py, before cropping: 42.5 and 83.7 px between the eyes.
        for (portrait, expected) in shipped.iter().zip([42.48, 83.71]) {
            assert!((portrait.landmarks().inter_ocular() - expected).abs() < 0.6, "{}", portrait.name());
        }
    }

    #[test]
    fn landmarks_partly_outside_are_taken_and_mostly_outside_are_refused() {
        let portrait = &Portrait::shipped()[0];
        let shifted = |tx: f32| {
            let landmarks = portrait.landmarks().transformed(&Similarity { tx, ..Similarity::IDENTITY });
            Portrait::new("moved", portrait.image().clone(), landmarks)
        };
        assert!(shifted(100.0).is_ok());
        assert!(matches!(shifted(200.0), Err(SynthError::BadPortrait { .. })));
    }

    #[test]
    fn a_foreign_landmark_file_is_an_error() {
        let jpeg = include_bytes!("../../assets/portraits/astronaut.jpg");
        let others = include_str!("../../assets/portraits/grace_hopper.json");
        for json in ["", "{}", "{\"format\":2,\"width\":256,\"height\":256,\"points\":[]}", others] {
            assert!(Portrait::read("x", jpeg, json).is_err());
        }
        assert!(Portrait::read("x", b"no picture", others).is_err());
    }
}
