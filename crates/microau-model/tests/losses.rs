//! Properties of the losses and the prior that need no reference.

mod support;

use burn::tensor::{Device, Int, Tensor, TensorData};
use microau_core::au::Au;
use microau_model::coupling::Couplings;
use microau_model::head::Alignment;
use microau_model::labels::{Labels, TrainingLabels};
use microau_model::loss::miaucl::{state_loss, text_to_visual_loss, visual_to_text_loss};
use microau_model::loss::{ClassWeights, class_weight::WEIGHT_CAP};
use microau_model::prior::Prior;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{Clips, tiny, uniform};

const CLIPS: usize = 5;
const AUS: usize = 3;

/// All that the three losses of MiAUCL look at, in one row of numbers: z, a, n.
const INPUTS: usize = CLIPS * (AUS + AUS * AUS + AUS);

fn labels(device: &Device) -> Labels {
    let table = [
        [Some(true), Some(false), None],
        [Some(false), Some(true), Some(true)],
        [None, None, Some(false)],
        [Some(true), Some(true), Some(false)],
        [Some(false), Some(false), None],
    ];
    Labels::from_rows(&table.each_ref().map(|row| row.as_slice()), device).unwrap()
}

fn miaucl(inputs: &Tensor<1>) -> Tensor<1> {
    let device = &inputs.device();
    let [z, a] = [CLIPS * AUS, CLIPS * AUS * AUS];
    let logits = inputs.clone().narrow(0, 0, z).reshape([CLIPS, AUS]);
    let alignment = Alignment {
        to_active: inputs.clone().narrow(0, z, a).reshape([CLIPS, AUS, AUS]),
        to_inactive: inputs.clone().narrow(0, z + a, CLIPS * AUS).reshape([CLIPS, AUS]),
    };
    let (labels, weights) =
        (labels(device), Tensor::from_data(TensorData::new(vec![1.0f32, 4.0, 10.0], [AUS]), device));
    state_loss(logits, &labels, weights)
        + visual_to_text_loss(&alignment, &labels).mul_scalar(0.7)
        + text_to_visual_loss(&alignment, &labels).mul_scalar(1.3)
}

fn row(values: Vec<f32>, device: &Device) -> Tensor<1> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), device)
}

#[test]
fn gradients_of_miaucl_agree_with_finite_differences() {
    let device = &Device::flex().autodiff();
    let values: Vec<f32> = uniform(&mut ChaCha8Rng::seed_from_u64(1), INPUTS).iter().map(|x| 3.0 * x).collect();
    let inputs = row(values.clone(), device).require_grad();
    let gradient = inputs.grad(&miaucl(&inputs).backward()).unwrap().try_into_vec_as::<f32>().unwrap();
    let step = 1e-2;
    for (place, gradient) in gradient.iter().enumerate() {
        let moved = |by: f32| {
            let mut values = values.clone();
            values[place] += by;
            miaucl(&row(values, &Device::flex())).into_scalar::<f32>()
        };
        let slope = (moved(step) - moved(-step)) / (2.0 * step);
        // f32 rounding over the step (1e-7 / 1e-2) and the third derivative times step²
        assert!((gradient - slope).abs() < 2e-4, "{place}: {gradient} {slope}");
    }
}

#[test]
fn what_is_constant_in_the_features_of_an_au_does_not_move_gdloss() {
    let config = tiny();
    let device = &Device::flex();
    let prior = Prior::from_labels(&Clips::random(&config, 30, 9).training_labels(&config), 2.0);
    let model = support::model(&config, 1, device).with_prior(prior).unwrap();
    let batch = Clips::random(&config, 5, 3).batch(&config, device);
    let output = model.forward(&batch);
    let gdloss = |features: Tensor<3>| {
        let output = microau_model::Output { features, ..output.clone() };
        let loss = model.loss(&output, batch.labels.as_ref().unwrap(), &ClassWeights::equal(config.au_count()));
        loss.gdloss.unwrap().into_scalar::<f32>()
    };
    let [_, aus, width] = output.features.dims();
    let constant = Tensor::<1, Int>::arange(0..(aus * width) as i64, device).float().reshape([1, aus, width]);
    let (plain, moved) = (gdloss(output.features.clone()), gdloss(output.features.clone() + constant.sin()));
    assert!((plain - moved).abs() < 1e-4 * plain, "{plain} {moved}");
}

#[test]
fn gradients_of_gdloss_agree_with_finite_differences() {
    let config = tiny();
    let device = &Device::flex().autodiff();
    let prior = Prior::from_labels(&Clips::random(&config, 30, 9).training_labels(&config), 2.0);
    let model = support::model(&config, 1, device).with_prior(prior).unwrap();
    let batch = Clips::random(&config, 3, 3).batch(&config, device);
    let weights = ClassWeights::equal(config.au_count());
    let output = model.forward(&batch);
    let shape = output.features.dims();
    let values: Vec<f32> = output.features.clone().try_into_vec_as().unwrap();
    let gdloss = |features: Tensor<3>| {
        let output = microau_model::Output { features, ..output.clone() };
        model.loss(&output, batch.labels.as_ref().unwrap(), &weights).gdloss.unwrap()
    };
    let features = Tensor::<3>::from_data(TensorData::new(values.clone(), shape), device).require_grad();
    let gradient = features.grad(&gdloss(features.clone()).backward()).unwrap().try_into_vec_as::<f32>().unwrap();
    let largest = gradient.iter().fold(0.0f32, |largest, g| largest.max(g.abs()));
    assert!(largest > 0.0);
    for place in (0..values.len()).step_by(7) {
        let moved = |by: f32| {
            let mut values = values.clone();
            values[place] += by;
            gdloss(Tensor::from_data(TensorData::new(values, shape), device)).into_scalar::<f32>()
        };
        let slope = (moved(4e-3) - moved(-4e-3)) / 8e-3;
        assert!((gradient[place] - slope).abs() < 0.02 * largest, "{place}: {} {slope}", gradient[place]);
    }
}

