//! Muscles: which AUs go together, which units of the head make them, and when.

pub(crate) mod pairs;
pub(crate) mod recipe;
pub(crate) mod strand;
pub(crate) mod timing;
pub(crate) mod wrinkle;
