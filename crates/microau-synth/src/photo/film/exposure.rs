//! The light of a frame: every pixel reads the plate where the moved mesh shows it.

use std::cell::RefCell;

use microau_core::geom::Point2;

use super::placing::Around;
use super::{Moved, PhotoShot};
use crate::photo::stage::{Kind, Vertex};
use crate::render::paint;
use crate::render::raster::{NOTHING, Visibility};
use crate::render::shade::Furrow;
use crate::render::shot::Moment;
use crate::vec3::{V3, smoothstep, v3};

/// Samples of the z-buffer along each side of a pixel.
const SUBSAMPLES: usize = 2;
/// Darkest and brightest factor by which furrows shade skin.
const FURROW_SHADE: [f32; 2] = [0.55, 1.5];

/// What the pixels of one frame share.
struct Seen<'a> {
    furrows: Option<(&'a [Furrow], f32)>,
    gaze: [Point2; 2],
    around: Around,
}

thread_local! {
    /// The z-buffer of each thread, kept between frames.
    static BUFFER: RefCell<Visibility> = RefCell::new(Visibility::new(0, 0, 0));
}

impl PhotoShot {
    /// Triangles of the stage with what they are made of.
    pub fn triangles(&self) -> &[([u16; 3], Kind)] {
        &self.stage.triangles
    }

    /// Draws the mesh, `k` samples per pixel along each axis.
    pub fn draw(&self, buffer: &mut Visibility, points: &[[f32; 3]], k: f32) {
        for (number, (corners, _)) in self.stage.triangles.iter().enumerate() {
            let place = |v: u16| {
                let [x, y, z] = points[usize::from(v)];
                [x * k, y * k, z]
            };
            buffer.draw(number as u16, corners.map(place));
        }
    }

