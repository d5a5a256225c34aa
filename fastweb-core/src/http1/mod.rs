//! HTTP/1.1 and HTTP/1.0 on one connection (RFC 9112).
//!
//! | module | what |
//! |---|---|
//! | `connection` | the loop: parse, answer, write, until the connection ends |
//! | `drive` | what a connection does while a handler or a body is pending |
//! | `ending` | how a connection ends |
//! | `in_time` | routes with a time of their own |
//! | `respond` | from an answered exchange to the output |
//! | `stream` | bodies that are sent piece by piece |
//! | `pace` | whether a body comes fast enough |
//! | `parse` | from bytes to a head; everything that is refused |
//! | `quick` | heads of plain form, in fewer instructions |
//! | `repeated` | header lines that come again |
//! | `upgrade` | connections that are given away |
//! | `scan` | when it is worth to parse a head again that was not complete |
//! | `framing` | where a request's body ends, and whether the connection goes on |
//! | `chunked` | the chunked transfer coding |
//! | `encode` | from a reply to bytes |
//! | `io` | what a connection runs over |
//! | `system` | the system calls of a request |
//! | `input`, `output` | what was read and not yet used, what is to be written |

mod chunked;
mod connection;
mod drive;
mod encode;
mod ending;
mod framing;
#[cfg(all(any(fuzzing, test), feature = "json"))]
pub(crate) mod fuzzing;
mod in_time;
mod input;
mod io;
mod output;
mod pace;
mod parse;
mod quick;
mod repeated;
mod respond;
mod scan;
mod stream;
mod system;
mod upgrade;

pub(crate) use chunked::{ChunkDecoder, Decoded};
pub(crate) use connection::serve;
pub(crate) use encode::EARLY_HINTS;
pub(crate) use framing::is_host;
pub(crate) use io::Other;
pub(crate) use parse::MOST_HEADERS;
pub(crate) use repeated::RepeatedLines;
