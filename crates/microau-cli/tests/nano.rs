//! The built-in model from the door, on the demo clip, whose movements are known (examples/README.md: AU2 and AU12 from
//! frame 10 to 15), and the two formats of what it says against their descriptions.

mod common;

use std::collections::BTreeSet;

use common::{Run, microau, repository};
use microau::core::time::FrameRate;
use microau::detect::Input;
use serde_json::Value;

const HEADER: &str = "input,face_id,onset,apex,offset,onset_secs,apex_secs,offset_secs,kind,confidence,\
                      AU01,AU02,AU04,AU05,AU06,AU07,AU09,AU10,AU12,AU14,AU15,AU17";

fn demo() -> String {
    repository("examples/demo.mp4").to_str().unwrap().to_owned()
}

/// The only row of a CSV, by column.
fn only_row(run: &Run) -> Vec<(&'static str, String)> {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next(), Some(HEADER));
    let row = lines.next().unwrap();
    assert_eq!(lines.next(), None);
    HEADER.split(',').zip(row.split(',').map(str::to_owned)).collect()
}

fn present(row: &[(&'static str, String)]) -> BTreeSet<&'static str> {
    let present =
        |(column, value): &&(&'static str, String)| column.starts_with("AU") && value.parse::<f64>().unwrap() >= 0.5;
    row.iter().filter(present).map(|(column, _)| *column).collect()
}

#[test]
fn the_movements_of_the_demo_clip_are_found() {
    let row = only_row(&microau(["detect", &demo(), "--format", "csv"]));
    assert!(present(&row).is_superset(&BTreeSet::from(["AU02", "AU12"])), "{row:?}");
    let frame = |place: usize| row[place].1.parse::<u64>().unwrap();
    assert!((8..=12).contains(&frame(2)) && (14..=17).contains(&frame(3)), "{row:?}");
}

#[test]
fn the_movements_of_two_images_are_found() {
    let mut film = Input::film(demo().as_ref()).open(FrameRate::whole(30)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let paths = [10, 15].map(|number| {
        let path = folder.path().join(format!("{number}.png"));
        while let Some(frame) = film.next_frame().unwrap() {
            if frame.index.0 == number {
                frame.image.save(&path).unwrap();
                break;
            }
        }
        path.to_str().unwrap().to_owned()
    });
    let row = only_row(&microau(["detect", &paths[0], &paths[1], "--format", "csv"]));
    assert!(present(&row).is_superset(&BTreeSet::from(["AU02", "AU12"])), "{row:?}");
    assert_eq!(row[0].1, format!("{} -> {}", paths[0], paths[1]));
}

/// All fields of a report, each by the names that lead to it.
fn fields(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            let path = format!("{path}.{name}");
            fields(value, &path, into);
            into.insert(path);
        }),
        Value::Array(list) => list.iter().for_each(|value| fields(value, path, into)),
        _ => {}
    }
}

#[test]
fn the_json_has_the_fields_of_its_description() {
    let page = std::fs::read_to_string(repository("docs/report-format.md")).unwrap();
    let example = page.split("```json").nth(1).unwrap().split("```").next().unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    // one input that is scored and one that is not
    let run = microau(["detect", &demo(), "none.mp4", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&report["format"], &report["version"]), (&example["format"], &example["version"]));

    let [mut described, mut written] = [BTreeSet::new(), BTreeSet::new()];
    fields(&example, "", &mut described);
    fields(&report, "", &mut written);
    assert_eq!(written.difference(&described).collect::<Vec<_>>(), Vec::<&String>::new(), "not described");
    let may_be_missing = |field: &&String| field.ends_with(".left") || field.ends_with(".right");
    let missing: Vec<_> = described.difference(&written).filter(|field| !may_be_missing(field)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "described and not written");
    for field in &described {
        let name = field.rsplit('.').next().unwrap();
        let is_told = [format!("{name}`"), format!("`{name}.")].iter().any(|told| page.contains(told));
        assert!(is_told, "{field} stands in the example and not in the tables");
    }
}
