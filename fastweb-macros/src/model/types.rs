//! What the name of a type tells. An alias is not seen through; then it tells nothing.

use syn::{GenericArgument, PathArguments, Type};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Text,
    Integer,
    Float,
    Bool,
    Items,
    Map,
    Unknown,
}

/// Of an `Option<T>` or `Box<T>`: that of `T`.
pub(crate) fn kind_of(ty: &Type) -> Kind {
    let Some(segment) = last_segment(ty) else {
        return match ty {
            Type::Array(_) | Type::Slice(_) => Kind::Items,
            _ => Kind::Unknown,
        };
    };
    match segment.ident.to_string().as_str() {
        "Option" | "Box" | "Arc" | "Rc" => inner_of(ty).map_or(Kind::Unknown, kind_of),
        "String" | "str" | "char" => Kind::Text,
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
            Kind::Integer
        }
        "f32" | "f64" => Kind::Float,
        "bool" => Kind::Bool,
        "Vec" | "VecDeque" | "HashSet" | "BTreeSet" => Kind::Items,
        "HashMap" | "BTreeMap" => Kind::Map,
        _ => Kind::Unknown,
    }
}

/// The last of a type's parameters, through `Option` and `Box`: what the items of a `Vec` or the values of a map are.
pub(crate) fn inner_of(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments
        .args
        .iter()
        .filter_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None })
        .next_back()
}

/// Whether it is an `Option<…>`: such a field may be missing.
pub(crate) fn is_option(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == "Option")
}

pub(crate) fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}
