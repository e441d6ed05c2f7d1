//! Memory does not grow with the length of a film. Alone in its process, since it looks at the process.

use std::path::{Path, PathBuf};

use microau_vision::frames;

/// Largest resident size so far, in bytes; `None` where the system does not tell.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
fn a_long_film_takes_no_more_memory_than_a_short_one() {
    let fetched = std::env::var_os("MICROAU_MEDIA").map(PathBuf::from);
    let media = fetched.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../media"));
    let path = media.join("franck.mp4");
    let (true, Some(before)) = (path.exists(), peak_bytes()) else {
        eprintln!("skipped: no {} (scripts/fetch_media.sh fetches it), or no /proc", path.display());
        return;
    };
    let mut source = frames::open(&path).unwrap();
    let mut count = 0_u64;
    while source.next_frame().unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 4_800);
    let grown = peak_bytes().unwrap() - before;
    eprintln!("4,800 frames of 360x288: {:.1} MB more than before", grown as f64 / 1e6);
    // All frames at once would be 746 MB in planes; the decoder's own 16 pictures and their side tables are under 20 MB.
    assert!(grown < 20_000_000, "{grown} bytes");
}
