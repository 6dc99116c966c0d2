//! Calls that write a list of rows, each of which gets its own result.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm>

use std::collections::BTreeMap;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::answer::refusal;
use super::reasons::Reasons;
use crate::http::{damage, Answer, Failure};
use crate::rows::Id;

/// The maximum number of rows in one call. All rows of a call are of one object, because the API accepts only ten
/// changes from one object to another.
pub(super) const ROWS: usize = 200;
/// The error codes with which all rows of a call are refused although only one of them was refused, or made a trigger,
/// a flow or Salesforce itself fail.
/// <https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_triggers_exceptions.htm>
const OF_ALL: [&str; 5] = [
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "CANNOT_EXECUTE_FLOW_TRIGGER",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "PROCESSING_HALTED",
    "UNKNOWN_EXCEPTION",
];
/// The beginning of the message with which all rows are refused after triggers refused some of them in each of three
/// attempts.
/// <https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_dml_bulk_exceptions.htm>
const TOO_MANY_RETRIES: &str = "Too many batch retries";
/// The error code of a value that has to be unique, but that another record already has.
const TAKEN: &str = "DUPLICATE_VALUE";

/// The kinds of writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Each row becomes a new record.
    Create,
    /// Each row names the record that it updates.
    Update,
    /// Each row updates the record that has the row's value of a field, or becomes a new record if there is none.
    Upsert {
        /// The API name of the field, which is an external id.
        by: String,
    },
}

/// The fields of one record.
#[derive(Clone)]
pub struct Row {
    /// The id of the record; `None` unless the row is an update.
    pub id: Option<Id>,
    /// The fields to write, as a JSON object. It is sent unchanged, because long decimals would lose digits if they
    /// were parsed as native numbers.
    pub fields: Box<RawValue>,
}

/// The fields of a row, with their values as unparsed JSON.
pub(super) type Fields = BTreeMap<String, Box<RawValue>>;

/// The result of one row.
pub(super) enum Fate {
    Written {
        id: Id,
        /// True if the call created the record.
        created: bool,
    },
    /// The row was refused for a reason that may be temporary.
    MayPass(Failure),
    Refused(Failure),
}

/// The body of a call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    all_or_none: bool,
    records: Vec<Record<'a>>,
}

#[derive(Serialize)]
struct Record<'a> {
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(flatten)]
    fields: Fields,
}

#[derive(Serialize)]
struct Attributes<'a> {
    #[serde(rename = "type")]
    object: &'a str,
}

#[derive(Deserialize)]
struct Outcome {
    /// Missing if the row was refused.
    id: Option<String>,
    success: bool,
    /// Present for upserts only.
    created: Option<bool>,
    #[serde(default)]
    errors: Reasons,
}

impl Operation {
    pub(super) fn method(&self) -> Method {
        match self {
            Operation::Create => Method::POST,
            Operation::Update | Operation::Upsert { .. } => Method::PATCH,
        }
    }

    /// Returns the path of a call, relative to that of the API version.
    pub(super) fn path(&self, object: &str) -> String {
        match self {
            Operation::Create | Operation::Update => "composite/sobjects".into(),
            Operation::Upsert { by } => format!("composite/sobjects/{object}/{by}"),
        }
    }
}

/// Returns whether a row can be part of a list.
pub(super) fn can_hold(row: &Row) -> bool {
    fields(row).is_some_and(|fields| !leads_elsewhere(&fields))
}

/// Returns whether a field has the name of the id or the attributes, which stand beside the fields and say which record
/// is written.
pub(super) fn leads_elsewhere(fields: &Fields) -> bool {
    fields.keys().any(|name| ["id", "attributes"].iter().any(|own| name.eq_ignore_ascii_case(own)))
}

/// Returns the body of a call that writes `rows`, all of which can be part of a list. A row that is refused does not
/// prevent the others from being written.
pub(super) fn body<'a>(object: &'a str, rows: &[&'a Row]) -> serde_json::Result<String> {
    let record = |row: &'a Row| Record {
        attributes: Attributes { object },
        id: row.id.as_ref().map(Id::as_str),
        fields: fields(row).unwrap_or_default(),
    };
    serde_json::to_string(&Body { all_or_none: false, records: rows.iter().copied().map(record).collect() })
}

