//! What an index holds: clips per action unit, subject, emotion and objective class, and which action units go together.

use std::collections::BTreeMap;

use microau_core::au::Au;

use crate::index::Index;

/// Counts over the clips of an index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Number of clips.
    pub clips: usize,
    /// Clips in which each FACS number is present, also numbers that core does not know.
    pub aus: BTreeMap<u8, usize>,
    /// Clips of each subject.
    pub subjects: BTreeMap<String, usize>,
    /// Clips of each dataset.
    pub datasets: BTreeMap<String, usize>,
    /// Clips of each emotion; empty for clips without one.
    pub emotions: BTreeMap<String, usize>,
    /// Clips of each objective class by its Roman number; empty for clips without one.
    pub objective_classes: BTreeMap<String, usize>,
    /// Which action units go together.
    pub pairs: Pairs,
}

/// Pairs of action units, over the clips in which neither of the two is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs {
    /// The action units in the order of rows and columns.
    pub aus: Vec<Au>,
    /// `[K, K]` clips in which both are present; on the diagonal, clips in which the one is.
    pub together: Vec<Vec<usize>>,
    /// `[K, K]` phi coefficient, from −1 to 1; `None` where one of the two is present in no clip or in every one.
    pub phi: Vec<Vec<Option<f64>>>,
}

impl Stats {
    /// Counts an index.
    pub fn of(index: &Index) -> Stats {
        let mut stats = Stats { clips: index.clips.len(), pairs: Pairs::of(index), ..Stats::default() };
        for clip in &index.clips {
            clip.aus.numbers().for_each(|number| *stats.aus.entry(number).or_default() += 1);
            let class = clip.objective_class.map(|class| class.roman().to_owned()).unwrap_or_default();
            let keys = [
                (&mut stats.subjects, clip.subject.clone()),
                (&mut stats.datasets, clip.dataset.clone()),
                (&mut stats.emotions, clip.emotion.clone().unwrap_or_default()),
                (&mut stats.objective_classes, class),
            ];
            keys.into_iter().for_each(|(counts, key)| *counts.entry(key).or_default() += 1);
        }
        stats
    }
}

impl Pairs {
    /// Counts the pairs of all action units that core knows.
    pub fn of(index: &Index) -> Pairs {
        let labels: Vec<_> = index.clips.iter().map(|clip| clip.labels()).collect();
        let aus = Au::ALL.to_vec();
        // clips with (both, the first only, the second only, neither)
        let table = |first: Au, second: Au| {
            let mut cells = [0_usize; 4];
            for states in labels.iter().map(|labels| (labels.state(first), labels.state(second))) {
                if let (Some(first), Some(second)) = states {
                    cells[2 * usize::from(!first) + usize::from(!second)] += 1;
                }
            }
            cells
        };
        let rows = |cell: &dyn Fn([usize; 4]) -> Option<f64>| -> Vec<Vec<Option<f64>>> {
            aus.iter().map(|&row| aus.iter().map(|&column| cell(table(row, column))).collect()).collect()
        };
        let together = aus.iter().map(|&row| aus.iter().map(|&column| table(row, column)[0]).collect()).collect();
        let phi = rows(&phi);
        Pairs { aus, together, phi }
    }
}

/// Phi coefficient of a table of two yes-no traits: both, the first only, the second only, neither.
fn phi([both, first, second, neither]: [usize; 4]) -> Option<f64> {
    let margins = [both + first, second + neither, both + second, first + neither].map(|count| count as f64);
    let product: f64 = margins.iter().product();
    (product > 0.0).then(|| (both as f64 * neither as f64 - first as f64 * second as f64) / product.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn stats(rows: &str) -> Stats {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "clip,subject,onset,apex,offset,aus,emotion,objective_class\n{rows}").unwrap();
        Stats::of(&Index::read(file.path()).unwrap())
    }

    #[test]
    fn clips_are_counted_by_everything_that_names_them() {
        let stats = stats("a,s1,0,1,,4+38,joy,I\nb,s1,0,1,,L4,,\nc,s2,0,1,,?4,joy,II\n");
        assert_eq!(stats.aus, BTreeMap::from([(4, 2), (38, 1)]));
        assert_eq!(stats.subjects, BTreeMap::from([("s1".to_owned(), 2), ("s2".to_owned(), 1)]));
        assert_eq!(stats.emotions, BTreeMap::from([(String::new(), 1), ("joy".to_owned(), 2)]));
        assert_eq!(stats.objective_classes["II"], 1);
        assert_eq!((stats.clips, stats.datasets["generic"]), (3, 3));
    }

    #[test]
    fn phi_is_that_of_a_table_worked_out_by_hand() {
        // AU1 and AU2: both 2, AU1 only 1, AU2 only 1, neither 4: (2*4 - 1*1) / sqrt(3*5*3*5) = 7/15
        let clips = ["1+2", "1+2", "1", "2", "4", "4", "", "4"];
        let rows: String = clips.iter().enumerate().map(|(i, aus)| format!("c{i},s,0,1,,{aus},,\n")).collect();
        let pairs = stats(&rows).pairs;
        let at = |au: Au| pairs.aus.iter().position(|&it| it == au).unwrap();
        let (one, two, four, five) = (at(Au::Au1), at(Au::Au2), at(Au::Au4), at(Au::Au5));
        assert!((pairs.phi[one][two].unwrap() - 7.0 / 15.0).abs() < 1e-15);
        assert!((pairs.phi[one][one].unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(pairs.phi[one][two], pairs.phi[two][one]);
        assert!(pairs.phi[one][four].unwrap() < 0.0);
        assert_eq!((pairs.phi[one][five], pairs.together[one][two], pairs.together[four][four]), (None, 2, 3));
    }

    #[test]
    fn open_units_do_not_count_as_absent() {
        let pairs = stats("a,s,0,1,,1+2,,\nb,s,0,1,,?1,,\nc,s,0,1,,,,\n").pairs;
        // without the open clip: both 1, neither 1
        assert_eq!(pairs.phi[0][1], Some(1.0));
    }
}
