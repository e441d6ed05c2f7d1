//! Plans of stand-ins hold what is published of the data sets.

use std::collections::{BTreeMap, BTreeSet};

use microau_core::emotion::ObjectiveClass;
use microau_synth::SynthError;
use microau_synth::stand_in::{Code, Layout, PlannedClip, StandInPlan, StandInSettings};

const COUNTED: [u8; 12] = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17];

/// Positives in CD6ME (MEB, notebook of Table 4), clips, AUs a clip, people.
#[rustfmt::skip]
const PUBLISHED: [(Layout, [usize; 12], usize, f64, usize); 6] = [
    (Layout::Casme,   [23, 17, 70, 0, 1, 4, 40, 3, 9, 23, 14, 13], 189, 1.34, 19),
    (Layout::Casme2,  [26, 22, 130, 2, 13, 39, 13, 16, 34, 27, 16, 25], 255, 1.46, 26),
    (Layout::Samm,    [6, 18, 23, 10, 3, 46, 5, 6, 28, 13, 4, 6], 159, 1.42, 29),
    (Layout::FourDme, [46, 54, 102, 8, 25, 89, 1, 2, 53, 4, 6, 11], 267, 1.70, 56),
    (Layout::Mmew,    [50, 41, 109, 70, 10, 47, 8, 38, 37, 17, 6, 11], 300, 1.67, 30),
    (Layout::Casme3a, [153, 128, 274, 44, 8, 27, 50, 10, 15, 193, 6, 20], 860, 1.25, 94),
];

fn plan(layout: Layout) -> StandInPlan {
    StandInSettings::new(layout, 7).plan().unwrap()
}

fn shows(clip: &PlannedClip, au: u8) -> bool {
    clip.codes.iter().any(|code| code.counts && code.au == au)
}

fn distinct(clip: &PlannedClip) -> usize {
    clip.codes.iter().filter(|code| code.counts).map(|code| code.au).collect::<BTreeSet<_>>().len()
}

fn counted<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    words.for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
    counts
}

#[test]
fn aus_clips_and_people_are_as_many_as_published_at_full_size() {
    for (layout, aus, clips, cardinality, people) in PUBLISHED {
        for seed in [7, 8] {
            let plan = StandInSettings::new(layout, seed).plan().unwrap();
            assert_eq!(plan.clips.len(), clips, "{layout:?}");
            for (au, count) in COUNTED.into_iter().zip(aus) {
                assert_eq!(plan.clips.iter().filter(|clip| shows(clip, au)).count(), count, "{layout:?} AU{au}");
            }
            let all: usize = plan.clips.iter().map(distinct).sum();
            // published with two digits
            assert!((all as f64 / clips as f64 - cardinality).abs() < 0.0051, "{layout:?}: {all} of {clips}");
            let persons: BTreeSet<u32> = plan.clips.iter().map(|clip| clip.person).collect();
            assert_eq!(persons.len(), people, "{layout:?}");
        }
    }
}

#[test]
fn as_many_different_aus_are_annotated_as_published() {
    let published = [
        (Layout::Casme, 21),
        (Layout::Casme2, 19),
        (Layout::Samm, 27),
        (Layout::FourDme, 19),
        (Layout::Mmew, 21),
        (Layout::Casme3a, 24),
    ];
    for (layout, count) in published {
        let plan = plan(layout);
        let codes = plan.clips.iter().flat_map(|clip| &clip.codes).filter(|code| code.counts);
        assert_eq!(codes.map(|code| code.au).collect::<BTreeSet<_>>().len(), count, "{layout:?}");
    }
}

