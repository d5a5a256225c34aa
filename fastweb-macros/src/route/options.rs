//! What stands in the parentheses of a route macro.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, Lit, LitStr, Token, Type, bracketed, token};

use super::Errors;
use super::pattern::{self, Param};
use super::websocket;

pub(super) struct Options {
    /// Where fastweb is.
    pub(super) krate: syn::Path,
    pub(super) methods: Vec<String>,
    pub(super) path: LitStr,
    /// Of a path that the router takes.
    pub(super) params: Option<Vec<Param>>,
    /// The word `blocking`.
    pub(super) blocking: Option<Ident>,
    /// The function has a connection, and what it returns is no answer.
    pub(super) websocket: bool,
    /// What requests have to get past.
    pub(super) security: Vec<Type>,
    /// Methods of `Route`.
    pub(super) calls: TokenStream,
    pub(super) has_summary: bool,
    pub(super) has_description: bool,
}

/// Each with how often it may stand.
const KNOWN: [(&str, Times); 27] = [
    ("status", Times::Once),
    ("tag", Times::Often),
    ("tags", Times::Often),
    ("summary", Times::Once),
    ("description", Times::Once),
    ("operation_id", Times::Once),
    ("deprecated", Times::Once),
    ("hidden", Times::Once),
    ("blocking", Times::Once),
    ("mcp", Times::Once),
    ("security", Times::Often),
    ("body_limit", Times::Once),
    ("timeout", Times::Once),
    ("config", Times::Often),
    ("on_request", Times::Often),
    ("pre_parsing", Times::Often),
    ("pre_validation", Times::Often),
    ("pre_handler", Times::Often),
    ("pre_serialization", Times::Often),
    ("on_send", Times::Often),
    ("on_response", Times::Often),
    ("on_error", Times::Often),
    ("on_timeout", Times::Often),
    ("on_request_abort", Times::Often),
    ("error_handler", Times::Once),
    ("host", Times::Once),
    ("version", Times::Once),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Often,
}

