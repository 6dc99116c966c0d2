//! Reads the result of each item of a job. The status of the job says nothing about its items: a "completed" job has
//! been seen in which 99 of 100 items had failed.

use serde::Deserialize;
use serde_json::Value;

use super::lenient::{number, of_type, words};
use super::outcome::Refusal;
use crate::error::presentable;

/// The result of one item. The actual formats of successes and failures differ from the documented ones.
#[derive(Deserialize)]
struct ItemResult {
    #[serde(default, deserialize_with = "number")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    index: Option<u64>,
    #[serde(default, deserialize_with = "of_type")]
    success: Option<bool>,
    #[serde(default)]
    status: Value,
    #[serde(default)]
    error: Value,
    /// The reason in older jobs; `""` if there is none.
    #[serde(default)]
    errors: Value,
    #[serde(default)]
    details: Value,
}

/// Returns the result of each organization in a job, in the order of `ids`; `None` for an organization without a
/// result. If the job is `shared` with another batch, only results that name an organization are used, because
/// positions are ambiguous.
pub(super) fn of_items(results: Option<&Value>, ids: &[u64], shared: bool) -> Vec<Option<Result<(), Refusal>>> {
    let results = results.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut found = vec![None; ids.len()];
    for (position, result) in results.iter().enumerate() {
        let Ok(result) = ItemResult::deserialize(result) else { continue };
        if shared && result.id.is_none() {
            continue;
        }
        let Some(place) = result.place(position, results.len(), ids) else { continue };
        // An item with two results has failed if one of them is a failure.
        if !matches!(found[place], Some(Err(_))) {
            found[place] = result.outcome().or(found[place].take());
        }
    }
    found
}

impl ItemResult {
    /// Returns the position of the item to which the result belongs; `None` if it names an organization that is not in
    /// the job.
    fn place(&self, position: usize, results: usize, ids: &[u64]) -> Option<usize> {
        match self.id {
            Some(id) => ids.iter().position(|own| *own == id),
            // Results come in the order of the request, but their positions are not reliable if some are missing.
            None => self.told_place().or((results == ids.len()).then_some(position)).filter(|place| *place < ids.len()),
        }
    }

    fn told_place(&self) -> Option<usize> {
        self.index.map(|index| usize::try_from(index).unwrap_or(usize::MAX))
    }

    /// Returns the outcome that the result reports; `None` if it reports neither a success nor a failure.
    fn outcome(&self) -> Option<Result<(), Refusal>> {
        let text = |value: &Value| words(value).map(|text| presentable(&text)).filter(|text| !text.is_empty());
        let (error, errors) = (text(&self.error), text(&self.errors));
        if error.is_none() && errors.is_none() && self.success == Some(true) {
            return Some(Ok(()));
        }
        if error.is_none() && errors.is_none() && self.success.is_none() {
            return None;
        }
        let code = error.clone().filter(|_| self.error.is_string());
        let told = text(&self.details).or(errors).or(error);
        let status =
            || format!("Zendesk says {} and nothing else", text(&self.status).unwrap_or_else(|| "failed".into()));
        Some(Err(Refusal::new(code, told.unwrap_or_else(status))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zendesk::Reason;
    use serde_json::json;

    fn ok(id: u64) -> Value {
        json!({"action": "update", "id": id, "status": "Updated", "success": true})
    }

    fn short(results: Value, ids: &[u64]) -> Vec<Option<bool>> {
        of_items(Some(&results), ids, false).into_iter().map(|result| result.map(|result| result.is_ok())).collect()
    }

    #[test]
    fn results_are_matched_by_id_whatever_their_order() {
        let failed = json!({"index": 1, "error": "OrganizationUpdateFailed", "id": 2,
                            "details": "Name:  A has already been taken"});
        let found = of_items(Some(&json!([ok(3), failed, ok(1)])), &[1, 2, 3], false);
        assert_eq!((&found[0], &found[2]), (&Some(Ok(())), &Some(Ok(()))));
        let Some(Err(refusal)) = &found[1] else { panic!("{:?}", found[1]) };
        assert_eq!((refusal.reason, refusal.message.as_str()), (Reason::NameTaken, "Name: A has already been taken"));
    }

    #[test]
    fn a_failure_is_told_in_every_shape() {
        let told = |result: Value| match of_items(Some(&json!([result])), &[1], false).remove(0) {
            Some(Err(refusal)) => (refusal.reason, refusal.message),
            other => panic!("{other:?}"),
        };
        let text = "Name: A has already been taken";
        let details = json!({"name": [{"description": text, "error": "DuplicateValue"}]});
        for result in [
            json!({"id": 1, "error": "OrganizationUpdateFailed", "details": details}),
            json!({"id": "1", "error": "OrganizationUpdateFailed", "details": [text]}),
            json!({"index": "0", "id": null, "status": 422, "errors": text}),
            json!({"id": 1, "success": false, "errors": [{"title": text}]}),
            json!({"id": 1, "success": true, "error": {"message": text}}),
        ] {
            assert_eq!(told(result.clone()), (Reason::NameTaken, text.to_owned()), "{result}");
        }
        let empty = json!({"id": 1, "success": true, "errors": "", "error": null, "details": []});
        assert_eq!(short(json!([empty]), &[1]), [Some(true)], "no reason is no failure");
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        assert_eq!(short(json!([ok(1)]), &[1, 2]), [Some(true), None]);
        assert_eq!(short(json!([ok(7), ok(2)]), &[1, 2]), [None, Some(true)], "not one of ours");
        assert_eq!(short(json!({"success": true}), &[1]), [None]);
        assert_eq!(short(json!([1, "x", null]), &[1]), [None]);
        assert_eq!(of_items(None, &[1], false), [None]);
    }

    #[test]
    fn what_is_invented_or_told_twice_changes_nothing() {
        let at = |index: u64, success: bool| json!({"index": index, "success": success});
        assert_eq!(short(json!([at(2, true)]), &[1, 2]), [None, None], "there is no third row");
        assert_eq!(short(json!([at(0, false), at(0, true), at(1, true)]), &[1, 2]), [Some(false), Some(true)]);
        assert_eq!(short(json!([ok(1), ok(1), ok(1)]), &[1, 2]), [Some(true), None]);
        assert_eq!(short(json!([ok(1), ok(2), ok(3)]), &[1]), [Some(true)], "more than were sent");
    }

    #[test]
    fn positions_are_ignored_when_two_batches_share_a_job() {
        let results = json!([{"success": true}, {"index": 1, "success": true}, ok(3)]);
        let found = of_items(Some(&results), &[1, 2, 3], true);
        assert_eq!(found, [None, None, Some(Ok(()))]);
    }

    #[test]
    fn only_success_is_success() {
        let id = 1;
        for result in [
            json!({"id": id, "success": false, "status": "Failed"}),
            json!({"id": id, "error": "X", "success": true}),
            json!({"index": 0, "error": "X"}),
            json!({"error": "X", "details": "y"}),
        ] {
            assert_eq!(short(json!([result]), &[id]), [Some(false)]);
        }
        assert_eq!(short(json!([json!({"id": id, "error": "X"}), ok(id)]), &[id]), [Some(false)]);
        for neither in [json!({"id": id, "status": "Updated"}), json!({"id": id, "index": 0})] {
            assert_eq!(short(json!([neither]), &[id]), [None], "it is neither a success nor a failure");
            assert_eq!(short(json!([ok(id), neither]), &[id]), [Some(true)]);
        }
    }
}