#[test]
fn emotions_are_as_many_as_published() {
    let published: [(Layout, &[(&str, usize)]); 3] = [
        (
            Layout::Casme2,
            &[
                ("others", 99),
                ("disgust", 63),
                ("happiness", 32),
                ("repression", 27),
                ("surprise", 25),
                ("sadness", 7),
                ("fear", 2),
            ],
        ),
        (
            Layout::Samm,
            &[
                ("Anger", 57),
                ("Happiness", 26),
                ("Other", 26),
                ("Surprise", 15),
                ("Contempt", 12),
                ("Disgust", 9),
                ("Fear", 8),
                ("Sadness", 6),
            ],
        ),
        (
            Layout::Casme3a,
            &[
                ("disgust", 250),
                ("surprise", 187),
                ("others", 158),
                ("Others", 3),
                ("fear", 86),
                ("anger", 64),
                ("sad", 57),
                ("happy", 55),
            ],
        ),
    ];
    for (layout, emotions) in published {
        let plan = plan(layout);
        let seen = counted(plan.clips.iter().map(|clip| clip.emotion.as_str()));
        let wanted = emotions.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect();
        assert_eq!(seen, wanted, "{layout:?}");
    }
}

#[test]
fn objective_classes_of_casme_ii_and_samm_are_as_many_as_published() {
    for (layout, classes) in [(Layout::Casme2, [25, 15, 99, 26, 20, 1, 69]), (Layout::Samm, [24, 13, 20, 8, 3, 7, 84])]
    {
        for seed in 1..5 {
            let plan = StandInSettings::new(layout, seed).plan().unwrap();
            let count = |class| plan.clips.iter().filter(|clip| clip.class == class).count();
            assert_eq!(ObjectiveClass::ALL.map(count), classes, "{layout:?} seed {seed}");
        }
    }
}

/// Phi of two AUs over the clips of CASME II, SAMM and CAS(ME)³ part A, and how often they meet.
fn phi(plans: &[StandInPlan], a: u8, b: u8) -> (f64, usize) {
    let clips: Vec<&PlannedClip> = plans.iter().flat_map(|plan| &plan.clips).collect();
    let count = |test: &dyn Fn(&PlannedClip) -> bool| clips.iter().filter(|clip| test(clip)).count() as f64;
    let (n, x, y) = (clips.len() as f64, count(&|clip| shows(clip, a)), count(&|clip| shows(clip, b)));
    let both = count(&|clip| shows(clip, a) && shows(clip, b));
    ((n * both - x * y) / (x * (n - x) * y * (n - y)).sqrt(), both as usize)
}

#[test]
fn aus_keep_the_company_that_they_keep_in_real_annotations() {
    let plans = [Layout::Casme2, Layout::Samm, Layout::Casme3a].map(plan);
    for (a, b, published) in [(1, 2, 0.69), (6, 12, 0.24), (15, 17, 0.17), (4, 9, 0.15), (4, 14, -0.29), (1, 4, -0.28)]
    {
        let (phi, both) = phi(&plans, a, b);
        // the pool's phi is not the mean of the sets', which have other shares of each AU
        assert!((phi - published).abs() < 0.09, "{a}+{b}: {phi:.3} with {both} together, published {published}");
    }
    for (a, b) in [(7, 14), (5, 14), (1, 9), (2, 9), (1, 17), (2, 17), (10, 14)] {
        assert_eq!(phi(&plans, a, b).1, 0, "{a}+{b}");
    }
    let clips: Vec<&PlannedClip> = plans.iter().flat_map(|plan| &plan.clips).collect();
    let singles = clips.iter().filter(|clip| distinct(clip) == 1).count() as f64 / clips.len() as f64;
    assert!((singles - 0.73).abs() < 0.02, "{singles}");
}

#[test]
fn independent_aus_are_as_many_and_keep_no_company() {
    let independent = |layout| StandInSettings { independent: true, ..StandInSettings::new(layout, 7) }.plan().unwrap();
    for (layout, aus, ..) in PUBLISHED {
        let plan = independent(layout);
        for (au, count) in COUNTED.into_iter().zip(aus) {
            assert_eq!(plan.clips.iter().filter(|clip| shows(clip, au)).count(), count, "{layout:?} AU{au}");
        }
    }
    let plans = [Layout::Casme2, Layout::Samm, Layout::Casme3a].map(independent);
    for (a, b) in [(1, 2), (6, 12), (4, 14), (1, 4), (7, 14)] {
        // four standard deviations of phi over 1,274 clips; more AU1 goes with more AU2 from set to set
        assert!(phi(&plans, a, b).0.abs() < 0.12, "{a}+{b}: {:?}", phi(&plans, a, b));
    }
    let without = plans[0].clips.iter().filter(|clip| distinct(clip) == 0).count();
    assert!(without > 20, "{without} clips show nothing");
    assert!(Layout::ALL.map(independent).iter().all(|plan| !plan.workbooks().is_empty()));
}

