//! Finds a model on this machine: a file, or a repository in the Hugging Face cache. Never on the network.
//!
//! ```text
//! <cache>/models--openai--clip-vit-base-patch16/refs/main             → a revision
//! <cache>/models--openai--clip-vit-base-patch16/snapshots/<revision>/model.safetensors
//! ```

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::config::Preset;
use super::error::ClipError;

/// Names under which repositories keep their weights, the first one found wins.
const WEIGHT_NAMES: [&str; 2] = ["model.safetensors", "open_clip_model.safetensors"];

/// The weight file that a user means by `model`: a path to a `.safetensors` file or to a folder with one, a preset
/// (`vit-b-16`), or a repository in the cache (`owner/name`).
///
/// The cache is `HF_HUB_CACHE`, else `HF_HOME/hub`, else `XDG_CACHE_HOME/huggingface/hub`, else
/// `~/.cache/huggingface/hub`.
///
/// # Errors
/// [`ClipError::NotCached`] when the repository is not there, [`ClipError::UnknownModel`] when it is none of these.
pub fn find_weights(model: &str) -> Result<PathBuf, ClipError> {
    find_weights_in(model, &cache_folder(|name| std::env::var_os(name)))
}

fn find_weights_in(model: &str, cache: &Path) -> Result<PathBuf, ClipError> {
    let path = Path::new(model);
    if path.is_file() || path.extension().is_some_and(|end| end == "safetensors") {
        return Ok(path.into());
    }
    if let Some(weights) = weights_in(path) {
        return Ok(weights);
    }
    let repo = match Preset::from_name(model) {
        Some(preset) => preset.repo(),
        None if is_repo(model) => model,
        None => return Err(ClipError::UnknownModel { got: model.into() }),
    };
    find_in_cache(repo, cache).ok_or_else(|| ClipError::NotCached { repo: repo.into(), cache: cache.into() })
}

fn cache_folder(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("HF_HUB_CACHE")
        .or_else(|| Some(folder("HF_HOME")?.join("hub")))
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("huggingface/hub")))
        .or_else(|| Some(folder("HOME")?.join(".cache/huggingface/hub")))
        .or_else(|| Some(folder("USERPROFILE")?.join(".cache/huggingface/hub")))
        .unwrap_or_else(|| ".cache/huggingface/hub".into())
}

/// The revision that `main` names, else the first of the others that has weights.
fn find_in_cache(repo: &str, cache: &Path) -> Option<PathBuf> {
    let folder = cache.join(format!("models--{}", repo.replace('/', "--")));
    let snapshots = folder.join("snapshots");
    let main = std::fs::read_to_string(folder.join("refs/main")).ok();
    let main = main.map(|revision| snapshots.join(revision.trim()));
    let mut revisions: Vec<PathBuf> =
        std::fs::read_dir(&snapshots).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    revisions.sort();
    main.into_iter().chain(revisions).find_map(|revision| weights_in(&revision))
}

fn weights_in(folder: &Path) -> Option<PathBuf> {
    WEIGHT_NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

fn is_repo(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let plain = |part: &&str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    parts.len() == 2 && parts.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cached(cache: &Path, repo: &str, revision: &str, name: &str) -> PathBuf {
        let folder = cache.join(repo).join("snapshots").join(revision);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, "").unwrap();
        path
    }

    #[test]
    fn a_preset_is_found_at_the_revision_that_main_names() {
        let cache = tempfile::tempdir().unwrap();
        let repo = "models--openai--clip-vit-base-patch16";
        let old = cached(cache.path(), repo, "aaaa", "model.safetensors");
        assert_eq!(find_weights_in("vit-b-16", cache.path()).unwrap(), old);
        let main = cached(cache.path(), repo, "bbbb", "model.safetensors");
        std::fs::create_dir_all(cache.path().join(repo).join("refs")).unwrap();
        std::fs::write(cache.path().join(repo).join("refs/main"), "bbbb\n").unwrap();
        assert_eq!(find_weights_in("vit-b-16", cache.path()).unwrap(), main);
    }

    #[test]
    fn a_repository_with_open_clip_weights_is_found_by_its_name() {
        let cache = tempfile::tempdir().unwrap();
        let file = "open_clip_model.safetensors";
        let path = cached(cache.path(), "models--laion--some-model", "c", file);
        assert_eq!(find_weights_in("laion/some-model", cache.path()).unwrap(), path);
        let folder = path.parent().unwrap().to_str().unwrap();
        assert_eq!(find_weights_in(folder, cache.path()).unwrap(), path);
    }

    #[test]
    fn a_preset_that_is_not_cached_says_how_to_fetch_it() {
        let told = find_weights_in("vit-l-14", Path::new("/nowhere")).unwrap_err();
        assert_eq!(
            told.to_string(),
            "expected openai/clip-vit-large-patch14 in the Hugging Face cache, got no weights: /nowhere\n\
             hint: fetch it with `hf download openai/clip-vit-large-patch14` or give the path of a .safetensors file"
        );
    }

    #[test]
    fn what_is_no_model_at_all_is_refused() {
        for text in ["vit-b-17", "a/b/c", "../x", ""] {
            let told = find_weights_in(text, Path::new("/nowhere")).unwrap_err();
            assert!(matches!(told, ClipError::UnknownModel { .. }), "{text}: {told}");
        }
    }

    #[test]
    fn the_cache_is_where_hugging_face_looks_for_it() {
        let all = [("HF_HUB_CACHE", "/a"), ("HF_HOME", "/b"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/d")];
        let expected = ["/a", "/b/hub", "/c/huggingface/hub", "/d/.cache/huggingface/hub"];
        for (first, expected) in expected.into_iter().enumerate() {
            let set = &all[first..];
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(cache_folder(variable), Path::new(expected));
        }
    }
}
