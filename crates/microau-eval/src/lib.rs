//! Metrics, tables and emotion rules of micro-expression analysis: pure functions over labels and scores.
//!
//! * [`f1`]: counts of hits and misses, binary F1 of the positive class, two-class macro-F1.
//! * [`auc`]: area under the ROC curve with ties, average precision.
//! * [`reliability`]: whether a probability of 0.7 comes true seven times in ten.
//! * [`aggregate`]: scores of all folds, pooled by the index of the sample and never by position.
//! * [`per_au`]: one row of figures per action unit, and the mean over the evaluable ones.
//! * [`emotion`]: from a set of action units to an objective class and to positive, negative or surprise.
//! * [`table`]: the same rows as aligned text and as Markdown.
//!
//! A ratio whose denominator is empty is `None` and prints as `n/a (0 positives)`: never 0 and never 0.5, both of
//! which would look like a measurement.

pub mod aggregate;
pub mod auc;
pub mod emotion;
mod error;
pub mod f1;
pub mod per_au;
pub mod reliability;
mod scored;
pub mod table;

pub use error::EvalError;
pub use scored::Scored;