/// Returns the result of each row.
///
/// # Errors
/// Returns a [`Failure`] if the response does not match these rows. They may have been written nevertheless.
pub(super) fn fates(operation: &Operation, answer: &Answer, rows: &[&Row]) -> Result<Vec<Fate>, Failure> {
    let with_status = |failure| Failure { status: Some(answer.status), ..failure };
    let unreadable =
        |_| with_status(Failure::passing("the answer is not the JSON that a write gives, or is cut short".into()));
    let outcomes: Vec<Outcome> = damage::read_json(&answer.body).map_err(unreadable)?;
    let is_complete = outcomes.len() == rows.len();
    let fate = |(outcome, row): (Outcome, &&Row)| fate(operation, outcome, answer.status, row);
    let fates = is_complete.then(|| outcomes.into_iter().zip(rows).map(fate).collect::<Option<Vec<Fate>>>()).flatten();
    let mismatch =
        || with_status(Failure::lasting("the answer is not whole: its results are not those of the records".into()));
    fates.ok_or_else(mismatch)
}

/// Returns whether a row may have been refused only because of another row of its call, if no row of the call was
/// written.
pub(super) fn is_of_all(failure: &Failure) -> bool {
    failure.code.as_deref().is_some_and(|code| OF_ALL.contains(&code)) || is_too_many_retries(failure)
}

fn is_too_many_retries(failure: &Failure) -> bool {
    failure.message.starts_with(TOO_MANY_RETRIES)
}

/// Returns whether a row was refused because another record has its unique value.
pub(super) fn is_taken(failure: &Failure) -> bool {
    failure.code.as_deref() == Some(TAKEN)
}

/// Returns the result of a row; `None` if the response does not match the row.
fn fate(operation: &Operation, outcome: Outcome, status: u16, row: &Row) -> Option<Fate> {
    let id = outcome.id.as_deref().map(Id::parse);
    match (operation, outcome.success) {
        (_, false) => Some(refused(outcome, status)),
        (Operation::Create, true) => Some(Fate::Written { id: id??, created: true }),
        (Operation::Upsert { .. }, true) => Some(Fate::Written { id: id??, created: outcome.created? }),
        (Operation::Update, true) => {
            let own = row.id.filter(|own| id.is_none_or(|id| id == Some(*own)))?;
            Some(Fate::Written { id: own, created: false })
        }
    }
}

fn refused(outcome: Outcome, status: u16) -> Fate {
    let (message, code) = outcome.errors.sum().map_or((None, None), |reason| (reason.message, reason.code));
    let failure = refusal(status, message.unwrap_or_else(|| "the record was refused without a reason".into()), code);
    match failure.passing && !is_too_many_retries(&failure) {
        true => Fate::MayPass(failure),
        false => Fate::Refused(failure),
    }
}

