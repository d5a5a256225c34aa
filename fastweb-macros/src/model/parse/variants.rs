//! Enums: variants by their names, and what is in them.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::ir::{Content, Enum, Field, Tagging, Variant};
use super::object::Object;

/// Reads a variant. `None` for tagging that generated code does not know.
pub(super) fn body(of: &Enum, runtime: &TokenStream) -> Option<TokenStream> {
    match &of.tagging {
        Tagging::External => Some(external(of, runtime)),
        Tagging::Internal(tag) => Some(internal(of, tag, runtime)),
        Tagging::Other => None,
    }
}

fn external(of: &Enum, runtime: &TokenStream) -> TokenStream {
    let variants = || of.variants.iter().filter(|variant| !variant.skips_reading);
    let units: Vec<_> = variants()
        .filter(|variant| matches!(variant.content, Content::Unit))
        .map(
            |Variant { ident, read_names, .. }| quote!(#(#read_names)|* => ::core::option::Option::Some(Self::#ident),),
        )
        .collect();
    let others: Vec<_> = variants()
        .filter_map(|variant| {
            let Variant { ident, read_names, .. } = variant;
            let read = match &variant.content {
                Content::Newtype(field) => {
                    let Field { ty, constraints, .. } = &**field;
                    let rules = constraints.reference(runtime);
                    quote!(Self::#ident(#runtime::Has::<#ty>::read(cursor, #rules)?))
                }
                Content::Struct(fields) => {
                    let members = object(of, variant, fields, runtime).members();
                    let read = as_function(&members, runtime);
                    quote!({
                        #read
                        let more = cursor.open_object()?;
                        members(cursor, more, "")?
                    })
                }
                Content::Unit | Content::Tuple => return None,
            };
            Some(quote!(#(#read_names)|* => #read,))
        })
        .collect();
    let units = (!units.is_empty()).then(|| {
        quote! {
            if let ::core::option::Option::Some(name) = cursor.plain_string() {
                return match name {
                    #(#units)*
                    _ => ::core::option::Option::None,
                };
            }
        }
    });
    let others = if others.is_empty() {
        quote!(::core::option::Option::None)
    } else {
        quote! {
            if !cursor.open_object()? {
                return ::core::option::Option::None;
            }
            let value = match cursor.name()? {
                #(#others)*
                _ => return ::core::option::Option::None,
            };
            // The variant is the only member.
            match cursor.next_member()? {
                true => ::core::option::Option::None,
                false => ::core::option::Option::Some(value),
            }
        }
    };
    quote!(#units #others)
}

/// The tag has to come first: whoever writes such objects writes them so, and looking for it would read the text twice.
fn internal(of: &Enum, tag: &str, runtime: &TokenStream) -> TokenStream {
    let variants = of.variants.iter().filter(|variant| !variant.skips_reading).map(|variant| {
        let Variant { ident, read_names, .. } = variant;
        let read = match &variant.content {
            Content::Unit => {
                let fields = [];
                let members = object(of, variant, &fields, runtime).members();
                let read = as_function(&members, runtime);
                quote!({
                    #read
                    members(cursor, more, #tag)
                })
            }
            Content::Newtype(field) => {
                let ty = &field.ty;
                quote! {
                    #runtime::Has::<#ty>::read_tagged(cursor, more, #tag).map(Self::#ident)
                }
            }
            Content::Struct(fields) => {
                let members = object(of, variant, fields, runtime).members();
                let read = as_function(&members, runtime);
                quote!({
                    #read
                    members(cursor, more, #tag)
                })
            }
            Content::Tuple => quote!(::core::option::Option::None),
        };
        quote!(#(#read_names)|* => #read,)
    });
    quote! {
        if !cursor.open_object()? || cursor.name()? != #tag {
            return ::core::option::Option::None;
        }
        let name = cursor.plain_string()?;
        let more = cursor.next_member()?;
        match name {
            #(#variants)*
            _ => ::core::option::Option::None,
        }
    }
}

fn object<'m>(of: &Enum, variant: &Variant, fields: &'m [Field], runtime: &'m TokenStream) -> Object<'m> {
    let ident = &variant.ident;
    Object {
        runtime,
        constructor: quote!(Self::#ident),
        fields,
        deny_unknown_fields: of.deny_unknown_fields,
        default: None,
    }
}

/// A closure of the members' code, so that `?` and `return` in it are its own.
fn as_function(members: &TokenStream, runtime: &TokenStream) -> TokenStream {
    quote! {
        let members = |cursor: &mut #runtime::Cursor<'_>, mut more: bool, tag: &str| -> ::core::option::Option<Self> {
            #members
        };
    }
}
