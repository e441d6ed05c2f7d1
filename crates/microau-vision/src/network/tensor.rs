//! How a tensor lies in memory: rows of channels, each padded with zeros to a multiple of 8 floats.

use super::graph::Tensor;

/// Floats to which rows are padded: the narrowest vector.
pub(super) const ROW_QUANTUM: usize = 8;

/// Shape of a tensor as a picture of channels, and the distance between its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Rows of the picture; 1 for tensors of fewer than four axes.
    pub height: usize,
    /// Columns of the picture; product of all axes but the last for tensors of fewer than four axes.
    pub width: usize,
    /// Length of the last axis.
    pub channels: usize,
    /// Floats from one pixel to the next, at least `channels`.
    pub stride: usize,
}

/// A tensor that can be read.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub layout: Layout,
    pub data: &'a [f32],
}

impl Layout {
    /// Padded layout of a tensor.
    pub fn padded(tensor: &Tensor) -> Layout {
        let channels = tensor.channels();
        Layout { stride: channels.next_multiple_of(ROW_QUANTUM), ..Layout::dense(tensor) }
    }

    /// Layout of a tensor without padding.
    pub fn dense(tensor: &Tensor) -> Layout {
        let channels = tensor.channels();
        match tensor.shape[..] {
            [1, height, width, _] => Layout { height, width, channels, stride: channels },
            _ => Layout { height: 1, width: tensor.rows(), channels, stride: channels },
        }
    }

    /// Pixels.
    pub fn rows(&self) -> usize {
        self.height * self.width
    }

    /// Floats in memory.
    pub fn len(&self) -> usize {
        self.rows() * self.stride
    }
}

impl<'a> View<'a> {
    /// Channels of pixel `row`, without padding.
    pub fn row(&self, row: usize) -> &'a [f32] {
        &self.data[row * self.layout.stride..][..self.layout.channels]
    }

    /// Channels of all pixels in turn.
    pub fn rows(&self) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        let Layout { channels, stride, .. } = self.layout;
        self.data[..self.layout.len()].chunks_exact(stride).map(move |row| &row[..channels])
    }
}

/// Copies floats in reading order from any layout to any other of the same number of elements; padding becomes zero.
pub(super) fn copy(from: View, to: Layout, out: &mut [f32]) {
    let mut source = from.rows().flatten();
    for row in out[..to.len()].chunks_exact_mut(to.stride) {
        let (content, padding) = row.split_at_mut(to.channels);
        content.iter_mut().zip(&mut source).for_each(|(o, &v)| *o = v);
        padding.fill(0.0);
    }
}
