//! What is drawn into one frame: regions of the action units, their bars, the intervals under way, and a time line.

use image::RgbImage;
use microau_core::au::Au;
use microau_core::geom::Polygon;
use microau_core::region;
use microau_core::report::{InputReport, Report};
use microau_core::score::{AuInterval, ExpressionKind, FaceFrame};
use microau_core::time::FrameIndex;
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster_width};
use plotters::prelude::{RGBColor, ShapeStyle, TextStyle};
use plotters::style::{Color, IntoFont};
use plotters_backend::DrawingBackend;

use crate::chart::Bitmap;
use crate::detect::output::sentence;

/// For what is present, and for micro-expressions.
const ORANGE: RGBColor = RGBColor(0xff, 0x9a, 0x1f);
/// For longer expressions.
const BLUE: RGBColor = RGBColor(0x5a, 0xb4, 0xff);
/// For what is there and not present.
const GREY: RGBColor = RGBColor(0xe8, 0xe8, 0xe8);
/// Ground of letters.
const GROUND: RGBColor = RGBColor(0x10, 0x10, 0x14);
/// Height of a line of letters, px: they have one size.
const LINE_PX: i32 = 16;
/// Width of a letter, px.
const LETTER_PX: i32 = get_raster_width(FontWeight::Regular, RasterHeight::Size16) as i32;
/// Width of a bar at probability 1, px.
const BAR_PX: i32 = 50;
/// Width of a panel: `AU12`, bar and `.88`.
const PANEL_PX: i32 = 4 * LETTER_PX + 4 + BAR_PX + 4 + 3 * LETTER_PX + 8;
/// Height of the time line of a face, px.
const TRACK_PX: i32 = 6;

/// Draws into the frames of one film.
pub(super) struct Painter<'r> {
    aus: &'r [Au],
    threshold: f32,
    found: &'r InputReport,
    /// Frames of the film, where known; else up to the end of its last interval.
    frames: u64,
}

impl<'r> Painter<'r> {
    /// A painter of what was found in a film by the model that `about` names.
    pub fn new(about: &'r Report, found: &'r InputReport) -> Self {
        let counted = found.video.as_ref().and_then(|video| video.frame_count);
        let ends = found.faces.iter().flat_map(|face| &face.intervals).map(|interval| last_frame(interval).0 + 1);
        let frames = counted.or(ends.max()).unwrap_or(1).max(1);
        Self { aus: &about.model.aus, threshold: about.settings.threshold, found, frames }
    }

    /// Draws into one frame, of which these faces are known.
    pub fn paint(&self, image: &mut RgbImage, frame: FrameIndex, faces: &[FaceFrame]) {
        let (_, height) = image.dimensions();
        let mut canvas = Canvas(Bitmap(image));
        for face in faces {
            self.regions(&mut canvas, face);
        }
        for (place, face) in (0..).zip(faces) {
            self.panel(&mut canvas, place * (PANEL_PX + 4), face, faces.len() > 1);
        }
        let below = height as i32 - TRACK_PX * self.found.faces.len() as i32;
        self.captions(&mut canvas, below, frame);
        self.time_line(&mut canvas, below, frame);
    }

    /// The outlines of all regions, faint, and bold those of units that are present.
    fn regions(&self, canvas: &mut Canvas<'_>, face: &FaceFrame) {
        for present in [false, true] {
            for (&au, &prob) in self.aus.iter().zip(&face.aus) {
                if (prob >= self.threshold) != present {
                    continue;
                }
                let style = if present { outline(ORANGE, 0.9, 2) } else { outline(GREY, 0.25, 1) };
                region::polygons(au, &face.landmarks).iter().for_each(|(_, polygon)| canvas.polygon(polygon, style));
            }
        }
    }