#[test]
fn cells_of_casme_ii_have_the_published_shapes() {
    let plan = plan(Layout::Casme2);
    let codes: Vec<&Code> = plan.clips.iter().flat_map(|clip| &clip.codes).collect();
    let shaped = |test: &dyn Fn(&str) -> bool| codes.iter().filter(|code| test(&code.text)).count();
    let plain = shaped(&|text| text.chars().all(|c| c.is_ascii_digit()));
    let marked = [shaped(&|t| t.starts_with('L')), shaped(&|t| t.starts_with('R')), shaped(&|t| t.ends_with('?'))];
    assert_eq!((plain, marked), (311, [37, 23, 5]));
    assert_eq!(plan.clips.iter().filter(|clip| clip.is_plain()).count(), 133);
    assert_eq!(plan.clips.iter().filter(|clip| clip.noted_apex.is_none()).count(), 21);
    assert!(plan.clips.iter().any(|clip| clip.noted_apex == Some(clip.onset)));
    assert!(plan.clips.iter().any(|clip| clip.noted_apex == Some(clip.offset)));
    let strays: Vec<String> = plan.strays.iter().map(|clip| plan.folder(clip)).collect();
    assert_eq!(strays, ["CASME2_RAW/CASME2-RAW/sub09/EP02_02f", "CASME2_RAW/CASME2-RAW/sub24/EP02_07"]);
}

#[test]
fn lengths_are_those_published() {
    for (layout, [least, median, most]) in [(Layout::Casme2, [24, 61, 141]), (Layout::Samm, [30, 78, 101])] {
        let plan = plan(layout);
        let mut lengths: Vec<u32> = plan.clips.iter().map(PlannedClip::frames).collect();
        lengths.sort_unstable();
        assert_eq!([lengths[0], lengths[lengths.len() / 2], lengths[lengths.len() - 1]], [least, median, most]);
    }
}

#[test]
fn the_events_of_cas_me_3_lie_on_as_many_films_as_published() {
    let plan = plan(Layout::Casme3a);
    let films: BTreeSet<String> = plan.clips.iter().map(|clip| plan.folder(clip)).collect();
    assert_eq!((films.len(), plan.clips.len()), (463, 860));
}

#[test]
fn codes_of_samm_carry_what_its_coders_write() {
    let plan = plan(Layout::Samm);
    let texts: Vec<&str> = plan.clips.iter().flat_map(|clip| &clip.codes).map(|code| code.text.as_str()).collect();
    for text in [
        "(R6 or R12)",
        "L12 or L14",
        "R12A or R14A",
        "A12B",
        "A9E",
        "A/L12",
        "B18",
        "AD38",
        "M58",
        "ref(7B)",
        "ref(43)",
    ] {
        assert!(texts.contains(&text), "{text}");
    }
    assert_eq!(texts.iter().filter(|text| text.contains(" or ")).count(), 5);
}

#[test]
fn every_layout_names_clips_folders_and_frames_once() {
    for layout in Layout::ALL {
        let plan = plan(layout);
        let mut frames = BTreeSet::new();
        for clip in plan.clips.iter().chain(&plan.strays) {
            assert!(clip.onset < clip.apex && clip.apex < clip.offset, "{layout:?} {clip:?}");
            assert!(!clip.name.is_empty() && !clip.subject.is_empty());
            for number in clip.numbers(plan.settings.margin) {
                let name = format!("{}/{}", plan.folder(clip), plan.frame_name(clip, number));
                assert!(frames.insert(name.clone()), "{layout:?} has {name} twice");
            }
        }
        assert_eq!(frames.len(), plan.frames());
        assert!(plan.clips.iter().all(|clip| !clip.codes.is_empty()), "{layout:?}");
    }
}

