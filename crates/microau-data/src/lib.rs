//! Datasets to samples: annotation tables with every problem collected, prepared clips on disk, and augmentation.
//!
//! [`datasets`] reads the field's datasets into an [`Index`]; on the way [`workbook`] reads their tables, [`annotation`]
//! their cells of action units, [`frames`] the names of their files, and [`problems`] holds what is wrong with them.
//! [`stats`] counts an index, [`store`] keeps prepared clips in files, [`augment`] varies a sample while its landmarks,
//! sides and labels stay true.

pub mod annotation;
pub mod augment;
pub mod datasets;
pub mod files;
pub mod frames;
pub mod index;
pub mod problems;
pub mod stats;
pub mod store;
pub mod workbook;

pub use annotation::{Annotation, AuCodes, AuPolicy};
pub use datasets::{Layout, ReadSettings};
pub use index::{Index, IndexedClip};
pub use problems::{Problem, Problems, Severity};
pub use store::{LabelledSample, Shard, StoreError};
