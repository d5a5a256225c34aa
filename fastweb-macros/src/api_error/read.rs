//! From the tokens of an enum to what its variants answer.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Fields, LitInt, LitStr, Member, Token, Type};

use super::message::Message;
use crate::route::Errors;
use crate::standard::is_value;

pub(super) struct Api {
    /// Where fastweb is.
    pub(super) krate: syn::Path,
    pub(super) ident: Ident,
    pub(super) variants: Vec<Variant>,
}

pub(super) struct Variant {
    pub(super) ident: Ident,
    pub(super) answer: Answer,
    pub(super) source: Option<Source>,
}

pub(super) enum Answer {
    Own {
        status: u16,
        code: String,
        message: Message,
    },
    /// What the error in it answers.
    Inner(Inner),
}

pub(super) struct Inner {
    pub(super) member: Member,
    pub(super) ty: Type,
}

/// The error behind this one.
pub(super) struct Source {
    pub(super) member: Member,
    pub(super) ty: Type,
    /// It becomes this error by `?`.
    pub(super) is_from: bool,
}

const EXAMPLE: &str = "`#[error(status = 404, message = \"no user {id}\")]`";

pub(super) fn read(tokens: TokenStream) -> syn::Result<Api> {
    let item: DeriveInput = syn::parse2(tokens)?;
    let mut errors = Errors::default();
    let Data::Enum(of) = &item.data else {
        let message = "`ApiError` is derived for an enum: one variant for each way to fail";
        return Err(syn::Error::new_spanned(&item.ident, message));
    };
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics.params,
            "an `ApiError` has no generic parameters, lifetimes included: it leaves the handler, so it owns what it says",
        );
    }
    let krate = krate(&item.attrs, &mut errors);
    let variants = of.variants.iter().filter_map(|variant| read_variant(variant, &mut errors)).collect();
    match errors.into_error() {
        Some(error) => Err(error),
        None => Ok(Api { krate, ident: item.ident, variants }),
    }
}

/// `#[error(crate = path)]` above the enum.
pub(super) fn krate(attributes: &[Attribute], errors: &mut Errors) -> syn::Path {
    let mut krate = syn::parse_quote!(::fastweb);
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("error")) {
        let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
            let name = input.call(Ident::parse_any)?;
            if name != "crate" {
                input.parse::<TokenStream>()?;
                let message = format!("above the enum stands only `#[error(crate = path)]`; what is answered stands above each variant: {EXAMPLE}");
                return Err(syn::Error::new(name.span(), message));
            }
            input.parse::<Token![=]>()?;
            input.call(syn::Path::parse_mod_style)
        });
        match parsed {
            Ok(path) => krate = path,
            Err(error) => errors.push(error),
        }
    }
    krate
}

/// What stands in `#[error(…)]` above a variant.
#[derive(Default)]
struct Options {
    transparent: Option<Ident>,
    status: Option<LitInt>,
    code: Option<LitStr>,
    message: Option<LitStr>,
}