    /// A bar for the probability of each unit, from the upper edge down.
    fn panel(&self, canvas: &mut Canvas<'_>, left: i32, face: &FaceFrame, is_named: bool) {
        let first = i32::from(is_named) * LINE_PX;
        canvas.fill((left, 0), (left + PANEL_PX, first + LINE_PX * face.aus.len() as i32), GROUND, 0.6);
        if is_named {
            canvas.text(&format!("face {}", face.face_id), (left + 4, 0), GREY);
        }
        for (row, (au, &prob)) in (0..).zip(self.aus.iter().zip(&face.aus)) {
            let top = first + row * LINE_PX;
            let colour = if prob >= self.threshold { ORANGE } else { GREY };
            let bar = left + 4 + 4 * LETTER_PX + 4;
            canvas.text(au.code(), (left + 4, top), colour);
            canvas.fill((bar, top + 4), (bar + (BAR_PX as f32 * prob).round() as i32, top + 12), colour, 0.9);
            canvas.text(&format!("{:3.0}", 100.0 * prob), (bar + BAR_PX + 4, top), colour);
        }
    }

    /// The intervals under way in words, above the time line.
    fn captions(&self, canvas: &mut Canvas<'_>, below: i32, frame: FrameIndex) {
        let several = self.found.faces.len() > 1;
        let mut top = below;
        for face in &self.found.faces {
            for interval in face.intervals.iter().filter(|it| (it.onset.frame..=last_frame(it)).contains(&frame)) {
                let whose = if several { format!("face {}: ", face.face_id) } else { String::new() };
                let text = format!("{whose}{}", sentence(interval));
                top -= LINE_PX;
                canvas.fill((0, top), (text.chars().count() as i32 * LETTER_PX + 8, top + LINE_PX), GROUND, 0.6);
                canvas.text(&text, (4, top), colour(interval));
            }
        }
    }

    /// The whole film as a line for each face, its intervals as blocks, and where we are.
    fn time_line(&self, canvas: &mut Canvas<'_>, top: i32, frame: FrameIndex) {
        let (width, height) = canvas.size();
        let at = |frame: u64| (frame.min(self.frames) as f64 / self.frames as f64 * f64::from(width)) as i32;
        canvas.fill((0, top), (width, height), GROUND, 0.6);
        for (row, face) in (0..).zip(&self.found.faces) {
            let top = top + row * TRACK_PX;
            for interval in &face.intervals {
                let (begin, end) = (at(interval.onset.frame.0), at(last_frame(interval).0 + 1));
                canvas.fill((begin, top + 1), (end.max(begin + 2), top + TRACK_PX - 1), colour(interval), 0.9);
            }
        }
        canvas.fill((at(frame.0), top), (at(frame.0) + 2, height), RGBColor(255, 255, 255), 1.0);
    }
}

fn last_frame(interval: &AuInterval) -> FrameIndex {
    interval.offset.unwrap_or(interval.apex).frame
}

fn colour(interval: &AuInterval) -> RGBColor {
    match interval.spotted.map(|spotted| spotted.kind) {
        Some(ExpressionKind::Macro) => BLUE,
        Some(ExpressionKind::Micro) | None => ORANGE,
    }
}

fn outline(colour: RGBColor, opacity: f64, width: u32) -> ShapeStyle {
    ShapeStyle { color: colour.mix(opacity), filled: false, stroke_width: width }
}

/// The picture with the few shapes that are drawn; nothing can go wrong in memory.
struct Canvas<'i>(Bitmap<'i>);

impl Canvas<'_> {
    fn size(&self) -> (i32, i32) {
        let (width, height) = self.0.get_size();
        (width as i32, height as i32)
    }

    fn fill(&mut self, from: (i32, i32), to: (i32, i32), colour: RGBColor, opacity: f64) {
        let style = ShapeStyle { color: colour.mix(opacity), filled: true, stroke_width: 0 };
        // the backend draws both ends
        if from.0 < to.0 && from.1 < to.1 {
            self.0.draw_rect(from, (to.0 - 1, to.1 - 1), &style, true).expect("a picture in memory takes all");
        }
    }

    fn polygon(&mut self, polygon: &Polygon, style: ShapeStyle) {
        let corners = polygon.0.iter().chain(polygon.0.first());
        let corners = corners.map(|corner| (corner.x as i32, corner.y as i32));
        self.0.draw_path(corners, &style).expect("a picture in memory takes all");
    }

    fn text(&mut self, text: &str, at: (i32, i32), colour: RGBColor) {
        let style = TextStyle::from(("sans-serif", LINE_PX).into_font()).color(&colour);
        self.0.draw_text(text, &style, at).expect("a picture in memory takes all");
    }
}
