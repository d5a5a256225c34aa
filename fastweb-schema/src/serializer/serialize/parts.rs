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

/// The struct, and its field, by which serde_json hands JSON text through that it did not read.
pub(super) const RAW_VALUE: &str = "$serde_json::private::RawValue";

const COMMA: &Fragment = &Fragment::COMMA;
const COLON: &Fragment = &Fragment::COLON;

/// An object whose properties are being written.
#[derive(Debug)]
pub(super) struct OpenObject<'a> {
    /// `None`: all properties leave.
    object: Option<&'a Object>,
    start: usize,
    next: usize,
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
        Self { object, start: out.len(), next: 0, seen }
    }

    /// Where the value of the property `name` goes, and what is written before it; `None` if it does not leave.
    #[inline(always)]
    pub(super) fn place(&mut self, out: &mut Vec<u8>, state: &mut State, name: &str) -> Option<(&'a Fragment, Target)> {
        let target = match self.object {
            None => Some(Target::ANY),
            Some(object) => match object.find(name, self.next) {
                Some(index) => {
                    let property = &object.properties[index];
                    self.next = index + 1;
                    self.seen.set(property);
                    match property.target {
                        Some(target) => return Some((&property.fragment, target)),
                        None => None,
                    }
                }
                None => object.undeclared(name),
            },
        };
        if target.is_some() {
            COMMA.write_str(out, name);
        } else {
            state.drop_property(name);
        }
        Some((COLON, target?))
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

/// The object of an enum's variant, around its content.
type Outer<'a> = Option<(OpenObject<'a>, &'static str)>;

/// Ends the object of a variant.
fn close_outer(outer: Outer<'_>, mark: usize, out: &mut Vec<u8>, state: &mut State) -> Result<(), Failure> {
    let Some((outer, variant)) = outer else { return Ok(()) };
    state.lead(mark, || Segment::Property(variant.into()));
    outer.close(out, state)
}

/// Names the variant in whose content something is wrong.
fn in_outer(outer: &Outer<'_>, failure: Failure) -> Failure {
    match outer {
        Some((_, variant)) => failure.in_property(variant),
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

/// An array whose items arrive one by one.
pub(in super::super) struct Items<'a> {
    writer: Writer<'a>,
    mode: ItemsMode<'a>,
    outer: Outer<'a>,
    mark: usize,
}

enum ItemsMode<'a> {
    Write { array: Option<&'a Array>, start: usize, index: usize },
    Collect(CollectedItems, Option<&'static str>),
    Drop,
}

impl<'a> Items<'a> {
    #[inline(always)]
    pub(super) fn direct(writer: Writer<'a>, node: usize) -> Result<Self, Failure> {
        writer.fragment.write(writer.out);
        writer.state.enter()?;
        let array = writer.plan.nodes[node].array.as_deref();
        let mode = ItemsMode::Write { array, start: writer.out.len(), index: 0 };
        Ok(Self { mark: writer.state.mark(), writer, mode, outer: None })
    }

    pub(super) fn collect(writer: Writer<'a>, items: CollectedItems, variant: Option<&'static str>) -> Self {
        Self { mark: writer.state.mark(), writer, mode: ItemsMode::Collect(items, variant), outer: None }
    }

    pub(super) fn dropped(writer: Writer<'a>) -> Self {
        Self { mark: writer.state.mark(), writer, mode: ItemsMode::Drop, outer: None }
    }

    pub(super) fn within(self, outer: OpenObject<'a>, variant: &'static str) -> Self {
        Self { outer: Some((outer, variant)), ..self }
    }

    #[inline(always)]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        match &mut self.mode {
            ItemsMode::Write { array, index, .. } => {
                let item = *index;
                *index += 1;
                let target = match array {
                    None => Target::ANY,
                    Some(array) => match array.item(item) {
                        Some(target) => target,
                        None => return Err(in_outer(&self.outer, Failure::new(Reason::Items(array.prefix.len())))),
                    },
                };
                let Writer { plan, out, state, .. } = &mut self.writer;
                let mark = state.mark();
                value
                    .serialize(Writer { plan, out, state, fragment: COMMA, target })
                    .map_err(|failure| in_outer(&self.outer, failure.in_item(item)))?;
                state.lead(mark, || Segment::Item(item));
                Ok(())
            }
            ItemsMode::Collect(items, _) => collect(ser::SerializeSeq::serialize_element(items, value)),
            ItemsMode::Drop => Ok(()),
        }
    }

    #[inline(always)]
    fn finish(self) -> Result<(), Failure> {
        let writer = self.writer;
        match self.mode {
            ItemsMode::Write { start, .. } => {
                close(writer.out, start, b'[', b']');
                writer.state.leave();
            }
            ItemsMode::Collect(items, variant) => {
                return writer.collected(&wrapped(collect(ser::SerializeSeq::end(items))?, variant));
            }
            ItemsMode::Drop => {}
        }
        close_outer(self.outer, self.mark, writer.out, writer.state)
    }
}

/// An object whose properties arrive one by one.
pub(in super::super) struct Properties<'a> {
    writer: Writer<'a>,
    mode: PropertiesMode<'a>,
    outer: Outer<'a>,
    mark: usize,
}

