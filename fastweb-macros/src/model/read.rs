//! From the tokens of an item to what it is.

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Member};

use super::constraints::Constraints;
use super::ir::{Content, Enum, Field, Model, Shape, Struct, Tagging, Variant};
use super::rename::Rule;
use super::serde_attributes::{Both, Serde};
use crate::route::Errors;

pub(super) fn item(tokens: TokenStream) -> syn::Result<DeriveInput> {
    let is_item = |error: syn::Error| {
        syn::Error::new(error.span(), "`#[model]` stands above a struct or an enum: `struct User { name: String }`")
    };
    let item: DeriveInput = syn::parse2(tokens).map_err(is_item)?;
    match &item.data {
        Data::Union(of) => Err(is_item(syn::Error::new(of.union_token.span(), ""))),
        _ => Ok(item),
    }
}

pub(super) fn model(item: &DeriveInput, krate: syn::Path, errors: &mut Errors) -> Model {
    check_derives(&item.attrs, errors);
    if let Some(parameter) = item.generics.params.first() {
        errors.at(
            parameter,
            "a model has no generic parameters, lifetimes included: name the types, and own what is in them",
        );
    }
    let mut serde = Serde::parse(&item.attrs);
    let constraints = Constraints::parse(&item.attrs, 0, errors);
    let mut reader = Reader { errors, place: 0, reads_by_serde: None, writes_by_serde: None };
    reader.is_foreign(&serde);
    let shape = match &item.data {
        Data::Struct(of) => reader.structure(&of.fields, &mut serde),
        Data::Enum(of) => Shape::Enum(reader.enumeration(of, &serde)),
        Data::Union(_) => Shape::Other,
    };
    if matches!(shape, Shape::Other) {
        reader.foreign("it is a struct of unnamed fields");
    }
    match &shape {
        Shape::Struct(_) => constraints.check_absent("an object: write it above a field", reader.errors),
        Shape::Enum(_) => constraints.check_absent("an enum", reader.errors),
        Shape::Newtype(field) => {
            constraints.check_type(&field.ty, reader.errors);
            if constraints.is_checked() && field.constraints.is_checked() {
                let message =
                    "what is checked stands above the struct or above its field: move all of it to one of them";
                reader.errors.at(&field.ty, message);
            }
        }
        Shape::Other => constraints.check_absent("a struct of unnamed fields", reader.errors),
    }
    let Reader { reads_by_serde, writes_by_serde, .. } = reader;
    const SHARED: [&str; 6] = ["cfg", "allow", "expect", "warn", "deny", "forbid"];
    Model {
        krate,
        ident: item.ident.clone(),
        name: serde.rename.read.clone().unwrap_or_else(|| plain(&item.ident)),
        shape,
        constraints,
        reads_by_serde,
        writes_by_serde,
        shared_attributes: item
            .attrs
            .iter()
            .filter(|attribute| SHARED.iter().any(|name| attribute.path().is_ident(name)))
            .cloned()
            .collect(),
    }
}

struct Reader<'e> {
    errors: &'e mut Errors,
    /// Of the last that may have had constraints.
    place: usize,
    reads_by_serde: Option<String>,
    writes_by_serde: Option<String>,
}

