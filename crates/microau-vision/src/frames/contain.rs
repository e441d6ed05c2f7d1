//! The one place where a panic of a decoder is turned into an error.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

thread_local! {
    /// Whether this thread is inside [`contain`].
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a call into a decoder that other people wrote, over bytes that anybody may have written.
///
/// The mp4 parser, the H.264 decoder and the image decoders are young or index freely; on damaged bytes some of them
/// panic (index out of range, arithmetic overflow in checked builds). A damaged file must be an error line, not a
/// crash, so it is caught here and nowhere else, and Rust's own line about it is not printed.
///
/// Whatever `call` was changing is in an unknown state afterwards: throw it away.
///
/// # Errors
/// The text of the panic.
pub(super) fn contain<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    hush_contained_panics();
    let around = CONTAINED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    CONTAINED.set(around);
    result.map_err(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no reason given".to_owned());
        format!("the decoder gave up: {}", text.lines().next().unwrap_or_default())
    })
}

/// Puts [`hushed`] around the panic hook of the program, once.
fn hush_contained_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(hushed(panic::take_hook())));
}

/// A panic hook that says nothing of panics on a thread while that is inside [`contain`], and hands all others on.
fn hushed(loud: Hook) -> Hook {
    Box::new(move |panic| {
        if !CONTAINED.get() {
            loud(panic);
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_panic_becomes_its_text() {
        assert_eq!(contain(|| 3), Ok(3));
        let index = std::hint::black_box(7);
        assert_eq!(
            contain(|| [1, 2][index]),
            Err("the decoder gave up: index out of bounds: the len is 2 but the index is 7".to_owned())
        );
    }

    #[test]
    fn only_contained_panics_of_their_own_thread_are_quiet() {
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        // panics of the tests beside this one go on to the hook of the test harness
        let harness = panic::take_hook();
        panic::set_hook(hushed(Box::new(move |panic| match panic.payload().downcast_ref::<&str>() {
            Some(&"of this test") => _ = HEARD.fetch_add(1, Ordering::Relaxed),
            _ => harness(panic),
        })));
        let fall = || panic!("of this test");
        assert!(contain(fall).is_err());
        assert_eq!(HEARD.load(Ordering::Relaxed), 0);
        assert!(contain(|| contain(fall).is_err() && contain(fall).is_err()).unwrap());
        assert_eq!(HEARD.load(Ordering::Relaxed), 0, "after an inner call the outer one is still quiet");
        assert!(contain(|| std::thread::spawn(fall).join().is_err()).unwrap());
        assert_eq!(HEARD.load(Ordering::Relaxed), 1, "another thread is not contained");
        assert!(catch_unwind(fall).is_err());
        assert_eq!(HEARD.load(Ordering::Relaxed), 2);
    }
}
