//! What holds by construction: AUs are independent before GDA, order does not matter, bad regions are refused.

mod support;

use burn::tensor::{Device, Tensor, TensorData};
use microau_core::au::Side;
use microau_model::config::{FlowEmbed, Frames, Input, Lsi};
use microau_model::prior::Prior;
use microau_model::prompt::{Prompts, TextFeatures};
use microau_model::{Batch, MicroAuClip, MicroAuClipConfig, ModelError, params};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{Clips, tiny, uniform};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

/// Region of AU k: patch k alone.
fn own_patch_each(config: &MicroAuClipConfig) -> Vec<f32> {
    let patches = config.patch_count();
    (0..config.au_count() * patches).map(|cell| f32::from(cell % patches == cell / patches)).collect()
}

/// Logits before and after everything that AU 0 does not see has changed; `changed` says what.
fn logits_around(config: &MicroAuClipConfig, change: impl Fn(Tensor<3>) -> Tensor<3>) -> [Vec<f32>; 2] {
    let device = &Device::flex();
    let model = support::model(config, 1, device);
    let mut clips = Clips::random(config, 2, 3);
    clips.region = vec![own_patch_each(config); 2];
    let batch = clips.batch(config, device);
    let motion = model.motion_tokens(&batch);
    let region = batch.region.clone();
    [motion.clone(), change(motion)].map(|motion| values(model.read(motion, region.clone()).logits))
}

/// Other motion tokens everywhere but in patch 0.
fn outside_patch_0(motion: Tensor<3>) -> Tensor<3> {
    let [_, patches, _] = motion.dims();
    let outside = motion.clone().narrow(1, 1, patches - 1).mul_scalar(-3.0).add_scalar(1.0);
    Tensor::cat(vec![motion.narrow(1, 0, 1), outside], 1)
}

#[test]
fn an_aus_score_does_not_change_when_tokens_outside_its_region_change() {
    for lsi in [Lsi::Pta, Lsi::Mean] {
        let config = MicroAuClipConfig { gda: false, lsi, ..tiny() };
        let [before, after] = logits_around(&config, outside_patch_0);
        for (place, (before, after)) in before.iter().zip(&after).enumerate() {
            let is_first_au = place % config.au_count() == 0;
            assert_eq!(before.to_bits() == after.to_bits(), is_first_au, "{lsi:?} {place}: {before} {after}");
        }
    }
}

#[test]
fn with_gda_or_the_whole_face_an_au_sees_more_than_its_region() {
    for config in [tiny(), MicroAuClipConfig { gda: false, lsi: Lsi::WholeFace, ..tiny() }] {
        let [before, after] = logits_around(&config, outside_patch_0);
        assert_ne!(before[0], after[0]);
    }
}

#[test]
fn an_aus_score_does_not_change_when_flow_outside_its_patches_changes() {
    let device = &Device::flex();
    for flow_embed in [FlowEmbed::Linear, FlowEmbed::Mlp] {
        let config = MicroAuClipConfig { gda: false, input: Input::Flow, flow_embed, ..tiny() };
        let model = support::model(&config, 1, device);
        let mut clips = Clips::random(&config, 1, 3);
        clips.region = vec![own_patch_each(&config)];
        let before = values(model.forward(&clips.batch(&config, device)).logits);
        let (side, patch) = (config.flow_side(), config.flow_patch_side());
        for (place, sample) in clips.flow[0][0].iter_mut().enumerate() {
            let (row, col) = (place / side % side, place % side);
            if row >= patch || col >= patch {
                *sample += 1.0;
            }
        }
        let after = values(model.forward(&clips.batch(&config, device)).logits);
        assert_eq!(before[0], after[0], "{flow_embed:?}");
        assert_ne!(before[1], after[1], "{flow_embed:?}");
    }
}

