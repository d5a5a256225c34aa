//! The function that a route macro stands above.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Meta, Signature, Token, Visibility};

use super::Errors;

pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// As it was written: what is wrong in it is the compiler's to say.
    pub(crate) body: TokenTree,
}

impl Function {
    /// # Errors
    /// It is no function with a body.
    pub(crate) fn parse(macro_name: &str, tokens: TokenStream) -> syn::Result<Self> {
        let whole = tokens.clone();
        let parse = |input: ParseStream<'_>| {
            let attributes = input.call(Attribute::parse_outer)?;
            let visibility = input.parse()?;
            if !begins_function(input) {
                let message = format!("`#[{macro_name}(…)]` stands above a function: `async fn name(…) -> … {{ … }}`");
                return Err(syn::Error::new_spanned(&whole, message));
            }
            let signature = input.parse()?;
            if input.peek(Token![;]) {
                return Err(input.error("the function has no body, and a handler needs one: `{ … }`"));
            }
            Ok(Self { attributes, visibility, signature, body: input.call(TokenTree::parse)? })
        };
        parse.parse2(tokens)
    }

    /// Finds what no function can have that fastweb calls. `what` it is begins the messages.
    pub(crate) fn check(&self, what: &str, errors: &mut Errors) {
        let Signature { constness, unsafety, abi, generics, inputs, variadic, .. } = &self.signature;
        if !generics.params.is_empty() {
            errors.at(
                &generics.params,
                format!("{what} has no generic parameters, lifetimes included: a request could not say what they are; name the types"),
            );
        }
        if let Some(clause) = &generics.where_clause {
            errors.at(clause, format!("{what} has no `where` clause: its types are known"));
        }
        if let Some(word) = constness {
            errors.at(word, format!("{what} is no `const fn`: leave out `const`"));
        }
        if let Some(word) = unsafety {
            errors.at(word, format!("{what} is safe to call: leave out `unsafe`, and write an `unsafe` block in it"));
        }
        if let Some(abi) = abi {
            errors.at(abi, format!("{what} is an ordinary function: leave out `extern`"));
        }
        if let Some(variadic) = variadic {
            errors.at(variadic, format!("{what} has a fixed number of arguments"));
        }
        if let Some(syn::FnArg::Receiver(receiver)) = inputs.first() {
            errors.at(
                receiver,
                format!("{what} is no method: move it out of the `impl`, and take what it needs as `State<T>`"),
            );
        }
    }

    /// Attributes that hold for all that is written in the place of the function.
    pub(crate) fn shared_attributes(&self) -> impl Iterator<Item = &Attribute> {
        const SHARED: [&str; 7] = ["cfg", "cfg_attr", "allow", "expect", "warn", "deny", "forbid"];
        self.attributes.iter().filter(|attribute| SHARED.iter().any(|name| attribute.path().is_ident(name)))
    }

    pub(crate) fn docs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("doc"))
    }

    /// The attributes of the function itself.
    pub(crate) fn own_attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| !attribute.path().is_ident("deprecated"))
    }

    pub(crate) fn is_deprecated(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident("deprecated"))
    }

    /// The lines of the doc comment.
    pub(crate) fn doc_lines(&self) -> Vec<String> {
        let texts = self.docs().filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(syn::MetaNameValue {
                value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
                ..
            }) => Some(text.value()),
            _ => None,
        });
        texts.flat_map(|text| text.split('\n').map(str::to_owned).collect::<Vec<_>>()).collect()
    }
}

fn begins_function(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    while fork.peek(Token![const]) || fork.peek(Token![async]) || fork.peek(Token![unsafe]) || fork.peek(Token![extern])
    {
        let is_extern = fork.peek(Token![extern]);
        if fork.call(TokenTree::parse).is_err() {
            return false;
        }
        if is_extern && fork.peek(syn::LitStr) && fork.call(TokenTree::parse).is_err() {
            return false;
        }
    }
    fork.peek(Token![fn])
}