#[test]
fn small_stand_ins_keep_proportions_people_and_quirks() {
    for layout in Layout::ALL {
        for clips in [1, 2, 9, 24] {
            let plan = StandInSettings { clips: Some(clips), ..StandInSettings::new(layout, 3) }.plan().unwrap();
            let extra = if layout == Layout::Smic { plan.strays.len() } else { 0 };
            assert_eq!(plan.clips.len() + extra, clips, "{layout:?}");
        }
    }
    let plan = StandInSettings { clips: Some(24), ..StandInSettings::new(Layout::Casme2, 3) }.plan().unwrap();
    let frowns = plan.clips.iter().filter(|clip| shows(clip, 4)).count();
    assert!((11..=13).contains(&frowns), "130 of 255 is {frowns} of 24");
    assert_eq!(plan.strays.len(), 2);
    let has = |test: &dyn Fn(&PlannedClip) -> bool| plan.clips.iter().any(test);
    assert!(
        has(&|clip| clip.noted_apex.is_none())
            && has(&|clip| clip.is_plain())
            && has(&|clip| clip.cell().contains('?'))
    );
    let people = StandInSettings { subjects: Some(4), ..StandInSettings::new(Layout::Samm, 3) }.plan().unwrap();
    assert_eq!(people.clips.iter().map(|clip| clip.person).collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(people.clips.len(), 22, "159 clips of 29 people are 22 of 4");
}

#[test]
fn the_same_seed_gives_the_same_plan_and_another_a_different_one() {
    let of = |seed| StandInSettings { clips: Some(40), ..StandInSettings::new(Layout::Mmew, seed) }.plan().unwrap();
    assert_eq!(of(5), of(5));
    assert_ne!(of(5).clips, of(6).clips);
}

#[test]
fn more_than_a_data_set_has_is_refused() {
    let asked = StandInSettings { clips: Some(256), ..StandInSettings::new(Layout::Casme2, 1) };
    let error = asked.plan().unwrap_err();
    assert!(matches!(error, SynthError::BadSetting { name: "clips", .. }), "{error}");
    assert!(error.to_string().contains("255"), "{error}");
    let asked = StandInSettings { subjects: Some(0), ..StandInSettings::new(Layout::Casme2, 1) };
    assert!(asked.plan().is_err());
}

/// The rule of three classes fixed before any label was looked at: positive if AU12 without 4, 9, 15, or AU6 alone; surprise
/// if 1+2 or 5 or 25 or 26, without 4; else negative.
fn group_by_rule(clip: &PlannedClip) -> usize {
    let has = |au| shows(clip, au);
    let smile = has(12) && !has(4) && !has(9) && !has(15) || has(6) && distinct(clip) == 1;
    let startle = (has(1) && has(2) || has(5) || has(25) || has(26)) && !has(4);
    if smile {
        0
    } else if startle {
        1
    } else {
        2
    }
}

#[test]
fn emotions_follow_from_aus_as_far_as_real_ones_do() {
    let group = |emotion: &str| match emotion.to_lowercase().as_str() {
        "happiness" | "happy" => Some(0),
        "surprise" => Some(1),
        "others" | "other" => None,
        _ => Some(2),
    };
    // UF1 of the rule on the real annotations
    for (layout, published) in [(Layout::Casme2, 0.837), (Layout::Samm, 0.954), (Layout::Casme3a, 0.595)] {
        let plan = plan(layout);
        let pairs: Vec<(usize, usize)> =
            plan.clips.iter().filter_map(|clip| Some((group(&clip.emotion)?, group_by_rule(clip)))).collect();
        let f1 = |class| {
            let hits = pairs.iter().filter(|pair| **pair == (class, class)).count() as f64;
            let named = pairs.iter().map(|(a, b)| usize::from(*a == class) + usize::from(*b == class)).sum::<usize>();
            2.0 * hits / named as f64
        };
        let uf1 = (f1(0) + f1(1) + f1(2)) / 3.0;
        assert!((uf1 - published).abs() < 0.1, "{layout:?}: {uf1:.3}, published {published}");
    }
}