enum PropertiesMode<'a> {
    /// With the name that was given last, and where its value goes, between the calls for a key and for its value.
    Write(OpenObject<'a>, Option<(&'a Fragment, Target)>, String),
    Collect(CollectedProperties, Option<&'static str>),
    /// JSON text, in the only field.
    Raw,
    Drop,
}

impl<'a> Properties<'a> {
    #[inline(always)]
    pub(super) fn direct(writer: Writer<'a>, node: usize) -> Result<Self, Failure> {
        writer.fragment.write(writer.out);
        writer.state.enter()?;
        let mode = PropertiesMode::Write(OpenObject::new(writer.plan, writer.out, node), None, String::new());
        Ok(Self { mark: writer.state.mark(), writer, mode, outer: None })
    }

    pub(super) fn collect(writer: Writer<'a>, properties: CollectedProperties, variant: Option<&'static str>) -> Self {
        Self { mark: writer.state.mark(), writer, mode: PropertiesMode::Collect(properties, variant), outer: None }
    }

    pub(super) fn raw(writer: Writer<'a>) -> Self {
        Self { mark: writer.state.mark(), writer, mode: PropertiesMode::Raw, outer: None }
    }

    pub(super) fn dropped(writer: Writer<'a>) -> Self {
        Self { mark: writer.state.mark(), writer, mode: PropertiesMode::Drop, outer: None }
    }

    pub(super) fn within(self, outer: OpenObject<'a>, variant: &'static str) -> Self {
        Self { outer: Some((outer, variant)), ..self }
    }

    #[inline(always)]
    fn property<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Failure> {
        match &mut self.mode {
            PropertiesMode::Write(open, ..) => {
                let Writer { plan, out, state, .. } = &mut self.writer;
                let Some((fragment, target)) = open.place(out, state, name) else { return Ok(()) };
                let mark = state.mark();
                value
                    .serialize(Writer { plan, out, state, fragment, target })
                    .map_err(|failure| in_outer(&self.outer, failure.in_property(name)))?;
                state.lead(mark, || Segment::Property(name.into()));
                Ok(())
            }
            _ => self.other_property(name, value),
        }
    }

    #[inline(never)]
    fn other_property<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Failure> {
        match &mut self.mode {
            PropertiesMode::Collect(properties, _) => {
                collect(ser::SerializeMap::serialize_entry(properties, name, value))
            }
            PropertiesMode::Raw => {
                // The text was checked when the raw value was made, and is read again to be driven through the plan.
                let Value::String(text) = collect(value.serialize(Collector))? else { return Ok(()) };
                let value: Value = collect(serde_json::from_str(&text))?;
                let Writer { plan, out, state, fragment, target } = &mut self.writer;
                plan.write_part(out, state, fragment, *target, &value)
            }
            PropertiesMode::Write(..) | PropertiesMode::Drop => Ok(()),
        }
    }

