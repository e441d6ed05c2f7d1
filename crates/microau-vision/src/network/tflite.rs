//! TensorFlow Lite flatbuffer → [`Graph`].
//!
//! Field numbers and codes are those of `tensorflow/compiler/mlir/lite/schema/schema.fbs`, version 3. Float16 weights
//! behind DEQUANTIZE become float32 constants here, so that no later stage knows of them.

use half::slice::HalfFloatSliceExt;

use super::NetworkError;
use super::flatbuffer::Table;
use super::graph::{Binary, Constant, Graph, Kind, Operation, Padding, Tensor, Unary, Window};

const DAMAGED: NetworkError = NetworkError::Damaged { expected: "TensorFlow Lite model" };
const TYPE_F32: i8 = 0;
const TYPE_F16: i8 = 1;
const TYPE_I32: i8 = 2;
const DEQUANTIZE: i32 = 6;
/// More elements than any tensor of a network for one picture has; shapes beyond it are damage.
const MAX_ELEMENTS: usize = 1 << 28;

/// Reads a model with one input.
///
/// # Errors
/// [`NetworkError::Damaged`] for bytes that are no such model, [`NetworkError::Unsupported`] for an operation unknown here.
pub(super) fn graph_from_bytes(bytes: &[u8]) -> Result<Graph, NetworkError> {
    let model = Table::root(bytes, b"TFL3").ok_or(DAMAGED)?;
    let codes = operator_codes(&model).ok_or(DAMAGED)?;
    let subgraph = model.vector(2).and_then(|graphs| graphs.table(0)).ok_or(DAMAGED)?;
    let mut tensors = tensors(&model, &subgraph).ok_or(DAMAGED)?;
    let operators = subgraph.vector(3).ok_or(DAMAGED)?;
    let mut operations = Vec::new();
    for index in 0..operators.len {
        let operator = operators.table(index).ok_or(DAMAGED)?;
        let code = *codes.get(operator.i32(0, 0) as usize).ok_or(DAMAGED)?;
        let inputs = ids(&operator, 1, tensors.len()).ok_or(DAMAGED)?;
        let output = *ids(&operator, 2, tensors.len()).ok_or(DAMAGED)?.first().ok_or(DAMAGED)?;
        if code == DEQUANTIZE {
            let source = *inputs.first().ok_or(DAMAGED)?;
            tensors[output].constant = tensors[source].constant.take();
            continue;
        }
        let kind = kind(code, &operator, &inputs, &tensors)?;
        operations.push(Operation { kind, inputs, output });
    }
    let input = *ids(&subgraph, 1, tensors.len()).ok_or(DAMAGED)?.first().ok_or(DAMAGED)?;
    let outputs = ids(&subgraph, 2, tensors.len()).ok_or(DAMAGED)?;
    Ok(Graph { tensors, operations, input, outputs })
}

fn operator_codes(model: &Table) -> Option<Vec<i32>> {
    let codes = model.vector(1)?;
    // Old writers fill field 0, new ones field 3 and clamp field 0: the larger one counts.
    (0..codes.len).map(|i| codes.table(i).map(|code| i32::from(code.i8(0, 0)).max(code.i32(3, 0)))).collect()
}

fn ids(table: &Table, field: usize, tensor_count: usize) -> Option<Vec<usize>> {
    let numbers = table.vector(field)?.i32s()?;
    numbers.into_iter().map(|n| usize::try_from(n).ok().filter(|&id| id < tensor_count)).collect()
}

fn tensors(model: &Table, subgraph: &Table) -> Option<Vec<Tensor>> {
    let (list, buffers) = (subgraph.vector(0)?, model.vector(4)?);
    (0..list.len)
        .map(|index| {
            let tensor = list.table(index)?;
            let axes = tensor.vector(0).map_or(Some(Vec::new()), |shape| shape.i32s())?;
            let shape = axes.into_iter().map(|axis| usize::try_from(axis).ok()).collect::<Option<Vec<_>>>()?;
            let len = shape.iter().try_fold(1_usize, |len, &axis| len.checked_mul(axis))?;
            if len > MAX_ELEMENTS {
                return None;
            }
            let data = buffers.table(usize::try_from(tensor.i32(2, 0)).ok()?)?.vector(0);
            let bytes = data.map_or(Some(&[][..]), |data| data.bytes())?;
            let constant = if bytes.is_empty() { None } else { constant(tensor.i8(1, 0), bytes, len)? };
            Some(Tensor { shape, constant })
        })
        .collect()
}

