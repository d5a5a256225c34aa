//! What all of them answer: 15 KB of JSON, of values that are there and written for every request; and the arguments `PORT FOLDER LEVEL`.

use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Serialize)]
pub struct Article {
    id: u32,
    title: String,
    author: String,
    price: f64,
    tags: Vec<String>,
    text: String,
}

const WORDS: [&str; 24] = [
    "river", "stone", "lantern", "copper", "winter", "garden", "signal", "harbour", "paper", "violin", "meadow",
    "orchard", "window", "thunder", "compass", "velvet", "amber", "ladder", "market", "pilot", "ribbon", "silver",
    "tunnel", "willow",
];

/// Always the same, and no two alike.
pub fn articles() -> Vec<Article> {
    let mut state = 7_u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        WORDS[(state >> 16) as usize % WORDS.len()].to_owned()
    };
    (0..64)
        .map(|id| Article {
            id,
            title: format!("{} {}", word(), word()),
            author: format!("{}.{}@example.com", word(), word()),
            price: f64::from(id * 37 % 1000) / 8.0,
            tags: vec![word(), word()],
            text: (0..14).map(|_| word()).collect::<Vec<_>>().join(" "),
        })
        .collect()
}

pub struct Arguments {
    pub port: u16,
    pub folder: String,
    /// Of gzip. Not every server takes it.
    #[allow(dead_code)]
    pub level: i32,
}

pub fn arguments() -> Arguments {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().unwrap_or_else(|| panic!("{name} is missing: PORT FOLDER LEVEL"));
    let port = next("PORT").parse().expect("PORT is a number");
    let folder = next("FOLDER");
    Arguments { port, folder, level: next("LEVEL").parse().expect("LEVEL is a number") }
}
