//! Bulk writes: jobs, their states, their results and their limits.

use crate::support::{desk, list, organizations, Desk};
use crm_sync_simulator::zendesk::State;
use serde_json::{json, Value};

const UPDATE: &str = "organizations/update_many.json";
const CREATE: &str = "organizations/create_many.json";

/// Starts a desk with ten organizations, and a fault that hits once.
async fn faulty(on: &str, answer: Value) -> Desk {
    let fault = json!({"on": on, "times": 1, "answer": answer});
    desk(json!({"organizations": organizations(10), "faults": [fault]})).await
}

/// Sends the same change to organizations 1 to 10, and returns the id of the job.
async fn ten(desk: &Desk) -> String {
    let path = format!("{UPDATE}?ids={}", list(1..=10));
    desk.job("PUT", &path, json!({"organization": {"notes": "new"}})).await
}

#[tokio::test]
async fn the_life_of_a_job() {
    let desk = desk(json!({"organizations": organizations(10)})).await;
    let body = json!({"organization": {"notes": "new"}});
    let accepted = desk.put(&format!("{UPDATE}?ids={}", list(1..=10)), body).await;
    assert_eq!(accepted.status, 200);
    assert_eq!(accepted.header("zendesk-ratelimit-inflight-jobs"), "total=30; remaining=29; resets=60");
    let row = &accepted.body["job_status"];
    let id = row["id"].as_str().unwrap();
    let wanted = json!({
        "id": id, "job_type": "Bulk Update Organization", "url": desk.url(&format!("job_statuses/{id}.json")),
        "total": 10, "progress": null, "status": "queued", "message": null, "results": null
    });
    assert!(id.starts_with("V3-") && id.len() == 35);
    assert_eq!(*row, wanted);
    assert_eq!(desk.status(id).await, wanted);
    assert_eq!(desk.zendesk.organizations()[0]["notes"], Value::Null);

    desk.advance(3.0);
    let working = desk.status(id).await;
    assert_eq!((&working["status"], &working["progress"]), (&json!("working"), &json!(5)));
    assert_eq!((&working["message"], &working["results"]), (&json!("Updating organization #6"), &Value::Null));
    let notes = |id: u64| desk.organization(id)["notes"].clone();
    assert_eq!((notes(5), notes(6)), (json!("new"), Value::Null));

    desk.advance(2.0);
    let completed = desk.status(id).await;
    assert_eq!((&completed["status"], &completed["progress"]), (&json!("completed"), &json!(10)));
    let message = completed["message"].as_str().unwrap();
    assert!(message.starts_with("Completed at 2") && message.ends_with(" +0000"), "{message}");
    let first = json!({"action": "update", "id": 1, "status": "Updated", "success": true});
    assert_eq!((completed["results"].as_array().unwrap().len(), &completed["results"][0]), (10, &first));
    assert_eq!(notes(10), "new");
}

#[tokio::test]
async fn a_job_that_creates() {
    let desk = desk(json!({"organizations": [{"id": 1, "name": "Taken"}], "job_seconds": 0})).await;
    let rows = json!({"organizations": [{"name": "One"}, {"name": "taken "}, {"name": "one"}, {"name": "Two"}]});
    let id = desk.job("POST", CREATE, rows).await;
    let done = desk.status(&id).await;
    assert_eq!((&done["status"], &done["job_type"]), (&json!("completed"), &json!("Bulk Create Organization")));
    let results = done["results"].as_array().unwrap();
    assert_eq!(results[0]["status"], "Created");
    let failed = |index: u64, name: &str| {
        json!({"index": index, "error": "OrganizationCreateFailed",
               "details": format!("Name:  {name} has already been taken")})
    };
    assert_eq!(results[1], failed(1, "taken"));
    assert_eq!(results[2], failed(2, "one"));
    let job = &desk.zendesk.jobs()[0];
    assert_eq!(job.organization_ids, [results[0]["id"].as_u64().unwrap(), results[3]["id"].as_u64().unwrap()]);
    assert_eq!(desk.zendesk.organizations().len(), 3);
}

#[tokio::test]
async fn completed_says_nothing_about_the_items() {
    let fields = json!([{"key": "kind", "type": "dropdown", "title": "Kind", "custom_field_options": ["a"]}]);
    let options = json!({"organizations": organizations(3), "organization_fields": fields, "job_seconds": 0});
    let desk = desk(options).await;
    let rows = json!({"organizations": [
        {"id": 1, "name": "N1"}, {"id": 2, "organization_fields": {"kind": "b"}}, {"id": 99, "notes": "x"},
        {"external_id": "x", "notes": "x"}, {"id": 3, "organization_fields": {"kind": "a"}}
    ]});
    let id = desk.job("PUT", UPDATE, rows).await;
    let done = desk.status(&id).await;
    assert_eq!(done["status"], "completed");
    let taken = json!({"index": 0, "error": "OrganizationUpdateFailed", "id": 1,
                       "details": "Name:  N1 has already been taken"});
    assert_eq!(done["results"][0], taken);
    assert_eq!(done["results"][1]["details"], "Kind:  b is invalid");
    assert_eq!((&done["results"][2]["id"], &done["results"][2]["index"]), (&json!(99), &json!(2)));
    assert!(done["results"][3]["error"].is_string() && done["results"][3].get("id").is_none());
    assert_eq!(done["results"][4]["success"], true);
    assert_eq!(desk.organization(3)["tags"], json!(["a"]));

    // The job reports a failure only if all items failed.
    let id = desk.job("PUT", UPDATE, json!({"organizations": [{"id": 1, "name": "N1"}]})).await;
    let failed = desk.status(&id).await;
    assert_eq!((&failed["status"], failed["results"].as_array().unwrap().len()), (&json!("failed"), 1));
}

