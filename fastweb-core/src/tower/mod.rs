//! tower's services within an application, and tower's layers around its scopes.
//!
//! Both meet the rest of the world as `http` types: requests and replies are turned into them and back, which costs what it costs; routes that
//! use neither know nothing of it.
//!
//! What tower's middleware is given has to be `Send`, and a request of this kernel is not. So bodies cross in memory where they are there, else
//! through a channel, and the task of the connection drives both of its ends: the service's future, and a [`Pump`] that
//! reads the body when the service asks for more of it.

mod body;
mod layer;
mod message;
mod mount;

pub use body::MountBody;
pub use layer::Next;
pub(crate) use layer::{ErasedLayer, LayerOf, LayeredService, Layers, Way, around};
pub(crate) use mount::Mounted;

/// The error of any service.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a service failed with, as an error of the request. One of fastweb's own comes through as it is.
fn failed(error: impl Into<BoxError>) -> crate::Error {
    match error.into().downcast::<crate::Error>() {
        Ok(own) => *own,
        Err(other) => crate::Error::internal(format!("a tower service failed: {other}")).with_source(other),
    }
}
