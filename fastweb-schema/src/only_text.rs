//! Serialisers of what has to be text, such as the keys of maps: the part of them that refuses everything else.

/// The methods and types of a [`serde::Serializer`] for values that are no text: `refuses_all_but_text!(Ok, Error, refusal)`, where `refusal()` is a `Result` of
/// anything.
macro_rules! refuses_all_but_text {
    ($ok:ty, $error:ty, $refusal:ident) => {
        type SerializeSeq = serde::ser::Impossible<$ok, $error>;
        type SerializeTuple = serde::ser::Impossible<$ok, $error>;
        type SerializeTupleStruct = serde::ser::Impossible<$ok, $error>;
        type SerializeTupleVariant = serde::ser::Impossible<$ok, $error>;
        type SerializeMap = serde::ser::Impossible<$ok, $error>;
        type SerializeStruct = serde::ser::Impossible<$ok, $error>;
        type SerializeStructVariant = serde::ser::Impossible<$ok, $error>;

        fn serialize_bytes(self, _: &[u8]) -> Result<$ok, $error> {
            $refusal()
        }

        fn serialize_none(self) -> Result<$ok, $error> {
            $refusal()
        }

        fn serialize_unit(self) -> Result<$ok, $error> {
            $refusal()
        }

        fn serialize_unit_struct(self, _: &'static str) -> Result<$ok, $error> {
            $refusal()
        }

        fn serialize_newtype_variant<T: ?Sized + serde::Serialize>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<$ok, $error> {
            $refusal()
        }

        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, $error> {
            $refusal()
        }

        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, $error> {
            $refusal()
        }

        fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, $error> {
            $refusal()
        }

        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, $error> {
            $refusal()
        }

        fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, $error> {
            $refusal()
        }

        fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, $error> {
            $refusal()
        }

        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, $error> {
            $refusal()
        }
    };
}
pub(crate) use refuses_all_but_text;
