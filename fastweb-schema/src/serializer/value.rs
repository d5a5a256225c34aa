//! Writing values that are in memory already.

use serde_json::Value;

use super::error::{Failure, Reason, Segment};
use super::plan::{Marks, Missing, Object, Plan, Target};
use super::scalar::scalar;
use super::source::{Source, View};
use super::state::State;
use super::types::{Scalar, Types};
use crate::text::Fragment;

const COMMA: &Fragment = &Fragment::COMMA;
const COLON: &Fragment = &Fragment::COLON;

impl Plan {
    /// Writes `fragment` and `value` behind it.
    #[inline(always)]
    pub(super) fn write_value<'v, S: Source<'v>>(
        &self,
        out: &mut Vec<u8>,
        state: &mut State,
        fragment: &Fragment,
        target: Target,
        value: S,
    ) -> Result<(), Failure> {
        let direct = target.direct;
        let other = match value.view() {
            View::String(text) if direct.has(Types::STRING) => {
                fragment.write_str(out, text);
                return Ok(());
            }
            View::Unsigned(n) if direct.has(Types::INTEGER) => {
                fragment.write_u64(out, n);
                return Ok(());
            }
            View::Object(_) if direct.has(Types::OBJECT) => {
                fragment.write(out);
                return match &self.nodes[target.node].object {
                    Some(object) => self.write_object(out, state, object, value),
                    None => self.write_any_object(out, state, value),
                };
            }
            View::Array(_) if direct.has(Types::ARRAY) => {
                fragment.write(out);
                return self.write_array(out, state, target.node, value);
            }
            View::Boolean(value) if direct.has(Types::BOOLEAN) => {
                fragment.write_bool(out, value);
                return Ok(());
            }
            View::Float(value) if direct.has(Types::FLOAT) && value.is_finite() => {
                fragment.write_float(out, value);
                return Ok(());
            }
            View::Null if direct.has(Types::NULL) => {
                fragment.write_null(out);
                return Ok(());
            }
            View::Signed(n) if direct.has(Types::INTEGER) => {
                fragment.write_i64(out, n);
                return Ok(());
            }
            View::Null => Scalar::Null,
            View::Boolean(value) => Scalar::Boolean(value),
            View::Unsigned(value) => Scalar::Unsigned(value),
            View::Signed(value) => Scalar::Signed(value),
            View::Float(value) => Scalar::Float(value),
            View::String(value) => Scalar::String(value),
            View::Array(_) | View::Object(_) => return self.write_chosen(out, state, fragment, target, value),
        };
        self.write_scalar(out, fragment, target, other)
    }

    /// Writes an object whose properties are declared.
    #[inline(never)]
    fn write_object<'v, S: Source<'v>>(
        &self,
        out: &mut Vec<u8>,
        state: &mut State,
        object: &Object,
        value: S,
    ) -> Result<(), Failure> {
        // The iterator is made here and not handed over: a call would move it through memory.
        let View::Object(properties) = value.view() else { return Ok(()) };
        state.enter()?;
        out.reserve(object.room);
        let start = out.len();
        let mut seen = Marks::none_of(&object.expected);
        let mut next = 0;
        for (name, value) in properties {
            let written = match object.find(name, next) {
                Some(index) => {
                    let property = &object.properties[index];
                    next = index + 1;
                    seen.set(property);
                    match property.target {
                        Some(target) => self.write_value(out, state, &property.fragment, target, value),
                        None => {
                            state.drop_property(name);
                            continue;
                        }
                    }
                }
                None => match object.undeclared(name) {
                    Some(target) => {
                        COMMA.write_str(out, name);
                        self.write_part(out, state, COLON, target, value)
                    }
                    None => {
                        state.drop_property(name);
                        continue;
                    }
                },
            };
            written.map_err(|failure| failure.in_property(name))?;
            state.lead(|| Segment::Property(name.into()));
        }
        if !seen.has_all(&object.expected) {
            object.write_missing(out, &seen)?;
        }
        close(out, start, b'{', b'}');
        state.leave();
        Ok(())
    }

