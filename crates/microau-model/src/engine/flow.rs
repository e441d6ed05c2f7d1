//! φ on the engine: the flow of some patches, added to their motion tokens. Formulas in [`flow_embedding`](crate::flow_embedding).

use microau_kernels::{Activations, Finish, Level, Matrix, Precision, Weights, multiply};

use super::named::{Dense, Named};
use crate::batch::FLOW_CHANNELS;
use crate::config::MicroAuClipConfig;

/// Places that a 3x3 convolution looks at.
const NEIGHBOURS: usize = 9;

/// The patch embedding of the flow.
pub(super) struct FastFlow {
    /// Layers over the samples of a patch, or halvings of the whole plane.
    layers: Layers,
    /// Row-major `[P, D]`.
    positions: Vec<f32>,
    /// Samples along one side of the plane.
    side: usize,
    /// Samples along one side of a patch.
    patch_side: usize,
    /// What enters a layer.
    samples: Matrix,
    /// What leaves one that is not the last.
    hidden: Matrix,
}

enum Layers {
    ByPatch { hidden: Option<Weights>, out: Weights },
    Halvings(Vec<Weights>),
}

impl FastFlow {
    /// The embedding of a model, if its input has flow.
    pub(super) fn new(named: &Named, config: &MicroAuClipConfig) -> Option<FastFlow> {
        let positions = named.find("motion.flow.positions")?.to_vec();
        let layer = |name: &str| named.linear(&format!("motion.flow.{name}")).pack(Precision::F32);
        let halvings = (0..).map_while(|place| halving(named, &format!("motion.flow.halvings.{place}")));
        let layers = match named.find("motion.flow.out.weight") {
            Some(_) => Layers::ByPatch {
                hidden: named.find("motion.flow.hidden.weight").map(|_| layer("hidden")),
                out: layer("out"),
            },
            None => Layers::Halvings(halvings.collect()),
        };
        let (side, patch_side) = (config.flow_side(), config.flow_patch_side());
        Some(FastFlow { layers, positions, side, patch_side, samples: Matrix::default(), hidden: Matrix::default() })
    }

    /// Embeds the flow of some patches, with their positions.
    ///
    /// # Shapes
    /// - flow: `[N, 3, h, w]`
    /// - patches: `[P']`
    /// - motion: becomes `[N · P', D]`
    pub(super) fn embed(
        &mut self,
        level: Level,
        flow: &[f32],
        patches: &[usize],
        rows: &mut Activations,
        motion: &mut Matrix,
    ) {
        let planes = flow.len() / (FLOW_CHANNELS * self.side * self.side);
        self.start(planes, patches, motion);
        match &self.layers {
            Layers::ByPatch { hidden, out } => {
                samples_of_patches(flow, self.side, self.patch_side, patches, &mut self.samples);
                rows.pack(level, &self.samples, None);
                if let Some(hidden) = hidden {
                    multiply(level, rows, hidden, Finish::Gelu, &mut self.hidden);
                    rows.pack(level, &self.hidden, None);
                }
                multiply(level, rows, out, Finish::Add, motion);
            }
            Layers::Halvings(halvings) => {
                let (last, before) = halvings.split_last().expect("conv has at least one halving");
                let mut side = self.side;
                for (place, halving) in before.iter().enumerate() {
                    let all: Vec<usize> = (0..side * side / 4).collect();
                    gather(place == 0, flow, &self.hidden, side, &all, &mut self.samples);
                    rows.pack(level, &self.samples, None);
                    multiply(level, rows, halving, Finish::Relu, &mut self.hidden);
                    side /= 2;
                }
                gather(before.is_empty(), flow, &self.hidden, side, patches, &mut self.samples);
                rows.pack(level, &self.samples, None);
                multiply(level, rows, last, Finish::Add, motion);
            }
        }
    }

    /// The positions of the patches, for each plane.
    fn start(&self, planes: usize, patches: &[usize], motion: &mut Matrix) {
        let width = self.positions.len() / (self.side / self.patch_side).pow(2);
        motion.resize(planes * patches.len(), width);
        for plane in 0..planes {
            for (place, patch) in patches.iter().enumerate() {
                motion.set_row(plane * patches.len() + place, &self.positions[patch * width..][..width]);
            }
        }
    }
}

