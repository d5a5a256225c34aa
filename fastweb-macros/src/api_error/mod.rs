//! `#[derive(ApiError)]`.
//!
//! `read.rs` makes of the enum what its variants answer, and tells what is wrong; here that becomes code.

mod message;
mod read;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::DeriveInput;
use syn::spanned::Spanned;

use crate::route::Errors;
use read::{Answer, Api, Variant};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    match read::read(tokens.clone()) {
        Ok(api) => implementations(&api),
        Err(error) => {
            let (error, stand_in) = (error.into_compile_error(), stand_in(tokens));
            quote!(#error #stand_in)
        }
    }
}

/// The same implementations without anything in them, so that whoever uses a type with faults gets no errors that follow from them.
fn stand_in(tokens: TokenStream) -> TokenStream {
    let Ok(DeriveInput { ident, generics, attrs, .. }) = syn::parse2(tokens) else { return TokenStream::new() };
    // What borrows could not even have them.
    if !generics.params.is_empty() {
        return TokenStream::new();
    }
    let krate = read::krate(&attrs, &mut Errors::default());
    let private = quote!(#krate::__private);
    quote! {
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::unreachable!()
            }
        }

        impl #private::StdError for #ident {}

        #[diagnostic::do_not_recommend]
        impl #private::HttpError for #ident {}
    }
}

fn implementations(api: &Api) -> TokenStream {
    let Api { krate, ident, variants } = api;
    let private = quote!(#krate::__private);
    let none = quote!(::core::option::Option::None);
    let texts = arms(variants, |variant| match &variant.answer {
        Answer::Own { message, .. } => {
            let (text, patterns) = (message.text(), message.patterns());
            let ident = &variant.ident;
            quote!(Self::#ident { #patterns .. } => ::core::write!(f, #text),)
        }
        Answer::Inner(_) => of_inner(variant, |inner| quote!(::core::fmt::Display::fmt(#inner, f))),
    });
    let statuses = arms(variants, |variant| match &variant.answer {
        Answer::Own { status, .. } => {
            let ident = &variant.ident;
            quote!(Self::#ident { .. } => #private::status(#status),)
        }
        Answer::Inner(_) => of_inner(variant, |inner| quote!(#private::HttpError::status(#inner))),
    });
    let codes = arms(variants, |variant| match &variant.answer {
        Answer::Own { code, .. } => {
            let ident = &variant.ident;
            quote! {
                Self::#ident { .. } => ::core::option::Option::Some(#private::Cow::Borrowed(#code)),
            }
        }
        Answer::Inner(_) => of_inner(variant, |inner| quote!(#private::HttpError::code(#inner))),
    });
    let sources = arms(variants, |variant| match (&variant.answer, &variant.source) {
        (Answer::Inner(_), _) => of_inner(variant, |inner| quote!(#private::StdError::source(#inner))),
        (_, Some(source)) => {
            let (ident, member) = (&variant.ident, &source.member);
            let source = Ident::new("source", source.ty.span());
            quote!(Self::#ident { #member: #source, .. } => ::core::option::Option::Some(#source.as_source()),)
        }
        (_, None) => {
            let ident = &variant.ident;
            quote!(Self::#ident { .. } => #none,)
        }
    });
    let described = variants.iter().map(|variant| match &variant.answer {
        Answer::Own { status, code, message } => {
            let text = message.described();
            quote!(doc.replies.push(#private::ReplyDoc::new(#status, #text).with_code(#code));)
        }
        Answer::Inner(field) => {
            let ty = &field.ty;
            quote!((&#private::Probe::<#ty>::new()).describe(doc);)
        }
    });
    let from = variants.iter().filter_map(|variant| {
        let source = variant.source.as_ref().filter(|source| source.is_from)?;
        let (name, member, ty) = (&variant.ident, &source.member, &source.ty);
        Some(quote! {
            #[automatically_derived]
            impl ::core::convert::From<#ty> for #ident {
                fn from(source: #ty) -> Self {
                    Self::#name { #member: source }
                }
            }
        })
    });
    quote! {
        #[automatically_derived]
        #[allow(non_shorthand_field_patterns)]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #texts
            }
        }

        #[automatically_derived]
        #[allow(non_shorthand_field_patterns)]
        impl #private::StdError for #ident {
            fn source(&self) -> ::core::option::Option<&(dyn #private::StdError + 'static)> {
                #[allow(unused_imports)]
                use #private::AsSource as _;
                #sources
            }
        }

        #[automatically_derived]
        #[allow(non_shorthand_field_patterns)]
        #[diagnostic::do_not_recommend]
        impl #private::HttpError for #ident {
            fn status(&self) -> #private::StatusCode {
                #statuses
            }

            fn code(&self) -> ::core::option::Option<#private::Cow<'static, str>> {
                #codes
            }
        }

        #[automatically_derived]
        impl #private::DescribeReply for #ident {
            fn describe_reply(doc: &mut #private::RouteDoc) {
                #[allow(unused_imports)]
                use #private::{Described as _, Undescribed as _};
                #(#described)*
            }
        }

        #(#from)*
    }
}

/// A `match` of all variants; an enum without any has no values.
fn arms(variants: &[Variant], arm: impl Fn(&Variant) -> TokenStream) -> TokenStream {
    if variants.is_empty() {
        return quote!(match *self {});
    }
    let arms = variants.iter().map(arm);
    quote!(match self { #(#arms)* })
}

/// The arm of a variant that is what it holds.
fn of_inner(variant: &Variant, value: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    let Answer::Inner(field) = &variant.answer else { return TokenStream::new() };
    let (ident, member) = (&variant.ident, &field.member);
    let inner = Ident::new("inner", field.ty.span());
    let value = value(inner.to_token_stream());
    quote!(Self::#ident { #member: #inner, .. } => #value,)
}
