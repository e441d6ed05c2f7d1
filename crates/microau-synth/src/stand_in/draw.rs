//! Draws the plan of a stand-in from the facts of its data set.

use microau_core::au::Side;

use crate::dice::{Dice, mix_seed};
use crate::error::SynthError;

use super::codes::{Codes, objective_class};
use super::company::COMPANY;
use super::deal::{Targets, deal, deal_by_chance, shuffle};
use super::facts::{Facts, Films, in_proportion};
use super::feeling::assigned;
use super::plan::{Code, PlannedClip, StandInPlan};
use super::{Corpus, StandInSettings};

/// AUs that are never coded on one side: they move the middle of the mouth, or both eyes.
const TWO_SIDED: Codes = Codes::of(&[17, 18, 23, 24, 25, 26, 43, 45, 61]);

/// Frames between two events of one film, beside the margins.
const GAP: [f32; 2] = [6.0, 40.0];

/// How large a stand-in is, and its chance.
pub(crate) struct Draft {
    pub clips: usize,
    full: usize,
    pub dice: Dice,
}

impl Draft {
    /// A quirk's count at this size: in proportion, but not none.
    pub fn share_of(&self, count: usize) -> usize {
        let share = (count * self.clips + self.full / 2) / self.full;
        share.max(usize::from(count > 0))
    }

    /// `count` different indices below `below`, rising; all when there are no more.
    pub fn some(&mut self, count: usize, below: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..below).collect();
        shuffle(&mut all, &mut self.dice);
        all.truncate(count);
        all.sort_unstable();
        all
    }
}

/// The plan of a stand-in.
///
/// # Errors
/// [`SynthError::BadSetting`] for a share of clips or people that a data set does not have.
pub(crate) fn plan(settings: &StandInSettings) -> Result<StandInPlan, SynthError> {
    settings.check()?;
    let corpus = settings.layout.corpus();
    let facts = corpus.facts();
    let (clips, people) = size(settings, &facts)?;
    let seed = mix_seed(settings.seed, 0x7374_616e_642d_696e);
    let mut draft = Draft { clips, full: facts.clips, dice: Dice::new(seed, settings.layout.name()) };
    let deal = if settings.independent { deal_by_chance } else { deal };
    let sets = deal(&targets(&facts, clips), &mut draft.dice);
    let emotions = emotions(&facts, &sets, &mut draft.dice);
    let mut planned = timed(&facts, settings, &people, &mut draft);
    let marks = marked(&facts, &sets, &mut draft);
    for (((clip, set), emotion), marks) in planned.iter_mut().zip(&sets).zip(emotions).zip(marks) {
        clip.class = objective_class(*set);
        clip.emotion = emotion.to_owned();
        clip.codes = codes(corpus, *set, &marks, &mut draft.dice);
    }
    let mut plan = StandInPlan { settings: settings.clone(), clips: planned, strays: Vec::new() };
    corpus.finish(&mut plan, &mut draft);
    Ok(plan)
}

/// Events and people of the stand-in.
fn size(settings: &StandInSettings, facts: &Facts) -> Result<(usize, Vec<u32>), SynthError> {
    let whole = |asked: Option<usize>, name, all: usize| match asked {
        Some(count) if count == 0 || count > all => {
            let expected = "at least 1 and no more than the data set has";
            Err(SynthError::BadSetting { name, expected, got: format!("{count} (it has {all})") })
        }
        asked => Ok(asked),
    };
    let (all_clips, all_people) = (facts.clips, facts.people.len());
    let clips = whole(settings.clips, "clips", all_clips)?;
    let people = whole(settings.subjects, "subjects", all_people)?;
    let scaled = |count: usize, from: usize, to: usize| ((count * to + from / 2) / from).max(1);
    let clips = clips.unwrap_or_else(|| people.map_or(all_clips, |people| scaled(people, all_people, all_clips)));
    let least = facts.needed.len().max(2);
    let people = people.unwrap_or_else(|| scaled(clips, all_clips, all_people).max(least)).min(clips);
    Ok((clips, chosen(facts, people)))
}

