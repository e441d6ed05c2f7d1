//! One cell of a table: a text for reading, and for other programs the numbers that it is made of, a column each.

use crate::run_figures::Cell;
use crate::table::ratio_text;

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// As it is read: `0.500 ± 0.010 [0.181, 0.727] (7/8)`.
    pub(crate) text: String,
    /// The same in parts, as in CSV; empty where the text is all.
    pub(crate) parts: Vec<(Part, String)>,
}

/// What a number beside the figure itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The figure.
    Value,
    /// Its standard deviation over seeds.
    Deviation,
    /// The lower end of its interval.
    Low,
    /// The upper end.
    High,
    /// How many units a mean goes over, of how many.
    Units,
}

impl Part {
    /// What is added to the name of the column.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Part::Value => "",
            Part::Deviation => " sd",
            Part::Low => " low",
            Part::High => " high",
            Part::Units => " units",
        }
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Entry {
        Entry { text, parts: Vec::new() }
    }
}

impl From<&str> for Entry {
    fn from(text: &str) -> Entry {
        text.to_owned().into()
    }
}

impl Entry {
    /// A figure with its deviation and interval, or why it is undefined.
    pub(crate) fn figure(cell: Cell, missing: &str) -> Entry {
        let three = |value: f64| format!("{value:.3}");
        let text = ratio_text(cell.value, missing);
        let value = (Part::Value, cell.value.map_or("n/a".to_owned(), three));
        let ends = cell.interval.map(|it| [it.low, it.high].map(three));
        Entry { text, parts: vec![value] }.with_deviation(cell.spread.map(three)).with_interval(ends)
    }

    /// A difference with its interval, signed.
    pub(crate) fn difference(value: Option<f64>, interval: Option<[f64; 2]>) -> Entry {
        let signed = |value: f64| format!("{value:+.3}");
        let text = value.map_or("n/a".to_owned(), signed);
        Entry { text: text.clone(), parts: vec![(Part::Value, text)] }
            .with_interval(interval.map(|ends| ends.map(signed)))
    }

    /// The same with how many units a mean goes over: `7/8`.
    pub(crate) fn over(mut self, units: &str) -> Entry {
        self.text += &format!(" ({units})");
        self.parts.push((Part::Units, units.to_owned()));
        self
    }

    fn with_deviation(mut self, deviation: Option<String>) -> Entry {
        if let Some(deviation) = deviation {
            self.text += &format!(" ± {deviation}");
            self.parts.push((Part::Deviation, deviation));
        }
        self
    }

    fn with_interval(mut self, ends: Option<[String; 2]>) -> Entry {
        if let Some([low, high]) = ends {
            self.text += &format!(" [{low}, {high}]");
            self.parts.extend([(Part::Low, low), (Part::High, high)]);
        }
        self
    }

    /// What stands in the column of a part.
    pub(crate) fn part(&self, wanted: Part) -> &str {
        let found = self.parts.iter().find(|(part, _)| *part == wanted);
        match (found, wanted) {
            (Some((_, text)), _) => text,
            (None, Part::Value) if self.parts.is_empty() => &self.text,
            (None, _) => "",
        }
    }
}
