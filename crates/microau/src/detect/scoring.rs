//! From the clip of a face to an interval among the findings.

use microau_core::score::AuInterval;

use super::error::DetectError;
use super::findings::Findings;
use super::gather::Gathered;
use super::input::Input;
use super::interval::interval;
use super::pipeline::Look;
use super::scorer::Scorer;
use super::settings::DetectSettings;

/// Scores the clips of one input.
pub(super) struct Scoring<'s> {
    pub scorer: &'s mut dyn Scorer,
    pub settings: DetectSettings,
    pub input: &'s Input,
    pub look: &'s mut dyn FnMut(Look<'_>) -> Result<(), DetectError>,
    pub findings: &'s mut Findings,
}

impl Scoring<'_> {
    /// Scores a clip, shows where the model looked, and adds the interval; what cannot be done is noted.
    pub fn add(self, clip: Gathered) {
        let Self { scorer, settings, input, look, findings } = self;
        let Some(scores) = findings.keep(scorer.score(&clip.clip).map_err(|error| error.about(input))) else { return };
        let interval = interval(clip.moments, clip.found_by, &scorer.info().aus, &scores, settings.threshold);
        let interval = AuInterval { spotted: clip.spotted, ..interval };
        if let Some(attention) = &scores.attention {
            findings.keep(look(Look { input, face_id: clip.face_id, interval: &interval, attention }));
        }
        findings.add(clip.face_id, interval);
    }
}
