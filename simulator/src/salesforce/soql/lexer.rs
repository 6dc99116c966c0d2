//! Splits a query into tokens.

use super::ast::Literal;
use super::instant::instant;
use super::Mistake;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, preceded, repeat};
use winnow::stream::{LocatingSlice, Location, Stream};
use winnow::token::{any, one_of, take_while};
use winnow::{Parser, Result};

type Input<'a> = LocatingSlice<&'a str>;

/// A token, its text and its byte offset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A keyword, or a name with its dots.
    Word,
    /// A quoted text, including the quotes and escapes.
    Text,
    /// A number or a date, judging by its first character.
    Scalar,
    Symbol,
    End,
}

/// Returns all tokens, followed by an end token.
pub(crate) fn tokens(soql: &str) -> std::result::Result<Vec<Token<'_>>, Mistake> {
    let mut input = LocatingSlice::new(soql);
    let mut tokens: Vec<Token> = repeat(0.., preceded(multispace0, token)).parse_next(&mut input).unwrap_or_default();
    skip_space(&mut input);
    let at = input.current_token_start();
    if let Some(character) = input.peek_token() {
        let end = "mismatched character '<EOF>' expecting '''".to_owned();
        let other = format!("no viable alternative at character '{character}'");
        let what = if character == '\'' { end } else { other };
        return Err(Mistake { at, what: format!("line 1:{at} {what}") });
    }
    tokens.push(Token { kind: Kind::End, text: "<EOF>", at });
    Ok(tokens)
}

fn skip_space(input: &mut Input<'_>) {
    // This parser accepts no white space as well, so it cannot fail.
    let _: Result<&str> = multispace0.parse_next(input);
}

fn token<'a>(input: &mut Input<'a>) -> Result<Token<'a>> {
    let word = |character: char| character.is_alphanumeric() || "_.".contains(character);
    let scalar = |character: char| character.is_ascii_alphanumeric() || ":.+-".contains(character);
    let inside = alt((('\\', any).void(), one_of(|c| c != '\'' && c != '\\').void()));
    let quoted = ('\'', repeat::<_, _, (), _, _>(0.., inside), '\'').void();
    let double = alt(("!=", "<>", "<=", ">=")).void();
    let symbol = alt((double, one_of(['<', '>', '=', '(', ')', ',']).void()));
    let start = one_of(|c: char| c.is_alphabetic() || c == '_');
    let number = one_of(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    alt((
        (start, take_while(0.., word)).value(Kind::Word),
        (number, take_while(0.., scalar)).value(Kind::Scalar),
        quoted.value(Kind::Text),
        symbol.value(Kind::Symbol),
    ))
    .with_taken()
    .with_span()
    .map(|((kind, text), span)| Token { kind, text, at: span.start })
    .parse_next(input)
}

impl Token<'_> {
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind != Kind::Text && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Returns the value of the token. A text may contain only escapes that SOQL defines.
    pub(crate) fn literal(&self) -> Option<Literal> {
        match self.kind {
            Kind::Text => Some(Literal::Text(unescape(self.inner())?)),
            Kind::Scalar => scalar(self.text),
            Kind::Word if self.is("null") => Some(Literal::Null),
            Kind::Word if self.is("true") => Some(Literal::Bool(true)),
            Kind::Word if self.is("false") => Some(Literal::Bool(false)),
            Kind::Word | Kind::Symbol | Kind::End => None,
        }
    }

    /// Returns a quoted text without its quotes, but with its escapes.
    pub(crate) fn inner(&self) -> &str {
        let opened = self.text.strip_prefix('\'').unwrap_or_default();
        opened.strip_suffix('\'').unwrap_or_default()
    }
}

fn scalar(text: &str) -> Option<Literal> {
    let number = || text.parse().ok().map(Literal::Number);
    instant(text).map(Literal::Instant).or_else(number)
}

fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => escaped(characters.next()?)?,
            other => other,
        });
    }
    Some(plain)
}

/// Returns the character of an escape. `\%` and `\_` belong to `LIKE`, which decodes them itself.
pub(crate) fn escaped(character: char) -> Option<char> {
    match character {
        'n' | 'N' => Some('\n'),
        'r' | 'R' => Some('\r'),
        't' | 'T' => Some('\t'),
        'b' | 'B' => Some('\u{8}'),
        'f' | 'F' => Some('\u{c}'),
        '"' | '\'' | '\\' => Some(character),
        _ => None,
    }
}
