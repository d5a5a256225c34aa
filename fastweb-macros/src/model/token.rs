//! serde's traits for a model: a token goes first, by which fastweb knows the model again inside of any other type.

use proc_macro2::TokenStream;
use quote::quote;

use super::ir::Model;

pub(super) fn implementations(model: &Model) -> TokenStream {
    let Model { krate, ident, shared_attributes, .. } = model;
    let (serde, runtime) = (quote!(#krate::__private::serde), model.runtime());
    let shared = quote!(#(#shared_attributes)*);
    quote! {
        #shared
        #[automatically_derived]
        impl #runtime::Plain for #ident {
            fn plain_deserialize<'de, D: #serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                Self::deserialize(deserializer)
            }

            fn plain_serialize<S: #serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        #shared
        #[automatically_derived]
        impl<'de> #serde::Deserialize<'de> for #ident {
            fn deserialize<D: #serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                #runtime::deserialize(deserializer)
            }
        }

        #shared
        #[automatically_derived]
        impl #serde::Serialize for #ident {
            fn serialize<S: #serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                #runtime::serialize(self, serializer)
            }
        }

        #shared
        #[automatically_derived]
        impl #runtime::Model for #ident {}
    }
}
