//! What becomes of pixels, flow and logits, by fractions written out.

mod support;

use burn::tensor::{Device, Tensor};
use half::f16;
use microau_core::plane::{FlowField, Plane};
use microau_model::Batch;
use microau_model::batch::{ClipTokens, flow_planes};
use microau_model::calibration::Calibration;
use support::{Clips, tiny};

#[test]
fn flow_comes_out_in_percent_of_the_distance_between_the_eyes() {
    let mut flow = FlowField::new(4, 2);
    flow.u = Plane::from_vec(4, 2, vec![1.0, 3.0, 0.0, 0.0, 2.0, 2.0, 0.0, 8.0]);
    flow.v = Plane::from_vec(4, 2, vec![-4.0; 8]);
    let strain = Plane::from_vec(4, 2, vec![0.01; 8]);
    let planes = flow_planes(&flow, &strain, 80.0, 2);
    // squares of 2x2: mean u 2 and 2, of 80 px: 2.5 %
    let expected = [2.5, 2.5, -5.0, -5.0, 1.0, 1.0];
    assert_eq!(planes.len(), expected.len());
    for (got, expected) in planes.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-6, "{got} {expected}");
    }
}

#[test]
fn pixels_lose_the_mean_and_deviation_of_clip() {
    let (config, device) = (tiny(), &Device::flex());
    let mut clips = Clips::random(&config, 1, 3);
    clips.onset[0] = [255, 0, 51].repeat(32 * 32);
    let onset: Vec<f32> = clips.batch(&config, device).onset.unwrap().try_into_vec_as().unwrap();
    // OpenAI's constants, as published with the weights
    let expected =
        [(1.0 - 0.481_454_66) / 0.268_629_54, (0.0 - 0.457_827_5) / 0.261_302_6, (0.2 - 0.408_210_73) / 0.275_777_1];
    for (plane, expected) in onset.chunks(32 * 32).zip(expected) {
        assert!(plane.iter().all(|value| (value - expected).abs() < 1e-5), "{} {expected}", plane[0]);
    }
}

#[test]
fn calibration_is_an_affine_map_of_logits() {
    let device = &Device::flex();
    let calibration = Calibration { slope: vec![2.0, 1.0, 0.5, 1.0], shift: vec![1.0, 0.0, 0.0, -3.0] };
    let model = support::model(&tiny(), 1, device);
    let logits = Tensor::<2>::from_data([[1.0f32, 2.0, 4.0, 3.0]], device);
    let plain: Vec<f32> = model.probabilities(logits.clone()).try_into_vec_as().unwrap();
    let model = model.with_calibration(calibration).unwrap();
    let calibrated: Vec<f32> = model.probabilities(logits).try_into_vec_as().unwrap();
    let sigmoid = |z: f32| 1.0 / (1.0 + (-z).exp());
    for (got, z) in plain.iter().zip([1.0, 2.0, 4.0, 3.0]).chain(calibrated.iter().zip([3.0, 2.0, 2.0, 0.0])) {
        assert!((got - sigmoid(z)).abs() < 1e-6, "{got} {z}");
    }
    let falling = Calibration { slope: vec![-1.0; 4], shift: vec![0.0; 4] };
    let error = support::model(&tiny(), 1, device).with_calibration(falling).unwrap_err().to_string();
    assert!(error.contains("4 finite slopes over 0"), "{error}");
}

#[test]
fn kept_tokens_take_the_place_of_crops() {
    let (config, device) = (tiny(), &Device::flex());
    let clips = Clips::random(&config, 2, 5);
    let model = support::model(&config, 1, device);
    let batch = clips.batch(&config, device);
    let tokens = model.visual_tokens(&batch).unwrap();
    let halves = |values: Vec<f32>| -> Vec<f16> { values.into_iter().map(f16::from_f32).collect() };
    let onset = halves(tokens.onset.unwrap().try_into_vec_as().unwrap());
    let later = halves(tokens.later.try_into_vec_as().unwrap());
    let each = config.patch_count() * config.visual.width;
    let mut inputs = clips.inputs();
    for (i, input) in inputs.iter_mut().enumerate() {
        let later = vec![&later[i * each..][..each]];
        input.tokens = Some(ClipTokens { onset: Some(&onset[i * each..][..each]), later });
        (input.onset, input.later) = (None, Vec::new());
    }
    let kept = Batch::new(&inputs, &config, device).unwrap();
    assert!(kept.onset.is_none() && kept.later.is_none());
    let (towerless, tower) = model.clone().without_tower();
    let expected: Vec<f32> = model.forward(&batch).logits.try_into_vec_as().unwrap();
    let got: Vec<f32> = towerless.forward(&kept).logits.try_into_vec_as().unwrap();
    // eleven bits of a token
    assert!(got.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 2e-2 * (1.0 + b.abs())), "{got:?} {expected:?}");
    let whole = towerless.with_tower(tower.unwrap()).unwrap();
    assert_eq!(whole.forward(&batch).logits.try_into_vec_as::<f32>().unwrap(), expected);

    inputs[1].tokens.as_mut().unwrap().later.clear();
    let error = Batch::new(&inputs, &config, device).unwrap_err().to_string();
    assert!(error.contains("number of later tokens of clip 1"), "{error}");
}
