//! Each part and each loss against the PyTorch twin, value and gradient.
//!
//! `reference/twin.py` computes in float64 and rounds to float32; we compute in float32. Agreement is 1e-5 of the largest
//! entry of each tensor: a few tens of float32 roundings. Label tables are counted by numpy and fitted by scikit-learn.

mod support;

use burn::tensor::{Device, Tensor, TensorData};
use microau_model::MicroAuClip;
use microau_model::config::MicroAuClipConfig;
use microau_model::coupling::Couplings;
use microau_model::head::Alignment;
use microau_model::labels::{Labels, TrainingLabels};
use microau_model::loss::ClassWeights;
use microau_model::loss::miaucl::{state_loss, text_to_visual_loss, visual_to_text_loss};
use microau_model::prior::Prior;
use microau_model::prompt::{Prompts, TextFeatures};
use support::golden::{Golden, assert_agrees, assert_close, assert_tensor, asset, largest, with_numbers_of};

fn check_case(name: &str) {
    let device = &Device::flex().autodiff();
    let golden = Golden::read(name);
    let config: MicroAuClipConfig = serde_json::from_str(&golden.metadata["config"]).unwrap();
    let rows = |name: &str| golden.values(name).chunks(config.text_width).map(<[f32]>::to_vec).collect::<Vec<_>>();
    let states = rows("input/text_active").into_iter().zip(rows("input/text_inactive")).flat_map(|(a, i)| [a, i]);
    let mut vectors = states.chain(rows("input/text_emotions"));
    let text = TextFeatures::from_encoder(&Prompts::built_in(), &config.aus, |_| Ok(vec![vectors.next().unwrap()]));
    let model = MicroAuClip::new(&config, text.unwrap(), 0, device).unwrap();
    assert_agrees(&with_numbers_of(model, &golden), &golden, device);
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
    couplings: Vec<Vec<f32>>,
    logits: Vec<Vec<f32>>,
    coupled: Vec<Vec<f32>>,
}

fn label_cases() -> Vec<LabelCase> {
    let text = std::fs::read_to_string(asset("labels.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(file["cases"].clone()).unwrap()
}

fn labels_of(case: &LabelCase) -> TrainingLabels {
    let aus = &microau_core::au::Au::ALL[..case.trust.len()];
    TrainingLabels::new(aus, case.rows.iter().map(Vec::as_slice)).unwrap()
}

#[test]
fn prior_and_class_weights_agree_with_numpy() {
    for case in label_cases() {
        let labels = labels_of(&case);
        let aus = labels.aus();
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

#[test]
fn couplings_agree_with_scikit_learn() {
    let device = &Device::flex();
    for case in label_cases() {
        let couplings = Couplings::from_labels(&labels_of(&case));
        let aus = case.couplings.len();
        for (k, expected) in case.couplings.iter().enumerate() {
            let row: Vec<f32> = (0..aus).map(|l| couplings.weight_of(k, l)).collect();
            assert_close("couplings", &row, expected, 1.0);
        }
        let logits = TensorData::new(case.logits.concat(), [case.logits.len(), aus]);
        let coupled: Vec<f32> = couplings.apply(Tensor::from_data(logits, device)).try_into_vec_as().unwrap();
        let expected = case.coupled.concat();
        assert_close("coupled logits", &coupled, &expected, largest(&expected));
    }
}
