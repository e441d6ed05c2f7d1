//! Films an event: the person of the plan in the studio of the data set, with the AUs that were annotated.

use image::codecs::bmp::BmpEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageResult, RgbImage, imageops};
use microau_core::sample::Event;

use crate::dice::mix_seed;
use crate::error::SynthError;
use crate::render::film::{Film, Renderer};
use crate::script::ClipScript;
use crate::settings::{Span, SynthSettings};

use super::plan::{PlannedClip, StandInPlan};

/// How frames are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Jpg,
    Bmp,
}

/// The studio of a data set.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// Width and height of the frames unless others are asked for, px.
    pub frame_size: [u32; 2],
    /// Distance between the eyes as a share of the longer side.
    pub eyes_share: f32,
    pub is_grey: bool,
    pub store: Store,
    /// Age of the people, 0 (25 years) ..= 1 (80 years).
    pub age: Span,
    pub skin_tone: Span,
    /// Direction of the main light, degrees to the side and up.
    pub light_deg: [f32; 2],
    /// Share of light that comes from everywhere.
    pub ambient: f32,
    /// Deviation of noise in grey levels.
    pub noise_levels: f32,
}

impl Look {
    /// Young East Asian students under even light, as the CASME family filmed them.
    pub fn lamps(frame_size: [u32; 2], eyes_share: f32) -> Look {
        Look {
            frame_size,
            eyes_share,
            is_grey: false,
            store: Store::Jpg,
            age: Span::new(0.0, 0.12),
            skin_tone: Span::new(0.1, 0.5),
            light_deg: [12.0, 25.0],
            ambient: 0.5,
            noise_levels: 1.0,
        }
    }

    /// The generator that films in this studio.
    fn settings(&self, longer_px: usize, rate_fps: u32, is_macro: bool) -> SynthSettings {
        let mut s = SynthSettings { size_px: longer_px, rate_fps, ..SynthSettings::default() };
        let [side, up] = self.light_deg;
        (s.identity.age, s.identity.skin_tone) = (self.age, self.skin_tone);
        // what people feel and do not hide is shown with most of the muscle
        s.muscle.strength = if is_macro { Span::new(0.55, 0.95) } else { Span::new(0.18, 0.5) };
        s.distractors.blink_share = 0.03;
        s.distractors.gaze_shift_share = 0.05;
        s.light.key_side_deg = Span::new(side, side + 4.0);
        s.light.key_up_deg = Span::new(up, up + 4.0);
        s.light.ambient = Span::new(self.ambient, self.ambient);
        s.light.colour = 0.15;
        let camera = &mut s.camera;
        camera.inter_ocular_share = Span::new(0.96 * self.eyes_share, 1.04 * self.eyes_share);
        camera.shift_share = 0.02;
        camera.pose_deg = 6.0;
        camera.distance_dm = Span::new(9.0, 11.0);
        camera.noise_levels = Span::new(self.noise_levels, self.noise_levels);
        camera.blur_px = Span::new(0.0, 0.2);
        camera.exposure_stops = Span::new(-0.1, 0.1);
        camera.grey_share = 0.0;
        // frames are compressed once, when they are stored
        camera.jpeg_share = 0.0;
        s
    }
}

/// An event ready to be rendered frame by frame.
pub(crate) struct Take {
    film: Film,
    frame_size: [u32; 2],
    look: Look,
    jpeg_quality: u8,
}

impl Take {
    /// Prepares an event of a plan.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] when the studio cannot be set up.
    pub fn new(plan: &StandInPlan, clip: &PlannedClip, renderer: &Renderer) -> Result<Take, SynthError> {
        let settings = &plan.settings;
        let look = plan.layout().corpus().look(settings.kind);
        let frame_size = settings.frame_size.unwrap_or(look.frame_size);
        let longer_px = frame_size[0].max(frame_size[1]) as usize;
        let generator = look.settings(longer_px, clip.rate_fps, clip.is_macro);
        generator.check()?;
        let room = mix_seed(settings.seed, plan.layout() as u64);
        let person = mix_seed(room, u64::from(clip.person));
        let [onset, apex, offset] = clip.places(settings.margin);
        let event = Event { onset, apex, offset: Some(offset) };
        let frames = clip.numbers(settings.margin).count() as u32;
        let script = ClipScript::annotated(&generator, person, clip.number as u64 + 1, &clip.labels(), event, frames)
            .in_room(&generator, room);
        Ok(Take { film: renderer.film(&script), frame_size, look, jpeg_quality: settings.jpeg_quality })
    }

    /// The bytes of the file of a frame, from 0.
    pub fn file(&self, frame: u32) -> ImageResult<Vec<u8>> {
        let picture = self.cut(&self.film.frame(frame).image);
        let picture = DynamicImage::from(picture);
        let picture = if self.look.is_grey { DynamicImage::from(picture.into_luma8()) } else { picture };
        let mut bytes = Vec::new();
        match self.look.store {
            Store::Jpg => picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, self.jpeg_quality))?,
            Store::Bmp => picture.write_with_encoder(BmpEncoder::new(&mut bytes))?,
        }
        Ok(bytes)
    }

    /// The middle of the square that was rendered.
    fn cut(&self, square: &RgbImage) -> RgbImage {
        let ([width, height], side) = (self.frame_size, square.width());
        imageops::crop_imm(square, (side - width) / 2, (side - height) / 2, width, height).to_image()
    }
}