    /// Writes an object of which nothing is declared.
    #[inline(never)]
    fn write_any_object<'v, S: Source<'v>>(
        &self,
        out: &mut Vec<u8>,
        state: &mut State,
        value: S,
    ) -> Result<(), Failure> {
        let View::Object(properties) = value.view() else { return Ok(()) };
        state.enter()?;
        let start = out.len();
        for (name, value) in properties {
            COMMA.write_str(out, name);
            self.write_part(out, state, COLON, Target::ANY, value).map_err(|failure| failure.in_property(name))?;
        }
        close(out, start, b'{', b'}');
        state.leave();
        Ok(())
    }

    #[inline(never)]
    fn write_array<'v, S: Source<'v>>(
        &self,
        out: &mut Vec<u8>,
        state: &mut State,
        node: usize,
        value: S,
    ) -> Result<(), Failure> {
        let View::Array(items) = value.view() else { return Ok(()) };
        state.enter()?;
        let start = out.len();
        match &self.nodes[node].array {
            Some(array) => {
                for (index, item) in items.enumerate() {
                    let Some(target) = array.item(index) else {
                        return Err(Failure::new(Reason::Items(array.prefix.len())));
                    };
                    self.write_value(out, state, COMMA, target, item).map_err(|failure| failure.in_item(index))?;
                    state.lead(|| Segment::Item(index));
                }
            }
            None => {
                for (index, item) in items.enumerate() {
                    self.write_value(out, state, COMMA, Target::ANY, item).map_err(|failure| failure.in_item(index))?;
                }
            }
        }
        close(out, start, b'[', b']');
        state.leave();
        Ok(())
    }

    /// [`write_value`](Self::write_value) where a call costs little beside what it does.
    #[inline(never)]
    pub(super) fn write_part<'v, S: Source<'v>>(
        &self,
        out: &mut Vec<u8>,
        state: &mut State,
        fragment: &Fragment,
        target: Target,
        value: S,
    ) -> Result<(), Failure> {
        self.write_value(out, state, fragment, target, value)
    }

    /// Writes an object or an array that is not taken directly: by the branch that it fits, if it is allowed.
    #[inline(never)]
    fn write_chosen<'v, S: Source<'v>>(
        &self,
        out: &mut Vec<u8>,
        state: &mut State,
        fragment: &Fragment,
        mut target: Target,
        value: S,
    ) -> Result<(), Failure> {
        let is_object = matches!(value.view(), View::Object(_));
        let found = if is_object { Types::OBJECT } else { Types::ARRAY };
        loop {
            let node = &self.nodes[target.node];
            if !node.types.has(found) {
                return Err(Failure::new(Reason::Type { expected: node.types, found }));
            }
            let Some(branches) = &node.branches else { break };
            match self.branch(branches, value, found) {
                Some(branch) => target = branch,
                None => return Err(Failure::new(Reason::Branch)),
            }
        }
        let node = &self.nodes[target.node];
        if let Some(allowed) = &node.allowed
            && !allowed.iter().any(|allowed| equal(allowed, value))
        {
            return Err(Failure::new(Reason::Allowed));
        }
        fragment.write(out);
        match value.view() {
            View::Object(_) => match &node.object {
                Some(object) => self.write_object(out, state, object, value),
                None => self.write_any_object(out, state, value),
            },
            _ => self.write_array(out, state, target.node, value),
        }
    }

    /// The branch that decides: the only one for objects, or for arrays, if there is only one; else the first that fits.
    fn branch<'v, S: Source<'v>>(&self, branches: &[Target], value: S, found: Types) -> Option<Target> {
        let mut possible = branches.iter().filter(|branch| self.nodes[branch.node].types.has(found));
        let first = *possible.next()?;
        if possible.next().is_none() || self.fits(first, value, true) {
            return Some(first);
        }
        branches.iter().find(|branch| self.fits(**branch, value, true)).copied()
    }

