//! One pass over a film that picks out of it the frames and landmarks of some events.
//!
//! Only the frames of events that are under way are held, so memory does not grow with the length of the film. Frames
//! outside every event are passed over without looking for faces.

use std::collections::BTreeMap;
use std::sync::Arc;

use image::RgbImage;
use microau_core::geom::Rect;
use microau_core::landmarks::Landmarks;
use microau_core::sample::Event;
use microau_core::score::{FoundBy, Moment, Spotted};
use microau_core::time::FrameIndex;

use super::error::DetectError;
use super::faces::{FaceFinder, FoundFace};
use super::film::Film;
use super::interval::Moments;
use super::scorer::FaceClip;

/// Least overlap (intersection over union) at which a face is taken for the one that was searched before: heads move
/// little between two passes over the same frame, while two faces hardly overlap.
const SAME_FACE_IOU: f32 = 0.3;

/// An event to be picked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// When it is.
    pub event: Event,
    /// Whose it is; `None` means every face that is there at onset and apex.
    pub face: Option<WantedFace>,
    /// How it came to be known.
    pub found_by: FoundBy,
}

/// A face known from an earlier pass. It need not be followed from onset to apex again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WantedFace {
    /// Its number.
    pub face_id: u32,
    /// Box around it at the onset, px of the frame.
    pub at_onset: Rect,
    /// Box around it at the apex, px of the frame.
    pub at_apex: Rect,
}

/// The clip of one face in one event.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Number of the face.
    pub face_id: u32,
    /// Its frames and landmarks.
    pub clip: FaceClip,
    /// When it happened.
    pub moments: Moments,
    /// How the event came to be known.
    pub found_by: FoundBy,
    /// What spotting says of it, where it was spotted.
    pub spotted: Option<Spotted>,
}

/// Reads the film up to the end of the last event and hands the clips of each event to `deliver` as soon as the event
/// is over, with its place in `wanted`: none when no face is in both frames, `None` when a frame is not there.
///
/// # Errors
/// When the film cannot be read on, or `deliver` fails.
pub fn gather(
    film: &mut Film<'_>,
    finder: &mut dyn FaceFinder,
    wanted: &[Wanted],
    placing_frames: usize,
    deliver: &mut dyn FnMut(usize, Option<Vec<Gathered>>) -> Result<(), DetectError>,
) -> Result<(), DetectError> {
    finder.restart();
    let mut open: Vec<Option<Picking>> =
        wanted.iter().map(|wanted| Some(Picking::new(wanted, placing_frames))).collect();
    while let Some(next) = open.iter().flatten().filter_map(|picking| picking.next_frame(film.position())).min() {
        let Some(frame) = film.frame_from(FrameIndex(next))? else { break };
        let moment = Moment::new(frame.index, frame.time);
        let image = Arc::new(frame.image);
        let looks = open.iter().flatten().any(|picking| picking.looks_at(frame.index));
        let faces = if looks { finder.find(&image) } else { Vec::new() };
        for (place, picking) in open.iter_mut().enumerate() {
            if let Some(seeing) = picking {
                seeing.see(moment, &image, &faces);
            }
            if let Some(done) = picking.take_if(|picking| picking.next_frame(frame.index.0 + 1).is_none()) {
                deliver(place, done.finish())?;
            }
        }
    }
    // the film ended before the offset of these
    open.into_iter()
        .enumerate()
        .try_for_each(|(place, picking)| picking.map_or(Ok(()), |it| deliver(place, it.finish())))
}

/// One event being picked out. The numbers of faces here are those of this pass.
struct Picking<'w> {
    wanted: &'w Wanted,
    placing_frames: usize,
    onset: Option<(Moment, Arc<RgbImage>)>,
    placing: BTreeMap<u32, Vec<Landmarks>>,
    apex: Option<(Moment, Arc<RgbImage>)>,
    faces_at_apex: Vec<u32>,
    offset: Option<Moment>,
}

impl<'w> Picking<'w> {
    fn new(wanted: &'w Wanted, placing_frames: usize) -> Self {
        let (placing, faces_at_apex) = (BTreeMap::new(), Vec::new());
        Self { wanted, placing_frames, onset: None, placing, apex: None, faces_at_apex, offset: None }
    }

    /// The first frame from `position` on that this event needs.
    fn next_frame(&self, position: u64) -> Option<u64> {
        let Event { onset, apex, offset } = self.wanted.event;
        if position <= self.followed_to().0 {
            return Some(position.max(onset.0));
        }
        [Some(apex), offset].into_iter().flatten().map(|frame| frame.0).find(|&frame| position <= frame)
    }

    /// Whether the faces of a frame matter.
    fn looks_at(&self, frame: FrameIndex) -> bool {
        let Event { onset, apex, .. } = self.wanted.event;
        frame == apex || (onset..=self.followed_to()).contains(&frame)
    }

    /// The last frame up to which faces are followed without a gap: the apex, so that a face keeps its number; for a known
    /// face only as long as its crop is being placed.
    fn followed_to(&self) -> FrameIndex {
        let Event { onset, apex, .. } = self.wanted.event;
        let placed = FrameIndex(onset.0 + self.placing_frames.max(1) as u64 - 1);
        if self.wanted.face.is_some() { placed.min(apex) } else { apex }
    }

    fn see(&mut self, moment: Moment, image: &Arc<RgbImage>, faces: &[FoundFace]) {
        let Event { onset, apex, offset } = self.wanted.event;
        let whose = self.wanted.face;
        if moment.frame == onset {
            self.onset = Some((moment, Arc::clone(image)));
            let begun = faces.iter().filter(|face| whose.is_none_or(|whose| is_at(face, &whose.at_onset)));
            self.placing = begun.map(|face| (face.face_id, vec![face.landmarks.clone()])).collect();
        } else if moment.frame < apex {
            faces.iter().for_each(|face| self.place(face));
        } else if moment.frame == apex {
            self.apex = Some((moment, Arc::clone(image)));
            let still = faces.iter().filter(|face| whose.is_none_or(|whose| is_at(face, &whose.at_apex)));
            self.faces_at_apex = still.map(|face| face.face_id).collect();
        }
        if offset == Some(moment.frame) {
            self.offset = Some(moment);
        }
    }

    fn place(&mut self, face: &FoundFace) {
        if let Some(placing) = self.placing.get_mut(&face.face_id)
            && placing.len() < self.placing_frames
        {
            placing.push(face.landmarks.clone());
        }
    }

    /// The clips of the faces that are in both frames; `None` when a frame is not there.
    fn finish(self) -> Option<Vec<Gathered>> {
        let ((onset, onset_image), (apex, apex_image)) = (self.onset?, self.apex?);
        let at_apex = self.faces_at_apex;
        // between two far apart frames a face may have lost its number; when there is but one, it is the same
        let alone = self.placing.len() == 1 && at_apex.len() == 1;
        let stayed = self.placing.into_iter().filter(|(id, _)| alone || at_apex.contains(id));
        let (moments, found_by) = (Moments { onset, apex, offset: self.offset }, self.wanted.found_by);
        let gathered = |(id, placing)| Gathered {
            face_id: self.wanted.face.map_or(id, |face| face.face_id),
            clip: FaceClip { onset: Arc::clone(&onset_image), apex: Arc::clone(&apex_image), placing },
            moments,
            found_by,
            spotted: None,
        };
        Some(stayed.map(gathered).collect())
    }
}

fn is_at(face: &FoundFace, bounds: &Rect) -> bool {
    face.bounds().iou(bounds) >= SAME_FACE_IOU
}
