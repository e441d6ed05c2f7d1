//! Metrics against scikit-learn, NumPy and SciPy: `reference/eval_golden.py` and `reference/spotting_golden.py` write the
//! JSON files in `assets/`.

use microau_eval::Scored;
use microau_eval::auc::{average_precision, roc_auc};
use microau_eval::bootstrap::Replicates;
use microau_eval::f1::Confusion;
use microau_eval::figure::{Figure, Figures};
use microau_eval::multiclass::ClassCounts;
use microau_eval::ranking::Ranking;
use microau_eval::reliability::reliability;
use microau_eval::spotting::{self, Counts, Film, Movement, Span, SpottingSettings, TrueKind, Which};
use serde::Deserialize;

/// Both sides work in f64 and sum at most a thousand terms.
const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Goldens {
    threshold: f64,
    bins: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    labels: Vec<bool>,
    scores: Vec<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    macro_f1: Option<f64>,
    roc_auc: Option<f64>,
    average_precision: Option<f64>,
    brier: Option<f64>,
    curve_active: Option<Vec<f64>>,
    curve_prob: Option<Vec<f64>>,
    weights: Vec<u64>,
    weighted: Weighted,
}

#[derive(Deserialize)]
struct Weighted {
    f1: Option<f64>,
    macro_f1: Option<f64>,
    roc_auc: Option<f64>,
    average_precision: Option<f64>,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("assets/metrics.json")).expect("the golden file is JSON")
}

fn check(case: &str, figure: &str, got: Option<f64>, expected: Option<f64>) {
    match (got, expected) {
        (None, None) => {}
        (Some(got), Some(expected)) => {
            assert!((got - expected).abs() <= TOLERANCE, "{case}: {figure} {got}, expected {expected}")
        }
        _ => panic!("{case}: {figure} {got:?}, expected {expected:?}"),
    }
}

#[test]
fn f1_and_its_parts_agree_with_scikit_learn() {
    let goldens = goldens();
    for case in &goldens.cases {
        let scored = Scored::new(case.labels.clone(), case.scores.clone()).unwrap();
        let counts = Confusion::at_threshold(&scored, goldens.threshold);
        check(&case.name, "precision", counts.precision(), case.precision);
        check(&case.name, "recall", counts.recall(), case.recall);
        check(&case.name, "F1", counts.f1(), case.f1);
        check(&case.name, "macro-F1", counts.macro_f1(), case.macro_f1);
    }
}

#[test]
fn auc_and_average_precision_agree_with_scikit_learn() {
    for case in &goldens().cases {
        let scored = Scored::new(case.labels.clone(), case.scores.clone()).unwrap();
        check(&case.name, "ROC-AUC", roc_auc(&scored), case.roc_auc);
        check(&case.name, "average precision", average_precision(&scored), case.average_precision);
    }
}

#[test]
fn figures_under_whole_weights_agree_with_scikit_learn() {
    let goldens = goldens();
    for case in &goldens.cases {
        let scored = Scored::new(case.labels.clone(), case.scores.clone()).unwrap();
        let ties = Ranking::from(&scored).ties(|sample| case.weights[sample]);
        let got = Figures::of(&ties, goldens.threshold);
        check(&case.name, "weighted F1", got[Figure::BinaryF1], case.weighted.f1);
        check(&case.name, "weighted macro-F1", got[Figure::MacroF1], case.weighted.macro_f1);
        check(&case.name, "weighted ROC-AUC", got[Figure::RocAuc], case.weighted.roc_auc);
        check(&case.name, "weighted AP", got[Figure::AveragePrecision], case.weighted.average_precision);
    }
}

#[derive(Deserialize)]
struct List<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct ClassCase {
    name: String,
    classes: usize,
    truth: Vec<usize>,
    predicted: Vec<Option<usize>>,
    uf1: f64,
    uar: f64,
    accuracy: f64,
}

#[test]
fn figures_of_classes_agree_with_scikit_learn() {
    let list: List<ClassCase> = serde_json::from_str(include_str!("assets/classes.json")).unwrap();
    for case in &list.cases {
        let pairs = case.truth.iter().zip(&case.predicted);
        let counts = ClassCounts::count(case.classes, pairs.map(|(&truth, &predicted)| (truth, predicted, 1)));
        check(&case.name, "UF1", counts.uf1(), Some(case.uf1));
        check(&case.name, "UAR", counts.uar(), Some(case.uar));
        check(&case.name, "accuracy", counts.accuracy(), Some(case.accuracy));
    }
}

