//! Where the table and the frames of a dataset lie.

use std::path::{Path, PathBuf};

use super::recipe::{RawRow, Recipe};
use crate::frames::ENDINGS;
use crate::problems::{Place, Problems, Severity};

/// Folders below the given one that are looked into.
const DEPTH: usize = 2;

/// The only file below a folder that bears one of the names.
///
/// # Errors
/// One problem when there is none, or more than one.
pub(super) fn table(names: &[&str], dir: &Path) -> Result<PathBuf, Problems> {
    if !dir.is_dir() {
        return Err(Problems::one(dir, "folder", "", "expected a folder that can be read"));
    }
    let is_table = |path: &PathBuf| {
        let name = file_name(path);
        !name.starts_with(['.', '~']) && names.iter().any(|pattern| matches(pattern, &name)) && path.is_file()
    };
    let found: Vec<PathBuf> = folders(dir).iter().flat_map(|folder| entries(folder)).filter(is_table).collect();
    match found.as_slice() {
        [path] => Ok(path.clone()),
        [] => {
            let expected = format!(
                "expected the table of annotations ({}) in it or up to {DEPTH} folders deep\n  \
                 hint: --annotations FILE names it",
                names.join(", ")
            );
            Err(Problems::one(dir, "annotations", "", expected))
        }
        several => {
            let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
            let expected = "expected one table of annotations\n  hint: --annotations FILE chooses one";
            Err(Problems::one(dir, "annotations", names.join(" and "), expected))
        }
    }
}

/// The folder below which the frames of all clips are taken.
pub(super) struct FrameRoot {
    pub path: PathBuf,
}

impl FrameRoot {
    /// The frames of a row, where there are any.
    pub fn frames_of(&self, recipe: &Recipe, row: &RawRow) -> Option<PathBuf> {
        (recipe.tails)(row).iter().find_map(|tail| resolve(&self.path, tail))
    }

    /// Folders of clips that no row is about: `used` are those of rows.
    pub fn without_row(&self, recipe: &Recipe, used: &[PathBuf]) -> Vec<PathBuf> {
        let mut level = vec![self.path.clone()];
        for _ in 0..recipe.clip_depth {
            level = level.iter().flat_map(|folder| subfolders(folder)).collect();
        }
        level.retain(|folder| !used.iter().any(|used| used.starts_with(folder)));
        level
    }
}

/// The folder that holds the frames of most rows; of equals the preferred form. Says which one was taken, and when none is.
pub(super) fn frame_root(
    recipe: &Recipe,
    dir: &Path,
    given: Option<&Path>,
    rows: &[RawRow],
    problems: &mut Problems,
) -> Option<FrameRoot> {
    let place = Place::whole(given.unwrap_or(dir));
    let candidates = folders(given.unwrap_or(dir)).into_iter().map(|path| FrameRoot { path });
    let holds = |root: &FrameRoot| rows.iter().filter(|row| root.frames_of(recipe, row).is_some()).count();
    let preference = |root: &FrameRoot| {
        let path = root.path.strip_prefix(dir).unwrap_or(&root.path).to_string_lossy().to_lowercase();
        recipe.roots.iter().position(|name| path.contains(name)).unwrap_or(recipe.roots.len())
    };
    let mut found: Vec<(usize, usize, FrameRoot)> = candidates
        .map(|root| (rows.len() - holds(&root), preference(&root), root))
        .filter(|(missing, ..)| *missing < rows.len())
        .collect();
    found.sort_by(|left, right| (left.0, left.1, &left.2.path).cmp(&(right.0, right.1, &right.2.path)));
    if found.is_empty() {
        let example = rows.first().and_then(|row| (recipe.tails)(row).into_iter().next()).unwrap_or_default();
        let (severity, message) = if recipe.is_annotation_only {
            (Severity::Note, format!("no frames such as {example}: the index holds annotations only"))
        } else {
            let hint = "--frames DIR names the folder that holds them";
            (Severity::Error, format!("expected folders of frames such as {example}\n  hint: {hint}"))
        };
        problems.add(severity, &place, "frames", "", message);
        return None;
    }
    if found.len() > 1 {
        let others: Vec<String> = found[1..].iter().map(|(.., root)| root.path.display().to_string()).collect();
        let message =
            format!("frames are taken from here; they lie also in {}: --frames DIR chooses", others.join(", "));
        problems.add(Severity::Note, &Place::whole(&found[0].2.path), "frames", "", message);
    }
    found.into_iter().next().map(|(.., root)| root)
}

/// The folder at a path below another, `*` in a part standing for anything; the first by name of several.
fn resolve(root: &Path, tail: &str) -> Option<PathBuf> {
    let (part, rest) = tail.split_once('/').map_or((tail, None), |(part, rest)| (part, Some(rest)));
    if part.is_empty() {
        return holds_images(root).then(|| root.to_owned());
    }
    let here: Vec<PathBuf> = if part.contains('*') {
        subfolders(root).into_iter().filter(|path| matches(part, &file_name(path))).collect()
    } else {
        Some(root.join(part)).filter(|path| path.is_dir()).into_iter().collect()
    };
    here.into_iter().find_map(|path| match rest {
        Some(rest) => resolve(&path, rest),
        None => Some(path),
    })
}

/// A folder and those in it, up to [`DEPTH`] deep, each level by name.
fn folders(dir: &Path) -> Vec<PathBuf> {
    let mut all = vec![dir.to_owned()];
    let mut level = all.clone();
    for _ in 0..DEPTH {
        level = level.iter().flat_map(|folder| subfolders(folder)).collect();
        all.extend(level.iter().cloned());
    }
    all
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let is_folder = |path: &PathBuf| !file_name(path).starts_with('.') && path.is_dir();
    // the system is not asked about the many files whose names say enough
    entries(folder).into_iter().filter(|path| !is_image_name(path)).filter(is_folder).collect()
}

fn holds_images(folder: &Path) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().any(|entry| entry.is_ok_and(|entry| is_image_name(&entry.path())))
}

fn is_image_name(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    ENDINGS.contains(&ending.as_str())
}

/// What lies in a folder, by name; nothing when it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a name is built like a pattern in which `*` stands for anything, size of letters aside.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(head) else { return false };
    (0..=rest.len()).filter(|&cut| rest.is_char_boundary(cut)).any(|cut| matches(tail, &rest[cut..]))
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("CASME2-coding*.xls*", "casme2-coding-20140508.xlsx"));
        assert!(matches("a*b*c", "abc") && matches("*", "") && matches("15_0101*", "15_0101disgustingteeth"));
        assert!(!matches("a*b", "abc") && !matches("a", "ab"));
    }
}
