//! What all datasets share, tried on CASME II, MMEW and one's own clips; the rows are invented.

mod forms;

use super::fixture::{Cell, Fixture, all_shown, row};
use super::*;

const CASME2_HEADER: [&str; 9] =
    ["Subject", "Filename", "", "OnsetFrame", "ApexFrame", "OffsetFrame", "", "Action Units", "Estimated Emotion"];

/// A table of CASME II below its header.
fn casme2(rows: Vec<Vec<Cell>>) -> Fixture {
    let fixture = Fixture::new(Layout::Casme2);
    let header = CASME2_HEADER.map(|name| if name.is_empty() { Cell::Blank } else { Cell::Text(name) }).to_vec();
    let rows = std::iter::once(header).chain(rows).collect();
    fixture.workbook("CASME2-coding-20140508.xlsx", vec![("Sheet1", rows), ("Sheet2", vec![]), ("Sheet3", vec![])]);
    fixture
}

#[test]
fn casme2_is_read_with_numeric_cells_and_its_objective_classes() {
    let fixture = casme2(vec![
        row!["01", "EP02_01f", (), 46, 59, 86, (), 4, "happiness"],
        row!["17", "EP03_01", (), 100, "/", 140, (), "4+L10+38", "others"],
    ]);
    fixture
        .workbook(
            "CASME2-ObjectiveClasses.xlsx",
            vec![(
                "Sheet1",
                vec![row!["Subject", "Filename", "Objective Class"], row![1, "EP02_01f", 3], row![17, "EP03_01", 7]],
            )],
        )
        .frames("CASME2_RAW/CASME2-RAW/sub01/EP02_01f", "img#.jpg", 30..=90)
        .frames("CASME2_RAW/CASME2-RAW/sub17/EP03_01", "img#.jpg", 90..=150)
        .frames("CASME2_RAW/CASME2-RAW/sub09/EP02_02f", "img#.jpg", 1..=2)
        .frames("Cropped/sub01/EP02_01f", "reg_img#.jpg", 46..=86);
    let (index, problems) = fixture.read();
    assert_eq!(
        all_shown(&index),
        ["casme2-01/EP02_01f 46-59-86 [4] happiness III", "casme2-17/EP03_01 100-_-140 [4+L10+38] others VII"]
    );
    assert_eq!(index.clips[0].frames, fixture.below("CASME2_RAW/CASME2-RAW/sub01/EP02_01f"));
    assert_eq!(index.clips[0].rate.unwrap().to_string(), "200");
    assert!(!problems.has_errors(), "{problems}");
    let told = fixture.told(&ReadSettings::default());
    for part in [
        "sheet Sheet1, row 3, apex \"/\": expected a frame number; the apex is searched",
        "folder \"sub09/EP02_02f\": a folder of frames that no row is about",
        "they lie also in",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn cropped_or_selected_frames_alone_are_found_too() {
    for root in ["Cropped", "CASME2_RAW_selected/CASME2_RAW_selected", "."] {
        let fixture = casme2(vec![row!["01", "EP02_01f", (), 46, 59, 86, (), "4", "happiness"]]);
        fixture.frames(&format!("{root}/sub01/EP02_01f"), "reg_img#.jpg", 46..=86);
        assert!(fixture.index().clips[0].frames.ends_with("sub01/EP02_01f"), "{root}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_and_the_rest_is_kept() {
    let fixture = casme2(vec![
        row!["01", "EP02_01f", (), 46, 59, 86, (), "4", "happiness"],
        row!["01", "EP02_02", (), 46, 59, 86, (), "4", "happiness"],
        row!["02", "EP03", (), "x", 59, 50, (), "4+X", "happiness"],
        row!["02", "EP04", (), 46, 30, 86, (), "4x4", "happiness"],
        row!["02", "EP05", (), 10, 20, 30, (), "", "disgust"],
        row!["02", "EP06", (), 10, 20, 30, (), "5", "disgust"],
        row!["02", "EP06", (), 10, 20, 30, (), "5", "disgust"],
        row!["12", "EP07", (), 10, 20, 30, (), "5", "disgust"],
        row![(), (), (), (), (), (), (), (), ()],
        row!["see the paper for details"],
    ]);
    fixture
        .frames("sub01/EP02_01f", "img#.jpg", 46..=86)
        .frames("sub02/EP03", "img#.jpg", 1..=90)
        .frames("sub02/EP04", "img#.jpg", 1..=90)
        .frames("sub02/EP05", "img#.jpg", (1..=13).chain(17..=29).chain(40..=41))
        .frames("sub02/EP06", "img#.jpg", 1..=15)
        .frames("sub12/EP07", "img#.gif", 1..=40);
    let (index, _) = fixture.read();
    assert_eq!(
        all_shown(&index),
        ["casme2-01/EP02_01f 46-59-86 [4] happiness _", "casme2-02/EP05 10-20-30 [] disgust _",]
    );
    let told = fixture.told(&ReadSettings::default());
    for part in [
        "row 3, frames \"sub01/EP02_02\": expected a folder of frames below",
        "row 4, onset \"x\": expected a frame number",
        "row 5, onset, apex, offset \"46, 30, 86\": expected onset <= apex <= offset",
        "row 5, action units \"4x4\": expected a separator (+ or ,), got \"x4\"",
        "row 6, action units \"\": no unit counts",
        "warning: CASME2-coding-20140508.xlsx, sheet Sheet1, row 6, frames \"14-16, 30\": expected every frame",
        "row 7, apex \"20\": expected a frame file of that number; there are 1 to 15",
        "row 8, clip \"EP06\": expected each clip of a subject once",
        "row 9, frames \"sub12/EP07: 40 other files\": expected images",
        "row 11, row \"see the paper for details\": text, passed over",
        "subject \"casme2-12\": the licence forbids",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn corrections_mend_what_cannot_be_and_are_told() {
    // row 29 below the header lacks its apex, which is listed as 279; row 35 (68) holds another
    let rows = (0..40).map(|number| match number {
        29 => row!["01", "EP29", (), 250, "/", 300, (), "4", "disgust"],
        35 => row!["01", "EP35", (), 10, 20, 90, (), "4", "disgust"],
        _ => row![
            "01",
            Cell::Text(Box::leak(format!("EP{number}x").into_boxed_str())),
            (),
            10,
            20,
            30,
            (),
            "4",
            "disgust"
        ],
    });
    let fixture = casme2(rows.collect());
    let apex = |settings: &ReadSettings| {
        let (index, _) = fixture.read_with(settings);
        ["EP29", "EP35"].map(|name| index.clips.iter().find(|clip| clip.clip == name).unwrap().apex)
    };
    let with = |corrections| ReadSettings { corrections, ..ReadSettings::default() };
    assert_eq!(apex(&with(Corrections::Guarded)), [Some(279), Some(20)]);
    assert_eq!(apex(&with(Corrections::RowKeyed)), [Some(279), Some(68)]);
    assert_eq!(apex(&with(Corrections::Off)), [None, Some(20)]);
    let told = fixture.told(&with(Corrections::Guarded));
    let source = "(source: tvaranka/meb, meb/datasets/datasets.py)";
    assert!(told.contains(&format!("row 31, frames \"250, /, 300\": corrected: apex 279 {source}")), "{told}");
    assert!(told.contains("row 37, frames \"10, 20, 90\": not corrected: apex 68"), "{told}");
    // another file, in which the listed apex lies outside the movement: it is left, and told
    let rows = (0..40).map(|number| {
        let name = Cell::Text(Box::leak(format!("EP{number}").into_boxed_str()));
        row!["01", name, (), 10, "/", 30, (), "4", "disgust"]
    });
    let other = casme2(rows.collect());
    assert!(other.told(&with(Corrections::Guarded)).contains("but it does not fit this row"));
    assert!(other.read().0.clips.iter().all(|clip| clip.apex.is_none()));
}

#[test]
fn a_frame_that_is_not_on_disk_is_mended_where_the_listed_one_is() {
    let header = row![
        "Subject",
        "Filename",
        "OnsetFrame",
        "ApexFrame",
        "OffsetFrame",
        "Action Units",
        "Estimated Emotion",
        "remarks"
    ];
    let clip = |number: i32| {
        row![1, Cell::Text(Box::leak(format!("S01-07-{number:03}").into_boxed_str())), 1, 20, 99, "4", "disgust"]
    };
    let fixture = Fixture::new(Layout::Mmew);
    fixture
        .workbook("MMEW_Micro_Exp.xlsx", vec![("Sheet1", std::iter::once(header).chain((0..34).map(clip)).collect())]);
    for number in 0..34 {
        let last = if number == 33 { 75 } else { 99 };
        fixture.frames(&format!("Micro_Expression/disgust/S01-07-{number:03}"), "#.jpg", 1..=last);
    }
    let index = fixture.index();
    assert_eq!((index.clips[33].apex, index.clips[33].offset), (Some(40), Some(75)));
    assert_eq!((index.clips[32].apex, index.clips[32].offset), (Some(20), Some(99)));
    assert_eq!(index.clips[0].subject, "mmew-01");
    assert!(index.clips[33].frames.ends_with("Micro_Expression/disgust/S01-07-033"));
}

#[test]
fn frames_that_are_not_there_at_all_are_one_error_and_leave_the_annotations() {
    let fixture = casme2(vec![row!["01", "EP02_01f", (), 46, 59, 86, (), "4", "happiness"]]);
    let (index, problems) = fixture.read();
    assert_eq!((index.clips.len(), problems.count(Severity::Error)), (1, 1), "{problems}");
    assert!(problems.to_string().contains("such as sub01/EP02_01f"), "{problems}");
}

#[test]
fn ones_own_positions_become_numbers_of_names() {
    let fixture = Fixture::new(Layout::Generic);
    fixture.frames("films/a", "f_###.png", 10..=30).frames("films/b", "f_###.png", 0..=5).frames(
        "films/c",
        "#.png",
        [],
    );
    let table = "clip,subject,onset,apex,offset,aus,emotion\n\
                 films/a,ann,0,5,9,1+L2,\nfilms/b,bob,0,9,,12,\nfilms/c,bob,0,1,,12,\nfilms/d,bob,0,1,,12,\n";
    std::fs::write(fixture.below("labels.csv"), table).unwrap();
    let (index, problems) = fixture.read();
    assert_eq!(all_shown(&index), ["generic-ann/films/a 10-15-19 [1+L2] _ _"]);
    assert_eq!(problems.count(Severity::Error), 3, "{problems}");
    assert!(problems.to_string().contains("apex \"9\": expected one of 6 frames: generic-bob/films/b"), "{problems}");
    let path = fixture.below("out.csv");
    index.write(&path).unwrap();
    let again =
        read(Layout::Generic, fixture.path(), &ReadSettings { annotations: Some(path), ..ReadSettings::default() });
    assert_eq!(again, (index, Problems::default()));
}

#[test]
fn a_missing_or_doubled_table_is_named_with_what_to_do() {
    let fixture = Fixture::new(Layout::Casme2);
    let told = fixture.told(&ReadSettings::default());
    assert!(told.contains("CASME2-coding*.xls*") && told.contains("hint: --annotations FILE names it"), "{told}");
    let sheet = || vec![("Sheet1", vec![row!["Subject", "Filename"]])];
    fixture.workbook("a/CASME2-coding-20140508.xlsx", sheet()).workbook("CASME2-coding-20190701.xlsx", sheet());
    let told = fixture.told(&ReadSettings::default());
    for part in ["CASME2-coding-20140508.xlsx", "CASME2-coding-20190701.xlsx", "hint: --annotations FILE chooses one"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let annotations = Some(fixture.below("CASME2-coding-20190701.xlsx"));
    let told = fixture.told(&ReadSettings { annotations, ..ReadSettings::default() });
    assert!(
        told.contains("expected a header row with the columns Subject, Filename, OnsetFrame, OffsetFrame"),
        "{told}"
    );
    let (_, problems) = read(Layout::Samm, &fixture.below("nowhere"), &ReadSettings::default());
    assert!(problems.has_errors());
}

#[test]
fn layouts_are_known_by_name_and_others_get_the_nearest() {
    for (layout, name) in Layout::ALL {
        assert_eq!((name.parse(), layout.to_string()), (Ok(layout), name.to_owned()));
    }
    let error = "CASME_II".parse::<Layout>().unwrap_err();
    assert!(error.nearest.contains(&"casme2"), "{error}");
    assert_eq!("sam".parse::<Layout>().unwrap_err().nearest[0], "samm");
}

#[test]
fn what_is_read_goes_through_an_index_file_unchanged() {
    let fixture = casme2(vec![row!["01", "EP02_01f", (), 46, 59, 86, (), "1+L2+R12+38", "happiness"]]);
    fixture.frames("raw/sub01/EP02_01f", "img#.jpg", 46..=86);
    let index = fixture.index();
    let path = fixture.below("index.csv");
    index.write(&path).unwrap();
    assert_eq!(Index::read(&path).unwrap(), index);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "clip,subject,dataset,onset,apex,offset,fps,aus,emotion,objective_class,frames,au_policy\n\
         EP02_01f,casme2-01,casme2,46,59,86,200,1+L2+R12+38,happiness,,raw/sub01/EP02_01f,\
         reference=present doubtful=present alternative=listed k=absent asymmetric=present\n"
    );
}
