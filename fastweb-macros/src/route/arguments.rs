//! What each argument of the function is.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{FnArg, GenericArgument, Pat, PathArguments, Type};

use super::Errors;
use super::function::Function;
use super::options::Options;
use super::pattern::Param;
use super::websocket;

/// The arguments, in their order.
pub(super) struct Arguments<'f>(pub(super) Vec<Argument<'f>>);

pub(super) struct Argument<'f> {
    /// Its name, where it is no pattern.
    pub(super) name: Option<String>,
    pub(super) ty: &'f Type,
    pub(super) kind: Kind<'f>,
}

pub(super) enum Kind<'f> {
    Extractor,
    /// `Dep<T>` of this type.
    Dependency(&'f Type),
    /// The parameter of the path that has this name.
    Param(String),
    /// The same as `&str`.
    BorrowedParam(String),
    /// The same as `Option<&str>`.
    OptionalBorrowedParam(String),
    Request,
    Reply,
}

impl Argument<'_> {
    /// Whether its type is one of fastweb's or Rust's own that can be an argument like this, whatever it is.
    pub(super) fn is_sure(&self, blocking: bool) -> bool {
        match self.kind {
            Kind::BorrowedParam(_) | Kind::OptionalBorrowedParam(_) => true,
            Kind::Param(_) => {
                SCALARS.iter().chain(&["String"]).any(|name| is(self.ty, name)) || (!blocking && is(self.ty, "Text"))
            }
            Kind::Extractor => {
                ["Method", "String", "Bytes"].iter().any(|name| is(self.ty, name))
                    || (!blocking && ["State", "Headers", "Body"].iter().any(|name| is(self.ty, name)))
            }
            Kind::Dependency(_) | Kind::Request | Kind::Reply => false,
        }
    }
}

impl<'f> Arguments<'f> {
    pub(super) fn of(function: &'f Function, options: &Options, errors: &mut Errors) -> Self {
        // Who is told about the path learns nothing from what follows from it.
        let Some(params) = &options.params else { return Self(Vec::new()) };
        let typed = function.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            // It has been told about.
            FnArg::Receiver(_) => None,
        });
        let arguments = Self(
            typed
                .filter_map(|argument| {
                    let name = name(&argument.pat);
                    let kind = classify(name.as_deref(), &argument.ty, params, options, errors)?;
                    Some(Argument { name, ty: &argument.ty, kind })
                })
                .collect(),
        );
        arguments.check_params(function, params, options, errors);
        // Those of a WebSocket have none.
        if !options.websocket {
            arguments.check_body(errors);
        }
        if let Some(word) = &options.blocking {
            arguments.check_blocking(word, function, errors);
        }
        if options.websocket {
            websocket::check(&arguments, function, errors);
        }
        arguments
    }

    pub(super) fn takes_request(&self) -> bool {
        self.0.iter().any(|argument| matches!(argument.kind, Kind::Request))
    }

    /// Every parameter of the path has somebody who takes it.
    fn check_params(&self, function: &Function, params: &[Param], options: &Options, errors: &mut Errors) {
        let takes_all = |argument: &Argument<'_>| match argument.kind {
            Kind::Request => true,
            Kind::Extractor => last_segment(argument.ty).is_some_and(|segment| segment.ident == "Path"),
            _ => false,
        };
        let inputs = &function.signature.inputs;
        if self.0.iter().any(takes_all) || self.0.len() < inputs.len() {
            return;
        }
        for param in params {
            let is_taken = self.0.iter().any(|argument| match &argument.kind {
                Kind::Param(name) | Kind::BorrowedParam(name) | Kind::OptionalBorrowedParam(name) => {
                    *name == param.name
                }
                _ => false,
            });
            if !is_taken {
                let Param { name, .. } = param;
                let shown = shown(param);
                errors.at(
                    &options.path,
                    format!(
                        "the parameter `{shown}` has no argument in `fn {}`: add `{name}: {}`, or `_{name}: &str` where it is \
                         not used",
                        function.signature.ident,
                        if param.optional && !param.catch_all { "Option<&str>" } else { "&str" },
                    ),
                );
            }
        }
    }

    /// What runs on another thread is no future, and has what may go there.
    fn check_blocking(&self, word: &Ident, function: &Function, errors: &mut Errors) {
        if function.signature.asyncness.is_some() {
            errors.at(
                word,
                "`blocking` is for functions that are not `async`: leave out `async`, or leave out `blocking` and await the part \
                 that blocks: `blocking(move || …).await`",
            );
        }
        for argument in &self.0 {
            let mend = match argument.kind {
                Kind::Request | Kind::Reply => {
                    "take what it needs of it as extractors, such as `Query<T>` or `Json<T>`".to_owned()
                }
                Kind::Dependency(_) => {
                    "make the function `async`, and await the part that blocks: `blocking(move || …).await`".to_owned()
                }
                Kind::Extractor if is(argument.ty, "State") => {
                    let of = argument_of(argument.ty, "State").map_or_else(|| "T".to_owned(), written);
                    format!("write `Arc<{of}>`, which is the same state")
                }
                _ => continue,
            };
            let ty = written(argument.ty);
            errors
                .at(argument.ty, format!("`{ty}` stays on its worker, and `blocking` runs on another thread: {mend}"));
        }
    }

    /// The body can be taken once. What is no type of fastweb's own is found by `build()`.
    fn check_body(&self, errors: &mut Errors) {
        let mut takers =
            self.0.iter().filter(|argument| matches!(argument.kind, Kind::Extractor) && takes_body(argument.ty));
        let Some(first) = takers.next() else { return };
        for second in takers {
            errors.at(
                second.ty,
                format!(
                    "this takes the body, which `{}` has taken: keep one of the two, or take the body as one type that has \
                     both",
                    written(first.ty)
                ),
            );
        }
    }
}

