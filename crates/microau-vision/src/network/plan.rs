//! Graph → steps: convolutions with what is fused into them, and all other operations one by one.

use super::NetworkError;
use super::depthwise::ChannelWeights;
use super::fuse::{Fusion, Turn, fuse};
use super::gemm::Packed;
use super::graph::{Binary, Graph, Kind, Operation, TensorId, Unary};
use super::patches::Sweep;
use super::placing::Placing;
use super::tensor::Layout;

/// Where a tensor lies while the network runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Input,
    Buffer(usize),
    Constant(usize),
}

/// A tensor to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub place: Place,
    pub layout: Layout,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Work {
    /// With `shortcut` the second source is added.
    Conv {
        sweep: Sweep,
        weights: Packed,
        slope: Option<Vec<f32>>,
        shortcut: bool,
    },
    Depthwise {
        sweep: Sweep,
        weights: ChannelWeights,
        slope: Option<Vec<f32>>,
    },
    MaxPool(Sweep),
    Prelu(Vec<f32>),
    Binary(Binary),
    Unary(Unary),
    ReduceChannels {
        scale: f32,
    },
    ReduceRows {
        scale: f32,
    },
    Transpose,
    SliceRows {
        first: usize,
    },
    Reshape,
    Concat,
}

/// Reads its sources, writes one buffer.
#[derive(Debug)]
pub(super) struct Step {
    pub work: Work,
    pub sources: Vec<Source>,
    pub buffer: usize,
    pub layout: Layout,
}

/// A network ready to run.
#[derive(Debug)]
pub(super) struct Plan {
    pub steps: Vec<Step>,
    pub buffer_lens: Vec<usize>,
    pub constants: Vec<Vec<f32>>,
    pub input: Layout,
    pub outputs: Vec<Source>,
}

/// A step before its buffers are known.
pub(super) struct Draft {
    pub work: Work,
    pub inputs: Vec<TensorId>,
    pub output: TensorId,
}

impl Plan {
    /// Plans a graph.
    ///
    /// # Errors
    /// [`NetworkError::Unsupported`] when an operation has a form that no step runs.
    pub fn new(graph: &Graph) -> Result<Plan, NetworkError> {
        let mut drafts = Vec::new();
        for (operation, turn) in graph.operations.iter().zip(fuse(graph)) {
            match turn {
                Turn::Alone => drafts.push(alone(graph, operation)?),
                Turn::Ends(fusion) => drafts.push(convolution(graph, fusion, operation.output)?),
                Turn::Covered => {}
            }
        }
        Placing::new(graph, &drafts).place(drafts)
    }
}

fn unsupported(kind: Kind, detail: &str) -> NetworkError {
    NetworkError::Unsupported { operation: format!("{kind:?}"), detail: detail.to_owned() }
}

/// Layout of a tensor as a step reads it.
pub(super) fn layout(graph: &Graph, id: TensorId) -> Layout {
    if id == graph.input { Layout::dense(&graph.tensors[id]) } else { Layout::padded(&graph.tensors[id]) }
}

fn convolution(graph: &Graph, fusion: Fusion, output: TensorId) -> Result<Draft, NetworkError> {
    let Operation { kind, inputs, .. } = &graph.operations[fusion.head];
    let constant = |index: usize| {
        let floats = inputs.get(index).and_then(|&id| graph.tensors[id].floats());
        floats.ok_or_else(|| unsupported(*kind, "weights and bias that are no constants"))
    };
    let (values, bias) = (constant(1)?, constant(2)?);
    let (from, to) = (layout(graph, inputs[0]), layout(graph, output));
    let slope = slope(graph, *kind, fusion, to.stride)?;
    let (&Kind::Conv(window, _) | &Kind::Depthwise(window, _)) = kind else {
        unreachable!("fusions begin with a convolution")
    };
    let (sweep, taps) = (Sweep::new(window, from), window.height * window.width);
    if (sweep.out_height * sweep.out_width, bias.len()) != (to.rows(), to.channels) {
        return Err(unsupported(*kind, "an output of another size"));
    }
    let pixel_inputs = if matches!(kind, Kind::Conv(..)) { from.channels } else { 1 };
    if values.len() != bias.len() * taps * pixel_inputs || values.is_empty() {
        return Err(unsupported(*kind, "weights of another size"));
    }
    let work = if matches!(kind, Kind::Conv(..)) {
        let weights = Packed::new(values, bias, taps * from.channels);
        Work::Conv { sweep, weights, slope, shortcut: fusion.shortcut.is_some() }
    } else if (from.stride, from.channels) == (to.stride, to.channels) {
        Work::Depthwise { sweep, weights: ChannelWeights::new(values, bias, to.stride), slope }
    } else {
        return Err(unsupported(*kind, "an input without padding"));
    };
    Ok(Draft { work, inputs: std::iter::once(inputs[0]).chain(fusion.shortcut).collect(), output })
}

/// Slope for negative values of each padded channel.
fn slope(graph: &Graph, kind: Kind, fusion: Fusion, stride: usize) -> Result<Option<Vec<f32>>, NetworkError> {
    let activation = fusion.activation.map(|index| &graph.operations[index]);
    let mut slope = match (kind, activation) {
        (Kind::Conv(_, true) | Kind::Depthwise(_, true), _) => Vec::new(),
        (_, None) => return Ok(None),
        (_, Some(Operation { kind: Kind::Prelu, inputs, .. })) => {
            graph.tensors[inputs[1]].floats().unwrap_or_default().to_vec()
        }
        (_, Some(_)) => Vec::new(),
    };
    if slope.len() > stride {
        return Err(unsupported(kind, "more slopes than channels"));
    }
    slope.resize(stride, 0.0);
    Ok(Some(slope))
}

