//! The way of a request, in order.
//!
//! ```text
//! routing → on_request → pre_parsing → parse body → pre_validation → validation → pre_handler → handler
//!         → pre_serialization → on_send → write → on_response
//! ```
//!
//! A hook that answers early, or an error, goes straight to `on_send`; on the way of an error, `on_error` and the error handler come
//! first. In every phase the application's hooks run first, then each inner scope's, then the route's own. Writing is the
//! connection's; it calls [`completed`] when the reply is with the operating system, [`aborted`] where the client is gone
//! before, and [`recover`] where a handler panicked or took too long. Nothing here knows which HTTP version it serves.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use crate::app::{BoundApp, FrozenApp};
use crate::error::{Code, Error, Result};
use crate::exchange::Exchange;
use crate::extract::BodyUse;
use crate::hooks::{Completed, ErasedHook, Flow, Phase, PhaseClock};
use crate::parser;
use crate::reply::Reply;
use crate::request::Request;
use crate::route::RouteRecord;
use crate::slot::{Called, Slot};

/// Calls a function of the application to its end. A macro, because a future of its own would be moved into place first.
macro_rules! run {
    ($call:expr) => {{
        // Bound to a name, so that what the call has borrowed is free behind it.
        let result = match $call {
            Called::Done(result) => result,
            Called::Pending(future) => future.await,
        };
        result
    }};
}

/// From behind routing to `on_send`. Whatever happens, the exchange has a reply afterwards; unless code of the application panics, and
/// then the caller goes on with [`recover`].
pub(crate) async fn respond(app: &BoundApp, route: &RouteRecord, exchange: &mut Exchange) -> Result<()> {
    let Exchange { request, reply, slot, sending, .. } = exchange;
    #[cfg(feature = "tower")]
    if app.layers(request.route).is_some() {
        Box::pin(answer_in_layers(app, route, request, reply, slot)).await;
    } else {
        answer_anyhow(app, route, request, reply, slot).await;
    }
    #[cfg(not(feature = "tower"))]
    answer_anyhow(app, route, request, reply, slot).await;
    if request.varies {
        reply.append_header("vary", "accept-version");
    }
    // Of a connection that was hijacked nothing is sent by fastweb.
    if !route.hooks.on_send.is_empty() && !reply.is_hijacked() {
        *sending = true;
        send(app, request, reply, slot).await;
    }
    request.mark(Phase::Send);
    Ok(())
}

/// From behind routing to before `on_send`, errors included.
async fn answer_anyhow(app: &BoundApp, route: &RouteRecord, request: &mut Request, reply: &mut Reply, slot: &mut Slot) {
    #[cfg(feature = "schema")]
    if let Some(plan) = app.answer_plan(request.route) {
        reply.set_plan(plan);
    }
    let mut answered = answer(app, route, request, reply, slot).await.and_then(|()| restrict(reply));
    if !request.provided.is_empty() {
        answered = Box::pin(app.plan(request.route).before_response(request, reply, answered)).await;
    }
    if let Err(error) = answered {
        fail(app, request, reply, slot, error).await;
    }
}

/// The same within the tower layers of the route's scopes.
#[cfg(feature = "tower")]
async fn answer_in_layers(
    app: &BoundApp,
    route: &RouteRecord,
    request: &mut Request,
    reply: &mut Reply,
    slot: &mut Slot,
) {
    use crate::tower::{Way, around};

    let layers = app.layers(request.route).unwrap_or_default();
    // What layers read of the body is no more than the handler may.
    request.body.limit_stream(route.body.limit);
    let way = async |request: &mut Request, reply: &mut Reply, slot: &mut Slot| {
        // A layer tries again: what was provided for the attempt before comes to its end first.
        if !request.provided.is_empty() {
            let _ = left(app, request, reply, Err(Error::internal("a tower layer tries again"))).await;
            clean_up(app, request).await;
            request.provided.clear();
        }
        answer_anyhow(app, route, request, reply, slot).await;
    };
    match around(layers, request, reply, slot, way).await {
        Ok(Way::Gone) => {}
        // The answer is the layer's, and not for dependencies to change.
        Ok(Way::Left) => {
            let error = Error::internal("a tower layer has answered before the handler did");
            let _ = left(app, request, reply, Err(error)).await;
        }
        Err(error) => {
            if let Err(error) = left(app, request, reply, Err(error)).await {
                fail(app, request, reply, slot, error).await;
            }
        }
    }
}

/// Tells dependencies, where some were provided, of a way that was not gone to its end.
#[cfg(feature = "tower")]
async fn left(app: &BoundApp, request: &mut Request, reply: &Reply, answered: Result<()>) -> Result<()> {
    match request.provided.is_empty() {
        true => answered,
        false => Box::pin(app.plan(request.route).before_response(request, reply, answered)).await,
    }
}

