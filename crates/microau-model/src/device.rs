//! What a model runs on: the processor, or a graphics card by one of burn's backends.
//!
//! Backends are built in by the features `cuda`, `rocm`, `metal`, `vulkan` and `wgpu`; without any there is the processor alone.
//! Checkpoints are the same on every device.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

use burn::tensor::{Device, DeviceType};
use serde::{Deserialize, Serialize};

use crate::error::ModelError;

/// A device by name: `auto`, `cpu`, or a backend and the number of its device, `cuda:0`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceChoice {
    /// The first graphics card of a backend that is built in, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// A device of a backend, from 0.
    Gpu(Backend, usize),
}

/// A way to graphics cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// NVIDIA's.
    Cuda,
    /// AMD's.
    Rocm,
    /// Apple's.
    Metal,
    /// Vulkan with SPIR-V shaders.
    Vulkan,
    /// Whatever `wgpu` finds: Vulkan, Metal or DirectX 12.
    Wgpu,
}

impl Backend {
    /// All of them, in the order in which `auto` asks.
    pub const ALL: [Backend; 5] = [Backend::Cuda, Backend::Rocm, Backend::Metal, Backend::Vulkan, Backend::Wgpu];

    /// Its name, which is also that of the feature that builds it in.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Cuda => "cuda",
            Backend::Rocm => "rocm",
            Backend::Metal => "metal",
            Backend::Vulkan => "vulkan",
            Backend::Wgpu => "wgpu",
        }
    }

    /// Its type in burn; `None` when it is not built in.
    fn device_type(self) -> Option<DeviceType> {
        match self {
            #[cfg(feature = "cuda")]
            Backend::Cuda => Some(DeviceType::Cuda),
            #[cfg(feature = "rocm")]
            Backend::Rocm => Some(DeviceType::Rocm),
            #[cfg(feature = "metal")]
            Backend::Metal => Some(DeviceType::Metal),
            #[cfg(feature = "vulkan")]
            Backend::Vulkan => Some(DeviceType::Vulkan),
            #[cfg(feature = "wgpu")]
            Backend::Wgpu => Some(DeviceType::Wgpu),
            #[allow(unreachable_patterns)] // with every feature all of them are built in
            _ => None,
        }
    }

    /// Its devices on this machine; none without its driver, which some backends tell by a panic.
    fn devices(self) -> Vec<Device> {
        let Some(kind) = self.device_type() else { return Vec::new() };
        catch_unwind(AssertUnwindSafe(|| Device::enumerate(kind).into_vec())).unwrap_or_default()
    }
}

impl DeviceChoice {
    /// The device, ready for tensors.
    ///
    /// # Errors
    /// [`ModelError::Setting`] for a backend that is not built in, and for a device that this machine does not have.
    pub fn open(self) -> Result<Device, ModelError> {
        let (backend, index) = match self {
            DeviceChoice::Auto => {
                let mut found = Backend::ALL.into_iter().flat_map(Backend::devices);
                return Ok(found.next().unwrap_or_else(Device::flex));
            }
            DeviceChoice::Cpu => return Ok(Device::flex()),
            DeviceChoice::Gpu(backend, index) => (backend, index),
        };
        let refuse = |expected| ModelError::Setting { setting: "device", expected, got: self.to_string() };
        if backend.device_type().is_none() {
            let name = backend.name();
            return Err(refuse(format!("a backend that is built in (this build has no {name}: --features {name})")));
        }
        let devices = backend.devices();
        let count = devices.len();
        let known = (0..count).map(|index| format!("{}:{index}", backend.name())).collect::<Vec<_>>().join(", ");
        let known = if count == 0 { format!("a machine with a {} device", backend.name()) } else { known };
        devices.into_iter().nth(index).ok_or_else(|| refuse(known))
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceChoice::Auto => f.write_str("auto"),
            DeviceChoice::Cpu => f.write_str("cpu"),
            DeviceChoice::Gpu(backend, index) => write!(f, "{}:{index}", backend.name()),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<DeviceChoice, String> {
        let (name, index) = text.split_once(':').map_or((text, None), |(name, index)| (name, Some(index)));
        let backend = Backend::ALL.into_iter().find(|backend| backend.name() == name);
        let index = index.map(str::parse::<usize>).transpose();
        match (name, backend, index) {
            ("auto", _, Ok(None)) => Ok(DeviceChoice::Auto),
            ("cpu", _, Ok(None)) => Ok(DeviceChoice::Cpu),
            (_, Some(backend), Ok(index)) => Ok(DeviceChoice::Gpu(backend, index.unwrap_or(0))),
            _ => Err(format!("expected auto, cpu, cuda:N, rocm:N, metal:N, vulkan:N or wgpu:N, got {text:?}")),
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = String;

    fn try_from(text: String) -> Result<DeviceChoice, String> {
        text.parse()
    }
}

impl From<DeviceChoice> for String {
    fn from(choice: DeviceChoice) -> String {
        choice.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for name in ["auto", "cpu", "cuda:0", "cuda:3", "rocm:0", "metal:0", "vulkan:1", "wgpu:12"] {
            assert_eq!(name.parse::<DeviceChoice>().unwrap().to_string(), name);
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Gpu(Backend::Cuda, 0)));
        for name in
            ["", "gpu", "cuda:", "cuda:-1", "cuda:0:1", "cpu:0", "auto:1", "CUDA:0", "cuda:99999999999999999999"]
        {
            let refused = name.parse::<DeviceChoice>().unwrap_err();
            assert!(refused.contains("cuda:N") && refused.contains(&format!("{name:?}")), "{refused}");
        }
    }

    #[test]
    fn the_processor_is_always_there() {
        assert_eq!(DeviceChoice::Cpu.open().unwrap(), Device::flex());
        DeviceChoice::Auto.open().unwrap();
    }

    #[test]
    fn what_is_not_there_is_told() {
        for backend in Backend::ALL {
            let error = DeviceChoice::Gpu(backend, 4096).open().unwrap_err().to_string();
            assert!(error.contains("device") && error.contains(&format!("{}:4096", backend.name())), "{error}");
        }
    }
}
