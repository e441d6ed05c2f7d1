//! Every other dataset read from a tiny one in its own form; the rows are invented.

use super::super::fixture::{Cell, Fixture, all_shown, row};
use super::super::*;
use crate::annotation::{Alternative, Treat};

/// A table of SAMM, with or without rows of text above the header.
fn samm(rows_above: usize, rows: Vec<Vec<Cell>>) -> Fixture {
    let header = row![
        "Subject",
        "Filename",
        "Inducement Code",
        "Onset Frame",
        "Apex Frame",
        "Offset Frame",
        "Duration",
        "Micro",
        "Action Units",
        "Estimated Emotion",
        "Objective Classes",
        "Notes"
    ];
    let text = std::iter::repeat_n(row!["SAMM micro-movements: all rights reserved"], rows_above);
    let fixture = Fixture::new(Layout::Samm);
    let rows = text.chain([header]).chain(rows).collect();
    let other = vec![row!["Subject", "Filename", "Onset Frame", "Offset Frame"]];
    fixture.workbook("SAMM_Micro_FACS_Codes_v2.xlsx", vec![("MICRO_AND_MACRO", other), ("MICRO_ONLY", rows)]);
    fixture
}

#[test]
fn samm_is_read_whatever_stands_above_its_header() {
    for rows_above in [0, 13] {
        let fixture = samm(
            rows_above,
            vec![
                row!["006", "006_1_2", 1, 5562, 5588, 5632, 71, "Micro - 1/2", "A/L12", "Happiness", "I", ""],
                row!["011", "011_2_1", 1, 10, 20, 30, 21, "Micro - 1/2", "ref(7B)+A9E", "Other", "VII", ""],
            ],
        );
        fixture.frames("SAMM/006/006_1_2", "006_#####.jpg", 5562..=5632).frames(
            "SAMM/011/011_2_1",
            "011_#####.jpg",
            1..=40,
        );
        let index = fixture.index();
        assert_eq!(
            all_shown(&index),
            ["samm-006/006_1_2 5562-5588-5632 [12] happiness I", "samm-011/011_2_1 10-20-30 [7+9] others VII",]
        );
        assert!(index.clips[0].frames.ends_with("SAMM/006/006_1_2"));
    }
}

#[test]
fn alternatives_of_samm_follow_the_published_list_unless_the_policy_says_otherwise() {
    let rows = (0..16).map(|number| {
        let name = Cell::Text(Box::leak(format!("006_1_{number}").into_boxed_str()));
        let aus = if number == 15 { "(R12 or R6)+R15" } else { "L12 or L14" };
        row![6, name, 1, 10, 20, 30, 21, "Micro - 1/2", aus, "Happiness", "I", ""]
    });
    let fixture = samm(0, rows.collect());
    let aus = |alternative| {
        let policy = AuPolicy { alternative, ..AuPolicy::default() };
        let (index, _) = fixture.read_with(&ReadSettings { policy, ..ReadSettings::default() });
        [0, 15].map(|clip| index.clips[clip].aus.to_string())
    };
    assert_eq!(aus(Alternative::Listed), ["L14", "R12+R15"]);
    assert_eq!(aus(Alternative::First), ["L12", "R12+R15"]);
    assert_eq!(aus(Alternative::All), ["L12+L14", "R6+R12+R15"]);
    assert_eq!(aus(Alternative::Open), ["?12+?14", "R15+?6+?12"]);
}

#[test]
fn smic_has_no_action_units_and_its_emotions_may_stand_in_names() {
    let fixture = Fixture::new(Layout::Smic);
    fixture
        .workbook(
            "SMIC-HS-E_annotation.xlsx",
            vec![(
                "Sheet1",
                vec![
                    row!["Subject", "Filename", "FirstF", "OnsetF", "OffsetF", "Emotion"],
                    row!["s1", "s1_ne_01", 100, 110, 130, "negative"],
                    row!["s03", "s03_sur_02", 1, 12, 40, 3],
                    row![(), (), (), (), (), ()],
                    row!["FirstF is the first frame of the film"],
                ],
            )],
        )
        .frames("SMIC_all_cropped/HS/s1/micro/negative/s1_ne_01", "reg_image######.bmp", 110..=130)
        .frames("SMIC_all_cropped/HS/s3/micro/surprise/s3_sur_02", "reg_image######.bmp", 12..=40);
    let index = fixture.index();
    assert_eq!(
        all_shown(&index),
        ["smic-01/s1_ne_01 110-_-130 [?] negative _", "smic-03/s03_sur_02 12-_-40 [?] surprise _",]
    );
    assert_eq!(index.clips[0].labels(), microau_core::sample::AuLabels::unannotated());
    assert_eq!(index.clips[0].au_policy, None, "there was nothing to read");
    assert!(fixture.told(&ReadSettings::default()).contains("no apex frames"));
    assert!(index.clips[1].frames.ends_with("s3/micro/surprise/s3_sur_02"));
}

