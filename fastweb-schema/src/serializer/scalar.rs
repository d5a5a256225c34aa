//! Writing values without parts.

use serde_json::Value;

use super::error::{Failure, Reason};
use super::plan::{Plan, Target};
use super::types::{Scalar, Types};
use crate::text::Fragment;

impl Plan {
    /// Writes a value that is not of a type its target takes directly: where there is more to look at, and where it is wrong.
    #[inline(never)]
    pub(super) fn write_scalar(
        &self,
        out: &mut Vec<u8>,
        fragment: &Fragment,
        target: Target,
        value: Scalar<'_>,
    ) -> Result<(), Failure> {
        let types = self.nodes[target.node].types;
        let written = value.as_one_of(types);
        if !types.has(written.types()) {
            return Err(wrong_scalar(types, value));
        }
        if !self.fits_scalar(target, written) {
            let node = &self.nodes[target.node];
            return Err(Failure::new(if node.branches.is_some() { Reason::Branch } else { Reason::Allowed }));
        }
        match self.branch_of(target, written) {
            Scalar::Null => fragment.write_null(out),
            Scalar::Boolean(value) => fragment.write_bool(out, value),
            Scalar::Unsigned(value) => fragment.write_u64(out, value),
            Scalar::Signed(value) => fragment.write_i64(out, value),
            Scalar::Wide(value) => {
                fragment.write(out);
                out.extend_from_slice(value.to_string().as_bytes());
            }
            Scalar::Float(value) => fragment.write_float(out, value),
            Scalar::Single(value) => fragment.write_float(out, value),
            Scalar::String(value) => fragment.write_str(out, value),
        }
        Ok(())
    }

    /// The value as the branch that takes it writes it: what is a float to one may be an integer to another.
    fn branch_of<'v>(&self, target: Target, value: Scalar<'v>) -> Scalar<'v> {
        let node = &self.nodes[target.node];
        match &node.branches {
            None => value.as_one_of(node.types),
            Some(branches) => match branches.iter().find(|branch| self.fits_scalar(**branch, value)) {
                Some(branch) => self.branch_of(*branch, value),
                None => value,
            },
        }
    }

    /// Whether a value is of a type that the target takes, and one of those that it allows.
    pub(super) fn fits_scalar(&self, target: Target, value: Scalar<'_>) -> bool {
        let node = &self.nodes[target.node];
        if let Some(branches) = &node.branches {
            return branches.iter().any(|branch| self.fits_scalar(*branch, value));
        }
        let value = value.as_one_of(node.types);
        node.types.has(value.types())
            && node.allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|allowed| is_scalar(allowed, value)))
    }
}

/// The error for a value that is of none of `types`.
#[cold]
fn wrong_scalar(types: Types, value: Scalar<'_>) -> Failure {
    let not_finite = match value {
        Scalar::Float(float) => !float.is_finite(),
        Scalar::Single(single) => !single.is_finite(),
        _ => false,
    };
    Failure::new(if not_finite {
        Reason::NotFinite { expected: types }
    } else {
        Reason::Type { expected: types, found: value.types() }
    })
}

/// `value` without its parts, if it has none.
pub(super) fn scalar(value: &Value) -> Option<Scalar<'_>> {
    use super::source::{Source, View};
    Some(match value.view() {
        View::Null => Scalar::Null,
        View::Boolean(value) => Scalar::Boolean(value),
        View::Unsigned(value) => Scalar::Unsigned(value),
        View::Signed(value) => Scalar::Signed(value),
        View::Float(value) => Scalar::Float(value),
        View::String(value) => Scalar::String(value),
        View::Array(_) | View::Object(_) => return None,
    })
}

fn is_scalar(allowed: &Value, value: Scalar<'_>) -> bool {
    scalar(allowed).is_some_and(|allowed| allowed.equals(value))
}
