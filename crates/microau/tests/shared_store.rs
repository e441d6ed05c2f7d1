//! One store of prepared clips under several indices.

mod support;

use microau::generated::SampleForm;
use microau::prepared::{PrepareError, prepare, read};
use microau_data::Index;

#[test]
fn indices_that_share_a_store_keep_their_own_clips_and_labels() {
    let folder = tempfile::tempdir().unwrap();
    let whole = Index::read(&support::index(folder.path())).unwrap();
    let form = SampleForm { crop_px: 64, keep_pixels: false };
    let store = folder.path().join("store");
    let part = Index { clips: whole.clips[1..5].to_vec() };
    let rest = Index { clips: whole.clips[5..].to_vec() };

    let names = |index: &Index| -> Vec<String> {
        read(&store, index, form).unwrap().into_iter().map(|sample| sample.clip).collect()
    };
    let ids = |index: &Index| -> Vec<String> { index.clips.iter().map(|clip| clip.sample_id()).collect() };
    let kept = |index: &Index| prepare(index, form, &store, &|_| ()).unwrap().kept;

    assert_eq!(kept(&part), 0);
    assert!(matches!(read(&store, &rest, form), Err(PrepareError::NoStore { .. })), "not another index's clips");
    assert_eq!((kept(&rest), kept(&part)), (0, 4), "one index does not take the place of the other");
    assert_eq!((names(&part), names(&rest)), (ids(&part), ids(&rest)));
    assert_eq!(kept(&whole), whole.clips.len() - 1, "the first row alone is new");
    let other_form = SampleForm { crop_px: 96, keep_pixels: true };
    assert!(read(&store, &part, other_form).is_err());

    let mut relabelled = part.clone();
    relabelled.clips[0].aus = "9+L12".parse().unwrap();
    assert_eq!(kept(&relabelled), 4);
    assert_eq!(read(&store, &relabelled, form).unwrap()[0].labels.to_string(), "9+L12");
    assert_eq!(read(&store, &part, form).unwrap()[0].labels, part.clips[0].labels());

    let frame = std::fs::read_dir(&part.clips[0].frames).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&frame).unwrap();
    std::fs::write(&frame, [&bytes[..], b" "].concat()).unwrap();
    assert_eq!(kept(&part), 3, "a frame was replaced under its name");
}
