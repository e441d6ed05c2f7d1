//! Tiers of ELAN (EAF 3.0): for each face one of micro-expressions, one of longer ones, and one for each action unit.
//!
//! A tier is there once it has an annotation. An annotation of an expression says in words what moved and how sure
//! spotting is of it, one of an action unit its probability and, where the sides differ, the side. Annotations of one tier
//! may not overlap in ELAN: those that do stand in a further tier, `face 0 AU12 (2)`.
//!
//! The element order and attributes are those of the schema EAFv3.0.xsd.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use microau_core::au::Au;
use microau_core::report::{InputReport, ModelInfo, Report};
use microau_core::score::{AuInterval, ExpressionKind};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::times::span_millis;
use super::{OneInput, Sink, words};

/// Where the schema is published.
const SCHEMA: &str = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd";

/// When the document was made, which the schema demands: the clock is read into no result, so it is always this.
const DATE: &str = "1970-01-01T00:00:00Z";

/// The type of all tiers.
const TIER_TYPE: &str = "default-lt";

/// The constraints that every EAF lists, whether it uses them or not.
const CONSTRAINTS: [(&str, &str); 4] = [
    (
        "Time_Subdivision",
        "Time subdivision of parent annotation's time interval, no time gaps allowed within this interval",
    ),
    (
        "Symbolic_Subdivision",
        "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered",
    ),
    ("Symbolic_Association", "1-1 association with a parent annotation"),
    ("Included_In", "Time alignable annotations within the parent annotation's time interval, gaps are allowed"),
];

/// The tiers of one film, written at its end.
pub struct Eaf<W> {
    to: W,
    model: ModelInfo,
    only: OneInput,
    film: Option<InputReport>,
}

impl<W: Write + Send> Eaf<W> {
    /// A document of the model that `report` names.
    pub fn new(report: &Report, to: W) -> Self {
        Self { to, model: report.model.clone(), only: OneInput::default(), film: None }
    }
}

impl<W: Write + Send> Sink<W> for Eaf<W> {
    fn input(&mut self, input: &InputReport) -> io::Result<()> {
        self.only.take()?;
        self.film = Some(input.clone());
        Ok(())
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        let Self { to, model, film, .. } = *self;
        let tiers = film.as_ref().map_or(Vec::new(), tiers);
        let mut writer = Writer::new_with_indent(to, b' ', 4);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = [
            ("AUTHOR", "microau"),
            ("DATE", DATE),
            ("FORMAT", "3.0"),
            ("VERSION", "3.0"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xsi:noNamespaceSchemaLocation", SCHEMA),
        ];
        writer.create_element("ANNOTATION_DOCUMENT").with_attributes(root).write_inner_content(|writer| {
            header(writer, film.as_ref(), &model, annotation_count(&tiers))?;
            time_order(writer, &tiers)?;
            write_tiers(writer, &tiers)?;
            types(writer)
        })?;
        let mut to = writer.into_inner();
        to.write_all(b"\n")?;
        Ok(to)
    }
}

/// One annotation: begin and end in ms, and its text.
#[derive(Clone, Debug, PartialEq)]
struct Annotation {
    span: (u64, u64),
    text: String,
}

/// A tier whose annotations are in order of time and do not overlap.
#[derive(Clone, Debug, PartialEq)]
struct Tier {
    name: String,
    participant: String,
    annotations: Vec<Annotation>,
}

/// What a tier is of, in the order of tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Micro,
    Macro,
    Movement,
    Unit(Au),
}

impl Of {
    fn kind(interval: &AuInterval) -> Of {
        match interval.spotted.map(|spotted| spotted.kind) {
            Some(ExpressionKind::Micro) => Of::Micro,
            Some(ExpressionKind::Macro) => Of::Macro,
            None => Of::Movement,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Of::Micro => "micro-expressions",
            Of::Macro => "longer expressions",
            Of::Movement => "movements",
            Of::Unit(au) => au.code(),
        }
    }
}

fn tiers(film: &InputReport) -> Vec<Tier> {
    let mut tiers = Vec::new();
    for face in &film.faces {
        let participant = format!("face {}", face.face_id);
        let mut annotations: BTreeMap<Of, Vec<Annotation>> = BTreeMap::new();
        for interval in &face.intervals {
            let span = span_millis(interval, film);
            let mut add = |of, text| annotations.entry(of).or_default().push(Annotation { span, text });
            add(Of::kind(interval), expression_text(interval));
            interval.aus.iter().filter(|score| score.present).for_each(|score| {
                let side = score.stronger_side().map_or("", |_| words::side(score));
                add(
                    Of::Unit(score.au),
                    format!("{} {side}", words::probability(score.probability)).trim_end().to_owned(),
                );
            });
        }
        for (of, annotations) in annotations {
            for (layer, annotations) in (1..).zip(layers(annotations)) {
                let further = if layer > 1 { format!(" ({layer})") } else { String::new() };
                let name = format!("{participant} {}{further}", of.name());
                tiers.push(Tier { name, participant: participant.clone(), annotations });
            }
        }
    }
    tiers
}

