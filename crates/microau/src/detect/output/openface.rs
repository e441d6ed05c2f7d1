//! The CSV of OpenFace 2.2, one row a frame and face, for the scripts that read it.
//!
//! ```text
//! frame, face_id, timestamp, confidence, success, x_0, …, x_67, y_0, …, y_67, AU01_r, …, AU01_c, …
//! ```
//!
//! Names, order and the blank behind each comma are those of OpenFace. What stands under them is ours:
//!
//! | column | meaning |
//! |---|---|
//! | `frame` | number of the frame, from 1 |
//! | `face_id` | number of the face, from 0 |
//! | `timestamp` | seconds since the first frame |
//! | `confidence` | probability that a face is there |
//! | `success` | 1 from a confidence of 0.5 on |
//! | `x_i`, `y_i` | the 68 points ([`POINTS`]), px, whole numbers at the centres of pixels as in OpenCV |
//! | `AUxx_r` | 5 times the probability: 0 to 5 as OpenFace's intensity, but no intensity |
//! | `AUxx_c` | 1 where the probability reaches the threshold |
//!
//! A frame without a face has no row. There are no columns of gaze, pose, 3-D points or shape parameters: nothing here
//! measures them as OpenFace does.

use std::io::{self, Write};

use microau_core::au::Au;
use microau_core::landmarks::Landmarks;
use microau_core::report::Report;
use microau_core::score::FaceFrame;

use super::{OneInput, Sink};

/// The landmarks (of 478) between which each of the 68 points of iBUG 300-W lies half-way; the same twice for one that lies
/// on a landmark.
///
/// Points 0 to 16 follow the jaw from the subject's right ear, 17 to 26 the brows, 27 to 35 the nose, 36 to 47 the eyes, 48
/// to 59 the outer and 60 to 67 the inner edge of the lips. The choice is that of the usual tables from MediaPipe's mesh to
/// dlib's points, made even: the left half is the mirror of the right, and jaw and lips are those that lie at the most
/// even distances on the canonical face.
#[rustfmt::skip]
pub const POINTS: [[usize; 2]; 68] = [
    [127, 127], [234, 234], [93, 93], [132, 58], [58, 172], [136, 136], [150, 150], [176, 176], [152, 152],
    [400, 400], [379, 379], [365, 365], [288, 397], [361, 288], [323, 323], [454, 454], [356, 356],
    [70, 70], [63, 63], [105, 105], [66, 66], [107, 107], [336, 336], [296, 296], [334, 334], [293, 293], [300, 300],
    [168, 6], [197, 195], [5, 5], [4, 4], [75, 75], [97, 97], [2, 2], [326, 326], [305, 305],
    [33, 33], [160, 160], [158, 158], [133, 133], [153, 153], [144, 144],
    [362, 362], [385, 385], [387, 387], [263, 263], [373, 373], [380, 380],
    [61, 61], [39, 39], [37, 37], [0, 0], [267, 267], [269, 269], [291, 291],
    [405, 405], [314, 314], [17, 17], [84, 84], [181, 181],
    [78, 78], [81, 81], [13, 13], [311, 311], [308, 308], [402, 402], [14, 14], [178, 178],
];

/// Least confidence of a success.
const LEAST_CONFIDENCE: f32 = 0.5;

/// OpenFace's intensities go up to this.
const MOST_INTENSE: f32 = 5.0;

/// Rows of one film.
pub struct Openface<W> {
    to: W,
    aus: Vec<Au>,
    threshold: f32,
    only: OneInput,
}

impl<W: Write + Send> Openface<W> {
    /// A table with its header row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(report: &Report, mut to: W) -> io::Result<Self> {
        let mut header: Vec<String> =
            ["frame", "face_id", "timestamp", "confidence", "success"].map(str::to_owned).into();
        header.extend(["x", "y"].iter().flat_map(|axis| (0..POINTS.len()).map(move |i| format!("{axis}_{i}"))));
        let aus = report.model.aus.clone();
        header.extend(["r", "c"].iter().flat_map(|kind| aus.iter().map(move |au| format!("{}_{kind}", au.code()))));
        writeln!(to, "{}", header.join(", "))?;
        Ok(Self { to, aus, threshold: report.settings.threshold, only: OneInput::default() })
    }
}

impl<W: Write + Send> Sink<W> for Openface<W> {
    fn begin(&mut self, _: &str) -> io::Result<()> {
        self.only.take()
    }

    fn frame(&mut self, frame: &FaceFrame) -> io::Result<()> {
        let FaceFrame { face_id, at, confidence, landmarks, aus } = frame;
        let success = u8::from(*confidence >= LEAST_CONFIDENCE);
        write!(self.to, "{}, {face_id}, {:.6}, {confidence:.2}, {success}", at.frame.0 + 1, at.secs)?;
        let points = points(landmarks);
        for pick in [|point: &[f32; 2]| point[0], |point: &[f32; 2]| point[1]] {
            points.iter().try_for_each(|point| write!(self.to, ", {:.1}", pick(point)))?;
        }
        let intensity = |prob: f32| MOST_INTENSE * prob;
        let presence = |prob: f32| f32::from(u8::from(prob >= self.threshold));
        let probs: Vec<Option<f32>> = (0..self.aus.len()).map(|k| aus.get(k).copied()).collect();
        for value in probs.iter().map(|prob| prob.map(intensity)).chain(probs.iter().map(|prob| prob.map(presence))) {
            match value {
                Some(value) => write!(self.to, ", {value:.2}")?,
                None => write!(self.to, ", ")?,
            }
        }
        writeln!(self.to)
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        Ok(self.to)
    }
}

