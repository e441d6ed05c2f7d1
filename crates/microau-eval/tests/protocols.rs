//! What holds of every split of every list of samples.

use std::collections::{BTreeMap, BTreeSet};

use microau_eval::protocol::holdout::Holdout;
use microau_eval::protocol::loso::{AU_COLUMNS, au_columns};
use microau_eval::protocol::{Folds, Member, Protocol, ProtocolError, Split};
use proptest::prelude::*;

const DATASETS: [&str; 6] = ["casme", "casme2", "samm", "smic", "mmew", "own"];
const EMOTIONS: [&str; 4] = ["happiness", "surprise", "others", "disgust"];

/// Samples of up to eight subjects in each of six data sets; names of subjects carry their data set.
fn members() -> impl Strategy<Value = Vec<Member>> {
    let one = (0..DATASETS.len(), 0..8u8, 0..EMOTIONS.len());
    proptest::collection::vec(one, 1..60).prop_map(|list| {
        let member = |(number, (dataset, subject, emotion)): (usize, (usize, u8, usize))| Member {
            sample: format!("clip{number}"),
            subject: format!("{}-s{subject}", DATASETS[dataset]),
            dataset: DATASETS[dataset].to_owned(),
            emotion: Some(EMOTIONS[emotion].to_owned()),
        };
        list.into_iter().enumerate().map(member).collect()
    })
}

const PART: Holdout = Holdout { share: 0.3, seed: 5 };

/// Splits of a protocol, or nothing where the list is too short for it.
fn folds(protocol: Protocol, members: &[Member]) -> Option<Folds> {
    match protocol.folds(members, PART) {
        Ok(folds) => Some(folds),
        Err(ProtocolError::TooFew { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

fn subjects<'a>(members: &'a [Member], side: &[usize]) -> BTreeSet<&'a str> {
    side.iter().map(|&index| members[index].subject.as_str()).collect()
}

fn samples<'a>(members: &'a [Member], side: &[usize]) -> BTreeSet<&'a str> {
    side.iter().map(|&index| members[index].sample.as_str()).collect()
}

proptest! {
    #[test]
    fn no_subject_stands_on_two_sides(members in members(), seed in 0..99u64) {
        for protocol in Protocol::ALL {
            for split in folds(protocol, &members).map_or(Vec::new(), |folds| folds.splits) {
                let inner = split.clone().with_validation(&members, Holdout { share: 0.25, seed }).unwrap_or(split);
                let training = inner.training();
                let sides = [training.train(), training.validation(), inner.test()].map(|side| subjects(&members, side));
                let all: usize = sides.iter().map(BTreeSet::len).sum();
                prop_assert_eq!(sides.into_iter().flatten().collect::<BTreeSet<_>>().len(), all);
            }
        }
    }

    #[test]
    fn every_sample_is_tested_once_or_left_out_with_a_reason(members in members()) {
        for protocol in [Protocol::Loso, Protocol::Cd6me, Protocol::Composite] {
            let Some(folds) = folds(protocol, &members) else { continue };
            let mut seen = vec![0; members.len()];
            folds.splits.iter().flat_map(Split::test).for_each(|&index| seen[index] += 1);
            folds.left_out.iter().for_each(|out| seen[out.member] += 1);
            prop_assert!(seen.iter().all(|&count| count == 1), "{seen:?}");
        }
    }

    #[test]
    fn what_is_not_tested_is_trained_on(members in members()) {
        for protocol in Protocol::ALL {
            let Some(folds) = folds(protocol, &members) else { continue };
            for split in &folds.splits {
                let sides = split.training().train().len() + split.test().len();
                prop_assert_eq!(sides + folds.left_out.len(), members.len());
            }
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(members in members(), turn in 0..60usize) {
        let mut moved = members.clone();
        moved.reverse();
        let middle = turn % moved.len();
        moved.rotate_left(middle);
        for protocol in Protocol::ALL {
            let named = |members: &[Member]| {
                let splits = folds(protocol, members).map_or(Vec::new(), |folds| folds.splits);
                let sides = |split: &Split| {
                    let split = split.clone().with_validation(members, PART).unwrap_or_else(|_| split.clone());
                    let training = split.training();
                    let sides = [training.train(), training.validation(), split.test()];
                    let sides = sides.map(|side| {
                        samples(members, side).into_iter().map(str::to_owned).collect::<BTreeSet<_>>()
                    });
                    (split.name().to_owned(), sides)
                };
                splits.iter().map(sides).collect::<BTreeMap<_, _>>()
            };
            prop_assert_eq!(named(&members), named(&moved));
        }
    }

    #[test]
    fn a_fold_of_cd6me_tests_one_whole_data_set(members in members()) {
        let Some(folds) = folds(Protocol::Cd6me, &members) else { return Ok(()) };
        for split in folds.splits {
            let tested: BTreeSet<&str> = split.test().iter().map(|&i| members[i].dataset.as_str()).collect();
            prop_assert_eq!(tested.into_iter().collect::<Vec<_>>(), [split.name()]);
            let trained = split.training().train().iter().all(|&i| members[i].dataset != split.name());
            prop_assert!(trained);
        }
    }
}

#[test]
fn a_person_in_two_data_sets_cannot_be_tested_across_them() {
    let member = |dataset: &str, subject: &str| Member {
        sample: "a".to_owned(),
        subject: subject.to_owned(),
        dataset: dataset.to_owned(),
        emotion: None,
    };
    let members = [member("casme", "anna"), member("samm", "anna"), member("samm", "boris")];
    let error = Protocol::Cd6me.folds(&members, PART).unwrap_err();
    assert!(matches!(&error, ProtocolError::SharedSubject { subject, .. } if subject == "anna"), "{error}");
}

#[test]
fn another_seed_sets_other_subjects_apart_and_the_share_is_of_subjects() {
    let members: Vec<Member> = (0..40)
        .map(|number| Member {
            sample: format!("clip{number}"),
            subject: format!("s{}", number / 2),
            dataset: "own".to_owned(),
            emotion: None,
        })
        .collect();
    let tested = |seed| {
        let folds = Protocol::Holdout.folds(&members, Holdout { share: 0.25, seed }).unwrap();
        subjects(&members, folds.splits[0].test()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(tested(1).len(), 5);
    assert_eq!(tested(1), tested(1));
    assert_ne!(tested(1), tested(2));
}

#[test]
fn shares_that_leave_a_side_empty_are_refused() {
    for share in [0.0, 1.0, -0.5, f64::NAN] {
        assert!(matches!(
            Protocol::Holdout.folds(&[], Holdout { share, seed: 0 }),
            Err(ProtocolError::BadShare { .. })
        ));
    }
}

#[test]
fn the_units_of_the_single_data_set_tables_are_the_published_ones() {
    let numbers = |dataset: &str| -> Vec<u8> {
        let columns = au_columns(dataset).unwrap();
        columns.aus.iter().map(|au| au.number()).chain(columns.unscored.iter().copied()).collect()
    };
    assert_eq!(numbers("casme2"), [1, 2, 4, 7, 12, 14, 15, 17]);
    assert_eq!(numbers("samm"), [2, 4, 7, 12]);
    assert_eq!(numbers("casme"), [1, 4, 9, 14]);
    assert_eq!(numbers("mmew"), [1, 2, 4, 5, 7, 10, 12, 14]);
    assert_eq!(numbers("4dme"), [1, 2, 4, 6, 7, 12, 17, 45]);
    assert_eq!(AU_COLUMNS.len(), 5);
    assert_eq!(au_columns("own"), None);
}
