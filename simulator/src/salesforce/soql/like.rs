//! The patterns of `LIKE`.

use super::lexer::escaped;

/// A pattern: `%` stands for any text, `_` for one character. Case does not matter.
#[derive(Debug)]
pub(crate) struct Pattern(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Any,
    One,
    Just(char),
}

impl Pattern {
    /// Parses the text between the quotes, including its escapes.
    pub(crate) fn new(quoted: &str) -> Pattern {
        let mut pieces = Vec::with_capacity(quoted.len());
        let mut characters = quoted.chars();
        while let Some(character) = characters.next() {
            match character {
                '%' => pieces.push(Piece::Any),
                '_' => pieces.push(Piece::One),
                '\\' => pieces.extend(characters.next().into_iter().flat_map(literal)),
                other => pieces.extend(just(other)),
            }
        }
        Pattern(pieces)
    }

    /// Returns whether the pattern matches a text. Backtracks only to the last `%`, which suffices and keeps every
    /// pattern fast.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        let (mut at, mut piece) = (0, 0);
        let mut retry = None;
        while at < text.len() {
            match self.0.get(piece) {
                Some(Piece::Any) => {
                    piece += 1;
                    retry = Some((at, piece));
                }
                Some(&wanted) if wanted == Piece::One || wanted == Piece::Just(text[at]) => {
                    at += 1;
                    piece += 1;
                }
                _ => {
                    let Some((from, after)) = retry else {
                        return false;
                    };
                    (at, piece) = (from + 1, after);
                    retry = Some((at, piece));
                }
            }
        }
        self.0[piece..].iter().all(|rest| *rest == Piece::Any)
    }
}

fn literal(character: char) -> impl Iterator<Item = Piece> {
    just(escaped(character).unwrap_or(character))
}

fn just(character: char) -> impl Iterator<Item = Piece> {
    character.to_lowercase().map(Piece::Just)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn fits_as_in_salesforce() {
        let cases = [
            ("rice%", "Rice University", true),
            ("%university", "Rice University", true),
            ("%e%e%", "Rice University", true),
            ("rice", "Rice University", false),
            ("r_ce%", "Rice University", true),
            ("_", "", false),
            ("%", "", true),
            ("50\\%", "50%", true),
            ("50\\%", "500", false),
            ("a\\_b", "a_b", true),
            ("a\\_b", "axb", false),
            ("o\\'neil", "O'Neil", true),
            ("é%", "Élan", true),
            ("%a%a%a%a%a%b", &"a".repeat(5000), false),
        ];
        for (pattern, text, wanted) in cases {
            assert_eq!(Pattern::new(pattern).matches(text), wanted, "{pattern} {text}");
        }
    }
}
