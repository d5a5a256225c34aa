//! A form is the same however its bytes are cut into chunks, and what a slow reader says that sees all of them at once.

use std::task::Poll;

use fastweb::Body;
use fastweb::multipart::MultipartOptions;
use fastweb::{Error, Multipart};
use proptest::prelude::*;

type Parts = Vec<(String, Vec<u8>)>;

/// What is read of chunks.
fn read(chunks: Vec<Vec<u8>>) -> std::result::Result<Parts, String> {
    let mut chunks = chunks.into_iter();
    let body = Body::from_poll_fn(move |_| Poll::Ready(chunks.next().map(|chunk| Ok(chunk.into()))));
    let parts = async {
        let mut parts = Vec::new();
        let mut form = Multipart::new(body, "b", MultipartOptions::new())?;
        while let Some(mut field) = form.next().await? {
            let name = field.name().to_owned();
            parts.push((name, field.bytes().await?.to_vec()));
        }
        Ok::<_, Error>(parts)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(parts).map_err(|error| error.message().to_owned())
}

/// Cuts `bytes` at places that are given as parts of its length.
fn cut(bytes: &[u8], places: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut chunks = Vec::new();
    let mut from = 0;
    for to in places.into_iter().chain([bytes.len()]) {
        // A chunk that is empty is none.
        if to > from {
            chunks.push(bytes[from..to].to_vec());
            from = to;
        }
    }
    chunks
}

const HEAD: &str = "Content-Disposition: form-data; name=a\r\n\r\n";

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The slow reader: splits the whole at its delimiters, then looks at each part. `None` where it is no form.
fn oracle(form: &[u8]) -> Option<Parts> {
    let delimiter = b"\r\n--b";
    let mut pieces = Vec::new();
    let mut rest = [b"\r\n", form].concat();
    while let Some(at) = find(&rest, delimiter) {
        pieces.push(rest[..at].to_vec());
        rest.drain(..at + delimiter.len());
    }
    pieces.push(rest);
    let mut parts = Vec::new();
    for piece in &pieces[1..] {
        if piece.starts_with(b"--") {
            return Some(parts);
        }
        let padding = piece.iter().take_while(|byte| b" \t".contains(byte)).count();
        let part = piece[padding..].strip_prefix(b"\r\n").filter(|_| padding <= 64)?;
        // The header ends with an empty line, whose end may be that of the delimiter.
        let part = [part, b"\r\n"].concat();
        let behind = part.strip_prefix(HEAD.as_bytes())?;
        parts.push(("a".to_owned(), behind.strip_suffix(b"\r\n").unwrap_or_default().to_vec()));
    }
    None
}

/// Pieces of forms, in any order: nearly all of what they make is no form.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop::sample::select(vec![
        "--b\r\n",
        "\r\n--b\r\n",
        "\r\n--b--",
        "--b--",
        "--b",
        "\r\n",
        "\r",
        "\n",
        "-",
        "--",
        "b",
        " ",
        "x",
        "\r\n--",
        "\r\n\r\n",
        HEAD,
        HEAD,
        HEAD,
    ]);
    prop::collection::vec(fragment, 0..16).prop_map(|fragments| fragments.concat().into_bytes())
}

/// Contents that nearly have a delimiter in them.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let fragment =
        prop::sample::select(vec!["\r\n--", "\r\n-", "\r\n", "\r", "\n", "--b", "-b", "b", "xyz", "\r\r\n--c", "\0"]);
    prop::collection::vec(fragment, 0..12)
        .prop_map(|fragments| fragments.concat().into_bytes())
        .prop_filter("it has a delimiter in it", |content| {
            find(&[b"\r\n", &**content, b"\r\n--b"].concat(), b"\r\n--b") == Some(content.len() + 2)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_as_the_slow_reader_reads_them(form in fragments(), places in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let whole = read(cut(&form, &[]));
        prop_assert_eq!(whole.clone().ok(), oracle(&form), "{:?}: {:?}", String::from_utf8_lossy(&form), whole);
        prop_assert_eq!(read(cut(&form, &places)), whole);
    }

    #[test]
    fn contents_come_back_as_they_were(contents in prop::collection::vec(content(), 0..5), places in prop::collection::vec(any::<prop::sample::Index>(), 0..30)) {
        let mut form = Vec::new();
        for content in &contents {
            form.extend_from_slice(format!("--b\r\n{HEAD}").as_bytes());
            form.extend_from_slice(content);
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(b"--b--\r\n");
        let expected: Parts = contents.into_iter().map(|content| ("a".to_owned(), content)).collect();
        prop_assert_eq!(read(cut(&form, &places)), Ok(expected));
    }

    #[test]
    fn no_bytes_are_too_strange(form in prop::collection::vec(any::<u8>(), 0..300)) {
        let whole = read(vec![[&b"--b\r\n"[..], &form].concat()]);
        let bytes = [&b"--b\r\n"[..], &form].concat().into_iter().map(|byte| vec![byte]).collect();
        prop_assert_eq!(whole, read(bytes));
    }
}

#[test]
fn a_boundary_may_lie_across_every_border() {
    let form = format!("preamble\r\n--b\r\n{HEAD}one\r\n--\r\n--b \r\n{HEAD}\r\r\n--b\r\n{HEAD}\r\n--b--\r\nepilogue");
    let expected: Parts = ["one\r\n--", "\r", ""].map(|content| ("a".to_owned(), content.as_bytes().to_vec())).into();
    let form = form.as_bytes();
    for first in 0..=form.len() {
        for second in first..=form.len().min(first + 12) {
            let chunks = [&form[..first], &form[first..second], &form[second..]];
            let chunks = chunks.iter().filter(|chunk| !chunk.is_empty()).map(|chunk| chunk.to_vec()).collect();
            assert_eq!(read(chunks), Ok(expected.clone()), "cut at {first} and {second}");
        }
    }
    assert_eq!(read(form.iter().map(|byte| vec![*byte]).collect()), Ok(expected));
}

/// Without a fuzzer at hand: what its runs begin with, and what they have found.
#[test]
fn seeds_of_the_fuzzer_are_read_alike_in_pieces() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/multipart");
    let mut count = 0;
    for file in std::fs::read_dir(folder).expect("there are seeds") {
        let input = std::fs::read(file.expect("a folder can be read").path()).expect("a file can be read");
        let (step, form) = (usize::from(input[0]).max(1), &input[1..]);
        let whole = read(vec![form.to_vec()]);
        for step in [step, 1, 2, 3] {
            assert_eq!(
                read(form.chunks(step).map(<[u8]>::to_vec).collect()),
                whole,
                "{}",
                String::from_utf8_lossy(form)
            );
        }
        count += 1;
    }
    assert!(count > 0);
}