/// So many people, spread over all, those needed among them; rising.
fn chosen(facts: &Facts, count: usize) -> Vec<u32> {
    let all = &facts.people;
    let mut chosen: Vec<u32> = facts.needed.iter().copied().take(count).collect();
    let spread = (0..all.len()).map(|i| all[(i * all.len() / count + i * count / all.len()) % all.len()]);
    for person in spread.chain(all.iter().copied()) {
        if chosen.len() < count && !chosen.contains(&person) {
            chosen.push(person);
        }
    }
    chosen.sort_unstable();
    chosen
}

fn targets(facts: &Facts, clips: usize) -> Targets {
    let tokens = facts.tokens();
    let counts: Vec<usize> = tokens.iter().map(|(_, count)| *count).collect();
    let all: usize = counts.iter().sum();
    let total = ((all * clips + facts.clips / 2) / facts.clips).max(clips);
    let scaled = in_proportion(&counts, total).into_iter().map(|count| count.min(clips));
    let own = |a: u8, b: u8| facts.company.iter().any(|&(x, y, _)| (x, y) == (a, b));
    let company = COMPANY.iter().filter(|&&(a, b, _)| !own(a, b)).chain(facts.company).copied().collect();
    Targets {
        clips,
        aus: tokens.iter().map(|(au, _)| *au).zip(scaled).collect(),
        singles: (facts.singles * clips + facts.clips / 2) / facts.clips,
        classes: facts.classes.map(|classes| in_proportion(&classes, clips).try_into().expect("seven shares of seven")),
        company,
    }
}

fn emotions(facts: &Facts, sets: &[Codes], dice: &mut Dice) -> Vec<&'static str> {
    if facts.emotions.is_empty() {
        return vec![""; sets.len()];
    }
    let counts: Vec<usize> = facts.emotions.iter().map(|(_, _, count)| *count).collect();
    let scaled = in_proportion(&counts, sets.len());
    let wanted: Vec<_> = facts.emotions.iter().map(|(_, feeling, _)| *feeling).zip(scaled).collect();
    assigned(sets, &wanted, facts.clash, dice).into_iter().map(|at| facts.emotions[at].0).collect()
}

/// The events by person and film with their frames, nothing said yet of what they show.
fn timed(facts: &Facts, settings: &StandInSettings, people: &[u32], draft: &mut Draft) -> Vec<PlannedClip> {
    let (clips, margin) = (draft.clips, settings.margin);
    let of_person = clips_of_people(clips, people.len(), &mut draft.dice);
    let macros = if facts.macros == 0 { 0 } else { draft.share_of(facts.macros).min(clips - 1) };
    let is_macro = draft.some(macros, clips);
    let mut short = facts.lengths.draw(clips - macros, &mut draft.dice).into_iter();
    let mut long = facts.macro_lengths.draw(macros, &mut draft.dice).into_iter();
    let dice = &mut draft.dice;
    let mut planned: Vec<PlannedClip> = Vec::with_capacity(clips);
    let films = films_of_people(facts, &of_person, clips);
    for ((&person, &count), films) in people.iter().zip(&of_person).zip(films) {
        let mut last: Option<PlannedClip> = None;
        for number in 0..count {
            let film = number * films / count;
            let is_macro = is_macro.binary_search(&planned.len()).is_ok();
            let frames = if is_macro { long.next() } else { short.next() }.expect("a length for every event");
            let before = last.filter(|clip| clip.film == film);
            let onset = match &before {
                Some(clip) => clip.offset + 2 * margin + dice.between(GAP[0], GAP[1]) as u32,
                None => dice.between(facts.start[0] as f32, facts.start[1] as f32) as u32 + margin,
            };
            let offset = onset + frames.max(3) - 1;
            let rise = ((offset - onset) as f32 * dice.between(0.35, 0.6)).round() as u32;
            let apex = onset + rise.clamp(1, offset - onset - 1);
            let rate_fps = facts.rates_fps[dice.below(facts.rates_fps.len())];
            let event = before.map_or(0, |clip| clip.event + 1);
            let clip = PlannedClip {
                rate_fps,
                onset,
                apex,
                offset,
                noted_apex: Some(apex),
                noted_offset: Some(offset),
                ..blank(person, number, film, event, is_macro)
            };
            last = Some(clip.clone());
            planned.push(clip);
        }
    }
    planned
}

fn blank(person: u32, number: usize, film: usize, event: usize, is_macro: bool) -> PlannedClip {
    PlannedClip {
        person,
        number,
        film,
        event,
        is_macro,
        subject: String::new(),
        name: String::new(),
        codes: Vec::new(),
        separator: "+",
        emotion: String::new(),
        class: objective_class(Codes::default()),
        rate_fps: 0,
        onset: 0,
        apex: 0,
        offset: 0,
        noted_apex: None,
        noted_offset: None,
    }
}

