//! What can be wrong with a network file or its input.

/// Why a network could not be read or run.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The file ends early or points outside itself.
    #[error("expected a {expected}, got a truncated or damaged file")]
    Damaged {
        /// What the bytes were read as.
        expected: &'static str,
    },
    /// A bundle lacks a member, or holds it compressed.
    #[error("expected a stored member `{member}` in the bundle, got none")]
    MissingMember {
        /// Name of the member.
        member: String,
    },
    /// The graph uses an operation, or a form of it, that this engine does not run.
    #[error("operation {operation} is not supported in this form: {detail}")]
    Unsupported {
        /// Name or number of the operation.
        operation: String,
        /// What about it.
        detail: String,
    },
    /// The input has the wrong length.
    #[error("expected an input of {expected} floats, got {got}")]
    InputLength {
        /// Floats the network reads.
        expected: usize,
        /// Floats given.
        got: usize,
    },
    /// A network was loaded that has other inputs or outputs than its role asks for.
    #[error("expected {role} with outputs of {expected:?} floats, got {got:?}")]
    Shape {
        /// What the network is for.
        role: &'static str,
        /// Lengths of the outputs that the role asks for.
        expected: Vec<usize>,
        /// Lengths of the outputs of the network.
        got: Vec<usize>,
    },
}
