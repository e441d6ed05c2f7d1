//! Fitting boosted trees to rows of which it is known what the answer is.

use forust_ml::objective::ObjectiveType;
use forust_ml::sampler::SampleMethod;
use forust_ml::{GradientBooster, Matrix};
use serde::{Deserialize, Serialize};

use super::Forest;

/// How trees are fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitSettings {
    /// Seed of the rows and columns that each tree sees.
    pub seed: u64,
    /// Number of trees.
    pub trees: usize,
    /// Leaves of a tree.
    pub leaves: usize,
    /// Share of its answer that a tree gives.
    pub rate: f32,
    /// Penalty on the squares of the leaves.
    pub l2: f32,
    /// Least weight of the rows of a leaf (the second derivative of what is minimised, summed).
    pub least_weight: f32,
    /// Share of the rows that a tree sees.
    pub rows: f32,
    /// Share of the columns that a tree sees.
    pub columns: f64,
}

impl Default for FitSettings {
    fn default() -> Self {
        Self { seed: 1, trees: 500, leaves: 15, rate: 0.03, l2: 5.0, least_weight: 5.0, rows: 0.8, columns: 0.6 }
    }
}

/// A forest as the library writes it, as far as it is read.
#[derive(Deserialize)]
struct Written {
    base_score: f64,
    trees: Vec<WrittenTree>,
}

#[derive(Deserialize)]
struct WrittenTree {
    nodes: Vec<WrittenNode>,
}

#[derive(Deserialize)]
struct WrittenNode {
    weight_value: f32,
    split_value: f64,
    split_feature: usize,
    left_child: usize,
    right_child: usize,
    is_leaf: bool,
}

/// The forest that tells best which rows are answered with yes, each row by its weight.
///
/// # Panics
/// When rows and answers differ in number, rows in their length, or a value is not finite.
pub fn answering(rows: &[Vec<f32>], answers: &[bool], weights: &[f64], settings: &FitSettings) -> Forest {
    let numbers: Vec<f64> = answers.iter().map(|&yes| f64::from(u8::from(yes))).collect();
    forest(&boosted(rows, &numbers, weights, ObjectiveType::LogLoss, settings))
}

/// The forest that foretells the number of a row best, by least squares.
///
/// # Panics
/// As [`answering`].
pub fn foretelling(rows: &[Vec<f32>], numbers: &[f64], weights: &[f64], settings: &FitSettings) -> Forest {
    forest(&boosted(rows, numbers, weights, ObjectiveType::SquaredLoss, settings))
}

fn boosted(
    rows: &[Vec<f32>],
    numbers: &[f64],
    weights: &[f64],
    objective: ObjectiveType,
    settings: &FitSettings,
) -> GradientBooster {
    assert_eq!([rows.len(); 2], [numbers.len(), weights.len()]);
    assert!(rows.iter().flatten().all(|value| value.is_finite()), "a value is not finite");
    let width = rows.first().map_or(0, Vec::len);
    let columns: Vec<f64> = (0..width).flat_map(|column| rows.iter().map(move |row| f64::from(row[column]))).collect();
    let mut booster = GradientBooster::default()
        .set_objective_type(objective)
        .set_seed(settings.seed)
        .set_iterations(settings.trees)
        .set_max_leaves(settings.leaves)
        .set_learning_rate(settings.rate)
        .set_l2(settings.l2)
        .set_min_leaf_weight(settings.least_weight)
        .set_subsample(settings.rows)
        .set_colsample_bytree(settings.columns)
        .set_sample_method(SampleMethod::Random)
        .set_parallel(false);
    booster.fit(&Matrix::new(&columns, rows.len(), width), numbers, weights, None).expect("the rows are sound");
    booster
}

/// A forest out of the library's own.
fn forest(booster: &GradientBooster) -> Forest {
    let json = booster.json_dump().expect("a booster that was fitted can be written");
    side_by_side(&serde_json::from_str(&json).expect("a booster is written as its own type"))
}

