//! The serialiser: what is generated for a model to be written as JSON, its names joined with the punctuation around them.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Member;

use super::ir::{Content, Enum, Field, Model, Shape, Tagging, Variant};

pub(super) fn implementation(model: &Model) -> TokenStream {
    let Model { ident, shared_attributes, .. } = model;
    let runtime = model.runtime();
    let body = body(model).unwrap_or_else(|| quote!(#runtime::write_plain(self, out)?;));
    quote! {
        #(#shared_attributes)*
        #[automatically_derived]
        impl #runtime::WriteJson for #ident {
            #[inline]
            fn write_json(
                &self,
                out: &mut #runtime::Spare<'_>,
            ) -> ::core::result::Result<(), #runtime::WriteError> {
                #body
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// `None` where serde writes it.
fn body(model: &Model) -> Option<TokenStream> {
    if model.writes_by_serde.is_some() {
        return None;
    }
    let of_self = |field: &Field| {
        let member = &field.member;
        quote!(&self.#member)
    };
    match &model.shape {
        Shape::Struct(of) => {
            let mut text = Text::new("{");
            let written = members(&mut text, false, &of.fields, of_self);
            let end = text.end("}");
            Some(quote!(#written #end))
        }
        Shape::Newtype(field) => {
            let value = of_self(field);
            Some(quote!(out.value(#value)?;))
        }
        Shape::Enum(of) => Some(enumeration(of, &model.runtime())),
        Shape::Other => None,
    }
}

fn enumeration(of: &Enum, runtime: &TokenStream) -> TokenStream {
    let mut is_whole = true;
    let arms: Vec<_> = of
        .variants
        .iter()
        .filter_map(|variant| {
            let arm = arm(variant, &of.tagging);
            is_whole &= arm.is_some();
            arm
        })
        .collect();
    // serde's: what has to be told apart there, and the error of variants that are not written.
    let rest = (!is_whole).then(|| quote!(_ => #runtime::write_plain(self, out)?,));
    quote! {
        match self {
            #(#arms)*
            #rest
        }
    }
}

/// `None` where serde writes it.
fn arm(variant: &Variant, tagging: &Tagging) -> Option<TokenStream> {
    if variant.skips_writing {
        return None;
    }
    let Variant { ident, content, .. } = variant;
    let name = quoted(&variant.write_name);
    match (tagging, content) {
        (Tagging::External, Content::Unit) => {
            let text = Text::new("").end(&name);
            Some(quote!(Self::#ident => { #text }))
        }
        (Tagging::External, Content::Newtype(field)) => {
            let (member, begin, end) =
                (&field.member, Text::new("").end(&format!("{{{name}:")), Text::new("").end("}"));
            let value = value();
            Some(quote!(Self::#ident { #member: #value } => { #begin out.value(#value)?; #end }))
        }
        (Tagging::External, Content::Struct(fields)) => {
            let mut text = Text::new(&format!("{{{name}:{{"));
            let written = members(&mut text, false, fields, binding);
            let (patterns, end) = (patterns(fields), text.end("}}"));
            Some(quote!(Self::#ident { #patterns } => { #written #end }))
        }
        (Tagging::Internal(tag), Content::Unit) => {
            let text = Text::new("").end(&format!("{{{}:{name}}}", quoted(tag)));
            Some(quote!(Self::#ident => { #text }))
        }
        (Tagging::Internal(tag), Content::Struct(fields)) => {
            let mut text = Text::new(&format!("{{{}:{name}", quoted(tag)));
            let written = members(&mut text, true, fields, binding);
            let (patterns, end) = (patterns(fields), text.end("}"));
            Some(quote!(Self::#ident { #patterns } => { #written #end }))
        }
        // What is in a newtype is written into the same object as the tag.
        (Tagging::Internal(_), Content::Newtype(_)) | (Tagging::Other, _) | (_, Content::Tuple) => None,
    }
}

/// Text that is known so far and not written yet, so that it is joined with what follows.
struct Text(String);

impl Text {
    fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Writes it with `more` behind it.
    fn end(&mut self, more: &str) -> TokenStream {
        let text = std::mem::take(&mut self.0) + more;
        if text.is_empty() {
            return TokenStream::new();
        }
        let text = Literal::byte_string(text.as_bytes());
        quote!(out.write(#text);)
    }
}

/// The members of an object. `has_some` if something stands in it already.
fn members(text: &mut Text, has_some: bool, fields: &[Field], value: impl Fn(&Field) -> TokenStream) -> TokenStream {
    // Whether there is a member before: `None` where that is known only when it is written.
    let mut before = Some(has_some);
    let is_first = Ident::new("is_first", Span::mixed_site());
    let mut written = TokenStream::new();
    for field in fields.iter().filter(|field| !field.skips_writing) {
        let value = value(field);
        let name = format!("{}:", quoted(&field.write_name));
        let with_name = |text: &mut Text, before: Option<bool>| match before {
            Some(true) => text.end(&format!(",{name}")),
            Some(false) => text.end(&name),
            None => {
                let (comma, alone) = (Text::new("").end(&format!(",{name}")), Text::new("").end(&name));
                quote!(if #is_first { #alone } else { #comma })
            }
        };
        let Some(skips) = &field.skips_writing_if else {
            let name = with_name(text, before);
            written.extend(quote!(#name out.value(#value)?;));
            before = Some(true);
            continue;
        };
        // What has gathered is written in any case.
        written.extend(text.end(""));
        if before == Some(false) {
            written.extend(quote!(let mut #is_first = true;));
        }
        let name = with_name(text, before);
        let no_more = (before != Some(true)).then(|| quote!(#is_first = false;));
        written.extend(quote! {
            if !#skips(#value) {
                #name
                #no_more
                out.value(#value)?;
            }
        });
        if before != Some(true) {
            before = None;
        }
    }
    if before.is_none() {
        // The last assignment is read by nobody.
        written.extend(quote!(let _ = #is_first;));
    }
    written
}

/// The name of a field of a variant in its arm.
fn binding(field: &Field) -> TokenStream {
    match &field.member {
        Member::Named(name) => format_ident!("field_{}", name, span = Span::mixed_site()).to_token_stream(),
        Member::Unnamed(_) => value().to_token_stream(),
    }
}

fn value() -> Ident {
    Ident::new("value", Span::mixed_site())
}

fn patterns(fields: &[Field]) -> TokenStream {
    let patterns = fields.iter().filter(|field| !field.skips_writing).map(|field| {
        let (member, binding) = (&field.member, binding(field));
        quote!(#member: #binding,)
    });
    quote!(#(#patterns)* ..)
}

/// As a JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\0'..' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
