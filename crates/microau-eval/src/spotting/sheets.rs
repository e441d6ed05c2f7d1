//! The tables of spotting: both kinds and together, what false alarms fell on, film by film.

use super::figures::SpottingFigures;
use super::film::Nearest;
use super::{LEAST_IOU, TrueKind, Which};
use crate::sheets::Sheet;
use crate::table::{Entry, Table, ratio_text};

/// The sheets of what was spotted.
pub fn sheets(figures: &SpottingFigures) -> Vec<Sheet> {
    vec![pooled(figures), alarms(figures), by_film(figures)]
}

fn pooled(figures: &SpottingFigures) -> Sheet {
    let headers =
        ["expressions", "true", "spotted", "hits", "precision", "recall", "F1", "alarms/min", "alarms/min, calm films"];
    let mut table = Table::new(headers);
    for which in Which::ALL {
        let it = figures.of(which);
        let counts = [it.counts.truth, it.counts.found, it.counts.hits].map(|count| count.to_string());
        let cells = [
            Entry::figure(it.precision, "none spotted"),
            Entry::figure(it.recall, "none there"),
            Entry::figure(it.f1, "none there"),
            Entry::figure(it.alarms_per_minute, "length unknown"),
            Entry::figure(it.calm_alarms_per_minute, "no calm film"),
        ];
        let head = [which.title().to_owned()].into_iter().chain(counts);
        table.push(head.map(Entry::from).chain(cells));
    }
    let calm = figures.films.iter().filter(|film| film.counts.is_calm()).count();
    let title =
        format!("spotting: {} films of {} subjects, {calm} without expression", figures.films.len(), figures.subjects);
    Sheet { title, table, notes: notes(figures) }
}

fn notes(figures: &SpottingFigures) -> Vec<String> {
    let iou = figures.settings.least_iou;
    let rule = if iou == LEAST_IOU { ", as the MEGC challenges have it" } else { "" };
    let mut notes = vec![
        format!(
            "A hit overlaps a true interval of its kind by IoU >= {iou}, one to one{rule}; counts are pooled over films."
        ),
        "Both adds the counts of micro and macro; either kind matches without regard to kind.".to_owned(),
    ];
    if let Some(bootstrap) = figures.settings.bootstrap {
        let (percent, replicates) = (100.0 * bootstrap.level, bootstrap.replicates);
        notes.push(format!("In brackets {percent:.0} % intervals of {replicates} resamplings by subject."));
    }
    notes
}

fn alarms(figures: &SpottingFigures) -> Sheet {
    let mut table = Table::new(["on", "in the truth", "as micro", "as macro"]);
    for row in &figures.alarms {
        let on = match &row.on {
            Nearest::Kind(TrueKind::Expression(kind)) => {
                format!("{} not met by half, of the other kind, or met twice", TrueKind::Expression(*kind).name())
            }
            Nearest::Kind(kind) => kind.name().to_owned(),
            Nearest::Nothing => "nothing".to_owned(),
        };
        let truth = if row.on == Nearest::Nothing { String::new() } else { row.in_truth.to_string() };
        table.push([on, truth, row.micro.to_string(), row.longer.to_string()]);
    }
    let notes = vec!["Each false alarm is counted where it overlaps the truth most.".to_owned()];
    Sheet { title: "what false alarms fell on".to_owned(), table, notes }
}

fn by_film(figures: &SpottingFigures) -> Sheet {
    let counted = ["true", "spotted", "hits"];
    let kinds = [Which::Micro, Which::Macro];
    let headers = kinds.iter().flat_map(|kind| counted.map(|what| format!("{} {what}", kind.title())));
    let ends = ["F1, both".to_owned(), "alarms".to_owned()];
    let mut table = Table::new(["film".to_owned(), "minutes".to_owned()].into_iter().chain(headers).chain(ends));
    for film in &figures.films {
        let both = film.counts.of_which(Which::Both);
        let minutes = film.minutes.map_or("n/a".to_owned(), |minutes| format!("{minutes:.2}"));
        let counts = kinds.iter().flat_map(|&kind| {
            let counts = film.counts.of_which(kind);
            [counts.truth, counts.found, counts.hits].map(|count| count.to_string())
        });
        let ends = [ratio_text(both.f1(), "none there"), both.false_alarms().to_string()];
        table.push([film.name.clone(), minutes].into_iter().chain(counts).chain(ends));
    }
    Sheet { title: "spotting by film".to_owned(), table, notes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::film::tests::film;
    use super::*;
    use crate::spotting::{SpottingSettings, judge};
    use crate::table::Format;

    #[test]
    fn the_tables_show_counts_figures_and_what_alarms_fell_on() {
        let sheets = sheets(&judge(&[film()], SpottingSettings::default()));
        let expected = "\
spotting: 1 films of 1 subjects, 0 without expression

expressions  true  spotted  hits           precision  recall     F1  alarms/min  alarms/min, calm films
micro           2        4     1               0.250   0.500  0.333       3.000      n/a (no calm film)
macro           1        0     0  n/a (none spotted)   0.000  0.000       0.000      n/a (no calm film)
both            3        4     1               0.250   0.333  0.286       3.000      n/a (no calm film)
either kind     3        4     1               0.250   0.333  0.286       3.000      n/a (no calm film)

A hit overlaps a true interval of its kind by IoU >= 0.5, one to one, as the MEGC challenges have it; counts are pooled over \
films. Both adds the counts of micro and macro; either kind matches without regard to kind.
";
        assert_eq!(sheets[0].render(Format::Text), expected);
        let alarms = sheets[1].render(Format::Csv);
        assert!(alarms.ends_with("blink,1,1,0\nnothing,,1,0\n"), "{alarms}");
        let films = sheets[2].render(Format::Csv);
        assert!(films.ends_with("a,1.00,2,4,1,1,0,0,0.286,3\n"), "{films}");
    }
}
