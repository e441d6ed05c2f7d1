//! Figures that others have published, to stand beside ours in a table, each row labelled with its source.
//!
//! None of them is a result of this project. They are kept in percent, as they were published, and given as ratios.
//! Sources:
//!
//! * MEB: outputs of the notebooks in `experiments/benchmarks` of github.com/tvaranka/meb (Apache-2.0), the library of
//!   Varanka et al., TAFFC 2023, doi 10.1109/TAFFC.2023.3265063. Five seeds; undefined figures count as 0 there.
//! * MEGC2019: the composite of three data sets, by the page or program named in the row. Rows that are said to keep the
//!   best epoch of the test subject are no fair comparison; they are shown with that remark.
//! * "secondary": read in a report of others, not in the work itself.

use microau_core::au::Au;

use crate::figure::Figure;
use crate::protocol::{Protocol, cross_dataset};

/// Published figures of one method on action units, as ratios.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedRow {
    /// Name of the method.
    pub method: &'static str,
    /// Protocol by which it was judged.
    pub protocol: Protocol,
    /// What was measured.
    pub figure: Figure,
    /// By unit; empty when not published.
    pub aus: Vec<(Au, f64)>,
    /// Mean over the units on the pool.
    pub au_mean: Option<f64>,
    /// Mean over the units by data set; empty when not published.
    pub datasets: Vec<(&'static str, f64)>,
    /// Mean over the data sets, undefined figures counted as 0.
    pub dataset_mean: Option<f64>,
    /// Where it was read.
    pub source: &'static str,
}

/// Published figures of one method on the composite of MEGC2019, in percent, UF1 then UAR; `None` when not published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompositeRow {
    /// Name of the method.
    pub method: &'static str,
    /// All three data sets together.
    pub composite: [Option<f64>; 2],
    /// SMIC-HS, CASME II, SAMM.
    pub datasets: [[Option<f64>; 2]; 3],
    /// Where it was read, and what is to be known of it.
    pub source: &'static str,
}

/// Binary F1 in percent by unit of CD6ME, and its mean over the units.
#[rustfmt::skip]
const CD6ME_AUS: [(&str, [f64; 12], f64); 16] = [
    ("all ones", [26.0, 24.2, 51.7, 12.4, 5.7, 22.1, 10.9, 7.1, 15.9, 24.0, 5.0, 8.1], 17.8),
    ("LBP-TOP+SVM", [41.6, 36.7, 62.0, 0.0, 0.0, 0.0, 1.7, 0.0, 0.0, 3.5, 0.0, 0.0], 12.1),
    ("NMER", [19.1, 19.2, 43.3, 9.3, 6.3, 9.1, 12.5, 4.8, 18.1, 22.6, 3.3, 6.4], 14.5),
    ("SCA", [42.3, 42.8, 56.2, 14.8, 1.2, 23.4, 13.4, 3.0, 21.8, 37.1, 4.0, 22.9], 23.6),
    ("GA-ME", [71.1, 67.6, 85.7, 1.1, 0.0, 26.2, 7.8, 2.1, 12.8, 15.4, 0.0, 34.7], 27.0),
    ("MDMO+SVM", [59.4, 57.0, 72.2, 16.7, 2.3, 18.1, 10.9, 0.0, 27.4, 25.5, 13.0, 27.8], 27.5),
    ("LED", [52.7, 45.7, 63.7, 7.9, 0.7, 19.3, 13.6, 8.5, 26.5, 36.7, 33.0, 31.7], 28.3),
    ("RCN-A", [74.8, 71.0, 85.3, 4.7, 0.0, 24.1, 15.9, 0.0, 21.1, 23.7, 0.0, 24.0], 28.7),
    ("R(2+1)D", [54.2, 49.4, 72.7, 26.9, 5.2, 20.4, 11.7, 12.4, 23.3, 25.5, 9.7, 41.9], 29.5),
    ("STSTNet", [74.2, 68.8, 85.7, 3.6, 6.4, 29.0, 18.6, 9.0, 16.7, 29.0, 11.8, 28.3], 31.8),
    ("ResNet10t", [68.7, 65.2, 83.8, 8.3, 6.4, 39.6, 11.0, 6.8, 31.0, 29.6, 8.8, 39.6], 33.2),
    ("OF+SVM", [71.0, 65.9, 84.2, 13.6, 10.6, 44.4, 17.2, 10.3, 26.7, 39.1, 18.2, 32.7], 36.2),
    ("ResNet34", [72.1, 71.7, 85.8, 11.2, 5.4, 38.7, 16.0, 13.5, 36.5, 39.9, 14.8, 39.2], 37.1),
    ("ResNet18", [76.2, 72.1, 87.1, 12.6, 5.5, 38.2, 8.6, 18.4, 37.3, 33.7, 12.4, 44.7], 37.2),
    ("Off-ApexNet", [74.9, 70.2, 86.3, 13.5, 3.3, 44.5, 36.6, 18.3, 32.0, 37.7, 19.0, 38.2], 39.5),
    ("SSSNet", [74.6, 72.1, 87.5, 13.6, 5.3, 48.6, 20.3, 19.3, 36.2, 40.8, 22.7, 44.7], 40.5),
];

