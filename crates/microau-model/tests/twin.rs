//! Each part and each loss against the PyTorch twin, value and gradient.
//!
//! `reference/twin.py` computes in float64 and rounds to float32; we compute in float32. Agreement is 1e-5 of the largest
//! entry of each tensor: a few tens of float32 roundings.

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use microau_model::config::MicroAuClipConfig;
use microau_model::head::Alignment;
use microau_model::labels::{Labels, TrainingLabels};
use microau_model::loss::miaucl::{state_loss, text_to_visual_loss, visual_to_text_loss};
use microau_model::loss::{ClassWeights, LossParts};
use microau_model::motion::VisualTokens;
use microau_model::params::{Weight, assign, collect};
use microau_model::prior::Prior;
use microau_model::prompt::{Prompts, TextFeatures};
use microau_model::{Batch, MicroAuClip};
use safetensors::SafeTensors;

const TOLERANCE: f32 = 1e-5;

/// A file of the twin.
struct Golden {
    tensors: BTreeMap<String, Weight>,
    metadata: BTreeMap<String, String>,
}

impl Golden {
    fn read(name: &str) -> Golden {
        let bytes = std::fs::read(asset(&format!("{name}.safetensors"))).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.iter().map(|(name, view)| {
            let values = view.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
            (name.to_owned(), Weight { shape: view.shape().to_vec(), values })
        });
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        Golden { tensors: tensors.collect(), metadata: header.metadata().clone().unwrap().into_iter().collect() }
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    fn values(&self, name: &str) -> &[f32] {
        &self.tensors.get(name).unwrap_or_else(|| panic!("no {name}")).values
    }

    fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let weight = self.tensors.get(name).unwrap_or_else(|| panic!("no {name}"));
        Tensor::from_data(TensorData::new(weight.values.clone(), weight.shape.clone()), device)
    }

    fn optional<const D: usize>(&self, name: &str, device: &Device) -> Option<Tensor<D>> {
        self.has(name).then(|| self.tensor(name, device).require_grad())
    }

    /// All tensors whose names begin with `prefix`, without it.
    fn under(&self, prefix: &str) -> BTreeMap<String, Weight> {
        let named =
            self.tensors.iter().filter_map(|(name, weight)| Some((name.strip_prefix(prefix)?.to_owned(), weight)));
        named.map(|(name, weight)| (name, weight.clone())).collect()
    }
}

fn asset(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/assets/twin").join(name)
}

#[track_caller]
fn assert_close(what: &str, got: &[f32], expected: &[f32], largest: f32) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        let close = (got - expected).abs() <= TOLERANCE * largest;
        assert!(close, "{what}[{i}]: expected {expected}, got {got}, largest {largest}");
    }
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()))
}

#[track_caller]
fn assert_tensor<const D: usize>(what: &str, got: Tensor<D>, golden: &Golden) {
    let expected = golden.values(what);
    assert_close(what, &got.try_into_vec_as::<f32>().unwrap(), expected, largest(expected));
}

/// The model of a golden: its settings, its text, its prior, its weights.
fn model_of(golden: &Golden, device: &Device) -> MicroAuClip {
    let config: MicroAuClipConfig = serde_json::from_str(&golden.metadata["config"]).unwrap();
    let rows = |name: &str| golden.values(name).chunks(config.text_width).map(<[f32]>::to_vec).collect::<Vec<_>>();
    let states = rows("input/text_active").into_iter().zip(rows("input/text_inactive")).flat_map(|(a, i)| [a, i]);
    let mut vectors = states.chain(rows("input/text_emotions"));
    let text = TextFeatures::from_encoder(&Prompts::built_in(), &config.aus, |_| Ok(vec![vectors.next().unwrap()]));
    let prior = serde_json::json!({
        "aus": config.aus, "dependency": golden.values("input/dependency"), "trust": golden.values("input/trust"),
    });
    let prior: Prior = serde_json::from_value(prior).unwrap();
    let model = MicroAuClip::new(&config, text.unwrap(), 0, device).unwrap().with_prior(prior).unwrap();

    let mut weights = golden.under("weight/");
    let towers = collect(&model).into_iter().filter(|(name, _)| name.starts_with("visual."));
    weights.extend(towers); // the twin begins behind the pixel tower
    let names = |weights: &BTreeMap<String, Weight>| weights.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&weights), names(&collect(&model)), "both sides have the same weights");
    assign(model, &weights).unwrap()
}