    /// Whether a branch is for this value: its type, what is allowed, and, if `parts`, the properties that are required and the
    /// types of the parts. No deeper, so that the choice takes time in proportion to the object itself.
    fn fits<'v, S: Source<'v>>(&self, target: Target, value: S, parts: bool) -> bool {
        let node = &self.nodes[target.node];
        if let Some(branches) = &node.branches {
            return branches.iter().any(|branch| self.fits(*branch, value, parts));
        }
        let found = match value.view() {
            View::Null => return self.fits_scalar(target, Scalar::Null),
            View::Boolean(value) => return self.fits_scalar(target, Scalar::Boolean(value)),
            View::Unsigned(value) => return self.fits_scalar(target, Scalar::Unsigned(value)),
            View::Signed(value) => return self.fits_scalar(target, Scalar::Signed(value)),
            View::Float(value) => return self.fits_scalar(target, Scalar::Float(value)),
            View::String(value) => return self.fits_scalar(target, Scalar::String(value)),
            View::Array(_) => Types::ARRAY,
            View::Object(_) => Types::OBJECT,
        };
        if !node.types.has(found) {
            return false;
        }
        if let Some(allowed) = &node.allowed
            && !allowed.iter().any(|allowed| equal(allowed, value))
        {
            return false;
        }
        if !parts {
            return true;
        }
        match value.view() {
            View::Object(properties) => node.object.as_ref().is_none_or(|object| self.fits_object(object, properties)),
            View::Array(mut items) => node.array.as_ref().is_none_or(|array| {
                let mut index = 0;
                items.all(|item| {
                    index += 1;
                    array.item(index - 1).is_some_and(|target| self.fits(target, item, false))
                })
            }),
            _ => true,
        }
    }

    fn fits_object<'v, S: Source<'v>>(&self, object: &Object, properties: impl Iterator<Item = (&'v str, S)>) -> bool {
        let mut seen = Marks::none_of(&object.expected);
        let mut next = 0;
        for (name, value) in properties {
            let Some(index) = object.find(name, next) else { continue };
            let property = &object.properties[index];
            next = index + 1;
            seen.set(property);
            if property.target.is_some_and(|target| !self.fits(target, value, false)) {
                return false;
            }
        }
        object.properties.iter().all(|property| !matches!(property.missing, Missing::Refuse) || seen.has(property))
    }
}

impl Object {
    /// Writes the defaults of the properties that were not there, or says which of them is required.
    #[cold]
    #[inline(never)]
    pub(super) fn write_missing(&self, out: &mut Vec<u8>, seen: &Marks) -> Result<(), Failure> {
        for property in self.properties.iter().filter(|property| !seen.has(property)) {
            match &property.missing {
                Missing::Nothing => {}
                Missing::Refuse => return Err(Failure::new(Reason::Required(property.name.clone()))),
                Missing::Write(text) => out.extend_from_slice(text),
            }
        }
        Ok(())
    }
}

/// Ends an object or an array. Every part of it was written with a comma before it: the first becomes the opening bracket.
#[inline(always)]
pub(super) fn close(out: &mut Vec<u8>, start: usize, opening: u8, closing: u8) {
    match out.get_mut(start) {
        Some(comma) => *comma = opening,
        None => out.push(opening),
    }
    out.push(closing);
}

/// As JSON Schema compares: numbers by their values, objects whatever the order of their properties.
pub(super) fn equal<'v, S: Source<'v>>(allowed: &Value, value: S) -> bool {
    let value = match value.view() {
        View::Null => Scalar::Null,
        View::Boolean(value) => Scalar::Boolean(value),
        View::Unsigned(value) => Scalar::Unsigned(value),
        View::Signed(value) => Scalar::Signed(value),
        View::Float(value) => Scalar::Float(value),
        View::String(value) => Scalar::String(value),
        View::Array(items) => {
            let Value::Array(allowed) = allowed else { return false };
            let mut allowed = allowed.iter();
            let mut items = items;
            return items.all(|item| allowed.next().is_some_and(|allowed| equal(allowed, item)))
                && allowed.next().is_none();
        }
        View::Object(properties) => {
            let Value::Object(allowed) = allowed else { return false };
            let mut count = 0;
            let mut properties = properties;
            return properties.all(|(name, value)| {
                count += 1;
                allowed.get(name).is_some_and(|allowed| equal(allowed, value))
            }) && count == allowed.len();
        }
    };
    scalar(allowed).is_some_and(|allowed| allowed.equals(value))
}
