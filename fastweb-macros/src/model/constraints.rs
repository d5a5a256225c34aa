//! `#[schema(…)]`: what a value has to be, and what documentation says of it.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, LitStr, Token, Type, UnOp, parenthesized, token};

use super::types::{Kind, kind_of};
use crate::route::Errors;

/// What stands in `#[schema(…)]`.
#[derive(Default)]
pub(crate) struct Constraints {
    pub(crate) min_length: Option<u32>,
    pub(crate) max_length: Option<u32>,
    pub(crate) pattern: Option<LitStr>,
    pub(crate) format: Option<LitStr>,
    pub(crate) minimum: Option<Number>,
    pub(crate) maximum: Option<Number>,
    pub(crate) exclusive_minimum: Option<Number>,
    pub(crate) exclusive_maximum: Option<Number>,
    pub(crate) multiple_of: Option<Number>,
    pub(crate) min_items: Option<u32>,
    pub(crate) max_items: Option<u32>,
    pub(crate) unique_items: bool,
    /// Of the items of an array and the values of a map.
    pub(crate) items: Option<Box<Constraints>>,
    pub(crate) notes: Notes,
    /// Counts whatever may have constraints in an item.
    place: usize,
    /// Each name with where it stands.
    seen: Vec<(String, Span)>,
}

/// What is not checked.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) title: Option<Expr>,
    pub(crate) description: Option<Expr>,
    pub(crate) examples: Vec<Expr>,
    pub(crate) default: Option<Expr>,
    pub(crate) deprecated: bool,
}

/// As it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Unsigned(u64),
    Negative(i64),
    Float(f64),
}

/// Whom a constraint is for, and how it is written.
const KNOWN: [(&str, For, &str); 18] = [
    ("min_length", For::Text, "1"),
    ("max_length", For::Text, "100"),
    ("pattern", For::Text, "\"^[a-z]+$\""),
    ("format", For::Text, "\"email\""),
    ("minimum", For::Number, "0"),
    ("maximum", For::Number, "100"),
    ("exclusive_minimum", For::Number, "0"),
    ("exclusive_maximum", For::Number, "100"),
    ("multiple_of", For::Number, "5"),
    ("min_items", For::Items, "1"),
    ("max_items", For::Items, "100"),
    ("unique_items", For::Items, ""),
    ("items", For::Items, "(max_length = 32)"),
    ("title", For::All, "\"A user\""),
    ("description", For::All, "\"Who it is\""),
    ("example", For::All, "\"Ada\""),
    ("default", For::All, "10"),
    ("deprecated", For::All, ""),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Text,
    Number,
    Items,
    All,
}

impl Constraints {
    pub(super) fn parse(attributes: &[Attribute], place: usize, errors: &mut Errors) -> Self {
        let mut constraints = Self { place, ..Self::default() };
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("schema")) {
            let parsed = attribute.parse_args_with(|input: ParseStream<'_>| constraints.list(input, errors));
            if let Err(error) = parsed {
                errors.push(error);
            }
        }
        constraints.check(errors);
        constraints
    }