/// Events of each person: at least one, some people with many.
fn clips_of_people(clips: usize, people: usize, dice: &mut Dice) -> Vec<usize> {
    let weights: Vec<usize> = (0..people).map(|_| 250 + (dice.unit().powi(2) * 3000.0) as usize).collect();
    in_proportion(&weights, clips - people).into_iter().map(|more| more + 1).collect()
}

/// Films of each person, who has so many events; each film has one of them at least.
fn films_of_people(facts: &Facts, of_person: &[usize], clips: usize) -> Vec<usize> {
    match facts.films {
        Films::PerEvent => of_person.to_vec(),
        Films::PerPerson => vec![1; of_person.len()],
        Films::Total(films, most) => {
            let beyond_first: Vec<usize> = of_person.iter().map(|count| count - 1).collect();
            let films = (films * clips + facts.clips / 2) / facts.clips;
            let more = in_proportion(&beyond_first, films.saturating_sub(of_person.len()));
            more.into_iter().zip(of_person).map(|(more, &count)| (more + 1).min(count).min(most)).collect()
        }
    }
}

/// How a code of a clip is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Side(Side),
    Doubtful,
    Twin,
}

/// The marks of each clip's codes, by AU.
fn marked(facts: &Facts, sets: &[Codes], draft: &mut Draft) -> Vec<Vec<(u8, Mark)>> {
    let marks = facts.marks;
    let twins = draft.share_of(marks.twins);
    let sides = |count: usize, side: Side| (Mark::Side(side), draft.share_of(count).saturating_sub(twins));
    let wanted = [
        sides(marks.left, Side::Left),
        sides(marks.right, Side::Right),
        (Mark::Doubtful, draft.share_of(marks.doubtful)),
    ];
    let mut pile: Vec<Mark> = wanted.into_iter().flat_map(|(mark, count)| std::iter::repeat_n(mark, count)).collect();
    shuffle(&mut pile, &mut draft.dice);
    let places = sets.iter().enumerate().flat_map(|(clip, set)| set.iter().map(move |au| (clip, au)));
    let mut free: Vec<(usize, u8)> = places.filter(|(_, au)| !TWO_SIDED.contains(*au)).collect();
    shuffle(&mut free, &mut draft.dice);
    let (single, shared): (Vec<_>, Vec<_>) = free.into_iter().partition(|(clip, _)| sets[*clip].len() == 1);
    let singles = sets.iter().filter(|set| set.len() == 1).count();
    // of the rows with one AU as many are marked as are not known to be plain
    let marked_singles = match marks.plain_rows {
        Some(plain) => singles.saturating_sub(draft.share_of(plain)),
        None => pile.len() * singles / sets.iter().map(|set| set.len()).sum::<usize>().max(1),
    };
    let (first, rest) = single.split_at(marked_singles.min(single.len()).min(pile.len()));
    let mut result = vec![Vec::new(); sets.len()];
    let twin_places = shared.iter().take(twins).map(|&place| (place, Mark::Twin));
    let marks = first.iter().chain(shared.iter().skip(twins)).chain(rest).copied().zip(pile);
    twin_places.chain(marks).for_each(|((clip, au), mark)| result[clip].push((au, mark)));
    result
}

/// The codes of a clip as the data set spells them.
fn codes(corpus: &dyn Corpus, set: Codes, marks: &[(u8, Mark)], dice: &mut Dice) -> Vec<Code> {
    let mut code = |au: u8, side: Option<Side>, doubtful: bool| {
        let text = corpus.spell(au, side, doubtful, dice);
        Code { au, side, text, counts: true }
    };
    let mut codes = Vec::new();
    for au in set.iter() {
        match marks.iter().find(|(marked, _)| *marked == au).map(|(_, mark)| *mark) {
            Some(Mark::Twin) => codes.extend(Side::BOTH.map(|side| code(au, Some(side), false))),
            Some(Mark::Side(side)) => codes.push(code(au, Some(side), false)),
            Some(Mark::Doubtful) => codes.push(code(au, None, true)),
            None => codes.push(code(au, None, false)),
        }
    }
    codes
}
