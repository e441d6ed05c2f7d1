//! Motion tokens on the engine. Formula in [`motion`](crate::motion).

use microau_kernels::{Activations, Finish, LayerNorm, Level, Matrix, Precision, Weights, multiply};

use super::flow::FastFlow;
use super::named::Named;
use crate::config::MicroAuClipConfig;

/// Patch tokens of crops as plain numbers, of the wanted patches alone.
pub(super) struct Tokens {
    /// `[B, P', V]`
    pub(super) onset: Option<Vec<f32>>,
    /// `[B, T, P', V]`
    pub(super) later: Vec<f32>,
}

/// Sums what is seen, what has changed and what flows into one token a patch.
pub(super) struct FastMotion {
    appearance: Option<Weights>,
    change: Option<Weights>,
    flow: Option<FastFlow>,
    norm: LayerNorm,
    /// T
    frames: usize,
    /// Width of a patch token.
    token_width: usize,
    rows: Activations,
    seen: Matrix,
    motion: Matrix,
}

impl FastMotion {
    /// The motion tokens of a model, its weights by name.
    pub(super) fn new(named: &Named, config: &MicroAuClipConfig) -> FastMotion {
        let layer = |name: &str| {
            let name = format!("motion.{name}");
            named.find(&format!("{name}.weight")).map(|_| named.linear(&name).pack(Precision::F32))
        };
        FastMotion {
            appearance: layer("appearance"),
            change: layer("change"),
            flow: FastFlow::new(named, config),
            norm: named.norm("motion.norm"),
            frames: config.frames.later(),
            token_width: config.visual.width,
            rows: Activations::new(Precision::F32),
            seen: Matrix::default(),
            motion: Matrix::default(),
        }
    }

    /// One motion token for each clip, frame and wanted patch, before patches see one another: `[B · T · P', D]`.
    ///
    /// # Shapes
    /// - flow: `[B · T, 3, h, w]`
    /// - wanted: `[P']`
    pub(super) fn forward(
        &mut self,
        level: Level,
        tokens: Option<&Tokens>,
        flow: Option<&[f32]>,
        wanted: &[usize],
    ) -> &Matrix {
        if let (Some(embedding), Some(flow)) = (&mut self.flow, flow) {
            embedding.embed(level, flow, wanted, &mut self.rows, &mut self.motion);
        }
        let first = if self.flow.is_some() { Finish::Add } else { Finish::Store };
        if let (Some(w_a), Some(tokens)) = (&self.appearance, tokens) {
            set_rows(&tokens.later, self.token_width, &mut self.seen, |_, _| ());
            self.rows.pack(level, &self.seen, None);
            multiply(level, &self.rows, w_a, first, &mut self.motion);
        }
        if let (Some(w_delta), Some(tokens)) = (&self.change, tokens) {
            let (count, width, frames) = (wanted.len(), self.token_width, self.frames);
            let onset = tokens.onset.as_ref().expect("the input mode needs the onset crop");
            set_rows(&tokens.later, width, &mut self.seen, |row, token| {
                let (clip, place) = (row / (frames * count), row % count);
                let onset = &onset[(clip * count + place) * width..][..width];
                token.iter_mut().zip(onset).for_each(|(token, onset)| *token -= onset);
            });
            self.rows.pack(level, &self.seen, None);
            multiply(level, &self.rows, w_delta, Finish::Add, &mut self.motion);
        }
        self.norm.normalise(level, &mut self.motion); // method §2
        &self.motion
    }
}

/// Tokens as rows, each changed on the way.
fn set_rows(tokens: &[f32], width: usize, rows: &mut Matrix, change: impl Fn(usize, &mut [f32])) {
    rows.resize(tokens.len() / width, width);
    let mut token = vec![0.0; width];
    for (row, values) in tokens.chunks_exact(width).enumerate() {
        token.copy_from_slice(values);
        change(row, &mut token);
        rows.set_row(row, &token);
    }
}
