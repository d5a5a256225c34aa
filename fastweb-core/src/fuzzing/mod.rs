//! What fuzzers feed: per target, what must hold for any bytes at all. Compiled for fuzzers and for tests, which replay the seeds and what
//! was found: `fuzz/seeds/TARGET/`.

mod chunked;
mod connection;
mod target;

pub use crate::extract::fuzzing::query;
pub use crate::http1::fuzzing::head;
pub use chunked::chunked;
pub use connection::connection;
pub use target::target;

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Runs every file of a target, and fails with the name of the one that does.
    fn replay(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let mut count = 0;
        for file in std::fs::read_dir(&folder).expect("every target has seeds") {
            let path = file.expect("a folder can be read").path();
            let input = std::fs::read(&path).expect("a file can be read");
            assert!(std::panic::catch_unwind(|| run(&input)).is_ok(), "{} fails", path.display());
            count += 1;
        }
        assert!(count > 0, "{} is empty", folder.display());
    }

    macro_rules! replays {
        ($($target:ident)+) => {$(
            #[test]
            fn $target() {
                replay(stringify!($target), super::$target);
            }
        )+};
    }

    replays! { head chunked connection query target }
}
