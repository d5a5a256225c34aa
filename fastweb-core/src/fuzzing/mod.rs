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

    /// Without a fuzzer at hand: pieces of the seeds, put together and changed at random, the same in every run. `FUZZ_ROUNDS` asks for more.
    #[test]
    fn mixtures_of_seeds() {
        let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
        let mut state: u64 = 1;
        let mut below = |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % most.max(1)
        };
        type Target = fn(&[u8]);
        let all: [(&str, Target); 4] = [
            ("connection", super::connection),
            ("head", super::head),
            ("chunked", super::chunked),
            ("query", super::query),
        ];
        for (target, run) in all {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
            let mut files: Vec<_> =
                std::fs::read_dir(folder).expect("seeds").map(|file| file.expect("a file").path()).collect();
            files.sort();
            let seeds: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).expect("a file")).collect();
            for _ in 0..rounds {
                let mut input = seeds[below(seeds.len())].clone();
                for _ in 0..=below(4) {
                    let other = &seeds[below(seeds.len())];
                    let (from, to) = (below(other.len()), below(input.len()));
                    let part = &other[from..from + below(other.len() - from)];
                    match below(4) {
                        0 => drop(input.splice(to..to, part.iter().copied())),
                        1 => drop(input.drain(to..to + below(input.len() - to).min(20))),
                        2 if to < input.len() => input[to] = b"\r\n \t:;0\x005a"[below(10)],
                        _ => input.extend_from_slice(other.get(2..).unwrap_or_default()),
                    }
                }
                input.truncate(4096);
                let verdict = std::panic::catch_unwind(|| run(&input));
                assert!(verdict.is_ok(), "{target}: {}", input.escape_ascii());
            }
        }
    }
}