/// Means over the units in percent: binary F1 on each data set of CD6ME in its order, binary F1 over the data sets, and
/// macro-F1 on the pool.
#[rustfmt::skip]
const CD6ME_DATASETS: [(&str, Option<[f64; 6]>, f64, f64); 16] = [
    ("all ones", Some([16.1, 19.4, 15.3, 20.2, 20.7, 15.1]), 17.8, 8.9),
    ("LBP-TOP+SVM", Some([17.9, 16.5, 9.7, 13.8, 20.1, 4.4]), 13.7, 53.6),
    ("NMER", None, 11.1, 43.8),
    ("SCA", Some([27.0, 29.3, 19.2, 17.2, 25.7, 16.0]), 22.4, 57.1),
    ("MDMO+SVM", Some([29.5, 31.7, 21.1, 27.5, 29.1, 23.3]), 27.0, 60.9),
    ("GA-ME", Some([23.8, 31.0, 32.0, 23.3, 29.6, 25.6]), 27.6, 61.4),
    ("R(2+1)D", Some([27.6, 30.0, 33.0, 21.8, 34.4, 21.4]), 28.0, 62.1),
    ("RCN-A", Some([24.2, 34.6, 33.5, 24.7, 26.4, 27.1]), 28.4, 61.9),
    ("LED", Some([37.5, 38.6, 22.3, 33.9, 26.8, 16.7]), 29.3, 61.4),
    ("STSTNet", Some([29.9, 38.3, 34.9, 23.1, 30.2, 29.2]), 31.0, 63.7),
    ("ResNet10t", Some([21.2, 39.8, 36.7, 33.8, 32.6, 27.7]), 32.0, 64.4),
    ("ResNet34", Some([28.2, 41.2, 36.3, 34.0, 35.0, 33.2]), 34.7, 66.4),
    ("OF+SVM", Some([31.9, 42.8, 38.7, 31.5, 31.6, 33.1]), 34.9, 65.8),
    ("ResNet18", Some([25.0, 41.9, 42.4, 33.1, 35.4, 33.7]), 35.2, 66.6),
    ("Off-ApexNet", Some([30.5, 43.1, 43.6, 30.6, 37.1, 36.8]), 37.0, 67.7),
    ("SSSNet", Some([33.1, 46.3, 42.3, 34.3, 38.1, 36.2]), 38.4, 68.3),
];

/// Mean macro-F1 in percent over the units of CASME II, leave one subject out.
const LOSO_CASME2: [(&str, f64); 2] =
    [("3D-CNN on RGB, baseline of LED", 55.3), ("the same on magnified motion", 71.7)];

/// What has been published on the composite of MEGC2019.
#[rustfmt::skip]
pub const COMPOSITE: [CompositeRow; 9] = [
    CompositeRow { method: "STSTNet", composite: [Some(73.5), Some(76.05)], datasets: [[None, Some(70.13)], [None, Some(86.86)], [None, Some(68.10)]], source: "its README" },
    CompositeRow { method: "STSTNet, PyTorch", composite: [Some(72.09), Some(72.5)], datasets: [[None; 2]; 3], source: "re-run in its README" },
    CompositeRow { method: "STSTNet", composite: [Some(71.3), None], datasets: [[Some(71.4), None], [Some(70.4), None], [Some(66.2), None]], source: "MEB, leak-free" },
    CompositeRow { method: "Off-ApexNet", composite: [Some(70.3), None], datasets: [[Some(68.3), None], [Some(77.4), None], [Some(60.5), None]], source: "MEB, leak-free" },
    CompositeRow { method: "SSSNet", composite: [Some(73.9), None], datasets: [[Some(69.9), None], [Some(85.2), None], [Some(60.2), None]], source: "MEB, leak-free" },
    CompositeRow { method: "MFDAN", composite: [None, Some(86.88)], datasets: [[None; 2]; 3], source: "secondary" },
    CompositeRow { method: "HTNet", composite: [Some(86.03), None], datasets: [[Some(80.49), None], [Some(95.32), None], [Some(81.31), None]], source: "secondary; its program keeps the best test epoch" },
    CompositeRow { method: "Ra-ICL", composite: [Some(88.05), Some(89.11)], datasets: [[Some(81.79), None], [Some(96.20), None], [Some(86.68), Some(88.85)]], source: "secondary" },
    CompositeRow { method: "CausalNet", composite: [Some(89.76), Some(90.20)], datasets: [[Some(83.90), None], [Some(98.11), None], [Some(87.80), None]], source: "secondary; its program keeps the best test epoch" },
];

