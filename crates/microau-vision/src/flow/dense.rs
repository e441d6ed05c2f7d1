//! Dense flow between two images, coarse to fine.
//!
//! On every level of a pyramid: warp the second image by the flow so far, take the motion tensor of both images
//! ([`super::constancy`]), take the motion of the whole picture off ([`super::affine`]), solve for the rest under
//! robust smoothness ([`super::smoothness`], [`super::relax`]) and add both; a few times over.

use microau_core::plane::{FlowField, Plane};
use tracing::trace_span;

use super::affine::Affine;
use super::constancy::{Band, Constancy, Tensor};
use super::contrast::Contrast;
use super::error::FlowError;
use super::filter::{Symmetric, filter};
use super::pyramid::{Size, grow, shrink};
use super::relax::Board;
use super::settings::FlowSettings;
use super::smoothness::Equations;
use super::spline::Spline;

/// Computes dense flow. Buffers are kept, so calls at one size allocate nothing but their result.
#[derive(Clone, Debug)]
pub struct DenseFlow {
    settings: FlowSettings,
    first: Pyramid,
    second: Pyramid,
    contrast: Contrast,
    window: Symmetric,
    work: Work,
}

/// Levels of one image, full size first.
#[derive(Clone, Debug, Default)]
struct Pyramid {
    levels: Vec<Level>,
}

#[derive(Clone, Debug, Default)]
struct Level {
    size: Size,
    raw: Vec<f32>,
    /// Normalised; empty on levels finer than the finest computed.
    image: Vec<f32>,
}

#[derive(Clone, Debug, Default)]
struct Work {
    /// u and v on the grid of the level at hand.
    flow: [Vec<f32>; 2],
    tensor: Tensor,
    band: Band,
    equations: Equations,
    board: Board,
    /// The second image of the level at hand.
    second: Spline,
    plane: Vec<f32>,
    line: Vec<f32>,
}

impl DenseFlow {
    /// With settings of one's own.
    pub fn new(settings: FlowSettings) -> DenseFlow {
        DenseFlow {
            settings,
            first: Pyramid::default(),
            second: Pyramid::default(),
            contrast: Contrast::new(&settings),
            // the window after what halving to the grid has blurred already, in grid cells
            window: Symmetric::gaussian(settings.window_sd_px / 2.0),
            work: Work::default(),
        }
    }

    /// Half resolution, for searching through a clip.
    pub fn fast() -> DenseFlow {
        DenseFlow::new(FlowSettings::fast())
    }

    /// Full resolution, the default.
    pub fn medium() -> DenseFlow {
        DenseFlow::new(FlowSettings::medium())
    }

    /// Full resolution, most accurate.
    pub fn fine() -> DenseFlow {
        DenseFlow::new(FlowSettings::fine())
    }

    /// The settings in use.
    pub fn settings(&self) -> &FlowSettings {
        &self.settings
    }

    /// Flow from the first image to the second, px: `second(x + u, y + v)` shows what `first(x, y)` shows.
    ///
    /// Grey values may be on any scale, the same for both images or not; values that are not finite count as 0.
    ///
    /// # Errors
    /// When the images differ in size.
    pub fn compute(&mut self, first: &Plane, second: &Plane) -> Result<FlowField, FlowError> {
        self.set_first(first);
        self.flow_to(second)
    }

    /// Prepares the first image for many calls of [`DenseFlow::flow_to`], such as the onset of a clip.
    pub fn set_first(&mut self, first: &Plane) {
        let _stage = trace_span!("flow").entered();
        self.first.build(first, &self.settings, &mut self.contrast, &mut self.work.line);
    }

    /// Flow from the image of [`DenseFlow::set_first`] to this one, px.
    ///
    /// # Errors
    /// When the images differ in size.
    pub fn flow_to(&mut self, second: &Plane) -> Result<FlowField, FlowError> {
        let _stage = trace_span!("flow").entered();
        let expected = self.first.levels.first().map_or(Size::default(), |level| level.size);
        let got = Size { width: second.width, height: second.height };
        if expected != got {
            return Err(FlowError::sizes(expected, got));
        }
        if got.len() == 0 {
            return Ok(FlowField::new(got.width, got.height));
        }
        self.second.build(second, &self.settings, &mut self.contrast, &mut self.work.line);
        self.descend();
        Ok(self.full_size())
    }

