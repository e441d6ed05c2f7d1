//! The words: templates filled with the phrases of the AUs.

use std::collections::BTreeMap;

use microau_core::au::Au;
use serde::Deserialize;

use crate::error::ModelError;

/// The prompts of this project.
pub(super) const PROMPTS: &str = include_str!("../../prompts.toml");
/// Where the phrase stands in a template.
const PLACE: &str = "{}";

/// Phrases and templates as written in a prompt file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    templates: Templates,
    pub(super) phrases: BTreeMap<Au, String>,
    pub(super) emotions: BTreeMap<String, Vec<Au>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Templates {
    active: Vec<String>,
    inactive: Vec<String>,
}

/// A sentence in two parts, so that learned context can stand between them; the whole is `before` and `from_phrase` joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What the template says before the phrase; may be empty.
    pub before: String,
    /// The phrase and what follows it.
    pub from_phrase: String,
}

impl Sentence {
    /// The sentence as one text.
    pub fn whole(&self) -> String {
        format!("{}{}", self.before, self.from_phrase)
    }
}

impl Prompts {
    /// The prompts of this project.
    pub fn built_in() -> Prompts {
        Prompts::parse(PROMPTS).expect("the built-in prompts are tested")
    }

    /// Reads a prompt file.
    ///
    /// # Errors
    /// [`ModelError::Prompts`] for a text that is no prompt file, or an emotion made of AUs without a phrase.
    pub fn parse(text: &str) -> Result<Prompts, ModelError> {
        let prompts: Prompts =
            toml::from_str(text).map_err(|error| ModelError::Prompts { reason: error.to_string() })?;
        let templates = prompts.templates.active.iter().chain(&prompts.templates.inactive);
        if let Some(template) = templates.clone().find(|template| !template.contains(PLACE)) {
            return Err(ModelError::Prompts { reason: format!("expected {{}} in every template, got {template:?}") });
        }
        if prompts.templates.active.is_empty() || prompts.templates.inactive.is_empty() {
            return Err(ModelError::Prompts { reason: "expected a template for each state, got none".to_owned() });
        }
        for &au in prompts.emotions.values().flatten() {
            prompts.phrase(au)?;
        }
        Ok(prompts)
    }

    /// The sentences that say an AU is active.
    ///
    /// # Errors
    /// When the AU has no phrase.
    pub fn active(&self, au: Au) -> Result<Vec<Sentence>, ModelError> {
        Ok(filled(&self.templates.active, self.phrase(au)?))
    }

    /// The sentences that say an AU is not active.
    ///
    /// # Errors
    /// When the AU has no phrase.
    pub fn inactive(&self, au: Au) -> Result<Vec<Sentence>, ModelError> {
        Ok(filled(&self.templates.inactive, self.phrase(au)?))
    }

    /// Each emotion with its sentences, made of the phrases of its AUs (method §8).
    pub fn emotions(&self) -> impl Iterator<Item = (&str, Vec<Sentence>)> {
        self.emotions.iter().map(|(name, aus)| {
            let phrases: Vec<&str> = aus.iter().filter_map(|au| self.phrases.get(au)).map(String::as_str).collect();
            (name.as_str(), filled(&self.templates.active, &phrases.join(" and ")))
        })
    }

    pub(super) fn phrase(&self, au: Au) -> Result<&str, ModelError> {
        self.phrases.get(&au).map(String::as_str).ok_or(ModelError::AuWithoutText { au })
    }
}

fn filled(templates: &[String], phrase: &str) -> Vec<Sentence> {
    let sentence = |template: &String| {
        let (before, after) = template.split_once(PLACE).unwrap_or((template, ""));
        Sentence { before: before.to_owned(), from_phrase: format!("{phrase}{}", after.replace(PLACE, phrase)) }
    };
    templates.iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_those_of_the_table_of_aus() {
        let prompts = Prompts::built_in();
        for au in Au::ALL {
            assert_eq!(prompts.phrase(au).unwrap(), au.phrase());
        }
    }

    #[test]
    fn a_sentence_is_parted_before_its_phrase() {
        let [.., sentence] = &Prompts::built_in().inactive(Au::Au12).unwrap()[..] else { panic!("no sentence") };
        assert_eq!(sentence.before, "the muscles of the face are at rest instead of ");
        assert_eq!(sentence.from_phrase, "pulling the corners of the lips");
        let twice = filled(&["{}, only {}!".to_owned()], "frowning");
        assert_eq!(twice[0].whole(), "frowning, only frowning!");
    }

    #[test]
    fn a_template_without_a_place_for_the_phrase_is_refused() {
        let broken = PROMPTS.replace("\"a face {}\"", "\"a face\"");
        assert!(Prompts::parse(&broken).unwrap_err().to_string().contains("\"a face\""));
    }
}
