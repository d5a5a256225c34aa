//! Types of the standard library, by their names. An alias is not seen through: what follows from it the compiler says.

use syn::Type;

const VALUES: [&str; 26] = [
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "bool",
    "char",
    "str",
    "String",
    "Option",
    "Vec",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "Duration",
    "SystemTime",
];

/// Whether it is a value that no crate but the standard library's gives a trait of another crate, and that is no error.
pub(crate) fn is_value(ty: &Type) -> bool {
    VALUES.iter().any(|name| is(ty, name))
}

/// Whether it shares a value.
pub(crate) fn is_shared(ty: &Type) -> bool {
    ["Rc", "Arc"].iter().any(|name| is(ty, name))
}

fn is(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().is_some_and(|last| last.ident == name),
        Type::Reference(reference) => is(&reference.elem, name),
        Type::Group(group) => is(&group.elem, name),
        Type::Paren(paren) => is(&paren.elem, name),
        _ => false,
    }
}
