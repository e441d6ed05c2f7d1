//! The `microau` command.
fn main() {}