/// Returns the fields of a row; `None` if they are not a JSON object.
pub(super) fn fields(row: &Row) -> Option<Fields> {
    serde_json::from_str(row.fields.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0034C00000VaYfKQAV";

    fn row(id: &str, fields: &str) -> Row {
        Row { id: Id::parse(id), fields: RawValue::from_string(fields.into()).unwrap() }
    }

    #[test]
    fn the_body_is_the_one_of_the_reference_and_keeps_long_numbers() {
        let rows = [row(ID, r#"{"Fax":"1","Sum__c":12345678901234567.89}"#)];
        assert_eq!(
            body("Contact", &rows.each_ref()).unwrap(),
            r#"{"allOrNone":false,"records":[{"attributes":{"type":"Contact"},"id":"0034C00000VaYfKQAV","Fax":"1","Sum__c":12345678901234567.89}]}"#
        );
        let rows = [row("", r#"{"Fax":"1"}"#)];
        assert_eq!(
            body("Lead", &rows.each_ref()).unwrap(),
            r#"{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},"Fax":"1"}]}"#
        );
    }

    #[test]
    fn a_row_whose_field_would_stand_for_another_record_is_not_held() {
        assert!(can_hold(&row(ID, r#"{"Fax":null}"#)));
        for name in ["Id", "id", "ID", "attributes", "Attributes"] {
            assert!(!can_hold(&row(ID, &format!(r#"{{"{name}":"x"}}"#))), "{name}");
        }
    }

    fn ends(operation: &Operation, body: &str) -> Result<Vec<&'static str>, Failure> {
        let answer =
            Answer { status: 200, headers: reqwest::header::HeaderMap::new(), body: body.as_bytes().to_vec().into() };
        let rows = [row(ID, "{}"), row("0034C00000VaYfLQAV", "{}")];
        let name = |fate: &Fate| match fate {
            Fate::Written { created: true, .. } => "created",
            Fate::Written { .. } => "written",
            Fate::MayPass(_) => "may pass",
            Fate::Refused(_) => "refused",
        };
        fates(operation, &answer, &rows.each_ref()).map(|fates| fates.iter().map(name).collect())
    }

    #[test]
    fn each_row_has_an_end_of_its_own() {
        let ends = |body: &str| ends(&Operation::Update, body);
        let written = format!(r#"{{"id":"{ID}","success":true,"errors":[]}}"#);
        let refused = |code: &str| {
            format!(r#"{{"success":false,"errors":[{{"statusCode":"{code}","message":"no","fields":[]}}]}}"#)
        };
        assert_eq!(ends(&format!("[{written},{}]", refused("INVALID_EMAIL_ADDRESS"))).unwrap(), ["written", "refused"]);
        assert_eq!(ends(&format!("[{written},{}]", refused("UNABLE_TO_LOCK_ROW"))).unwrap(), ["written", "may pass"]);
        assert_eq!(ends(&format!(r#"[{written},{{"success":false}}]"#)).unwrap(), ["written", "refused"]);
        let odd = [
            "null",
            r#"[{"statusCode":null,"message":null}]"#,
            r#"[{"statusCode":"NO","message":"a \ud83d"}]"#,
            r#"["no"]"#,
            r#"{"statusCode":"NO"}"#,
            r#"[{"statusCode":"NO","errorCode":"NO","message":{"no":1}}]"#,
        ];
        for errors in odd {
            let refused = format!(r#"{{"id":null,"success":false,"errors":{errors}}}"#);
            assert_eq!(ends(&format!("[{written},{refused}]")).unwrap(), ["written", "refused"], "{errors}");
        }
        assert!(ends(&format!("[{written}]")).is_err() && ends(&format!("[{written},{written}]")).is_err());
        assert!(ends("{}").unwrap_err().passing && ends("[").unwrap_err().passing);
    }

    #[test]
    fn a_refusal_for_the_sake_of_another_row_is_told_from_one_that_passes() {
        let failure = |code: &str, message: &str| refusal(200, message.into(), Some(code.into()));
        for code in OF_ALL {
            assert!(is_of_all(&failure(code, "no")), "{code}");
        }
        let retries = "Too many batch retries in the presence of Apex triggers and partial failures.";
        assert!(is_of_all(&failure("SOME_CODE", retries)) && !is_of_all(&failure("INVALID_EMAIL_ADDRESS", "no")));
        let refused = format!(
            r#"[{{"success":true}},{{"success":false,"errors":[{{"statusCode":"UNKNOWN_EXCEPTION","message":"{retries}"}}]}}]"#
        );
        assert_eq!(ends(&Operation::Update, &refused).unwrap(), ["written", "refused"]);
    }

    #[test]
    fn a_new_record_has_an_id_and_an_upsert_says_whether_it_is_new() {
        let written = |created: &str| format!(r#"{{"id":"{ID}","success":true,"errors":[]{created}}}"#);
        let both = |one: &str, two: &str| format!("[{},{}]", written(one), written(two));
        let upsert = Operation::Upsert { by: "Key__c".into() };
        assert_eq!(ends(&Operation::Create, &both("", "")).unwrap(), ["created", "created"]);
        let told = both(r#","created":true"#, r#","created":false"#);
        assert_eq!(ends(&upsert, &told).unwrap(), ["created", "written"]);
        assert!(ends(&upsert, &both("", "")).is_err());
        assert!(ends(&Operation::Create, r#"[{"success":true},{"success":true}]"#).is_err());
    }
}
