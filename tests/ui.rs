//! What the compiler says about mistakes in typed handlers. `TRYBUILD=overwrite cargo test --test ui` writes the messages anew; read them
//! afterwards.

#[test]
fn mistakes_are_told_where_they_are() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
