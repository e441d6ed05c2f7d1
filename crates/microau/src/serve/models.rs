//! The models that can be asked: the one inside the program, and checkpoints in the folder of models.

use std::fs;
use std::path::PathBuf;

use serde::Serialize;
use utoipa::ToSchema;

use super::State;
use super::fault::Fault;
use crate::detect::model_scorer::NANO;

/// How names of checkpoints end.
pub(crate) const ENDING: &str = "safetensors";

/// A model that can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Model {
    /// `nano`, or what the file of a checkpoint is called.
    pub id: String,
    /// Its name, for reading.
    pub name: String,
    /// Whether it is inside the program.
    pub built_in: bool,
    /// Bytes of its file.
    pub bytes: u64,
}

impl State {
    /// All models, the built-in one first.
    pub fn models(&self) -> Result<Vec<Model>, Fault> {
        let mut models: Vec<Model> = self.checkpoints()?.into_iter().map(|(model, _)| model).collect();
        models.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        models.insert(0, Model { id: NANO.to_owned(), name: NANO.to_owned(), built_in: true, bytes: 0 });
        Ok(models)
    }

    /// The model of a number.
    pub fn model(&self, id: &str) -> Result<Model, Fault> {
        self.models()?.into_iter().find(|model| model.id == id).ok_or_else(|| no_such(id))
    }

    /// What to open for a model: what the folder lists, never a path that was asked for.
    pub fn checkpoint(&self, id: &str) -> Result<String, Fault> {
        if id == NANO {
            return Ok(NANO.to_owned());
        }
        let found = self.checkpoints()?.into_iter().find(|(model, _)| model.id == id);
        found.map(|(_, path)| path.display().to_string()).ok_or_else(|| no_such(id))
    }

    fn checkpoints(&self) -> Result<Vec<(Model, PathBuf)>, Fault> {
        let names = self.store.model_names()?;
        let mut found = Vec::new();
        for entry in fs::read_dir(self.folders.models())? {
            let path = entry?.path();
            let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let is_one = path.extension().is_some_and(|ending| ending == ENDING) && !id.starts_with('.') && id != NANO;
            if is_one && path.is_file() {
                let name = names.get(&id).cloned().unwrap_or_else(|| id.clone());
                let bytes = fs::metadata(&path)?.len();
                found.push((Model { id, name, built_in: false, bytes }, path));
            }
        }
        Ok(found)
    }
}

fn no_such(id: &str) -> Fault {
    Fault::wrong("one of the models that are there", format!("{id:?}"))
        .hint("upload the checkpoint, or put it into the folder models of the folder of data")
}
