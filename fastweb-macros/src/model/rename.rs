//! `rename_all`: from the names of Rust to those of JSON, by serde's rules.

#[derive(Clone, Copy, Default)]
pub(super) enum Rule {
    #[default]
    None,
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Rule {
    /// `None` for a rule that serde does not know, and refuses itself.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    /// A variant's name is in PascalCase.
    pub(super) fn variant(self, name: &str) -> String {
        match self {
            Self::None | Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => decapitalized(name),
            Self::Snake => snake(name),
            Self::ScreamingSnake => snake(name).to_ascii_uppercase(),
            Self::Kebab => snake(name).replace('_', "-"),
            Self::ScreamingKebab => snake(name).to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// A field's name is in snake_case.
    pub(super) fn field(self, name: &str) -> String {
        match self {
            Self::None | Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => pascal(name),
            Self::Camel => decapitalized(&pascal(name)),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn decapitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// Of a name in PascalCase.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Of a name in snake_case.
fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    let mut is_first = true;
    for letter in name.chars() {
        if letter == '_' {
            is_first = true;
        } else if is_first {
            pascal.push(letter.to_ascii_uppercase());
            is_first = false;
        } else {
            pascal.push(letter);
        }
    }
    pascal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        for (rule, variant, field) in [
            ("lowercase", "outofstock", "unit_price2"),
            ("UPPERCASE", "OUTOFSTOCK", "UNIT_PRICE2"),
            ("PascalCase", "OutOfStock", "UnitPrice2"),
            ("camelCase", "outOfStock", "unitPrice2"),
            ("snake_case", "out_of_stock", "unit_price2"),
            ("SCREAMING_SNAKE_CASE", "OUT_OF_STOCK", "UNIT_PRICE2"),
            ("kebab-case", "out-of-stock", "unit-price2"),
            ("SCREAMING-KEBAB-CASE", "OUT-OF-STOCK", "UNIT-PRICE2"),
        ] {
            let rule = Rule::of(rule).expect("a rule");
            assert_eq!((&*rule.variant("OutOfStock"), &*rule.field("unit_price2")), (variant, field));
        }
    }
}
