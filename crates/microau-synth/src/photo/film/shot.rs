//! A portrait before the camera: the mesh posed moment by moment over its plate.

use std::sync::Arc;

use microau_core::geom::Point2;

use super::movement::{Moved, blink_of, carry};
use crate::expression::Expression;
use crate::photo::settings::PhotoSettings;
use crate::photo::stage::Stage;
use crate::render::shot::Moment;
use crate::render::view::{Pose, View};

/// A portrait on its stage.
#[derive(Debug, Clone)]
pub(crate) struct PhotoShot {
    pub(super) stage: Arc<Stage>,
    /// What a full blink moves.
    pub(super) blink: Vec<Moved>,
    pub(super) furrow_strength: f32,
    pub(super) turn_limit_rad: f32,
    /// Frame px per plate px.
    pub(super) zoom: f32,
    /// Place in the plate's space that falls on the view's place of the eyes.
    pub(super) anchor: Point2,
    pub(super) view: View,
    /// Width and height of the frames.
    pub(super) size_px: [usize; 2],
    /// Pose and gaze that belong to the photo's own.
    pub(super) first: Pose,
    pub(super) first_gaze_rad: [f32; 2],
}

impl PhotoShot {
    /// A portrait that looks as in its photo at a first moment.
    pub fn new<M>(
        stage: Arc<Stage>,
        settings: &PhotoSettings,
        view: View,
        size_px: [usize; 2],
        first: &Moment<M>,
    ) -> PhotoShot {
        let mut shot = PhotoShot {
            blink: blink_of(&stage),
            furrow_strength: settings.furrow,
            turn_limit_rad: settings.turn_deg.to_radians(),
            zoom: inter_ocular_px(view) / stage.inter_ocular_px,
            anchor: stage.eyes,
            stage,
            view,
            size_px,
            first: first.pose,
            first_gaze_rad: first.gaze_rad,
        };
        shot.anchor = shot.eyes_at_first();
        shot
    }

    /// Per action of an expression: what it moves on the plate at its apex.
    pub fn movements(&self, expression: &Expression) -> Vec<Vec<Moved>> {
        expression.movements().into_iter().map(|moved| carry(&self.stage, moved)).collect()
    }
}

/// Distance between the eyes in the frames of a view, px.
pub(crate) fn inter_ocular_px(view: View) -> f32 {
    // The eyes of the average head are 0.6156 dm apart and 0.945 dm in front of the pivot.
    view.focal_px * 0.6156 / (view.distance_dm - 0.945).max(0.5)
}