#[tokio::test]
async fn external_ids_name_the_organizations_of_one_change() {
    let options = json!({"organizations": [{"id": 1, "name": "A", "external_id": "x1"}], "job_seconds": 0});
    let desk = desk(options).await;
    let path = format!("{UPDATE}?external_ids=X1,x2");
    let id = desk.job("PUT", &path, json!({"organization": {"notes": "n"}})).await;
    let results = desk.status(&id).await["results"].clone();
    assert_eq!((&results[0]["id"], results[1]["error"].is_string()), (&json!(1), true));
}

#[tokio::test]
async fn a_hundred_items_and_no_more() {
    let desk = desk(json!({})).await;
    let rows: Value = (0..101).map(|number| json!({"id": number + 1, "name": format!("M{number}")})).collect();
    let path = format!("{UPDATE}?ids={}", list(1..=101));
    let refused = [
        desk.post(CREATE, json!({"organizations": rows})).await,
        desk.put(UPDATE, json!({"organizations": rows})).await,
        desk.put(&path, json!({"organization": {}})).await,
    ];
    let wanted = json!({"error": "TooManyValues", "description": "Parameter  cannot specify more than 100 values",
                        "max_count": 100});
    assert!(refused.iter().all(|answer| (answer.status, &answer.body) == (400, &wanted)));
    assert_eq!(desk.post(CREATE, json!({"organizations": []})).await.status, 400);
    assert_eq!(desk.put(UPDATE, json!({"organization": {}})).await.status, 400);
    assert!(desk.zendesk.jobs().is_empty());
}

#[tokio::test]
async fn many_states_at_once() {
    let desk = desk(json!({"organizations": organizations(10)})).await;
    let (one, two) = (ten(&desk).await, ten(&desk).await);
    desk.advance(5.0);
    let three = ten(&desk).await;
    let many = desk.get(&format!("job_statuses/show_many?ids={one},unknown,{three},{two}")).await.body;
    let states: Vec<_> = many["job_statuses"].as_array().unwrap().iter().map(|job| &job["status"]).collect();
    assert_eq!(states, ["queued", "completed", "completed"]);
    let all = desk.get("job_statuses?page[size]=2").await.body;
    assert_eq!((&all["job_statuses"][0]["id"], &all["meta"]["has_more"]), (&json!(three), &json!(true)));
    let rest = desk.get(all["links"]["next"].as_str().unwrap()).await.body;
    assert_eq!(rest["job_statuses"][0]["id"], json!(one));
    assert_eq!(desk.get("job_statuses/unknown").await.status, 404);
    assert_eq!(desk.get("job_statuses/show_many").await.status, 400);
}

#[tokio::test]
async fn thirty_jobs_are_in_flight_and_no_more() {
    let desk = desk(json!({"organizations": organizations(10)})).await;
    let mut started = Vec::new();
    for _ in 0..30 {
        started.push(ten(&desk).await);
    }
    let path = format!("{UPDATE}?ids=1");
    let refused = desk.put(&path, json!({"organization": {"notes": "x"}})).await;
    assert_eq!((refused.status, &refused.body["error"]), (429, &json!("TooManyJobs")));
    assert_eq!(refused.body["current_job_ids"], json!(started));
    assert!(refused.body["description"].as_str().unwrap().ends_with("currently queued or running. Try again later."));
    assert_eq!(refused.header("zendesk-ratelimit-inflight-jobs"), "total=30; remaining=0; resets=60");
    assert_eq!(desk.post(CREATE, json!({"organizations": [{"name": "x"}]})).await.status, 429);
    desk.advance(5.0);
    ten(&desk).await;
    assert_eq!(desk.zendesk.jobs().len(), 31);
}

#[tokio::test]
async fn the_limit_of_jobs_and_its_status_can_be_others() {
    let options = json!({"organizations": organizations(10), "job_limit": 1, "too_many_jobs_status": 422});
    let desk = desk(options).await;
    ten(&desk).await;
    assert_eq!(desk.put(UPDATE, json!({"organizations": [{"id": 1}]})).await.status, 422);
    let faulty = faulty("update_many", json!("too_many_jobs")).await;
    let refused = faulty.put(UPDATE, json!({"organizations": [{"id": 1}]})).await;
    assert_eq!((refused.status, &refused.body["current_job_ids"]), (429, &json!([])));
}

