//! Documents from and to `serde_json::Value`, and piece by piece.

use serde_json::{Number, Value};

use super::string::PADDING;
use super::tape::{Cell, Print, Raw};
use super::{Buffers, Document, Node};
use crate::members::object;

/// Writes a document value by value. What is opened is closed by the caller: containers are told their length at the end.
#[derive(Debug)]
pub(crate) struct Builder {
    text: String,
    tape: Vec<Cell>,
}

impl Builder {
    pub(crate) fn new(buffers: &mut Buffers) -> Self {
        let (text, tape) = buffers.take();
        Self { text, tape }
    }

    pub(crate) fn push(&mut self, raw: Raw) {
        self.tape.push(raw.into());
    }

    pub(crate) fn string(&mut self, string: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(string);
        // Names are told from other strings only by where they stand.
        self.tape.push(Cell::name(start, string.len() as u32, Print::of(string.as_bytes())));
    }

    /// Starts an array or object; the returned mark closes it.
    pub(crate) fn open(&mut self) -> usize {
        self.tape.push(Cell::NULL);
        self.tape.len() - 1
    }

    pub(crate) fn close_array(&mut self, mark: usize, len: usize) {
        self.tape[mark] = Cell::array(len as u32, self.tape.len() as u32);
    }

    pub(crate) fn close_object(&mut self, mark: usize, len: usize) {
        self.tape[mark] = Cell::object(len as u32, self.tape.len() as u32);
    }

    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.push(Raw::Null),
            Value::Bool(value) => self.push(Raw::Bool(*value)),
            Value::Number(number) => self.push(raw_number(number)),
            Value::String(string) => self.string(string),
            Value::Array(items) => {
                let mark = self.open();
                for item in items {
                    self.value(item);
                }
                self.close_array(mark, items.len());
            }
            Value::Object(members) => {
                let mark = self.open();
                for (name, value) in members {
                    self.string(name);
                    self.value(value);
                }
                self.close_object(mark, members.len());
            }
        }
    }

    /// A value of another document, with all that it holds.
    pub(crate) fn node(&mut self, node: Node<'_>) {
        let document = node.document();
        let base = self.tape.len();
        let end = node.cell().next(node.index());
        for cell in &document.tape()[node.index()..end] {
            // Ends are indices of the tape: they move with it.
            let moved = |end: u32| (end as usize - node.index() + base) as u32;
            match cell.raw() {
                Raw::String { start, len } => self.string(document.text(start, len)),
                Raw::Array { len, end } => self.push(Raw::Array { len, end: moved(end) }),
                Raw::Object { len, end } => self.push(Raw::Object { len, end: moved(end) }),
                scalar => self.push(scalar),
            }
        }
    }

    pub(crate) fn finish(mut self) -> Document {
        self.text.push_str(PADDING);
        Document { text: self.text, tape: self.tape }
    }
}

pub(crate) fn raw_number(number: &Number) -> Raw {
    if let Some(number) = number.as_u64() {
        Raw::Unsigned(number)
    } else if let Some(number) = number.as_i64() {
        Raw::Negative(number)
    } else {
        Raw::Float(number.as_f64().unwrap_or_default())
    }
}

/// The same value as a document: for tests, and for what is a `serde_json::Value` already.
impl From<&Value> for Document {
    fn from(value: &Value) -> Self {
        let mut builder = Builder::new(&mut Buffers::new());
        builder.value(value);
        builder.finish()
    }
}

impl From<Node<'_>> for Value {
    fn from(node: Node<'_>) -> Self {
        match node.raw() {
            Raw::Null => Value::Null,
            Raw::Bool(value) => Value::Bool(value),
            Raw::Unsigned(value) => Value::from(value),
            Raw::Negative(value) => Value::from(value),
            Raw::Float(value) => Value::from(value),
            Raw::String { start, len } => Value::String(node.document().text(start, len).to_owned()),
            Raw::Array { .. } => node.items().into_iter().flatten().map(Value::from).collect(),
            Raw::Object { .. } => {
                let members = node.members().into_iter().flatten();
                Value::Object(object(members.map(|(name, value)| (name.to_owned(), value.into()))))
            }
        }
    }
}

impl From<&Document> for Value {
    fn from(document: &Document) -> Self {
        document.root().into()
    }
}
