//! `#[get("/path")]` and its sisters.

mod arguments;
mod doc_comment;
mod expansion;
mod function;
mod options;
mod pattern;
mod websocket;

use proc_macro2::TokenStream;

pub(crate) use function::Function;
use options::Options;

/// The route for `function`. What is wrong with it is told with all else that is, and the function is kept then, so that nothing follows from it.
pub(crate) fn expand(
    macro_name: &str,
    methods: Option<&[&str]>,
    options: TokenStream,
    function: TokenStream,
) -> TokenStream {
    let function = match Function::parse(macro_name, function.clone()) {
        Ok(function) => function,
        Err(error) => return [error.into_compile_error(), function].into_iter().collect(),
    };
    let mut errors = Errors::default();
    function.check("a handler", &mut errors);
    let options = Options::parse(macro_name, methods, options, &mut errors);
    let expanded = options.as_ref().map(|options| {
        let arguments = arguments::Arguments::of(&function, options, &mut errors);
        expansion::route(&function, options, &arguments)
    });
    match (errors.into_error(), expanded) {
        (None, Some(expanded)) => expanded,
        (errors, _) => {
            let errors = errors.map(syn::Error::into_compile_error);
            errors.into_iter().chain([expansion::stand_in(&function, options.as_ref())]).collect()
        }
    }
}

/// All that is wrong, in one go.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn into_error(self) -> Option<syn::Error> {
        self.0
    }

    pub(crate) fn at(&mut self, place: &impl quote::ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(place, message));
    }
}
