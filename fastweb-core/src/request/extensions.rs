//! Values that hooks attach to one request.

use std::any::{Any, TypeId, type_name};
use std::fmt;

/// Values by type, for the length of one request: what an `on_request` hook found out, a handler can read.
///
/// A request has few of them, so they are a list that is searched, and the memory is made by the first value.
#[derive(Default)]
pub struct Extensions {
    values: Vec<(TypeId, &'static str, Box<dyn Any>)>,
}

impl Extensions {
    /// Attaches `value` and returns the value of its type that was there before.
    pub fn insert<T: 'static>(&mut self, value: T) -> Option<T> {
        let before = self.remove::<T>();
        self.values.push((TypeId::of::<T>(), type_name::<T>(), Box::new(value)));
        before
    }

    /// The value of type `T`, if one is attached.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.values.iter().find(|(id, ..)| *id == TypeId::of::<T>()).and_then(|(.., value)| value.downcast_ref())
    }

    /// The value of type `T`, to be changed.
    pub fn get_mut<T: 'static>(&mut self) -> Option<&mut T> {
        self.values.iter_mut().find(|(id, ..)| *id == TypeId::of::<T>()).and_then(|(.., value)| value.downcast_mut())
    }

    /// Takes the value of type `T` away.
    pub fn remove<T: 'static>(&mut self) -> Option<T> {
        let at = self.values.iter().position(|(id, ..)| *id == TypeId::of::<T>())?;
        let (.., value) = self.values.swap_remove(at);
        value.downcast().ok().map(|value| *value)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.values.clear();
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values.iter().map(|(_, name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Extensions;

    #[test]
    fn values_are_kept_by_type() {
        let mut extensions = Extensions::default();
        assert_eq!(extensions.insert(1_u32), None);
        assert_eq!(extensions.insert("a"), None);
        assert_eq!(extensions.insert(2_u32), Some(1));
        *extensions.get_mut::<u32>().expect("just inserted") += 1;
        assert_eq!(extensions.get::<u32>(), Some(&3));
        assert_eq!(extensions.remove::<&str>(), Some("a"));
        assert_eq!(extensions.get::<&str>(), None);
    }
}
