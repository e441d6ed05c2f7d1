//! Files of the PyTorch twin, and how near to them we must come.

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use microau_model::labels::Labels;
use microau_model::loss::LossParts;
use microau_model::motion::VisualTokens;
use microau_model::params::{Weight, assign, collect};
use microau_model::prior::Prior;
use microau_model::{Batch, MicroAuClip};
use safetensors::SafeTensors;

const TOLERANCE: f32 = 1e-5;

/// A file of the twin.
pub struct Golden {
    pub tensors: BTreeMap<String, Weight>,
    pub metadata: BTreeMap<String, String>,
}

impl Golden {
    pub fn read(name: &str) -> Golden {
        let bytes = std::fs::read(asset(&format!("{name}.safetensors"))).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.iter().map(|(name, view)| {
            let values = view.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
            (name.to_owned(), Weight { shape: view.shape().to_vec(), values })
        });
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        Golden { tensors: tensors.collect(), metadata: header.metadata().clone().unwrap().into_iter().collect() }
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub fn values(&self, name: &str) -> &[f32] {
        &self.tensors.get(name).unwrap_or_else(|| panic!("no {name}")).values
    }

    pub fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let weight = self.tensors.get(name).unwrap_or_else(|| panic!("no {name}"));
        Tensor::from_data(TensorData::new(weight.values.clone(), weight.shape.clone()), device)
    }

    pub fn optional<const D: usize>(&self, name: &str, device: &Device) -> Option<Tensor<D>> {
        self.has(name).then(|| self.tensor(name, device).require_grad())
    }

    /// All tensors whose names begin with `prefix`, without it.
    pub fn under(&self, prefix: &str) -> BTreeMap<String, Weight> {
        let named =
            self.tensors.iter().filter_map(|(name, weight)| Some((name.strip_prefix(prefix)?.to_owned(), weight)));
        named.map(|(name, weight)| (name, weight.clone())).collect()
    }
}

pub fn asset(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/assets/twin").join(name)
}

#[track_caller]
pub fn assert_close(what: &str, got: &[f32], expected: &[f32], largest: f32) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        let close = (got - expected).abs() <= TOLERANCE * largest;
        assert!(close, "{what}[{i}]: expected {expected}, got {got}, largest {largest}");
    }
}

pub fn largest(values: &[f32]) -> f32 {
    values.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()))
}

#[track_caller]
pub fn assert_tensor<const D: usize>(what: &str, got: Tensor<D>, golden: &Golden) {
    let expected = golden.values(what);
    assert_close(what, &got.try_into_vec_as::<f32>().unwrap(), expected, largest(expected));
}

fn batch_of(golden: &Golden, device: &Device) -> Batch {
    let later = golden.optional::<4>("input/later", device);
    let region: Tensor<3> = golden.tensor("input/region", device);
    let shares: Vec<f32> = region.clone().sum_dim(0).sum_dim(1).try_into_vec_as().unwrap();
    Batch {
        covered: (0..shares.len()).filter(|&patch| shares[patch] > 0.0).collect(),
        onset: None,
        later: None,
        tokens: later.map(|later| VisualTokens { onset: golden.optional("input/onset", device), later }),
        flow: golden.optional("input/flow", device),
        region,
        region_of_side: None,
        labels: Some(Labels {
            active: golden.tensor("input/active", device),
            known: golden.tensor("input/known", device),
        }),
    }
}

/// Gradients of all weights by name; zero where none flows.
struct GradientCollector<'a> {
    path: Vec<String>,
    gradients: &'a Gradients,
    found: BTreeMap<String, Vec<f32>>,
}

impl ModuleVisitor for GradientCollector<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = param.val().grad(self.gradients).map(|gradient| gradient.try_into_vec_as::<f32>().unwrap());
        let gradient = gradient.unwrap_or_else(|| vec![0.0; param.shape().num_elements()]);
        self.found.insert(self.path.join("."), gradient);
    }
}

fn assert_losses(loss: &LossParts, golden: &Golden) {
    assert_tensor("output/total", loss.total.clone(), golden);
    assert_tensor("output/state", loss.state.clone(), golden);
    for (name, part) in [("v2t", &loss.v2t), ("t2v", &loss.t2v), ("gdloss", &loss.gdloss)] {
        let name = format!("output/{name}");
        assert_eq!(part.is_some(), golden.has(&name), "{name}");
        if let Some(part) = part {
            assert_tensor(&name, part.clone(), golden);
        }
    }
}

/// A model with the prior and the weights of a golden. Its towers stay its own: the twin begins behind them.
pub fn with_numbers_of(model: MicroAuClip, golden: &Golden) -> MicroAuClip {
    let (dependency, trust) = (golden.values("input/dependency"), golden.values("input/trust"));
    let prior = serde_json::json!({ "aus": model.config().aus, "dependency": dependency, "trust": trust });
    let prior: Prior = serde_json::from_value(prior).unwrap();
    let mut weights = golden.under("weight/");
    weights.extend(collect(&model).into_iter().filter(|(name, _)| is_of_tower(name)));
    let names = |weights: &BTreeMap<String, Weight>| weights.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&weights), names(&collect(&model)), "both sides have the same weights");
    assign(model.with_prior(prior).unwrap(), &weights).unwrap()
}

fn is_of_tower(name: &str) -> bool {
    name.starts_with("visual.") || name.starts_with("context.tower.")
}

/// Outputs, losses and gradients of a model on the batch of a golden.
#[track_caller]
pub fn assert_agrees(model: &MicroAuClip, golden: &Golden, device: &Device) {
    let batch = batch_of(golden, device);
    let output = model.forward(&batch);
    assert_tensor("output/motion", model.motion_tokens(&batch), golden);
    assert_tensor("output/attention", output.attention.clone(), golden);
    assert_tensor("output/features", output.features.clone(), golden);
    assert_tensor("output/joint", output.joint.clone(), golden);
    assert_tensor("output/logits", output.logits.clone(), golden);
    assert_tensor("output/emotions", model.emotions(&output), golden);
    let class_weights = serde_json::from_value(serde_json::json!(golden.values("input/class_weights"))).unwrap();
    let loss = model.loss(&output, batch.labels.as_ref().unwrap(), &class_weights);
    assert_losses(&loss, golden);
    let gradients = loss.total.backward();
    assert_gradients(model, &gradients, golden);
    if let Some(flow) = &batch.flow {
        assert_tensor("gradient/flow", flow.grad(&gradients).unwrap(), golden);
    }
    if let Some(tokens) = &batch.tokens {
        assert_tensor("gradient/later", tokens.later.grad(&gradients).unwrap(), golden);
        if let Some(onset) = &tokens.onset {
            assert_tensor("gradient/onset", onset.grad(&gradients).unwrap(), golden);
        }
    }
}

#[track_caller]
fn assert_gradients(model: &MicroAuClip, gradients: &Gradients, golden: &Golden) {
    let mut collector = GradientCollector { path: Vec::new(), gradients, found: BTreeMap::new() };
    model.visit(&mut collector);
    let expected = golden.under("gradient/");
    // A gradient that is 0 by symmetry is rounding noise on both sides: measured against the largest of all.
    let noise = 0.01 * expected.values().map(|gradient| largest(&gradient.values)).fold(0.0, f32::max);
    for (name, got) in collector.found.iter().filter(|(name, _)| !is_of_tower(name)) {
        let expected = &expected[name].values;
        assert_close(&format!("gradient of {name}"), got, expected, largest(expected).max(noise));
    }
}
