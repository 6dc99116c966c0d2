//! The parts of a job's result. Each is CSV that holds the result and the uploaded values of each row.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/get_job_successful_results.htm>

use csv::StringRecord;

use crate::error::{counted, presentable};
use crate::http::Failure;
use crate::rows::Id;
use crate::salesforce::answer::refusal;

/// A part of a job's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Written,
    Refused,
    /// Rows that the job did not process.
    Unprocessed,
}

/// The result of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Written { id: Id, created: bool },
    Refused(String),
    Unprocessed,
}

/// The result of a row, and its uploaded values in the order of our columns.
pub(super) type Result = (End, Vec<String>);

impl Part {
    /// Returns the name of the part in the URL.
    pub(super) fn name(self) -> &'static str {
        match self {
            Part::Written => "successfulResults",
            Part::Refused => "failedResults",
            Part::Unprocessed => "unprocessedrecords",
        }
    }

    /// Reads the part.
    ///
    /// # Errors
    /// Returns a reason for people if the body is not CSV with our columns and as many rows as announced.
    pub(super) fn read(
        self,
        body: &[u8],
        columns: &[String],
        announced: Option<u64>,
    ) -> std::result::Result<Vec<Result>, String> {
        // A CSV reader takes the end of the text as the end of a value, so it would accept a body that is cut off in
        // its last value.
        if !body.iter().filter(|&&byte| byte == b'"').count().is_multiple_of(2) {
            return Err("it ends in the middle of a value".into());
        }
        let mut reader = csv::ReaderBuilder::new().from_reader(body);
        let no_csv = |_| "it is not CSV".to_owned();
        let places = Places::new(self, reader.headers().map_err(no_csv)?, columns);
        if places.is_none() && !body.trim_ascii().is_empty() {
            return Err("it has other columns than were uploaded".into());
        }
        let mut results = Vec::new();
        for record in reader.records() {
            let record = record.map_err(no_csv)?;
            // A body without a header has no rows either.
            if let Some(places) = &places {
                results.push((self.end(places, &record)?, places.texts(&record)));
            }
        }
        let came = results.len() as u64;
        match announced.filter(|announced| *announced != came) {
            Some(announced) => Err(format!("it has {} of {announced}", counted(came, "row"))),
            None => Ok(results),
        }
    }

    fn end(self, places: &Places, record: &StringRecord) -> std::result::Result<End, String> {
        let own = |place: usize| places.own.get(place).and_then(|place| record.get(*place)).unwrap_or_default();
        Ok(match self {
            Part::Written => {
                let id = Id::parse(own(0)).ok_or("a record that was written has no valid id")?;
                End::Written { id, created: own(1).eq_ignore_ascii_case("true") }
            }
            Part::Refused => End::Refused(own(0).to_owned()),
            Part::Unprocessed => End::Unprocessed,
        })
    }
}

/// The positions of the columns of a part.
struct Places {
    /// The columns with the result of the row.
    own: Vec<usize>,
    /// The uploaded columns, in our order.
    ours: Vec<usize>,
}

impl Places {
    fn new(part: Part, header: &StringRecord, columns: &[String]) -> Option<Self> {
        let place = |wanted: &str| header.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        let own: &[&str] = match part {
            Part::Written => &["sf__Id", "sf__Created"],
            Part::Refused => &["sf__Error"],
            Part::Unprocessed => &[],
        };
        Some(Self {
            own: own.iter().map(|name| place(name)).collect::<Option<_>>()?,
            ours: columns.iter().map(|name| place(name)).collect::<Option<_>>()?,
        })
    }

    fn texts(&self, record: &StringRecord) -> Vec<String> {
        self.ours.iter().map(|place| record.get(*place).unwrap_or_default().to_owned()).collect()
    }
}

/// Converts a refusal, such as `REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --`, into a
/// failure.
pub(super) fn failure(said: &str) -> Failure {
    let is_code = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    match said.split_once(':').filter(|(code, _)| is_code(code)) {
        None => refusal(200, presentable(said), None),
        Some((code, rest)) => {
            let message =
                rest.rsplit_once(':').filter(|(_, fields)| fields.ends_with("--")).map_or(rest, |(text, _)| text);
            refusal(200, presentable(message), Some(code.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "\"sf__Id\",\"sf__Created\",\"lastname\",Fax\n";
    const ID: &str = "0034C00000VaYfKQAV";

    fn read(part: Part, body: &str, announced: Option<u64>) -> std::result::Result<Vec<Result>, String> {
        part.read(body.as_bytes(), &["Fax".to_owned(), "LastName".to_owned()], announced)
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let body = format!("{HEADER}\"{ID}\",\"true\",\"a \"\"b\"\"\n\",\"1\"\n");
        let end = End::Written { id: Id::parse(ID).unwrap(), created: true };
        assert_eq!(read(Part::Written, &body, Some(1)).unwrap(), [(end, vec!["1".to_owned(), "a \"b\"\n".to_owned()])]);
        let body = "sf__Error,sf__Id,Fax,LastName\nNO:no:--,,1,a\n";
        assert_eq!(read(Part::Refused, body, Some(1)).unwrap()[0].0, End::Refused("NO:no:--".into()));
        assert_eq!(read(Part::Unprocessed, "Fax,LastName\n1,a\n", None).unwrap()[0].0, End::Unprocessed);
        assert_eq!(read(Part::Unprocessed, "", None).unwrap(), []);
    }

    #[test]
    fn what_is_cut_or_foreign_is_told() {
        let row = format!("\"{ID}\",\"true\",\"a\",\"1\"\n");
        let why = |body: &str| read(Part::Written, body, Some(2)).unwrap_err();
        assert_eq!(why(&format!("{HEADER}{row}")), "it has 1 row of 2");
        assert_eq!(why(&format!("{HEADER}{row}\"{ID}\",\"tr")), "it ends in the middle of a value");
        assert_eq!(why(&format!("{HEADER}{row}\"{ID}\",\"true\"\n")), "it is not CSV");
        assert_eq!(why("<html>\n<body>\n"), "it has other columns than were uploaded");
        assert_eq!(why(""), "it has 0 rows of 2");
        assert!(why(&format!("{HEADER}\"x\",\"true\",\"a\",\"1\"\n")).contains("no valid id"));
    }

    #[test]
    fn a_refusal_has_a_code_and_a_message() {
        let read = |said: &str| {
            let failure = failure(said);
            (failure.code.unwrap_or_default(), failure.message, failure.passing)
        };
        let missing = "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --";
        assert_eq!(
            read(missing),
            ("REQUIRED_FIELD_MISSING".into(), "Required fields are missing: [LastName]".into(), false)
        );
        assert_eq!(read("ENTITY_IS_DELETED:entity is deleted:--").1, "entity is deleted");
        assert!(read("UNABLE_TO_LOCK_ROW:busy:--").2);
        assert_eq!(read("no: such thing"), (String::new(), "no: such thing".into(), false));
    }
}
