//! The engine: runs the steps of a plan on one thread.

use super::depthwise::depthwise;
use super::gemm::{Finish, Shortcut};
use super::graph::Graph;
use super::patches::{convolve, max_pool};
use super::plan::{Place, Plan, Source, Step, Work};
use super::tensor::{View, copy};
use super::{Network, NetworkError, rowwise, tflite};
use crate::simd::Level;

/// A TensorFlow Lite model with one float input, run by this crate's own kernels.
#[derive(Debug)]
pub struct LiteNetwork {
    plan: Plan,
    level: Level,
    buffers: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
    scratch: Vec<f32>,
}

impl LiteNetwork {
    /// Reads a `.tflite` file.
    ///
    /// # Errors
    /// [`NetworkError::Damaged`] for bytes that are no such model, [`NetworkError::Unsupported`] for operations that this
    /// engine does not run.
    pub fn from_tflite(bytes: &[u8]) -> Result<LiteNetwork, NetworkError> {
        LiteNetwork::from_graph(&tflite::graph_from_bytes(bytes)?)
    }

    fn from_graph(graph: &Graph) -> Result<LiteNetwork, NetworkError> {
        let plan = Plan::new(graph)?;
        let buffers = plan.buffer_lens.iter().map(|&len| vec![0.0; len]).collect();
        let outputs = plan.outputs.iter().map(|o| vec![0.0; o.layout.rows() * o.layout.channels]).collect();
        Ok(LiteNetwork { plan, level: Level::best(), buffers, outputs, scratch: Vec::new() })
    }
}

impl Network for LiteNetwork {
    fn input_len(&self) -> usize {
        self.plan.input.len()
    }

    fn output_count(&self) -> usize {
        self.outputs.len()
    }

    fn run(&mut self, input: &[f32]) -> Result<(), NetworkError> {
        if input.len() != self.input_len() {
            return Err(NetworkError::InputLength { expected: self.input_len(), got: input.len() });
        }
        for step in &self.plan.steps {
            // Taken out so that the other buffers can be read while it is written.
            let mut out = std::mem::take(&mut self.buffers[step.buffer]);
            let memory = Memory { input, buffers: &self.buffers, constants: &self.plan.constants };
            run_step(step, &memory, self.level, &mut out[..], &mut self.scratch);
            self.buffers[step.buffer] = out;
        }
        let memory = Memory { input, buffers: &self.buffers, constants: &self.plan.constants };
        for (source, out) in self.plan.outputs.iter().zip(&mut self.outputs) {
            let view = memory.view(source);
            out.chunks_exact_mut(view.layout.channels).zip(view.rows()).for_each(|(o, row)| o.copy_from_slice(row));
        }
        Ok(())
    }

    fn output(&self, index: usize) -> &[f32] {
        &self.outputs[index]
    }
}

/// All that a step may read.
struct Memory<'a> {
    input: &'a [f32],
    buffers: &'a [Vec<f32>],
    constants: &'a [Vec<f32>],
}

impl<'a> Memory<'a> {
    fn view(&self, source: &Source) -> View<'a> {
        let data = match source.place {
            Place::Input => self.input,
            Place::Buffer(buffer) => &self.buffers[buffer],
            Place::Constant(constant) => &self.constants[constant],
        };
        View { layout: source.layout, data }
    }
}

fn run_step(step: &Step, memory: &Memory, level: Level, out: &mut [f32], scratch: &mut Vec<f32>) {
    let to = step.layout;
    let x = memory.view(&step.sources[0]);
    match &step.work {
        Work::Conv { sweep, weights, slope, shortcut } => {
            let shortcut = match step.sources.get(1).filter(|_| *shortcut) {
                None => Shortcut::None,
                Some(source) if source.place == Place::Buffer(step.buffer) => Shortcut::InPlace,
                Some(source) => Shortcut::Rows(memory.view(source).data, source.layout.stride),
            };
            let finish = Finish { shortcut, slope: slope.as_deref() };
            convolve(level, x, *sweep, weights, finish, (out, to.stride), scratch);
        }
        Work::Depthwise { sweep, weights, slope } => depthwise(level, x, *sweep, weights, slope.as_deref(), out),
        Work::MaxPool(sweep) => max_pool(x, *sweep, (out, to.stride)),
        Work::Prelu(slope) => rowwise::prelu(x, slope, to, out),
        Work::Binary(f) => rowwise::binary(*f, x, memory.view(&step.sources[1]), to, out),
        Work::Unary(f) => rowwise::unary(*f, x, to, out),
        Work::ReduceChannels { scale } => rowwise::reduce_channels(x, *scale, to, out),
        Work::ReduceRows { scale } => rowwise::reduce_rows(x, *scale, &mut out[..to.stride]),
        Work::Transpose => rowwise::transpose(x, to, out),
        Work::SliceRows { first } => rowwise::slice_rows(x, *first, to, out),
        Work::Reshape => copy(x, to, out),
        Work::Concat => {
            let mut rest = out;
            for source in &step.sources {
                let view = memory.view(source);
                let (part, after) = rest.split_at_mut(view.layout.rows() * to.stride);
                copy(view, super::tensor::Layout { height: 1, width: view.layout.rows(), ..to }, part);
                rest = after;
            }
        }
    }
}
