//! `#[dependency]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, FnArg, GenericArgument, PathArguments, ReturnType, Token, Type};

use crate::route::{Errors, Function};
use crate::standard::{is_shared, is_value};

/// As many as the tuples that are arguments.
const MOST_NEEDS: usize = 8;

pub(crate) fn expand(options: TokenStream, tokens: TokenStream) -> TokenStream {
    let function = match Function::parse("dependency", tokens.clone()) {
        Ok(function) => function,
        Err(error) => return [error.into_compile_error(), tokens].into_iter().collect(),
    };
    let mut errors = Errors::default();
    function.check("a dependency's function", &mut errors);
    let options = Options::parse(options, &mut errors);
    let needs: Vec<&Type> = function
        .signature
        .inputs
        .iter()
        .filter_map(|input| if let FnArg::Typed(argument) = input { Some(&*argument.ty) } else { None })
        .collect();
    for ty in &needs {
        if let Type::Reference(_) = ty {
            errors.at(
                ty,
                "what a dependency needs is owned: an extractor, or `Dep<T>`; what looks at the request itself implements \
                 `FromRequest`",
            );
        }
    }
    if needs.len() > MOST_NEEDS {
        errors.at(&needs[MOST_NEEDS], "a dependency has up to eight arguments: make another one of some of them");
    }
    let provided = provided(&function, &mut errors);
    match (errors.into_error(), provided) {
        (None, Some((returned, ty))) => {
            let implementation = implementation(&function, &options, &needs, returned, ty);
            quote!(#tokens #implementation)
        }
        (error, _) => {
            let error = error.map(syn::Error::into_compile_error);
            quote!(#error #tokens)
        }
    }
}

fn implementation(function: &Function, options: &Options, needs: &[&Type], returned: &Type, ty: &Type) -> TokenStream {
    let Options { krate, before_response, after_response } = options;
    let private = quote!(#krate::__private);
    let name = &function.signature.ident;
    let values: Vec<_> = (0..needs.len()).map(|at| format_ident!("need_{at}", span = Span::mixed_site())).collect();
    let waits = function.signature.asyncness.map(|_| quote!(.await));
    let before = before_response.as_ref().map(|function| {
        quote! {
            async fn before_response(&self, outcome: &#private::Outcome<'_>) -> #private::Result<()> {
                (#function)(self, outcome).await
            }
        }
    });
    let after = after_response.as_ref().map(|function| {
        quote! {
            async fn after_response(&self) {
                (#function)(self).await
            }
        }
    });
    let shared = function.shared_attributes();
    let needs = quote_spanned!(name.span()=> (#(#needs,)*));
    // Told at the returned type, where that cannot be one.
    let answer = Ident::new("provided", returned.span().resolved_at(Span::mixed_site()));
    quote! {
        #(#shared)*
        impl #private::Dependency for #ty {
            type Needs = #needs;

            async fn provide((#(#values,)*): Self::Needs) -> #private::Result<Self> {
                let #answer = #name(#(#values),*)#waits;
                #private::answer_of::<Self>(#answer)
            }

            #before
            #after
        }
    }
}

/// The type that the function returns, and the one that it provides: of a `Result` what is in it.
fn provided<'f>(function: &'f Function, errors: &mut Errors) -> Option<(&'f Type, &'f Type)> {
    let ReturnType::Type(_, ty) = &function.signature.output else {
        let message = "the function says what it provides: `-> Result<Caller>`";
        errors.at(&function.signature.ident, message);
        return None;
    };
    let inner = match &**ty {
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) if segment.ident == "Result" => match &segment.arguments {
                PathArguments::AngleBracketed(arguments) => arguments
                    .args
                    .iter()
                    .find_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None }),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let provided = inner.unwrap_or(ty);
    if let (Type::Path(_), false) = (provided, is_value(provided) || is_shared(provided)) {
        return Some((ty, provided));
    }
    errors.at(provided, "what is provided is a type of this crate, with a name: wrap it, `struct Caller(…);`");
    None
}

struct Options {
    krate: syn::Path,
    before_response: Option<Expr>,
    after_response: Option<Expr>,
}

impl Options {
    fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self { krate: syn::parse_quote!(::fastweb), before_response: None, after_response: None };
        let parse = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let name = input.call(Ident::parse_any)?;
                input.parse::<Token![=]>()?;
                match name.to_string().as_str() {
                    "crate" => options.krate = input.call(syn::Path::parse_mod_style)?,
                    "before_response" => options.before_response = Some(input.parse()?),
                    "after_response" => options.after_response = Some(input.parse()?),
                    other => {
                        let message = format!(
                            "a dependency has no option `{other}`; there are before_response, after_response, crate"
                        );
                        return Err(syn::Error::new_spanned(name.to_token_stream(), message));
                    }
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parse.parse2(tokens) {
            errors.push(error);
        }
        options
    }
}
