//! Protocols, metrics, tables and emotion rules of micro-expression analysis: pure functions, no input or output.
//!
//! * [`protocol`]: who is trained on and who is tested, no subject on both sides.
//! * [`scores`], [`run_scores`]: the lines of `scores.jsonl`, and all of a run pooled by the index of the sample.
//! * [`f1`], [`auc`]: figures of one action unit; [`ranking`]: its samples in order of their scores.
//! * [`figure`], [`measure`], [`run_figures`]: every figure of a run, averaged over seeds, with spread and intervals.
//! * [`bootstrap`], [`mod@compare`]: resampling by subject; two runs on the same samples.
//! * [`multiclass`], [`emotion`]: one class of several; emotions read from action units.
//! * [`reliability`]: whether a probability of 0.7 comes true seven times in ten.
//! * [`per_au`]: figures of each unit over one set of samples.
//! * [`spotting`]: movements found in long films, as the MEGC spotting challenges count.
//! * [`variants`]: one run beside others, such as ablations and baselines.
//! * [`table`], [`sheets`], [`metrics`], [`published`]: rows as text, Markdown, LaTeX, CSV and JSON; what others published.
//!
//! A ratio whose denominator is empty is `None` and prints as `n/a (0 positives)`: never 0 and never 0.5, both of
//! which would look like a measurement.

pub mod about;
pub mod auc;
pub mod bootstrap;
pub mod compare;
pub mod emotion;
mod entry;
mod error;
pub mod f1;
pub mod figure;
pub mod measure;
pub mod metrics;
pub mod multiclass;
pub mod per_au;
pub mod protocol;
pub mod published;
pub mod ranking;
pub mod reliability;
pub mod run_figures;
pub mod run_scores;
mod scored;
pub mod scores;
pub mod sheets;
pub mod spotting;
pub mod table;
pub mod variants;

pub use error::EvalError;
pub use scored::Scored;
