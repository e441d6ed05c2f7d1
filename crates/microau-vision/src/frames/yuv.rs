//! Decoded planes of luma and chroma, and their way to RGB.
//!
//! With Y, Cb, Cr scaled to 0..1 and -0.5..0.5 by their range, and the luma weights Kr, Kg, Kb of the matrix:
//!
//! ```text
//! R = Y + 2 (1 - Kr) Cr
//! G = Y - 2 (1 - Kb) Kb / Kg Cb - 2 (1 - Kr) Kr / Kg Cr
//! B = Y + 2 (1 - Kb) Cb
//! ```
//!
//! | symbol | variable | meaning |
//! |---|---|---|
//! | Kr, Kb | [`Matrix::red_blue_weights`] | weights of red and blue in luma; Kg = 1 - Kr - Kb |
//! | Y | `y` | luma, 16..235 (limited) or 0..255 (full) at 8 bits |
//! | Cb, Cr | `u`, `v` | chroma, 16..240 or 0..255 around 128 |
//!
//! Each chroma sample is used for all the pixels it covers, without smoothing, as ffmpeg and OpenCV do by default with
//! 8-bit films: the landmarks that other tools publish were found on such pictures.

use image::RgbImage;

/// How wide a chroma sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chroma {
    /// No chroma planes: grey.
    None,
    /// Half width, half height.
    Half,
    /// Half width, full height.
    HalfWidth,
}

/// Luma weights of a colour space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// ITU-R BT.601: standard definition, JPEG, webcams; also where the stream does not say.
    Bt601,
    /// ITU-R BT.709: high definition.
    Bt709,
    /// ITU-R BT.2020, non-constant luminance.
    Bt2020,
    /// SMPTE 240M.
    Smpte240,
    /// United States FCC 1953.
    Fcc,
}

impl Matrix {
    /// The matrix of an H.273 `matrix_coefficients` code. Unspecified and unknown codes are BT.601, as in ffmpeg.
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Bt709,
            4 => Self::Fcc,
            7 => Self::Smpte240,
            9 | 10 => Self::Bt2020,
            _ => Self::Bt601,
        }
    }

    /// Kr and Kb. Source: ITU-T H.273, table 4.
    pub fn red_blue_weights(self) -> (f64, f64) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
            Self::Smpte240 => (0.212, 0.087),
            Self::Fcc => (0.30, 0.11),
        }
    }
}

/// How the numbers of the planes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Luma weights.
    pub matrix: Matrix,
    /// Whether luma and chroma use all values (JPEG), not 16..235 and 16..240 (video).
    pub full_range: bool,
}

impl Default for Colour {
    /// BT.601 in limited range: what a stream means that does not say.
    fn default() -> Self {
        Self { matrix: Matrix::Bt601, full_range: false }
    }
}

/// A decoded picture before its conversion to RGB, cropped, not rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planes {
    /// Width of luma.
    pub width_px: u32,
    /// Height of luma.
    pub height_px: u32,
    /// Bits of a sample: 8, or more; above 8 a sample is two bytes, the low one first.
    pub bits: u8,
    /// Size of the chroma planes.
    pub chroma: Chroma,
    /// Luma, row by row without padding.
    pub y: Vec<u8>,
    /// Cb.
    pub u: Vec<u8>,
    /// Cr.
    pub v: Vec<u8>,
    /// Matrix and range.
    pub colour: Colour,
}

impl Planes {
    /// Width and height of the chroma planes, rounded up.
    pub fn chroma_size_px(&self) -> (u32, u32) {
        match self.chroma {
            Chroma::None => (0, 0),
            Chroma::Half => (self.width_px.div_ceil(2), self.height_px.div_ceil(2)),
            Chroma::HalfWidth => (self.width_px.div_ceil(2), self.height_px),
        }
    }

    /// 8-bit RGB, each value rounded to the nearest.
    ///
    /// # Panics
    /// When a plane is shorter than the sizes say.
    pub fn to_rgb(&self) -> RgbImage {
        let weights = Weights::new(self.colour, self.bits);
        let (width, height) = (self.width_px as usize, self.height_px as usize);
        let bytes = if self.bits > 8 { 2 } else { 1 };
        let chroma_stride = self.chroma_size_px().0 as usize * bytes;
        let mut rgb = vec![0; width * height * 3];
        for (row, out) in rgb.chunks_exact_mut((width * 3).max(1)).enumerate() {
            let y = &self.y[row * width * bytes..][..width * bytes];
            let chroma_row = if self.chroma == Chroma::Half { row / 2 } else { row } * chroma_stride;
            match self.chroma {
                Chroma::None => weights.grey_row(y, bytes, out),
                _ => {
                    let u = &self.u[chroma_row..][..chroma_stride];
                    let v = &self.v[chroma_row..][..chroma_stride];
                    weights.row(y, u, v, bytes, out);
                }
            }
        }
        RgbImage::from_raw(self.width_px, self.height_px, rgb).expect("the buffer was made to this size")
    }
}

/// Fraction bits of the weights: errors stay under 1/100 of a level at 10 bits, sums fit an `i32`.
const FRACTION_BITS: u32 = 14;