#[test]
fn permuting_aus_permutes_scores_features_and_attention() {
    let device = &Device::flex();
    let config = tiny();
    let order = [2, 0, 3, 1];
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let vectors: Vec<Vec<f32>> = (0..15).map(|_| uniform(&mut rng, config.text_width)).collect();
    let clips = Clips::random(&config, 3, 3);
    let prior = Prior::from_labels(&Clips::random(&config, 30, 9).training_labels(&config), 5.0);
    let build = |order: &[usize]| {
        let aus: Vec<_> = order.iter().map(|&k| config.aus[k]).collect();
        let states = order.iter().flat_map(|&k| [2 * k, 2 * k + 1]).chain(8..15).map(|row| vectors[row].clone());
        let mut states = states.collect::<Vec<_>>().into_iter();
        let text = TextFeatures::from_encoder(&Prompts::built_in(), &aus, |_| Ok(vec![states.next().unwrap()]));
        let permuted = MicroAuClipConfig { aus: aus.clone(), ..config.clone() };
        let model = MicroAuClip::new(&permuted, text.unwrap(), 1, device).unwrap();
        let mut weights = params::collect(&model);
        weights.insert(
            "head.bias".into(),
            params::Weight { shape: vec![4], values: order.iter().map(|&k| k as f32).collect() },
        );
        let learned = weights.get_mut("pta.learned").unwrap();
        let rows: Vec<Vec<f32>> = learned.values.chunks(config.width).map(<[f32]>::to_vec).collect();
        learned.values = order.iter().flat_map(|&k| rows[k].clone()).collect();
        let cell = |of: fn(&Prior, usize, usize) -> f32| {
            order
                .iter()
                .flat_map(|&k| order.iter().map(move |&l| (k, l)))
                .map(|(k, l)| of(&prior, k, l))
                .collect::<Vec<_>>()
        };
        let (dependency, trust) = (cell(Prior::dependency_of), cell(Prior::trust_of));
        let prior = serde_json::json!({"aus": aus, "dependency": dependency, "trust": trust});
        let model =
            params::assign(model, &weights).unwrap().with_prior(serde_json::from_value(prior).unwrap()).unwrap();
        let mut batch = clips.batch(&config, device);
        let places: Vec<i32> = order.iter().map(|&k| k as i32).collect();
        batch.region = batch.region.select(1, Tensor::from_data(TensorData::new(places, [4]), device));
        model.forward(&batch)
    };
    let (plain, permuted) = (build(&[0, 1, 2, 3]), build(&order));
    let (z, permuted_z) = (values(plain.logits), values(permuted.logits));
    let (a, permuted_a) = (values(plain.attention), values(permuted.attention));
    let patches = config.patch_count();
    for clip in 0..3 {
        for (place, &k) in order.iter().enumerate() {
            let (z, permuted_z) = (z[clip * 4 + k], permuted_z[clip * 4 + place]);
            assert!((z - permuted_z).abs() < 1e-5, "{z} {permuted_z}"); // sums in another order
            let row = |values: &[f32], k: usize| values[(clip * 4 + k) * patches..][..patches].to_vec();
            for (a, permuted_a) in row(&a, k).iter().zip(row(&permuted_a, place)) {
                assert!((a - permuted_a).abs() < 1e-6);
            }
        }
    }
}

#[test]
fn attention_lies_inside_the_region_and_sums_to_one() {
    let (config, device) = (tiny(), &Device::flex());
    let mut clips = Clips::random(&config, 2, 3);
    for region in &mut clips.region {
        region.iter_mut().step_by(3).for_each(|share| *share = 0.0);
    }
    let batch = clips.batch(&config, device);
    let attention = values(support::model(&config, 1, device).forward(&batch).attention);
    let region = clips.region.concat();
    for (row, shares) in attention.chunks(config.patch_count()).zip(region.chunks(config.patch_count())) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(row.iter().zip(shares).all(|(&weight, &share)| (share > 0.0) == (weight > 0.0)));
    }
}

#[test]
fn scores_of_a_side_come_from_its_half_of_the_region() {
    let (config, device) = (MicroAuClipConfig { gda: false, ..tiny() }, &Device::flex());
    let model = support::model(&config, 1, device);
    let clips = Clips::random(&config, 1, 3);
    let patches = config.patch_count();
    let left: Vec<f32> =
        clips.region[0].iter().enumerate().map(|(i, &r)| if i % patches % 2 == 1 { r } else { 0.0 }).collect();
    let mut right: Vec<f32> = clips.region[0].iter().zip(&left).map(|(&both, &left)| both - left).collect();
    right[..patches].fill(0.0); // the first AU has nothing on the right
    let mut input = clips.inputs();
    input[0].region_of_side = Some([&left, &right]);
    let batch = Batch::new(&input, &config, device).unwrap();
    let both = values(model.forward(&batch).logits);
    let sides = model.forward_sides(&batch).unwrap().map(|output| values(output.logits));
    let alone = [Side::Left, Side::Right].map(|side| values(model.forward(&batch.on_side(side).unwrap()).logits));
    assert_eq!(sides, alone);
    assert_eq!(sides[1][0], both[0], "without a half of its own an AU keeps its whole region");
    assert!(sides[0].iter().zip(&both).all(|(side, both)| side != both));
}

