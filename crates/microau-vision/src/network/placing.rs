//! Buffers for the tensors of a plan, shared by tensors that never meet.
//!
//! A shortcut is added in place when its last reader is that step.

use super::NetworkError;
use super::graph::{Graph, TensorId};
use super::plan::{Draft, Place, Plan, Source, Step, Work, layout};
use super::tensor::{Layout, View, copy};

/// Gives each tensor a buffer, from its step to its last reader.
pub(super) struct Placing<'a> {
    graph: &'a Graph,
    /// By tensor: the last step that reads it.
    last_reader: Vec<Option<usize>>,
    /// By tensor.
    places: Vec<Option<Place>>,
    constants: Vec<Vec<f32>>,
    buffer_lens: Vec<usize>,
    free: Vec<usize>,
}

impl<'a> Placing<'a> {
    pub fn new(graph: &'a Graph, drafts: &[Draft]) -> Placing<'a> {
        let mut last_reader = vec![None; graph.tensors.len()];
        for (step, draft) in drafts.iter().enumerate() {
            draft.inputs.iter().for_each(|&id| last_reader[id] = Some(step));
        }
        graph.outputs.iter().for_each(|&id| last_reader[id] = Some(usize::MAX));
        let places = vec![None; graph.tensors.len()];
        Placing { graph, last_reader, places, constants: Vec::new(), buffer_lens: Vec::new(), free: Vec::new() }
    }

    /// Drafts → plan.
    pub fn place(mut self, drafts: Vec<Draft>) -> Result<Plan, NetworkError> {
        let mut steps = Vec::with_capacity(drafts.len());
        for (step, Draft { work, inputs, output }) in drafts.into_iter().enumerate() {
            let sources = inputs.iter().map(|&id| self.source(id)).collect::<Result<Vec<_>, _>>()?;
            let layout = layout(self.graph, output);
            let buffer = match self.in_place(step, &work, &inputs, &sources, layout) {
                Some(buffer) => buffer,
                None => self.take_buffer(layout.len()),
            };
            self.places[output] = Some(Place::Buffer(buffer));
            self.release(step, &inputs, output, buffer);
            steps.push(Step { work, sources, buffer, layout });
        }
        let outputs = self.graph.outputs.iter().map(|&id| self.source(id)).collect::<Result<_, _>>()?;
        let input = Layout::dense(&self.graph.tensors[self.graph.input]);
        Ok(Plan { steps, buffer_lens: self.buffer_lens, constants: self.constants, input, outputs })
    }

    fn source(&mut self, id: TensorId) -> Result<Source, NetworkError> {
        if id == self.graph.input {
            return Ok(Source { place: Place::Input, layout: layout(self.graph, id) });
        }
        let tensor = &self.graph.tensors[id];
        let layout = Layout::padded(tensor);
        if let (None, Some(floats)) = (self.places[id], tensor.floats()) {
            let mut padded = vec![0.0; layout.len()];
            copy(View { layout: Layout::dense(tensor), data: floats }, layout, &mut padded);
            self.constants.push(padded);
            self.places[id] = Some(Place::Constant(self.constants.len() - 1));
        }
        let place = self.places[id].ok_or(NetworkError::Damaged { expected: "graph in running order" })?;
        Ok(Source { place, layout })
    }

    /// The buffer of the shortcut, when a convolution may add to it where it lies.
    fn in_place(&self, step: usize, work: &Work, inputs: &[TensorId], sources: &[Source], to: Layout) -> Option<usize> {
        let (Work::Conv { shortcut: true, .. }, [x, shortcut]) = (work, sources) else { return None };
        let Place::Buffer(buffer) = shortcut.place else { return None };
        let dies = self.last_reader[inputs[1]] == Some(step);
        (dies && shortcut.layout == to && x.place != shortcut.place).then_some(buffer)
    }

    /// The free buffer that fits with least waste, or grows least, or a new one.
    fn take_buffer(&mut self, len: usize) -> usize {
        let cost = |held: usize| if held >= len { (0, held - len) } else { (1, len - held) };
        let best = (0..self.free.len()).min_by_key(|&i| cost(self.buffer_lens[self.free[i]]));
        match best {
            Some(i) => {
                let buffer = self.free.swap_remove(i);
                self.buffer_lens[buffer] = self.buffer_lens[buffer].max(len);
                buffer
            }
            None => {
                self.buffer_lens.push(len);
                self.buffer_lens.len() - 1
            }
        }
    }

    fn release(&mut self, step: usize, inputs: &[TensorId], output: TensorId, written: usize) {
        for &id in inputs {
            if let (Some(Place::Buffer(buffer)), Some(last)) = (self.places[id], self.last_reader[id])
                && last == step
                && buffer != written
                && !self.free.contains(&buffer)
            {
                self.free.push(buffer);
            }
        }
        if self.last_reader[output].is_none() {
            self.free.push(written);
        }
    }
}
