//! What all pages share: the house style, the policy under which a browser shows them, pictures inside them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Style of every page: ink, paper, light and dark, tables.
pub const HOUSE_STYLE: &str = include_str!("../templates/house.css");

/// A content security policy under which a page loads nothing but pictures that it holds itself and uses no style but
/// these, letter by letter; no script runs.
pub fn content_policy(styles: &[&str]) -> String {
    let sums = styles.iter().map(|style| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(style))));
    let sums: String = sums.collect();
    format!("default-src 'none'; img-src data:; style-src{sums}; base-uri 'none'; form-action 'none'")
}

/// Bytes as the address of a picture, e.g. for `image/jpeg`.
pub fn data_uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_the_sum_of_a_style() {
        // printf 'body{}' | openssl dgst -sha256 -binary | base64
        let sum = "style-src 'sha256-fJgEClQWV1hGkK4qHMO0KotTsVnMYMXTq7/suurGyUo=';";
        assert!(content_policy(&["body{}"]).contains(sum), "{}", content_policy(&["body{}"]));
    }

    #[test]
    fn bytes_stand_in_an_address_as_base64() {
        assert_eq!(data_uri("image/png", b"any carnal pleas"), "data:image/png;base64,YW55IGNhcm5hbCBwbGVhcw==");
    }
}
