//! Where the compiler underlines what a macro has written.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Puts `tokens` in the place of `origin`, so that an error in them underlines `origin` and nothing else. Names mean what they meant.
pub(crate) fn respan(tokens: TokenStream, origin: &impl ToTokens) -> TokenStream {
    let span = |token: &TokenTree, place| token.span().located_at(place);
    let (first, last) = ends(origin);
    let mut tokens: Vec<TokenTree> = tokens.into_iter().map(|token| set(token, first, span)).collect();
    if let Some(token) = tokens.pop() {
        tokens.push(set(token, last, span));
    }
    tokens.into_iter().collect()
}

/// What has `ty` in the middle, as if the user had written all of it in the place of `origin`, and `ty` where it stands. Of errors that say the
/// same the compiler tells one then: it leaves out those that have the same place in all respects.
pub(crate) fn replant(before: TokenStream, ty: TokenStream, after: TokenStream, origin: &impl ToTokens) -> TokenStream {
    let (first, last) = ends(origin);
    let there = |tokens: TokenStream, place| tokens.into_iter().map(move |token| set(token, place, |_, place| place));
    there(before, first).chain(ty).chain(there(after, last)).collect()
}

/// The places of the first and the last token.
fn ends(origin: &impl ToTokens) -> (Span, Span) {
    let mut tokens = origin.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}

fn set(token: TokenTree, place: Span, span: fn(&TokenTree, Span) -> Span) -> TokenTree {
    let span_of_token = span(&token, place);
    let mut token = match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter().map(|token| set(token, place, span)).collect();
            TokenTree::Group(Group::new(group.delimiter(), inner))
        }
        other => other,
    };
    token.set_span(span_of_token);
    token
}