/// The 68 points of a face, px with whole numbers at the centres of pixels.
pub fn points(landmarks: &Landmarks) -> [[f32; 2]; 68] {
    POINTS.map(|between| {
        let point = landmarks.centroid(&between);
        // ours has whole numbers at the corners of pixels
        [point.x - 0.5, point.y - 0.5]
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty_report, film_report, written};
    use super::super::{FrameFormat, frame_sink};
    use super::*;
    use microau_core::geom::Point3;
    use microau_core::landmarks::MIRROR;

    /// The canonical face, upright in the picture, 20 px a cm.
    fn canonical() -> [[f32; 2]; 68] {
        let text = include_str!("../../../../microau-core/tests/assets/canonical_face.txt");
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        let number = |word: &str| word.parse::<f32>().unwrap();
        let mut points: Vec<Point3> = rows
            .map(|row| row.split_whitespace().map(number).collect::<Vec<f32>>())
            .map(|row| Point3::new(200.0 + 20.0 * row[0], 200.0 - 20.0 * row[1], row[2]))
            .collect();
        points.resize(Landmarks::COUNT, Point3::default());
        self::points(&Landmarks::new(points).unwrap())
    }

    /// The point on the other side of the 68.
    fn other_side(i: usize) -> usize {
        match i {
            0..=16 => 16 - i,
            17..=26 => 43 - i,
            27..=30 => i,
            31..=35 => 66 - i,
            36..=39 => 81 - i,
            42..=45 => 81 - i,
            40 | 41 | 46 | 47 => 87 - i,
            48..=54 => 102 - i,
            55..=59 => 114 - i,
            60..=64 => 124 - i,
            _ => 132 - i,
        }
    }

    #[test]
    fn the_left_half_is_the_mirror_of_the_right() {
        for (i, between) in POINTS.iter().enumerate() {
            let mut mirrored = between.map(|landmark| usize::from(MIRROR[landmark]));
            let mut other = POINTS[other_side(i)];
            mirrored.sort_unstable();
            other.sort_unstable();
            assert_eq!(mirrored, other, "point {i}");
            assert_eq!(other_side(other_side(i)), i);
        }
    }

    #[test]
    fn on_the_canonical_face_the_points_run_as_the_scheme_has_them() {
        let face = canonical();
        let rises = |points: std::ops::RangeInclusive<usize>, axis: usize| {
            points.clone().zip(points.skip(1)).all(|(a, b)| face[a][axis] < face[b][axis])
        };
        // the jaw from the subject's right, down to the chin and up again
        assert!(rises(0..=16, 0) && rises(0..=8, 1) && face[9][1] < face[8][1] && face[16][1] < face[9][1]);
        // brows, from the subject's right to left; bridge of the nose downwards; its base across
        assert!(rises(17..=21, 0) && rises(22..=26, 0) && rises(27..=30, 1) && rises(31..=35, 0));
        // eyes: along the upper lid, back along the lower one
        for eye in [36, 42] {
            assert!(rises(eye..=eye + 3, 0) && face[eye + 4][0] > face[eye + 5][0]);
            assert!(face[eye + 1][1] < face[eye + 5][1] && face[eye + 2][1] < face[eye + 4][1]);
        }
        // lips: along the upper edge, back along the lower one; the inner edge inside the outer
        assert!(rises(48..=54, 0) && rises(60..=64, 0));
        assert!(face[55][0] > face[59][0] && face[57][1] > face[51][1] && face[65][0] > face[67][0]);
        assert!(face[60][0] > face[48][0] && face[62][1] > face[51][1] && face[66][1] < face[57][1]);
    }

    #[test]
    fn points_of_jaw_and_lips_lie_at_even_distances_on_the_canonical_face() {
        let face = canonical();
        let gap = |a: usize, b: usize| (face[a][0] - face[b][0]).hypot(face[a][1] - face[b][1]);
        let gaps: Vec<f32> = (0..16).map(|i| gap(i, i + 1)).collect();
        let mean = gaps.iter().sum::<f32>() / 16.0;
        // neighbours of the mesh lie half a gap apart, so none need be off by more
        assert!(gaps.iter().all(|gap| (gap / mean - 1.0).abs() < 0.5), "{gaps:?}");
        for (corner, middle, third) in [(48, 51, 50), (48, 57, 58), (60, 62, 61), (60, 66, 67)] {
            let share = (face[third][0] - face[corner][0]) / (face[middle][0] - face[corner][0]);
            let even = if corner == 48 { 2.0 / 3.0 } else { 0.5 };
            assert!((share - even).abs() < 0.1, "{third}: {share}");
        }
    }

    #[test]
    fn the_table_reads_as_that_of_openface() {
        let sink = frame_sink(FrameFormat::Openface, &empty_report(), Vec::new()).unwrap();
        let text = String::from_utf8(written(sink, &film_report("a.mp4", Vec::new()))).unwrap();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(", ").collect()).collect();
        assert_eq!(rows[0].len(), 5 + 2 * 68 + 4);
        assert_eq!(rows[0][..7], ["frame", "face_id", "timestamp", "confidence", "success", "x_0", "x_1"]);
        assert_eq!(rows[0][5 + 68], "y_0");
        assert_eq!(rows[0][141..], ["AU04_r", "AU12_r", "AU04_c", "AU12_c"]);
        // landmark 127 lies at (127.5, 254.5): the middle of pixel (127, 254)
        assert_eq!(rows[1][..6], ["1", "0", "0.000000", "0.75", "1", "127.0"]);
        assert_eq!(rows[1][5 + 68], "254.0");
        assert_eq!(rows[1][141..], ["0.62", "4.38", "0.00", "1.00"]);
        assert_eq!(rows[2][..3], ["2", "1", "0.033333"]);
        assert_eq!(rows[2][141..], ["", "", "", ""]);
    }
}
