//! Objects and arrays that arrive part by part.

use serde::Serialize;
use serde::ser;
use serde_json::Value;
use serde_json::value::Serializer as Collector;

use super::super::error::{Failure, Reason, Segment};
use super::super::plan::{Array, Marks, Object, Plan, Target};
use super::super::state::State;
use super::super::value::close;
use super::key::Key;
use super::{Writer, collect};
use crate::text::Fragment;

type CollectedItems = <Collector as ser::Serializer>::SerializeSeq;
type CollectedProperties = <Collector as ser::Serializer>::SerializeMap;

/// The struct by whose only field serde_json hands JSON text through that it did not read.
pub(super) const RAW_VALUE: &str = "$serde_json::private::RawValue";

const COMMA: &Fragment = &Fragment::COMMA;
const COLON: &Fragment = &Fragment::COLON;

/// An object whose properties are being written.
pub(super) struct OpenObject<'a> {
    /// `None`: all properties leave.
    object: Option<&'a Object>,
    start: usize,
    seen: Marks,
}

impl<'a> OpenObject<'a> {
    #[inline(always)]
    pub(super) fn new(plan: &'a Plan, out: &mut Vec<u8>, node: usize) -> Self {
        let object = plan.nodes[node].object.as_deref();
        let seen = match object {
            Some(object) => {
                out.reserve(object.room);
                Marks::none_of(&object.expected)
            }
            None => Marks::default(),
        };
        Self { object, start: out.len(), seen }
    }

    /// Where the value of the property `name` goes, and what is written before it; `None` if it does not leave.
    #[inline(always)]
    pub(super) fn place(&mut self, out: &mut Vec<u8>, state: &mut State, name: &str) -> Option<(&'a Fragment, Target)> {
        if let Some(object) = self.object
            && let Some(index) = object.search(name)
        {
            let property = &object.properties[index];
            self.seen.set(property);
            if let Some(target) = property.target {
                return Some((&property.fragment, target));
            }
            state.drop_property(name);
            return None;
        }
        undeclared(self.object, out, state, name)
    }

    #[inline(always)]
    pub(super) fn close(self, out: &mut Vec<u8>, state: &mut State) -> Result<(), Failure> {
        if let Some(object) = self.object
            && !self.seen.has_all(&object.expected)
        {
            object.write_missing(out, &self.seen)?;
        }
        close(out, self.start, b'{', b'}');
        state.leave();
        Ok(())
    }
}

/// [`OpenObject::place`] for names that the schema does not declare.
#[inline(never)]
fn undeclared<'a>(
    object: Option<&Object>,
    out: &mut Vec<u8>,
    state: &mut State,
    name: &str,
) -> Option<(&'a Fragment, Target)> {
    let target = match object {
        Some(object) => object.undeclared(name),
        None => Some(Target::ANY),
    };
    match target {
        Some(target) => {
            COMMA.write_str(out, name);
            Some((COLON, target))
        }
        None => {
            state.drop_property(name);
            None
        }
    }
}

/// An array whose items arrive one by one.
pub(in super::super) struct Items<'a> {
    plan: &'a Plan,
    out: &'a mut Vec<u8>,
    state: &'a mut State,
    array: Option<&'a Array>,
    start: usize,
    index: usize,
    rare: Option<Box<Rare<'a, CollectedItems>>>,
}

/// An object whose properties arrive one by one.
pub(in super::super) struct Properties<'a> {
    plan: &'a Plan,
    out: &'a mut Vec<u8>,
    state: &'a mut State,
    open: OpenObject<'a>,
    rare: Option<Box<Rare<'a, CollectedProperties>>>,
}

/// What few arrays and objects need.
struct Rare<'a, C> {
    /// The object around what a variant of an enum holds.
    outer: Option<(OpenObject<'a>, &'static str)>,
    /// What is done with the parts.
    instead: Instead<'a, C>,
}

/// What is done with the parts instead of writing them.
enum Instead<'a, C> {
    Nothing,
    /// They are collected and written at the end, as the content of a variant if one is named.
    Collect(C, Option<&'static str>, &'a Fragment, Target),
    /// The only one is JSON text.
    Raw(&'a Fragment, Target),
    /// They do not leave.
    Drop,
}

impl<C> Rare<'_, C> {
    /// Names the variant in whose content something is wrong.
    #[cold]
    fn name(&self, failure: Failure) -> Failure {
        match &self.outer {
            Some((_, variant)) => failure.in_property(variant),
            None => failure,
        }
    }

    /// Ends the object of a variant.
    fn close(
        outer: Option<(OpenObject<'_>, &'static str)>,
        out: &mut Vec<u8>,
        state: &mut State,
    ) -> Result<(), Failure> {
        let Some((outer, variant)) = outer else { return Ok(()) };
        state.lead(|| Segment::Property(variant.into()));
        outer.close(out, state)
    }
}

