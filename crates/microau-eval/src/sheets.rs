//! The tables of runs: titles, rows and the notes without which their figures would mislead.

use microau_core::au::{Au, AuSet};

use crate::compare::Comparison;
use crate::emotion::judged::{EmotionRow, Reading, Task};
use crate::figure::Figure;
use crate::measure::{AuChoice, Key, Scope};
use crate::protocol::loso::au_columns;
use crate::protocol::{Protocol, composite, cross_dataset};
use crate::published::{self, PublishedRow};
use crate::run_figures::{Cell, Part, RunFigures};
use crate::table::{Entry, Format, Table, latex_text, ratio_text};

/// Said below every table that shows both.
const KINDS_OF_F1: &str = "Binary F1 is of the active class, macro-F1 the mean of both classes.";

/// Said below every table whose means say over how many units they go.
const EVALUABLE: &str = "(n/m): n of the m units judged there can be evaluated, and the mean goes over them.";

/// A table with its title and notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What the table shows.
    pub title: String,
    /// The rows.
    pub table: Table,
    /// What a reader has to know of them, a sentence each.
    pub notes: Vec<String>,
}

impl Sheet {
    /// The sheet in one format. Ends with a line break. CSV has the title behind `#` and no notes.
    pub fn render(&self, format: Format) -> String {
        let (title, table) = (&self.title, self.table.render(format));
        let notes = self.notes.join(" ");
        let below = |text: String| if text.is_empty() { text } else { format!("\n{text}\n") };
        match format {
            Format::Text => format!("{title}\n\n{table}{}", below(notes)),
            Format::Markdown => format!("### {title}\n\n{table}{}", below(notes)),
            Format::Csv => format!("# {title}\n{table}"),
            Format::Latex => {
                let (caption, notes) = (latex_text(title), latex_text(&notes));
                let notes = if notes.is_empty() { notes } else { format!("\\par\\footnotesize {notes}\n") };
                format!("\\begin{{table}}\n\\centering\n\\caption{{{caption}}}\n{table}{notes}\\end{{table}}\n")
            }
        }
    }
}

/// Sheets one below the other.
pub fn render(sheets: &[Sheet], format: Format) -> String {
    sheets.iter().map(|sheet| sheet.render(format)).collect::<Vec<_>>().join("\n")
}

/// A run by its name.
pub type NamedRun<'a> = (&'a str, &'a RunFigures);

