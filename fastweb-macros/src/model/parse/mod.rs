//! The parser: what is generated for a model to be read in one pass.

use proc_macro2::TokenStream;
use quote::quote;

use super::ir::Model;

pub(super) fn implementation(model: &Model) -> TokenStream {
    let Model { ident, shared_attributes, .. } = model;
    let runtime = model.runtime();
    quote! {
        #(#shared_attributes)*
        #[automatically_derived]
        impl #runtime::Parse for #ident {
            const ONE_PASS: bool = false;

            fn read(_: &mut #runtime::Cursor<'_>, _: &#runtime::Rules) -> ::core::option::Option<Self> {
                ::core::option::Option::None
            }
        }
    }
}