/// The same for a route without hooks up to `on_send`, whose body is there or not wanted whole: nothing stands between routing and the
/// handler. Which routes these are is known at start-up ([`RouteRecord::is_direct`]). An error is for [`recover`].
pub(crate) fn respond_directly<'a>(
    app: &'a BoundApp,
    route: &RouteRecord,
    exchange: &'a mut Exchange,
) -> Called<'a, Result<()>> {
    let Exchange { request, reply, slot, .. } = exchange;
    if let Err(error) = request.body.limit(route.body.limit) {
        return Called::Done(Err(error));
    }
    app.handler(request.route).call(None, request, reply, slot)
}

pub(crate) fn routing<'a>(app: &'a BoundApp, request: &mut Request) -> &'a RouteRecord {
    let FrozenApp { routes, records, .. } = &*app.frozen;
    request.route = routes.find(records, request);
    let route = &records[request.route];
    if let Some(timing) = route.timing {
        request.clock = Some(PhaseClock::start(timing));
    }
    route
}

async fn answer(
    app: &BoundApp,
    route: &RouteRecord,
    request: &mut Request,
    reply: &mut Reply,
    slot: &mut Slot,
) -> Result<()> {
    let hooks = &route.hooks;
    let handler = app.handler(request.route);
    // Hooks may read the body before it is parsed, and no further than the handler may.
    request.body.limit_stream(route.body.limit);

    // on_request
    if !hooks.on_request.is_empty() && run_hooks(&hooks.on_request, request, reply, slot).await? {
        return fault(reply);
    }
    request.mark(Phase::OnRequest);

    // pre_parsing
    if !hooks.pre_parsing.is_empty() && run_hooks(&hooks.pre_parsing, request, reply, slot).await? {
        return fault(reply);
    }

    // parse body
    request.body.limit(route.body.limit)?;
    if route.body.body_use == BodyUse::Whole {
        if route.parsers.is_empty() {
            request.body.buffer().await?;
        } else {
            parse_body(route, request, slot).await?;
        }
    }
    request.mark(Phase::Parsing);

    // pre_validation
    if !hooks.pre_validation.is_empty() && run_hooks(&hooks.pre_validation, request, reply, slot).await? {
        return fault(reply);
    }

    // dependencies: they may decide that nobody looks at the rest
    let plan = app.plan(request.route);
    if !plan.is_empty() {
        Box::pin(plan.provide(request)).await?;
    }

    // validation: by the route's schemas
    #[cfg(feature = "schema")]
    if let Some(plan) = &route.request_plan {
        plan.validate(request)?;
    }

    // and by types: the handler's arguments are made here where hooks stand between, else by the handler's call
    let mut arguments = None;
    if !hooks.pre_handler.is_empty() {
        arguments = Some(run!(handler.extract(request, slot))?);
        request.mark(Phase::Validation);

        // pre_handler
        if run_hooks(&hooks.pre_handler, request, reply, slot).await? {
            return fault(reply);
        }
        request.mark(Phase::PreHandler);
    }

    // handler
    run!(handler.call(arguments, request, reply, slot))?;
    request.mark(Phase::Handler);

    // pre_serialization
    if !hooks.pre_serialization.is_empty()
        && let Some(mut value) = reply.take_value()
    {
        for hook in &hooks.pre_serialization {
            if let Flow::Reply(answer) = run!(hook.call(request, &mut value, slot))? {
                reply.absorb(answer);
                return fault(reply);
            }
        }
        reply.set_value(value);
    }
    fault(reply)
}

/// The content-type parser of the nearest scope that has one for this body makes JSON of it.
async fn parse_body(route: &RouteRecord, request: &mut Request, slot: &mut Slot) -> Result<()> {
    // Where the length was announced, what is too long for the parser is refused before it is read.
    if let Some(parser) = parser::find(&route.parsers, request) {
        parser::check_length(&*parser, request.body.len().unwrap_or(0))?;
    }
    request.body.buffer().await?;
    let Some(parser) = parser::find(&route.parsers, request) else { return Ok(()) };
    let body = request.bytes().await?;
    parser::check_length(&*parser, body.len() as u64)?;
    let json = run!(parser.call(request, body, slot))?;
    request.set_body(json);
    request.body.buffer().await?;
    request.is_parsed = true;
    Ok(())
}

