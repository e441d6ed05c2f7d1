//! What is generated: one clip as numbers, drawn from two seeds. Rendering a script needs nothing else.

use microau_core::au::{Au, AuSet, Side};
use microau_core::sample::{AuLabels, Event};
use microau_core::time::FrameRate;

use crate::dice::{Dice, mix_seed};
use crate::expression::Expression;
use crate::muscle::pairs;
use crate::muscle::recipe::{Pulls, Recipe, following_lids};
use crate::muscle::timing::{Course, ease};
use crate::person::Person;
use crate::render::light::Lights;
use crate::render::sensor::Sensor;
use crate::render::shade::Furrow;
use crate::render::shot::Moment;
use crate::render::view::{Pose, View};
use crate::settings::SynthSettings;
use crate::vec3::v3;

/// A movement that begins and ends within the clip and is no expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Blink {
    pub middle_frame: f32,
    pub half_frames: f32,
    pub depth: f32,
}

/// Where the eyes look: from one direction to another at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gaze {
    pub from_rad: [f32; 2],
    pub to_rad: [f32; 2],
    pub shift_frame: f32,
    pub shift_frames: f32,
}

/// Slow movement of the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HeadPath {
    pub start: Pose,
    /// Change a second: yaw, pitch, roll (rad), shift (dm).
    pub drift: [f32; 6],
    /// Amplitudes, frequencies (Hz) and phases of a slow sway on the same six.
    pub sway: [[f32; 3]; 6],
}

/// One clip, complete: who, what, when, light and camera.
#[derive(Debug, Clone)]
pub struct ClipScript {
    /// Seed of the person.
    pub subject_seed: u64,
    /// Seed of everything else.
    pub clip_seed: u64,
    pub(crate) room_seed: u64,
    /// Side of the square frames, px.
    pub size_px: usize,
    /// Frames per second.
    pub rate: FrameRate,
    /// What is shown and when; without AUs in a clip without expression.
    pub expression: Expression,
    pub(crate) frames: u32,
    pub(crate) person: Person,
    pub(crate) blink: Option<Blink>,
    pub(crate) gaze: Gaze,
    pub(crate) twitch: Pulls,
    pub(crate) path: HeadPath,
    pub(crate) view: View,
    pub(crate) lights: Lights,
    pub(crate) sensor: Sensor,
    pub(crate) flicker: f32,
}

impl ClipScript {
    /// Draws a clip of a person with AUs by chance. The same settings and seeds give the same clip.
    pub fn sample(settings: &SynthSettings, subject_seed: u64, clip_seed: u64) -> ClipScript {
        let mut dice = Dice::new(mix_seed(subject_seed, clip_seed), "which AUs");
        let shown = pairs::draw(&settings.muscle, &mut dice);
        ClipScript::with_aus(settings, subject_seed, clip_seed, shown)
    }

    /// Draws a clip of a person in which exactly the given AUs are shown (strength, sides and all else by chance).
    pub fn with_aus(settings: &SynthSettings, subject_seed: u64, clip_seed: u64, shown: AuSet) -> ClipScript {
        let (course, frames) = Course::sample(settings, &mut Dice::new(mix_seed(subject_seed, clip_seed), "course"));
        ClipScript::over(settings, subject_seed, clip_seed, shown, (course, frames))
    }

    /// Draws a clip of `frames` frames that shows what was annotated: these AUs on these sides (both, where no side is
    /// named), from this onset over this apex to this offset. What AUs never or rarely meet in reality may meet here.
    ///
    /// An event without offset ends with the clip. Times that are out of order or past the end are moved to the nearest
    /// possible: onset < apex < offset < frames, and so there are at least 3 frames.
    pub fn annotated(
        settings: &SynthSettings,
        subject_seed: u64,
        clip_seed: u64,
        labels: &AuLabels,
        event: Event,
        frames: u32,
    ) -> ClipScript {
        let mut dice = Dice::new(mix_seed(subject_seed, clip_seed), "course");
        let course = (Course::of(event, frames, &mut dice), frames.max(3));
        let mut both_sides = settings.clone();
        both_sides.muscle.one_sided_share = 0.0;
        let mut script = ClipScript::over(&both_sides, subject_seed, clip_seed, labels.present(), course);
        for action in &mut script.expression.actions {
            match labels.one_sided(action.au) {
                Some(Side::Left) => action.right = 0.0,
                Some(Side::Right) => action.left = 0.0,
                None => {}
            }
        }
        script
    }