#[cold]
fn named<C>(rare: &Option<Box<Rare<'_, C>>>, failure: Failure) -> Failure {
    match rare {
        Some(rare) => rare.name(failure),
        None => failure,
    }
}

/// What was collected, as the content of a variant if it is one.
fn wrapped(value: Value, variant: Option<&'static str>) -> Value {
    match variant {
        Some(variant) => Value::Object([(variant.to_owned(), value)].into_iter().collect()),
        None => value,
    }
}

/// Both kinds of parts are begun in the same ways.
macro_rules! beginnings {
    ($of:ident, $collected:ty) => {
        impl<'a> $of<'a> {
            fn instead(writer: Writer<'a>, instead: Instead<'a, $collected>) -> Self {
                let rare = Some(Box::new(Rare { outer: None, instead }));
                // What is not written needs no node: that of anything.
                Self { rare, ..Self::new(writer.plan, writer.out, writer.state, Target::ANY.node) }
            }

            pub(super) fn collect(writer: Writer<'a>, parts: $collected, variant: Option<&'static str>) -> Self {
                let instead = Instead::Collect(parts, variant, writer.fragment, writer.target);
                Self::instead(writer, instead)
            }

            pub(super) fn dropped(writer: Writer<'a>) -> Self {
                Self::instead(writer, Instead::Drop)
            }

            /// The content of a variant.
            pub(super) fn within(mut self, outer: OpenObject<'a>, variant: &'static str) -> Self {
                let instead = self.rare.take().map_or(Instead::Nothing, |rare| rare.instead);
                self.rare = Some(Box::new(Rare { outer: Some((outer, variant)), instead }));
                self
            }
        }
    };
}

beginnings!(Items, CollectedItems);
beginnings!(Properties, CollectedProperties);

impl<'a> Items<'a> {
    #[inline(always)]
    fn new(plan: &'a Plan, out: &'a mut Vec<u8>, state: &'a mut State, node: usize) -> Self {
        Self { array: plan.nodes[node].array.as_deref(), start: out.len(), index: 0, plan, out, state, rare: None }
    }

    #[inline(always)]
    pub(super) fn direct(writer: Writer<'a>) -> Result<Self, Failure> {
        writer.fragment.write(writer.out);
        writer.state.enter()?;
        Ok(Self::new(writer.plan, writer.out, writer.state, writer.target.node))
    }

    #[inline(always)]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        if let Some(rare) = &mut self.rare {
            match &mut rare.instead {
                Instead::Nothing => {}
                Instead::Collect(items, ..) => return collect(ser::SerializeSeq::serialize_element(items, value)),
                Instead::Raw(..) | Instead::Drop => return Ok(()),
            }
        }
        let index = self.index;
        self.index += 1;
        let target = match self.array {
            None => Target::ANY,
            Some(array) => match array.item(index) {
                Some(target) => target,
                None => return Err(named(&self.rare, Failure::new(Reason::Items(array.prefix.len())))),
            },
        };
        let Self { plan, out, state, .. } = self;
        match value.serialize(Writer { plan, out, state, fragment: COMMA, target }) {
            Ok(()) => {
                self.state.lead(|| Segment::Item(index));
                Ok(())
            }
            Err(failure) => Err(named(&self.rare, failure.in_item(index))),
        }
    }

    #[inline(always)]
    fn finish(self) -> Result<(), Failure> {
        if self.rare.is_some() {
            return self.finish_rare();
        }
        close(self.out, self.start, b'[', b']');
        self.state.leave();
        Ok(())
    }

    #[inline(never)]
    fn finish_rare(self) -> Result<(), Failure> {
        let Self { plan, out, state, start, rare, .. } = self;
        let Some(rare) = rare else { return Ok(()) };
        match rare.instead {
            Instead::Nothing => {
                close(out, start, b'[', b']');
                state.leave();
            }
            Instead::Collect(items, variant, fragment, target) => {
                let value = wrapped(collect(ser::SerializeSeq::end(items))?, variant);
                return plan.write_part(out, state, fragment, target, &value);
            }
            Instead::Raw(..) | Instead::Drop => {}
        }
        Rare::<CollectedItems>::close(rare.outer, out, state)
    }
}

impl<'a> Properties<'a> {
    #[inline(always)]
    fn new(plan: &'a Plan, out: &'a mut Vec<u8>, state: &'a mut State, node: usize) -> Self {
        Self { open: OpenObject::new(plan, out, node), plan, out, state, rare: None }
    }

    #[inline(always)]
    pub(super) fn direct(writer: Writer<'a>) -> Result<Self, Failure> {
        writer.fragment.write(writer.out);
        writer.state.enter()?;
        Ok(Self::new(writer.plan, writer.out, writer.state, writer.target.node))
    }

