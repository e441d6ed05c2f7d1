//! Labels of clips: which AUs are active, which are not, and which nobody looked for.

use burn::tensor::{Device, Tensor, TensorData};
use microau_core::au::Au;

use crate::error::ModelError;

/// Labels of the clips a model is *trained* on, one row a clip, one column an AU; `None` is unknown.
///
/// The dependency prior and the class weights can be made from nothing else. Build it from the training fold alone: what
/// is counted on test clips leaks.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingLabels {
    aus: Vec<Au>,
    rows: Vec<Option<bool>>,
}

impl TrainingLabels {
    /// Labels of the training fold, row by row.
    ///
    /// # Errors
    /// When a row has not one label for each AU.
    pub fn new<'a>(
        aus: &[Au],
        rows: impl IntoIterator<Item = &'a [Option<bool>]>,
    ) -> Result<TrainingLabels, ModelError> {
        let mut all = Vec::new();
        for (place, row) in rows.into_iter().enumerate() {
            check_row(place, row, aus.len())?;
            all.extend_from_slice(row);
        }
        Ok(TrainingLabels { aus: aus.to_vec(), rows: all })
    }

    /// AUs in column order.
    pub fn aus(&self) -> &[Au] {
        &self.aus
    }

    /// Rows, one a clip.
    pub fn rows(&self) -> impl Iterator<Item = &[Option<bool>]> {
        self.rows.chunks_exact(self.aus.len().max(1))
    }
}

/// Labels of a batch as tensors.
#[derive(Clone, Debug)]
pub struct Labels {
    /// `[B, K]`: 1 where the AU is known to be active, else 0.
    pub active: Tensor<2>,
    /// `[B, K]`: 1 where the label is known, else 0.
    pub known: Tensor<2>,
}

impl Labels {
    /// Labels of a batch, one row a clip; `None` is unknown and takes no part in any loss.
    ///
    /// # Errors
    /// When rows differ in length.
    pub fn from_rows(rows: &[&[Option<bool>]], device: &Device) -> Result<Labels, ModelError> {
        let columns = rows.first().map_or(0, |row| row.len());
        for (place, row) in rows.iter().enumerate() {
            check_row(place, row, columns)?;
        }
        let plane = |of: fn(&Option<bool>) -> bool| {
            let values: Vec<f32> = rows.iter().flat_map(|row| row.iter()).map(|label| f32::from(of(label))).collect();
            Tensor::from_data(TensorData::new(values, [rows.len(), columns]), device)
        };
        Ok(Labels { active: plane(|label| *label == Some(true)), known: plane(Option::is_some) })
    }

    /// `[B, K]`: 1 where the AU is known not to be active, else 0.
    pub fn inactive(&self) -> Tensor<2> {
        self.known.clone() - self.active.clone()
    }
}

fn check_row(place: usize, row: &[Option<bool>], columns: usize) -> Result<(), ModelError> {
    if row.len() == columns {
        return Ok(());
    }
    Err(ModelError::Shape { what: format!("labels of clip {place}"), expected: vec![columns], got: vec![row.len()] })
}
