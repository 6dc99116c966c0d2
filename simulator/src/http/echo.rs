//! Error responses that repeat the content of the request, including secrets, as careless services and gateways do.

use base64::prelude::{Engine, BASE64_STANDARD};
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use serde::Deserialize;
use serde_json::Value;

/// An error that repeats values of the request: its token, and the values of its body and its query string.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Echo {
    /// The HTTP status.
    pub status: u16,
    /// The encoding of each value.
    #[serde(default)]
    pub form: Form,
    /// True for an HTML page instead of an error of the API.
    #[serde(default)]
    pub html: bool,
}

/// The encoding of a value.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// None.
    #[default]
    Plain,
    /// URL encoding: `a%40b`.
    UrlEncoded,
    /// Base64.
    Base64,
    /// JSON escapes: `a\u0040b`.
    JsonEscaped,
}

impl Echo {
    /// Returns the text of the response.
    pub(crate) fn message(&self, head: &Parts, body: &[u8]) -> String {
        let written: Vec<String> = values(head, body).iter().map(|value| self.form.write(value)).collect();
        format!("What you sent is wrong: {}", written.join(" and "))
    }
}

impl Form {
    fn write(self, value: &str) -> String {
        match self {
            Self::Plain => value.to_owned(),
            Self::UrlEncoded => form_urlencoded::byte_serialize(value.as_bytes()).collect(),
            Self::Base64 => BASE64_STANDARD.encode(value),
            Self::JsonEscaped => value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
        }
    }
}

fn values(head: &Parts, body: &[u8]) -> Vec<String> {
    let query = head.uri.query().unwrap_or_default();
    let sent = match serde_json::from_slice(body) {
        Ok(json) => texts(&json),
        Err(_) => pairs(body),
    };
    [credentials(head), sent, pairs(query.as_bytes())].concat()
}

/// Returns the token of the request, or its user and password.
fn credentials(head: &Parts) -> Vec<String> {
    let header = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match header.split_once(' ') {
        Some(("Basic", packed)) => {
            let bytes = BASE64_STANDARD.decode(packed).unwrap_or_default();
            String::from_utf8_lossy(&bytes).split(':').map(str::to_owned).collect()
        }
        Some((_, token)) => vec![token.to_owned()],
        None => Vec::new(),
    }
}

fn pairs(text: &[u8]) -> Vec<String> {
    form_urlencoded::parse(text).map(|(_, value)| value.into_owned()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(form: Form, authorization: &str, body: &str) -> String {
        let request = hyper::Request::get("/x?q=a%40b").header(AUTHORIZATION, authorization).body(()).unwrap();
        Echo { status: 400, form, html: false }.message(&request.into_parts().0, body.as_bytes())
    }

    #[test]
    fn values_of_the_request_are_repeated_in_each_encoding() {
        let said = |what: &str| format!("What you sent is wrong: {what}");
        assert_eq!(message(Form::Plain, "Bearer t", "secret=s%21"), said("t and s! and a@b"));
        assert_eq!(message(Form::UrlEncoded, "Bearer t", r#"{"a":["s!"]}"#), said("t and s%21 and a%40b"));
        assert_eq!(message(Form::Base64, "Basic YTpi", ""), said("YQ== and Yg== and YUBi"));
        assert_eq!(message(Form::JsonEscaped, "", "x=s"), said(r"\u0073 and \u0061\u0040\u0062"));
    }
}
