//! All that stands on the page, for its template.

use std::collections::BTreeMap;

use askama::Template;
use microau_core::report::Report;

use super::film::{FilmView, strengths};
use super::model_card::ModelView;
use super::pictures::direction_colour;
use super::words::{counted, probability};
use super::{Sights, most_each};
use crate::html::{HOUSE_STYLE, content_policy};

/// Style of this page beside that of the house.
const STYLE: &str = include_str!("../../../templates/report.css");
/// Sectors of the wheel of directions.
const SECTORS: u32 = 24;

#[derive(Template)]
#[template(path = "report/page.html")]
struct PageView<'a> {
    policy: String,
    styles: [&'a str; 2],
    title: String,
    films: Vec<FilmView<'a>>,
    /// Movements on the page, and those of them that have a card.
    movements: usize,
    cards: usize,
    /// Whether some were spotted.
    spotted: bool,
    wheel: Vec<(String, String)>,
    settings: Vec<(&'static str, String)>,
    model: ModelView<'a>,
    program: String,
}

/// The page of a report.
pub(super) fn html(report: &Report, sights: &BTreeMap<usize, Sights>, story: &[(String, String)]) -> String {
    let all: Vec<Vec<f32>> = report.inputs.iter().map(strengths).collect();
    let film = |(place, most)| FilmView::new(report, place, sights.get(&place), most);
    let films: Vec<FilmView<'_>> = most_each(&all).into_iter().enumerate().map(film).collect();
    let styles = [HOUSE_STYLE, STYLE];
    let page = PageView {
        policy: content_policy(&styles),
        styles,
        title: match films.as_slice() {
            [film] => format!("Facial movements in {}", film.name),
            films => format!("Facial movements in {}", counted(films.len(), "input")),
        },
        movements: all.iter().map(Vec::len).sum(),
        cards: films.iter().map(|film| film.cards.len()).sum(),
        spotted: films.iter().flat_map(|film| &film.rows).any(|row| row.kind.is_spotted()),
        films,
        wheel: wheel(),
        settings: vec![
            ("least probability that counts as present", probability(report.settings.threshold)),
            ("frames whose landmarks place the crop of the face", report.settings.placing_frames.to_string()),
        ],
        model: ModelView::new(&report.model, story),
        program: format!("{} {}", report.program.name, report.program.version),
    };
    page.render().expect("the template is checked when the program is built")
}

/// The sectors of a wheel of radius 50 around the middle: path and colour of each.
fn wheel() -> Vec<(String, String)> {
    let angle = |part: f32| part / SECTORS as f32 * std::f32::consts::TAU;
    let sector = |place: u32| {
        // a little over its edge, so that no line shows between two
        let (from, to) = (angle(place as f32 - 0.53), angle(place as f32 + 0.53));
        let [(x0, y0), (x1, y1)] = [from, to].map(|it| (50.0 * it.cos(), 50.0 * it.sin()));
        let (right, down) = (angle(place as f32).cos(), angle(place as f32).sin());
        let [r, g, b] = direction_colour(right, down).map(|value| value.round() as u8);
        (format!("M0 0L{x0:.2} {y0:.2}A50 50 0 0 1 {x1:.2} {y1:.2}z"), format!("#{r:02x}{g:02x}{b:02x}"))
    };
    (0..SECTORS).map(sector).collect()
}
