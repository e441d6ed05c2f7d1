//! Settings as text: `key=value` overrides, and errors that name the nearest key.

use std::path::Path;

use serde::de::DeserializeOwned;

/// How like an unknown name must be to a known one to be meant by it, Jaro-Winkler in [0, 1].
const LIKENESS: f64 = 0.7;

/// Settings of a TOML file, with `key=value` overrides in the order given; a key may go deeper with dots,
/// `model.gda=false`; `weights=` takes a key away. A file may begin with `extends = "other.toml"`, a file beside it whose settings it changes.
///
/// # Errors
/// A sentence that says what is wrong, with the nearest name for an unknown key.
pub fn read<T: DeserializeOwned>(path: &Path, overrides: &[String]) -> Result<T, String> {
    over(extended(path, DEEPEST)?, overrides)
}

/// The default settings with `key=value` overrides.
///
/// # Errors
/// As [`read`].
pub fn of_defaults<T: DeserializeOwned>(overrides: &[String]) -> Result<T, String> {
    over(toml::Table::new(), overrides)
}

fn over<T: DeserializeOwned>(mut table: toml::Table, overrides: &[String]) -> Result<T, String> {
    for text in overrides {
        let (key, value) = text.split_once('=').ok_or_else(|| format!("expected key=value, got {text:?}"))?;
        set(&mut table, key.trim(), value.trim())?;
    }
    table.try_into().map_err(|error: toml::de::Error| with_nearest(error.to_string().trim_end()))
}

/// Most files that extend one another.
const DEEPEST: usize = 8;

/// The table of a file over those that it extends.
fn extended(path: &Path, depth: usize) -> Result<toml::Table, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read: {error}: {}", path.display()))?;
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    match (table.remove("extends"), depth) {
        (None, _) => Ok(table),
        (Some(_), 0) => Err(format!("expected at most {DEEPEST} files that extend one another: {}", path.display())),
        (Some(toml::Value::String(base)), _) => {
            let mut base = extended(&path.with_file_name(base), depth - 1)?;
            merge(&mut base, table);
            Ok(base)
        }
        (Some(other), _) => Err(format!("extends: expected the name of a file, got {other}")),
    }
}

/// Lays a table over another: tables within go into each other, anything else takes the place of what was there.
fn merge(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(over)) => merge(base, over),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

/// Sets a dotted key of a table to a value written as in TOML; a bare word is a string, and nothing takes the key away.
fn set(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let (path, last) = key.rsplit_once('.').map_or((None, key), |(path, last)| (Some(path), last));
    let mut table = table;
    for part in path.iter().flat_map(|path| path.split('.')) {
        let entry = table.entry(part).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        table = entry.as_table_mut().ok_or_else(|| format!("expected a table at {part:?} of {key:?}"))?;
    }
    if value.is_empty() {
        table.remove(last);
        return Ok(());
    }
    let parsed = format!("value = {value}").parse::<toml::Table>().ok().and_then(|mut parsed| parsed.remove("value"));
    table.insert(last.to_owned(), parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())));
    Ok(())
}

/// The message of an unknown name, with the known name that is most like it.
///
/// serde writes ``unknown field `a`, expected one of `b`, `c` `` (or `unknown variant`).
fn with_nearest(message: &str) -> String {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let Some((unknown, known)) = names.split_first().filter(|_| message.contains("unknown ")) else {
        return message.to_owned();
    };
    let likeness = |name: &&str| strsim::jaro_winkler(unknown, name);
    let nearest = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|name| likeness(name) >= LIKENESS) {
        Some(nearest) => format!("{message}\n  hint: did you mean `{nearest}`?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_what_it_extends_and_overrides_change_both() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("base.toml", "a = 1\n[t]\nx = 1\ny = 2\nz = [1, 2]");
        write("more.toml", "extends = \"base.toml\"\n[t]\ny = 3\nz = [4]");
        let read = |name: &str| read::<toml::Table>(&folder.path().join(name), &["t.x=9".to_owned()]);
        assert_eq!(read("more.toml").unwrap().to_string(), read_plain("a = 1\n[t]\nx = 9\ny = 3\nz = [4]"));
        write("round.toml", "extends = \"round.toml\"");
        assert!(read("round.toml").unwrap_err().contains("extend one another"));
        assert!(read("none.toml").unwrap_err().contains("none.toml"));
    }

    fn read_plain(text: &str) -> String {
        text.parse::<toml::Table>().unwrap().to_string()
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest_one() {
        let told = with_nearest("unknown field `lamda`, expected one of `lambda`, `gda`, `kappa`");
        assert!(told.ends_with("did you mean `lambda`?"), "{told}");
        assert_eq!(with_nearest("unknown field `zzz`, expected `gda`"), "unknown field `zzz`, expected `gda`");
        assert_eq!(with_nearest("missing field `steps`"), "missing field `steps`");
    }
}
