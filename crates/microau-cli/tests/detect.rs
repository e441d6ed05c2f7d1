//! `microau detect` from the door: a portrait whose cheek moves, scored by a model of random weights.

mod common;

use common::{Run, clip, lifted, microau, portrait, untrained_model};

fn path(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

fn done(run: &Run) {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "stdout: {}", run.stdout);
}

#[test]
fn a_clip_is_searched_and_written_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    let (model, clip) = (untrained_model(folder.path()), clip(folder.path()));
    let run = microau(["detect", path(&clip), "--model", path(&model), "--format", "csv", "--fps", "100"]);
    done(&run);
    let mut lines = run.stdout.lines();
    assert_eq!(
        lines.next().unwrap(),
        "input,face_id,onset,apex,offset,onset_secs,apex_secs,offset_secs,kind,confidence,\
         AU01,AU02,AU04,AU05,AU06,AU07,AU09,AU10,AU12,AU14,AU15,AU17"
    );
    let row: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(row[0], path(&clip));
    assert_eq!((row[1], row[3], row[6]), ("0", "4", "0.040000"), "the cheek is highest at frame 4: {row:?}");
    assert_eq!(row.len(), 10 + 12);
    assert!(row[10..].iter().all(|prob| (0.0..=1.0).contains(&prob.parse::<f64>().unwrap())));
    assert_eq!(lines.next(), None);
}

#[test]
fn given_frames_stand_in_the_json_and_heat_maps_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let (model, clip) = (untrained_model(folder.path()), clip(folder.path()));
    let (out, heatmaps) = (folder.path().join("out.json"), folder.path().join("heat"));
    let run = microau([
        "detect",
        path(&clip),
        "--onset",
        "1",
        "--apex",
        "4",
        "--model",
        path(&model),
        "--format",
        "json",
        "--out",
        path(&out),
        "--heatmaps",
        path(&heatmaps),
        "--threshold",
        "0",
    ]);
    done(&run);
    assert_eq!(run.stdout, "", "with --out nothing goes to stdout");
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!((&report["format"], &report["version"]), (&"microau-report".into(), &1.into()));
    assert_eq!(report["model"]["name"], "untrained.safetensors");
    let interval = &report["inputs"][0]["faces"][0]["intervals"][0];
    assert_eq!((&interval["onset"]["frame"], &interval["apex"]["frame"]), (&1.into(), &4.into()));
    assert_eq!((&interval["offset"], &interval["found_by"]), (&serde_json::Value::Null, &"given".into()));
    assert_eq!(interval["aus"].as_array().unwrap().len(), 12);
    assert_eq!(interval["emotion"]["objective_class"], "VII", "with threshold 0 all twelve are present");
    let pictures = heatmaps.join("clip/face0_onset1_apex4");
    for name in ["AU01.png", "AU17.png", "overview.png"] {
        assert!(image::open(pictures.join(name)).is_ok(), "{name}");
    }
}

#[test]
fn two_images_are_onset_and_apex() {
    let folder = tempfile::tempdir().unwrap();
    let model = untrained_model(folder.path());
    let [onset, apex] = ["onset.png", "apex.png"].map(|name| folder.path().join(name));
    portrait().save(&onset).unwrap();
    lifted(&portrait(), 3.0).save(&apex).unwrap();
    let run = microau(["detect", path(&onset), path(&apex), "--model", path(&model)]);
    done(&run);
    assert!(run.stdout.contains("face 0  onset frame 0 (0.000 s), apex frame 1"), "{}", run.stdout);
    assert!(run.stdout.contains("pulling the corners of the lips"), "{}", run.stdout);
}

#[test]
fn a_table_of_pairs_names_inputs_beside_itself() {
    let folder = tempfile::tempdir().unwrap();
    let model = untrained_model(folder.path());
    clip(folder.path());
    let table = folder.path().join("pairs.csv");
    std::fs::write(&table, "input,onset,apex,offset\nclip,0,4,8\nclip,1,3,\n").unwrap();
    let run = microau(["detect", "--pairs", path(&table), "--model", path(&model), "--format", "csv"]);
    done(&run);
    let rows: Vec<Vec<&str>> = run.stdout.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let frames: Vec<&[&str]> = rows.iter().map(|row| &row[..5]).collect();
    assert_eq!(frames, [["clip", "0", "0", "4", "8"], ["clip", "0", "1", "3", ""]]);
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (model, clip) = (untrained_model(folder.path()), clip(folder.path()));
    let run = || microau(["detect", path(&clip), "--model", path(&model), "--format", "json"]).stdout;
    assert_eq!(run(), run());
}

#[test]
fn a_film_is_written_with_its_frames_as_openface_has_them_and_as_lines() {
    let folder = tempfile::tempdir().unwrap();
    let (model, clip) = (untrained_model(folder.path()), clip(folder.path()));
    let lines = folder.path().join("frames.jsonl");
    let arguments = ["detect", path(&clip), "--model", path(&model), "--fps", "100", "--format", "openface"];
    let overlay = folder.path().join("overlay.mp4");
    let run = microau(arguments.into_iter().chain(["--frames", path(&lines), "--overlay", path(&overlay)]));
    done(&run);
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split(", ").collect()).collect();
    assert_eq!(rows[0][..5], ["frame", "face_id", "timestamp", "confidence", "success"]);
    assert_eq!(rows.len(), 1 + 10, "a header and a row for each frame");
    assert_eq!((rows[1][0], rows[10][0], rows[10][2]), ("1", "10", "0.090000"));
    let lines = std::fs::read_to_string(&lines).unwrap();
    assert_eq!(lines.lines().filter(|line| line.starts_with("{\"type\":\"frame\"")).count(), 10);
    assert_eq!(&std::fs::read(&overlay).unwrap()[4..8], b"ftyp");
}

#[test]
fn a_format_that_does_not_fit_is_told_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let name = path(folder.path());
    let refused = [
        (vec!["detect", name, name, "--format", "eaf"], "expected one input for the format eaf, got 2"),
        (vec!["detect", name, "--format", "parquet"], "expected --out FILE for the format parquet"),
        (vec!["detect", name, "--frames", "frames.xls"], "expected a name that ends in .csv, .jsonl or .parquet"),
        (vec!["detect", name, "--as", "clip", "--format", "openface"], "expected films for frames"),
    ];
    for (arguments, told) in refused {
        let run = microau(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.starts_with(&format!("error: {told}")), "{}", run.stderr);
    }
}

#[test]
fn a_page_for_reading_is_written_beside_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let (model, clip) = (untrained_model(folder.path()), clip(folder.path()));
    let page = folder.path().join("pages/page.html");
    let run = microau(["detect", path(&clip), "--model", path(&model), "--format", "csv", "--report", path(&page)]);
    done(&run);
    assert_eq!(run.stdout.lines().count(), 2, "the result goes where it goes without a page");
    let html = std::fs::read_to_string(&page).unwrap();
    assert_eq!(html.matches("<article").count(), 1);
    assert!(html.matches("src=\"data:image/jpeg;base64,").count() >= 5, "four pictures and a heat map");
    assert!(html.contains("A model of your own") && !html.contains("<script"));
}
