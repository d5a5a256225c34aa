//! Objects: the fields of a struct, or of a variant.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{DefaultBy, Field};
use super::super::types::is_option;

pub(super) struct Object<'m> {
    pub(super) runtime: &'m TokenStream,
    /// `Self` or `Self::Variant`.
    pub(super) constructor: TokenStream,
    pub(super) fields: &'m [Field],
    pub(super) deny_unknown_fields: bool,
    /// Of the struct as a whole.
    pub(super) default: Option<&'m DefaultBy>,
}

impl Object<'_> {
    /// Reads the members, if there are `more`, up to the end of the object, and builds the value. `tag` is the name of a member that was read
    /// before; it is empty where there is none.
    ///
    /// Members mostly come in the order in which they are declared: so each field looks first whether the text goes on with its name. What
    /// that leaves over is looked up, member by member.
    pub(super) fn members(&self) -> TokenStream {
        let Self { runtime, constructor, .. } = self;
        let read: Vec<_> = self.fields.iter().enumerate().filter(|(_, field)| !field.skips_reading).collect();
        let (mut declared, mut in_order, mut looked_up) = (Vec::new(), Vec::new(), Vec::new());
        for &(at, field) in &read {
            let (value, ty, names) = (value(at), &field.ty, &field.read_names);
            let rules = field.constraints.reference(runtime);
            declared.push(quote!(let mut #value = ::core::option::Option::<#ty>::None;));
            if let Some(start) = start(&names[0]) {
                in_order.push(quote! {
                    if more && cursor.eat(#start) {
                        #value = ::core::option::Option::Some(#runtime::Has::<#ty>::read(cursor, #rules)?);
                        more = cursor.next_member()?;
                    }
                });
            }
            looked_up.push(quote! {
                #(#names)|* => {
                    if #value.is_some() {
                        return ::core::option::Option::None;
                    }
                    #value = ::core::option::Option::Some(#runtime::Has::<#ty>::read_apart(cursor, #rules)?);
                }
            });
        }
        // A tag of the name of a field, or where nothing else is allowed: the schema and serde know what that means.
        let denied = if self.deny_unknown_fields {
            quote!(!tag.is_empty())
        } else {
            let names = read.iter().flat_map(|(_, field)| &field.read_names);
            quote!(!tag.is_empty() && [#(#names),*].contains(&tag))
        };
        let denied = quote! {
            if #denied {
                return ::core::option::Option::None;
            }
        };
        let (names, other) = if self.deny_unknown_fields {
            (quote!(), quote!(_ => return ::core::option::Option::None,))
        } else {
            let names = quote!(let mut names = #runtime::Names::new(););
            let other = quote! {
                other => {
                    if other == tag {
                        return ::core::option::Option::None;
                    }
                    names.add(other)?;
                    cursor.skip_value()?;
                }
            };
            (names, other)
        };
        let default = self.default.map(|default| {
            let value = default.value();
            quote!(let default: Self = #value;)
        });
        let built = self.fields.iter().enumerate().map(|(at, field)| {
            let (member, value) = (&field.member, self.built(at, field));
            quote!(#member: #value)
        });
        quote! {
            #denied
            #(#declared)*
            #(#in_order)*
            if more {
                #names
                while more {
                    match cursor.name()? {
                        #(#looked_up)*
                        #other
                    }
                    more = cursor.next_member()?;
                }
            }
            #default
            ::core::option::Option::Some(#constructor { #(#built,)* })
        }
    }

    /// The value of a field, which may have been missing.
    fn built(&self, at: usize, field: &Field) -> TokenStream {
        let (member, value) = (&field.member, value(at));
        let missing = match (&field.default, self.default) {
            (Some(default), _) => Some(default.value()),
            (None, Some(_)) => Some(quote!(default.#member)),
            (None, None) if field.skips_reading => Some(DefaultBy::Trait.value()),
            (None, None) if is_option(&field.ty) => Some(quote!(::core::option::Option::None)),
            (None, None) => None,
        };
        match missing {
            Some(missing) if field.skips_reading => missing,
            Some(missing) => quote! {
                match #value {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => #missing,
                }
            },
            None => quote!(#value?),
        }
    }
}

impl DefaultBy {
    fn value(&self) -> TokenStream {
        match self {
            Self::Trait => quote!(::core::default::Default::default()),
            Self::Function(path) => quote!(#path()),
        }
    }
}

fn value(at: usize) -> Ident {
    format_ident!("value_{at}", span = Span::mixed_site())
}

/// A name as it stands in JSON, with the colon behind it. `None` for one that JSON writes with escapes: that is looked up.
pub(super) fn start(name: &str) -> Option<Literal> {
    let is_plain = name.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    is_plain.then(|| Literal::byte_string(format!("\"{name}\":").as_bytes()))
}
