//! What is written in the place of the function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericArgument, PathArguments, ReturnType, Type};

use super::arguments::{Argument, Arguments, Kind, dependency_of};
use super::doc_comment;
use super::function::Function;
use super::options::Options;
use crate::respan::{replant, respan};

/// A function that makes the route, and the handler itself as `name::call`.
pub(super) fn route(function: &Function, options: &Options, arguments: &Arguments<'_>) -> TokenStream {
    let Options { krate, methods, path, calls, .. } = options;
    let private = quote!(#krate::__private);
    let name = &function.signature.ident;
    let text = name.to_string();
    let takes_request = arguments.takes_request();
    let answer = match &function.signature.output {
        _ if options.websocket => quote!(::core::option::Option::None),
        ReturnType::Type(_, ty) if !has_impl(ty) => quote!(::core::option::Option::Some(#private::type_name::<#ty>())),
        ReturnType::Type(..) => quote!(::core::option::Option::None),
        ReturnType::Default => quote!(::core::option::Option::Some("()")),
    };
    let replies = match options.websocket {
        true => quote!(::core::option::Option::None),
        false => replies(function, &private),
    };
    let blocking = options.blocking.is_some();
    // Who may not ask is not told what is wrong with the question.
    let guards = options.security.iter().map(|ty| guard(ty, &private));
    let of_function = arguments.0.iter().filter_map(|argument| make(argument, options, &private));
    let made: Vec<_> = guards.chain(handshake(options, &private)).chain(of_function).collect();
    // A function for each that may be wrong, so that it is an error there and nowhere else. The others stand in the list themselves: 300
    // routes with four such functions each took 6.8 s to check, without them 2.2 s (2026-11).
    let makers = made.iter().enumerate().filter(|(_, made)| !made.is_sure).map(|(at, Made { ty, value, .. })| {
        let maker = maker(at);
        quote!(fn #maker() -> #ty { #value })
    });
    let list = made.iter().enumerate().rev().fold(quote!(()), |rest, (at, made)| {
        let (maker, value) = (maker(at), &made.value);
        if made.is_sure { quote!((#value, #rest)) } else { quote!((#maker(), #rest)) }
    });
    let call = call(function, options, arguments, &private);
    let kind = match (blocking, function.signature.asyncness) {
        (true, _) => "blocking",
        (false, Some(_)) if !options.websocket => "later",
        (false, _) => "now",
    };
    let kind = Ident::new(kind, Span::call_site());
    let documentation = documentation(function, options);
    let marks = options.websocket.then(|| quote!(.config(#private::websocket::IsWebSocket).hidden()));
    let (shared, docs, visibility) = (function.shared_attributes(), function.docs(), &function.visibility);
    let handler = handler(function);
    quote! {
        #(#docs)*
        #(#shared)*
        #visibility fn #name() -> #private::Route {
            #(#makers)*
            #private::Function {
                name: ::core::concat!(::core::module_path!(), "::", #text),
                methods: &[#(#methods),*],
                path: #path,
                takes_request: #takes_request,
                answer: #answer,
                replies: #replies,
            }
            .#kind(#list, #call)
            #documentation
            #calls
            #marks
        }
        #handler
    }
}

/// A function that asks the return type which answers it stands for.
fn replies(function: &Function, private: &TokenStream) -> TokenStream {
    let mut asked = Vec::new();
    if let ReturnType::Type(_, ty) = &function.signature.output {
        ask(ty, &mut asked);
    }
    if asked.is_empty() {
        return quote!(::core::option::Option::None);
    }
    let asked = asked.iter().map(|(ty, may_be_result)| {
        let probe = quote!(#private::Probe::<#ty>::new());
        if *may_be_result {
            quote!((&#probe.answer()).describe(doc); (&#probe.error()).describe(doc);)
        } else {
            quote!((&#probe).describe(doc);)
        }
    });
    quote! {
        ::core::option::Option::Some({
            #[allow(unused_imports, clippy::needless_borrow)]
            fn replies(doc: &mut #private::RouteDoc) {
                use #private::{Described as _, Undescribed as _, Whole as _};
                #(#asked)*
            }
            replies
        })
    }
}

/// The types that may describe themselves, and whether each may be a `Result` by another name. Those that are known not to are left out: each
/// that is asked takes its time to compile.
fn ask<'t>(ty: &'t Type, asked: &mut Vec<(&'t Type, bool)>) {
    const SILENT: [&str; 11] =
        ["String", "Text", "Bytes", "Vec", "StatusCode", "Reply", "Body", "Error", "JsonStream", "RawJson", "Cow"];
    // An answer with a status or headers.
    if matches!(ty, Type::Tuple(parts) if !parts.elems.is_empty() && !has_impl(ty)) {
        return asked.push((ty, false));
    }
    let Type::Path(path) = ty else { return };
    let Some(segment) = path.path.segments.last() else { return };
    if has_impl(ty) || SILENT.iter().any(|silent| segment.ident == silent) {
        return;
    }
    if segment.ident != "Result" {
        return asked.push((ty, true));
    }
    if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
        for argument in &arguments.args {
            if let GenericArgument::Type(ty) = argument {
                let known = asked.len();
                ask(ty, asked);
                asked[known..].iter_mut().for_each(|(_, may_be_result)| *may_be_result = false);
            }
        }
    }
}

/// The same without a route, for a function with faults, so that whoever registers it gets no errors that follow from them.
pub(super) fn stand_in(function: &Function, options: Option<&Options>) -> TokenStream {
    if function.signature.receiver().is_some() {
        // Among the methods of a type there is no place for more than a method.
        let Function { attributes, visibility, signature, body } = function;
        return quote!(#(#attributes)* #visibility #signature #body);
    }
    let krate = options.map_or_else(|| syn::parse_quote!(::fastweb), |options| options.krate.clone());
    let (name, visibility, shared) = (&function.signature.ident, &function.visibility, function.shared_attributes());
    let handler = handler(function);
    quote! {
        #(#shared)*
        #visibility fn #name() -> #krate::__private::Route {
            ::core::unreachable!()
        }
        #handler
    }
}

/// The function, as `name::call`.
///
/// The type has the function's name, which is free among types. It has no values: a struct could be mistaken for a pattern.
fn handler(function: &Function) -> TokenStream {
    let Function { visibility, signature, body, .. } = function;
    let (name, own) = (&signature.ident, function.own_attributes());
    let (shared, for_impl) = (function.shared_attributes(), function.shared_attributes());
    let mut signature = signature.clone();
    signature.ident = Ident::new("call", name.span());
    let doc = format!("The function behind the route `{name}`: `{name}::call(…)`.");
    quote! {
        #[doc = #doc]
        #(#shared)*
        #[allow(non_camel_case_types, missing_debug_implementations, dead_code)]
        #visibility enum #name {}

        #(#for_impl)*
        #[allow(dead_code)]
        impl #name {
            #(#own)*
            #visibility #signature #body
        }
    }
}

/// How an argument is made, and as what.
struct Made {
    ty: TokenStream,
    value: TokenStream,
    /// Nothing can be wrong with its type.
    is_sure: bool,
}

/// What is made before the arguments, and given to nobody.
fn guard(ty: &Type, private: &TokenStream) -> Made {
    let (maker, of) = match dependency_of(ty) {
        Some(inner) => (quote!(dependency_guard), inner),
        None => (quote!(guard), ty),
    };
    Made {
        is_sure: false,
        ty: replant(quote!(impl #private::Argument<Value =), quote!(()), quote!(>), of),
        value: replant(quote!(#private::#maker::<), quote!(#of), quote!(>()), of),
    }
}

/// The handshake of a WebSocket, which is made before what the function takes: that may be the WebSocket.
fn handshake(options: &Options, private: &TokenStream) -> Option<Made> {
    let ty = quote!(#private::websocket::WebSocketUpgrade);
    options.websocket.then(|| Made {
        is_sure: true,
        value: quote!(#private::extractor::<#ty>(::core::option::Option::None)),
        ty,
    })
}

fn make(argument: &Argument<'_>, options: &Options, private: &TokenStream) -> Option<Made> {
    let ty = argument.ty;
    let blocking = options.blocking.is_some();
    let name = match &argument.name {
        Some(name) => quote!(::core::option::Option::Some(#name)),
        None => quote!(::core::option::Option::None),
    };
    // What is borrowed from the request stays where that is.
    let text = if blocking || options.websocket { quote!(#private::String) } else { quote!(#private::Text) };
    // Whose maker it is, of which type, what the function gets, and what of the argument is underlined.
    let (maker, of, kept, origin) = match &argument.kind {
        Kind::Request | Kind::Reply => return None,
        Kind::Extractor => ("extractor", quote!(#ty), quote!(#ty), ty),
        // The type within is what may be wrong.
        Kind::Dependency(inner) => ("dependency", quote!(#inner), quote!(#ty), *inner),
        Kind::Param(_) => ("param", quote!(#ty), quote!(#ty), ty),
        Kind::BorrowedParam(_) => ("param", text.clone(), text, ty),
        Kind::OptionalBorrowedParam(_) => {
            let kept = quote!(::core::option::Option<#text>);
            ("param", kept.clone(), kept, ty)
        }
    };
    let name = match &argument.kind {
        Kind::Param(name) | Kind::BorrowedParam(name) | Kind::OptionalBorrowedParam(name) => quote!(#name),
        _ => name,
    };
    let (maker, kept) = match blocking {
        true => (format_ident!("leaving_{maker}"), quote!(#private::Leaving<#kept>)),
        false => (format_ident!("{maker}"), kept),
    };
    Some(Made {
        is_sure: argument.is_sure(blocking),
        ty: replant(quote!(impl #private::Argument<Value =), kept, quote!(>), origin),
        value: replant(quote!(#private::#maker::<), of, quote!(>(#name)), origin),
    })
}

/// The closure that gives the function what was made.
fn call(function: &Function, options: &Options, arguments: &Arguments<'_>, private: &TokenStream) -> TokenStream {
    let name = &function.signature.ident;
    let (request, reply) = (Ident::new("request", Span::mixed_site()), Ident::new("reply", Span::mixed_site()));
    let guards = options.security.len();
    let blocking = options.blocking.is_some();
    let mut at = guards + usize::from(options.websocket);
    let given: Vec<_> = arguments
        .0
        .iter()
        .map(|argument| {
            let value = value(at);
            let value = if blocking { quote!(#value.arrive()) } else { quote!(#value) };
            match argument.kind {
                Kind::Request => return quote!(#request),
                Kind::Reply => return quote!(&mut *#reply),
                Kind::Extractor | Kind::Dependency(_) | Kind::Param(_) => at += 1,
                Kind::BorrowedParam(_) => {
                    at += 1;
                    return quote!(&*#value);
                }
                Kind::OptionalBorrowedParam(_) => {
                    at += 1;
                    return quote!(#value.as_deref());
                }
            }
            quote!(#value)
        })
        .collect();
    let values = (0..at).rev().fold(quote!(()), |rest, at| {
        let value = value(at);
        if at < guards { quote!(((), #rest)) } else { quote!((#value, #rest)) }
    });
    let (colour, waits) = match function.signature.asyncness {
        Some(_) => (quote!(async), quote!(.await)),
        None => (quote!(), quote!()),
    };
    let called = quote!(#name::call(#(#given),*)#waits);
    let called = match &function.signature.output {
        ReturnType::Type(_, ty) => respan(called, ty),
        ReturnType::Default => called,
    };
    if blocking {
        return quote!(|#values| #private::leave(#called));
    }
    if options.websocket {
        let upgrade = value(guards);
        let accepted = quote!(#upgrade.accept_with(async move || #private::websocket::ended(#called)));
        return quote! {
            |#values, _: &mut #private::Request, #reply: &mut #private::Reply| #private::answer(#accepted, #reply)
        };
    }
    let request = if arguments.takes_request() { request } else { format_ident!("_request") };
    quote! {
        #colour |#values, #request: &mut #private::Request, #reply: &mut #private::Reply| {
            #private::answer(#called, #reply)
        }
    }
}

/// What the doc comment says.
fn documentation(function: &Function, options: &Options) -> TokenStream {
    let (summary, description) = doc_comment::read(&function.doc_lines());
    let summary = summary.filter(|_| !options.has_summary).map(|text| quote!(.summary(#text)));
    let description = description.filter(|_| !options.has_description).map(|text| quote!(.description(#text)));
    let deprecated = function.is_deprecated().then(|| quote!(.deprecated()));
    quote!(#summary #description #deprecated)
}

fn maker(at: usize) -> Ident {
    format_ident!("argument_{at}", span = Span::mixed_site())
}

fn value(at: usize) -> Ident {
    format_ident!("value_{at}", span = Span::mixed_site())
}

fn has_impl(ty: &Type) -> bool {
    let mut tokens = quote!(#ty).into_iter();
    tokens.any(|token| matches!(token, proc_macro2::TokenTree::Ident(ident) if ident == "impl"))
}
