//! What the validation phase leaves for extractors: the parts of a request as documents, coerced, filled in and found valid.

use fastweb_schema::{Buffers, DataError, Document};

use crate::error::{Detail, Error};

/// The parts of one request. Kept with the request's memory, so that the next one allocates nothing.
#[derive(Default)]
pub(crate) struct Documents {
    pub(crate) params: Option<Document>,
    pub(crate) query: Option<Document>,
    pub(crate) headers: Option<Document>,
    pub(crate) body: Option<(BodyKind, Document)>,
    pub(crate) buffers: Buffers,
}

/// What a body was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Json,
    Form,
    Text,
    /// There is none.
    Absent,
}

impl Documents {
    /// Lets go of one request's. Their memory is kept.
    pub(crate) fn clear(&mut self) {
        let Self { params, query, headers, body, buffers } = self;
        let body = body.take().map(|(_, document)| document);
        for document in [params.take(), query.take(), headers.take(), body].into_iter().flatten() {
            document.recycle(buffers);
        }
    }

    /// The body is another one now.
    pub(crate) fn forget_body(&mut self) {
        if let Some((_, document)) = self.body.take() {
            document.recycle(&mut self.buffers);
        }
    }

    pub(crate) fn body_as(&self, kind: BodyKind) -> Option<&Document> {
        self.body.as_ref().filter(|(is, _)| *is == kind).map(|(_, document)| document)
    }
}

/// A part of a request that is valid, and does not have the shape of the type that the handler takes.
#[cold]
pub(crate) fn data_error(part: &'static str, error: &DataError) -> Error {
    let detail = Detail {
        part,
        pointer: error.pointer().to_owned(),
        keyword: error.keyword(),
        message: error.message().to_owned(),
    };
    Error::invalid(detail)
}