    /// Computes the flow from the coarsest level down to the finest; it is left on the grid of the finest.
    fn descend(&mut self) {
        let finest = self.finest_level();
        let coarsest = self.first.levels.len() - 1;
        let cells = self.first.levels[coarsest].size.half().len();
        for component in &mut self.work.flow {
            component.clear();
            component.resize(cells, 0.0);
        }
        for index in (finest..=coarsest).rev() {
            if index < coarsest {
                self.work.double(self.first.levels[index].size.half(), 2.0);
            }
            let warps = if index == finest { self.settings.warps_finest } else { self.settings.warps_coarse };
            let (first, second) = (&self.first.levels[index], &self.second.levels[index]);
            self.work.second.set(&second.image, second.size);
            for _ in 0..warps {
                self.work.refine(first, &self.settings, &self.window);
            }
        }
    }

    /// The flow at the size of the images.
    fn full_size(&mut self) -> FlowField {
        let finest = self.finest_level();
        let mut gain = 1.0;
        for level in self.first.levels[1..=finest].iter().rev() {
            self.work.double(level.size, gain);
            gain = 2.0;
        }
        let size = self.first.levels[0].size;
        let Work { flow, line, .. } = &mut self.work;
        let [u, v] = flow.each_ref().map(|component| {
            let mut full = Vec::new();
            grow(component, size, gain, line, &mut full);
            Plane::from_vec(size.width, size.height, full)
        });
        FlowField { u, v }
    }

    /// Small images have fewer levels than the settings ask for.
    fn finest_level(&self) -> usize {
        self.settings.finest_level.min(self.first.levels.len() - 1)
    }
}

impl Default for DenseFlow {
    fn default() -> DenseFlow {
        DenseFlow::medium()
    }
}

impl Pyramid {
    fn build(&mut self, image: &Plane, settings: &FlowSettings, contrast: &mut Contrast, line: &mut Vec<f32>) {
        let size = Size { width: image.width, height: image.height };
        let mut sizes = vec![size];
        while let Some(half) = sizes.last().map(|s| s.half())
            && half.width.min(half.height) >= settings.coarsest_px.max(2)
        {
            sizes.push(half);
        }
        self.levels.resize_with(sizes.len(), Level::default);
        self.levels.iter_mut().zip(&sizes).for_each(|(level, &size)| level.size = size);
        let raw = &mut self.levels[0].raw;
        raw.clear();
        raw.extend(image.data.iter().map(|&v| if v.is_finite() { v } else { 0.0 }));
        for index in 1..self.levels.len() {
            let (finer, coarser) = self.levels.split_at_mut(index);
            shrink(&finer[index - 1].raw, finer[index - 1].size, line, &mut coarser[0].raw);
        }
        let finest = settings.finest_level.min(self.levels.len() - 1);
        for level in &mut self.levels[finest..] {
            contrast.normalise(&level.raw, level.size, &mut level.image);
        }
    }
}

impl Work {
    /// One warp: the flow that both images ask for around the flow so far.
    fn refine(&mut self, first: &Level, settings: &FlowSettings, window: &Symmetric) {
        let (size, grid) = (first.size, first.size.half());
        let [u, v] = &self.flow;
        let constancy = Constancy {
            first: &first.image,
            second: &self.second,
            size,
            flow: [u, v],
            intensity: settings.intensity,
            gradient: settings.gradient,
        };
        constancy.tensor(size.len() >= settings.parallel_from_px, &mut self.band, &mut self.tensor);
        for component in &mut self.tensor {
            filter(component, grid, window, &mut self.plane, &mut self.line);
        }
        // grid cells are two px wide: a difference between cells is twice the gradient
        let (smoothness, edge) = (settings.smoothness / 4.0, settings.edge * 2.0);
        let whole = Affine::fit([u, v], &self.tensor, smoothness, grid);
        whole.add(-1.0, grid, &mut self.flow);
        let [u, v] = &self.flow;
        self.equations.set_up(&self.tensor, [u, v], grid, smoothness, edge, &mut self.board);
        self.board.relax(settings.sweeps, settings.over_relaxation);
        for (i, component) in self.flow.iter_mut().enumerate() {
            self.board.read_flow(i, component);
        }
        whole.add(1.0, grid, &mut self.flow);
    }

    /// Brings the flow to twice the size; displacements are multiplied by `gain`.
    fn double(&mut self, size: Size, gain: f32) {
        for component in &mut self.flow {
            grow(component, size, gain, &mut self.line, &mut self.plane);
            std::mem::swap(component, &mut self.plane);
        }
    }
}
