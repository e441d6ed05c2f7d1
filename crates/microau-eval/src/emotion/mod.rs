//! Emotion without emotion labels: what scores of action units say of it, and how well that agrees with annotations.
//!
//! * [`rule`]: two fixed rules from action units to an objective class and to positive, negative or surprise.
//! * [`words`]: the classes in which the emotion words of data sets stand.
//! * [`judged`]: predictions by rule and by text against the annotations, each beside its oracle.

pub mod judged;
pub mod rule;
pub mod words;

pub use rule::{
    GroupReason, emotion_group, group_of_class, group_with_reason, objective_class, objective_class_of_numbers,
};
pub use words::{class_of_word, group_of_word, group_on};