/// `None` where it is wrong, which has been told.
fn read_variant(variant: &syn::Variant, errors: &mut Errors) -> Option<Variant> {
    let source = source(&variant.fields, errors);
    let name = &variant.ident;
    let mut attributes = variant.attrs.iter().filter(|attribute| attribute.path().is_ident("error"));
    let Some(attribute) = attributes.next() else {
        errors.at(
            name,
            format!("`{name}` does not say what it answers: write {EXAMPLE} above it, or `#[error(transparent)]`"),
        );
        return None;
    };
    if let Some(second) = attributes.next() {
        errors.at(second, format!("`{name}` says twice what it answers: write one `#[error(…)]`"));
    }
    let options = match attribute.parse_args_with(|input: ParseStream<'_>| options(input)) {
        Ok(options) => options,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let answer = if let Some(word) = &options.transparent {
        inner(word, variant, &options, errors)?
    } else {
        own(attribute, variant, &options, errors)?
    };
    Some(Variant { ident: name.clone(), answer, source })
}

fn options(input: ParseStream<'_>) -> syn::Result<Options> {
    let mut options = Options::default();
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        input.parse::<TokenStream>()?;
        let message = format!("the message has a name here, and the status stands beside it: {EXAMPLE}");
        return Err(syn::Error::new(text.span(), message));
    }
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        let text = name.to_string();
        if text == "transparent" {
            options.transparent = Some(name);
        } else if ["status", "code", "message"].contains(&text.as_str()) {
            input.parse::<Token![=]>()?;
            match text.as_str() {
                "status" => {
                    options.status = Some(input.parse().map_err(|error: syn::Error| {
                        syn::Error::new(error.span(), "the status is written as a number: `status = 404`")
                    })?);
                }
                "code" => options.code = Some(literal(input, "code = \"USER_NOT_FOUND\"")?),
                _ => options.message = Some(literal(input, "message = \"no user {id}\"")?),
            }
        } else {
            input.parse::<TokenStream>()?;
            let message = format!("`#[error(…)]` has no option `{text}`; there are status, code, message, transparent");
            return Err(syn::Error::new(name.span(), message));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

fn literal(input: ParseStream<'_>, sample: &str) -> syn::Result<LitStr> {
    input.parse().map_err(|error: syn::Error| syn::Error::new(error.span(), format!("this is a text: `{sample}`")))
}

/// `#[error(transparent)]`
fn inner(word: &Ident, variant: &syn::Variant, options: &Options, errors: &mut Errors) -> Option<Answer> {
    if options.status.is_some() || options.code.is_some() || options.message.is_some() {
        errors.at(word, "`transparent` answers as the error in the variant does: leave out status, code and message");
        return None;
    }
    let mut fields = variant.fields.iter().zip(variant.fields.members());
    let (Some((field, member)), None) = (fields.next(), fields.next()) else {
        errors.at(
            word,
            format!("`transparent` stands above a variant of one error: `{}(#[from] OtherError)`", variant.ident),
        );
        return None;
    };
    Some(Answer::Inner(Inner { member, ty: field.ty.clone() }))
}

fn own(attribute: &Attribute, variant: &syn::Variant, options: &Options, errors: &mut Errors) -> Option<Answer> {
    let name = &variant.ident;
    let status = match &options.status {
        Some(literal) => match literal.base10_parse::<u16>() {
            Ok(status @ 400..=599) => Some(status),
            _ => {
                errors.at(literal, "the status of an error is from 400 to 599");
                None
            }
        },
        None => {
            errors.at(attribute, format!("`{name}` has no status: {EXAMPLE}"));
            None
        }
    };
    let code = options.code.as_ref().map_or_else(|| screaming(name), LitStr::value);
    if let Some(literal) = &options.code {
        if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
            errors
                .at(literal, "a code is a word for programs, of letters, digits and `_`: `code = \"USER_NOT_FOUND\"`");
        } else if code.starts_with("FW_") {
            errors.at(literal, "codes that begin with `FW_` are fastweb's own: take another one");
        }
    }
    let message = match &options.message {
        Some(literal) => Some(Message::read(literal, name, &variant.fields, errors)),
        None => match doc_comment(&variant.attrs) {
            Some(text) => Some(Message::plain(&text, name.span())),
            None => {
                errors.at(attribute, format!("`{name}` has no message: {EXAMPLE}, or a doc comment"));
                None
            }
        },
    };
    Some(Answer::Own { status: status?, code, message: message? })
}

/// The field with `#[from]` or `#[source]`, or the one that is called `source`.
fn source(fields: &Fields, errors: &mut Errors) -> Option<Source> {
    let mut found: Option<Source> = None;
    for (field, member) in fields.iter().zip(fields.members()) {
        let marked = |name: &str| field.attrs.iter().find(|attribute| attribute.path().is_ident(name));
        let (from, source) = (marked("from"), marked("source"));
        if let Some(attribute) = marked("error") {
            errors.at(attribute, "`#[error(…)]` stands above a variant; above a field stand `#[from]` and `#[source]`");
        }
        if let (Some(from), true) = (from, fields.len() > 1) {
            errors.at(from, "an error that becomes this one by `?` is the only field of its variant; beside others it is `#[source]`");
        }
        let is_named = matches!(&member, Member::Named(ident) if ident == "source");
        if from.is_none() && source.is_none() && !(is_named && found.is_none()) {
            continue;
        }
        if let (Some(_), Some(attribute)) = (&found, from.or(source)) {
            errors.at(attribute, "an error has one source: keep one `#[from]` or `#[source]`");
        }
        if is_value(&field.ty) {
            errors.at(
                &field.ty,
                "the source of an error is an error, which this is not: a field that is called `source` and is none gets another name",
            );
        }
        found = Some(Source { member, ty: field.ty.clone(), is_from: from.is_some() });
    }
    found
}

/// `NotFound` as `NOT_FOUND`.
fn screaming(ident: &Ident) -> String {
    let mut code = String::new();
    for (at, c) in ident.unraw().to_string().chars().enumerate() {
        if at > 0 && c.is_uppercase() {
            code.push('_');
        }
        code.extend(c.to_uppercase());
    }
    code
}

/// Its first paragraph, on one line.
fn doc_comment(attributes: &[Attribute]) -> Option<String> {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let syn::Meta::NameValue(syn::MetaNameValue {
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) = &attribute.meta
        {
            lines.extend(text.value().split('\n').map(|line| line.trim().to_owned()).collect::<Vec<_>>());
        }
    }
    let paragraph: Vec<_> =
        lines.into_iter().skip_while(String::is_empty).take_while(|line| !line.is_empty()).collect();
    let text = paragraph.join(" ");
    let text = text.strip_suffix('.').unwrap_or(&text).to_owned();
    (!text.is_empty()).then_some(text)
}
