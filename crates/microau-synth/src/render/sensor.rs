//! From light to a recorded picture: exposure, tone curve, blur, grain, compression.

use image::{ImageDecoder, RgbImage};

use crate::dice::{Dice, mix_seed};
use crate::frame_file::jpeg;
use crate::settings::CameraSettings;
use crate::vec3::V3;

/// The camera of one clip.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sensor {
    pub gain: V3,
    pub gamma: f32,
    pub noise_levels: f32,
    /// Share of the noise that grows with the light (shot noise), 0..=1.
    pub shot: f32,
    /// Size of the grain: 0 per pixel, 1 spread over neighbours.
    pub grain: f32,
    pub blur_px: f32,
    pub grey: bool,
    /// JPEG quality; `None` keeps the pixels.
    pub jpeg_quality: Option<u8>,
}

/// Steps of the tone curve's table over 0..TABLE_TOP of linear light.
const TABLE: usize = 8192;
const TABLE_TOP: f32 = 2.0;

impl Sensor {
    /// A camera drawn by the settings.
    pub fn sample(settings: &CameraSettings, dice: &mut Dice) -> Sensor {
        let exposure = dice.span(settings.exposure_stops).exp2();
        let balance = [1.0 + 0.06 * dice.signed(), 1.0, 1.0 + 0.06 * dice.signed()];
        let compressed = dice.chance(settings.jpeg_share);
        let quality = dice.span(settings.jpeg_quality).round().clamp(20.0, 100.0) as u8;
        Sensor {
            gain: V3 { x: exposure * balance[0], y: exposure * balance[1], z: exposure * balance[2] },
            gamma: dice.span(settings.gamma),
            noise_levels: dice.span(settings.noise_levels),
            shot: dice.unit(),
            grain: dice.unit(),
            blur_px: dice.span(settings.blur_px),
            grey: dice.chance(settings.grey_share),
            jpeg_quality: compressed.then_some(quality),
        }
    }

    /// Takes noise, blur, compression and grey out.
    pub fn clean(&mut self) {
        self.noise_levels = 0.0;
        self.jpeg_quality = None;
        self.blur_px = 0.0;
        self.grey = false;
    }

    /// A frame of linear light, `width_px` px a row, before compression; `curve` is the tone table of this sensor, `seed` makes
    /// the grain.
    pub fn developed(&self, curve: &[f32], light: &[V3], width_px: usize, flicker: f32, seed: u64) -> RgbImage {
        let blurred = blur(light, width_px, self.blur_px);
        let light = blurred.as_deref().unwrap_or(light);
        let gain = self.gain * flicker;
        let mut grain = (self.noise_levels > 0.0).then(|| Grain::new(self, width_px, seed));
        let mut bytes = vec![0u8; 3 * light.len()];
        let rows = bytes.chunks_exact_mut(3 * width_px.max(1)).zip(light.chunks_exact(width_px.max(1)));
        for (bytes, light) in rows {
            for (column, (place, &c)) in bytes.chunks_exact_mut(3).zip(light).enumerate() {
                let mut level = self.tone(curve, c * gain);
                if let Some(grain) = &mut grain {
                    grain.add_to(&mut level, column);
                }
                (0..3).for_each(|i| place[i] = (level[i] + 0.5).clamp(0.0, 255.0) as u8);
            }
        }
        let (width, height) = (width_px as u32, (light.len() / width_px.max(1)) as u32);
        RgbImage::from_raw(width, height, bytes).expect("one triple per pixel was made")
    }

    /// A frame after this camera's compression.
    pub fn compressed(&self, frame: RgbImage) -> RgbImage {
        match self.jpeg_quality {
            Some(quality) => jpeg_round_trip(&frame, quality).unwrap_or(frame),
            None => frame,
        }
    }