/// Content of a buffer; `Some(None)` for types that no operation here reads.
#[allow(clippy::option_option)]
fn constant(kind: i8, bytes: &[u8], len: usize) -> Option<Option<Constant>> {
    let words = || bytes.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
    let constant = match kind {
        TYPE_F32 => Constant::F32(words().map(f32::from_le_bytes).collect()),
        TYPE_F16 => {
            let halves: Vec<half::f16> =
                bytes.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]])).collect();
            let mut values = vec![0.0; halves.len()];
            halves.convert_to_f32_slice(&mut values);
            Constant::F32(values)
        }
        TYPE_I32 => Constant::I32(words().map(i32::from_le_bytes).collect()),
        _ => return Some(None),
    };
    let found = match &constant {
        Constant::F32(values) => values.len(),
        Constant::I32(values) => values.len(),
    };
    (found == len).then_some(Some(constant))
}

fn kind(code: i32, operator: &Table, inputs: &[usize], tensors: &[Tensor]) -> Result<Kind, NetworkError> {
    let unsupported = |detail: &str| NetworkError::Unsupported { operation: format!("{code}"), detail: detail.into() };
    let options = operator.table(4);
    let byte = |field| options.map_or(0, |o| o.i8(field, 0));
    let int = |field| options.map_or(0, |o| o.i32(field, 0));
    let relu = |field| match byte(field) {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(unsupported("an activation other than ReLU")),
    };
    let plain = |field, kind| if relu(field)? { Err(unsupported("a fused activation")) } else { Ok(kind) };
    let window = |height: usize, width: usize| {
        let padding = if byte(0) == 0 { Padding::Same } else { Padding::Valid };
        let stride = |field| usize::try_from(int(field)).ok().filter(|&stride| stride > 0);
        match (stride(2), stride(1)) {
            (Some(stride_y), Some(stride_x)) if height > 0 && width > 0 => {
                Ok(Window { height, width, stride_y, stride_x, padding })
            }
            _ => Err(unsupported("an empty window")),
        }
    };
    let kernel = || match inputs.get(1).map(|&id| tensors[id].shape.as_slice()) {
        Some(&[_, height, width, _]) => window(height, width),
        _ => Err(unsupported("weights that are not of four axes")),
    };
    let dilated = |field| options.is_some_and(|o| o.i32(field, 1) != 1 || o.i32(field + 1, 1) != 1);
    match code {
        0 => plain(0, Kind::Binary(Binary::Add)),
        2 => plain(1, Kind::Concat { axis: int(0) }),
        3 if dilated(4) => Err(unsupported("dilation")),
        3 => Ok(Kind::Conv(kernel()?, relu(3)?)),
        4 if dilated(5) || int(3) > 1 => Err(unsupported("dilation or a depth multiplier")),
        4 => Ok(Kind::Depthwise(kernel()?, relu(4)?)),
        14 => Ok(Kind::Unary(Unary::Logistic)),
        17 => {
            let side = |field| usize::try_from(int(field)).unwrap_or(0);
            plain(5, Kind::MaxPool(window(side(4), side(3))?))
        }
        18 => plain(0, Kind::Binary(Binary::Mul)),
        19 => Ok(Kind::Unary(Unary::Relu)),
        22 => Ok(Kind::Reshape),
        34 => Ok(Kind::Pad),
        39 => Ok(Kind::Transpose),
        40 => Ok(Kind::Reduce { mean: true }),
        41 => plain(0, Kind::Binary(Binary::Sub)),
        42 => plain(0, Kind::Binary(Binary::Div)),
        45 if int(2) != 0 || int(3) != 0 => Err(unsupported("ellipsis or new axes")),
        45 => Ok(Kind::StridedSlice {
            begin_mask: int(0).cast_unsigned(),
            end_mask: int(1).cast_unsigned(),
            shrink_mask: int(4).cast_unsigned(),
        }),
        54 => Ok(Kind::Prelu),
        59 => Ok(Kind::Unary(Unary::Neg)),
        74 => Ok(Kind::Reduce { mean: false }),
        75 => Ok(Kind::Unary(Unary::Sqrt)),
        76 => Ok(Kind::Unary(Unary::Rsqrt)),
        99 => Ok(Kind::Binary(Binary::SquaredDifference)),
        _ => Err(unsupported("unknown code")),
    }
}
