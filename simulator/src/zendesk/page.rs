//! Pages of a list: by cursor, or by number if the request names no page size.

use super::error::Refusal;
use super::fault::Answer;
use super::order::{Ordered, Place};
use crate::http::parameters::Parameters;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

/// The maximum number of rows on a page.
const MAX_SIZE: usize = 100;
/// The last page that can be requested by number.
const DEPTH: usize = 100;

/// A list that can be read in pages.
pub(crate) struct List<'a> {
    pub(crate) ordered: Ordered<'a>,
    /// The name of the order, which cursors contain.
    pub(crate) sort: String,
    pub(crate) total: usize,
    /// The URL without its query string.
    pub(crate) url: String,
    /// The server's own limit of rows per page.
    pub(crate) cap: usize,
}

/// The rows of a page, and the other members of the response.
pub(crate) struct Page {
    pub(crate) places: Vec<Place>,
    pub(crate) frame: Vec<(&'static str, Value)>,
}

impl List<'_> {
    pub(crate) fn page(&self, parameters: &Parameters, fault: Option<&Answer>) -> Result<Page, Refusal> {
        let cursor = ["page[size]", "page[after]", "page[before]"];
        if cursor.iter().any(|name| parameters.get(name).is_some()) {
            self.cursor_page(parameters, fault)
        } else {
            self.offset_page(parameters)
        }
    }

    fn cursor_page(&self, parameters: &Parameters, fault: Option<&Answer>) -> Result<Page, Refusal> {
        let wrong = || Refusal::attribute("page.size", "page.size must be an integer from 1 to 100");
        let asked = parameters.get("page[size]").map_or(Ok(MAX_SIZE), |size| size.parse().map_err(|_| wrong()))?;
        if !(1..=MAX_SIZE).contains(&asked) {
            return Err(wrong());
        }
        let size = asked.min(self.cap);
        let after = self.place(parameters, "page[after]")?;
        let mut places: Vec<Place> = match (self.place(parameters, "page[before]")?, &after, fault) {
            (Some(before), _, _) => self.ordered.before(&before).take(size + 1).collect(),
            (_, Some(after), Some(Answer::RepeatPage)) => self.upto(after, size),
            (_, after, Some(Answer::SkipPage)) => {
                self.ordered.after(after.as_ref()).skip(size).take(size + 1).collect()
            }
            (_, after, _) => self.ordered.after(after.as_ref()).take(size + 1).collect(),
        };
        let more = places.len() > size || matches!((fault, &after), (Some(Answer::RepeatPage), Some(_)));
        places.truncate(size);
        if parameters.get("page[before]").is_some() {
            places.reverse();
        }
        let more = more && !matches!(fault, Some(Answer::EarlyEnd));
        let looping = matches!(fault, Some(Answer::NextLoop)).then(|| after.unwrap_or_default());
        let next = looping.as_ref().or(places.last()).map(|place| self.cursor(place));
        let previous = places.first().map(|place| self.cursor(place));
        let link = |name: &str, cursor: &Option<String>| {
            cursor.as_ref().map(|cursor| self.link(&[(name, cursor), ("page[size]", &asked.to_string())]))
        };
        let next_link = link("page[after]", &next).map(|link| match fault {
            Some(Answer::NextHost(host)) => format!("{host}{}", link.split_at(self.host()).1),
            _ => link,
        });
        let frame = vec![
            ("meta", json!({"has_more": more, "after_cursor": next, "before_cursor": previous})),
            ("links", json!({"prev": link("page[before]", &previous), "next": next_link})),
        ];
        Ok(Page { places, frame })
    }

    fn offset_page(&self, parameters: &Parameters) -> Result<Page, Refusal> {
        let number = parameters.number("page").unwrap_or(Ok(1))?.max(1);
        let size = parameters.number("per_page").unwrap_or(Ok(MAX_SIZE))?.clamp(1, MAX_SIZE).min(self.cap);
        if number > DEPTH {
            let title = "Pagination requests using Offset Pagination are limited to page 100 or up to 10000 records \
                         (page * per_page)";
            let detail = "There are limits to the page depth in Offset Pagination. Please switch to Cursor Pagination.";
            return Err(Refusal::listed(400, "InvalidPaginationDepth", title, Some(detail)));
        }
        let places = self.ordered.after(None).skip((number - 1) * size).take(size).collect();
        let url = |number: usize| self.link(&[("page", &number.to_string()), ("per_page", &size.to_string())]);
        let frame = vec![
            ("next_page", (number * size < self.total).then(|| url(number + 1)).into()),
            ("previous_page", (number > 1).then(|| url(number - 1)).into()),
            ("count", self.total.into()),
        ];
        Ok(Page { places, frame })
    }

    /// Returns the page that ends at `place`.
    fn upto(&self, place: &Place, size: usize) -> Vec<Place> {
        let mut places: Vec<Place> = self.ordered.before(place).take(size - 1).collect();
        places.reverse();
        places.push(place.clone());
        places
    }

    /// Returns the offset in the URL at which the path starts.
    fn host(&self) -> usize {
        let scheme = self.url.find("//").map_or(0, |at| at + 2);
        self.url[scheme..].find('/').map_or(self.url.len(), |at| scheme + at)
    }

    fn link(&self, parameters: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        if self.sort != "id" {
            query.append_pair("sort", &self.sort);
        }
        format!("{}?{}", self.url, query.finish())
    }

    fn cursor(&self, place: &Place) -> String {
        let value = STANDARD.encode(json!([place.value, place.id]).to_string());
        STANDARD.encode(json!({"o": self.sort, "v": value}).to_string())
    }

    fn place(&self, parameters: &Parameters, name: &str) -> Result<Option<Place>, Refusal> {
        let shown = name.replace('[', ".").replace(']', "");
        let place = parameters.get(name).map(|cursor| self.decoded(cursor));
        let wrong = || Refusal::attribute(&shown, &format!("{shown} is not a cursor of this list"));
        place.map(|place| place.ok_or_else(wrong)).transpose()
    }

    fn decoded(&self, cursor: &str) -> Option<Place> {
        let json = |text: &str| -> Option<Value> { serde_json::from_slice(&STANDARD.decode(text).ok()?).ok() };
        let cursor = json(cursor)?;
        if cursor["o"] != self.sort.as_str() {
            return None;
        }
        let place = json(cursor["v"].as_str()?)?;
        Some(Place { value: place[0].as_str()?.into(), id: place[1].as_u64()? })
    }
}
