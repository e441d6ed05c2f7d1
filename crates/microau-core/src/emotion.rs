//! What a set of action units says of emotion: objective classes and the three groups used across data sets.
//!
//! The rules that lead from action units to these words stand in `microau-eval`; text scores come from the model.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Objective class of a micro-expression (Davison et al. 2017): a class of action unit sets, free of anyone's
/// reading of the feeling behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ObjectiveClass {
    /// Class I, happiness.
    I,
    /// Class II, surprise.
    II,
    /// Class III, anger.
    III,
    /// Class IV, disgust.
    IV,
    /// Class V, sadness.
    V,
    /// Class VI, fear.
    VI,
    /// Class VII, others: every set the other classes do not name.
    VII,
}

impl ObjectiveClass {
    /// All classes, I to VII.
    pub const ALL: [ObjectiveClass; 7] = [
        ObjectiveClass::I,
        ObjectiveClass::II,
        ObjectiveClass::III,
        ObjectiveClass::IV,
        ObjectiveClass::V,
        ObjectiveClass::VI,
        ObjectiveClass::VII,
    ];

    /// Roman number, `I` to `VII`.
    pub const fn roman(self) -> &'static str {
        match self {
            ObjectiveClass::I => "I",
            ObjectiveClass::II => "II",
            ObjectiveClass::III => "III",
            ObjectiveClass::IV => "IV",
            ObjectiveClass::V => "V",
            ObjectiveClass::VI => "VI",
            ObjectiveClass::VII => "VII",
        }
    }

    /// The emotion whose prototypes the class holds, in lower case; `others` for VII.
    pub const fn name(self) -> &'static str {
        match self {
            ObjectiveClass::I => "happiness",
            ObjectiveClass::II => "surprise",
            ObjectiveClass::III => "anger",
            ObjectiveClass::IV => "disgust",
            ObjectiveClass::V => "sadness",
            ObjectiveClass::VI => "fear",
            ObjectiveClass::VII => "others",
        }
    }
}

/// Number and name, e.g. `I happiness`.
impl fmt::Display for ObjectiveClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.roman(), self.name()))
    }
}

/// The three groups in which emotions of different data sets are compared (MEGC2019).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmotionGroup {
    /// Happiness.
    Positive,
    /// Anger, contempt, disgust, fear, sadness, repression.
    Negative,
    /// Surprise.
    Surprise,
}

impl EmotionGroup {
    /// All three groups.
    pub const ALL: [EmotionGroup; 3] = [EmotionGroup::Positive, EmotionGroup::Negative, EmotionGroup::Surprise];

    /// Name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            EmotionGroup::Positive => "positive",
            EmotionGroup::Negative => "negative",
            EmotionGroup::Surprise => "surprise",
        }
    }
}

impl fmt::Display for EmotionGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