fn batch_of(golden: &Golden, device: &Device) -> Batch {
    let later = golden.optional::<4>("input/later", device);
    Batch {
        onset: None,
        later: None,
        tokens: later.map(|later| VisualTokens { onset: golden.optional("input/onset", device), later }),
        flow: golden.optional("input/flow", device),
        region: golden.tensor("input/region", device),
        region_of_side: None,
        labels: Some(Labels {
            active: golden.tensor("input/active", device),
            known: golden.tensor("input/known", device),
        }),
    }
}

fn class_weights(golden: &Golden) -> ClassWeights {
    serde_json::from_value(serde_json::json!(golden.values("input/class_weights"))).unwrap()
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

fn check_case(name: &str) {
    let device = &Device::flex().autodiff();
    let golden = Golden::read(name);
    let (model, batch) = (model_of(&golden, device), batch_of(&golden, device));
    let output = model.forward(&batch);
    let loss = model.loss(&output, batch.labels.as_ref().unwrap(), &class_weights(&golden));

    assert_tensor("output/motion", model.motion_tokens(&batch), &golden);
    assert_tensor("output/attention", output.attention.clone(), &golden);
    assert_tensor("output/features", output.features.clone(), &golden);
    assert_tensor("output/joint", output.joint.clone(), &golden);
    assert_tensor("output/logits", output.logits.clone(), &golden);
    assert_tensor("output/emotions", model.emotions(&output), &golden);
    assert_losses(&loss, &golden);

    let gradients = loss.total.backward();
    let mut collector = GradientCollector { path: Vec::new(), gradients: &gradients, found: BTreeMap::new() };
    model.visit(&mut collector);
    let expected = golden.under("gradient/");
    // A gradient that is 0 by symmetry is rounding noise on both sides: measured against the largest of all.
    let noise = 0.01 * expected.values().map(|gradient| largest(&gradient.values)).fold(0.0, f32::max);
    for (name, got) in collector.found.iter().filter(|(name, _)| !name.starts_with("visual.")) {
        let expected = &expected[name].values;
        assert_close(&format!("gradient of {name}"), got, expected, largest(expected).max(noise));
    }
    if let Some(flow) = &batch.flow {
        assert_tensor("gradient/flow", flow.grad(&gradients).unwrap(), &golden);
    }
    if let Some(tokens) = &batch.tokens {
        assert_tensor("gradient/later", tokens.later.grad(&gradients).unwrap(), &golden);
        if let Some(onset) = &tokens.onset {
            assert_tensor("gradient/onset", onset.grad(&gradients).unwrap(), &golden);
        }
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

#[test]
fn input_pair_flow_agrees_with_the_twin() {
    check_case("pair_flow");
}

#[test]
fn input_apex_agrees_with_the_twin() {
    check_case("apex");
}

#[test]
fn input_pair_agrees_with_the_twin() {
    check_case("pair");
}

#[test]
fn every_flow_embedding_agrees_with_the_twin() {
    ["flow_linear", "flow_mlp", "flow_conv"].into_iter().for_each(check_case);
}

#[test]
fn pooling_over_time_agrees_with_the_twin() {
    check_case("uniform");
}

#[test]
fn the_ablations_of_locality_agree_with_the_twin() {
    ["lsi_mean", "lsi_whole_face"].into_iter().for_each(check_case);
}

#[test]
fn lsi_alone_with_the_state_loss_agrees_with_the_twin() {
    check_case("lsi_alone");
}

#[test]
fn blocks_over_motion_tokens_agree_with_the_twin() {
    check_case("motion_blocks");
}

/// Value and gradients of one loss on the alignment of one golden case.
fn check_loss(golden: &Golden, case: &str, loss: &str) {
    let device = &Device::flex().autodiff();
    let logits = golden.tensor::<2>(&format!("{case}/logits"), device).require_grad();
    let to_active = golden.tensor::<3>(&format!("{case}/to_active"), device).require_grad();
    let to_inactive = golden.tensor::<2>(&format!("{case}/to_inactive"), device).require_grad();
    let [active, known] = ["active", "known"].map(|name| golden.tensor::<2>(&format!("{case}/{name}"), device));
    let (labels, weights) = (Labels { active, known }, golden.tensor::<1>(&format!("{case}/weights"), device));
    let alignment = Alignment { to_active: to_active.clone(), to_inactive: to_inactive.clone() };
    let value = match loss {
        "state" => state_loss(logits.clone(), &labels, weights),
        "v2t" => visual_to_text_loss(&alignment, &labels),
        _ => text_to_visual_loss(&alignment, &labels),
    };
    assert_tensor(&format!("{case}/{loss}"), value.clone(), golden);
    let gradients = value.backward();
    let found = [
        ("logits", logits.grad(&gradients).map(|gradient| gradient.try_into_vec_as::<f32>().unwrap())),
        ("to_active", to_active.grad(&gradients).map(|gradient| gradient.try_into_vec_as().unwrap())),
        ("to_inactive", to_inactive.grad(&gradients).map(|gradient| gradient.try_into_vec_as().unwrap())),
    ];
    for (leaf, got) in found {
        let name = format!("{case}/{loss}/{leaf}");
        match (golden.has(&name), got) {
            (true, got) => {
                let expected = golden.values(&name);
                let got = got.unwrap_or_else(|| vec![0.0; expected.len()]);
                assert_close(&name, &got, expected, largest(expected));
            }
            (false, got) => assert!(got.unwrap_or_default().iter().all(|&g| g == 0.0), "{name}"),
        }
    }
}

#[test]
fn losses_agree_with_the_twin_near_and_at_logits_of_a_hundred() {
    let golden = Golden::read("losses");
    for distance in ["near", "far"] {
        for table in ["ordinary", "all_active", "all_inactive", "all_unknown"] {
            for loss in ["state", "v2t", "t2v"] {
                check_loss(&golden, &format!("{distance}_{table}"), loss);
            }
        }
    }
}

#[derive(serde::Deserialize)]
struct LabelCase {
    kappa: f32,
    rows: Vec<Vec<Option<bool>>>,
    dependency: Vec<Vec<f32>>,
    trust: Vec<Vec<f32>>,
    class_weights: Vec<f32>,
}

#[test]
fn prior_and_class_weights_agree_with_numpy() {
    let text = std::fs::read_to_string(asset("labels.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases: Vec<LabelCase> = serde_json::from_value(file["cases"].clone()).unwrap();
    for case in cases {
        let aus = &microau_core::au::Au::ALL[..case.trust.len()];
        let labels = TrainingLabels::new(aus, case.rows.iter().map(Vec::as_slice)).unwrap();
        let prior = Prior::from_labels(&labels, case.kappa);
        for k in 0..aus.len() {
            let row =
                |of: fn(&Prior, usize, usize) -> f32| (0..aus.len()).map(|l| of(&prior, k, l)).collect::<Vec<_>>();
            assert_close("dependency", &row(Prior::dependency_of), &case.dependency[k], 1.0);
            assert_close("trust", &row(Prior::trust_of), &case.trust[k], 1.0);
        }
        assert_close("class weights", ClassWeights::from_labels(&labels).values(), &case.class_weights, 1.0);
    }
}
