//! Where the compiler underlines what a macro has written.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Puts `tokens` in the place of `origin`, so that an error in them underlines `origin` and nothing else, and errors that say the same are
/// told once: the compiler leaves out those that have the same place.
pub(crate) fn respan(tokens: TokenStream, origin: &impl ToTokens) -> TokenStream {
    let (first, last) = ends(origin);
    let mut tokens: Vec<TokenTree> = tokens.into_iter().map(|token| set(token, first)).collect();
    if let Some(token) = tokens.pop() {
        tokens.push(set(token, last));
    }
    tokens.into_iter().collect()
}

/// The places of the first and the last token.
fn ends(origin: &impl ToTokens) -> (Span, Span) {
    let mut tokens = origin.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}

fn set(token: TokenTree, span: Span) -> TokenTree {
    let mut token = match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter().map(|token| set(token, span)).collect();
            TokenTree::Group(Group::new(group.delimiter(), inner))
        }
        other => other,
    };
    token.set_span(token.span().resolved_at(token.span()).located_at(span));
    token
}