fn expression_text(interval: &AuInterval) -> String {
    let units = words::units(interval);
    interval.spotted.map_or(units.clone(), |spotted| format!("{units}, {}", words::probability(spotted.confidence)))
}

/// Annotations in order of time, spread over as many layers as it takes that none overlap in one.
fn layers(mut annotations: Vec<Annotation>) -> Vec<Vec<Annotation>> {
    annotations.sort_by_key(|annotation| annotation.span);
    let mut layers: Vec<Vec<Annotation>> = Vec::new();
    for annotation in annotations {
        let begin = annotation.span.0;
        match layers.iter_mut().find(|layer| layer.last().is_none_or(|last| last.span.1 <= begin)) {
            Some(layer) => layer.push(annotation),
            None => layers.push(vec![annotation]),
        }
    }
    layers
}

fn annotation_count(tiers: &[Tier]) -> usize {
    tiers.iter().map(|tier| tier.annotations.len()).sum()
}

fn header<W: Write>(
    writer: &mut Writer<W>,
    film: Option<&InputReport>,
    model: &ModelInfo,
    annotations: usize,
) -> io::Result<()> {
    let units = [("MEDIA_FILE", ""), ("TIME_UNITS", "milliseconds")];
    writer.create_element("HEADER").with_attributes(units).write_inner_content(|writer| {
        if let Some(media) = film.and_then(|film| Media::of(&film.input)) {
            let media = [
                ("MEDIA_URL", media.url.as_str()),
                ("MIME_TYPE", media.mime_type),
                ("RELATIVE_MEDIA_URL", media.relative_url.as_str()),
            ];
            writer.create_element("MEDIA_DESCRIPTOR").with_attributes(media).write_empty()?;
        }
        property(writer, "microau model", &model.name)?;
        property(writer, "lastUsedAnnotationId", &annotations.to_string())
    })?;
    Ok(())
}

fn property<W: Write>(writer: &mut Writer<W>, name: &str, value: &str) -> io::Result<()> {
    let element = writer.create_element("PROPERTY").with_attribute(("NAME", name));
    element.write_text_content(BytesText::new(value))?;
    Ok(())
}

/// The film as ELAN names it.
struct Media {
    url: String,
    relative_url: String,
    mime_type: &'static str,
}

impl Media {
    /// `None` for a folder of images and a pair of them, which ELAN cannot show.
    fn of(input: &str) -> Option<Media> {
        let path = Path::new(input);
        let mime_type = mime_type(path)?;
        let name = path.file_name()?.to_string_lossy();
        let absolute = std::path::absolute(path).ok()?;
        let absolute = absolute.to_string_lossy().replace('\\', "/");
        let slash = if absolute.starts_with('/') { "" } else { "/" };
        let url = format!("file://{slash}{}", percent_encoded(&absolute));
        Some(Media { url, relative_url: format!("./{}", percent_encoded(&name)), mime_type })
    }
}

fn mime_type(path: &Path) -> Option<&'static str> {
    let ending = path.extension()?.to_string_lossy().to_lowercase();
    match ending.as_str() {
        "mp4" | "m4v" => Some("video/mp4"),
        "mov" => Some("video/quicktime"),
        "avi" => Some("video/x-msvideo"),
        "mpg" | "mpeg" => Some("video/mpeg"),
        "mkv" => Some("video/x-matroska"),
        "webm" => Some("video/webm"),
        _ => None,
    }
}

/// A path as part of a URL (RFC 3986): every byte but those of names and slashes as `%` and two digits.
fn percent_encoded(path: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    path.bytes().map(encoded).collect()
}

