//! What `#[websocket]` asks for beyond what a route does: its handler has a connection, which outlives the request.

use super::Errors;
use super::arguments::{Arguments, Kind, is, written};
use super::function::Function;

/// Extractors that are no WebSocket and have none in them. What is in others is not known here.
const WITHOUT: [&str; 13] = [
    "CancellationToken",
    "Cookies",
    "Extension",
    "Headers",
    "Method",
    "Path",
    "Query",
    "Request",
    "RequestState",
    "State",
    "Text",
    "Topics",
    "WorkerState",
];

/// Those of a body. A handshake has none.
const OF_BODIES: [&str; 9] =
    ["Json", "RawJson", "Form", "Multipart", "MultipartForm", "Upload", "String", "Bytes", "Body"];

/// Options of routes that those of WebSockets do not have, and what there is instead.
const REFUSED: [(&str, &str); 5] = [
    ("status", "its handshake is answered with 101"),
    ("blocking", "its handler is `async`, and awaits the part that blocks: `blocking(move || …).await`"),
    ("body_limit", "how large a message may be says `config = WebSocketOptions::new().max_message(…)`"),
    ("timeout", "how long it may be silent says `config = WebSocketOptions::new().idle_timeout(…)`"),
    ("mcp", "a tool is asked once and answers once: make it another route"),
];

/// The methods of `WebSocketOptions`.
const OWN: [&str; 12] = [
    "max_message",
    "max_frame",
    "high_water_mark",
    "ping_interval",
    "idle_timeout",
    "write_timeout",
    "close_timeout",
    "origin",
    "origin_if",
    "protocol",
    "on_close",
    "any_origin",
];

/// Why an option cannot stand here, and what can.
pub(super) fn refuse_option(option: &str) -> Option<String> {
    if let Some((_, mend)) = REFUSED.iter().find(|(name, _)| *name == option) {
        return Some(format!("a WebSocket has no `{option}`: {mend}"));
    }
    let value = match option {
        "deflate" | "any_origin" => "",
        _ if OWN.contains(&option) => "…",
        _ => return None,
    };
    Some(format!(
        "`{option}` is an option of the WebSocket, not of its route: write `config = WebSocketOptions::new().{option}({value})`"
    ))
}

/// Whether routes have this option and WebSockets do not.
pub(super) fn is_refused(option: &str) -> bool {
    REFUSED.iter().any(|(name, _)| *name == option)
}

pub(super) fn check(arguments: &Arguments<'_>, function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if signature.asyncness.is_none() {
        errors.at(&signature.fn_token, "the handler of a WebSocket waits for messages: write `async fn`");
    }
    let mut sockets = Vec::new();
    let mut may_have_one = arguments.0.len() < signature.inputs.len();
    for argument in &arguments.0 {
        let ty = written(argument.ty);
        match argument.kind {
            Kind::Request | Kind::Reply => errors.at(
                argument.ty,
                format!("`{ty}` is gone when the WebSocket is open: take what it needs of it as extractors, such as `Query<T>`"),
            ),
            Kind::Extractor if is(argument.ty, "WebSocket") => sockets.push(argument),
            Kind::Extractor if is(argument.ty, "WebSocketUpgrade") => {
                may_have_one = true;
                errors.at(
                    argument.ty,
                    "the handshake is granted before this is called: take the open one, `mut socket: WebSocket`; or answer it, \
                     with `#[get(…)]` and `upgrade.accept(…)`",
                );
            }
            Kind::Extractor if ["WebSocketReader", "WebSocketWriter"].iter().any(|name| is(argument.ty, name)) => {
                may_have_one = true;
                errors.at(
                    argument.ty,
                    format!("`{ty}` is a half of the WebSocket: take the whole, `socket: WebSocket`, and `let (reader, writer) = socket.split();`"),
                );
            }
            Kind::Extractor if OF_BODIES.iter().any(|name| is(argument.ty, name)) => errors.at(
                argument.ty,
                format!("the handshake of a WebSocket has no body to make `{ty}` of: what its client sends are messages, `socket.recv().await` and `socket.recv_json::<T>().await`"),
            ),
            Kind::Extractor => may_have_one |= !WITHOUT.iter().any(|name| is(argument.ty, name)),
            Kind::Dependency(_) => may_have_one = true,
            Kind::Param(_) | Kind::BorrowedParam(_) | Kind::OptionalBorrowedParam(_) => {}
        }
    }
    let Some((first, others)) = sockets.split_first() else {
        if !may_have_one {
            errors.at(
                &signature.ident,
                format!("`fn {}` has no WebSocket: add the argument `mut socket: WebSocket`", signature.ident),
            );
        }
        return;
    };
    for second in others {
        let name = first.name.as_deref().unwrap_or("socket");
        errors.at(
            second.ty,
            format!("a connection has one `WebSocket`, and `{name}` is it: leave this one out; a reader and a writer are `{name}.split()`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{OWN, REFUSED, refuse_option};

    #[test]
    fn an_option_is_refused_for_one_reason() {
        assert!(REFUSED.iter().all(|(name, _)| !OWN.contains(name)));
        assert_eq!(refuse_option("tag"), None);
    }
}
