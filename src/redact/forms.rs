//! The texts that a word may represent: itself, and what it decodes to.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};

/// The number of nested encodings that are decoded.
const LAYERS: usize = 3;
/// The fewest characters that are decoded as base64: fewer hold neither a secret nor an address.
const SHORTEST_BASE64: usize = 8;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A reading of a word.
pub(super) enum Form {
    /// The word, as it is or with its escapes decoded.
    Text(String),
    /// A text decoded from base64. It may be binary data, if the word only looks like base64.
    Unpacked(String),
}

impl Form {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Unpacked(text) => text,
        }
    }

    /// Returns whether the text contains an address. A word that only looks like base64 may decode to an at sign by
    /// chance, but then no domain follows it, or other bytes are not text.
    pub(super) fn has_address(&self) -> bool {
        match self {
            Self::Text(text) => holds_address(text),
            Self::Unpacked(text) => is_text(text) && text.split('@').skip(1).any(begins_with_domain),
        }
    }

    /// Returns the texts that this one decodes to in turn.
    fn decoded(&self) -> Vec<Self> {
        let text = self.text();
        let unescaped = [percent(text), backslashes(text), entities(text)].into_iter().flatten();
        match self {
            Self::Text(_) => unescaped.map(Self::Text).chain(base64(text).map(Self::Unpacked)).collect(),
            Self::Unpacked(_) if is_text(text) => unescaped.chain(base64(text)).map(Self::Unpacked).collect(),
            Self::Unpacked(_) => Vec::new(),
        }
    }
}

fn is_text(text: &str) -> bool {
    text.chars().all(|character| !character.is_control() && character != '\u{fffd}')
}

fn begins_with_domain(text: &str) -> bool {
    let end = text.find(|character: char| !(character.is_alphanumeric() || ".-".contains(character)));
    let labels: Vec<&str> = text[..end.unwrap_or(text.len())].split('.').collect();
    let last = labels.last().is_some_and(|last| last.len() > 1 && last.chars().all(char::is_alphabetic));
    labels.len() > 1 && last && labels.iter().all(|label| !label.is_empty())
}

/// Returns the word and everything that it decodes to.
pub(super) fn decoded(word: &str) -> Vec<Form> {
    let mut forms = vec![Form::Text(word.to_owned())];
    let mut begin = 0;
    for _ in 0..LAYERS {
        let end = forms.len();
        let deeper: Vec<Form> = forms[begin..].iter().flat_map(Form::decoded).collect();
        forms.extend(deeper);
        begin = end;
    }
    forms
}

/// Decodes URL encoding. Returns `None` if there is none.
fn percent(text: &str) -> Option<String> {
    if !text.contains(['%', '+']) {
        return None;
    }
    let bytes = text.replace('+', " ").into_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let byte = hex.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        plain.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    Some(String::from_utf8_lossy(&plain).into_owned())
}

/// Decodes JSON escapes. Returns `None` if there are none.
fn backslashes(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (unit, length) = match rest.as_bytes() {
            [b'\\', b'u', ..] => match rest.get(2..6).and_then(|hex| u16::from_str_radix(hex, 16).ok()) {
                Some(unit) => (Some(unit), 6),
                None => (None, 1),
            },
            [b'\\', b'n' | b'r' | b't', ..] => (Some(b' '.into()), 2),
            [b'\\', quoted @ (b'"' | b'\\' | b'/' | b'\''), ..] => (Some((*quoted).into()), 2),
            _ => (None, character.len_utf8()),
        };
        match unit {
            Some(unit) => units.push(unit),
            None => units.extend(character.encode_utf16(&mut [0; 2]).iter()),
        }
        rest = &rest[length..];
    }
    Some(String::from_utf16_lossy(&units))
}

/// Decodes HTML entities. Returns `None` if there are none.
fn entities(text: &str) -> Option<String> {
    if !text.contains('&') {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        plain.push_str(before);
        let named = entity.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        match named {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = entity;
            }
        }
    }
    plain.push_str(rest);
    Some(plain)
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "commat" => Some('@'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// Decodes the pieces of a text that may be base64, each from its first four positions: the characters before the
/// base64 may belong to the same alphabet.
fn base64(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_base64 = |character: char| character.is_ascii_alphanumeric() || "+/-_".contains(character);
    let pieces = text.split(move |character| !is_base64(character)).filter(|piece| piece.len() >= SHORTEST_BASE64);
    pieces.flat_map(|piece| {
        let piece = piece.replace('-', "+").replace('_', "/");
        (0..4).filter_map(move |begin| unpack(&piece[begin..])).collect::<Vec<_>>()
    })
}

fn unpack(text: &str) -> Option<String> {
    let whole = text.len() - usize::from(text.len() % 4 == 1);
    let bytes = BASE64.decode(&text[..whole]).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
/// Returns whether a word contains an @ with text on both sides. An @ by itself and a name such as `@user` are not
/// addresses.
fn holds_address(word: &str) -> bool {
    let parts: Vec<&str> = word.split('@').filter(|part| !part.is_empty()).collect();
    parts.windows(2).any(|sides| {
        !sides[0].ends_with(['(', '<', '[', ',', ';', ':']) && !sides[1].starts_with([')', '>', ']', ',', ';', ':'])
    })
}
