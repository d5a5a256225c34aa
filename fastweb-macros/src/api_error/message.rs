//! The messages of variants: texts with fields in braces.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Fields, LitStr, Member};

use crate::route::Errors;

/// What a variant says.
pub(super) struct Message {
    /// Without the forms behind colons, and with single braces.
    described: String,
    /// With names instead of numbers: `{field_0}` for `{0}`.
    text: LitStr,
    /// The fields that it shows, and what they are called in its text.
    shown: Vec<(Member, Ident)>,
}

impl Message {
    /// A text without fields in it.
    pub(super) fn plain(text: &str, at: proc_macro2::Span) -> Self {
        let escaped = text.replace('{', "{{").replace('}', "}}");
        Self { described: text.to_owned(), text: LitStr::new(&escaped, at), shown: Vec::new() }
    }

    pub(super) fn read(literal: &LitStr, variant: &Ident, fields: &Fields, errors: &mut Errors) -> Self {
        let written = literal.value();
        let (mut text, mut described, mut shown) = (String::new(), String::new(), Vec::new());
        let mut rest = &*written;
        while let Some(at) = rest.find(['{', '}']) {
            let brace = &rest[at..=at];
            text.push_str(&rest[..=at]);
            described.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix(brace) {
                text.push_str(brace);
                rest = behind;
                continue;
            }
            if brace == "}" {
                errors.at(literal, "a `}` that closes nothing is written twice: `}}`");
                break;
            }
            let Some(end) = rest.find('}') else {
                errors.at(literal, "a `{` that opens nothing is written twice: `{{`");
                break;
            };
            let (inside, behind) = rest.split_at(end);
            let (name, form) = inside.find(':').map_or((inside, ""), |colon| inside.split_at(colon));
            match field(name.trim(), fields, literal) {
                Some((member, binding)) => {
                    text.push_str(&binding.unraw().to_string());
                    text.push_str(form);
                    described.push_str(name.trim());
                    if !shown.iter().any(|(there, _)| *there == member) {
                        shown.push((member, binding));
                    }
                }
                None => errors.at(literal, unknown(name, variant, fields)),
            }
            text.push('}');
            described.push('}');
            rest = &behind[1..];
        }
        text.push_str(rest);
        described.push_str(rest);
        Self { described, text: LitStr::new(&text, literal.span()), shown }
    }

    pub(super) fn text(&self) -> &LitStr {
        &self.text
    }

    pub(super) fn described(&self) -> &str {
        &self.described
    }

    /// `id: id, 0: field_0,`
    pub(super) fn patterns(&self) -> TokenStream {
        self.shown.iter().map(|(member, binding)| quote!(#member: #binding,)).collect()
    }
}

/// The field of a name or number, and what it is called in the text.
fn field(name: &str, fields: &Fields, literal: &LitStr) -> Option<(Member, Ident)> {
    fields.iter().zip(fields.members()).find_map(|(_, member)| match &member {
        Member::Named(ident) if ident.unraw() == name => {
            let mut binding = ident.clone();
            binding.set_span(literal.span());
            Some((member.clone(), binding))
        }
        Member::Unnamed(index) if index.index.to_string() == name => {
            Some((member.clone(), format_ident!("field_{}", index.index, span = literal.span())))
        }
        _ => None,
    })
}

fn unknown(name: &str, variant: &Ident, fields: &Fields) -> String {
    let there: Vec<_> = fields
        .members()
        .map(|member| match member {
            Member::Named(ident) => format!("`{{{}}}`", ident.unraw()),
            Member::Unnamed(index) => format!("`{{{}}}`", index.index),
        })
        .collect();
    let there =
        if there.is_empty() { "which has no fields".to_owned() } else { format!("which has {}", there.join(", ")) };
    if name.trim().is_empty() {
        return format!("`{{}}` does not say which field of `{variant}` is shown, {there}");
    }
    format!("`{{{name}}}` is no field of `{}`, {there}", variant.to_token_stream())
}