/// The neighbours of some places of the halved plane: of the flow before the first halving, of what it left before the others.
fn gather(first: bool, flow: &[f32], hidden: &Matrix, side: usize, places: &[usize], rows: &mut Matrix) {
    let area = side * side;
    if first {
        let sample = |plane: usize, place: usize, values: &mut [f32]| {
            for (channel, value) in values.iter_mut().enumerate() {
                *value = flow[(plane * FLOW_CHANNELS + channel) * area + place];
            }
        };
        neighbours(flow.len() / (FLOW_CHANNELS * area), FLOW_CHANNELS, side, places, sample, rows);
    } else {
        let sample = |plane: usize, place: usize, values: &mut [f32]| hidden.read_row(plane * area + place, values);
        neighbours(hidden.rows() / area, hidden.columns(), side, places, sample, rows);
    }
}

/// A 3x3 convolution as a product over the neighbours of a place, row, column, channel.
fn halving(named: &Named, name: &str) -> Option<Weights> {
    let weight = named.find(&format!("{name}.weight"))?;
    let bias = named.get(&format!("{name}.bias")).to_vec();
    let outputs = bias.len();
    let channels = weight.len() / (outputs * NEIGHBOURS);
    let from = |input: usize, output: usize| {
        let (neighbour, channel) = (input / channels, input % channels);
        weight[(output * channels + channel) * NEIGHBOURS + neighbour]
    };
    let inputs = channels * NEIGHBOURS;
    let weight = (0..inputs * outputs).map(|at| from(at / outputs, at % outputs)).collect();
    Some(Dense { weight, inputs, bias }.pack(Precision::F32))
}

/// The flow inside each patch: `[N, 3, h, w]` → `[N · P', 3·s·s]`.
fn samples_of_patches(flow: &[f32], side: usize, patch_side: usize, patches: &[usize], samples: &mut Matrix) {
    let planes = flow.len() / (FLOW_CHANNELS * side * side);
    let columns = FLOW_CHANNELS * patch_side * patch_side;
    samples.resize(planes * patches.len(), columns);
    let mut values = vec![0.0; columns];
    for plane in 0..planes {
        for (place, patch) in patches.iter().enumerate() {
            let (row, column) = (patch / (side / patch_side), patch % (side / patch_side));
            for (line, values) in values.chunks_exact_mut(patch_side).enumerate() {
                let (channel, line) = (line / patch_side, line % patch_side);
                let start = (plane * FLOW_CHANNELS + channel) * side * side;
                let first = start + (row * patch_side + line) * side + column * patch_side;
                values.copy_from_slice(&flow[first..first + patch_side]);
            }
            samples.set_row(plane * patches.len() + place, &values);
        }
    }
}

/// The nine neighbours of every second sample of planes `[N, side, side, C]`, zeros past the border, at some places of the
/// halved plane: `[N · places, 9 · C]`.
fn neighbours(
    planes: usize,
    channels: usize,
    side: usize,
    places: &[usize],
    sample: impl Fn(usize, usize, &mut [f32]),
    rows: &mut Matrix,
) {
    rows.resize(planes * places.len(), NEIGHBOURS * channels);
    let mut values = vec![0.0; NEIGHBOURS * channels];
    for plane in 0..planes {
        for (at, place) in places.iter().enumerate() {
            let (y, x) = (2 * (place / (side / 2)), 2 * (place % (side / 2)));
            for (neighbour, values) in values.chunks_exact_mut(channels).enumerate() {
                // one before, at, and one after, so shifted by one
                let (row, column) = (y + neighbour / 3, x + neighbour % 3);
                if (1..=side).contains(&row) && (1..=side).contains(&column) {
                    sample(plane, (row - 1) * side + column - 1, values);
                } else {
                    values.fill(0.0);
                }
            }
            rows.set_row(plane * places.len() + at, &values);
        }
    }
}
