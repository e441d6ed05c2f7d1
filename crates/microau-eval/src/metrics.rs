//! The figures of a run as JSON: `metrics.json` of a run folder. Undefined figures are null.

use serde_json::{Map, Value, json};

use crate::figure::Figure;
use crate::measure::Scope;
use crate::protocol::Protocol;
use crate::run_figures::{Cell, Part, RunFigures};

/// Version of the form.
pub const FORMAT: &str = "microau-metrics 1";

/// All figures of a run.
///
/// `protocol` is the one it is judged by and `trained_by` the one it was trained by, null where there is none or it is not
/// known; `aus` the units that are judged; `au_policy` how marks of the coders were read, by data set.
///
/// `au_binary_f1`, `au_macro_f1`, `au_roc_auc`, `au_average_precision` by unit (`AU01`) and `mean_…` of each, all pooled over
/// folds and averaged over `seeds`; `spread` and `intervals` hold the same keys; `counts` the labels by unit, `evaluable_…` how many units
/// the mean goes over; `datasets` the
/// same by data set when there are several, and `dataset_mean_…` (`…_or_zero`: 0 for what is undefined) over them.
pub fn metrics(run: &RunFigures) -> Value {
    let mut whole = part(run, run.pool());
    whole.insert("format".to_owned(), FORMAT.into());
    whole.insert("protocol".to_owned(), run.about.judged_by.map(Protocol::name).into());
    whole.insert("trained_by".to_owned(), run.about.trained_by.clone().into());
    whole.insert("aus".to_owned(), run.pool().aus.iter().map(|(au, _)| au.code()).collect());
    whole.insert("au_policy".to_owned(), json!(run.about.au_policies));
    whole.insert("seeds".to_owned(), run.seeds.clone().into());
    whole.insert("threshold".to_owned(), crate::figure::THRESHOLD.into());
    if let Some(bootstrap) = run.bootstrap {
        let said = json!({"by": "subject", "replicates": bootstrap.replicates, "seed": bootstrap.seed, "level": bootstrap.level});
        whole.insert("bootstrap".to_owned(), said);
    }
    if run.parts.len() > 1 {
        let parts = run.parts[1..].iter().map(|it| (it.name.clone(), part(run, it).into()));
        whole.insert("datasets".to_owned(), Value::Object(parts.collect()));
        for (scope, end) in [(Scope::DatasetMean, ""), (Scope::DatasetMeanOrZero, "_or_zero")] {
            for figure in Figure::ALL {
                let value = run.cell(scope, None, figure).value;
                whole.insert(format!("dataset_mean_{}{end}", figure.key()), value.into());
            }
        }
    }
    whole.into()
}

fn part(run: &RunFigures, part: &Part) -> Map<String, Value> {
    let mut object = figures(run, part, &|cell| cell.value.into());
    object.insert("samples".to_owned(), part.samples.into());
    object.insert("subjects".to_owned(), part.subjects.into());
    let counts = part.aus.iter().map(|(au, counts)| {
        (au.code().to_owned(), json!({"positives": counts.positives, "negatives": counts.negatives}))
    });
    object.insert("counts".to_owned(), Value::Object(counts.collect()));
    for figure in Figure::ALL {
        object.insert(format!("evaluable_{}", figure.key()), part.evaluable(figure).into());
    }
    if run.seeds.len() > 1 {
        object.insert("spread".to_owned(), figures(run, part, &|cell| cell.spread.into()).into());
    }
    if run.bootstrap.is_some() {
        let ends = |cell: Cell| cell.interval.map(|interval| [interval.low, interval.high]);
        object.insert("intervals".to_owned(), figures(run, part, &|cell| json!(ends(cell))).into());
    }
    object
}

fn figures(run: &RunFigures, part: &Part, value: &dyn Fn(Cell) -> Value) -> Map<String, Value> {
    let mut object = Map::new();
    for figure in Figure::ALL {
        let units =
            part.aus.iter().map(|&(au, _)| (au.code().to_owned(), value(run.cell(part.scope, Some(au), figure))));
        object.insert(format!("au_{}", figure.key()), Value::Object(units.collect()));
        object.insert(format!("mean_{}", figure.key()), value(run.cell(part.scope, None, figure)));
    }
    object
}