    /// Grey level (not rounded) for linear light of 0..=2 in equal steps.
    pub fn tone_table(&self) -> Vec<f32> {
        let level = |i: usize| {
            let light = i as f32 / (TABLE - 1) as f32 * TABLE_TOP;
            // A soft shoulder, so that bright skin does not burn out at once; 1 maps to 0.93.
            let held = if light < 0.7 { light } else { 0.7 + 0.42 * (1.0 - (-(light - 0.7) / 0.42).exp()) };
            let encoded = if held <= 0.003_130_8 { 12.92 * held } else { 1.055 * held.powf(1.0 / 2.4) - 0.055 };
            255.0 * encoded.clamp(0.0, 1.0).powf(self.gamma)
        };
        (0..TABLE).map(level).collect()
    }

    fn tone(&self, curve: &[f32], light: V3) -> [f32; 3] {
        let look = |v: f32| curve[((v * ((TABLE - 1) as f32 / TABLE_TOP)) as usize).min(TABLE - 1)];
        let [r, g, b] = [look(light.x), look(light.y), look(light.z)];
        if self.grey {
            let grey = 0.299 * r + 0.587 * g + 0.114 * b;
            return [grey; 3];
        }
        [r, g, b]
    }
}

/// The noise of one frame, made pixel by pixel along the rows.
struct Grain {
    state: u64,
    /// Noise of the pixel before and of the row above, of which a share is taken over: grain larger than a pixel.
    last: [f32; 3],
    above: Vec<[f32; 3]>,
    keep: f32,
    levels: f32,
    shot: f32,
    grey: bool,
}

impl Grain {
    fn new(sensor: &Sensor, width_px: usize, seed: u64) -> Grain {
        let keep = 0.45 * sensor.grain;
        // A running mean keeps less variance than it takes in; this puts the deviation back.
        let lift = 1.0 / (((1.0 - keep).powi(2) + 0.5 * keep * keep).sqrt() * 1.02);
        Grain {
            state: mix_seed(seed, 0x6e6f_6973) | 1,
            last: [0.0; 3],
            above: vec![[0.0; 3]; width_px],
            keep,
            levels: sensor.noise_levels * lift,
            shot: sensor.shot,
            grey: sensor.grey,
        }
    }

    #[inline]
    fn add_to(&mut self, level: &mut [f32; 3], column: usize) {
        let fresh = three_normals(&mut self.state, self.grey);
        let brightness = (level[1] * (1.0 / 128.0)).max(0.02);
        let scale = self.levels * ((1.0 - self.shot) + self.shot * brightness.sqrt());
        let above = &mut self.above[column];
        for c in 0..3 {
            level[c] += scale * ((1.0 - self.keep) * fresh[c] + 0.5 * self.keep * (self.last[c] + above[c]));
        }
        self.last = fresh;
        *above = fresh;
    }
}

/// Three near-normal numbers from one step of an xorshift generator (sums of bytes).
fn three_normals(state: &mut u64, grey: bool) -> [f32; 3] {
    let mut next = || {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    };
    let (a, b) = (next(), next());
    let sum = |word: u64, shift: u32| {
        let bytes = word >> shift;
        let total = (bytes & 255) + (bytes >> 8 & 255) + (bytes >> 16 & 255) + (bytes >> 24 & 255);
        // Four uniform bytes: mean 510, variance 4 * (256² - 1) / 12.
        (total as f32 - 510.0) * (1.0 / 147.8)
    };
    let first = sum(a, 0);
    if grey { [first; 3] } else { [first, sum(a, 32), sum(b, 0)] }
}

