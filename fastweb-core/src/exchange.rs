//! A request, its reply, and the memory that answering it uses: what a worker lends to a connection for one request.

use std::rc::Rc;

use crate::app::BoundApp;
use crate::buffer::BufferPool;
use crate::reply::Reply;
use crate::request::Request;
use crate::slot::Slot;

pub(crate) struct Exchange {
    pub(crate) request: Request,
    pub(crate) reply: Reply,
    pub(crate) slot: Slot,
    /// Where the lifecycle's own futures run, so that a connection need not have room for them.
    path: Slot,
    /// Bytes of the reply's body that were sent.
    pub(crate) body_bytes: u64,
    /// The reply's body broke off before its end.
    pub(crate) broken: bool,
    /// on_send hooks have had their turn.
    pub(crate) sending: bool,
}

impl Exchange {
    pub(crate) fn new(app: Rc<BoundApp>) -> Box<Self> {
        Box::new(Self {
            request: Request::new(app),
            reply: Reply::new(),
            slot: Slot::new(),
            path: Slot::new(),
            body_bytes: 0,
            broken: false,
            sending: false,
        })
    }

    /// The memory for a future of the lifecycle, which has the rest of the exchange. [`return_path`](Self::return_path) gives it back.
    pub(crate) fn take_path(&mut self) -> Slot {
        std::mem::take(&mut self.path)
    }

    pub(crate) fn return_path(&mut self, path: Slot) {
        self.path = path;
    }

    /// Lets go of memory that only another handler would need: this one has answered, and its body may take for ever.
    pub(crate) fn settle(&mut self, pool: &BufferPool) {
        self.slot = Slot::new();
        self.path = Slot::new();
        if let Some(head) = Rc::get_mut(&mut self.request.head) {
            head.settle(pool);
        }
    }

    /// Makes it ready for another request. What was allocated is kept.
    pub(crate) fn reset(&mut self) {
        self.request.reset();
        self.reply.reset();
        self.body_bytes = 0;
        self.broken = false;
        self.sending = false;
    }
}
