//! Figures of whole runs, from their lines to their tables, with fractions worked by hand.

use std::collections::BTreeMap;

use microau_core::au::Au;
use microau_eval::bootstrap::Bootstrap;
use microau_eval::compare::compare;
use microau_eval::figure::Figure;
use microau_eval::measure::{AuChoice, Scope};
use microau_eval::metrics::metrics;
use microau_eval::protocol::Protocol;
use microau_eval::run_figures::RunFigures;
use microau_eval::run_scores::RunScores;
use microau_eval::scores::{SampleScores, ScoresError};
use microau_eval::sheets;
use microau_eval::table::Format;
use proptest::prelude::*;

type Unit = (Au, Option<bool>, f64);

fn line(dataset: &str, subject: &str, sample: &str, seed: u64, units: &[Unit]) -> SampleScores {
    SampleScores {
        sample: sample.to_owned(),
        dataset: dataset.to_owned(),
        subject: format!("{dataset}-{subject}"),
        fold: format!("{dataset}-{subject}"),
        seed,
        labels: units.iter().map(|&(au, label, _)| (au, label)).collect(),
        probs: units.iter().map(|&(au, _, prob)| (au, prob)).collect(),
        emotion: None,
        objective_class: None,
        emotion_text: BTreeMap::new(),
    }
}

/// AU4 and AU12 on two data sets; AU12 is never labelled as present in `samm`.
///
/// AU4 in casme2: hit, miss, false alarm, rejection; in samm: hit, hit.
/// AU12 in casme2: hit, rejection, open, false alarm; in samm: rejection, rejection.
fn lines(seed: u64) -> Vec<SampleScores> {
    let both = |four: (bool, f64), twelve: (Option<bool>, f64)| {
        [(Au::Au4, Some(four.0), four.1), (Au::Au12, twelve.0, twelve.1)]
    };
    vec![
        line("casme2", "s1", "a", seed, &both((true, 0.9), (Some(true), 0.8))),
        line("casme2", "s1", "b", seed, &both((true, 0.2), (Some(false), 0.1))),
        line("casme2", "s2", "c", seed, &both((false, 0.7), (None, 0.9))),
        line("casme2", "s2", "d", seed, &both((false, 0.1), (Some(false), 0.6))),
        line("samm", "s1", "a", seed, &both((true, 0.8), (Some(false), 0.2))),
        line("samm", "s3", "b", seed, &both((true, 0.6), (Some(false), 0.3))),
    ]
}

fn run(lines: Vec<SampleScores>) -> RunScores {
    RunScores::new(lines).unwrap()
}

fn value(figures: &RunFigures, scope: Scope, au: Option<Au>, figure: Figure) -> Option<f64> {
    figures.cell(scope, au, figure).value
}

#[test]
fn figures_are_pooled_over_folds_and_taken_on_each_data_set() {
    let figures = RunFigures::new(&run(lines(0)), &AuChoice::All, None).unwrap();
    let of = |scope, au, figure| value(&figures, scope, au, figure);
    let (four, twelve) = (Some(Au::Au4), Some(Au::Au12));
    // AU4 on the pool: 3 hits, 1 false alarm, 1 miss, 1 rejection; AU12: 1 hit, 1 false alarm, 3 rejections
    assert_eq!(of(Scope::Pooled, four, Figure::BinaryF1), Some(6.0 / 8.0));
    assert_eq!(of(Scope::Pooled, four, Figure::MacroF1), Some((6.0 / 8.0 + 2.0 / 4.0) / 2.0));
    assert_eq!(of(Scope::Pooled, twelve, Figure::BinaryF1), Some(2.0 / 3.0));
    assert_eq!(of(Scope::Pooled, None, Figure::BinaryF1), Some((6.0 / 8.0 + 2.0 / 3.0) / 2.0));
    // AU4: the active .9 .2 .8 .6 against the inactive .7 .1 win 2, 1, 2, 1 pairs of 8
    assert_eq!(of(Scope::Pooled, four, Figure::RocAuc), Some(6.0 / 8.0));
    // casme2: AU4 2/4, AU12 2/3; samm: AU4 4/4, AU12 has no positives
    let casme2 = (2.0 / 4.0 + 2.0 / 3.0) / 2.0;
    assert_eq!(of(Scope::Dataset(0), None, Figure::BinaryF1), Some(casme2));
    assert_eq!(of(Scope::Dataset(1), twelve, Figure::BinaryF1), None);
    assert_eq!(of(Scope::DatasetMean, None, Figure::BinaryF1), Some((casme2 + 1.0) / 2.0));
    assert_eq!(of(Scope::DatasetMeanOrZero, None, Figure::BinaryF1), Some((casme2 + 1.0 / 2.0) / 2.0));
}