/// The sheets of runs: one a run by action unit; then, where there is more than one row to compare, both kinds of F1 by
/// action unit and by data set over all runs, their data sets, and the `published` figures of others when asked for
/// (those of a protocol, or of all when `None` is inside).
pub fn of_runs(runs: &[NamedRun<'_>], published: Option<Option<Protocol>>) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = runs.iter().map(|&(name, run)| by_au(name, run)).collect();
    let others: Vec<PublishedRow> = published.map_or(Vec::new(), |protocol| {
        published::rows().into_iter().filter(|row| protocol.is_none_or(|wanted| row.protocol == wanted)).collect()
    });
    let several_sets = runs.iter().any(|(_, run)| run.parts.len() > 1);
    let several_rows = several_sets || runs.len() > 1 || published.is_some();
    for figure in [Figure::BinaryF1, Figure::MacroF1] {
        let others: Vec<&PublishedRow> = others.iter().filter(|row| row.figure == figure).collect();
        if several_rows {
            sheets.push(across_aus(figure, runs, &others));
        }
        if several_sets || published.is_some() {
            sheets.push(across_datasets(figure, runs, &others));
        }
    }
    sheets
}

/// Every figure of each action unit on the pool of a run, and their means.
fn by_au(name: &str, run: &RunFigures) -> Sheet {
    let mut table = Table::new(["AU", "positives", "negatives"].into_iter().chain(Figure::ALL.map(Figure::title)));
    let pool = run.pool();
    for &(au, counts) in &pool.aus {
        let cell = |figure| Entry::figure(run.cell(Scope::Pooled, Some(au), figure), Figure::missing(counts.positives));
        let head = [au.code().to_owned(), counts.positives.to_string(), counts.negatives.to_string()];
        table.push(head.map(Entry::from).into_iter().chain(Figure::ALL.map(cell)));
    }
    let head = ["mean", "", ""].map(Entry::from);
    table.push(head.into_iter().chain(Figure::ALL.map(|figure| mean(run, pool, figure))));
    let Part { samples, subjects, .. } = pool;
    let title = format!("{name}: {samples} samples of {subjects} subjects ({})", pool.name);
    Sheet { title, table, notes: notes(run) }
}

/// One kind of F1 of each action unit, a row a run, a data set of it, and a published method.
fn across_aus(figure: Figure, runs: &[NamedRun<'_>], others: &[&PublishedRow]) -> Sheet {
    let ours = runs.iter().flat_map(|(_, run)| &run.parts).flat_map(|part| part.aus.iter().map(|&(au, _)| au));
    let aus: Vec<Au> = ours.collect::<AuSet>().iter().collect();
    let codes = aus.iter().map(|au| au.code().to_owned());
    let mut table =
        Table::new(["run".to_owned()].into_iter().chain(codes).chain(["mean".to_owned(), "whose".to_owned()]))
            .left_from(aus.len() + 2);
    for &(name, run) in runs {
        for part in &run.parts {
            let label = if part.scope == Scope::Pooled { name.to_owned() } else { format!("{name}: {}", part.name) };
            let counts = |au| part.aus.iter().find(|(other, _)| *other == au).map(|(_, counts)| counts.positives);
            let cell = |&au: &Au| match counts(au) {
                // without spread and interval, which would make rows of hundreds of letters
                Some(positives) => ratio_text(run.cell(part.scope, Some(au), figure).value, Figure::missing(positives)),
                None => String::new(),
            };
            let ends = [mean(run, part, figure), Entry::from("this program")];
            table.push([label].into_iter().chain(aus.iter().map(cell)).map(Entry::from).chain(ends));
        }
    }
    for other in others.iter().filter(|row| !row.aus.is_empty() || row.au_mean.is_some()) {
        let value =
            |au: &Au| other.aus.iter().find(|(of, _)| of == au).map_or(String::new(), |&(_, value)| plain(value));
        let mean = other.au_mean.map_or(String::new(), plain);
        let cells = aus.iter().map(value).chain([mean, whose(other)]);
        table.push([other.method.to_owned()].into_iter().chain(cells));
    }
    let mut notes = vec![EVALUABLE.to_owned()];
    notes.extend(published_note(others.is_empty()));
    Sheet { title: format!("{} by action unit, pooled over folds", figure.title()), table, notes }
}

/// One kind of F1 in the mean over action units, a column a data set.
fn across_datasets(figure: Figure, runs: &[NamedRun<'_>], others: &[&PublishedRow]) -> Sheet {
    let ours = runs.iter().flat_map(|(_, run)| &run.parts).map(|part| part.name.as_str());
    let theirs = others.iter().flat_map(|row| row.datasets.iter().map(|&(name, _)| name));
    let mut names: Vec<&str> = ours.chain(theirs).filter(|name| !name.contains('+')).collect();
    let place = |name: &str| cross_dataset::DATASETS.iter().position(|known| *known == name).unwrap_or(usize::MAX);
    names.sort_by_key(|name| (place(name), name.to_string()));
    names.dedup();
    let headers = ["run"].into_iter().chain(names.iter().copied());
    let ends = ["data sets", "data sets, n/a as 0", "whose"];
    let mut table = Table::new(headers.chain(ends)).left_from(names.len() + 3);
    for &(name, run) in runs {
        let part = |name: &str| run.parts.iter().find(|part| part.name == name);
        let cell = |name: &&str| part(name).map_or(Entry::default(), |part| mean(run, part, figure));
        let over_sets = |scope| run.cell(scope, None, figure).value.map_or(String::new(), plain);
        let means = [Scope::DatasetMean, Scope::DatasetMeanOrZero].map(|scope| Entry::from(over_sets(scope)));
        let cells = names.iter().map(cell).chain(means).chain(["this program".into()]);
        table.push([Entry::from(name)].into_iter().chain(cells));
    }
    for other in others.iter().filter(|row| !row.datasets.is_empty() || row.dataset_mean.is_some()) {
        let value = |name: &&str| {
            other.datasets.iter().find(|(of, _)| of == name).map_or(String::new(), |&(_, value)| plain(value))
        };
        let mean = other.dataset_mean.map_or(String::new(), plain);
        let ends = [String::new(), mean, whose(other)];
        table.push([other.method.to_owned()].into_iter().chain(names.iter().map(value)).chain(ends));
    }
    let mut notes = vec![
        EVALUABLE.to_owned(),
        "The last mean counts 0 for the others, as the published tables of CD6ME do.".to_owned(),
    ];
    notes.extend(published_note(others.is_empty()));
    Sheet { title: format!("mean {} over action units, by data set", figure.title()), table, notes }
}

/// Differences of two runs: each action unit and the mean on the pool, then the means by data set.
pub fn of_comparison(names: [&str; 2], comparison: &Comparison) -> Sheet {
    let [first, second] = names;
    let Comparison { parts, seeds, bootstrap, differences } = comparison;
    let mut table = Table::new(["AU", "figure", first, second, "difference"].into_iter().chain(bootstrap.map(|_| "p")));
    let value = |value: Option<f64>| value.map_or("n/a".to_owned(), plain);
    for it in differences {
        let Some(label) = label(it.key, parts) else { continue };
        let difference = Entry::difference(it.value(), it.interval.map(|it| [it.low, it.high]));
        let figure = it.key.figure.title().to_owned();
        let cells = [label, figure, value(it.first), value(it.second)].map(Entry::from);
        let p = bootstrap.map(|_| Entry::from(value(it.p_value)));
        table.push(cells.into_iter().chain([difference]).chain(p));
    }
    let Part { samples, subjects, .. } = parts[0];
    let [seeds_first, seeds_second] = seeds;
    let mut notes = vec![
        KINDS_OF_F1.to_owned(),
        format!("{samples} samples of {subjects} subjects; {seeds_first} and {seeds_second} seeds, averaged."),
        "Differences are first minus second.".to_owned(),
    ];
    notes.extend(bootstrap.map(|bootstrap| {
        let (percent, replicates) = (100.0 * bootstrap.level, bootstrap.replicates);
        format!(
            "In brackets {percent:.0} % intervals of {replicates} resamplings of the same subjects for both; p two-sided."
        )
    }));
    Sheet { title: format!("{first} against {second}"), table, notes }
}

/// What a row of differences is of; `None` for what is not shown.
fn label(key: Key, parts: &[Part]) -> Option<String> {
    let part = parts.iter().find(|part| part.scope == key.scope);
    let mean = || part.map(|part| format!("mean ({})", evaluable(part, key.figure)));
    match (key.scope, key.au) {
        (Scope::Pooled, Some(au)) => Some(au.code().to_owned()),
        (Scope::Pooled, None) => mean(),
        (Scope::Dataset(_), None) => Some(format!("{}: {}", part?.name, mean()?)),
        (Scope::DatasetMean, _) => Some("mean of data sets".to_owned()),
        (Scope::Dataset(_), Some(_)) | (Scope::DatasetMeanOrZero, _) => None,
    }
}

/// Emotions read from the action units of a run: one sheet with every score beside its oracle, and one with the confusions of
/// each task.
pub fn of_emotions(name: &str, rows: &[EmotionRow], published: bool) -> Vec<Sheet> {
    let headers = [
        "data",
        "task",
        "reading",
        "samples",
        "UF1",
        "UAR",
        "accuracy",
        "oracle UF1",
        "oracle UAR",
        "oracle samples",
        "whose",
    ];
    let mut table = Table::new(headers).left_from(10);
    for row in rows {
        let oracle = |pick: fn(&crate::emotion::judged::ClassFigures) -> Cell| {
            row.oracle.as_ref().map_or(Entry::default(), |(figures, _)| Entry::figure(pick(figures), "0 samples"))
        };
        let counted = row.oracle.as_ref().map_or(String::new(), |(_, samples)| samples.to_string());
        let figure = |cell| Entry::figure(cell, "0 samples");
        let head =
            [row.part.as_str(), row.task.title(), row.reading.title(), &row.samples.to_string()].map(Entry::from);
        let own = [row.figures.uf1, row.figures.uar, row.figures.accuracy].map(figure);
        let tail = [oracle(|it| it.uf1), oracle(|it| it.uar), counted.into(), "this program".into()];
        table.push(head.into_iter().chain(own).chain(tail));
    }
    if published {
        published::COMPOSITE.iter().flat_map(composite_rows).for_each(|row| table.push(row));
    }
    let mut notes = vec![
        "No emotion label was used to fit anything here.".to_owned(),
        "The oracle is the same rule on the labels of the units that the model scores, over the samples that have them.".to_owned(),
    ];
    if published {
        notes.push("Published figures are on MEGC2019, and those methods are trained on emotion labels.".to_owned());
    }
    let mut sheets = vec![Sheet { title: format!("{name}: emotion from action units"), table, notes }];
    sheets.extend(Task::ALL.into_iter().filter_map(|task| confusion(name, task, rows)));
    sheets
}

fn confusion(name: &str, task: Task, rows: &[EmotionRow]) -> Option<Sheet> {
    let row = rows.iter().find(|row| row.task == task && row.reading == Reading::Rule)?;
    let classes = task.classes();
    let headers = ["annotated"].into_iter().chain(classes.iter().copied());
    let mut table = Table::new(headers.chain(["none"]));
    for (truth, class) in classes.iter().enumerate() {
        let cells = (0..classes.len()).map(Some).chain([None]).map(|read| row.counts.at(truth, read).to_string());
        table.push([class.to_string()].into_iter().chain(cells));
    }
    let notes = vec!["Rows are annotated, columns read by the rule; counts over all seeds.".to_owned()];
    Some(Sheet { title: format!("{name}: {}, {}", task.title(), row.part), table, notes })
}

fn composite_rows(row: &published::CompositeRow) -> Vec<Vec<String>> {
    let sets = ["smic", "casme2", "samm"];
    let parts = [composite::DATASETS.join("+")].into_iter().chain(sets.map(str::to_owned));
    let values = [row.composite].into_iter().chain(row.datasets);
    let filled = parts.zip(values).filter(|(_, values)| values.iter().any(Option::is_some));
    let text = |value: Option<f64>| value.map_or(String::new(), |percent| plain(percent / 100.0));
    filled
        .map(|(part, [uf1, uar])| {
            let head = [part, Task::ThreeGroups.title().to_owned(), row.method.to_owned(), String::new()];
            let tail = [text(uf1), text(uar), String::new(), String::new(), String::new(), String::new()];
            head.into_iter().chain(tail).chain([format!("published: {}", row.source)]).collect()
        })
        .collect()
}

/// What stands below the figures of a run.
fn notes(run: &RunFigures) -> Vec<String> {
    let mut notes = vec![KINDS_OF_F1.to_owned()];
    match run.seeds.len() {
        1 => notes.push(format!("One seed ({}): no spread over seeds.", run.seeds[0])),
        count => notes.push(format!("Mean ± standard deviation over {count} seeds.")),
    }
    if let Some(bootstrap) = run.bootstrap {
        let percent = 100.0 * bootstrap.level;
        let replicates = bootstrap.replicates;
        notes.push(format!("In brackets {percent:.0} % intervals of {replicates} resamplings by subject."));
    }
    if !run.unlabelled.is_empty() {
        notes.push(format!("Without a label of any unit, and in no figure: {}.", run.unlabelled.join(", ")));
    }
    notes.extend(run.about.notes());
    if run.choice == AuChoice::OfDataset {
        notes.extend(run.parts.iter().filter_map(|part| unscored_note(&part.name)));
    }
    notes
}

fn unscored_note(dataset: &str) -> Option<String> {
    let unscored = au_columns(dataset)?.unscored;
    let codes: Vec<String> = unscored.iter().map(|number| format!("AU{number:02}")).collect();
    (!codes.is_empty()).then(|| format!("{} of {dataset} is not scored by this program.", codes.join(", ")))
}

fn published_note(none: bool) -> Option<String> {
    (!none).then(|| "Rows marked \"published\" are of others, on the data and by the protocol they name.".to_owned())
}

fn whose(row: &PublishedRow) -> String {
    format!("published ({}): {}", row.protocol.name(), row.source)
}

/// A mean over the units of a part, with how many of them it goes over.
fn mean(run: &RunFigures, part: &Part, figure: Figure) -> Entry {
    Entry::figure(run.cell(part.scope, None, figure), "no unit").over(&evaluable(part, figure))
}

/// How many units have a figure, of those that are judged: `7/8`.
fn evaluable(part: &Part, figure: Figure) -> String {
    format!("{}/{}", part.evaluable(figure), part.aus.len())
}

fn plain(value: f64) -> String {
    format!("{value:.3}")
}
