//! A network as a list of operations over numbered tensors, in the order in which they run.

/// Number of a tensor in [`Graph::tensors`].
pub type TensorId = usize;

/// Constant content of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// Weights.
    F32(Vec<f32>),
    /// Axes, shapes, paddings.
    I32(Vec<i32>),
}

/// One tensor: its shape, and its content when that is known beforehand.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Lengths of the axes, the batch of 1 first; no axis for a scalar.
    pub shape: Vec<usize>,
    /// Content of a constant.
    pub constant: Option<Constant>,
}

/// How a window reaches over the border of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As many zeros as it takes to have `ceil(in / stride)` outputs, the odd one at the end.
    Same,
    /// None.
    Valid,
}

/// Size and stride of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows of the window.
    pub height: usize,
    /// Columns of the window.
    pub width: usize,
    /// Step between windows, rows.
    pub stride_y: usize,
    /// Step between windows, columns.
    pub stride_x: usize,
    /// Border.
    pub padding: Padding,
}

/// An operation on two tensors, the second broadcast over the first or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    SquaredDifference,
}

/// An operation on each element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unary {
    Neg,
    Sqrt,
    Rsqrt,
    Logistic,
    Relu,
}

/// What is done to the inputs of an [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    /// Inputs: x, weights `[out, kh, kw, in]`, bias. The flag: ReLU at the end.
    Conv(Window, bool),
    /// Inputs: x, weights `[1, kh, kw, channels]`, bias. The flag: ReLU at the end.
    Depthwise(Window, bool),
    MaxPool(Window),
    /// Inputs: x, slope of each channel for negative values.
    Prelu,
    Binary(Binary),
    Unary(Unary),
    /// Inputs: x, axes; the flag: divide by the count.
    Reduce {
        mean: bool,
    },
    /// Inputs: x, amounts `[axes, 2]`.
    Pad,
    /// Inputs: x, permutation.
    Transpose,
    /// Inputs: x, begin, end, strides; bits of `begin_mask` and `end_mask` lift the bound of an axis.
    StridedSlice {
        begin_mask: u32,
        end_mask: u32,
        shrink_mask: u32,
    },
    Reshape,
    Concat {
        axis: i32,
    },
}

/// One step of a network.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What is done.
    pub kind: Kind,
    /// Tensors read, in the order that the kind names.
    pub inputs: Vec<TensorId>,
    /// Tensor written.
    pub output: TensorId,
}

/// A network: tensors, the operations that fill them, and which of them are given and asked for.
#[derive(Clone, Debug)]
pub struct Graph {
    /// All tensors.
    pub tensors: Vec<Tensor>,
    /// All operations, each after those whose output it reads.
    pub operations: Vec<Operation>,
    /// The tensor that is given.
    pub input: TensorId,
    /// The tensors that are asked for.
    pub outputs: Vec<TensorId>,
}

impl Tensor {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Length of the last axis; 1 for a scalar.
    pub fn channels(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// Product of all axes but the last.
    pub fn rows(&self) -> usize {
        self.shape.split_last().map_or(1, |(_, leading)| leading.iter().product())
    }

    /// Content of a constant of floats.
    pub fn floats(&self) -> Option<&[f32]> {
        match &self.constant {
            Some(Constant::F32(values)) => Some(values),
            _ => None,
        }
    }

    /// Content of a constant of integers.
    pub fn integers(&self) -> Option<&[i32]> {
        match &self.constant {
            Some(Constant::I32(values)) => Some(values),
            _ => None,
        }
    }
}
