//! Training by a protocol: one fit a fold and seed, each on its training side alone, each sample tested by a model that has
//! never seen its subject.
//!
//! The run's folder describes itself: `settings.toml`, `index.sha256` and `folds.json` (see [`Plan`]), `fold-NAME/` with
//! `log.jsonl`, `checkpoint.safetensors` and `scores.jsonl` (below `seed-N/` when there are several seeds), and
//! `scores.jsonl` of all folds together, from which every figure is computed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use microau_core::sample::AuLabels;
use microau_eval::figure::Figure;
use microau_eval::protocol::Split;
use microau_eval::scores::{self, SampleScores};
use microau_model::MicroAuClip;
use microau_model::checkpoint::{Checkpoint, Precision, Provenance};

use super::beginning::Beginning;
use super::clips::TrainingSet;
use super::data_settings::{DataSettings, ProtocolName};
use super::error::TrainError;
use super::fit::Fit;
use super::folder::{Event, Validation, Watch, checkpoint_path, fit_to_end, forget_state};
use super::plan::Plan;
use super::settings::TrainSettings;
use super::tokens::TokenCache;
use crate::evaluate::probs::{ClipOutput, outputs_of};
use crate::evaluate::{EvaluateError, evaluate};
use crate::files;
use crate::model_input::ModelInput;

/// What a protocol run has made.
#[derive(Clone, Debug, PartialEq)]
pub enum ProtocolRun {
    /// The scores of every tested sample.
    Judged(Vec<SampleScores>),
    /// A model of all clips.
    Model(PathBuf),
}

/// Trains by the protocol of the settings, or goes on where it was stopped, and writes everything into `out`.
///
/// # Errors
/// [`TrainError`]; folds that were finished are kept, and one that fails does not stop the others.
pub fn run(
    settings: &TrainSettings,
    data: &DataSettings,
    out: &Path,
    watch: Watch<'_>,
) -> Result<ProtocolRun, TrainError> {
    let beginning = Beginning::read(settings, &settings.device.open()?.autodiff())?;
    let plan = Plan::open(settings, data, out, watch)?;
    let tokens = beginning.tokens(settings, &plan.clips, out, watch)?;
    let ground = Ground { plan, beginning, tokens };
    match data.protocol {
        ProtocolName::None => ground.one_model(watch).map(ProtocolRun::Model),
        ProtocolName::Judged(_) => ground.judged(watch).map(ProtocolRun::Judged),
    }
}

/// What all folds stand on.
struct Ground<'a> {
    plan: Plan<'a>,
    beginning: Beginning,
    tokens: Option<TokenCache>,
}

/// One fit of a protocol.
struct Task<'a> {
    split: &'a Split,
    settings: TrainSettings,
    folder: PathBuf,
}

impl Task<'_> {
    fn steps(&self) -> usize {
        self.settings.steps_over(self.split.training().train().len())
    }
}

