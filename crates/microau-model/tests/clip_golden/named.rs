//! Parameters of a module by their paths.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor, TensorData};

use crate::golden::{formula, values};

/// Every parameter of a module by its path.
pub(crate) fn parameters(module: &impl Module) -> BTreeMap<String, Vec<f32>> {
    let mut named = Named::default();
    module.visit(&mut named);
    named.found
}

/// Collects parameters, or the gradients of those that have one.
#[derive(Default)]
pub(crate) struct Named<'a> {
    path: Vec<String>,
    gradients: Option<&'a Gradients>,
    found: BTreeMap<String, Vec<f32>>,
}

impl<'a> Named<'a> {
    pub(crate) fn gradients(module: &impl Module, gradients: &'a Gradients) -> BTreeMap<String, Vec<f32>> {
        let mut named = Self { gradients: Some(gradients), ..Self::default() };
        module.visit(&mut named);
        named.found
    }
}

impl ModuleVisitor for Named<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let found = match self.gradients {
            Some(gradients) => param.val().grad(gradients),
            None => Some(param.val()),
        };
        if let Some(tensor) = found {
            self.found.insert(self.path.join("."), values(&tensor));
        }
    }
}

/// Puts numbers where adapters start with zeros.
pub(crate) struct SetAdapters {
    pub(crate) path: Vec<String>,
}

impl ModuleMapper for SetAdapters {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = self.path.join(".");
        if !(path.contains(".lora.") && path.ends_with(".up")) {
            return param;
        }
        param.map(|up| {
            let shape = up.shape();
            let numbers = TensorData::new(formula(shape.num_elements()), shape);
            Tensor::from_data(numbers, &up.device())
        })
    }
}