#[test]
fn labels_left_open_are_not_counted() {
    let figures = RunFigures::new(&run(lines(0)), &AuChoice::All, None).unwrap();
    let counts = |au| figures.pool().aus.iter().find(|(of, _)| *of == au).unwrap().1;
    assert_eq!((counts(Au::Au4).positives, counts(Au::Au4).negatives), (4, 2));
    assert_eq!((counts(Au::Au12).positives, counts(Au::Au12).negatives), (1, 4));
    let evaluable = [Figure::BinaryF1, Figure::MacroF1].map(|figure| figures.parts[2].evaluable(figure));
    assert_eq!(evaluable, [1, 0], "samm has AU4 alone, and in every clip");
}

#[test]
fn seeds_are_averaged_with_their_spread() {
    let mut both = lines(1);
    let mut better = lines(2);
    // under the second seed the miss of AU4 is found: 4 hits, 1 false alarm
    better[1].probs.insert(Au::Au4, 0.75);
    both.extend(better);
    let figures = RunFigures::new(&run(both), &AuChoice::All, None).unwrap();
    let cell = figures.cell(Scope::Pooled, Some(Au::Au4), Figure::BinaryF1);
    let (first, second) = (6.0 / 8.0, 8.0 / 9.0);
    assert_eq!(cell.value, Some((first + second) / 2.0));
    // two numbers lie half their distance from the mean: sd = distance / sqrt(2)
    let expected = (second - first) / 2f64.sqrt();
    assert!((cell.spread.unwrap() - expected).abs() < 1e-15, "rounding of one root");
    assert_eq!(figures.seeds, [1, 2]);
}

#[test]
fn under_loso_each_data_set_is_judged_on_its_own_units() {
    let units = |au: Au| (au, Some(true), 0.9);
    let all = Au::CD6ME.map(units);
    let lines =
        vec![line("casme2", "s1", "a", 0, &all), line("samm", "s1", "a", 0, &all), line("own", "s1", "a", 0, &all)];
    let figures = RunFigures::new(&run(lines), &AuChoice::of(Protocol::Loso), None).unwrap();
    let judged: Vec<usize> = figures.parts.iter().map(|part| part.aus.len()).collect();
    assert_eq!(judged, [12, 8, 12, 4], "the pool, casme2, own (of which the field has not said), samm");
    // AU1 is judged on casme2 and own alone
    assert_eq!(figures.pool().aus[0].1.positives, 2);
}

#[test]
fn units_that_were_not_scored_are_refused_by_name() {
    let error = RunFigures::new(&run(lines(0)), &AuChoice::Given(vec![Au::Au9]), None).unwrap_err();
    assert_eq!(error.to_string(), "expected scores of AU09, got none; the run has AU04, AU12");
}

#[test]
fn an_interval_of_one_subject_is_the_figure_itself() {
    let lines = lines(0).into_iter().filter(|line| line.subject == "casme2-s1").collect();
    let figures = RunFigures::new(&run(lines), &AuChoice::All, Some(Bootstrap::default())).unwrap();
    let cell = figures.cell(Scope::Pooled, Some(Au::Au4), Figure::BinaryF1);
    let interval = cell.interval.unwrap();
    // 1 hit, 1 miss, whatever is drawn
    assert_eq!((interval.low, cell.value, interval.high), (2.0 / 3.0, Some(2.0 / 3.0), 2.0 / 3.0));
}

