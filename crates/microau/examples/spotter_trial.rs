use microau::spot::choose::{Span, overlap};
use microau::spot::training::*;
use std::path::Path;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let config: SpotterTraining = toml::from_str(&std::fs::read_to_string(&args[1]).unwrap()).unwrap();
    let folder = Path::new(&args[2]);
    let done = || eprint!(".");
    let train: Vec<FilmProposals> =
        config.train.iter().flat_map(|set| proposals(set, folder, &done).unwrap()).collect();
    let (mut hit, mut all) = ([0; 2], [0; 2]);
    for f in &train {
        for t in &f.truth {
            let k = (t.offset - t.onset > 0.5) as usize;
            all[k] += 1;
            hit[k] += f.proposals.iter().any(|s| overlap(&s.span, t) >= 0.5) as usize;
        }
    }
    println!("train recall of proposals {hit:?} of {all:?}");
    let judge = judge_of(&train, &config.fit);
    judge.save(&folder.join("spotter.safetensors")).unwrap();
    for set in &config.test {
        let films = tested(&judge, set, 0.1, &done).unwrap();
        let secs: f64 = films.iter().map(|f| f.secs).sum();
        for threshold in [0.2, 0.3, 0.4, 0.5, 0.6] {
            let (mut tp, mut fp, mut fneg) = ([0; 2], [0; 2], [0; 2]);
            for film in &films {
                let mut used = vec![false; film.truth.len()];
                for (span, p) in &film.found {
                    if *p < threshold {
                        continue;
                    }
                    let best = (0..used.len())
                        .filter(|&i| !used[i])
                        .max_by(|&a, &b| overlap(span, &film.truth[a]).total_cmp(&overlap(span, &film.truth[b])));
                    let k = |s: &Span| (s.offset - s.onset > 0.5) as usize;
                    match best.filter(|&i| overlap(span, &film.truth[i]) >= 0.5) {
                        Some(i) => {
                            used[i] = true;
                            tp[k(&film.truth[i])] += 1;
                        }
                        None => {
                            fp[k(span)] += 1;
                            if threshold == 0.4 {
                                println!("    false {:.2} {:.2} p {p:.2}", span.onset, span.offset - span.onset);
                            }
                        }
                    }
                }
                for (i, t) in film.truth.iter().enumerate() {
                    if !used[i] {
                        fneg[(t.offset - t.onset > 0.5) as usize] += 1;
                        if threshold == 0.4 {
                            println!("    missed {:.2} {:.3}", t.onset, t.offset - t.onset);
                        }
                    }
                }
                if threshold == 0.4 {
                    println!("    --");
                }
            }
            let f1 = |k: usize| 2.0 * tp[k] as f64 / (2 * tp[k] + fp[k] + fneg[k]).max(1) as f64;
            println!(
                "{} {threshold}: micro tp {} fp {} fn {} F1 {:.3}  macro tp {} fp {} fn {} F1 {:.3} false a minute {:.2}",
                set.name,
                tp[0],
                fp[0],
                fneg[0],
                f1(0),
                tp[1],
                fp[1],
                fneg[1],
                f1(1),
                60.0 * (fp[0] + fp[1]) as f64 / secs
            );
        }
    }
}
