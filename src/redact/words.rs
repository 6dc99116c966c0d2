//! The words of a text, between white space and control characters.

pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_gap).filter(|word| !word.is_empty())
}

pub(super) fn is_gap(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}
