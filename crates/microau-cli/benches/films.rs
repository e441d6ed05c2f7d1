//! Speed and memory of the whole way through a film: `cargo bench -p microau-cli --bench films -- [LONGEST]`, where `LONGEST`
//! is the length of the longest film in minutes, 10 without it. Prints the tables of docs/benchmarks/films.md.
//!
//! Films are generated (`microau synth long`); a long one is a folder in which the frames of one minute come again and again. Memory
//! is the largest that the system has seen of the program (`VmHWM`), so it is measured on Linux alone.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Frames a second and size of the films of the first table.
const FILMS: [(u32, u32, u32); 6] =
    [(30, 640, 360), (60, 640, 360), (200, 640, 360), (200, 640, 480), (30, 1280, 720), (30, 1920, 1080)];
/// Length of these, seconds.
const SECS: u32 = 30;
/// Lengths of the second table, minutes; the longest is an argument.
const MINUTES: [f64; 3] = [1.0 / 6.0, 1.0, 10.0];
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_millis(20);

/// What a run took.
struct Taken {
    secs: f64,
    cpu_secs: f64,
    peak_mib: f64,
}

fn main() {
    let longest = std::env::args().skip(1).find_map(|it| it.parse::<f64>().ok()).unwrap_or(MINUTES[2]);
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    println!("| film | frames/s, film | frames/s, read and told | times real time | CPU s a film s | peak MiB |");
    println!("|---|---|---|---|---|---|");
    for (rate, width, height) in FILMS {
        let film = generated(scratch.path(), rate, [width, height], f64::from(SECS), "avi");
        let taken = detect(&film, scratch.path());
        let frames = f64::from(rate * SECS);
        println!(
            "| {width}x{height} | {rate} | {:.0} | {:.1} | {:.2} | {:.0} |",
            frames / taken.secs,
            f64::from(SECS) / taken.secs,
            taken.cpu_secs / f64::from(SECS),
            taken.peak_mib
        );
        std::fs::remove_dir_all(film.parent().expect("a film lies in a folder")).expect("it can be removed");
    }
    let minute = generated(scratch.path(), 30, [640, 360], 60.0, "jpg");
    println!("\n| length | s | s a minute of film | peak MiB |");
    println!("|---|---|---|---|");
    for minutes in MINUTES.into_iter().filter(|&it| it < longest).chain([longest]) {
        let film = again_and_again(&minute, scratch.path(), (minutes * 60.0 * 30.0) as usize);
        let taken = detect(&film, scratch.path());
        println!(
            "| {:.0} s | {:.1} | {:.1} | {:.0} |",
            minutes * 60.0,
            taken.secs,
            taken.secs / minutes,
            taken.peak_mib
        );
        std::fs::remove_dir_all(film).expect("it can be removed");
    }
}

/// A film of one person; a file, or a folder of frames.
fn generated(folder: &Path, rate: u32, [width, height]: [u32; 2], secs: f64, format: &str) -> PathBuf {
    let out = folder.join(format!("{width}x{height}-{rate}-{format}"));
    let numbers = [("--fps", rate.to_string()), ("--width", width.to_string()), ("--height", height.to_string())];
    let mut command = Command::new(env!("CARGO_BIN_EXE_microau"));
    command.args(["synth", "long", "--format", format, "--seconds", &secs.to_string(), "--out"]).arg(&out);
    command.args(numbers.iter().flat_map(|(name, value)| [*name, value.as_str()])).stdout(Stdio::null());
    assert!(command.status().expect("the program runs").success());
    let mut films = std::fs::read_dir(&out).expect("it was written").map(|it| it.expect("it can be read").path());
    films.find(|it| it.is_dir() || it.extension().is_some_and(|it| it == format)).expect("a film was written")
}

/// A film of so many frames: those of another one, over and over.
fn again_and_again(film: &Path, folder: &Path, frames: usize) -> PathBuf {
    let mut pictures: Vec<PathBuf> =
        std::fs::read_dir(film).expect("it was written").map(|it| it.expect("it can be read").path()).collect();
    pictures.sort();
    let long = folder.join(format!("long-{frames}"));
    std::fs::create_dir(&long).expect("it can be made");
    for (frame, picture) in pictures.iter().cycle().take(frames).enumerate() {
        std::fs::hard_link(picture, long.join(format!("{frame:07}.jpg"))).expect("links can be made");
    }
    long
}

fn detect(film: &Path, folder: &Path) -> Taken {
    let mut command = Command::new(env!("CARGO_BIN_EXE_microau"));
    command.args(["detect", "--as", "film", "--format", "json", "--out"]).arg(folder.join("report.json")).arg(film);
    let begun = Instant::now();
    let mut child = command.stderr(Stdio::null()).spawn().expect("the program runs");
    let (mut peak_mib, mut cpu_secs) = (0.0, 0.0);
    while child.try_wait().expect("it can be asked for").is_none() {
        peak_mib = peak(&child).unwrap_or(peak_mib);
        cpu_secs = cpu(&child).unwrap_or(cpu_secs);
        std::thread::sleep(LOOK);
    }
    Taken { secs: begun.elapsed().as_secs_f64(), cpu_secs, peak_mib }
}

/// Largest resident memory of a process up to now, MiB.
fn peak(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}

/// Processor time of a process up to now, seconds: clock ticks are hundredths of a second on Linux.
fn cpu(child: &Child) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    let behind_name = stat.rsplit_once(") ")?.1;
    let mut fields = behind_name.split(' ').skip(11).map(|it| it.parse::<f64>().ok());
    Some((fields.next()?? + fields.next()??) / 100.0)
}