    /// The same clip filmed in the room of a seed: background, light and camera are those of all clips of the room.
    pub fn in_room(mut self, settings: &SynthSettings, room_seed: u64) -> ClipScript {
        self.room_seed = room_seed;
        self.lights = Lights::sample(&settings.light, &mut Dice::new(room_seed, "light"));
        self.sensor = Sensor::sample(&settings.camera, &mut Dice::new(room_seed, "sensor"));
        self
    }

    fn over(
        settings: &SynthSettings,
        subject_seed: u64,
        clip_seed: u64,
        shown: AuSet,
        (course, frames): (Course, u32),
    ) -> ClipScript {
        let seed = mix_seed(subject_seed, clip_seed);
        let mut script = ClipScript {
            subject_seed,
            clip_seed,
            room_seed: seed,
            size_px: settings.size_px,
            rate: FrameRate::whole(settings.rate_fps.max(1)),
            expression: Expression::sample(&settings.muscle, shown, course, seed),
            frames,
            person: Person::sample(settings, subject_seed),
            blink: None,
            gaze: Gaze { from_rad: [0.0; 2], to_rad: [0.0; 2], shift_frame: 0.0, shift_frames: 1.0 },
            twitch: Pulls::new(),
            path: draw_path(settings, &mut Dice::new(seed, "head")),
            view: draw_view(settings, &mut Dice::new(seed, "view")),
            lights: Lights::sample(&settings.light, &mut Dice::new(seed, "light")),
            sensor: Sensor::sample(&settings.camera, &mut Dice::new(seed, "sensor")),
            flicker: settings.distractors.flicker,
        };
        script.add_distractors(settings, &mut Dice::new(seed, "distractors"));
        script
    }

    /// Frames of the clip.
    pub fn frame_count(&self) -> u32 {
        self.frames
    }

    /// Onset, apex and offset. A clip without expression has them too: times at which an expression could have been.
    pub fn event(&self) -> Event {
        self.expression.event()
    }

    /// The AUs shown, with their sides.
    pub fn labels(&self) -> AuLabels {
        self.expression.labels()
    }

    /// The same clip with every face straight to the camera, neutral light, no drift, noise or compression: for goldens,
    /// for looking at heads and for placing landmarks.
    pub fn passport(settings: &SynthSettings, subject_seed: u64, clip_seed: u64) -> ClipScript {
        let mut script = ClipScript::with_aus(settings, subject_seed, clip_seed, AuSet::EMPTY);
        script.still();
        script.blink = None;
        script.twitch.clear();
        script
    }

    /// Stops all that moves besides the AUs, turns the face to the camera, and takes noise and compression out.
    pub fn still(&mut self) {
        self.path.drift = [0.0; 6];
        self.path.sway = [[0.0; 3]; 6];
        self.path.start = Pose { yaw_rad: 0.0, pitch_rad: 0.0, roll_rad: 0.0, shift_dm: v3(0.0, 0.0, 0.0) };
        self.gaze = Gaze { from_rad: [0.0; 2], to_rad: [0.0; 2], shift_frame: 0.0, shift_frames: 1.0 };
        self.blink = None;
        self.twitch.clear();
        self.sensor_clean();
    }

    /// Takes noise, blur, compression and flicker out; the movements stay.
    pub fn sensor_clean(&mut self) {
        self.sensor.clean();
        self.flicker = 0.0;
    }

    fn add_distractors(&mut self, settings: &SynthSettings, dice: &mut Dice) {
        let frames = self.frames as f32;
        let rate = settings.rate_fps as f32;
        let distractors = &settings.distractors;
        let blinks = dice.chance(distractors.blink_share);
        let blink = Blink {
            middle_frame: dice.between(0.0, frames),
            half_frames: dice.between(0.07, 0.14) * rate,
            depth: dice.between(0.5, 1.0),
        };
        self.blink = blinks.then_some(blink);
        let look = |dice: &mut Dice, reach: f32| [dice.normal() * reach, dice.normal() * reach * 0.6];
        let from_rad = look(dice, 0.10);
        let shifts = dice.chance(distractors.gaze_shift_share);
        let step = look(dice, 0.14);
        let moved = [(from_rad[0] + step[0]).clamp(-0.4, 0.4), (from_rad[1] + step[1]).clamp(-0.25, 0.25)];
        let to_rad = if shifts { moved } else { from_rad };
        let shift_frame = dice.between(0.0, frames);
        self.gaze = Gaze { from_rad, to_rad, shift_frame, shift_frames: (dice.between(0.03, 0.07) * rate).max(1.0) };
        for _ in 0..2 {
            let au = Au::ALL[dice.below(Au::ALL.len())];
            let amount = dice.unit() * distractors.twitch;
            for (target, weights) in Recipe::plain(au).pulls {
                self.twitch.push((target, weights.map(|w| w * amount)));
            }
        }
    }

