//! Users that are there before the first request.

use fastweb::model;

#[model]
pub(crate) struct User {
    id: u64,
    email: String,
    name: String,
    active: bool,
    score: f64,
}

pub(crate) fn preloaded() -> Vec<User> {
    (1..=100_u64)
        .map(|id| User {
            id,
            email: format!("user{id}@example.com"),
            name: format!("User {id}"),
            active: id % 2 == 0,
            score: id as f64 * 1.5 + 0.25,
        })
        .collect()
}
