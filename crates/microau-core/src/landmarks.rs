//! The 478 landmarks of MediaPipe's face mesh with irises, and names for the parts of it.
//!
//! Source of the numbering: the canonical face mesh in Google's `face_landmarker.task` (Apache-2.0): 468 vertices of the
//! face, then five points an iris (subject's right first). Index lists of the left side are the mirror of the right.

use serde::{Deserialize, Serialize};

use crate::au::Side;
use crate::geom::{Point2, Point3, Similarity};

/// Contour of the subject's left eye, from the outer corner along the lower lid and back along the upper.
pub const EYE_LEFT: [usize; 16] = [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466];

/// Contour of the subject's right eye, likewise.
pub const EYE_RIGHT: [usize; 16] = [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246];

/// Subject's left brow: lower edge from outside to inside, then the upper edge back.
pub const BROW_LEFT: [usize; 10] = [276, 283, 282, 295, 285, 336, 296, 334, 293, 300];

/// Subject's right brow, likewise.
pub const BROW_RIGHT: [usize; 10] = [46, 53, 52, 65, 55, 107, 66, 105, 63, 70];

/// Outer edge of the lips, from the subject's right corner along the lower lip.
pub const LIPS_OUTER: [usize; 20] =
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185];

/// Inner edge of the lips, from the subject's right corner along the lower lip.
pub const LIPS_INNER: [usize; 20] =
    [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191];

/// Outline of the face from the top of the forehead, clockwise on screen.
#[rustfmt::skip]
pub const FACE_OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// Ridge of the nose from between the eyes to the tip.
pub const NOSE_BRIDGE: [usize; 6] = [168, 6, 197, 195, 5, 4];

/// Iris of the subject's left eye: its centre, then four points on its edge.
pub const IRIS_LEFT: [usize; 5] = [473, 474, 475, 476, 477];

/// Iris of the subject's right eye, likewise.
pub const IRIS_RIGHT: [usize; 5] = [468, 469, 470, 471, 472];

/// Points that sit on bone and that no AU moves much: bridge and flanks of the nose's root, corners of the eyes,
/// temples, hairline. Head motion is read from the flow around them (method §1).
#[rustfmt::skip]
pub const RIGID: [usize; 31] = [
    168, 6, 197, 195, 122, 351, 196, 419, // root and bridge of the nose
    133, 362, 33, 263, 243, 463, // corners of the eyes
    127, 162, 21, 34, 139, 71, 356, 389, 251, 264, 368, 301, // temples
    10, 109, 338, 67, 297, // hairline
];

/// Index of the landmark on the other side of the face; its own for those on the midline.
#[rustfmt::skip]
pub const MIRROR: [u16; 478] = [
    0, 1, 2, 248, 4, 5, 6, 249, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    250, 251, 252, 253, 254, 255, 256, 257, 258, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269,
    270, 271, 272, 273, 274, 275, 276, 277, 278, 279, 280, 281, 282, 283, 284, 285, 286, 287, 288, 289,
    290, 291, 292, 293, 294, 295, 296, 297, 298, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309,
    310, 311, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 322, 323, 94, 324, 325, 326, 327, 328,
    329, 330, 331, 332, 333, 334, 335, 336, 337, 338, 339, 340, 341, 342, 343, 344, 345, 346, 347, 348,
    349, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 360, 361, 362, 363, 364, 365, 366, 367, 368,
    369, 370, 371, 372, 373, 374, 375, 376, 377, 378, 379, 151, 152, 380, 381, 382, 383, 384, 385, 386,
    387, 388, 389, 390, 164, 391, 392, 393, 168, 394, 395, 396, 397, 398, 399, 175, 400, 401, 402, 403,
    404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 195, 419, 197, 420, 199,
    200, 421, 422, 423, 424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 435, 436, 437, 438, 439,
    440, 441, 442, 443, 444, 445, 446, 447, 448, 449, 450, 451, 452, 453, 454, 455, 456, 457, 458, 459,
    460, 461, 462, 463, 464, 465, 466, 467, 3, 7, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
    50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69,
    70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
    90, 91, 92, 93, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
    111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130,
    131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150,
    153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 165, 166, 167, 169, 170, 171, 172, 173, 174,
    176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 194, 196,
    198, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219,
    220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239,
    240, 241, 242, 243, 244, 245, 246, 247, 473, 476, 475, 474, 477, 468, 471, 470, 469, 472,
];

/// The landmarks of one face in one picture, in its px.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Point3>", into = "Vec<Point3>")]
pub struct Landmarks(Box<[Point3; Landmarks::COUNT]>);

/// A list of points that is no set of landmarks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} landmarks, got {got}", expected = Landmarks::COUNT)]
pub struct WrongCount {
    /// Number of points given.
    pub got: usize,
}

impl Landmarks {
    /// Number of landmarks.
    pub const COUNT: usize = 478;

    /// Landmarks from 478 points; `None` for any other number.
    pub fn new(points: Vec<Point3>) -> Option<Landmarks> {
        points.into_boxed_slice().try_into().ok().map(Landmarks)
    }

    /// The points: x right and y down in px, z away from the camera in the scale of x with its zero inside the head.
    pub fn points(&self) -> &[Point3; Landmarks::COUNT] {
        &self.0
    }

