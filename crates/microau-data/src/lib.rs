//! Datasets to samples: annotation tables with every problem collected, prepared clips on disk, and augmentation.
//!
//! [`index`] reads a table of labelled clips, [`problems`] holds what is wrong with it, [`store`] keeps prepared clips in
//! files, [`augment`] varies a sample while its landmarks, sides and labels stay true.

pub mod augment;
pub mod index;
pub mod problems;
pub mod store;

pub use index::{Clip, Index};
pub use problems::{Problem, Problems};
pub use store::{LabelledSample, Shard, StoreError};