#[test]
fn tokens_kept_from_the_pixel_tower_give_the_same_scores() {
    let device = &Device::flex();
    for frames in [Frames::Pair, Frames::Uniform(2)] {
        let config = MicroAuClipConfig { frames, ..tiny() };
        let model = support::model(&config, 1, device);
        let batch = Clips::random(&config, 2, 3).batch(&config, device);
        let tokens = model.visual_tokens(&batch);
        let kept = Batch { onset: None, later: None, tokens, ..batch.clone() };
        assert_eq!(values(model.forward(&kept).logits), values(model.forward(&batch).logits));
    }
}

#[test]
fn the_same_seed_gives_the_same_model() {
    let weights = |seed| params::collect(&support::model(&tiny(), seed, &Device::flex()));
    assert_eq!(weights(4), weights(4));
    assert_ne!(weights(4), weights(5));
}

#[test]
fn an_au_without_a_patch_is_an_error_that_names_it() {
    let config = tiny();
    let mut clips = Clips::random(&config, 3, 3);
    let patches = config.patch_count();
    clips.region[2][patches..2 * patches].fill(0.0);
    let error = Batch::new(&clips.inputs(), &config, &Device::flex()).unwrap_err();
    assert!(matches!(error, ModelError::AuWithoutPatch { au, clip: 2 } if au == config.aus[1]), "{error}");
    assert_eq!(error.to_string(), "clip 2: the region of AU02 covers no patch of the crop");
}

#[test]
fn a_clip_without_what_the_input_mode_needs_is_refused() {
    let config = tiny();
    let clips = Clips::random(&config, 1, 3);
    let refused = |change: fn(&mut microau_model::ClipInput)| {
        let mut input = clips.inputs();
        change(&mut input[0]);
        Batch::new(&input, &config, &Device::flex()).unwrap_err().to_string()
    };
    assert_eq!(refused(|clip| clip.onset = None), "clip 0: expected onset crop for input mode pair+flow, got none");
    assert_eq!(refused(|clip| clip.flow.clear()), "clip 0: expected flow for input mode pair+flow, got none");
    assert!(
        refused(|clip| clip.later[0] = &[0; 7]).contains("later crop, bytes of clip 0: expected shape [3072], got [7]")
    );
    assert!(refused(|clip| clip.region = &[]).contains("region weights of clip 0"));
}

#[test]
fn patches_that_no_region_covers_are_left_out_of_the_work_and_of_nothing_else() {
    let (config, device) = (tiny(), &Device::flex());
    let mut clips = Clips::random(&config, 3, 11);
    let kept = [0, 2];
    for row in clips.region.iter_mut().flat_map(|region| region.chunks_exact_mut(config.patch_count())) {
        (0..row.len()).filter(|patch| !kept.contains(patch)).for_each(|patch| row[patch] = 0.0);
    }
    for input in Input::ALL {
        for lsi in [Lsi::Pta, Lsi::Mean, Lsi::WholeFace] {
            let config = MicroAuClipConfig { input, lsi, ..config.clone() };
            let model = support::model(&config, 4, device);
            let batch = clips.batch(&config, device);
            assert_eq!(batch.covered, kept);
            let got = model.forward(&batch);
            let expected = model.read(model.motion_tokens(&batch), batch.region.clone());
            let outputs = [got, expected].map(|output| (values(output.logits), values(output.attention)));
            let [(logits, attention), (all_logits, all_attention)] = outputs;
            // the same sums in another order
            let is_near =
                |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(is_near(&logits, &all_logits) && is_near(&attention, &all_attention), "{input} {lsi:?}");
        }
    }
}