/// Lets the `not_found` handlers answer: that of the nearest scope, and where it passes the request on too, those of the scopes around.
async fn pass_on(app: &BoundApp, request: &mut Request, reply: &mut Reply, slot: &mut Slot) -> Result<()> {
    let mut number = app.record(request.route).not_found;
    loop {
        let record = app.record(number);
        if record.body.body_use == BodyUse::Whole {
            request.body.limit(record.body.limit)?;
            request.body.buffer().await?;
        }
        reply.forget_answer();
        let answered = run_alone(|| app.handler(number).call(None, request, reply, slot)).await;
        match answered.and_then(|()| fault(reply)) {
            // The outermost is fastweb's own, which passes nothing on.
            Err(error) if error.passes_on() && record.not_found != number => number = record.not_found,
            answered => return answered,
        }
    }
}

/// on_error, then the error handlers: the route's, then those of its scopes from the inside out, each for what the one before fails with; where
/// there is none, or none is left, fastweb's JSON.
async fn fail(app: &BoundApp, request: &mut Request, reply: &mut Reply, slot: &mut Slot, mut error: Error) {
    if error.passes_on() {
        error = match pass_on(app, request, reply, slot).await {
            Ok(()) => return,
            Err(error) => error,
        };
    }
    let route = app.record(request.route);
    log(&error, request, &route.description);
    for hook in &route.hooks.on_error {
        if let Err(second) = run_alone(|| hook.call(request, &error, slot)).await {
            log(&second, request, "an on_error hook");
        }
    }
    let style = app.frozen.settings.error_style();
    reply.set_error(&error, style);
    let mut error = Some(error);
    for handler in &route.error_handlers {
        let Some(first) = error.take() else { break };
        let handled = run_alone(|| handler.call(request, first, reply, slot)).await;
        if let Err(second) = handled.and_then(|()| fault(reply)).and_then(|()| restrict(reply)) {
            log(&second, request, "an error handler");
            reply.set_error(&second, style);
            error = Some(second);
        }
    }
}

/// on_send
async fn send(app: &BoundApp, request: &mut Request, reply: &mut Reply, slot: &mut Slot) {
    let sent = run_hooks(&app.record(request.route).hooks.on_send, request, reply, slot).await;
    if let Err(error) = sent.and_then(|_| fault(reply)) {
        fail(app, request, reply, slot, error).await;
    }
}

/// on_response: the reply is with the operating system.
pub(crate) async fn completed(app: &BoundApp, exchange: &mut Exchange) {
    let Exchange { request, reply, slot, body_bytes, broken, .. } = exchange;
    let (body_bytes, broken) = (*body_bytes, *broken);
    request.mark(Phase::Write);
    let (duration, timings) = request.clock.map(|clock| clock.read()).unwrap_or_default();
    let route = app.pattern(request.route).clone();
    let completed = Completed { status: reply.status(), body_bytes, broken, route, duration, timings };
    for hook in &app.record(request.route).hooks.on_response {
        if let Err(error) = run_alone(|| hook.call(request, &completed, slot)).await {
            log(&error, request, "an on_response hook");
        }
    }
    clean_up(app, request).await;
}

/// Dependencies may clean up.
pub(crate) async fn clean_up(app: &BoundApp, request: &mut Request) {
    if !request.provided.is_empty() {
        Box::pin(app.plan(request.route).after_response(request)).await;
    }
}

/// on_request_abort: the client is gone. Nobody reads an answer.
pub(crate) async fn aborted(app: &BoundApp, exchange: &mut Exchange) {
    let Exchange { request, reply, slot, .. } = exchange;
    let hooks = &app.record(request.route).hooks.on_request_abort;
    if !hooks.is_empty() {
        request.abort();
        observe(hooks, request, reply, slot).await;
    }
    if !request.provided.is_empty() {
        let gone = Err(Error::internal("the client was gone before its answer"));
        // Nobody reads what becomes of it.
        let _ = Box::pin(app.plan(request.route).before_response(request, reply, gone)).await;
    }
    clean_up(app, request).await;
}

/// Why a request could not be answered by [`respond`].
pub(crate) enum Trouble {
    /// It took longer than it may. The code says what was over.
    Late(Code),
    /// Code of the application has failed, or panicked.
    Failed(Error),
}

/// The way of an error that the connection has found: on_timeout where it is one, on_error, the error handler, on_send.
pub(crate) async fn recover(app: &BoundApp, exchange: &mut Exchange, trouble: Trouble) -> Result<()> {
    let Exchange { request, reply, slot, sending, .. } = exchange;
    let error = match trouble {
        Trouble::Failed(error) => error,
        Trouble::Late(code) => {
            if code == Code::HandlerTimeout {
                observe(&app.record(request.route).hooks.on_timeout, request, reply, slot).await;
            }
            Error::from_code(code).fatal()
        }
    };
    let error = match request.provided.is_empty() {
        true => error,
        false => {
            let told = app.plan(request.route).before_response(request, reply, Err(error));
            let Err(error) = Box::pin(told).await else { return Ok(()) };
            error
        }
    };
    fail(app, request, reply, slot, error).await;
    // Where it was on_send that panicked, those hooks have had their turn: with an error of theirs it is the same.
    if !std::mem::replace(sending, true) {
        send(app, request, reply, slot).await;
    }
    Ok(())
}

