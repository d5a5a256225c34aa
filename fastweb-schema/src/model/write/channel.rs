//! From a model's `Serialize`, which is given any serializer, to the buffer of fastweb's own.
//!
//! serde gives a `Serialize` no way to ask whose serializer it has. This asks by the type: it costs nothing at run time, because each
//! copy of a `Serialize` is compiled for one type of serializer.

#![allow(unsafe_code)]

use std::any::TypeId;
use std::marker::PhantomData;

use super::WriteJson;
use super::values::Values;

/// Lets `model` write itself if `serializer` is fastweb's own.
#[inline(always)]
pub(super) fn write<T: WriteJson, S>(model: &T, serializer: &mut S) -> Option<Result<(), serde_json::Error>> {
    if id_of::<S>() != id_of::<Values<'static, 'static>>() {
        return None;
    }
    // SAFETY: types with the same id differ in lifetimes alone, so `S` is `Values` with some lifetimes that are alive here. Which ones
    // does not matter to `write_json`, which takes a writer of any, and none leave this function.
    let Values(out) = unsafe { &mut *(std::ptr::from_mut(serializer).cast::<Values<'_, '_>>()) };
    Some(model.write_json(out))
}

/// The id of `T` with all its lifetimes `'static`: those that `T` has need not be.
#[inline(always)]
fn id_of<T>() -> TypeId {
    trait Id {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T> Id for PhantomData<T> {
        #[inline(always)]
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }
    let phantom = PhantomData::<T>;
    let id: &dyn Id = &phantom;
    // SAFETY: lifetimes are no part of a type's layout or of its table of methods, and `id` reads nothing that `T` borrows: the value is
    // a `PhantomData`, and the method gives a constant.
    unsafe { std::mem::transmute::<&dyn Id, &(dyn Id + 'static)>(id) }.id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart_whatever_their_lifetimes() {
        fn same<'a, 'b: 'a>(_: &'a str, _: &'b str) -> bool {
            id_of::<Values<'a, 'b>>() == id_of::<Values<'static, 'static>>()
        }
        let text = String::from("not static");
        assert!(same(&text, &text));
        assert_ne!(id_of::<&mut Values<'_, '_>>(), id_of::<Values<'_, '_>>());
        assert_ne!(id_of::<&str>(), id_of::<Values<'_, '_>>());
    }
}