#[test]
fn unknown_labels_have_no_gradient() {
    let device = &Device::flex().autodiff();
    let config = tiny();
    let mut clips = Clips::random(&config, 4, 3);
    clips.labels[1] = vec![None; config.au_count()];
    let batch = clips.batch(&config, device);
    let logits = Tensor::<2>::ones([4, config.au_count()], device).require_grad();
    let labels = batch.labels.unwrap();
    let loss = state_loss(logits.clone(), &labels, ClassWeights::equal(config.au_count()).tensor(device));
    let gradient = logits.grad(&loss.backward()).unwrap().try_into_vec_as::<f32>().unwrap();
    let known = clips.labels.concat();
    assert!(gradient.iter().zip(&known).all(|(g, label)| (*g != 0.0) == label.is_some()));
}

#[test]
fn a_batch_without_any_label_has_loss_zero_and_no_gradient() {
    let device = &Device::flex().autodiff();
    let config = microau_model::MicroAuClipConfig { gdloss: false, ..tiny() };
    let mut clips = Clips::random(&config, 2, 3);
    clips.labels = vec![vec![None; config.au_count()]; 2];
    let batch = clips.batch(&config, device);
    let model = support::model(&config, 1, device);
    let output = model.forward(&batch);
    let loss = model.loss(&output, &batch.labels.unwrap(), &ClassWeights::equal(config.au_count())).total;
    assert_eq!(loss.clone().into_scalar::<f32>(), 0.0);
    let gradients = burn::optim::GradientsParams::from_grads(loss.backward(), &model);
    let bias = params_gradient(&model, &gradients);
    assert!(bias.iter().all(|&g| g == 0.0), "{bias:?}");
}

/// Largest gradient of each weight.
fn params_gradient(model: &microau_model::MicroAuClip, gradients: &burn::optim::GradientsParams) -> Vec<f32> {
    use burn::module::{Module, ModuleVisitor, Param};
    struct Largest<'a>(&'a burn::optim::GradientsParams, Vec<f32>);
    impl ModuleVisitor for Largest<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.get::<D>(param.id) {
                self.1.push(gradient.abs().max().into_scalar::<f32>());
            }
        }
    }
    let mut largest = Largest(gradients, Vec::new());
    model.visit(&mut largest);
    largest.1
}

fn label_table() -> impl Strategy<Value = (usize, Vec<Option<bool>>)> {
    (1usize..6).prop_flat_map(|aus| {
        let label = prop_oneof![Just(None), Just(Some(false)), Just(Some(true))];
        (
            Just(aus),
            proptest::collection::vec(label, 0..40).prop_map(move |mut cells| {
                cells.truncate(cells.len() / aus * aus);
                cells
            }),
        )
    })
}

proptest! {
    #[test]
    fn the_prior_is_symmetric_bounded_and_empty_on_its_diagonal((aus, cells) in label_table(), kappa in 0.0f32..50.0) {
        let labels = TrainingLabels::new(&Au::ALL[..aus], cells.chunks(aus)).unwrap();
        let prior = Prior::from_labels(&labels, kappa);
        for k in 0..aus {
            prop_assert_eq!((prior.dependency_of(k, k), prior.trust_of(k, k)), (0.0, 0.0));
            for l in 0..aus {
                let (c, omega) = (prior.dependency_of(k, l), prior.trust_of(k, l));
                prop_assert_eq!((c, omega), (prior.dependency_of(l, k), prior.trust_of(l, k)));
                prop_assert!((0.0..=1.0).contains(&omega) && c.abs() <= omega + 1e-6, "{} {}", c, omega);
            }
        }
    }

    #[test]
    fn no_au_speaks_for_itself_and_none_that_never_varies_speaks_or_is_spoken_of((aus, cells) in label_table()) {
        let labels = TrainingLabels::new(&Au::ALL[..aus], cells.chunks(aus)).unwrap();
        let couplings = Couplings::from_labels(&labels);
        let seen = |au: usize, label: bool| labels.rows().any(|row| row[au] == Some(label));
        let varies = |au: usize| seen(au, true) && seen(au, false);
        for k in 0..aus {
            for l in 0..aus {
                let weight = couplings.weight_of(k, l);
                prop_assert!(weight.is_finite());
                prop_assert!(weight == 0.0 || (k != l && varies(k) && varies(l)), "{} {} {}", k, l, weight);
            }
        }
    }

    #[test]
    fn class_weights_are_positive_and_capped((aus, cells) in label_table()) {
        let labels = TrainingLabels::new(&Au::ALL[..aus], cells.chunks(aus)).unwrap();
        for &weight in ClassWeights::from_labels(&labels).values() {
            prop_assert!((0.0..=WEIGHT_CAP).contains(&weight));
        }
    }
}
