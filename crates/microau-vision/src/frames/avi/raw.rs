//! Uncompressed pixels in AVI: RGB bitmaps, packed and planar YUV, grey.

use image::RgbImage;

use crate::frames::yuv::{Chroma, Colour, Matrix, Planes};

/// More pixels than this are damage: 16384 x 16384.
const MAX_PIXELS: u64 = 1 << 28;

/// The Windows bitmap header of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BitmapHeader {
    header_bytes: usize,
    pub(super) width_px: u32,
    pub(super) height_px: u32,
    /// RGB rows go from the bottom up unless the height is negative.
    bottom_up: bool,
    bits: u16,
    /// Four letters, or a number: 0 is RGB, 3 RGB with masks.
    pub(super) compression: [u8; 4],
}

impl BitmapHeader {
    /// Reads the payload of `strf`; `None` when it is too short or without size.
    pub(super) fn read(format: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_le_bytes(format.get(at..at + 4)?.try_into().ok()?));
        let height = word(8)? as i32;
        let header = Self {
            header_bytes: word(0)? as usize,
            width_px: word(4)?,
            height_px: height.unsigned_abs(),
            bottom_up: height > 0,
            bits: (word(12)? >> 16) as u16,
            compression: word(16)?.to_le_bytes(),
        };
        let pixels = u64::from(header.width_px) * u64::from(header.height_px);
        (1..=MAX_PIXELS).contains(&pixels).then_some(header)
    }
}