#[tokio::test]
async fn states_are_kept_for_a_while() {
    let options = json!({"organizations": organizations(10), "job_statuses_kept": 2, "job_status_seconds": 60});
    let desk = desk(options).await;
    let jobs = [ten(&desk).await, ten(&desk).await, ten(&desk).await];
    let known = || async {
        let mut known = Vec::new();
        for job in &jobs {
            known.push(!desk.status(job).await.is_null());
        }
        known
    };
    assert_eq!(known().await, [true, true, true]);
    desk.advance(5.0);
    assert_eq!(known().await, [false, true, true]);
    desk.advance(60.0);
    assert_eq!(known().await, [false, false, false]);
    assert_eq!(desk.get("job_statuses").await.body["job_statuses"], json!([]));
    assert!(desk.zendesk.jobs().iter().all(|job| job.status == State::Completed && job.done == 10));
}

#[tokio::test]
async fn items_fail_on_demand() {
    let failures = json!({"item_failures": {"count": 2, "error": "OrganizationUpdateFailed", "details": "Name:  no"}});
    let desk = faulty("update_many", failures).await;
    let id = ten(&desk).await;
    desk.advance(5.0);
    let done = desk.status(&id).await;
    assert_eq!(done["status"], "completed");
    let failed = json!({"index": 1, "error": "OrganizationUpdateFailed", "id": 2, "details": "Name:  no"});
    assert_eq!(done["results"][1], failed);
    assert_eq!(done["results"][2]["success"], true);
    assert_eq!((&desk.organization(2)["notes"], &desk.organization(3)["notes"]), (&Value::Null, &json!("new")));
    let next = ten(&desk).await;
    desk.advance(5.0);
    assert_eq!(desk.status(&next).await["results"][0]["success"], true);

    let desk = faulty("create_many", json!({"item_failures": {"count": 1, "unsuccessful": true}})).await;
    let id = desk.job("POST", CREATE, json!({"organizations": [{"name": "A"}, {"name": "B"}]})).await;
    desk.advance(5.0);
    let wanted = json!({"action": "create", "id": null, "status": "Failed", "success": false});
    assert_eq!(desk.status(&id).await["results"][0], wanted);
    assert_eq!(desk.zendesk.organizations().len(), 11);
}

#[tokio::test]
async fn jobs_stop_on_demand() {
    for (status, ends) in [("queued", false), ("working", false), ("failed", true), ("killed", true)] {
        let desk = faulty("update_many", json!({"job_stops": {"status": status, "after": 4}})).await;
        let id = ten(&desk).await;
        desk.advance(1000.0);
        let row = desk.status(&id).await;
        assert_eq!((&row["status"], &row["results"]), (&json!(status), &Value::Null));
        let job = &desk.zendesk.jobs()[0];
        assert_eq!((job.done, job.ended_at.is_some()), (if status == "queued" { 0 } else { 4 }, ends), "{status}");
        assert_eq!(desk.organization(5)["notes"], Value::Null);
        assert!(job.ended_at.is_none_or(|at| at < 5.0));
    }
}

#[tokio::test]
async fn results_can_be_missing() {
    let desk = faulty("update_many", json!({"missing_results": 3})).await;
    let id = ten(&desk).await;
    desk.advance(5.0);
    let row = desk.status(&id).await;
    assert_eq!((&row["progress"], row["results"].as_array().unwrap().len()), (&json!(10), 7));
    assert_eq!(desk.organization(10)["notes"], "new");
}

#[tokio::test]
async fn a_state_can_get_lost_while_the_job_goes_on() {
    let desk = faulty("job_status", json!("job_expire")).await;
    let (lost, kept) = (ten(&desk).await, ten(&desk).await);
    for _ in 0..2 {
        let answer = desk.get(&format!("job_statuses/{lost}")).await;
        assert_eq!((answer.status, &answer.body["error"]), (404, &json!("RecordNotFound")));
    }
    let many = desk.get(&format!("job_statuses/show_many?ids={lost},{kept}")).await.body;
    assert_eq!(many["job_statuses"].as_array().unwrap().len(), 1);
    desk.advance(5.0);
    assert_eq!(desk.organization(10)["notes"], "new");
    assert_eq!(desk.zendesk.jobs()[0].status, State::Completed);
}

#[tokio::test]
async fn a_job_whose_answer_is_lost_runs() {
    let desk = faulty("update_many", json!("lost_answer")).await;
    let body = json!({"organization": {"notes": "new"}});
    let sent = desk.send(desk.request("PUT", &format!("{UPDATE}?ids=1")).json(&body)).await;
    assert!(sent.is_err());
    desk.advance(5.0);
    assert_eq!(desk.organization(1)["notes"], "new");
}