/// All published figures on action units.
pub fn rows() -> Vec<PublishedRow> {
    let ratio = |percent: f64| percent / 100.0;
    let empty = |method, protocol, figure, source| PublishedRow {
        method,
        protocol,
        figure,
        aus: Vec::new(),
        au_mean: None,
        datasets: Vec::new(),
        dataset_mean: None,
        source,
    };
    let of_cd6me = |(method, by_dataset, dataset_mean, macro_f1): (&'static str, Option<[f64; 6]>, f64, f64)| {
        let row = |figure| empty(method, Protocol::Cd6me, figure, "MEB");
        let by_au = CD6ME_AUS.iter().find(|(name, ..)| *name == method);
        let aus = by_au.map(|(_, values, _)| Au::CD6ME.into_iter().zip(values.map(ratio)).collect());
        let datasets = by_dataset.map(|values| cross_dataset::DATASETS.into_iter().zip(values.map(ratio)).collect());
        let binary = PublishedRow {
            aus: aus.unwrap_or_default(),
            au_mean: by_au.map(|&(.., mean)| ratio(mean)),
            datasets: datasets.unwrap_or_default(),
            dataset_mean: Some(ratio(dataset_mean)),
            ..row(Figure::BinaryF1)
        };
        [binary, PublishedRow { au_mean: Some(ratio(macro_f1)), ..row(Figure::MacroF1) }]
    };
    let of_loso = |(method, macro_f1): (&'static str, f64)| PublishedRow {
        datasets: vec![("casme2", ratio(macro_f1))],
        ..empty(method, Protocol::Loso, Figure::MacroF1, "secondary")
    };
    CD6ME_DATASETS.into_iter().flat_map(of_cd6me).chain(LOSO_CASME2.into_iter().map(of_loso)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Positives of each unit in the six data sets and their samples (MEB, Table 4): what "all ones" follows from.
    #[rustfmt::skip]
    const POSITIVES: [(&str, [u32; 12], u32); 6] = [
        ("casme",   [23, 17, 70, 0, 1, 4, 40, 3, 9, 23, 14, 13], 189),
        ("casme2",  [26, 22, 130, 2, 13, 39, 13, 16, 34, 27, 16, 25], 256),
        ("samm",    [6, 18, 23, 10, 3, 46, 5, 6, 28, 13, 4, 6], 159),
        ("4dme",    [46, 54, 102, 8, 25, 89, 1, 2, 53, 4, 6, 11], 267),
        ("mmew",    [50, 41, 109, 70, 10, 47, 8, 38, 37, 17, 6, 11], 300),
        ("casme3a", [153, 128, 274, 44, 8, 27, 50, 10, 15, 193, 6, 20], 860),
    ];

    /// Half a unit of the last published digit, and the rounding of one division.
    const ROUNDING: f64 = 0.0005 + 1e-9;

    fn all_ones() -> PublishedRow {
        rows().into_iter().find(|row| row.method == "all ones" && row.figure == Figure::BinaryF1).unwrap()
    }

    /// F1 when every sample is called active: 2 p / (p + n).
    fn f1(positives: u32, samples: u32) -> f64 {
        2.0 * f64::from(positives) / f64::from(positives + samples)
    }

    #[test]
    fn the_row_of_all_ones_follows_from_the_published_counts() {
        let samples = POSITIVES.iter().map(|(.., samples)| samples).sum();
        assert_eq!(samples, 2031);
        for (k, (au, published)) in all_ones().aus.into_iter().enumerate() {
            let expected = f1(POSITIVES.iter().map(|(_, row, _)| row[k]).sum(), samples);
            assert!((published - expected).abs() <= ROUNDING, "{au}: {published}, expected {expected}");
        }
    }

    #[test]
    fn data_sets_are_averaged_with_zero_for_what_cannot_be_evaluated() {
        for ((dataset, published), (name, row, samples)) in all_ones().datasets.into_iter().zip(POSITIVES) {
            assert_eq!(dataset, name);
            let expected = row.iter().map(|&positives| f1(positives, samples)).sum::<f64>() / 12.0;
            assert!((published - expected).abs() <= ROUNDING, "{name}: {published}, expected {expected}");
        }
    }

    #[test]
    fn every_published_mean_is_that_of_its_row() {
        for row in rows().iter().filter(|row| !row.aus.is_empty()) {
            let mean = row.aus.iter().map(|(_, value)| value).sum::<f64>() / row.aus.len() as f64;
            let published = row.au_mean.unwrap();
            // each of the twelve and the mean itself are rounded
            assert!((mean - published).abs() <= 2.0 * ROUNDING, "{}: {published}, expected {mean}", row.method);
        }
        for row in rows().iter().filter(|row| row.datasets.len() == 6) {
            let mean = row.datasets.iter().map(|(_, value)| value).sum::<f64>() / 6.0;
            let published = row.dataset_mean.unwrap();
            assert!((mean - published).abs() <= 2.0 * ROUNDING, "{}: {published}, expected {mean}", row.method);
        }
    }
}
