//! A model, by the first byte, and a text: what generated code reads is what document, judge and serde read.

#![no_main]

#[path = "../../tests/support/models.rs"]
mod models;

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;

thread_local! {
    static ALL: LazyCell<Vec<models::Checked>> = const { LazyCell::new(models::all) };
}

fuzz_target!(|input: &[u8]| {
    let Some((&which, json)) = input.split_first() else { return };
    ALL.with(|all| {
        if let Err(wrong) = all[usize::from(which) % all.len()].check(json) {
            panic!("{wrong}");
        }
    });
});
