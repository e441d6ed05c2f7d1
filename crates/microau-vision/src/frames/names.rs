//! Order and numbers of file names: `img9` before `img10`, and the number by which tables call a frame.

use std::cmp::Ordering;

/// A piece of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// Value and the number of digits, so that `7` comes before `07`.
    Number(u64, usize),
}

/// Sorts names (without their endings) by the numbers in them and tells the frame number of each.
///
/// The number of a frame is the last run of digits that is not the same in all names: `reg_img46` is 46,
/// `006_05562` is 5562, and among `img1_crop2`, `img2_crop2` it is the first. Where names are built differently
/// (`a1`, `frame_2`) it is the last run of digits.
///
/// Returns the positions of `names` in order, and the frame numbers in that order: `None` where a name has no number
/// or two names have the same.
pub fn order(names: &[String]) -> (Vec<usize>, Option<Vec<u64>>) {
    let pieces: Vec<Vec<Piece>> = names.iter().map(|name| split(name)).collect();
    let numbers: Option<Vec<u64>> = if alike(&pieces) {
        let column = last_varying_number(&pieces);
        column.map(|column| pieces.iter().filter_map(|name| value(&name[column])).collect())
    } else {
        pieces.iter().map(|name| name.iter().rev().find_map(value)).collect()
    };
    let numbers = numbers.filter(|numbers| all_different(numbers));

    let mut positions: Vec<usize> = (0..names.len()).collect();
    match &numbers {
        // Names that are built alike sort by all their numbers; others only share the last.
        Some(numbers) if !alike(&pieces) => positions.sort_by_key(|&position| numbers[position]),
        _ => positions.sort_by(|&a, &b| compare(&pieces[a], &pieces[b]).then_with(|| names[a].cmp(&names[b]))),
    }
    let numbers = numbers.map(|numbers| positions.iter().map(|&position| numbers[position]).collect());
    (positions, numbers)
}

/// Text and numbers of a name in turn. Digits beyond what a `u64` holds stay text.
fn split(name: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        pieces.push(match run.parse() {
            Ok(number) if digits => Piece::Number(number, run.len()),
            _ => Piece::Text(run.to_lowercase()),
        });
        rest = behind;
    }
    pieces
}

/// Whether the names differ in their numbers only.
fn alike(names: &[Vec<Piece>]) -> bool {
    let same = |a: &Piece, b: &Piece| match (a, b) {
        (Piece::Text(a), Piece::Text(b)) => a == b,
        (Piece::Number(..), Piece::Number(..)) => true,
        _ => false,
    };
    names.windows(2).all(|pair| {
        pair[0].len() == pair[1].len() && pair[0].iter().zip(&pair[1]).all(|(left, right)| same(left, right))
    })
}

/// Column of the last number that varies; of the last number at all when none does. The names are alike.
fn last_varying_number(names: &[Vec<Piece>]) -> Option<usize> {
    let first = names.first()?;
    let columns = || (0..first.len()).rev().filter(|&column| value(&first[column]).is_some());
    columns().find(|&column| names.iter().any(|name| name[column] != first[column])).or_else(|| columns().next())
}

fn value(piece: &Piece) -> Option<u64> {
    match piece {
        Piece::Number(number, _) => Some(*number),
        Piece::Text(_) => None,
    }
}

fn all_different(numbers: &[u64]) -> bool {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

fn compare(left: &[Piece], right: &[Piece]) -> Ordering {
    let compare_piece = |(left, right): (&Piece, &Piece)| match (left, right) {
        (Piece::Number(a, digits_a), Piece::Number(b, digits_b)) => (a, digits_a).cmp(&(b, digits_b)),
        (Piece::Text(a), Piece::Text(b)) => a.cmp(b),
        (Piece::Number(..), Piece::Text(_)) => Ordering::Less,
        (Piece::Text(_), Piece::Number(..)) => Ordering::Greater,
    };
    left.iter()
        .zip(right)
        .map(compare_piece)
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(names: &[&str]) -> (Vec<String>, Option<Vec<u64>>) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let (positions, numbers) = order(&names);
        (positions.into_iter().map(|position| names[position].clone()).collect(), numbers)
    }

    #[test]
    fn ten_comes_after_nine() {
        let (names, numbers) = ordered(&["img10", "img9", "img100"]);
        assert_eq!(names, ["img9", "img10", "img100"]);
        assert_eq!(numbers, Some(vec![9, 10, 100]));
    }

    #[test]
    fn the_number_of_a_frame_is_the_last_that_varies() {
        assert_eq!(ordered(&["006_05563", "006_05562"]).1, Some(vec![5562, 5563]));
        assert_eq!(ordered(&["img2_crop1", "img1_crop1"]).1, Some(vec![1, 2]));
        assert_eq!(ordered(&["reg_img46"]).1, Some(vec![46]));
        assert_eq!(ordered(&["S01-07-001 (2)", "S01-07-001 (11)"]).1, Some(vec![2, 11]));
    }

    #[test]
    fn names_built_differently_sort_by_their_last_number() {
        let (names, numbers) = ordered(&["frame_3", "2", "Img1"]);
        assert_eq!(names, ["Img1", "2", "frame_3"]);
        assert_eq!(numbers, Some(vec![1, 2, 3]));
    }

    #[test]
    fn names_without_numbers_sort_by_letters_and_have_none() {
        let (names, numbers) = ordered(&["onset", "apex"]);
        assert_eq!(names, ["apex", "onset"]);
        assert_eq!(numbers, None);
        assert_eq!(ordered(&["left1", "right1"]), (vec!["left1".to_owned(), "right1".to_owned()], None));
    }

    #[test]
    fn numbers_longer_than_a_machine_word_are_text() {
        let long = "99999999999999999999999999";
        assert_eq!(ordered(&[long]).1, None);
    }
}