/// The equation above with scale and offset of the range folded in, as fixed point.
#[derive(Clone, Copy, Debug)]
struct Weights {
    y_offset: i32,
    c_offset: i32,
    y: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl Weights {
    fn new(colour: Colour, bits: u8) -> Self {
        let unit = f64::from(1_u32 << (bits - 8));
        let full = f64::from((1_u32 << bits) - 1);
        let (y_span, c_span) = if colour.full_range { (full, full) } else { (219.0 * unit, 224.0 * unit) };
        let (kr, kb) = colour.matrix.red_blue_weights();
        let kg = 1.0 - kr - kb;
        let fixed = |weight: f64| (weight * 255.0 * f64::from(1 << FRACTION_BITS)).round() as i32;
        Self {
            y_offset: if colour.full_range { 0 } else { 16 << (bits - 8) },
            c_offset: 1 << (bits - 1),
            y: fixed(1.0 / y_span),
            red_v: fixed(2.0 * (1.0 - kr) / c_span),
            green_u: fixed(-2.0 * (1.0 - kb) * kb / kg / c_span),
            green_v: fixed(-2.0 * (1.0 - kr) * kr / kg / c_span),
            blue_u: fixed(2.0 * (1.0 - kb) / c_span),
        }
    }

    fn row(&self, y: &[u8], u: &[u8], v: &[u8], bytes: usize, out: &mut [u8]) {
        match bytes {
            1 => self.row_of::<1>(y, u, v, out),
            _ => self.row_of::<2>(y, u, v, out),
        }
    }

    fn row_of<const BYTES: usize>(&self, y: &[u8], u: &[u8], v: &[u8], out: &mut [u8]) {
        let pairs = out.chunks_mut(6).zip(y.chunks(2 * BYTES));
        for ((out, y), (u, v)) in pairs.zip(u.chunks_exact(BYTES).zip(v.chunks_exact(BYTES))) {
            let (u, v) = (sample::<BYTES>(u) - self.c_offset, sample::<BYTES>(v) - self.c_offset);
            let red = self.red_v * v;
            let green = self.green_u * u + self.green_v * v;
            let blue = self.blue_u * u;
            for (out, y) in out.chunks_exact_mut(3).zip(y.chunks_exact(BYTES)) {
                let luma = self.y * (sample::<BYTES>(y) - self.y_offset);
                out[0] = level(luma + red);
                out[1] = level(luma + green);
                out[2] = level(luma + blue);
            }
        }
    }

    fn grey_row(&self, y: &[u8], bytes: usize, out: &mut [u8]) {
        for (out, y) in out.chunks_exact_mut(3).zip(y.chunks_exact(bytes)) {
            let y = if bytes == 1 { sample::<1>(y) } else { sample::<2>(y) };
            out.fill(level(self.y * (y - self.y_offset)));
        }
    }
}

fn sample<const BYTES: usize>(bytes: &[u8]) -> i32 {
    if BYTES == 1 { i32::from(bytes[0]) } else { i32::from(u16::from_le_bytes([bytes[0], bytes[1]])) }
}

/// Fixed point to the nearest 8-bit level.
fn level(fixed: i32) -> u8 {
    ((fixed + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_colour(y: u8, u: u8, v: u8, matrix: Matrix, full_range: bool) -> [u8; 3] {
        let planes = Planes {
            width_px: 3,
            height_px: 3,
            bits: 8,
            chroma: Chroma::Half,
            y: vec![y; 9],
            u: vec![u; 4],
            v: vec![v; 4],
            colour: Colour { matrix, full_range },
        };
        let rgb = planes.to_rgb();
        assert!(rgb.pixels().all(|pixel| pixel == rgb.get_pixel(0, 0)), "odd sizes are filled to the edge");
        rgb.get_pixel(0, 0).0
    }

    /// Colour bars at 75 % and 100 %, Y Cb Cr to R G B, from ITU-R BT.801 (601) and SMPTE RP 219 (709).
    #[test]
    fn standard_colour_bars_come_out_right() {
        let near = |got: [u8; 3], want: [i32; 3]| {
            // The published Y Cb Cr are rounded to whole levels, which moves R G B by up to 2.
            assert!(got.iter().zip(want).all(|(&got, want)| (i32::from(got) - want).abs() <= 2), "{got:?} {want:?}");
        };
        near(one_colour(235, 128, 128, Matrix::Bt601, false), [255, 255, 255]);
        near(one_colour(16, 128, 128, Matrix::Bt601, false), [0, 0, 0]);
        near(one_colour(81, 90, 240, Matrix::Bt601, false), [255, 0, 0]);
        near(one_colour(145, 54, 34, Matrix::Bt601, false), [0, 255, 0]);
        near(one_colour(41, 240, 110, Matrix::Bt601, false), [0, 0, 255]);
        near(one_colour(63, 102, 240, Matrix::Bt709, false), [255, 0, 0]);
        near(one_colour(173, 42, 26, Matrix::Bt709, false), [0, 255, 0]);
        near(one_colour(133, 63, 52, Matrix::Bt709, false), [0, 191, 0]);
        near(one_colour(76, 85, 255, Matrix::Bt601, true), [255, 0, 0]);
        near(one_colour(29, 255, 107, Matrix::Bt601, true), [0, 0, 255]);
    }

    #[test]
    fn values_outside_the_range_are_clipped() {
        assert_eq!(one_colour(255, 128, 128, Matrix::Bt601, false), [255; 3]);
        assert_eq!(one_colour(0, 128, 128, Matrix::Bt601, false), [0; 3]);
        assert_eq!(one_colour(255, 255, 255, Matrix::Bt2020, true)[0], 255);
    }

    #[test]
    fn ten_bits_give_the_same_picture_as_eight() {
        let wide = |value: u16| value.to_le_bytes().repeat(4);
        let planes = Planes {
            width_px: 2,
            height_px: 2,
            bits: 10,
            chroma: Chroma::HalfWidth,
            y: wide(81 * 4),
            u: wide(90 * 4)[..4].to_vec(),
            v: wide(240 * 4)[..4].to_vec(),
            colour: Colour::default(),
        };
        assert_eq!(planes.to_rgb().get_pixel(1, 1).0, one_colour(81, 90, 240, Matrix::Bt601, false));
    }
}