/// How raw frames are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawFormat {
    width: usize,
    height: usize,
    layout: Layout,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Layout {
    /// Bitmap rows, padded to four bytes.
    Rgb { bottom_up: bool, pixel: RgbPixel },
    /// Two pixels in four bytes; places of the first luma, of Cb and of Cr.
    Packed { luma: usize, cb: usize, cr: usize, matrix: Matrix },
    /// Luma, then two planes of half width and height; whether Cb comes first.
    Planar { cb_first: bool },
    /// Luma, then one plane with Cb and Cr in turn; whether Cb comes first.
    HalfPlanar { cb_first: bool },
    /// Luma only, all values used.
    Grey,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RgbPixel {
    /// Index into a palette of R, G, B.
    Palette(Vec<[u8; 3]>),
    /// 5 bits each, blue lowest.
    Bits15,
    /// B, G, R.
    Bits24,
    /// B, G, R and a byte that means nothing.
    Bits32,
}

impl RawFormat {
    /// The layout that a bitmap header names; `None` when it is compressed or not known.
    pub(super) fn new(header: &BitmapHeader, format: &[u8]) -> Option<Self> {
        let packed = |luma, cb, cr, matrix| Layout::Packed { luma, cb, cr, matrix };
        let layout = match &header.compression {
            b"\0\0\0\0" | b"DIB " | b"RGB " | b"RAW " => Layout::Rgb {
                bottom_up: header.bottom_up,
                pixel: match header.bits {
                    8 => RgbPixel::Palette(palette(header, format)),
                    16 => RgbPixel::Bits15,
                    24 => RgbPixel::Bits24,
                    32 => RgbPixel::Bits32,
                    _ => return None,
                },
            },
            b"YUY2" | b"YUYV" | b"YUNV" | b"yuv2" => packed(0, 1, 3, Matrix::Bt601),
            b"UYVY" | b"UYNV" | b"2vuy" => packed(1, 0, 2, Matrix::Bt601),
            b"HDYC" => packed(1, 0, 2, Matrix::Bt709),
            b"YVYU" => packed(0, 3, 1, Matrix::Bt601),
            b"I420" | b"IYUV" => Layout::Planar { cb_first: true },
            b"YV12" => Layout::Planar { cb_first: false },
            b"NV12" => Layout::HalfPlanar { cb_first: true },
            b"NV21" => Layout::HalfPlanar { cb_first: false },
            b"Y800" | b"Y8  " | b"GREY" => Layout::Grey,
            _ => return None,
        };
        Some(Self { width: header.width_px as usize, height: header.height_px as usize, layout })
    }

    /// One frame as RGB.
    ///
    /// # Errors
    /// When there are fewer bytes than pixels.
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<RgbImage, String> {
        let need = self.frame_bytes();
        if bytes.len() < need {
            return Err(format!("expected {need} bytes of pixels, got {}", bytes.len()));
        }
        Ok(match &self.layout {
            Layout::Rgb { bottom_up, pixel } => self.bitmap_rgb(bytes, *bottom_up, pixel),
            Layout::Packed { luma, cb, cr, matrix } => {
                let take = |first: usize, step: usize, columns: usize| -> Vec<u8> {
                    let rows = bytes.chunks_exact(self.row_bytes()).take(self.height);
                    rows.flat_map(|row| row[first..].iter().step_by(step).take(columns).copied()).collect()
                };
                let half = self.width.div_ceil(2);
                let planes = (take(*luma, 2, self.width), take(*cb, 4, half), take(*cr, 4, half));
                self.planes_rgb(planes, Chroma::HalfWidth, Colour { matrix: *matrix, full_range: false })
            }
            Layout::Planar { cb_first } => {
                let (y, chroma) = bytes.split_at(self.width * self.height);
                let (first, second) = chroma[..need - y.len()].split_at((need - y.len()) / 2);
                let (u, v) = if *cb_first { (first, second) } else { (second, first) };
                self.planes_rgb((y.to_vec(), u.to_vec(), v.to_vec()), Chroma::Half, Colour::default())
            }
            Layout::HalfPlanar { cb_first } => {
                let (y, chroma) = bytes.split_at(self.width * self.height);
                let take = |first: usize| chroma[first..need - y.len()].iter().step_by(2).copied().collect();
                let (u, v) = if *cb_first { (take(0), take(1)) } else { (take(1), take(0)) };
                self.planes_rgb((y.to_vec(), u, v), Chroma::Half, Colour::default())
            }
            Layout::Grey => {
                let y = bytes[..need].to_vec();
                self.planes_rgb(
                    (y, Vec::new(), Vec::new()),
                    Chroma::None,
                    Colour { full_range: true, ..Colour::default() },
                )
            }
        })
    }

    fn row_bytes(&self) -> usize {
        match &self.layout {
            Layout::Rgb { pixel, .. } => (self.width * pixel.bytes()).next_multiple_of(4),
            Layout::Packed { .. } => self.width.div_ceil(2) * 4,
            _ => self.width,
        }
    }

    fn frame_bytes(&self) -> usize {
        let rows = self.row_bytes() * self.height;
        match &self.layout {
            Layout::Planar { .. } | Layout::HalfPlanar { .. } => {
                rows + 2 * self.width.div_ceil(2) * self.height.div_ceil(2)
            }
            _ => rows,
        }
    }

    fn bitmap_rgb(&self, bytes: &[u8], bottom_up: bool, pixel: &RgbPixel) -> RgbImage {
        let mut image = RgbImage::new(self.width as u32, self.height as u32);
        for (row, out) in image.rows_mut().enumerate() {
            let stored = if bottom_up { self.height - 1 - row } else { row };
            let pixels = bytes[stored * self.row_bytes()..].chunks_exact(pixel.bytes());
            for (out, stored) in out.zip(pixels) {
                out.0 = pixel.rgb(stored);
            }
        }
        image
    }

    fn planes_rgb(&self, (y, u, v): (Vec<u8>, Vec<u8>, Vec<u8>), chroma: Chroma, colour: Colour) -> RgbImage {
        let (width_px, height_px) = (self.width as u32, self.height as u32);
        Planes { width_px, height_px, bits: 8, chroma, y, u, v, colour }.to_rgb()
    }
}

impl RgbPixel {
    fn bytes(&self) -> usize {
        match self {
            Self::Palette(_) => 1,
            Self::Bits15 => 2,
            Self::Bits24 => 3,
            Self::Bits32 => 4,
        }
    }

    fn rgb(&self, stored: &[u8]) -> [u8; 3] {
        match self {
            Self::Palette(colours) => colours[usize::from(stored[0])],
            Self::Bits15 => {
                let bits = u16::from_le_bytes([stored[0], stored[1]]);
                let five_to_eight = |shift: u16| (u32::from((bits >> shift) & 31) * 255 / 31) as u8;
                [five_to_eight(10), five_to_eight(5), five_to_eight(0)]
            }
            Self::Bits24 | Self::Bits32 => [stored[2], stored[1], stored[0]],
        }
    }
}

/// 256 colours; those that the header does not give are grey, as in films of grey cameras.
fn palette(header: &BitmapHeader, format: &[u8]) -> Vec<[u8; 3]> {
    let given = format.get(header.header_bytes..).unwrap_or_default().chunks_exact(4);
    let mut colours: Vec<[u8; 3]> = given.map(|bgr| [bgr[2], bgr[1], bgr[0]]).take(256).collect();
    colours.extend((colours.len()..256).map(|grey| [grey as u8; 3]));
    colours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(compression: &[u8; 4], bits: u16, width: u32, height: i32, palette: &[u8]) -> Vec<u8> {
        let mut bytes = 40_u32.to_le_bytes().to_vec();
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend(1_u16.to_le_bytes());
        bytes.extend(bits.to_le_bytes());
        bytes.extend(compression);
        bytes.resize(40, 0);
        bytes.extend(palette);
        bytes
    }

    fn decode(format: &[u8], pixels: &[u8]) -> Result<RgbImage, String> {
        RawFormat::new(&BitmapHeader::read(format).unwrap(), format).unwrap().decode(pixels)
    }

    const RED: [u8; 3] = [255, 0, 0];
    const BLUE: [u8; 3] = [0, 0, 255];

    #[test]
    fn bitmaps_stand_on_their_head_and_are_padded() {
        // 1 x 2 px: the lower row is blue and comes first, each row padded to four bytes.
        let pixels = [255, 0, 0, 99, 0, 0, 255, 99];
        let image = decode(&format(b"\0\0\0\0", 24, 1, 2, &[]), &pixels).unwrap();
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(0, 1).0), (RED, BLUE));
        let image = decode(&format(b"\0\0\0\0", 24, 1, -2, &[]), &pixels).unwrap();
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(0, 1).0), (BLUE, RED));
        let image = decode(&format(b"\0\0\0\0", 32, 1, 2, &[]), &pixels).unwrap();
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(0, 1).0), (RED, BLUE));
        let image = decode(&format(b"\0\0\0\0", 16, 2, 1, &[]), &[0x00, 0x7c, 0x1f, 0x00]).unwrap();
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(1, 0).0), (RED, BLUE));
    }

    #[test]
    fn eight_bits_are_a_palette_or_grey() {
        let image = decode(&format(b"\0\0\0\0", 8, 2, 1, &[0, 0, 255, 0, 255, 0, 0, 0]), &[0, 1, 0, 0]).unwrap();
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(1, 0).0), (RED, BLUE));
        let image = decode(&format(b"\0\0\0\0", 8, 2, 1, &[]), &[7, 200, 0, 0]).unwrap();
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(1, 0).0), ([7; 3], [200; 3]));
        let image = decode(&format(b"Y800", 8, 2, 1, &[]), &[7, 200]).unwrap();
        assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(1, 0).0), ([7; 3], [200; 3]));
    }

    /// Y Cb Cr of red and blue in BT.601: 81 90 240 and 41 240 110 (ITU-R BT.801).
    #[test]
    fn every_order_of_luma_and_chroma_gives_the_same_colours() {
        let red_then_black = |image: RgbImage| {
            let (left, right) = (image.get_pixel(0, 0).0, image.get_pixel(1, 0).0);
            assert!(left[0] >= 253 && left[1] <= 2 && left[2] <= 2, "{left:?}");
            assert!(right[0] > 150 && right[1] == 0, "less luma, the same chroma: {right:?}");
        };
        let f = |letters| format(letters, 16, 2, 2, &[]);
        red_then_black(decode(&f(b"YUY2"), &[81, 90, 16, 240].repeat(2)).unwrap());
        red_then_black(decode(&f(b"UYVY"), &[90, 81, 240, 16].repeat(2)).unwrap());
        red_then_black(decode(&f(b"YVYU"), &[81, 240, 16, 90].repeat(2)).unwrap());
        red_then_black(decode(&f(b"I420"), &[81, 16, 81, 16, 90, 240]).unwrap());
        red_then_black(decode(&f(b"YV12"), &[81, 16, 81, 16, 240, 90]).unwrap());
        red_then_black(decode(&f(b"NV12"), &[81, 16, 81, 16, 90, 240]).unwrap());
        red_then_black(decode(&f(b"NV21"), &[81, 16, 81, 16, 240, 90]).unwrap());
    }

    #[test]
    fn too_few_bytes_and_impossible_sizes_are_errors() {
        assert!(decode(&format(b"I420", 12, 3, 3, &[]), &[0; 16]).is_err());
        assert!(decode(&format(b"I420", 12, 3, 3, &[]), &[0; 17]).is_ok(), "9 luma and two times 4 chroma");
        assert_eq!(BitmapHeader::read(&format(b"I420", 12, 0, 3, &[])), None);
        assert_eq!(BitmapHeader::read(&format(b"I420", 12, u32::MAX, i32::MIN, &[])), None);
        assert_eq!(BitmapHeader::read(&[40, 0, 0]), None);
    }
}