    pub(super) fn raw(writer: Writer<'a>) -> Self {
        let instead = Instead::Raw(writer.fragment, writer.target);
        Self::instead(writer, instead)
    }

    /// Whether properties are written, and not collected, read or dropped.
    #[inline(always)]
    fn writes(&self) -> bool {
        self.rare.as_ref().is_none_or(|rare| matches!(rare.instead, Instead::Nothing))
    }

    #[inline(always)]
    fn property<T: ?Sized + Serialize>(&mut self, name: &str, value: &T) -> Result<(), Failure> {
        let Self { plan, out, state, open, .. } = self;
        let Some((fragment, target)) = open.place(out, state, name) else { return Ok(()) };
        match value.serialize(Writer { plan, out, state, fragment, target }) {
            Ok(()) => {
                self.state.lead(|| Segment::Property(name.into()));
                Ok(())
            }
            Err(failure) => Err(named(&self.rare, failure.in_property(name))),
        }
    }

    /// A property that is not written as it comes.
    #[inline(never)]
    fn keep<K: ?Sized + Serialize, V: ?Sized + Serialize>(&mut self, key: &K, value: &V) -> Result<(), Failure> {
        let Self { plan, out, state, rare: Some(rare), .. } = self else { return Ok(()) };
        match &mut rare.instead {
            Instead::Collect(properties, ..) => collect(ser::SerializeMap::serialize_entry(properties, key, value)),
            Instead::Raw(fragment, target) => {
                // The text was checked when the raw value was made, and is read again to be driven through the plan.
                let Value::String(text) = collect(value.serialize(Collector))? else { return Ok(()) };
                let value: Value = collect(serde_json::from_str(&text))?;
                plan.write_part(out, state, fragment, *target, &value)
            }
            Instead::Nothing | Instead::Drop => Ok(()),
        }
    }

    fn entry<K: ?Sized + Serialize, V: ?Sized + Serialize>(&mut self, key: &K, value: &V) -> Result<(), Failure> {
        if self.writes() { key.serialize(Key(|name: &str| self.property(name, value))) } else { self.keep(key, value) }
    }

    #[inline(always)]
    fn finish(self) -> Result<(), Failure> {
        if self.rare.is_some() { self.finish_rare() } else { self.open.close(self.out, self.state) }
    }

    #[inline(never)]
    fn finish_rare(self) -> Result<(), Failure> {
        let Self { plan, out, state, open, rare } = self;
        let Some(mut rare) = rare else { return Ok(()) };
        match std::mem::replace(&mut rare.instead, Instead::Nothing) {
            Instead::Nothing => open.close(out, state).map_err(|failure| rare.name(failure))?,
            Instead::Collect(properties, variant, fragment, target) => {
                let value = wrapped(collect(ser::SerializeMap::end(properties))?, variant);
                return plan.write_part(out, state, fragment, target, &value);
            }
            Instead::Raw(..) | Instead::Drop => {}
        }
        Rare::<CollectedProperties>::close(rare.outer, out, state)
    }
}

/// A map, whose keys may arrive apart from their values.
pub(in super::super) struct Entries<'a> {
    pub(super) properties: Properties<'a>,
    /// The key whose value is still to come.
    key: Option<String>,
}

impl<'a> Entries<'a> {
    #[inline(always)]
    pub(super) fn of(properties: Properties<'a>) -> Self {
        Self { properties, key: None }
    }
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Failure> {
        self.key = Some(key.serialize(Key(|name: &str| Ok(name.to_owned())))?);
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        // A value without a key is an error of the value's own `Serialize`, and of no object.
        let Some(key) = self.key.take() else { return Err(Failure::new(Reason::Key)) };
        self.properties.entry(&key, value)
    }

    #[inline]
    fn serialize_entry<K: ?Sized + Serialize, V: ?Sized + Serialize>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), Failure> {
        self.properties.entry(key, value)
    }

    #[inline(always)]
    fn end(self) -> Result<(), Failure> {
        self.properties.finish()
    }
}

macro_rules! items {
    ($($part:ident $method:ident)*) => {$(
        impl ser::$part for Items<'_> {
            type Ok = ();
            type Error = Failure;

            #[inline(always)]
            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
                self.item(value)
            }

            #[inline(always)]
            fn end(self) -> Result<(), Failure> {
                self.finish()
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! fields {
    ($($part:ident)*) => {$(
        impl ser::$part for Properties<'_> {
            type Ok = ();
            type Error = Failure;

            #[inline(always)]
            fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Failure> {
                if self.writes() { self.property(name, value) } else { self.keep(name, value) }
            }

            #[inline(always)]
            fn end(self) -> Result<(), Failure> {
                self.finish()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }
