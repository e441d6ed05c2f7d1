//! Texts: the tokenizer, and what the text tower does with what it is given.

use burn::tensor::Device;
use microau_model::clip::ClipTokenizer;

use crate::golden::{assert_close, asset, load, values};

#[test]
fn tokens_agree_with_hugging_faces_clip_tokenizer() {
    let golden = std::fs::read_to_string(asset("tokens.golden.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let tokenizer = ClipTokenizer::new();
    let rows = golden["texts"].as_array().unwrap();
    assert!(rows.len() > 10);
    for row in rows {
        let text = row["text"].as_str().unwrap();
        let ids: Vec<u32> = serde_json::from_value(row["ids"].clone()).unwrap();
        assert_eq!(tokenizer.encode(text, 77), ids, "{text:?}");
    }
}

#[test]
fn padding_after_the_end_of_a_text_changes_nothing() {
    let text = load("p16", &Device::default()).text;
    let short = text.embed(&[vec![37, 5, 9, 39]]).unwrap();
    let padded = text.embed(&[vec![37, 5, 9, 39, 39, 39, 39], vec![37, 1, 1, 1, 1, 1, 39]]).unwrap();
    // products of another size may add up in another order
    assert_close("padded", &values(&short), &values(&padded)[..20], 1e-5);
}

#[test]
fn texts_that_the_tower_cannot_read_are_refused() {
    let text = load("p14", &Device::default()).text;
    let told = |ids: &[u32]| text.embed(&[vec![37, 38], ids.to_vec()]).unwrap_err().to_string();
    assert_eq!(told(&[38; 9]), "text 1: expected at most 8 tokens, got 9");
    assert_eq!(told(&[38, 40]), "text 1: expected token ids below 40, got 40");
    assert_eq!(told(&[1, 2]), "text 1: expected an end-of-text token, got 2 tokens without it");
}
