//! The item itself, with what serde and schemars derive for it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DeriveInput, parse_quote};

use super::constraints::{Constraints, Notes};
use super::ir::{Model, Shape};
use crate::route::Errors;

/// The item without what is a part of no derive: where something is wrong, nothing more follows from it.
pub(super) fn bare(item: &mut DeriveInput) -> TokenStream {
    const HELPERS: [&str; 3] = ["schema", "serde", "schemars"];
    let strip = |attributes: &mut Vec<Attribute>| {
        attributes.retain(|attribute| !HELPERS.iter().any(|name| attribute.path().is_ident(name)));
    };
    strip(&mut item.attrs);
    each(item, strip);
    item.to_token_stream()
}

/// serde's derives make functions of the item (`remote = "Self"`), because its implementations of the traits are those of `token.rs`.
pub(super) fn derived(item: &mut DeriveInput, model: &Model) -> TokenStream {
    let runtime = model.runtime();
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let path = |name: &str| format!("{}::__private::{name}", krate.to_token_stream()).replace(' ', "");
    let (serde, schemars, name) = (path("serde"), path("schemars"), model.ident.to_string());
    let mut rules = Rules { runtime: &runtime, place: 0, constants: Vec::new() };
    let own = rules.translated(&mut item.attrs);
    each(item, |attributes| {
        let translated = rules.translated(attributes);
        attributes.extend(translated);
    });
    let mut constants = rules.constants;
    let aliases = aliases(model);
    let alias = (!aliases.is_empty()).then(|| {
        constants.push(quote!(const __FASTWEB_ALIASES: &'static [&'static [&'static str]] = &[#(&[#(#aliases),*]),*];));
        quote!(#[schemars(transform = #runtime::Aliases(Self::__FASTWEB_ALIASES))])
    });
    let (ident, shared) = (&model.ident, &model.shared_attributes);
    quote! {
        #[derive(#private::serde::Serialize, #private::serde::Deserialize, #private::schemars::JsonSchema)]
        #[serde(crate = #serde, remote = "Self")]
        #[schemars(crate = #schemars, remote = #name)]
        #(#own)*
        #alias
        #item

        #(#shared)*
        #[doc(hidden)]
        impl #ident {
            #(#constants)*
        }
    }
}

/// Every variant and every field, in the order in which they are read.
fn each(item: &mut DeriveInput, mut with: impl FnMut(&mut Vec<Attribute>)) {
    match &mut item.data {
        Data::Struct(of) => of.fields.iter_mut().for_each(|field| with(&mut field.attrs)),
        Data::Enum(of) => of.variants.iter_mut().for_each(|variant| {
            with(&mut variant.attrs);
            variant.fields.iter_mut().for_each(|field| with(&mut field.attrs));
        }),
        Data::Union(_) => {}
    }
}

/// Writes rules as constants of the item: schemars takes no expression that is longer than a path.
struct Rules<'a> {
    runtime: &'a TokenStream,
    /// Of whatever may have constraints.
    place: usize,
    constants: Vec<TokenStream>,
}

impl Rules<'_> {
    /// Takes `#[schema(…)]` out, and returns what it says in schemars' words.
    fn translated(&mut self, attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
        // What is wrong has been told.
        let constraints = Constraints::parse(attributes, self.place, &mut Errors::default());
        self.place += 1;
        attributes.retain(|attribute| !attribute.path().is_ident("schema"));
        let Notes { title, description, examples, default, deprecated } = &constraints.notes;
        let mut written: Vec<Attribute> = Vec::new();
        written.extend(title.as_ref().map(|text| parse_quote!(#[schemars(title = #text)])));
        written.extend(description.as_ref().map(|text| parse_quote!(#[schemars(description = #text)])));
        written.extend(examples.iter().map(|example| parse_quote!(#[schemars(example = &#example)])));
        written.extend(default.as_ref().map(|value| parse_quote!(#[schemars(extend("default" = #value))])));
        if *deprecated {
            written.push(parse_quote!(#[schemars(deprecated)]));
        }
        if constraints.is_checked() {
            let (runtime, name, rules) = (self.runtime, constraints.constant(), constraints.rules(self.runtime));
            self.constants.push(quote!(const #name: &'static #runtime::Rules = &#rules;));
            written.push(parse_quote!(#[schemars(transform = #runtime::Constrain(Self::#name))]));
        }
        written
    }
}

/// schemars knows no aliases. Each is a list of names of one field or variant, the first of which is its own.
fn aliases(model: &Model) -> Vec<&[String]> {
    let fields = model.fields().into_iter().map(|field| &*field.read_names);
    let variants = match &model.shape {
        Shape::Enum(of) => &*of.variants,
        _ => &[],
    };
    fields.chain(variants.iter().map(|variant| &*variant.read_names)).filter(|names| names.len() > 1).collect()
}
