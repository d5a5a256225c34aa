//! serde's attributes, as far as generated code honours them. Whatever else stands there is serde's, and the item is read by it.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path, Token, parenthesized, token};

use super::ir::DefaultBy;
use super::rename::Rule;

/// What stands on an item, a variant or a field. Not every attribute can stand on each; serde says so.
#[derive(Default)]
pub(super) struct Serde {
    pub(super) rename: Both<String>,
    pub(super) rename_all: Both<Rule>,
    pub(super) rename_all_fields: Both<Rule>,
    pub(super) alias: Vec<String>,
    pub(super) default: Option<DefaultBy>,
    pub(super) skips_reading: bool,
    pub(super) skips_writing: bool,
    pub(super) skips_writing_if: Option<Path>,
    pub(super) deny_unknown_fields: bool,
    pub(super) tag: Option<String>,
    pub(super) transparent: bool,
    /// The first attribute that only serde can read by.
    pub(super) foreign_to_reading: Option<String>,
    /// And write by.
    pub(super) foreign_to_writing: Option<String>,
}

/// What may differ between reading and writing.
#[derive(Default)]
pub(super) struct Both<T> {
    pub(super) read: Option<T>,
    pub(super) write: Option<T>,
}

impl Serde {
    pub(super) fn parse(attributes: &[Attribute]) -> Self {
        let mut serde = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            // What is malformed, serde tells.
            let _ = attribute.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    serde.one(input)?;
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            });
        }
        serde
    }

    fn one(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name = input.call(Ident::parse_any)?.to_string();
        match name.as_str() {
            "rename" => self.rename = both(input, |text| Some(text.value()))?,
            "rename_all" => self.rename_all = both(input, |text| Rule::of(&text.value()))?,
            "rename_all_fields" => self.rename_all_fields = both(input, |text| Rule::of(&text.value()))?,
            "alias" => self.alias.push(text(input)?.value()),
            "default" => {
                self.default = Some(match input.peek(Token![=]) {
                    true => DefaultBy::Function(text(input)?.parse()?),
                    false => DefaultBy::Trait,
                });
            }
            "skip" => (self.skips_reading, self.skips_writing) = (true, true),
            "skip_deserializing" => self.skips_reading = true,
            "skip_serializing" => self.skips_writing = true,
            "skip_serializing_if" => self.skips_writing_if = Some(text(input)?.parse()?),
            "deny_unknown_fields" => self.deny_unknown_fields = true,
            "tag" => self.tag = Some(text(input)?.value()),
            "transparent" => self.transparent = true,
            // Of no consequence for what JSON is.
            "crate" | "bound" | "expecting" | "rename_bound" => rest(input)?,
            "deserialize_with" | "from" | "try_from" | "borrow" => {
                self.foreign_to_reading.get_or_insert(name);
                rest(input)?;
            }
            "serialize_with" | "into" | "getter" => {
                self.foreign_to_writing.get_or_insert(name);
                rest(input)?;
            }
            // flatten, with, content, untagged, other, remote, and what serde will have some day.
            _ => {
                self.foreign_to_reading.get_or_insert(name.clone());
                self.foreign_to_writing.get_or_insert(name);
                rest(input)?;
            }
        }
        Ok(())
    }
}

/// `= "…"`
fn text(input: ParseStream<'_>) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// `= "…"`, or `(serialize = "…", deserialize = "…")`.
fn both<T>(input: ParseStream<'_>, of: impl Fn(&LitStr) -> Option<T>) -> syn::Result<Both<T>> {
    if !input.peek(token::Paren) {
        let text = text(input)?;
        return Ok(Both { read: of(&text), write: of(&text) });
    }
    let content;
    parenthesized!(content in input);
    let mut both = Both { read: None, write: None };
    while !content.is_empty() {
        let way: Ident = content.parse()?;
        let value = of(&text(&content)?);
        if way == "serialize" {
            both.write = value;
        } else {
            both.read = value;
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(both)
}

/// Goes to the next comma.
fn rest(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}