/// Bell-shaped blur; `None` when it would change nothing.
fn blur(light: &[V3], width: usize, sigma_px: f32) -> Option<Vec<V3>> {
    if sigma_px < 0.15 || light.is_empty() {
        return None;
    }
    let height = light.len() / width;
    let radius = (3.0 * sigma_px).ceil() as usize;
    let mut kernel: Vec<f32> = (0..=radius).map(|i| (-0.5 * (i as f32 / sigma_px).powi(2)).exp()).collect();
    let total: f32 = kernel[0] + 2.0 * kernel[1..].iter().sum::<f32>();
    kernel.iter_mut().for_each(|k| *k /= total);
    let (mut across, mut down) = (Vec::with_capacity(light.len()), Vec::with_capacity(light.len()));
    for row in light.chunks_exact(width) {
        let start = across.len();
        across.extend(row.iter().map(|&c| c * kernel[0]));
        let blurred = &mut across[start..];
        for (i, &k) in kernel.iter().enumerate().skip(1) {
            let edge = i.min(width);
            for x in (0..edge).chain((width - edge).max(edge)..width) {
                blurred[x] += (row[x.saturating_sub(i)] + row[(x + i).min(width - 1)]) * k;
            }
            if width > 2 * i {
                let inner = blurred[i..width - i].iter_mut().zip(row.iter().zip(&row[2 * i..]));
                inner.for_each(|(sum, (&lo, &hi))| *sum += (lo + hi) * k);
            }
        }
    }
    let row = |y: usize| &across[y * width..(y + 1) * width];
    for y in 0..height {
        let start = down.len();
        down.extend(row(y).iter().map(|&c| c * kernel[0]));
        for (i, &k) in kernel.iter().enumerate().skip(1) {
            let around = row(y.saturating_sub(i)).iter().zip(row((y + i).min(height - 1)));
            down[start..].iter_mut().zip(around).for_each(|(sum, (&lo, &hi))| *sum += (lo + hi) * k);
        }
    }
    Some(down)
}

/// The frame after JPEG; `None` if the codec refuses it (it never does for a frame of ours).
fn jpeg_round_trip(frame: &RgbImage, quality: u8) -> Option<RgbImage> {
    let bytes = jpeg(frame, quality).ok()?;
    let decoder = image::codecs::jpeg::JpegDecoder::new(std::io::Cursor::new(&bytes)).ok()?;
    let mut pixels = vec![0; usize::try_from(decoder.total_bytes()).ok()?];
    decoder.read_image(&mut pixels).ok()?;
    RgbImage::from_raw(frame.width(), frame.height(), pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Sensor {
        let one = V3 { x: 1.0, y: 1.0, z: 1.0 };
        Sensor {
            gain: one,
            gamma: 1.0,
            noise_levels: 0.0,
            shot: 0.0,
            grain: 0.0,
            blur_px: 0.0,
            grey: false,
            jpeg_quality: None,
        }
    }

    #[test]
    fn dark_and_middle_light_follow_the_srgb_curve() {
        let light = [V3::ZERO, V3 { x: 0.214_041, y: 0.214_041, z: 0.214_041 }];
        let frame = plain().developed(&plain().tone_table(), &[light[0], light[1], light[1], light[1]], 2, 1.0, 1);
        assert_eq!(frame.get_pixel(0, 0).0, [0, 0, 0]);
        // sRGB: 0.214041 of linear light is a signal of 0.5, level 127.5.
        assert!((126..=128).contains(&frame.get_pixel(1, 0).0[1]));
    }

    #[test]
    fn noise_has_the_deviation_asked_for_and_no_lean() {
        let grey = vec![V3 { x: 0.214_041, y: 0.214_041, z: 0.214_041 }; 128 * 128];
        for grain in [0.0, 0.5, 1.0] {
            let sensor = Sensor { noise_levels: 6.0, shot: 0.3, grain, ..plain() };
            let frame = sensor.developed(&sensor.tone_table(), &grey, 128, 1.0, 9);
            let values: Vec<f64> = frame.pixels().map(|p| f64::from(p.0[0])).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
            // 16,384 values: standard error of the mean 0.05, plus rounding.
            assert!((mean - 127.5).abs() < 0.8, "{mean}");
            assert!((deviation - 6.0).abs() < 0.5, "grain {grain}: {deviation}");
        }
    }

    #[test]
    fn blur_keeps_the_light() {
        let mut light = vec![V3::ZERO; 32 * 32];
        light[16 * 32 + 16] = V3 { x: 1.0, y: 2.0, z: 3.0 };
        let sum = blur(&light, 32, 1.3).unwrap().into_iter().fold(V3::ZERO, |a, b| a + b);
        assert!((sum - V3 { x: 1.0, y: 2.0, z: 3.0 }).length() < 1e-4);
    }
}
