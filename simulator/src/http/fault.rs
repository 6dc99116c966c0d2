//! Wire faults: failures that can affect any response, whatever the service.

use super::reply::{Reply, Wire, HTML, JSON};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const PAGE: &str = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We are down for \
                    maintenance.</h1></body></html>";

/// A failure in the transmission of a response.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireFault {
    /// Sends no response, until the client disconnects or the simulator stops.
    Hang,
    /// Carries out the request, then drops the connection without a response.
    LostAnswer,
    /// Drops the connection without carrying out the request.
    Close,
    /// Sends this response.
    Status(StatusAnswer),
    /// Sends status 200 with an HTML page, as gateways do.
    Html,
    /// Announces the length of the whole body, sends half of it, and closes the connection.
    Truncate,
    /// Sends a complete HTTP body whose JSON is cut in half.
    CutJson,
    /// Sends a gzip body that decompresses to 8 GiB.
    Bomb,
    /// Sends the body a few bytes at a time, with a pause of this many milliseconds before each part.
    SlowBodyMs(u64),
}

/// A custom response.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// The content type; `None` omits the header.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

impl WireFault {
    /// Returns the response to send instead of the proper one, and how to send it; `None` to drop the connection.
    pub(crate) async fn answer(&self, proper: impl FnOnce() -> Reply) -> Option<(Reply, Wire)> {
        Some(match self {
            WireFault::Hang => std::future::pending().await,
            WireFault::LostAnswer => {
                proper();
                return None;
            }
            WireFault::Close => return None,
            WireFault::Status(answer) => (answer.reply(), Wire::Whole),
            WireFault::Html => (Reply::new(200, HTML, PAGE), Wire::Whole),
            WireFault::Truncate => (proper(), Wire::Half),
            WireFault::CutJson => (cut(proper()), Wire::Whole),
            WireFault::Bomb => (Reply::new(200, JSON, ""), Wire::Bomb),
            WireFault::SlowBodyMs(pause) => (proper(), Wire::Trickle(Duration::from_millis(*pause))),
        })
    }
}

impl StatusAnswer {
    fn reply(&self) -> Reply {
        let reply = Reply::new(self.status, self.content_type.as_deref().unwrap_or_default(), self.body.clone());
        self.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

fn cut(mut reply: Reply) -> Reply {
    reply.body.truncate(reply.body.len() / 2);
    reply
}

/// Deserializes a wire fault or a fault of the service. The error for an unknown name lists both kinds.
pub(crate) fn wire_or_own<'de, D, A>(deserializer: D) -> Result<A, D::Error>
where
    D: Deserializer<'de>,
    A: From<WireFault> + DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    let wire = match serde_json::from_value::<WireFault>(value.clone()) {
        Ok(fault) => return Ok(fault.into()),
        Err(error) => error.to_string(),
    };
    let unknown = |error: &str| error.starts_with("unknown variant");
    if !unknown(&wire) {
        return Err(D::Error::custom(wire));
    }
    serde_json::from_value(value).map_err(|error| match error.to_string() {
        own if unknown(&own) => D::Error::custom(format!("{own}; {wire}")),
        own => D::Error::custom(own),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Answer {
        #[serde(skip)]
        Wire(WireFault),
        Number(u8),
    }

    impl From<WireFault> for Answer {
        fn from(fault: WireFault) -> Self {
            Answer::Wire(fault)
        }
    }

    #[test]
    fn both_kinds_of_faults_are_parsed_and_mistakes_reported() {
        let read = |json: &str| wire_or_own::<_, Answer>(&mut serde_json::Deserializer::from_str(json));
        assert!(matches!(read("\"html\"").unwrap(), Answer::Wire(WireFault::Html)));
        assert!(matches!(read("{\"number\": 7}").unwrap(), Answer::Number(7)));
        let told = |json: &str| read(json).unwrap_err().to_string();
        assert!(told("\"htlm\"").contains("`number`; unknown variant `htlm`, expected one of `hang`, `lost_answer`"));
        assert!(told("{\"status\": {\"code\": 1}}").starts_with("unknown field `code`"));
        assert!(told("{\"number\": 700}").starts_with("invalid value"));
    }
}
