//! Pools to compute in.

/// Computes in a pool of so many threads.
pub fn with_threads<T: Send>(threads: usize, compute: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(compute)
}