/// The same trees with the two children of each node side by side, each behind its parent.
fn side_by_side(written: &Written) -> Forest {
    let mut forest = Forest {
        base: written.base_score as f32,
        roots: Vec::new(),
        inputs: Vec::new(),
        values: Vec::new(),
        children: Vec::new(),
    };
    for tree in &written.trees {
        forest.roots.push(forest.values.len() as u32);
        forest.push(&tree.nodes[0]);
        let mut open = vec![(forest.values.len() - 1, 0)];
        while let Some((place, number)) = open.pop() {
            let node = &tree.nodes[number];
            if node.is_leaf {
                continue;
            }
            let first = forest.values.len();
            forest.children[place] = first as u32;
            for (child, number) in [node.left_child, node.right_child].into_iter().enumerate() {
                forest.push(&tree.nodes[number]);
                open.push((first + child, number));
            }
        }
    }
    forest
}

impl Forest {
    fn push(&mut self, node: &WrittenNode) {
        self.inputs.push(if node.is_leaf { 0 } else { node.split_feature as u32 });
        self.values.push(if node.is_leaf { node.weight_value } else { nearest_above(node.split_value) });
        self.children.push(0);
    }
}

/// The least single-precision number that is not below a threshold: inputs are single precision, so that they fall on the same
/// side of both.
fn nearest_above(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    if f64::from(nearest) >= threshold { nearest } else { nearest.next_up() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> (Vec<Vec<f32>>, Vec<bool>) {
        let noise = |i: usize, k: usize| ((i * (7 * k + 3)) as f32 * 0.77).sin();
        let rows: Vec<Vec<f32>> = (0..400).map(|i| (0..5).map(|k| noise(i, k)).collect()).collect();
        let answers = rows.iter().map(|row: &Vec<f32>| row[0] * row[1] > 0.1 || row[3] > 0.8).collect();
        (rows, answers)
    }

    const EVEN: [f64; 400] = [1.0; 400];

    #[test]
    fn the_forest_answers_as_the_library_does() {
        let (rows, answers) = rows();
        let settings = FitSettings { trees: 30, ..FitSettings::default() };
        let forest = answering(&rows, &answers, &EVEN, &settings);
        let columns: Vec<f64> = (0..5).flat_map(|k| rows.iter().map(move |row| f64::from(row[k]))).collect();
        let numbers: Vec<f64> = answers.iter().map(|&yes| f64::from(u8::from(yes))).collect();
        let theirs = boosted(&rows, &numbers, &EVEN, ObjectiveType::LogLoss, &settings)
            .predict(&Matrix::new(&columns, rows.len(), 5), false);
        for (row, logit) in rows.iter().zip(theirs) {
            let expected = 1.0 / (1.0 + (-logit).exp());
            assert!((f64::from(forest.probability(row)) - expected).abs() < 1e-5);
        }
        let right = rows.iter().zip(&answers).filter(|(row, yes)| (forest.probability(row) > 0.5) == **yes).count();
        assert!(right > 380, "{right}");
    }

    #[test]
    fn a_number_is_foretold() {
        let (rows, _) = rows();
        let numbers: Vec<f64> = rows.iter().map(|row| f64::from(row[0].max(0.2) + row[2])).collect();
        let forest = foretelling(&rows, &numbers, &EVEN, &FitSettings::default());
        let miss = |(row, number): (&Vec<f32>, &f64)| (f64::from(forest.value(row)) - number).abs();
        let mean = rows.iter().zip(&numbers).map(miss).sum::<f64>() / rows.len() as f64;
        assert!(mean < 0.1, "{mean}");
    }

    #[test]
    fn the_same_seed_gives_the_same_forest() {
        let (rows, answers) = rows();
        let settings = FitSettings { trees: 10, ..FitSettings::default() };
        assert_eq!(answering(&rows, &answers, &EVEN, &settings), answering(&rows, &answers, &EVEN, &settings));
        assert_ne!(
            answering(&rows, &answers, &EVEN, &settings),
            answering(&rows, &answers, &EVEN, &FitSettings { seed: 2, ..settings })
        );
    }

    #[test]
    fn a_threshold_keeps_its_side() {
        for threshold in [0.1, -0.1, 1e-9, 3.000_000_1, 0.5] {
            let rounded = nearest_above(threshold);
            assert!(f64::from(rounded) >= threshold && f64::from(rounded.next_down()) < threshold);
        }
    }
}