/// Number of the first time slot of each annotation, counted through all tiers, two an annotation.
fn time_order<W: Write>(writer: &mut Writer<W>, tiers: &[Tier]) -> io::Result<()> {
    let spans = tiers.iter().flat_map(|tier| &tier.annotations).map(|annotation| annotation.span);
    writer.create_element("TIME_ORDER").write_inner_content(|writer| {
        for (number, millis) in (1..).zip(spans.flat_map(|(begin, end)| [begin, end])) {
            let (id, value) = (format!("ts{number}"), millis.to_string());
            let slot = [("TIME_SLOT_ID", id.as_str()), ("TIME_VALUE", value.as_str())];
            writer.create_element("TIME_SLOT").with_attributes(slot).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write_tiers<W: Write>(writer: &mut Writer<W>, tiers: &[Tier]) -> io::Result<()> {
    let mut number = 0;
    for tier in tiers {
        let tier_attributes =
            [("LINGUISTIC_TYPE_REF", TIER_TYPE), ("PARTICIPANT", tier.participant.as_str()), ("TIER_ID", &tier.name)];
        writer.create_element("TIER").with_attributes(tier_attributes).write_inner_content(|writer| {
            for annotation in &tier.annotations {
                number += 1;
                writer
                    .create_element("ANNOTATION")
                    .write_inner_content(|writer| aligned(writer, number, &annotation.text))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn aligned<W: Write>(writer: &mut Writer<W>, number: usize, text: &str) -> io::Result<()> {
    let (id, begin, end) = (format!("a{number}"), format!("ts{}", 2 * number - 1), format!("ts{}", 2 * number));
    let attributes = [("ANNOTATION_ID", id.as_str()), ("TIME_SLOT_REF1", &begin), ("TIME_SLOT_REF2", &end)];
    writer.create_element("ALIGNABLE_ANNOTATION").with_attributes(attributes).write_inner_content(|writer| {
        writer.create_element("ANNOTATION_VALUE").write_text_content(BytesText::new(text))?;
        Ok(())
    })?;
    Ok(())
}

fn types<W: Write>(writer: &mut Writer<W>) -> io::Result<()> {
    let tier_type = [("GRAPHIC_REFERENCES", "false"), ("LINGUISTIC_TYPE_ID", TIER_TYPE), ("TIME_ALIGNABLE", "true")];
    writer.create_element("LINGUISTIC_TYPE").with_attributes(tier_type).write_empty()?;
    for (stereotype, description) in CONSTRAINTS {
        let constraint = [("DESCRIPTION", description), ("STEREOTYPE", stereotype)];
        writer.create_element("CONSTRAINT").with_attributes(constraint).write_empty()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty_report, film_report, interval_at};
    use super::super::{Format, bytes};
    use super::*;

    fn text(film: InputReport) -> String {
        let mut report = empty_report();
        report.inputs.push(film);
        String::from_utf8(bytes(Format::Eaf, &report).unwrap()).unwrap()
    }

    #[test]
    fn a_face_has_a_tier_of_its_expressions_and_one_for_each_present_unit() {
        let tiers = tiers(&film_report("a.mp4", vec![interval_at(3, 12), interval_at(30, 60)]));
        let names: Vec<&str> = tiers.iter().map(|tier| tier.name.as_str()).collect();
        assert_eq!(names, ["face 0 micro-expressions", "face 0 longer expressions", "face 0 AU12"]);
        let expected = Annotation { span: (100, 400), text: "12 lip corner puller (left and right), .88".to_owned() };
        assert_eq!(tiers[0].annotations, [expected]);
        assert_eq!(tiers[2].annotations[1], Annotation { span: (1000, 2000), text: ".88".to_owned() });
    }

    #[test]
    fn annotations_that_overlap_stand_in_a_further_tier() {
        let tiers = tiers(&film_report("a.mp4", vec![interval_at(0, 60), interval_at(30, 90), interval_at(60, 120)]));
        let names: Vec<&str> = tiers.iter().map(|tier| tier.name.as_str()).collect();
        let expected = ["face 0 longer expressions", "face 0 longer expressions (2)", "face 0 AU12", "face 0 AU12 (2)"];
        assert_eq!(names, expected);
        assert_eq!(tiers.iter().map(|tier| tier.annotations.len()).collect::<Vec<_>>(), [2, 1, 2, 1]);
    }

    #[test]
    fn names_of_films_survive_and_annotations_point_to_their_times() {
        let eaf = text(film_report("/films/a & b%ä.mp4", vec![interval_at(3, 12)]));
        assert!(eaf.contains("MEDIA_URL=\"file:///films/a%20%26%20b%25%C3%A4.mp4\""), "{eaf}");
        assert!(eaf.contains("RELATIVE_MEDIA_URL=\"./a%20%26%20b%25%C3%A4.mp4\""), "{eaf}");
        assert!(eaf.contains("<TIME_SLOT TIME_SLOT_ID=\"ts2\" TIME_VALUE=\"400\"/>"), "{eaf}");
        assert!(eaf.contains("TIME_SLOT_REF1=\"ts3\" TIME_SLOT_REF2=\"ts4\""), "{eaf}");
    }

    #[test]
    fn a_folder_of_images_is_no_media() {
        assert!(!text(film_report("frames", Vec::new())).contains("MEDIA_DESCRIPTOR"));
    }
}
