//! The hall of Micro-AU: it joins the rooms. Doors (command line, Python, web) know only this crate.
//!
//! Start with [`detect::pipeline`].

pub mod ablate;
pub mod baselines;
pub mod bench;
pub mod chart;
pub mod dataset_tables;
pub mod detect;
pub mod evaluate;
pub mod files;
pub mod generated;
pub mod html;
pub mod model_input;
pub mod prepare;
pub mod prepared;
pub mod serve;
pub mod spot;
pub mod stages;
pub mod synthesise;
pub mod train;

pub use microau_core as core;
pub use microau_data as data;
pub use microau_eval as eval;
pub use microau_model::DeviceChoice;
