//! What the compiler says about mistakes in typed handlers. `TRYBUILD=overwrite cargo test --test ui` writes the messages anew; read them
//! afterwards.

#[test]
fn mistakes_are_told_where_they_are() {
    let cases = trybuild::TestCases::new();
    for folder in ["api_errors", "dependencies", "models", "routes"] {
        cases.compile_fail(format!("tests/ui/{folder}/*.rs"));
    }
    #[cfg(feature = "websocket")]
    cases.compile_fail("tests/ui/websockets/*.rs");
}
