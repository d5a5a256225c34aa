//! `#[model]`.
//!
//! `read.rs` makes of the item what `ir.rs` says a model is. From that alone everything is written: the item with what serde and schemars
//! derive (`item.rs`), the parser (`parse/`), the serialiser (`write.rs`), and the impls that tie them together (`token.rs`).

mod constraints;
pub(crate) mod ir;
mod item;
mod parse;
mod read;
mod rename;
mod serde_attributes;
mod token;
mod types;
mod write;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::route::Errors;

pub(crate) fn expand(options: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut item = match read::item(tokens.clone()) {
        Ok(item) => item,
        Err(error) => return [error.into_compile_error(), tokens].into_iter().collect(),
    };
    let mut errors = Errors::default();
    let krate = krate(options, &mut errors);
    let model = read::model(&item, krate, &mut errors);
    if let Some(error) = errors.into_error() {
        let error = error.into_compile_error();
        let bare = item::bare(&mut item);
        return quote!(#error #bare);
    }
    let derived = item::derived(&mut item, &model);
    let (parse, token) = (parse::implementation(&model), token::implementations(&model));
    let write = write::implementation(&model);
    quote!(#derived #parse #write #token)
}

/// Where fastweb is: `crate = path` is the only option.
fn krate(options: TokenStream, errors: &mut Errors) -> syn::Path {
    let usual = || syn::parse_quote!(::fastweb);
    if options.is_empty() {
        return usual();
    }
    let parse = |input: ParseStream<'_>| {
        let name = input.call(Ident::parse_any)?;
        if name != "crate" {
            let message = format!(
                "a model has no option `{name}`, only `crate = path`; what its values are is told by `#[schema(…)]` and \
                 `#[serde(…)]` below"
            );
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(name.span(), message));
        }
        input.parse::<Token![=]>()?;
        input.call(syn::Path::parse_mod_style)
    };
    parse.parse2(options).unwrap_or_else(|error| {
        errors.push(error);
        usual()
    })
}
