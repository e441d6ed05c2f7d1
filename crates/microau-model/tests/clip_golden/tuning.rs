//! What of a tower learns.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use microau_model::clip::{Tune, VisualTower};

use crate::golden::{Golden, assert_close, largest_gap, load, values};
use crate::named::{Named, SetAdapters, parameters};

#[test]
fn tuning_trains_what_it_says_and_nothing_else() {
    let device = Device::default().autodiff();
    let golden = Golden::of("p16");
    let trained = |tune: Tune| {
        let tower = load("p16", &device).visual.tuned(tune, 1).unwrap();
        let tokens = tower.patch_tokens(golden.pixels(&device));
        // the plain device's pixels need no gradient: with nothing to train there is no backward pass
        let learned = Param::from_tensor(Tensor::<1>::ones([1], &device));
        let total = (tokens * learned.val().reshape([1, 1, 1])).sum();
        Named::gradients(&tower, &total.backward()).into_keys().collect::<Vec<_>>()
    };
    assert!(trained(Tune::Heads).is_empty());
    // tokens are taken after block 1, so it is the last that can learn
    let last = trained(Tune::Last(1));
    assert_eq!(last.len(), 12);
    assert!(last.iter().all(|name| name.starts_with("blocks.1.")), "{last:?}");
    let lora = trained(Tune::Lora(2));
    assert_eq!(lora.len(), 2 * 4);
    assert!(lora.iter().all(|name| name.contains(".lora.")), "{lora:?}");
    let all = trained(Tune::All);
    assert!(all.contains(&"patch_embedding.weight".into()) && all.contains(&"class_token".into()), "{all:?}");
    // block 2, the pooled head: nothing that patch tokens depend on
    assert!(!all.iter().any(|name| name.starts_with("blocks.2") || name.starts_with("head")), "{all:?}");
}

#[test]
fn tuning_more_than_there_is_is_refused() {
    let tower = load("p16", &Device::default()).visual;
    let told = tower.clone().tuned(Tune::Last(3), 0).unwrap_err().to_string();
    assert_eq!(told, "`tune last`: expected at most the 2 blocks before the patch tokens, got 3");
    for rank in [0, 33] {
        let told = tower.clone().tuned(Tune::Lora(rank), 0).unwrap_err().to_string();
        assert_eq!(told, format!("`tune lora`: expected a rank of 1 to 32, got {rank}"));
    }
}

#[test]
fn adapters_change_nothing_until_they_learn_and_fold_in_without_a_change() {
    let device = Device::default();
    let golden = Golden::of("p16");
    let plain = load("p16", &device).visual;
    let adapted = plain.clone().tuned(Tune::Lora(3), 5).unwrap();
    let tokens = |tower: &VisualTower| values(&tower.patch_tokens(golden.pixels(&device)));
    assert_eq!(tokens(&plain), tokens(&adapted));

    let learned = adapted.map(&mut SetAdapters { path: Vec::new() });
    assert!(largest_gap(&tokens(&plain), &tokens(&learned)) > 0.1);
    let merged = learned.clone().merge_lora();
    assert_eq!(parameters(&merged).len(), parameters(&plain).len());
    // one product instead of two, rounded differently
    assert_close("merged", &tokens(&merged), &tokens(&learned), 2e-5);
}