    /// Fills the light of a frame: the portrait whose vertices lie at `points`, and its surroundings.
    pub fn expose(&self, points: &[[f32; 3]], moment: &Moment<Moved>, light: &mut [V3]) {
        let [width, height] = self.size_px;
        BUFFER.with_borrow_mut(|buffer| {
            buffer.reset(width * SUBSAMPLES, height * SUBSAMPLES, self.stage.triangles.len());
            self.draw(buffer, points, SUBSAMPLES as f32);
            let furrows = moment.furrows.filter(|(_, strength)| *strength > 0.0);
            let seen = Seen {
                furrows: furrows.map(|(map, strength)| (map, strength * self.furrow_strength)),
                gaze: self.gaze_px(moment.gaze_rad),
                around: self.around(moment.pose),
            };
            for (y, row) in light.chunks_exact_mut(width).enumerate() {
                row.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = self.pixel(buffer, x, y, &seen));
            }
        })
    }

    /// Light of one pixel: its four samples are read together per layer (skin, or what lies under it).
    fn pixel(&self, buffer: &Visibility, x: usize, y: usize, seen: &Seen) -> V3 {
        let at = 2 * y * buffer.width + 2 * x;
        let places = [at, at + 1, at + buffer.width, at + buffer.width + 1];
        let mut layers = [Layer::default(), Layer::default()];
        let numbers = places.map(|place| buffer.triangle[place]);
        let (left, top) = ((2 * x) as f32, (2 * y) as f32);
        if numbers[1..].iter().all(|&number| number == numbers[0]) {
            // Within one triangle places are linear: the middle stands for the four samples.
            self.read(buffer, numbers[0], Point2::new(left + 1.0, top + 1.0), seen, &mut layers);
        } else {
            for (i, number) in numbers.into_iter().enumerate() {
                let place = Point2::new(left + 0.5 + (i & 1) as f32, top + 0.5 + (i >> 1) as f32);
                self.read(buffer, number, place, seen, &mut layers);
            }
        }
        let [skin, under] = layers;
        let total = skin.count + under.count;
        if total == 0.0 {
            return V3::ZERO;
        }
        let mut sum = V3::ZERO;
        if skin.count > 0.0 {
            let place = skin.place();
            let [r, g, b, _] = self.stage.plate.sample(place);
            let factor = seen.furrows.map_or(1.0, |(map, strength)| self.furrow_factor(&skin, map, strength, place));
            sum += v3(r, g, b) * (factor * skin.count);
        }
        if under.count > 0.0 {
            let [r, g, b, _] = self.stage.under.sample(under.place());
            sum += v3(r, g, b) * under.count;
        }
        sum * (1.0 / total)
    }

    /// Adds one sample to the layer it belongs to.
    #[inline]
    fn read(&self, buffer: &Visibility, number: u16, at: Point2, seen: &Seen, layers: &mut [Layer; 2]) {
        let [skin, under] = layers;
        if number == NOTHING {
            under.add_place(seen.around.at(0.5 * at.x, 0.5 * at.y));
            return;
        }
        let weights = buffer.barycentric(number, at.x, at.y);
        let (corners, kind) = self.stage.triangles[usize::from(number)];
        let corners = corners.map(|v| &self.stage.vertices[usize::from(v)]);
        match kind {
            Kind::Skin => skin.add(weights, corners, seen.furrows.is_some()),
            Kind::Eye(side) => under.add_place(self.looked(side, mixed(weights, corners), seen.gaze[side])),
            Kind::Mouth => under.add(weights, corners, false),
        }
    }

    /// Where the photo shows what a turned eye shows at `q`: the iris moves as a disc, the white gives way around it.
    fn looked(&self, side: usize, q: Point2, gaze: Point2) -> Point2 {
        if gaze == Point2::default() {
            return q;
        }
        let eye = self.stage.eye[side];
        let away = (q - eye.iris - gaze).norm() / eye.iris_px.max(0.5);
        q - gaze * smoothstep(2.6, 1.1, away)
    }

    /// How a furrow changes the light of the skin: its slopes by the photo's light, its depth by shadow.
    fn furrow_factor(&self, skin: &Layer, map: &[Furrow], strength: f32, place: Point2) -> f32 {
        let k = 1.0 / skin.count;
        let [slope_s, slope_t, depth] = paint::sample(map, [skin.st[0] * k, skin.st[1] * k]);
        let plate = &self.stage.plate;
        let (x, y) =
            ((place.x.max(0.0) as usize).min(plate.width - 1), (place.y.max(0.0) as usize).min(plate.height - 1));
        let share = strength * self.stage.skin_share[y * plate.width + x];
        let slope = slope_s * skin.shade[0] * k + slope_t * skin.shade[1] * k;
        let factor = (1.0 + share * slope) * (1.0 - 0.35 * (share * depth).clamp(0.0, 0.8));
        factor.clamp(FURROW_SHADE[0], FURROW_SHADE[1])
    }
}

/// Samples of one layer within a pixel.
#[derive(Default)]
struct Layer {
    count: f32,
    sum: Point2,
    st: [f32; 2],
    shade: [f32; 2],
}

impl Layer {
    fn add_place(&mut self, place: Point2) {
        self.sum = self.sum + place;
        self.count += 1.0;
    }

    #[inline]
    fn add(&mut self, weights: [f32; 3], corners: [&Vertex; 3], shaded: bool) {
        self.add_place(mixed(weights, corners));
        if shaded {
            for k in 0..2 {
                self.st[k] += (0..3).map(|i| weights[i] * corners[i].st[k]).sum::<f32>();
                self.shade[k] += (0..3).map(|i| weights[i] * corners[i].shade[k] * corners[i].part).sum::<f32>();
            }
        }
    }

    fn place(&self) -> Point2 {
        self.sum * (1.0 / self.count)
    }
}

fn mixed(weights: [f32; 3], corners: [&Vertex; 3]) -> Point2 {
    corners[0].xy * weights[0] + corners[1].xy * weights[1] + corners[2].xy * weights[2]
}
