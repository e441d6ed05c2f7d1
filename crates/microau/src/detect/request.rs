//! What is asked of one input: which moments, counted how.

use microau_core::sample::Event;
use microau_core::time::FrameIndex;
use microau_vision::frames::VideoInfo;

use super::error::DetectError;
use super::input::Input;

/// One input and what to look for in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The film.
    pub input: Input,
    /// Where to look.
    pub moments: Moments,
}

impl Request {
    /// A request; two images without moments are onset and apex.
    pub fn new(input: Input, moments: Moments) -> Self {
        let pair = EventNumbers { onset: 0, apex: 1, offset: None };
        let moments = match (&input, moments) {
            (Input::Pair { .. }, Moments::Search | Moments::Spot | Moments::ByLength) => {
                Moments::Given { numbers: vec![pair], numbering: Numbering::Position }
            }
            (_, moments) => moments,
        };
        Self { input, moments }
    }
}

/// Length from which a film is no clip of one movement by itself, seconds: the clips of the field's datasets are shorter.
pub const FILM_SECS: f64 = 3.0;

/// Where in a film to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moments {
    /// Take the film for a clip of one movement and search its onset and apex.
    Search,
    /// Spot all expressions of the film.
    Spot,
    /// Search in what is shorter than [`FILM_SECS`], spot in the rest.
    ByLength,
    /// Look at these movements, given by frame numbers.
    Given {
        /// The movements, as the user numbered them.
        numbers: Vec<EventNumbers>,
        /// What a number means.
        numbering: Numbering,
    },
}

/// One movement by the frame numbers a user gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventNumbers {
    /// Number of the onset frame.
    pub onset: u64,
    /// Number of the apex frame.
    pub apex: u64,
    /// Number of the offset frame, where known.
    pub offset: Option<u64>,
}

/// What a frame number means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// Position from 0 in the order of showing. For image folders, images are ordered by the number in their names.
    #[default]
    Position,
    /// For image folders the number in the name of the file, as annotation tables count; position for films.
    Names,
}

impl EventNumbers {
    /// The frames these numbers mean in a film.
    ///
    /// # Errors
    /// [`DetectError::NoSuchNumber`], [`DetectError::EventOrder`], and [`DetectError::PastEnd`] where the film states
    /// its length.
    pub fn event(&self, numbering: Numbering, info: &VideoInfo, input: &Input) -> Result<Event, DetectError> {
        let frame = |what, number| numbering.frame(what, number, info, input);
        let onset = frame("onset", self.onset)?;
        let apex = frame("apex", self.apex)?;
        let offset = self.offset.map(|number| frame("offset", number)).transpose()?;
        let event = Event::new(onset, apex, offset).map_err(|_| self.out_of_order(input))?;
        match info.frame_count {
            Some(count) => check_end(&event, count, input).map(|()| event),
            None => Ok(event),
        }
    }

    fn out_of_order(&self, input: &Input) -> DetectError {
        let offset = self.offset.map_or(String::new(), |offset| format!(", offset {offset}"));
        let got = format!("onset {}, apex {}{offset}", self.onset, self.apex);
        DetectError::EventOrder { got, input: input.to_string() }
    }
}

/// Refuses an event that names frames which a film of `count` frames does not have.
///
/// # Errors
/// [`DetectError::PastEnd`] with the first such frame.
pub fn check_end(event: &Event, count: u64, input: &Input) -> Result<(), DetectError> {
    let named = [("onset", Some(event.onset)), ("apex", Some(event.apex)), ("offset", event.offset)];
    for (what, frame) in named {
        if let Some(frame) = frame.filter(|frame| frame.0 >= count) {
            let last = FrameIndex(count.saturating_sub(1));
            let is_folder = input.is_folder();
            return Err(DetectError::PastEnd { what, frame, last, is_folder, input: input.to_string() });
        }
    }
    Ok(())
}

impl Numbering {
    /// The frame that a number means in a film; `what` names it in the error.
    ///
    /// # Errors
    /// [`DetectError::NoSuchNumber`].
    pub fn frame(
        self,
        what: &'static str,
        number: u64,
        info: &VideoInfo,
        input: &Input,
    ) -> Result<FrameIndex, DetectError> {
        match (self, &info.numbers) {
            (Numbering::Names, Some(_)) => info.index_of_number(number).ok_or_else(|| DetectError::NoSuchNumber {
                what,
                number,
                input: input.to_string(),
            }),
            _ => Ok(FrameIndex(number)),
        }
    }
}