#[test]
fn intervals_span_what_other_subjects_would_give() {
    let lines = lines(0).into_iter().filter(|line| line.dataset == "casme2").collect();
    let figures = RunFigures::new(&run(lines), &AuChoice::All, Some(Bootstrap::default())).unwrap();
    let cell = figures.cell(Scope::Pooled, Some(Au::Au4), Figure::BinaryF1);
    // s1 twice: 2/3; both: 2/4; s2 twice: no positives, in a quarter of the draws
    let interval = cell.interval.unwrap();
    assert_eq!((interval.low, interval.high), (2.0 / 4.0, 2.0 / 3.0));
    // 250 of 1000 with a deviation of 13.7; six of them are allowed
    assert!((168..=332).contains(&interval.undefined), "{}", interval.undefined);
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let run = run(lines(0));
    let comparison = compare(&run, &run, &AuChoice::All, Some(Bootstrap::default())).unwrap();
    for difference in comparison.differences.iter().filter(|difference| difference.first.is_some()) {
        assert_eq!((difference.value(), difference.p_value), (Some(0.0), Some(1.0)), "{:?}", difference.key);
        let interval = difference.interval.unwrap();
        assert_eq!((interval.low, interval.high), (0.0, 0.0));
    }
}

#[test]
fn a_run_that_is_better_on_every_subject_is_told_from_chance() {
    // ten subjects with one clip with AU4 and one without; one run finds all, the other calls nothing
    let clips = |prob: f64| {
        let clip = |subject: usize| {
            let name = format!("s{subject}");
            let with = line("own", &name, &format!("{name}-a"), 0, &[(Au::Au4, Some(true), prob)]);
            [with, line("own", &name, &format!("{name}-b"), 0, &[(Au::Au4, Some(false), 0.1)])]
        };
        run((0..10).flat_map(clip).collect())
    };
    let comparison = compare(&clips(0.9), &clips(0.05), &AuChoice::All, Some(Bootstrap::default())).unwrap();
    let difference = comparison.differences[0];
    assert_eq!((difference.first, difference.second, difference.value()), (Some(1.0), Some(0.0), Some(1.0)));
    // not one of 1000 replicates lies at or below 0: 2 (1 + 0) / 1001
    assert_eq!(difference.p_value, Some(2.0 / 1001.0));
}

#[test]
fn runs_of_other_samples_or_labels_are_not_compared() {
    let all = run(lines(0));
    let fewer = run(lines(0).into_iter().skip(1).collect());
    let error = compare(&all, &fewer, &AuChoice::All, Some(Bootstrap::default())).unwrap_err();
    let expected =
        "expected two runs of the same samples, got 1 only in the first and 0 only in the second, such as a of casme2";
    assert_eq!(error.to_string(), expected);
    let mut other = lines(0);
    other[1].labels.insert(Au::Au4, Some(false));
    let error = compare(&all, &run(other), &AuChoice::All, Some(Bootstrap::default())).unwrap_err();
    assert!(matches!(error, ScoresError::RunsDiffer { what: "labels", .. }), "{error}");
}

#[test]
fn metrics_hold_null_for_what_is_undefined() {
    let figures = RunFigures::new(&run(lines(0)), &AuChoice::All, Some(Bootstrap::default())).unwrap();
    let json = metrics(&figures);
    assert_eq!(json["au_binary_f1"]["AU04"], 6.0 / 8.0);
    assert_eq!(json["mean_macro_f1"], ((6.0 / 8.0 + 2.0 / 4.0) / 2.0 + (2.0 / 3.0 + 6.0 / 7.0) / 2.0) / 2.0);
    assert_eq!(json["datasets"]["samm"]["au_binary_f1"]["AU12"], serde_json::Value::Null);
    assert_eq!(json["datasets"]["samm"]["counts"]["AU12"]["negatives"], 2);
    assert_eq!(json["seeds"], serde_json::json!([0]));
    assert_eq!(json["intervals"]["au_binary_f1"]["AU04"].as_array().unwrap().len(), 2);
    assert!(json.get("spread").is_none(), "one seed has no spread");
}

