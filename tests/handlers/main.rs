//! Handlers: which functions may be one, what their arguments take from a request, and what their answers become.

mod answers;
mod bodies;
mod forms;
mod headers;
mod paths;
mod queries;
mod routing;
mod values;