    fn list(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        while !input.is_empty() {
            if let Err(error) = self.one(input, errors) {
                errors.push(error);
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<proc_macro2::TokenTree>()?;
                }
            }
            if input.is_empty() {
                break;
            }
            if let Err(error) = input.parse::<Token![,]>() {
                errors.push(syn::Error::new(error.span(), "constraints are separated by commas"));
                return input.parse::<TokenStream>().map(drop);
            }
        }
        Ok(())
    }

    fn one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let name = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "a constraint has a name: `#[schema(max_length = 100, format = \"email\")]`")
        })?;
        let text = name.to_string();
        let Some((_, _, sample)) = KNOWN.iter().find(|(known, ..)| *known == text) else {
            return Err(syn::Error::new(name.span(), unknown(&text)));
        };
        if text != "example" && self.seen.iter().any(|(seen, _)| *seen == text) {
            return Err(syn::Error::new(name.span(), format!("`{text}` is given twice; keep one of them")));
        }
        self.seen.push((text.clone(), name.span()));
        if sample.is_empty() {
            if input.peek(Token![=]) {
                return Err(input.error(format!("`{text}` has no value: write it alone, or leave it out")));
            }
            match text.as_str() {
                "unique_items" => self.unique_items = true,
                _ => self.notes.deprecated = true,
            }
            return Ok(());
        }
        if text == "items" {
            if !input.peek(token::Paren) {
                return Err(syn::Error::new(
                    name.span(),
                    "`items` has what holds for each item: `items(max_length = 32)`",
                ));
            }
            let content;
            parenthesized!(content in input);
            let mut items = Self::default();
            items.list(&content, errors)?;
            items.check(errors);
            self.items = Some(Box::new(items));
            return Ok(());
        }
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(name.span(), format!("`{text}` has a value: `{text} = {sample}`")));
        }
        input.parse::<Token![=]>()?;
        let value: Expr = input.parse()?;
        let wrong = |what: &str| syn::Error::new(value.span(), format!("`{text}` is {what}: `{text} = {sample}`"));
        let count = || count(&value).ok_or_else(|| wrong("a count"));
        let number = || number(&value).ok_or_else(|| wrong("a number"));
        let string = || string(&value).ok_or_else(|| wrong("a text"));
        match text.as_str() {
            "min_length" => self.min_length = Some(count()?),
            "max_length" => self.max_length = Some(count()?),
            "min_items" => self.min_items = Some(count()?),
            "max_items" => self.max_items = Some(count()?),
            "minimum" => self.minimum = Some(number()?),
            "maximum" => self.maximum = Some(number()?),
            "exclusive_minimum" => self.exclusive_minimum = Some(number()?),
            "exclusive_maximum" => self.exclusive_maximum = Some(number()?),
            "multiple_of" => match number()? {
                Number::Unsigned(1..) => self.multiple_of = Some(number()?),
                Number::Float(step) if step > 0.0 => self.multiple_of = Some(number()?),
                _ => return Err(wrong("a number above 0")),
            },
            "pattern" => self.pattern = Some(string()?),
            "format" => self.format = Some(string()?),
            "title" => self.notes.title = Some(value),
            "description" => self.notes.description = Some(value),
            "example" => self.notes.examples.push(value),
            _ => self.notes.default = Some(value),
        }
        Ok(())
    }

    /// Bounds that nothing is between.
    fn check(&self, errors: &mut Errors) {
        let mut ordered = |least: &str, most: &str, holds: bool| {
            if !holds && let Some((_, span)) = self.seen.iter().find(|(name, _)| name == most) {
                let message = format!("no value has this `{most}` and that `{least}`: the one is below the other");
                errors.push(syn::Error::new(*span, message));
            }
        };
        let counts = |least: Option<u32>, most: Option<u32>| least.unwrap_or(0) <= most.unwrap_or(u32::MAX);
        ordered("min_length", "max_length", counts(self.min_length, self.max_length));
        ordered("min_items", "max_items", counts(self.min_items, self.max_items));
        let bounds = self.minimum.zip(self.maximum);
        ordered("minimum", "maximum", bounds.is_none_or(|(least, most)| least.value() <= most.value()));
    }

    /// Tells about constraints that say nothing of values of a type whose name is known.
    pub(super) fn check_type(&self, ty: &Type, errors: &mut Errors) {
        let kind = kind_of(ty);
        for (name, span) in &self.seen {
            let Some((_, whose, _)) = KNOWN.iter().find(|(known, ..)| known == name) else { continue };
            let (what, instead) = match (whose, kind) {
                (For::All, _) | (_, Kind::Unknown) | (For::Text, Kind::Text) | (For::Items, Kind::Items) => continue,
                (For::Number, Kind::Integer | Kind::Float) => continue,
                (For::Items, Kind::Map) if name == "items" => continue,
                (For::Text, Kind::Items) => {
                    ("texts", "; `min_items` and `max_items` are for arrays, `items(…)` for what is in them")
                }
                (For::Text, Kind::Integer | Kind::Float) => ("texts", "; `minimum` and `maximum` are for numbers"),
                (For::Number, Kind::Text) => ("numbers", "; `min_length` and `max_length` are for texts"),
                (For::Number, Kind::Items) => {
                    ("numbers", "; `min_items` and `max_items` are for arrays, `items(…)` for what is in them")
                }
                (For::Items, Kind::Text) => ("arrays", "; `min_length` and `max_length` are for texts"),
                (For::Text, _) => ("texts", ""),
                (For::Number, _) => ("numbers", ""),
                (For::Items, _) => ("arrays", ""),
            };
            let ty = quote!(#ty).to_string().replace(' ', "");
            errors.push(syn::Error::new(*span, format!("`{name}` is for {what}, and this is `{ty}`{instead}")));
        }
        if let (Some(items), Some(inner)) = (&self.items, super::types::inner_of(ty)) {
            items.check_type(inner, errors);
        }
    }

    /// Tells about constraints where there is nothing that they could be for. `what` it is ends the message.
    pub(super) fn check_absent(&self, what: &str, errors: &mut Errors) {
        for (name, span) in &self.seen {
            if KNOWN.iter().any(|(known, whose, _)| known == name && *whose != For::All) {
                errors.push(syn::Error::new(*span, format!("`{name}` is for a value, and this is {what}")));
            }
        }
    }

    /// Whether anything is checked.
    pub(crate) fn is_checked(&self) -> bool {
        self.seen.iter().any(|(name, _)| KNOWN.iter().any(|(known, whose, _)| known == name && *whose != For::All))
    }

    /// The item's constant that has the rules.
    pub(super) fn constant(&self) -> Ident {
        Ident::new(&format!("__FASTWEB_RULES_{}", self.place), Span::call_site())
    }

    /// The rules for generated code, of the runtime's type `&'static Rules`.
    pub(crate) fn reference(&self, runtime: &TokenStream) -> TokenStream {
        if self.is_checked() {
            let constant = self.constant();
            quote!(Self::#constant)
        } else {
            quote!(&#runtime::Rules::NONE)
        }
    }

    /// A constant of the runtime's type `Rules`.
    pub(super) fn rules(&self, runtime: &TokenStream) -> TokenStream {
        if !self.is_checked() {
            return quote!(#runtime::Rules::NONE);
        }
        let mut fields = Vec::new();
        let counts = [
            ("min_length", self.min_length),
            ("max_length", self.max_length),
            ("min_items", self.min_items),
            ("max_items", self.max_items),
        ];
        for (name, value) in counts {
            let name = Ident::new(name, Span::call_site());
            fields.extend(value.map(|value| quote!(#name: #value)));
        }
        let numbers = [
            ("minimum", self.minimum),
            ("maximum", self.maximum),
            ("exclusive_minimum", self.exclusive_minimum),
            ("exclusive_maximum", self.exclusive_maximum),
            ("multiple_of", self.multiple_of),
        ];
        for (name, value) in numbers {
            let name = Ident::new(name, Span::call_site());
            fields.extend(value.map(|value| {
                let value = value.limit(runtime);
                quote!(#name: #value)
            }));
        }
        fields.extend(self.unique_items.then(|| quote!(unique_items: true)));
        fields.extend(self.format.as_ref().map(|name| {
            quote!(format: {
                static FORMAT: #runtime::Format = #runtime::Format::new(#name);
                ::core::option::Option::Some(&FORMAT)
            })
        }));
        fields.extend(self.pattern.as_ref().map(|pattern| {
            quote!(pattern: {
                static PATTERN: #runtime::Pattern = #runtime::Pattern::new(#pattern);
                ::core::option::Option::Some(&PATTERN)
            })
        }));
        fields.extend(self.items.as_ref().map(|items| {
            let items = items.rules(runtime);
            quote!(items: {
                static ITEMS: #runtime::Rules = #items;
                ::core::option::Option::Some(&ITEMS)
            })
        }));
        quote!(#runtime::Rules { is_free: false, #(#fields,)* ..#runtime::Rules::NONE })
    }
}

impl Number {
    fn value(self) -> f64 {
        match self {
            Self::Unsigned(value) => value as f64,
            Self::Negative(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    fn limit(self, runtime: &TokenStream) -> TokenStream {
        match self {
            Self::Unsigned(value) => quote!(#runtime::Limit::Unsigned(#value)),
            Self::Negative(value) => quote!(#runtime::Limit::Negative(#value)),
            Self::Float(value) => quote!(#runtime::Limit::Float(#value)),
        }
    }
}

fn unknown(name: &str) -> String {
    let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let meant = match plain(name).as_str() {
        "min" | "gte" | "ge" => Some("minimum"),
        "max" | "lte" | "le" => Some("maximum"),
        "gt" => Some("exclusive_minimum"),
        "lt" => Some("exclusive_maximum"),
        "length" | "len" => Some("max_length"),
        "regex" => Some("pattern"),
        "examples" => Some("example"),
        "inner" => Some("items"),
        "email" | "uuid" | "url" | "uri" => Some("format"),
        other => KNOWN.iter().find(|(known, ..)| plain(known) == other).map(|(known, ..)| *known),
    };
    match meant {
        Some(meant) => format!("there is no constraint `{name}`; did you mean `{meant}`?"),
        None => {
            let known: Vec<_> = KNOWN.iter().map(|(known, ..)| *known).collect();
            format!("there is no constraint `{name}`; there are\n{}", known.join(", "))
        }
    }
}

fn string(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

fn count(value: &Expr) -> Option<u32> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    }
}

fn number(value: &Expr) -> Option<Number> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok().map(Number::Unsigned),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => {
            number.base10_parse().ok().filter(|number: &f64| number.is_finite()).map(Number::Float)
        }
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match number(expr)? {
            Number::Unsigned(0) => Some(Number::Unsigned(0)),
            Number::Unsigned(value) => 0i64.checked_sub_unsigned(value).map(Number::Negative),
            Number::Float(value) => Some(Number::Float(-value)),
            Number::Negative(_) => None,
        },
        _ => None,
    }
}