#[test]
fn every_table_names_the_kind_of_f1_and_says_why_a_figure_is_missing() {
    let figures = RunFigures::new(&run(lines(0)), &AuChoice::All, None).unwrap();
    let text = sheets::render(&sheets::of_runs(&[("ours", &figures)], None), Format::Text);
    assert!(text.lines().any(|line| line.contains("binary F1") && line.contains("macro-F1")), "{text}");
    assert!(text.contains("n/a (0 positives)"), "{text}");
    assert!(!text.contains("published ("), "{text}");
    assert!(text.contains("0.708 (2/2)"), "{text}");
    assert!(text.contains("1.000 (1/2)"), "{text}");
}

#[test]
fn published_rows_are_labelled_in_every_format() {
    let figures = RunFigures::new(&run(lines(0)), &AuChoice::All, None).unwrap();
    let tables = sheets::of_runs(&[("ours", &figures)], Some(Some(Protocol::Cd6me)));
    for format in [Format::Text, Format::Markdown, Format::Latex, Format::Csv] {
        let text = sheets::render(&tables, format);
        let named: Vec<&str> = text.lines().filter(|line| line.contains("SSSNet")).collect();
        assert_eq!(named.len(), 3, "by unit and by data set for binary F1, the mean of macro-F1");
        assert!(named.iter().all(|line| line.contains("published (cd6me): MEB")), "{named:?}");
        assert!(text.lines().filter(|line| line.contains("ours")).all(|line| !line.contains("published (")), "{text}");
    }
}

#[test]
fn a_unit_of_the_field_that_is_not_scored_is_said() {
    let lines = vec![line("4dme", "s1", "a", 0, &Au::ALL.map(|au| (au, Some(true), 0.9)))];
    let figures = RunFigures::new(&run(lines), &AuChoice::OfDataset, None).unwrap();
    let text = sheets::render(&sheets::of_runs(&[("ours", &figures)], None), Format::Markdown);
    assert!(text.contains("AU45 of 4dme is not scored by this program."), "{text}");
}

proptest! {
    #[test]
    fn the_order_of_the_lines_changes_nothing(turn in 0..12usize) {
        let mut moved = [lines(3), lines(4)].concat();
        let straight = run(moved.clone());
        moved.reverse();
        moved.rotate_left(turn);
        prop_assert_eq!(run(moved), straight);
    }

    #[test]
    fn every_figure_and_both_ends_of_its_interval_are_ratios(
        clips in proptest::collection::vec((0..4usize, any::<bool>(), 0..=10u8), 1..30),
    ) {
        let clip = |(number, &(subject, label, prob)): (usize, &(usize, bool, u8))| {
            let unit = (Au::Au4, Some(label), f64::from(prob) / 10.0);
            line("own", &format!("s{subject}"), &format!("c{number}"), 0, &[unit])
        };
        let run = run(clips.iter().enumerate().map(clip).collect());
        let bootstrap = Bootstrap { replicates: 20, seed: 1, level: 1.0 };
        let figures = RunFigures::new(&run, &AuChoice::All, Some(bootstrap)).unwrap();
        for figure in Figure::ALL {
            let cell = figures.cell(Scope::Pooled, Some(Au::Au4), figure);
            prop_assert!(cell.value.is_none_or(|value| (0.0..=1.0).contains(&value)));
            if let Some(interval) = cell.interval {
                let in_order = 0.0 <= interval.low && interval.low <= interval.high && interval.high <= 1.0;
                prop_assert!(in_order, "{figure:?}: {interval:?}");
            }
        }
    }
}
