//! Every message of validation, in one table: whatever finds a fault, it is told in the same words.

use std::fmt::Display;

/// Keyword and message. `{}` is the keyword's operand in the schema; `required` fails with the property that is missing.
const MESSAGES: &[(&str, &str)] = &[
    // Any value
    ("type", "must be {}"),
    ("enum", "must be equal to one of the allowed values"),
    ("const", "must be equal to constant"),
    // Numbers
    ("minimum", "must be >= {}"),
    ("exclusiveMinimum", "must be > {}"),
    ("maximum", "must be <= {}"),
    ("exclusiveMaximum", "must be < {}"),
    ("multipleOf", "must be multiple of {}"),
    // Strings
    ("minLength", "must NOT have fewer than {} characters"),
    ("maxLength", "must NOT have more than {} characters"),
    ("pattern", "must match pattern \"{}\""),
    ("format", "must match format \"{}\""),
    // ajv asserts none of the two; where the draft says so, the judge does.
    ("contentEncoding", "must be encoded as {}"),
    ("contentMediaType", "must be of media type {}"),
    // Lists
    ("minItems", "must NOT have fewer than {} items"),
    ("maxItems", "must NOT have more than {} items"),
    // Fastify adds which items those are.
    ("uniqueItems", "must NOT have duplicate items"),
    ("contains", "must contain at least {} valid item(s)"),
    ("minContains", "must contain more valid items"),
    ("maxContains", "must contain fewer valid items"),
    ("additionalItems", "must NOT have more than {} items"),
    ("unevaluatedItems", "must NOT have unevaluated items"),
    // Objects
    ("required", "must have required property '{}'"),
    ("minProperties", "must NOT have fewer than {} properties"),
    ("maxProperties", "must NOT have more than {} properties"),
    ("additionalProperties", "must NOT have additional properties"),
    ("unevaluatedProperties", "must NOT have unevaluated properties"),
    ("propertyNames", "property name must be valid"),
    // Combinations
    ("false schema", "boolean schema is false"),
    ("anyOf", "must match a schema in anyOf"),
    ("oneOf", "must match exactly one schema in oneOf"),
    ("not", "must NOT be valid"),
    ("if", "must match \"{}\" schema"),
];

/// What a client is told about a value that `keyword` refuses: Fastify's words.
///
/// `operand` is what the schema gives the keyword: the type for `type`, the bound for `minimum`. For `required` it is the
/// property that is missing, for `if` it is `then` or `else`. Keywords whose message names no operand do not look at it. `None`
/// for a keyword that is not in the table.
///
/// ```
/// use fastweb_schema::message;
///
/// assert_eq!(message("type", "integer").as_deref(), Some("must be integer"));
/// assert_eq!(message("minimum", 1).as_deref(), Some("must be >= 1"));
/// assert_eq!(message("uniqueItems", true).as_deref(), Some("must NOT have duplicate items"));
/// assert_eq!(message("$comment", ""), None);
/// ```
pub fn message(keyword: &str, operand: impl Display) -> Option<String> {
    let (_, message) = MESSAGES.iter().find(|(candidate, _)| *candidate == keyword)?;
    Some(match message.split_once("{}") {
        Some((before, after)) => format!("{before}{operand}{after}"),
        None => (*message).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(keyword: &str, operand: impl Display, expected: &str) {
        assert_eq!(message(keyword, operand).as_deref(), Some(expected));
    }

    #[test]
    fn the_words_are_fastifys() {
        says("type", "integer", "must be integer");
        says("type", "string,null", "must be string,null");
        says("required", "x", "must have required property 'x'");
        says("minLength", 3, "must NOT have fewer than 3 characters");
        says("maxLength", 1, "must NOT have more than 1 characters");
        says("minimum", 1, "must be >= 1");
        says("exclusiveMaximum", 1.5, "must be < 1.5");
        says("multipleOf", 0.01, "must be multiple of 0.01");
        says("format", "uuid", "must match format \"uuid\"");
        says("minItems", 1, "must NOT have fewer than 1 items");
        says("maxProperties", 0, "must NOT have more than 0 properties");
        says("contains", 1, "must contain at least 1 valid item(s)");
        says("if", "then", "must match \"then\" schema");
    }

    #[test]
    fn an_operand_is_taken_as_it_is() {
        says("pattern", "^{}{2}\\d$", "must match pattern \"^{}{2}\\d$\"");
        says("required", "{}", "must have required property '{}'");
    }

    #[test]
    fn messages_without_an_operand_do_not_look_at_it() {
        says("enum", "[1,2]", "must be equal to one of the allowed values");
        says("additionalProperties", false, "must NOT have additional properties");
    }

    #[test]
    fn keywords_that_assert_nothing_have_no_message() {
        for keyword in ["", "title", "$ref", "Type", "properties", "allOf"] {
            assert_eq!(message(keyword, ""), None, "{keyword}");
        }
    }

    #[test]
    fn a_keyword_stands_once_in_the_table() {
        let mut keywords: Vec<_> = MESSAGES.iter().map(|(keyword, _)| keyword).collect();
        keywords.sort();
        assert!(keywords.windows(2).all(|pair| pair[0] != pair[1]), "{keywords:?}");
        for (keyword, message) in MESSAGES {
            assert!(message.matches("{}").count() <= 1, "{keyword}");
        }
    }
}
