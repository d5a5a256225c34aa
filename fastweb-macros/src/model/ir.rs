//! What a model is: the item with its attributes, read once. The parser, the serialiser and the schema are written from this alone.

#![allow(dead_code)]

use proc_macro2::TokenStream;
use syn::{Attribute, Ident, Member, Path, Type};

use super::constraints::Constraints;

/// A struct or enum with `#[model]`.
pub(crate) struct Model {
    /// Where fastweb is.
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    /// What JSON and messages call it: `rename`, or the identifier.
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// What of the item itself is checked: of newtypes, and enums of texts.
    pub(crate) constraints: Constraints,
    /// Why the item is read by serde and a validator, not in one pass; the first reason that was found.
    pub(crate) reads_by_serde: Option<String>,
    /// Why it is written by serde, not by generated code.
    pub(crate) writes_by_serde: Option<String>,
    /// `cfg` and lints, which hold for all that is written beside the item.
    pub(crate) shared_attributes: Vec<Attribute>,
}

pub(crate) enum Shape {
    /// With named fields: an object.
    Struct(Struct),
    /// With one field without name, or `#[serde(transparent)]`: what its field is.
    Newtype(Box<Field>),
    Enum(Enum),
    /// Unit structs, tuple structs: serde's alone.
    Other,
}

pub(crate) struct Struct {
    pub(crate) fields: Vec<Field>,
    pub(crate) deny_unknown_fields: bool,
    /// `#[serde(default)]` on the item: what is missing is taken from a default of the whole.
    pub(crate) default: Option<DefaultBy>,
}

pub(crate) struct Enum {
    pub(crate) tagging: Tagging,
    pub(crate) variants: Vec<Variant>,
    pub(crate) deny_unknown_fields: bool,
}

/// How JSON tells variants apart.
pub(crate) enum Tagging {
    /// `"Empty"`, `{"Circle": …}`.
    External,
    /// `{"kind": "Circle", …}`
    Internal(String),
    /// `tag` and `content`, or `untagged`: serde's alone.
    Other,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// The name that is written.
    pub(crate) write_name: String,
    /// The names that are read, the first one is the variant's own.
    pub(crate) read_names: Vec<String>,
    pub(crate) skips_reading: bool,
    pub(crate) skips_writing: bool,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Unit,
    Newtype(Box<Field>),
    Struct(Vec<Field>),
    /// Two fields or more without names: serde's alone.
    Tuple,
}

pub(crate) struct Field {
    pub(crate) member: Member,
    pub(crate) ty: Type,
    /// The name that is written; empty for fields without a name.
    pub(crate) write_name: String,
    /// The names that are read, the first one is the field's own.
    pub(crate) read_names: Vec<String>,
    pub(crate) default: Option<DefaultBy>,
    pub(crate) skips_reading: bool,
    pub(crate) skips_writing: bool,
    /// `skip_serializing_if`: `fn(&T) -> bool`.
    pub(crate) skips_writing_if: Option<Path>,
    pub(crate) constraints: Constraints,
}

/// Where the value of a missing field comes from.
pub(crate) enum DefaultBy {
    /// `#[serde(default)]`
    Trait,
    /// `#[serde(default = "path")]`
    Function(Path),
}

impl Model {
    /// The module of the runtime that generated code calls: `::fastweb::__private::model`.
    pub(crate) fn runtime(&self) -> TokenStream {
        let krate = &self.krate;
        quote::quote!(#krate::__private::model)
    }

    /// All fields, of variants too.
    pub(crate) fn fields(&self) -> Vec<&Field> {
        match &self.shape {
            Shape::Struct(of) => of.fields.iter().collect(),
            Shape::Newtype(field) => vec![field],
            Shape::Enum(of) => of.variants.iter().flat_map(Variant::fields).collect(),
            Shape::Other => Vec::new(),
        }
    }
}

impl Variant {
    pub(crate) fn fields(&self) -> Vec<&Field> {
        match &self.content {
            Content::Unit | Content::Tuple => Vec::new(),
            Content::Newtype(field) => vec![field],
            Content::Struct(fields) => fields.iter().collect(),
        }
    }
}
