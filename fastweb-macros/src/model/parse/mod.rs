//! The parser: what is generated for a model to be read in one pass.
//!
//! It may only ever say what serde and the validator would say of the same text together. Where that takes effort it gives up (`None`), and
//! they do the work.

mod object;
mod variants;

use proc_macro2::TokenStream;
use quote::quote;

use super::ir::{Field, Model, Shape};
use object::Object;

pub(super) fn implementation(model: &Model) -> TokenStream {
    let Model { ident, name, shared_attributes, .. } = model;
    let runtime = model.runtime();
    let (one_pass, methods) = match (&model.reads_by_serde, read(model, &runtime)) {
        (None, Some(methods)) => {
            let types: Vec<_> =
                model.fields().iter().filter(|field| !field.skips_reading).map(|field| &field.ty).collect();
            (quote!(true #(&& #runtime::Has::<#types>::IS)*), methods)
        }
        _ => (quote!(false), given_up(&runtime)),
    };
    let tell = tell(model, name, &runtime);
    quote! {
        #(#shared_attributes)*
        #[automatically_derived]
        const _: () = {
            #[allow(unused_imports)]
            use #runtime::OrNot as _;

            impl #runtime::Parse for #ident {
                const ONE_PASS: bool = #one_pass;

                #methods

                #tell
            }
        };
    }
}

fn given_up(runtime: &TokenStream) -> TokenStream {
    quote! {
        #[inline]
        fn read(_: &mut #runtime::Cursor<'_>, _: &#runtime::Rules) -> ::core::option::Option<Self> {
            ::core::option::Option::None
        }
    }
}

/// The methods that read, if the item has a shape that generated code knows.
fn read(model: &Model, runtime: &TokenStream) -> Option<TokenStream> {
    let body = match &model.shape {
        Shape::Struct(of) => {
            let object = Object {
                runtime,
                constructor: quote!(Self),
                fields: &of.fields,
                deny_unknown_fields: of.deny_unknown_fields,
                default: of.default.as_ref(),
            };
            let members = object.members();
            return Some(quote! {
                #[inline]
                fn read(cursor: &mut #runtime::Cursor<'_>, rules: &#runtime::Rules) -> ::core::option::Option<Self> {
                    if !Self::ONE_PASS || !rules.is_free {
                        return ::core::option::Option::None;
                    }
                    let more = cursor.open_object()?;
                    Self::read_tagged(cursor, more, "")
                }

                #[inline]
                fn read_tagged(
                    cursor: &mut #runtime::Cursor<'_>,
                    mut more: bool,
                    tag: &str,
                ) -> ::core::option::Option<Self> {
                    if !Self::ONE_PASS {
                        return ::core::option::Option::None;
                    }
                    #members
                }
            });
        }
        Shape::Newtype(field) => {
            let Field { member, ty, .. } = &**field;
            // They stand above the struct or above its field, not above both.
            let constraints = if model.constraints.is_checked() { &model.constraints } else { &field.constraints };
            let rules = constraints.reference(runtime);
            quote! {
                let value = #runtime::Has::<#ty>::read(cursor, #rules)?;
                ::core::option::Option::Some(Self { #member: value })
            }
        }
        Shape::Enum(of) => variants::body(of, runtime)?,
        Shape::Other => return None,
    };
    Some(quote! {
        #[inline]
        fn read(cursor: &mut #runtime::Cursor<'_>, rules: &#runtime::Rules) -> ::core::option::Option<Self> {
            if !Self::ONE_PASS || !rules.is_free {
                return ::core::option::Option::None;
            }
            #body
        }
    })
}

/// Which models in it take the slow way, and why.
fn tell(model: &Model, name: &str, runtime: &TokenStream) -> TokenStream {
    let types: Vec<_> =
        model.fields().into_iter().filter(|field| !field.skips_reading).map(|field| &field.ty).collect();
    let written = model.writes_by_serde.as_ref().map(|why| quote!(told.slow_to_write.push((#name, #why));));
    let own = match &model.reads_by_serde {
        Some(why) => quote!(told.slow.push((#name, ::std::string::String::from(#why)));),
        None => {
            let reasons = types.iter().map(|ty| {
                let ty = quote!(#ty).to_string().replace(' ', "");
                format!("it has a {ty}, which is no model")
            });
            quote! {
                #(if !#runtime::Has::<#types>::IS {
                    told.slow.push((#name, ::std::string::String::from(#reasons)));
                })*
            }
        }
    };
    quote! {
        fn tell(told: &mut #runtime::Told) {
            if told.is_new(::core::any::type_name::<Self>()) {
                #own
                #written
                #(#runtime::Has::<#types>::tell(told);)*
            }
        }
    }
}
