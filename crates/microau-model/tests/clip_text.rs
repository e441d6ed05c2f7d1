//! From written prompts through CLIP's tokenizer and a text tower to text vectors.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use microau_core::au::Au;
use microau_model::clip::{ClipTokenizer, LoadSettings, TextTower};
use microau_model::prompt::{LearnedContext, Prompts, TextFeatures, TokenisedPrompts};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

const AUS: [Au; 3] = [Au::Au1, Au::Au4, Au::Au12];
/// CLIP's own vocabulary and context.
const SIZES: [(&str, usize); 2] = [("token_embedding", 49_408), ("text_model.embeddings.position_embedding", 77)];

/// The tiny tower of the goldens with CLIP's vocabulary and context: its rows again and again.
fn tower(folder: &Path) -> TextTower {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/assets/clip/p14");
    let bytes = std::fs::read(golden.join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensors: Vec<_> = file.iter().map(|(name, view)| enlarged(name, &view)).collect();
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, data)| (name.as_str(), TensorView::new(*dtype, shape.clone(), data).unwrap()));
    std::fs::write(folder.join("model.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();
    let config = std::fs::read_to_string(golden.join("config.json")).unwrap();
    let config = config.replace("\"eos_token_id\": 38", "\"eos_token_id\": 49407");
    let config = config.replace("\"vocab_size\": 40", "\"vocab_size\": 49408");
    let config = config.replace("\"max_position_embeddings\": 8", "\"max_position_embeddings\": 77");
    std::fs::write(folder.join("config.json"), config).unwrap();
    TextTower::load(&folder.join("model.safetensors"), &LoadSettings::default(), &Device::flex()).unwrap()
}

fn enlarged(name: &str, view: &TensorView) -> (String, safetensors::Dtype, Vec<usize>, Vec<u8>) {
    let (mut shape, mut data) = (view.shape().to_vec(), view.data().to_vec());
    if let Some((_, rows)) = SIZES.iter().find(|(part, _)| name.contains(part)) {
        let row_bytes = data.len() / shape[0];
        data = data.iter().copied().cycle().take(rows * row_bytes).collect();
        shape[0] = *rows;
    }
    (name.to_owned(), view.dtype(), shape, data)
}

#[test]
fn text_vectors_are_the_mean_directions_of_the_embeddings_of_the_prompts() {
    let folder = tempfile::tempdir().unwrap();
    let (tower, tokenizer, prompts) = (tower(folder.path()), ClipTokenizer::new(), Prompts::built_in());
    let text = TextFeatures::from_clip(&prompts, &AUS, &tower, &tokenizer).unwrap();
    let sentences = prompts.inactive(AUS[1]).unwrap();
    let mut mean = vec![0.0; text.width()];
    for sentence in &sentences {
        let vector: Vec<f32> =
            tower.embed(&[tokenizer.encode(&sentence.whole(), 77)]).unwrap().try_into_vec_as().unwrap();
        let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        mean.iter_mut().zip(&vector).for_each(|(sum, v)| *sum += v / length);
    }
    let length = mean.iter().map(|v| v * v).sum::<f32>().sqrt();
    let got: Vec<f32> = text.tensors(&Device::flex()).inactive.try_into_vec_as().unwrap();
    for (got, expected) in got[text.width()..2 * text.width()].iter().zip(&mean) {
        assert!((got - expected / length).abs() < 1e-5);
    }
    assert_eq!(text.emotions().len(), 7);
}

#[test]
fn a_context_is_learned_in_the_prompts_of_this_project() {
    let folder = tempfile::tempdir().unwrap();
    let (tower, tokenizer, prompts) = (tower(folder.path()), ClipTokenizer::new(), Prompts::built_in());
    let written = TextFeatures::from_clip(&prompts, &AUS, &tower, &tokenizer).unwrap();
    let tokens = TokenisedPrompts::new(&prompts, &AUS, &tokenizer).unwrap();
    let learned = LearnedContext::new(16, tower, &tokens, 1).unwrap().features();
    assert_eq!((learned.aus(), learned.width()), (written.aus(), written.width()));
    let names = |text: &TextFeatures| text.emotions().iter().map(|emotion| emotion.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&learned), names(&written));
    assert_ne!(learned, written);
    let rows = learned.emotions().iter().map(|emotion| emotion.vector.clone());
    for row in rows {
        assert!((row.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-4);
    }
}
