//! Weights of a module under their names, such as `pta.query.weight`: out of it and into it.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use crate::error::ModelError;

/// One weight: its shape and its numbers, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub values: Vec<f32>,
}

/// All float weights of a module by name.
pub fn collect<M: Module>(module: &M) -> BTreeMap<String, Weight> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.weights
}

/// The module with its float weights replaced by those of the same names.
///
/// # Errors
/// A weight that is missing, has another shape, or is none of the module's.
pub fn assign<M: Module>(module: M, weights: &BTreeMap<String, Weight>) -> Result<M, ModelError> {
    let mut assigner = Assigner { path: Vec::new(), weights, used: BTreeSet::new(), error: None };
    let module = module.map(&mut assigner);
    let Assigner { used, error, .. } = assigner;
    let unknown = weights.keys().find(|&name| !used.contains(name));
    let unknown = unknown.map(|name| ModelError::UnknownWeight { name: name.clone() });
    error.or(unknown).map_or(Ok(module), Err)
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    weights: BTreeMap<String, Weight>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        let shape = data.shape().iter().copied().collect();
        let values = data.convert::<f32>().try_into_vec().expect("converted to f32 above");
        self.weights.insert(self.path.join("."), Weight { shape, values });
    }
}

struct Assigner<'a> {
    path: Vec<String>,
    weights: &'a BTreeMap<String, Weight>,
    used: BTreeSet<String>,
    error: Option<ModelError>,
}

impl Assigner<'_> {
    fn find(&self, expected: Vec<usize>) -> Result<&Weight, ModelError> {
        let name = self.path.join(".");
        match self.weights.get(&name) {
            None => Err(ModelError::MissingWeight { name, expected }),
            Some(weight) if weight.shape != expected => {
                Err(ModelError::WeightShape { name, expected, got: weight.shape.clone() })
            }
            Some(weight) => Ok(weight),
        }
    }
}

impl ModuleMapper for Assigner<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let expected = param.lazy_shape().iter().copied().collect();
        self.used.insert(self.path.join("."));
        match self.find(expected) {
            Ok(weight) => {
                let data = TensorData::new(weight.values.clone(), weight.shape.clone());
                let tensor = Tensor::from_data(data, &param.lazy_device());
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            Err(error) => {
                self.error.get_or_insert(error);
                param
            }
        }
    }
}