#[test]
fn smic_films_may_hold_several_clips() {
    let fixture = Fixture::new(Layout::Smic);
    fixture
        .workbook(
            "SMIC-HS-E_annotation_2019.xlsx",
            vec![(
                "Sheet1",
                vec![
                    row!["Subject", "Filename", "FirstF", "OnsetF", "ApexF", "OffsetF", "Emotion"],
                    row!["s20", "s20_ne_01", 1, 10, 15, 20, "negative"],
                    row!["s20", "s20_po_02", 1, 30, 35, 40, "positive"],
                ],
            )],
        )
        .frames("HS_long/SMIC-HS-E/s20", "image######.jpg", 1..=50);
    let told = fixture.told(&ReadSettings::default());
    assert!(!told.contains("no apex frames"), "the table of 2019 has them: {told}");
    let index = fixture.index();
    assert_eq!(all_shown(&index)[1], "smic-20/s20_po_02 30-35-40 [?] positive _");
    assert!(index.clips.iter().all(|clip| clip.frames.ends_with("SMIC-HS-E/s20")));
}

#[test]
fn casme_takes_the_second_apex_where_the_first_is_missing() {
    let fixture = Fixture::new(Layout::Casme);
    let header = row!["Subject", "Filename", (), "OnsetF", "ApexF1", "ApexF2", "OffsetF", (), "AU", "Emotion"];
    fixture
        .workbook(
            "casme.xlsx",
            vec![(
                "Sheet1",
                vec![
                    header,
                    row![1, "EP01_12", (), 73, 81, (), 91, (), "4+9", "tense"],
                    row![2, "EP03_5", (), 10, "/", 21, 30, (), 14, "repression"],
                ],
            )],
        )
        .frames("sub01/EP01_12", "EP01_12-#.jpg", 60..=100)
        .frames("sub02/EP03_5", "EP03_5-#.jpg", 1..=40);
    assert_eq!(
        all_shown(&fixture.index()),
        ["casme-01/EP01_12 73-81-91 [4+9] tense _", "casme-02/EP03_5 10-21-30 [14] repression _",]
    );
}

#[test]
fn units_of_4dme_marked_k_follow_the_policy() {
    let header = row![
        "sub_ID",
        "fold_name",
        "Emotion",
        "Onset",
        "Apex",
        "Offset",
        "AUs",
        "AU4",
        "AU7",
        "Positive",
        "Negative",
        "Surprise",
        "Repression",
        "Others",
        "eye blink",
        "Total",
        "fold"
    ];
    let fixture = Fixture::new(Layout::FourDme);
    fixture
        .workbook(
            "4DME_Labelling_Micro_release v1.xlsx",
            vec![(
                "Sheet1",
                vec![
                    header,
                    row!["sub01", "m1", "Negative", 3, 9, 20, "AU4+AU7(k)", 1, 0, 0, 1, 0, 0, 0, 0, 1, 1],
                    row!["sub02", "m2", (), 3, 9, 20, "AU12", 0, 0, 1, 0, 1, 0, 0, 0, 2, 1],
                ],
            )],
        )
        .frames("gray_micro/sub01/m1", "#.jpg", 1..=25)
        .frames("gray_micro/sub02/m2", "#.jpg", 1..=25);
    assert_eq!(
        all_shown(&fixture.index()),
        ["4dme-sub01/m1 3-9-20 [4] negative _", "4dme-sub02/m2 3-9-20 [12] positive+surprise _",]
    );
    let policy = AuPolicy { k: Treat::Open, ..AuPolicy::default() };
    let (index, _) = fixture.read_with(&ReadSettings { policy, ..ReadSettings::default() });
    assert_eq!(index.clips[0].aus.to_string(), "4+?7");
}