impl Reader<'_> {
    fn constraints(&mut self, attributes: &[Attribute]) -> Constraints {
        self.place += 1;
        Constraints::parse(attributes, self.place, self.errors)
    }

    fn foreign(&mut self, why: &str) {
        self.reads_by_serde.get_or_insert_with(|| why.to_owned());
        self.writes_by_serde.get_or_insert_with(|| why.to_owned());
    }

    fn is_foreign(&mut self, serde: &Serde) {
        let named = |name: &String| format!("it has `#[serde({name})]`");
        if let Some(name) = &serde.foreign_to_reading {
            self.reads_by_serde.get_or_insert_with(|| named(name));
        }
        if let Some(name) = &serde.foreign_to_writing {
            self.writes_by_serde.get_or_insert_with(|| named(name));
        }
    }

    fn structure(&mut self, fields: &Fields, serde: &mut Serde) -> Shape {
        if serde.tag.is_some() {
            self.foreign("it is a struct with `#[serde(tag)]`");
        }
        match fields {
            Fields::Unnamed(of) if of.unnamed.len() == 1 => Shape::Newtype(Box::new(self.sole_field(fields))),
            Fields::Named(of) if serde.transparent && of.named.len() == 1 => {
                Shape::Newtype(Box::new(self.sole_field(fields)))
            }
            Fields::Named(_) if !serde.transparent => Shape::Struct(Struct {
                fields: self.fields(fields, &serde.rename_all),
                deny_unknown_fields: serde.deny_unknown_fields,
                default: serde.default.take(),
            }),
            Fields::Named(_) | Fields::Unnamed(_) | Fields::Unit => {
                self.fields(fields, &Both::default());
                Shape::Other
            }
        }
    }

    fn enumeration(&mut self, item: &syn::DataEnum, serde: &Serde) -> Enum {
        let untagged = |name: &Option<String>| matches!(name.as_deref(), Some("content" | "untagged"));
        let tagging = match &serde.tag {
            _ if untagged(&serde.foreign_to_reading) || untagged(&serde.foreign_to_writing) => Tagging::Other,
            Some(tag) => Tagging::Internal(tag.clone()),
            None => Tagging::External,
        };
        if item.variants.is_empty() {
            self.foreign("it is an enum without variants");
        }
        let variants = item.variants.iter().map(|variant| self.variant(variant, serde)).collect();
        Enum { tagging, variants, deny_unknown_fields: serde.deny_unknown_fields }
    }

    fn variant(&mut self, variant: &syn::Variant, item: &Serde) -> Variant {
        let serde = Serde::parse(&variant.attrs);
        self.is_foreign(&serde);
        self.constraints(&variant.attrs).check_absent("a variant: write it before the type of its field", self.errors);
        let ident = plain(&variant.ident);
        let named = |own: &Option<String>, rule: Option<Rule>| {
            own.clone().unwrap_or_else(|| rule.unwrap_or_default().variant(&ident))
        };
        let rename_all = Both {
            read: serde.rename_all.read.or(item.rename_all_fields.read),
            write: serde.rename_all.write.or(item.rename_all_fields.write),
        };
        let mut read_names = vec![named(&serde.rename.read, item.rename_all.read)];
        read_names.extend(serde.alias.iter().cloned());
        let content = match &variant.fields {
            Fields::Unit => Content::Unit,
            Fields::Unnamed(of) if of.unnamed.len() == 1 => {
                Content::Newtype(Box::new(self.sole_field(&variant.fields)))
            }
            Fields::Named(_) => Content::Struct(self.fields(&variant.fields, &rename_all)),
            Fields::Unnamed(_) => {
                self.foreign("it has a variant of several unnamed fields");
                self.fields(&variant.fields, &rename_all);
                Content::Tuple
            }
        };
        Variant {
            ident: variant.ident.clone(),
            write_name: named(&serde.rename.write, item.rename_all.write),
            read_names,
            skips_reading: serde.skips_reading,
            skips_writing: serde.skips_writing,
            content,
        }
    }

    fn sole_field(&mut self, fields: &Fields) -> Field {
        let mut fields = self.fields(fields, &Both::default());
        let field = fields.remove(0);
        if field.skips_reading || field.skips_writing || field.default.is_some() || field.skips_writing_if.is_some() {
            self.foreign("its only field has attributes of serde");
        }
        field
    }

    fn fields(&mut self, fields: &Fields, rename_all: &Both<Rule>) -> Vec<Field> {
        fields
            .iter()
            .enumerate()
            .map(|(at, field)| {
                let serde = Serde::parse(&field.attrs);
                self.is_foreign(&serde);
                let constraints = self.constraints(&field.attrs);
                constraints.check_type(&field.ty, self.errors);
                let ident = field.ident.as_ref().map(plain).unwrap_or_default();
                let named = |own: Option<String>, rule: Option<Rule>| {
                    own.unwrap_or_else(|| rule.unwrap_or_default().field(&ident))
                };
                let mut read_names = vec![named(serde.rename.read, rename_all.read)];
                read_names.extend(serde.alias);
                Field {
                    member: field.ident.clone().map_or_else(|| Member::from(at), Member::from),
                    ty: field.ty.clone(),
                    write_name: named(serde.rename.write, rename_all.write),
                    read_names,
                    default: serde.default,
                    skips_reading: serde.skips_reading,
                    skips_writing: serde.skips_writing,
                    skips_writing_if: serde.skips_writing_if,
                    constraints,
                }
            })
            .collect()
    }
}

/// Derives that `#[model]` brings itself.
fn check_derives(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let Ok(derives) =
            attribute.parse_args_with(syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
        else {
            continue;
        };
        for derive in derives {
            let Some(name) = derive.segments.last().map(|segment| segment.ident.to_string()) else { continue };
            if ["Serialize", "Deserialize", "JsonSchema"].contains(&name.as_str()) {
                errors.at(&derive, format!("`#[model]` derives {name} itself: leave it out of `#[derive(…)]`"));
            }
        }
    }
}

fn plain(ident: &Ident) -> String {
    syn::ext::IdentExt::unraw(ident).to_string()
}