/// An operation that is no convolution.
fn alone(graph: &Graph, operation: &Operation) -> Result<Draft, NetworkError> {
    let Operation { kind, inputs, output } = operation;
    let (tensors, refuse) = (&graph.tensors, |detail| Err(unsupported(*kind, detail)));
    let Some(&first) = inputs.first() else { return refuse("no input") };
    let x = &tensors[first];
    let numbers = |index: usize| inputs.get(index).and_then(|&id| tensors[id].integers());
    let (from, to) = (layout(graph, first), layout(graph, *output));
    let one = |work| Ok(Draft { work, inputs: vec![first], output: *output });
    match kind {
        Kind::MaxPool(window) => {
            let sweep = Sweep::new(*window, from);
            match (sweep.out_height * sweep.out_width, from.channels) == (to.rows(), to.channels) {
                true => one(Work::MaxPool(sweep)),
                false => refuse("an output of another size"),
            }
        }
        Kind::Prelu => match inputs.get(1).and_then(|&id| tensors[id].floats()) {
            Some(slope) if slope.len() == from.channels => one(Work::Prelu(slope.to_vec())),
            _ => refuse("slopes that are not one a channel"),
        },
        Kind::Unary(f) if from.rows() == to.rows() && from.channels == to.channels => one(Work::Unary(*f)),
        Kind::Binary(f) => match inputs[..] {
            [a, b] if broadcasts(layout(graph, a), to) && broadcasts(layout(graph, b), to) => {
                Ok(Draft { work: Work::Binary(*f), inputs: vec![a, b], output: *output })
            }
            _ => refuse("shapes that are neither one row nor one channel of the output"),
        },
        Kind::Reduce { mean } => {
            let rank = x.shape.len() as i32;
            let scale = |count: usize| if *mean { 1.0 / count as f32 } else { 1.0 };
            match numbers(1) {
                Some(&[axis]) if axis.rem_euclid(rank.max(1)) == rank - 1 && from.rows() == to.rows() => {
                    one(Work::ReduceChannels { scale: scale(from.channels) })
                }
                Some(&[axis]) if axis.rem_euclid(rank.max(1)) == rank - 2 && to.rows() == 1 => {
                    one(Work::ReduceRows { scale: scale(from.rows()) })
                }
                _ => refuse("axes other than the last or the one before it"),
            }
        }
        Kind::Transpose => match numbers(1) {
            Some([leading @ .., a, b])
                if leading.iter().zip(0..).all(|(&axis, i)| axis == i)
                    && [*a, *b] == [leading.len() as i32 + 1, leading.len() as i32]
                    && (from.rows(), from.channels) == (to.channels, to.rows()) =>
            {
                one(Work::Transpose)
            }
            _ => refuse("a permutation other than a swap of the last two axes"),
        },
        Kind::StridedSlice { begin_mask, end_mask, .. } => {
            match first_row(&x.shape, [numbers(1), numbers(2), numbers(3)], [*begin_mask, *end_mask]) {
                Some(first) if first + to.rows() <= from.rows() && to.channels == from.channels => {
                    one(Work::SliceRows { first })
                }
                _ => refuse("a slice that is no range of rows"),
            }
        }
        Kind::Reshape if x.len() == to.rows() * to.channels => one(Work::Reshape),
        Kind::Concat { axis } => {
            let rank = tensors[*output].shape.len() as i32;
            let rows: usize = inputs.iter().map(|&id| tensors[id].rows()).sum();
            let by_rows = axis.rem_euclid(rank.max(1)) == rank - 2 && rows == to.rows();
            match by_rows && inputs.iter().all(|&id| tensors[id].channels() == to.channels) {
                true => Ok(Draft { work: Work::Concat, inputs: inputs.clone(), output: *output }),
                false => refuse("an axis other than the one before the last"),
            }
        }
        _ => refuse("not next to a convolution"),
    }
}

fn broadcasts(from: Layout, to: Layout) -> bool {
    (from.rows() == to.rows() || from.rows() == 1) && (from.channels == to.channels || from.channels == 1)
}

/// The row at which a slice begins, when it spans all other axes with a stride of 1.
fn first_row(shape: &[usize], bounds: [Option<&[i32]>; 3], [begin_mask, end_mask]: [u32; 2]) -> Option<usize> {
    let [begin, end, strides] = [bounds[0]?, bounds[1]?, bounds[2]?];
    if strides.iter().any(|&stride| stride != 1) || [begin.len(), end.len(), strides.len()] != [shape.len(); 3] {
        return None;
    }
    let row_axis = shape.len().checked_sub(2)?;
    let mut first = 0;
    for (axis, &size) in shape.iter().enumerate() {
        let from = if begin_mask >> axis & 1 == 1 { 0 } else { usize::try_from(begin[axis]).ok()? };
        let to = if end_mask >> axis & 1 == 1 { size } else { usize::try_from(end[axis]).ok()? };
        match axis == row_axis {
            true => first = from,
            false if (from, to) != (0, size) => return None,
            false => {}
        }
    }
    let leading: usize = shape[..row_axis].iter().product();
    (leading == 1).then_some(first)
}