/// The end of an error that [`recover`] could not deal with either: nothing of the application is called again.
pub(crate) fn give_up(app: &BoundApp, exchange: &mut Exchange, error: &Error) {
    let route = app.record(exchange.request.route);
    log(error, &exchange.request, &route.description);
    exchange.reply.reset();
    exchange.reply.set_error(error, app.frozen.settings.error_style());
}

/// Runs hooks of one phase. Says whether one of them has answered.
async fn run_hooks(
    hooks: &[Arc<dyn ErasedHook>],
    request: &mut Request,
    reply: &mut Reply,
    slot: &mut Slot,
) -> Result<bool> {
    for hook in hooks {
        if let Flow::Reply(answer) = run!(hook.call(request, reply, slot))? {
            reply.absorb(answer);
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs hooks that cannot answer any more.
async fn observe(hooks: &[Arc<dyn ErasedHook>], request: &mut Request, reply: &mut Reply, slot: &mut Slot) {
    for hook in hooks {
        if let Err(error) = run_alone(|| hook.call(request, reply, slot)).await {
            log(&error, request, "a hook");
        }
    }
}

/// A header that could not be set fails the request.
pub(crate) fn fault(reply: &mut Reply) -> Result<()> {
    reply.take_fault().map_or(Ok(()), Err)
}

/// Of a value only what the route's response schema declares leaves.
#[cfg(feature = "schema")]
fn restrict(reply: &mut Reply) -> Result<()> {
    reply.restrict()
}

#[cfg(not(feature = "schema"))]
fn restrict(_: &mut Reply) -> Result<()> {
    Ok(())
}

/// Calls a function of the application to its end where others are to be called whatever becomes of it. A panic is its error.
async fn run_alone<'a, T: 'a>(call: impl FnOnce() -> Called<'a, Result<T>>) -> Result<T> {
    let mut future = match caught(call)? {
        Called::Done(result) => return result,
        Called::Pending(future) => future,
    };
    let result =
        poll_fn(|cx| caught(|| Pin::new(&mut future).poll(cx)).unwrap_or_else(|panic| Poll::Ready(Err(panic)))).await;
    caught(|| drop(future))?;
    result
}

/// Runs a part of the lifecycle. A panic in it is logged and ends this part alone.
pub(crate) async fn guarded(part: impl Future<Output = ()>) {
    let mut part = pin!(Some(part));
    poll_fn(|cx| {
        let Some(pending) = part.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        caught(|| pending.poll(cx)).unwrap_or_else(|panic| {
            tracing::error!(error = ?panic, "a hook panicked");
            Poll::Ready(())
        })
    })
    .await;
    let _ = caught(|| part.set(None));
}

/// Calls code of the application. A panic is an error of the request and of nothing else.
pub(crate) fn caught<T>(call: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let error =
            Error::from_code(Code::Panic).with_message(format!("panicked: {}", panic_message(&*panic))).hidden();
        // What a panic was raised with may itself panic while it is dropped, and again.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
        error
    })
}

/// Awaits a part of the lifecycle. A panic is its error.
pub(crate) async fn caught_throughout<T>(part: impl Future<Output = Result<T>>) -> Result<T> {
    let mut part = pin!(Some(part));
    let result = poll_fn(|cx| match part.as_mut().as_pin_mut() {
        Some(pending) => caught(|| pending.poll(cx)).unwrap_or_else(|panic| Poll::Ready(Err(panic))),
        None => Poll::Pending,
    })
    .await;
    caught(|| part.set(None))?;
    result
}

/// Makes a future of the application and awaits it. A panic is its error.
pub(crate) async fn caught_to_end<'a, T>(
    make: impl FnOnce() -> Pin<Box<dyn Future<Output = Result<T>> + 'a>>,
) -> Result<T> {
    let mut future = caught(make)?;
    poll_fn(|cx| caught(|| future.as_mut().poll(cx)).unwrap_or_else(|panic| Poll::Ready(Err(panic)))).await
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("with a value that is no text")
}

pub(crate) fn log(error: &Error, request: &Request, origin: &str) {
    if error.status().is_server_error() {
        tracing::error!(
            method = request.method_str(),
            path = request.path(),
            request_id = %request.id(),
            status = error.status().as_u16(),
            error = ?error,
            "{origin} failed"
        );
    } else {
        tracing::debug!(
            method = request.method_str(),
            path = request.path(),
            request_id = %request.id(),
            status = error.status().as_u16(),
            error = %error,
            "{origin} refused the request"
        );
    }
}
