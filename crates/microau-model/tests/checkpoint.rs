//! Checkpoints come back as they went out, and what is no checkpoint says so.

mod support;

use burn::tensor::Device;
use microau_model::calibration::Calibration;
use microau_model::checkpoint::{Checkpoint, Precision, Provenance, read_header};
use microau_model::clip::Tune;
use microau_model::config::Input;
use microau_model::params;
use microau_model::prior::Prior;
use microau_model::prompt::TextFeatures;
use microau_model::{MicroAuClip, MicroAuClipConfig};
use support::{Clips, tiny};

fn checkpoint() -> Checkpoint {
    let config = tiny();
    let labels = Clips::random(&config, 9, 3).training_labels(&config);
    let calibration = Calibration { slope: vec![1.0, 2.0, 0.5, 1.5], shift: vec![0.0, -1.0, 1.0, 0.25] };
    let model = support::model(&config, 7, &Device::flex());
    let model = model.with_prior(Prior::from_labels(&labels, 20.0)).unwrap().with_calibration(calibration).unwrap();
    Checkpoint { model, provenance: Provenance([("data".to_owned(), "random".to_owned())].into()) }
}

fn logits(checkpoint: &Checkpoint) -> Vec<f32> {
    let config = checkpoint.model.config();
    let batch = Clips::random(config, 3, 5).batch(config, &Device::flex());
    let output = checkpoint.model.forward(&batch);
    checkpoint.model.probabilities(output.logits).try_into_vec_as().unwrap()
}

#[test]
fn a_checkpoint_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let saved = checkpoint();
    saved.save(&path, Precision::F32).unwrap();
    let loaded = Checkpoint::load(&path, &Device::flex()).unwrap();
    assert_eq!(logits(&loaded), logits(&saved));
    assert_eq!(loaded.to_bytes(Precision::F32).unwrap(), std::fs::read(&path).unwrap());
    assert_eq!(loaded.provenance, saved.provenance);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no partial file is left");
}

#[test]
fn low_rank_adapters_are_saved_as_part_of_their_weights() {
    let mut saved = checkpoint();
    saved.model = saved.model.tuned(Tune::Lora(2), 3).unwrap();
    let mut weights = params::collect(&saved.model);
    let adapters = weights.iter_mut().filter(|(name, _)| name.contains(".lora.") && name.ends_with(".up"));
    adapters.for_each(|(_, up)| up.values.iter_mut().enumerate().for_each(|(i, value)| *value = (i % 5) as f32 - 2.0));
    let plain = logits(&saved);
    saved.model = params::assign(saved.model, &weights).unwrap();
    let loaded = Checkpoint::load_from_bytes(&saved.to_bytes(Precision::F32).unwrap(), &Device::flex()).unwrap();
    let adapted = logits(&saved);
    assert!(
        adapted.iter().zip(&plain).any(|(adapted, plain)| (adapted - plain).abs() > 0.1),
        "the adapters do something"
    );
    for (got, expected) in logits(&loaded).iter().zip(&adapted) {
        assert!((got - expected).abs() < 1e-5, "{got} {expected}"); // sums in another order
    }
}

#[test]
fn half_precision_keeps_three_digits_and_halves_the_weights() {
    let saved = checkpoint();
    let [whole, half] = [Precision::F32, Precision::F16].map(|precision| saved.to_bytes(precision).unwrap());
    let weights = |bytes: &[u8]| bytes.len() - 8 - u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    assert_eq!(2 * weights(&half), weights(&whole));
    let loaded = Checkpoint::load_from_bytes(&half, &Device::flex()).unwrap();
    for (a, b) in logits(&loaded).iter().zip(logits(&saved)) {
        assert!((a - b).abs() < 0.01, "{a} {b}");
    }
}

#[test]
fn a_loaded_model_goes_on_learning_on_an_autodiff_device() {
    let bytes = checkpoint().to_bytes(Precision::F32).unwrap();
    let device = Device::flex().autodiff();
    let model = Checkpoint::load_from_bytes(&bytes, &device).unwrap().model;
    let batch = Clips::random(model.config(), 2, 5).batch(model.config(), &device);
    let gradients = model.forward(&batch).logits.sum().backward();
    let learning = burn::optim::GradientsParams::from_grads(gradients, &model);
    assert!(learning.len() > 20, "{}", learning.len());
}

