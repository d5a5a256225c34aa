//! What is taken and what is answered: the types are the schema.

use fastweb::model;

#[model]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    #[default]
    Reader,
    Writer,
}

/// A user on the way in.
#[model]
#[derive(Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    #[schema(maximum = 150)]
    pub(crate) age: Option<u8>,
    #[schema(format = "email", max_length = 254)]
    pub(crate) email: String,
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: String,
    #[schema(min_length = 8)]
    pub(crate) password: String,
    #[serde(default)]
    pub(crate) role: Role,
}

/// A user on the way out. There is no password in it.
#[model]
#[derive(Clone, Debug)]
pub(crate) struct User {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) age: Option<u8>,
    pub(crate) email: String,
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) role: Role,
}

#[model]
pub(crate) struct UserList {
    /// How many there are in all.
    pub(crate) total: usize,
    pub(crate) users: Vec<User>,
}

#[model]
pub(crate) struct Paging {
    #[schema(minimum = 1, maximum = 100)]
    #[serde(default = "twenty")]
    pub(crate) limit: usize,
    #[serde(default)]
    pub(crate) offset: usize,
    /// Only users of this role.
    pub(crate) role: Option<Role>,
}

fn twenty() -> usize {
    20
}
