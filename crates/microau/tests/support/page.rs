//! Reads a page back. Ours are written so that they are well-formed XML too, which is stricter than HTML.

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// One element of a page.
#[derive(Clone, Debug)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Attributes by name, with entities resolved.
    pub attributes: Vec<(String, String)>,
    /// The elements around it, the outermost first.
    pub path: Vec<String>,
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Whether an attribute has this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.attribute(name) == Some(value)
    }
}

/// All elements of a page in their order; panics where it is not well-formed: tags that do not match, attributes twice or
/// without quotes, bare ampersands.
pub fn elements(html: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(html);
    let (mut all, mut path) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} at {}", reader.buffer_position())) {
            Event::Start(start) => {
                let element = element(&start, &path);
                path.push(element.name.clone());
                all.push(element);
            }
            Event::Empty(start) => all.push(element(&start, &path)),
            Event::End(_) => drop(path.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(path.is_empty(), "left open: {path:?}");
    all
}

fn element(start: &BytesStart<'_>, path: &[String]) -> Element {
    let attribute = |attribute: Result<Attribute<'_>, _>| {
        let attribute = attribute.unwrap();
        (attribute.key.as_ref().to_owned(), attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned())
    };
    let attributes = start.attributes().map(attribute).collect();
    Element { name: start.name().as_ref().to_owned(), attributes, path: path.to_vec() }
}