#[test]
fn what_is_no_checkpoint_says_what_was_expected_and_found() {
    let good = checkpoint().to_bytes(Precision::F32).unwrap();
    let header_len = u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    let edited = |from: &str, to: &str| {
        let header = std::str::from_utf8(&good[8..8 + header_len]).unwrap();
        assert!(header.contains(from), "{header}");
        let mut header = header.replace(from, to);
        header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &good[8 + header_len..]].concat()
    };
    let mut not_a_number = good.clone();
    let end = not_a_number.len();
    not_a_number[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let foreign = safetensors::serialize(Vec::<(&str, safetensors::tensor::TensorView)>::new(), None).unwrap();
    let cases = [
        (b"hello, I am a text file".to_vec(), "expected a safetensors file"),
        (Vec::new(), "expected a safetensors file"),
        (good[..good.len() / 2].to_vec(), "expected a"),
        (good[..20].to_vec(), "expected a safetensors file"),
        (foreign, "safetensors of another program"),
        (not_a_number, "expected finite numbers in weight"),
        (edited(r#"\"version\":1"#, r#"\"version\":9"#), "version 1, got microau-checkpoint version 9"),
        (edited("microau-checkpoint", "another-checkpoint"), "another-checkpoint version 1"),
        (edited("pta.learned", "pta.lernedd"), "weight pta.learned: expected shape [4, 8], got none"),
        (edited(r#"\"gda\":true"#, r#"\"gda\":false"#), "weight gda."),
        (
            edited(r#"\"width\":8,\"heads\":2,\"text_width\""#, r#"\"width\":4,\"heads\":2,\"text_width\""#),
            "expected shape",
        ),
        (edited(r#"\"rates\":["#, r#"\"rates\":[0.5,"#), "couplings: expected finite numbers for 4 action units"),
        (edited("percent of the distance", "meters, of the distance"), "percent of the distance"),
    ];
    for (bytes, expected) in cases {
        let error = Checkpoint::load_from_bytes(&bytes, &Device::flex()).unwrap_err().to_string();
        assert!(error.contains(expected), "expected {expected:?} in {error:?}");
    }
}

#[test]
fn a_damaged_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.safetensors");
    std::fs::write(&path, b"nonsense").unwrap();
    let error = Checkpoint::load(&path, &Device::flex()).unwrap_err().to_string();
    assert!(error.contains("broken.safetensors"), "{error}");
    let missing = Checkpoint::load(&folder.path().join("none"), &Device::flex()).unwrap_err().to_string();
    assert!(missing.starts_with("reading failed"), "{missing}");
}

#[test]
fn no_cut_of_a_checkpoint_makes_the_reader_panic() {
    let good = checkpoint().to_bytes(Precision::F32).unwrap();
    for end in (0..good.len()).step_by(97) {
        assert!(read_header(&good[..end]).is_err() || end > 8);
        assert!(Checkpoint::load_from_bytes(&good[..end], &Device::flex()).is_err());
    }
}

#[test]
fn nano_is_under_four_megabytes_in_half_precision() {
    for (input, weights_below) in [(Input::Flow, 600_000), (Input::PairFlow, 1_600_000)] {
        let config = MicroAuClipConfig { input, ..MicroAuClipConfig::default() };
        let text = TextFeatures::built_in(&config.aus).unwrap();
        let model = MicroAuClip::new(&config, text, 1, &Device::flex()).unwrap();
        let weights: usize = params::collect(&model).values().map(|weight| weight.values.len()).sum();
        let bytes = Checkpoint { model, provenance: Provenance::default() }.to_bytes(Precision::F16).unwrap().len();
        println!("nano {input}: {weights} weights, {bytes} bytes");
        assert!(weights < weights_below && bytes < 4_000_000, "{input}: {weights} weights, {bytes} bytes");
    }
}
