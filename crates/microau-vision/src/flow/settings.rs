//! How flow is computed: presets and their numbers.

/// Settings of [`super::DenseFlow`].
///
/// The numbers of the presets were tuned by random search on 60 generated pairs (`reference/flow_pairs.py --seed 1
/// --per-kind 12`); the figures in docs/benchmarks/flow.md are of another seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowSettings {
    /// Finest pyramid level that is computed: 0 is full size, 1 half size.
    pub finest_level: usize,
    /// Levels are added while the shorter side keeps at least this many px.
    pub coarsest_px: usize,
    /// Times the second image is warped and the equations are set up anew on the finest level.
    pub warps_finest: usize,
    /// The same on each coarser level.
    pub warps_coarse: usize,
    /// Relaxation sweeps per warp.
    pub sweeps: usize,
    /// Over-relaxation factor, in (0, 2).
    pub over_relaxation: f32,
    /// Weight of smoothness against the images, at least 0. More smoothness means less noise and smaller amplitudes.
    pub smoothness: f32,
    /// Flow gradient (px per px) above which smoothness turns from quadratic to total variation, which spares edges.
    pub edge: f32,
    /// Weight of "grey values stay as they are", at least 0.
    pub intensity: f32,
    /// Weight of "gradients stay as they are", at least 0; it keeps weakly textured skin moving.
    pub gradient: f32,
    /// Standard deviation of the Gaussian over the images before anything else, px of each level.
    pub presmooth_sd_px: f32,
    /// Standard deviation of the window in which pixels are taken to move alike, px of each level.
    pub window_sd_px: f32,
    /// Standard deviation of the window for local mean and contrast, px of each level.
    pub contrast_sd_px: f32,
    /// Contrast below which contrast is not stretched, as a share of that of the whole image.
    pub contrast_floor: f32,
    /// Images of at least this many pixels are worked on by all threads of the rayon pool. The result is the same.
    pub parallel_from_px: usize,
}

impl FlowSettings {
    /// Half resolution, for searching the apex through a clip: a quarter of the time of `medium`.
    pub const fn fast() -> FlowSettings {
        FlowSettings {
            finest_level: 1,
            smoothness: 1.83,
            edge: 0.0002,
            intensity: 0.015,
            gradient: 0.055,
            presmooth_sd_px: 0.1,
            window_sd_px: 1.85,
            contrast_sd_px: 4.9,
            contrast_floor: 0.74,
            ..FlowSettings::medium()
        }
    }

    /// Full resolution; the default. More sweeps or levels change nothing that can be measured.
    pub const fn medium() -> FlowSettings {
        FlowSettings {
            finest_level: 0,
            coarsest_px: 14,
            warps_finest: 3,
            warps_coarse: 2,
            sweeps: 10,
            over_relaxation: 1.8,
            smoothness: 1.04,
            edge: 0.0008,
            intensity: 0.061,
            gradient: 0.026,
            presmooth_sd_px: 0.55,
            window_sd_px: 4.0,
            contrast_sd_px: 4.8,
            contrast_floor: 0.95,
            parallel_from_px: 512 * 512,
        }
    }

    /// Full resolution with more warps, for the flow of record between onset and apex: twice the time of `medium`.
    pub const fn fine() -> FlowSettings {
        FlowSettings { warps_finest: 8, warps_coarse: 3, ..FlowSettings::medium() }
    }
}

impl Default for FlowSettings {
    fn default() -> FlowSettings {
        FlowSettings::medium()
    }
}