/// `None` where it is wrong.
fn classify<'f>(
    name: Option<&str>,
    ty: &'f Type,
    params: &[Param],
    options: &Options,
    errors: &mut Errors,
) -> Option<Kind<'f>> {
    if let Type::Reference(reference) = ty {
        let referred = last_segment(&reference.elem).map(|segment| segment.ident.to_string());
        match (referred.as_deref(), reference.mutability.is_some()) {
            (Some("Request"), true) => return Some(Kind::Request),
            (Some("Reply"), true) => return Some(Kind::Reply),
            (Some(name @ ("Request" | "Reply")), false) => {
                errors.at(ty, format!("a handler has the {} for itself: write `&mut {name}`", name.to_lowercase()));
                return None;
            }
            (Some("WebSocket"), _) if options.websocket => {
                errors.at(ty, "a handler has its WebSocket for itself: write `mut socket: WebSocket`, without the `&`");
                return None;
            }
            _ => {}
        }
    }
    if let Type::ImplTrait(_) = ty {
        errors.at(ty, "a handler's arguments have types with names: a request could not say which one is meant");
        return None;
    }
    match name.and_then(|name| param_of(name, params)) {
        Some(param) if !is(ty, "Path") => param_argument(param, ty, errors),
        _ => extractor(name, ty, params, options, errors),
    }
}

fn param_argument<'f>(param: &Param, ty: &'f Type, errors: &mut Errors) -> Option<Kind<'f>> {
    let name = param.name.clone();
    // `{*rest?}` is there and empty where nothing is left.
    if param.optional && !param.catch_all && !is(ty, "Option") {
        errors.at(ty, format!("`{}` may be absent from the path: write `Option<{}>`", shown(param), written(ty)));
        return None;
    }
    let optional = option_of(ty);
    if is_str(ty) {
        return Some(Kind::BorrowedParam(name));
    }
    if optional.is_some_and(is_str) {
        return Some(Kind::OptionalBorrowedParam(name));
    }
    if let Type::Reference(_) = optional.unwrap_or(ty) {
        errors.at(ty, "of the path, `&str` alone can be borrowed: take an owned type");
        return None;
    }
    Some(Kind::Param(name))
}

fn extractor<'f>(
    name: Option<&str>,
    ty: &'f Type,
    params: &[Param],
    options: &Options,
    errors: &mut Errors,
) -> Option<Kind<'f>> {
    let inner = option_of(ty).unwrap_or(ty);
    if is_str(inner) || SCALARS.iter().any(|scalar| is(inner, scalar)) {
        let there = match params {
            [] => "which has none".to_owned(),
            params => {
                format!("which has {}", params.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", "))
            }
        };
        let path = options.path.value();
        let name = name.map_or_else(|| "this".to_owned(), |name| format!("`{name}`"));
        // The handshake of a WebSocket has no body.
        let body = if options.websocket { "" } else { ", `Json<T>`" };
        let mend = format!("rename it, or take it from elsewhere: `Query<T>`, `State<T>`{body}");
        errors.at(ty, format!("{name} is no parameter of {path:?}, {there}: {mend}"));
        return None;
    }
    if let Type::Reference(_) = inner {
        errors
            .at(ty, "extractors are owned values: leave out the `&`; state is `State<T>`, which can be used like `&T`");
        return None;
    }
    Some(dependency_of(ty).map_or(Kind::Extractor, Kind::Dependency))
}

/// Types that no part of the request but the path could be.
const SCALARS: [&str; 16] = [
    "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64", "bool",
    "char",
];

/// The parameter that an argument's name means: `_id` too takes `{id}`.
fn param_of<'p>(name: &str, params: &'p [Param]) -> Option<&'p Param> {
    let named = |name: &str| params.iter().find(|param| param.name == name);
    named(name).or_else(|| named(name.strip_prefix('_')?))
}

fn name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => Some(ident.ident.unraw().to_string()),
        _ => None,
    }
}

fn shown(param: &Param) -> String {
    let Param { name, catch_all, optional } = param;
    format!("{{{}{name}{}}}", if *catch_all { "*" } else { "" }, if *optional { "?" } else { "" })
}

/// As a user writes it.
pub(super) fn written(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "").replace("&mut", "&mut ")
}

fn takes_body(ty: &Type) -> bool {
    let inner = option_of(ty).unwrap_or(ty);
    ["Json", "RawJson", "String", "Bytes", "Body", "Text"].iter().any(|taker| is(inner, taker))
}

/// Whether the last segment of a path is this one. An alias is not seen through.
pub(super) fn is(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none() && is(&reference.elem, "str"))
}

/// The `T` of a `Dep<T>`.
pub(super) fn dependency_of(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Dep")
}

/// The `T` of an `Option<T>`.
fn option_of(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Option")
}

fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None })
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}