    /// Point `index` without its depth, px.
    ///
    /// # Panics
    /// When `index` is 478 or more.
    #[inline]
    pub fn xy(&self, index: usize) -> Point2 {
        self.0[index].xy()
    }

    /// Mean of some of the points, px; the origin for none.
    pub fn centroid(&self, indices: &[usize]) -> Point2 {
        let sum = indices.iter().fold(Point2::default(), |sum, &i| sum + self.xy(i));
        sum * (1.0 / indices.len().max(1) as f32)
    }

    /// Middle of an eye: the mean of its contour, px.
    pub fn eye_midpoint(&self, side: Side) -> Point2 {
        match side {
            Side::Left => self.centroid(&EYE_LEFT),
            Side::Right => self.centroid(&EYE_RIGHT),
        }
    }

    /// Distance between the middles of the eyes, px: the unit in which motion is measured.
    pub fn inter_ocular(&self) -> f32 {
        self.eye_midpoint(Side::Left).distance(self.eye_midpoint(Side::Right))
    }

    /// The landmarks carried into another frame of coordinates; depth is scaled along.
    pub fn transformed(&self, similarity: &Similarity) -> Landmarks {
        let scale = similarity.scale();
        self.map(|p| {
            let q = similarity.apply(p.xy());
            Point3::new(q.x, q.y, p.z * scale)
        })
    }

    /// The landmarks of the mirrored picture, `width_px` wide: points reflected and left and right renamed.
    pub fn mirrored(&self, width_px: f32) -> Landmarks {
        let mut index = 0;
        self.map(|_| {
            let p = self.0[usize::from(MIRROR[index])];
            index += 1;
            Point3::new(width_px - p.x, p.y, p.z)
        })
    }

    /// Point by point mean of several frames of one face; `None` for no frame.
    pub fn mean(frames: &[Landmarks]) -> Option<Landmarks> {
        let share = 1.0 / frames.len() as f32;
        let mut index = 0;
        frames.first().map(|first| {
            first.map(|_| {
                let sum = frames.iter().fold(Point3::default(), |s, frame| {
                    let p = frame.0[index];
                    Point3::new(s.x + p.x, s.y + p.y, s.z + p.z)
                });
                index += 1;
                Point3::new(sum.x * share, sum.y * share, sum.z * share)
            })
        })
    }

    fn map(&self, mut f: impl FnMut(Point3) -> Point3) -> Landmarks {
        let mut points = self.0.clone();
        points.iter_mut().for_each(|p| *p = f(*p));
        Landmarks(points)
    }
}

impl TryFrom<Vec<Point3>> for Landmarks {
    type Error = WrongCount;

    fn try_from(points: Vec<Point3>) -> Result<Landmarks, WrongCount> {
        let got = points.len();
        Landmarks::new(points).ok_or(WrongCount { got })
    }
}

impl From<Landmarks> for Vec<Point3> {
    fn from(landmarks: Landmarks) -> Vec<Point3> {
        landmarks.0.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scattered() -> Landmarks {
        let point = |i: usize| Point3::new((i * 37 % 101) as f32, (i * 53 % 97) as f32, i as f32);
        Landmarks::new((0..Landmarks::COUNT).map(point).collect()).unwrap()
    }

    #[test]
    fn mirroring_the_index_twice_gives_it_back() {
        assert!((0..Landmarks::COUNT).all(|i| usize::from(MIRROR[usize::from(MIRROR[i])]) == i));
    }

    #[test]
    fn left_lists_are_the_mirror_of_right_lists() {
        let mirrored = |list: &[usize]| list.iter().map(|&i| usize::from(MIRROR[i])).collect::<Vec<_>>();
        assert_eq!(mirrored(&EYE_RIGHT), EYE_LEFT);
        assert_eq!(mirrored(&BROW_RIGHT), BROW_LEFT);
        assert_eq!(mirrored(&IRIS_RIGHT)[0], IRIS_LEFT[0]);
        assert!(NOSE_BRIDGE.iter().all(|&i| usize::from(MIRROR[i]) == i));
        assert!(RIGID.iter().all(|&i| RIGID.contains(&usize::from(MIRROR[i]))));
    }

    #[test]
    fn mirroring_landmarks_twice_gives_them_back() {
        let landmarks = scattered();
        assert_eq!(landmarks.mirrored(100.0).mirrored(100.0), landmarks);
    }

    #[test]
    fn the_mean_of_a_face_and_its_shifted_self_lies_half_way() {
        let landmarks = scattered();
        let shifted = landmarks.transformed(&Similarity { a: 1.0, b: 0.0, tx: 4.0, ty: -2.0 });
        let mean = Landmarks::mean(&[landmarks.clone(), shifted]).unwrap();
        assert_eq!(mean.xy(9), landmarks.xy(9) + Point2::new(2.0, -1.0));
        assert_eq!(Landmarks::mean(&[]), None);
    }

    #[test]
    fn any_other_number_of_points_is_refused() {
        assert!(Landmarks::new(vec![Point3::default(); 468]).is_none());
        assert_eq!(Landmarks::try_from(vec![Point3::default(); 3]), Err(WrongCount { got: 3 }));
    }
}