#[derive(Deserialize)]
struct QuantileCase {
    values: Vec<f64>,
    ends: std::collections::BTreeMap<String, [f64; 2]>,
}

#[test]
fn intervals_agree_with_the_quantiles_of_numpy() {
    let list: List<QuantileCase> = serde_json::from_str(include_str!("assets/quantiles.json")).unwrap();
    for case in &list.cases {
        // in any order: replicates come as they were drawn
        let replicates = Replicates::new(case.values.iter().rev().copied().map(Some));
        for (level, [low, high]) in &case.ends {
            let interval = replicates.interval(level.parse().unwrap()).unwrap();
            let name = format!("{} values, {level}", case.values.len());
            check(&name, "low", Some(interval.low), Some(*low));
            check(&name, "high", Some(interval.high), Some(*high));
        }
    }
}

#[test]
fn reliability_agrees_with_scikit_learn() {
    let goldens = goldens();
    for case in goldens.cases.iter().filter(|case| case.brier.is_some()) {
        let scored = Scored::new(case.labels.clone(), case.scores.clone()).unwrap();
        let got = reliability(&scored, goldens.bins).unwrap();
        check(&case.name, "Brier", got.brier, case.brier);
        let filled = || got.bins.iter().filter(|bin| bin.count > 0);
        let active: Vec<f64> = filled().filter_map(|bin| bin.share_active).collect();
        let prob: Vec<f64> = filled().filter_map(|bin| bin.mean_prob).collect();
        check_all(&case.name, "active", &active, case.curve_active.as_deref().unwrap());
        check_all(&case.name, "probability", &prob, case.curve_prob.as_deref().unwrap());
    }
}

fn check_all(case: &str, figure: &str, got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{case}: bins with samples");
    for (&got, &expected) in got.iter().zip(expected) {
        check(case, figure, Some(got), Some(expected));
    }
}

#[derive(Deserialize)]
struct SpottingCase {
    name: String,
    films: Vec<SpottedFilm>,
    /// Micro, macro, both, either kind.
    expected: [SpottingFigures; 4],
}

#[derive(Deserialize)]
struct SpottedFilm {
    truth: Vec<Spot>,
    found: Vec<Spot>,
}

#[derive(Deserialize)]
struct Spot {
    face: u32,
    kind: String,
    onset: u64,
    offset: u64,
}

#[derive(Deserialize)]
struct SpottingFigures {
    truth: u64,
    found: u64,
    hits: u64,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

impl Spot {
    fn movement(&self) -> Movement<TrueKind> {
        let span = Span::new(self.onset, self.offset).unwrap();
        Movement { face: self.face, span, kind: TrueKind::of_name(&self.kind) }
    }

    fn spotted(&self) -> Movement<microau_core::score::ExpressionKind> {
        let Movement { face, span, kind } = self.movement();
        let TrueKind::Expression(kind) = kind else { panic!("no kind of expression: {}", kind.name()) };
        Movement { face, span, kind }
    }
}

#[test]
fn spotting_agrees_with_the_largest_assignment_of_scipy() {
    let list: List<SpottingCase> = serde_json::from_str(include_str!("assets/spotting.json")).unwrap();
    for case in &list.cases {
        let film = |(place, film): (usize, &SpottedFilm)| Film {
            name: place.to_string(),
            subject: place.to_string(),
            minutes: None,
            truth: film.truth.iter().map(Spot::movement).collect(),
            found: film.found.iter().map(Spot::spotted).collect(),
        };
        let films: Vec<Film> = case.films.iter().enumerate().map(film).collect();
        let figures = spotting::judge(&films, SpottingSettings::default());
        for (which, expected) in Which::ALL.into_iter().zip(&case.expected) {
            let got = figures.of(which);
            let name = format!("{}, {}", case.name, which.title());
            let SpottingFigures { truth, found, hits, precision, recall, f1 } = *expected;
            assert_eq!(got.counts, Counts { truth, found, hits }, "{name}");
            check(&name, "precision", got.precision.value, precision);
            check(&name, "recall", got.recall.value, recall);
            check(&name, "F1", got.f1.value, f1);
        }
    }
}