impl Options {
    /// `None` where there is no path to go on with.
    pub(super) fn parse(
        macro_name: &str,
        methods: Option<&[&str]>,
        tokens: TokenStream,
        errors: &mut Errors,
    ) -> Option<Self> {
        let example = match methods {
            Some(_) => format!("#[{macro_name}(\"/users/{{id}}\")]"),
            None => "#[route([\"GET\", \"POST\"], \"/search\")]".to_owned(),
        };
        let parse = |input: ParseStream<'_>| {
            let methods = match methods {
                Some(methods) => methods.iter().map(|&method| method.to_owned()).collect(),
                None => route_methods(input, &example)?,
            };
            let path: LitStr = match input.parse() {
                Ok(path) => path,
                Err(error) => {
                    return Err(syn::Error::new(error.span(), format!("the path is missing: write `{example}`")));
                }
            };
            let params = pattern::read(&methods, &path, errors);
            let mut options = Self {
                krate: syn::parse_quote!(::fastweb),
                methods,
                path,
                params,
                blocking: None,
                websocket: macro_name == "websocket",
                security: Vec::new(),
                calls: TokenStream::new(),
                has_summary: false,
                has_description: false,
            };
            let mut seen: Vec<String> = Vec::new();
            while !input.is_empty() {
                if let Err(error) = input.parse::<Token![,]>() {
                    errors.push(syn::Error::new(error.span(), "options are separated by commas"));
                    break;
                }
                if input.is_empty() {
                    break;
                }
                if let Err(error) = options.option(input, &mut seen) {
                    errors.push(error);
                    skip_to_comma(input);
                }
            }
            // What is left has been told about.
            input.parse::<TokenStream>()?;
            Ok(options)
        };
        match parse.parse2(tokens) {
            Ok(options) => Some(options),
            Err(error) => {
                errors.push(error);
                None
            }
        }
    }

    fn option(&mut self, input: ParseStream<'_>, seen: &mut Vec<String>) -> syn::Result<()> {
        let name = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "an option has a name: `tag = \"users\"`, `status = 201`, `hidden`")
        })?;
        let text = name.to_string();
        if text == "crate" {
            input.parse::<Token![=]>()?;
            self.krate = input.call(syn::Path::parse_mod_style)?;
            return Ok(());
        }
        if self.websocket
            && let Some(message) = websocket::refuse_option(&text)
        {
            return Err(syn::Error::new(name.span(), message));
        }
        let Some((_, times)) = KNOWN.iter().find(|(known, _)| *known == text) else {
            let known = KNOWN.iter().map(|(known, _)| *known);
            let known: Vec<_> =
                known.filter(|known| !self.websocket || !websocket::is_refused(known)).chain(["crate"]).collect();
            let what = if self.websocket { "the route of a WebSocket" } else { "a route" };
            let others = if self.websocket { "\nand the methods of `config = WebSocketOptions::new()`" } else { "" };
            let message = format!("{what} has no option `{text}`; there are\n{}{others}", known.join(", "));
            return Err(syn::Error::new(name.span(), message));
        };
        if *times == Times::Once && seen.contains(&text) {
            return Err(syn::Error::new(name.span(), format!("`{text}` is given twice; keep one of them")));
        }
        let value = match text.as_str() {
            "blocking" | "deprecated" | "hidden" | "mcp" => {
                if input.peek(Token![=]) {
                    return Err(input.error(format!("`{text}` has no value: write it alone, or leave it out")));
                }
                quote!()
            }
            _ => self.value(&text, &name, input)?,
        };
        let span = name.span();
        match text.as_str() {
            "tags" => self.calls.extend(value),
            "blocking" => self.blocking = Some(name),
            "security" => {}
            "mcp" => {
                let krate = &self.krate;
                // Respanned: where fastweb is without its feature `mcp`, the option is what is underlined.
                self.calls.extend(quote_spanned!(span=> .config(#krate::mcp::Tool::new())));
            }
            _ => {
                let method = Ident::new(&text, span);
                self.calls.extend(quote_spanned!(span=> .#method(#value)));
            }
        }
        self.has_summary |= text == "summary";
        self.has_description |= text == "description";
        seen.push(text);
        Ok(())
    }

    fn value(&mut self, option: &str, name: &Ident, input: ParseStream<'_>) -> syn::Result<TokenStream> {
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(
                name.span(),
                format!("`{option}` has a value: `{option} = {}`", sample(option)),
            ));
        }
        input.parse::<Token![=]>()?;
        if option == "security" {
            let ty = input.parse().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "what a request has to get past is a type, as of an argument: `security = Dep<Caller>`",
                )
            })?;
            self.security.push(ty);
            return Ok(quote!());
        }
        if option == "tags" {
            if !input.peek(token::Bracket) {
                return Err(input.error("tags are a list: `tags = [\"users\", \"admin\"]`; one is `tag = \"users\"`"));
            }
            let content;
            bracketed!(content in input);
            let tags = content.parse_terminated(<LitStr as syn::parse::Parse>::parse, Token![,])?;
            return Ok(tags.iter().map(|tag| quote_spanned!(tag.span()=> .tag(#tag))).collect());
        }
        let value: Expr = input.parse()?;
        if let (true, Expr::Lit(ExprLit { lit, .. })) = (option == "status", &value) {
            let status = if let Lit::Int(status) = lit { status.base10_parse().ok() } else { None };
            if !status.is_some_and(|status: u16| (200..400).contains(&status)) {
                let message =
                    "the status of an answer is from 200 to 399; errors bring their own: `Error::new(404, …)`";
                return Err(syn::Error::new_spanned(lit, message));
            }
        }
        let is_text = matches!(&value, Expr::Lit(ExprLit { lit: Lit::Str(_), .. }));
        let is_literal = matches!(&value, Expr::Lit(_));
        if is_literal && !is_text && sample(option).starts_with('"') {
            return Err(syn::Error::new_spanned(
                &value,
                format!("`{option}` is a text: `{option} = {}`", sample(option)),
            ));
        }
        Ok(quote!(#value))
    }
}

/// What the value of an option looks like.
fn sample(option: &str) -> &'static str {
    match option {
        "status" => "201",
        "tag" => "\"users\"",
        "tags" => "[\"users\", \"admin\"]",
        "summary" | "description" => "\"…\"",
        "operation_id" => "\"createUser\"",
        "body_limit" => "64 * 1024",
        "timeout" => "Duration::from_secs(5)",
        "config" => "RateLimit::new(10)",
        "security" => "Dep<Caller>",
        "host" => "\"shop.example.com\"",
        "version" => "\"1.2.0\"",
        _ => "function",
    }
}

/// `"PROPFIND",` or `["GET", "POST"],`
fn route_methods(input: ParseStream<'_>, example: &str) -> syn::Result<Vec<String>> {
    let missing = |place| syn::Error::new(place, format!("the methods come first: write `{example}`"));
    let methods = if input.peek(token::Bracket) {
        let content;
        bracketed!(content in input);
        let methods = content.parse_terminated(<LitStr as syn::parse::Parse>::parse, Token![,])?;
        if methods.is_empty() {
            return Err(missing(content.span()));
        }
        methods.iter().map(LitStr::value).collect()
    } else {
        let method: LitStr = input.parse().map_err(|error| missing(error.span()))?;
        if method.value().starts_with('/') {
            return Err(missing(method.span()));
        }
        vec![method.value()]
    };
    input.parse::<Token![,]>().map_err(|error| {
        syn::Error::new(error.span(), format!("the path is missing behind the methods: write `{example}`"))
    })?;
    Ok(methods)
}

/// Goes on behind an option that could not be read.
fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<proc_macro2::TokenTree>().is_err() {
            break;
        }
    }
}