impl Ground<'_> {
    /// Every fold under every seed, several at a time.
    fn judged(&self, watch: Watch<'_>) -> Result<Vec<SampleScores>, TrainError> {
        let plan = &self.plan;
        let task = |seed, split| Task {
            split,
            settings: TrainSettings { seed, ..plan.settings.clone() },
            folder: plan.folder(split, seed),
        };
        let seeds = plan.seeds();
        let tasks: Vec<Task<'_>> =
            seeds.iter().flat_map(|&seed| plan.splits.iter().map(move |split| task(seed, split))).collect();
        watch(Event::Fitting(tasks.len(), tasks.iter().map(Task::steps).sum()));
        let scores = side_by_side(&tasks, plan.data.jobs, |task| self.fold(task, watch));

        let (mut all, mut failed) = (Vec::new(), Vec::new());
        for (task, scores) in tasks.iter().zip(scores) {
            match scores {
                Ok(scores) => all.extend(scores),
                Err(error) => failed.push((format!("{} (seed {})", task.split.name(), task.settings.seed), error)),
            }
        }
        if !failed.is_empty() {
            return Err(TrainError::Folds { failed, of: tasks.len() });
        }
        files::write(&plan.out.join("scores.jsonl"), scores::to_jsonl(&all)?.as_bytes())?;
        Ok(all)
    }

    /// One model of all clips.
    fn one_model(&self, watch: Watch<'_>) -> Result<PathBuf, TrainError> {
        let Plan { settings, clips, out, .. } = &self.plan;
        let fit = Fit::new(settings, &self.beginning, TrainingSet::all(clips, self.tokens.as_ref()))?;
        watch(Event::Fitting(1, fit.steps()));
        let fit = fit_to_end(fit, settings, out, None, watch)?;
        let path = checkpoint_path(out);
        self.checkpoint(fit.whole_model()?, settings, "all clips").save(&path, Precision::F16)?;
        Ok(path)
    }

    /// Scores of one fold: those on disk, or of a model fitted to its training side.
    fn fold(&self, task: &Task<'_>, watch: Watch<'_>) -> Result<Vec<SampleScores>, TrainError> {
        let path = task.folder.join("scores.jsonl");
        if let Some(scores) = self.finished(task, &path) {
            watch(Event::Resumed(task.steps()));
            return Ok(scores);
        }
        let set = TrainingSet::of_side(&self.plan.clips, self.tokens.as_ref(), task.split.training());
        let fit = Fit::new(&task.settings, &self.beginning, set)?;
        let apart = task.split.training().validation();
        let judge = |model: &MicroAuClip| self.validated(model, apart);
        let validation: Validation<'_> = if apart.is_empty() { None } else { Some(&judge) };
        let fit = fit_to_end(fit, &task.settings, &task.folder, validation, watch)?;
        let scores = self.scored(&fit.model(), task)?;
        check_finite(&scores, fit.step())?;
        if self.plan.data.keep_checkpoints {
            let checkpoint = self.checkpoint(fit.whole_model()?, &task.settings, task.split.name());
            checkpoint.save(&checkpoint_path(&task.folder), Precision::F16)?;
        }
        files::write(&path, scores::to_jsonl(&scores)?.as_bytes())?;
        forget_state(&task.folder);
        Ok(scores)
    }

    /// The scores of a fold that was finished before.
    fn finished(&self, task: &Task<'_>, path: &Path) -> Option<Vec<SampleScores>> {
        let scores = scores::from_jsonl(&std::fs::read_to_string(path).ok()?).ok()?;
        let names: BTreeSet<&str> = scores.iter().map(|line| line.sample.as_str()).collect();
        let expected = task.split.test().iter().map(|&place| self.plan.clips[place].clip.as_str());
        (names == expected.collect()).then_some(scores)
    }

    /// What a model says of the test side.
    fn scored(&self, model: &MicroAuClip, task: &Task<'_>) -> Result<Vec<SampleScores>, TrainError> {
        let test = task.split.test();
        let outputs = outputs_of(model, test.len(), |place| self.input(test[place], model))?;
        let emotions: Vec<&str> = model.text().emotions().iter().map(|emotion| emotion.name.as_str()).collect();
        let line = |(&place, output): (&usize, Option<ClipOutput>)| {
            let output = output.expect("clips that the crop cuts off were left out before");
            let aus = model.config().aus.iter().copied();
            let probs = aus.zip(output.probs.into_iter().map(f64::from)).collect();
            let likeness = output.emotions.iter().map(|&likeness| f64::from(likeness));
            let emotion_text = emotions.iter().map(|&name| name.to_owned()).zip(likeness).collect();
            SampleScores { emotion_text, ..self.plan.line(task.split, task.settings.seed, place, probs) }
        };
        Ok(test.iter().zip(outputs).map(line).collect())
    }

    /// Figures of clips that are set apart to watch a fit: they tell how it goes and decide nothing.
    fn validated(&self, model: &MicroAuClip, places: &[usize]) -> Result<serde_json::Value, TrainError> {
        let outputs = outputs_of(model, places.len(), |place| self.input(places[place], model))?;
        let rows: Vec<Vec<f32>> = outputs.into_iter().flatten().map(|output| output.probs).collect();
        let labels: Vec<AuLabels> = places.iter().map(|&place| self.plan.clips[place].labels).collect();
        let figures = evaluate(&model.config().aus, &labels, &rows).map_err(EvaluateError::from)?;
        let mean = |figure: Figure| figures.means[figure];
        Ok(serde_json::json!({
            "binary_f1": mean(Figure::BinaryF1), "macro_f1": mean(Figure::MacroF1), "roc_auc": mean(Figure::RocAuc),
        }))
    }

    fn input(&self, place: usize, model: &MicroAuClip) -> Option<ModelInput> {
        let input = ModelInput::new(&self.plan.clips[place].sample, model.config()).ok()?;
        Some(match &self.tokens {
            Some(tokens) => input.with_tokens(Arc::clone(&tokens.of(place).plain)),
            None => input,
        })
    }

    fn checkpoint(&self, model: MicroAuClip, settings: &TrainSettings, who: &str) -> Checkpoint {
        let data = self.plan.data;
        let indices: Vec<String> = data.index.iter().map(|path| path.display().to_string()).collect();
        let entries = [
            ("program", format!("microau {}", env!("CARGO_PKG_VERSION"))),
            ("data", indices.join(", ")),
            ("protocol", format!("{}, {who}", String::from(data.protocol))),
            ("seed", settings.seed.to_string()),
        ];
        let provenance = Provenance(entries.map(|(key, value)| (key.to_owned(), value)).into());
        Checkpoint { model, provenance }
    }
}

/// Refuses what a model says whose last step led out of all numbers.
fn check_finite(scores: &[SampleScores], steps: usize) -> Result<(), TrainError> {
    let probs = scores.iter().flat_map(|line| line.probs.values());
    let odd = probs.chain(scores.iter().flat_map(|line| line.emotion_text.values())).find(|value| !value.is_finite());
    odd.map_or(Ok(()), |&value| {
        let step = steps.saturating_sub(1);
        Err(TrainError::Diverged { what: "what the model says", value: value as f32, step })
    })
}

/// The results of work on each task, `jobs` at a time (0: one a core), in the order of the tasks.
///
/// Threads of their own take one task after the other: a fold that waited in the common pool would begin another inside
/// itself.
fn side_by_side<T: Send>(tasks: &[Task<'_>], jobs: usize, work: impl Fn(&Task<'_>) -> T + Sync) -> Vec<T> {
    let jobs = if jobs == 0 { rayon::current_num_threads() } else { jobs };
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<T>>> = tasks.iter().map(|_| Mutex::new(None)).collect();
    let take_all = || {
        while let Some((task, slot)) = {
            let place = next.fetch_add(1, Ordering::Relaxed);
            tasks.get(place).zip(results.get(place))
        } {
            *slot.lock().expect("nothing panics while it holds a slot") = Some(work(task));
        }
    };
    std::thread::scope(|scope| (0..jobs.min(tasks.len())).for_each(|_| drop(scope.spawn(take_all))));
    let result = |slot: Mutex<Option<T>>| slot.into_inner().expect("as above").expect("every task was taken");
    results.into_iter().map(result).collect()
}