    /// The face at a frame, with what its actions move at their apex and how they wrinkle then.
    pub(crate) fn moment<'a, M>(
        &self,
        movements: &'a [Vec<M>],
        furrows: Option<&'a Vec<Furrow>>,
        frame: f32,
    ) -> Moment<'a, M> {
        Moment {
            pose: self.pose(frame),
            gaze_rad: self.gaze_rad(frame),
            closure: self.closure(frame),
            movements: self.expression.active(movements, frame),
            bystanders: self.bystanders(frame),
            furrows: furrows.map(|map| (&map[..], self.expression.strongest(frame))),
        }
    }

    /// Pose of the head at a frame.
    fn pose(&self, frame: f32) -> Pose {
        let secs = frame / self.rate.as_f64() as f32;
        let moved: [f32; 6] = std::array::from_fn(|i| {
            let [amplitude, hertz, phase] = self.path.sway[i];
            let sway = (std::f32::consts::TAU * hertz * secs + phase).sin() - phase.sin();
            self.path.drift[i] * secs + amplitude * sway
        });
        let start = self.path.start;
        Pose {
            yaw_rad: start.yaw_rad + moved[0],
            pitch_rad: start.pitch_rad + moved[1],
            roll_rad: start.roll_rad + moved[2],
            shift_dm: start.shift_dm + v3(moved[3], moved[4], moved[5]),
        }
    }

    /// Turn of the eyes at a frame: yaw, pitch in radians.
    fn gaze_rad(&self, frame: f32) -> [f32; 2] {
        let gaze = &self.gaze;
        let share = ease((frame - gaze.shift_frame) / gaze.shift_frames);
        [0, 1].map(|i| gaze.from_rad[i] + (gaze.to_rad[i] - gaze.from_rad[i]) * share)
    }

    /// How far the lids are closed by a blink at a frame, 0..=1.
    fn closure(&self, frame: f32) -> f32 {
        let Some(blink) = self.blink else { return 0.0 };
        let from_middle = (frame - blink.middle_frame) / blink.half_frames;
        // Lids close faster than they open.
        let x = if from_middle < 0.0 { from_middle * 1.5 } else { from_middle };
        blink.depth * ease(1.0 - x.abs())
    }

    /// Pulls of what is neither a labelled AU nor a blink at a frame: lids that follow the gaze, twitches.
    fn bystanders(&self, frame: f32) -> Pulls {
        let mut pulls = following_lids(self.gaze_rad(frame)[1]);
        let share = self.twitch_share(frame);
        pulls.extend(self.twitch.iter().map(|(t, w)| (*t, w.map(|w| w * share))));
        pulls
    }

    fn twitch_share(&self, frame: f32) -> f32 {
        let phase = (self.clip_seed % 628) as f32 * 0.01;
        let secs = frame / self.rate.as_f64() as f32;
        0.5 + 0.5 * (std::f32::consts::TAU * 1.3 * secs + phase).sin()
    }
}

fn draw_path(settings: &SynthSettings, dice: &mut Dice) -> HeadPath {
    let reach = settings.camera.pose_deg.to_radians();
    // Most people look at the camera: the middle of the range is likelier than its ends.
    let mut angle = |k: f32| 0.5 * (dice.signed() + dice.signed()) * reach * k;
    let start = Pose { yaw_rad: angle(1.0), pitch_rad: angle(0.8), roll_rad: angle(0.5), shift_dm: v3(0.0, 0.0, 0.0) };
    let turn = dice.span(settings.distractors.drift_deg_per_sec).to_radians();
    // A head is about 1.6 dm wide.
    let slide = dice.span(settings.distractors.drift_widths_per_sec) * 1.6;
    let drift = std::array::from_fn(|i| dice.signed() * if i < 3 { turn } else { slide });
    let sway = std::array::from_fn(|i| {
        let amplitude = if i < 3 { 0.12 * turn } else { 0.12 * slide };
        [amplitude * dice.unit(), dice.between(0.4, 2.5), dice.between(0.0, std::f32::consts::TAU)]
    });
    HeadPath { start, drift, sway }
}

fn draw_view(settings: &SynthSettings, dice: &mut Dice) -> View {
    let camera = &settings.camera;
    let side = settings.size_px as f32;
    let distance_dm = dice.span(camera.distance_dm).max(4.0);
    let inter_ocular_px = dice.span(camera.inter_ocular_share) * side;
    let mut shift = || dice.signed() * camera.shift_share * side;
    View::new(distance_dm, inter_ocular_px, [0.5 * side + shift(), 0.44 * side + shift()])
}
