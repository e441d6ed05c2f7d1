//! Pictures: painted skin, a z-buffer, light per pixel, a camera that blurs, grains and compresses.

pub(crate) mod background;
pub(crate) mod brows;
pub(crate) mod camera;
pub(crate) mod film;
pub(crate) mod hair;
pub(crate) mod layers;
pub(crate) mod light;
pub(crate) mod paint;
pub(crate) mod raster;
pub(crate) mod sensor;
pub(crate) mod shade;
pub(crate) mod shot;
pub(crate) mod subject;
pub(crate) mod view;