#[test]
fn repeated_names_of_casme3a_get_numbers_and_macro_rows_are_told() {
    let header =
        row!["Subject", "Filename", "Expression type", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"];
    let fixture = Fixture::new(Layout::Casme3a);
    fixture
        .workbook(
            "annotation/cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
            vec![(
                "label",
                vec![
                    header,
                    row!["spNO.1", "a", "Micro-expression", "10", "14", "20", "4", "III", "anger"],
                    row!["spNO.1", "a", "Macro-expression", "30", "34", "60", "12", "I", "happy"],
                    row!["spNO.1", "a", "Micro-expression", "40", "44", "50", "R12", "I", "happy"],
                    row!["spNO.1", "a", "Micro-expression", "60", "64", "180", "1", "V", "sad"],
                    row!["spNO.2", "a", "Micro-expression", "1", "4", "9", "14", "VII", "Others"],
                ],
            )],
        )
        .frames("part_A/spNO.1/a/color", "#.jpg", 1..=200)
        .frames("part_A/spNO.1/a/depth", "#.png", 1..=200)
        .frames("part_A/spNO.2/a/color", "#.jpg", 1..=9);
    let (index, problems) = fixture.read();
    assert_eq!(
        all_shown(&index),
        [
            "casme3a-spNO.1/a 10-14-20 [4] anger III",
            "casme3a-spNO.1/a2 40-44-50 [R12] happiness I",
            "casme3a-spNO.1/a3 60-64-180 [1] sadness V",
            "casme3a-spNO.2/a 1-4-9 [14] others VII",
        ]
    );
    assert!(index.clips[2].frames.ends_with("part_A/spNO.1/a/color"));
    let told = problems.to_string();
    assert!(told.contains("rows \"1 row\": macro-expressions") && told.contains("longer than 2 s"), "{told}");
}

#[test]
fn casme3c_separates_units_by_commas_of_two_kinds() {
    let fixture = Fixture::new(Layout::Casme3c);
    fixture
        .workbook(
            "CAS(ME)3_part_C_ME.xlsx",
            vec![(
                "Sheet1",
                vec![
                    row!["sub", "count", "onset", "offset", "au", "emotion"],
                    row!["spNO.201", 1, 10, 20, "R4,5", "disgust"],
                    row!["spNO.201", 2, 30, 40, "4，5，", "disgust"],
                    row![202, 1, 3, 9, "7?", "fear"],
                ],
            )],
        )
        .frames("part_C/spNO.201/color", "#.jpg", 1..=50)
        .frames("part_C/spNO.202/color", "#.jpg", 1..=50);
    assert_eq!(
        all_shown(&fixture.index()),
        [
            "casme3c-spNO.201/1 10-_-20 [R4+5] disgust _",
            "casme3c-spNO.201/2 30-_-40 [4+5] disgust _",
            "casme3c-202/1 3-_-9 [7] fear _",
        ]
    );
}

#[test]
fn casme_squared_is_put_together_from_three_sheets() {
    let fixture = Fixture::new(Layout::CasmeSquared);
    let micro = "micro-expression";
    fixture
        .workbook(
            "CAS(ME)^2code_final(Updated).xlsx",
            vec![
                (
                    "CASFEcode_final",
                    vec![
                        row![1, "disgust1_1", 10, 14, 20, "4", "negative", micro, "disgust"],
                        row![1, "disgust1_2", 30, 40, 60, "4", "negative", "macro-expression", "disgust"],
                        row![2, "happy4_1", 5, 9, 0, "R12", "positive", micro, "happy"],
                        row![9, "happy4_1", 5, 9, 20, "12", "positive", micro, "happy"],
                    ],
                ),
                ("naming rule1", vec![row![1, 15], row![2, 23]]),
                ("naming rule2", vec![row!["0101", "disgust1"], row!["0502", "happy4"]]),
            ],
        )
        .frames("rawpic/s15/15_0101disgustingteeth", "img#.jpg", 1..=70)
        .frames("rawpic/s19/23_0502funnyerrors", "img#.jpg", 1..=70);
    let (index, problems) = fixture.read();
    assert_eq!(
        all_shown(&index),
        ["casme_squared-15/disgust1_1 10-14-20 [4] negative _", "casme_squared-23/happy4_1 5-9-_ [R12] positive _",]
    );
    assert!(index.clips[1].frames.ends_with("s19/23_0502funnyerrors"));
    assert_eq!(problems.count(Severity::Error), 1, "{problems}");
    assert!(problems.to_string().contains("row 4, participant \"9\""), "{problems}");
}

#[test]
fn annotations_without_frames_are_read_where_that_is_what_they_are() {
    let fixture = Fixture::new(Layout::SammLv);
    let text = std::iter::repeat_n(row!["SAMM Long Videos"], 10);
    let header = row![
        "Subject",
        "Filename",
        "Inducement Code",
        "Onset",
        "Apex",
        "Offset",
        "Duration",
        "Type",
        "Action Units",
        "Notes"
    ];
    let rows = [
        header,
        row!["006", "006_1_1", 1, 10, 20, 30, 21, "Micro - 1/2", "L12", ""],
        row!["006", "006_1_2", 1, 40, 50, 90, 51, "Macro", "4", ""],
    ];
    fixture.workbook("SAMM_LongVideos_V2_Release.xlsx", vec![("FINAL", text.chain(rows).collect())]);
    assert_eq!(all_shown(&fixture.index()), ["samm_lv-006/006_1_1 10-20-30 [L12] _ _"]);
    assert_eq!(fixture.index().clips[0].frames, PathBuf::new());

    let fixture = Fixture::new(Layout::Dfme);
    let header =
        row!["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion", "EmotionId", "Fps", "AU"];
    fixture.workbook(
        "training_full_with_AU.xlsx",
        vec![("Sheet1", vec![header, row!["S1", "dfme_1", 1, 9, 20, "fear", 3, 300, "1+4"]])],
    );
    let index = fixture.index();
    assert_eq!(all_shown(&index), ["dfme-S1/dfme_1 1-9-20 [1+4] fear _"]);
    assert_eq!(index.clips[0].rate.unwrap().to_string(), "300");
}
