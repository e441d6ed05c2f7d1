//! The one place where a panic of a decoder is turned into an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a call into a decoder that other people wrote, over bytes that anybody may have written.
///
/// The mp4 parser, the H.264 decoder and the image decoders are young or index freely; on damaged bytes some of them
/// panic (index out of range, arithmetic overflow in checked builds). A damaged file must be an error line, not a
/// crash, so it is caught here and nowhere else.
///
/// Whatever `call` was changing is in an unknown state afterwards: throw it away.
///
/// # Errors
/// The text of the panic.
pub(super) fn contain<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no reason given".to_owned());
        format!("the decoder gave up: {}", text.lines().next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
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
}
