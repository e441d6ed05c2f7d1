//! Which operations end up in one convolution: what is added to it and the activation after it.
//!
//! Only what nothing else reads in between may be taken in. The channels of a shortcut may be padded first.

use super::graph::{Binary, Graph, Kind, Operation, TensorId, Unary};

/// Operations computed as one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fusion {
    /// The convolution.
    pub head: usize,
    /// The tensor added to it.
    pub shortcut: Option<TensorId>,
    /// The ReLU or PReLU after it.
    pub activation: Option<usize>,
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// It is computed by itself.
    Alone,
    /// At its turn a fusion is computed, of which it is the last.
    Ends(Fusion),
    /// A fusion covers it.
    Covered,
}

/// Decides for each operation of a graph.
pub(super) fn fuse(graph: &Graph) -> Vec<Turn> {
    let mut readers = vec![Vec::new(); graph.tensors.len()];
    for (index, operation) in graph.operations.iter().enumerate() {
        operation.inputs.iter().for_each(|&id| readers[id].push(index));
    }
    let mut fuser = Fuser { graph, readers, turns: vec![Turn::Alone; graph.operations.len()] };
    for head in 0..graph.operations.len() {
        fuser.fuse_from(head);
    }
    fuser.turns
}

struct Fuser<'a> {
    graph: &'a Graph,
    readers: Vec<Vec<usize>>,
    turns: Vec<Turn>,
}

impl Fuser<'_> {
    fn fuse_from(&mut self, head: usize) {
        let mut fusion = Fusion { head, shortcut: None, activation: None };
        let mut last = head;
        match self.graph.operations[head].kind {
            Kind::Conv(_, true) | Kind::Depthwise(_, true) => {}
            Kind::Conv(_, false) => {
                last = self.take_addition(&mut fusion, last);
                last = self.take_activation(&mut fusion, last);
            }
            Kind::Depthwise(_, false) => last = self.take_activation(&mut fusion, last),
            _ => return,
        }
        self.turns[head] = Turn::Covered;
        self.turns[last] = Turn::Ends(fusion);
    }

    /// Takes in the addition that alone reads the output of `last`; gives the operation that is last then.
    fn take_addition(&mut self, fusion: &mut Fusion, last: usize) -> usize {
        let output = self.graph.operations[last].output;
        let Some(sum) = self.only_reader(output) else { return last };
        let Operation { kind: Kind::Binary(Binary::Add), inputs, .. } = &self.graph.operations[sum] else {
            return last;
        };
        let (&[a, b], Turn::Alone) = (&inputs[..], self.turns[sum]) else { return last };
        let other = if a == output { b } else { a };
        let tensors = &self.graph.tensors;
        if tensors[other].shape != tensors[output].shape || tensors[other].constant.is_some() || a == b {
            return last;
        }
        let padding = self.channel_padding(other);
        let shortcut = padding.map_or(other, |pad| self.graph.operations[pad].inputs[0]);
        if shortcut == self.graph.input {
            return last; // the input is not padded to whole vectors
        }
        fusion.shortcut = Some(shortcut);
        padding.into_iter().chain([sum]).for_each(|taken| self.turns[taken] = Turn::Covered);
        sum
    }

    /// Takes in the activation that alone reads the output of `last`; gives the operation that is last then.
    fn take_activation(&mut self, fusion: &mut Fusion, last: usize) -> usize {
        let Some(next) = self.only_reader(self.graph.operations[last].output) else { return last };
        let Operation { kind, inputs, .. } = &self.graph.operations[next];
        let fits = match kind {
            Kind::Unary(Unary::Relu) => true,
            Kind::Prelu => inputs.get(1).is_some_and(|&slope| {
                let slope = &self.graph.tensors[slope];
                slope.floats().is_some() && slope.len() == slope.channels()
            }),
            _ => false,
        };
        if !fits {
            return last;
        }
        fusion.activation = Some(next);
        self.turns[next] = Turn::Covered;
        next
    }

    /// The padding that makes a tensor for one reader, if it appends channels and does nothing else.
    fn channel_padding(&self, tensor: TensorId) -> Option<usize> {
        self.only_reader(tensor)?;
        let pad = self.graph.operations.iter().position(|operation| operation.output == tensor)?;
        let Operation { kind: Kind::Pad, inputs, .. } = &self.graph.operations[pad] else { return None };
        let (_appended, rest) = self.graph.tensors[*inputs.get(1)?].integers()?.split_last()?;
        rest.iter().all(|&amount| amount == 0).then_some(pad)
    }

    fn only_reader(&self, tensor: TensorId) -> Option<usize> {
        match self.readers[tensor][..] {
            [reader] if !self.graph.outputs.contains(&tensor) => Some(reader),
            _ => None,
        }
    }
}
