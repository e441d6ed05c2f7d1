//! Wrinkles: furrows across the direction in which an AU compresses the skin.

use std::sync::Arc;

use crate::render::shade::Furrow;
use crate::script::ClipScript;

/// The furrows of a clip's AUs at their apex, over the skin map; `None` when nothing wrinkles.
pub(crate) fn furrows(_script: &ClipScript) -> Option<Arc<Vec<Furrow>>> {
    None
}