    fn key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Failure> {
        match &mut self.mode {
            PropertiesMode::Write(open, place, last) => {
                let Writer { out, state, .. } = &mut self.writer;
                *place = key.serialize(Key(|name: &str| {
                    last.clear();
                    last.push_str(name);
                    Ok(open.place(out, state, name))
                }))?;
                Ok(())
            }
            PropertiesMode::Collect(properties, _) => collect(ser::SerializeMap::serialize_key(properties, key)),
            PropertiesMode::Raw | PropertiesMode::Drop => Ok(()),
        }
    }

    fn value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        match &mut self.mode {
            PropertiesMode::Write(_, place, last) => {
                let Some((fragment, target)) = place.take() else { return Ok(()) };
                let Writer { plan, out, state, .. } = &mut self.writer;
                let mark = state.mark();
                value
                    .serialize(Writer { plan, out, state, fragment, target })
                    .map_err(|failure| in_outer(&self.outer, failure.in_property(last)))?;
                state.lead(mark, || Segment::Property(last.as_str().into()));
                Ok(())
            }
            PropertiesMode::Collect(properties, _) => collect(ser::SerializeMap::serialize_value(properties, value)),
            PropertiesMode::Raw | PropertiesMode::Drop => Ok(()),
        }
    }

    /// A key and its value at once: nothing has to be kept between two calls.
    fn entry<K: ?Sized + Serialize, V: ?Sized + Serialize>(&mut self, key: &K, value: &V) -> Result<(), Failure> {
        match &mut self.mode {
            PropertiesMode::Write(open, ..) => {
                let Writer { plan, out, state, .. } = &mut self.writer;
                let outer = &self.outer;
                key.serialize(Key(|name: &str| {
                    let Some((fragment, target)) = open.place(out, state, name) else { return Ok(()) };
                    let mark = state.mark();
                    value
                        .serialize(Writer { plan, out, state, fragment, target })
                        .map_err(|failure| in_outer(outer, failure.in_property(name)))?;
                    state.lead(mark, || Segment::Property(name.into()));
                    Ok(())
                }))
            }
            PropertiesMode::Collect(properties, _) => {
                collect(ser::SerializeMap::serialize_entry(properties, key, value))
            }
            PropertiesMode::Raw | PropertiesMode::Drop => Ok(()),
        }
    }

    #[inline(always)]
    fn finish(self) -> Result<(), Failure> {
        let writer = self.writer;
        match self.mode {
            PropertiesMode::Write(open, ..) => {
                open.close(writer.out, writer.state).map_err(|failure| in_outer(&self.outer, failure))?;
            }
            PropertiesMode::Collect(properties, variant) => {
                return writer.collected(&wrapped(collect(ser::SerializeMap::end(properties))?, variant));
            }
            PropertiesMode::Raw | PropertiesMode::Drop => {}
        }
        close_outer(self.outer, self.mark, writer.out, writer.state)
    }
}

macro_rules! items {
    ($($part:ident $method:ident)*) => {$(
        impl ser::$part for Items<'_> {
            type Ok = ();
            type Error = Failure;

            #[inline]
            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
                self.item(value)
            }

            #[inline]
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

            #[inline]
            fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Failure> {
                self.property(name, value)
            }

            #[inline]
            fn end(self) -> Result<(), Failure> {
                self.finish()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Properties<'_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Failure> {
        self.key(key)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        self.value(value)
    }

    fn serialize_entry<K: ?Sized + Serialize, V: ?Sized + Serialize>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), Failure> {
        self.entry(key, value)
    }

    #[inline]
    fn end(self) -> Result<(), Failure> {
        self.finish()
    }
}
