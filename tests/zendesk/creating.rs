//! New organizations: each is created once, whatever happens to the responses.

use crate::support::{attributes, client, count, desk, fault, named, rows, Journal};
use crm_sync::zendesk::{create, write, Changes, Created, Outcome, Reason, Refusal};
use crm_sync::Error;
use crm_sync_simulator::zendesk::Zendesk;
use serde_json::{json, Value};

/// Starts an account with three organizations, N1 to N3. The second one has an external id.
fn three(faults: Value) -> Zendesk {
    let mut organizations = named(3);
    organizations[1]["external_id"] = json!("ext-2");
    let fields =
        json!([{"key": "salesforce_id"}, {"key": "support_hold", "type": "checkbox"}, {"key": "day", "type": "date"}]);
    desk(json!({"organizations": organizations, "organization_fields": fields, "faults": faults}))
}

async fn made(desk: &Zendesk, row: Value) -> Created {
    create(&client(desk), &attributes(row)).await.expect("an end")
}

fn refusal(created: Created) -> Refusal {
    match created.outcome {
        Outcome::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn partner() -> Value {
    let fields = json!({"salesforce_id": "0014M00001sDiGEQA0", "support_hold": false, "day": "2024-02-29"});
    json!({"name": " New ", "organization_fields": fields})
}

#[tokio::test]
async fn a_new_organization_has_an_id() {
    let desk = three(json!([]));
    let created = made(&desk, partner()).await;
    assert_eq!(created.outcome, Outcome::Done);
    assert_eq!(crate::support::organization(&desk, created.id.expect("an id"))["name"], "New");
}

#[tokio::test]
async fn name_already_taken() {
    let desk = three(json!([]));
    let refusal = refusal(made(&desk, json!({"name": " n2"})).await);
    assert_eq!((refusal.reason, refusal.holder), (Reason::NameTaken, Some(2)));
    assert_eq!(refusal.code.as_deref(), Some("DuplicateValue"));
    assert!(refusal.message.contains("has already been taken"), "{}", refusal.message);
}

#[tokio::test]
async fn external_id_already_taken() {
    let desk = three(json!([]));
    let refusal = refusal(made(&desk, json!({"name": "New", "external_id": "EXT-2"})).await);
    assert_eq!((refusal.reason, refusal.holder), (Reason::ExternalIdTaken, Some(2)));
}

#[tokio::test]
async fn what_is_not_valid_concerns_this_one_alone() {
    let desk = three(json!([]));
    let refusal = refusal(made(&desk, json!({"name": ""})).await);
    assert_eq!(refusal.reason, Reason::Other);
    assert!(refusal.message.contains("cannot be blank"), "{}", refusal.message);
    assert_eq!(count(&desk, "POST", "/organizations"), 1);
}

/// After a timeout or a similar failure, the organization is looked up before the creation is sent again.
#[tokio::test]
async fn create_timed_out() {
    for row in [partner(), json!({"name": "New", "external_id": "new"})] {
        for answer in [json!("lost_answer"), json!("truncate"), json!("cut_json")] {
            let desk = three(fault("create", answer.clone()));
            let created = made(&desk, row.clone()).await;
            assert_eq!(created.outcome, Outcome::Done, "{answer}");
            assert_eq!((desk.organizations().len(), count(&desk, "POST", "/organizations")), (4, 1), "{answer}");
            assert!(created.id.is_some(), "{answer}");
        }
        let nothing_done = [
            json!("close"),
            json!("hang"),
            json!("html"),
            json!({"status": {"status": 502}}),
            json!({"unavailable": {}}),
            json!({"status": {"status": 409}}),
        ];
        for answer in nothing_done {
            let desk = three(fault("create", answer.clone()));
            assert_eq!(made(&desk, row.clone()).await.outcome, Outcome::Done, "{answer}");
            assert_eq!((desk.organizations().len(), count(&desk, "POST", "/organizations")), (4, 2), "{answer}");
        }
    }
}

/// The organization may exist if the response is lost and it can no longer be looked up.
#[tokio::test]
async fn what_was_sent_without_an_answer_is_never_said_to_be_untried() {
    for answer in
        [json!({"error": {"status": 403, "code": "Forbidden"}}), json!({"too_many_requests": {"retry_after": 90_000}})]
    {
        let faults = json!([{"on": "create", "times": 1, "answer": "lost_answer"}, {"on": "lookup", "answer": answer}]);
        let outcome = made(&three(faults.clone()), partner()).await.outcome;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        let creates = vec![attributes(partner())];
        let desk = three(faults);
        let written = write(&client(&desk), Changes { creates, ..Changes::default() }, &Journal::default()).await;
        assert!(matches!(written.items[0].outcome, Outcome::Unknown(_)), "{written:?}");
        assert!(written.stopped.is_some());
    }
}

#[tokio::test]
async fn a_lost_answer_is_put_back_for_an_organization_of_somebody_else() {
    let desk = three(fault("create", json!("close")));
    let row = json!({"name": "N1", "organization_fields": {"salesforce_id": "0014M00001sDiGEQA0"}});
    let refusal = refusal(made(&desk, row).await);
    assert_eq!((refusal.reason, refusal.holder), (Reason::NameTaken, Some(1)));
    assert_eq!(desk.organizations().len(), 3);
}

#[tokio::test]
async fn a_refusal_that_did_nothing_is_tried_again() {
    for answer in [
        json!({"unavailable": {"retry_after": 2}}),
        json!({"too_many_requests": {"retry_after": 2}}),
        json!("expire_token"),
    ] {
        let desk = three(fault("create", answer.clone()));
        assert_eq!(made(&desk, partner()).await.outcome, Outcome::Done, "{answer}");
        assert_eq!(count(&desk, "GET", "/organizations/search"), 0, "{answer}");
    }
}

#[tokio::test]
async fn answers_that_are_lost_again_and_again_are_told() {
    let desk = three(json!([{"on": "create", "answer": "close"}]));
    let created = made(&desk, partner()).await;
    match created.outcome {
        Outcome::Unknown(why) => assert!(why.contains("run the sync again"), "{why}"),
        other => panic!("{other:?}"),
    }
    let desk = three(
        json!([{"on": "create", "answer": "lost_answer"}, {"on": "lookup", "answer": {"status": {"status": 500}}}]),
    );
    assert!(matches!(made(&desk, partner()).await.outcome, Outcome::Unknown(_)));
    assert_eq!((desk.organizations().len(), count(&desk, "POST", "/organizations")), (4, 1));
}

#[tokio::test]
async fn two_that_both_succeeded_are_told() {
    // The first look-up wrongly finds nothing, and the uniqueness check is delayed.
    let unseen = json!({"status": {"status": 200, "body": "{\"organizations\":[]}"}});
    let faults = json!([{"on": "create", "times": 1, "answer": "lost_answer"},
        {"on": "lookup", "times": 1, "answer": unseen}, {"on": "organizations", "times": 1, "answer": unseen}]);
    let desk = desk(json!({"uniqueness_delay": 1000, "faults": faults}));
    let refusal = refusal(made(&desk, json!({"name": "New"})).await);
    assert_eq!((refusal.reason, desk.organizations().len()), (Reason::Twice, 2));
    assert!(refusal.holder.is_some());
}

#[tokio::test]
async fn field_key_missing_in_zendesk() {
    let desk = three(json!([]));
    let created = made(&desk, json!({"name": "New", "organization_fields": {"typo": 1}})).await;
    assert!(created.id.is_some(), "it is there all the same");
    let refusal = refusal(created);
    assert_eq!(refusal.reason, Reason::UnknownAttributes);
    assert!(refusal.message.contains("organization.organization_fields.typo"), "{}", refusal.message);
}

#[tokio::test]
async fn what_no_other_creation_would_survive_ends_the_run() {
    let forbidden = json!([{"on": "create", "answer": {"error": {"status": 403, "code": "Forbidden"}}}]);
    let desk = three(forbidden);
    let result = create(&client(&desk), &attributes(partner())).await;
    assert!(matches!(&result, Err(Error::Remote(error)) if error.message.contains("scope")), "{result:?}");

    let creates = (0..40).map(|number| attributes(json!({"name": format!("New {number}")}))).collect();
    let changes = Changes { creates, updates: rows([1], &json!({"notes": "x"})), marks: Vec::new() };
    let written = write(&client(&desk), changes, &Journal::default()).await;
    assert!(matches!(written.stopped, Some(Error::Remote(_))), "{:?}", written.stopped);
    assert_eq!(written.items.len(), 41);
    assert!(written.items.iter().all(|item| matches!(item.outcome, Outcome::NotTried(_))));
    assert!(count(&desk, "POST", "/organizations") < 40 && desk.jobs().is_empty());
}

#[tokio::test]
async fn two_of_one_name_are_not_sent_side_by_side() {
    let desk = desk(json!({"uniqueness_delay": 1000}));
    let creates = vec![attributes(json!({"name": "New"})), attributes(json!({"name": " nEW "}))];
    let written = write(&client(&desk), Changes { creates, ..Changes::default() }, &Journal::default()).await;
    assert_eq!(written.items[0].outcome, Outcome::Done);
    assert!(matches!(&written.items[1].outcome, Outcome::NotTried(why) if why.contains("same name")));
    assert_eq!(desk.organizations().len(), 1);
}

/// The search index lags behind: an organization that our own first attempt created is found nevertheless, and is not
/// taken for another one.
#[tokio::test]
async fn what_the_search_does_not_know_yet_is_found() {
    for (answer, delay) in [(json!("lost_answer"), 0.0), (json!("lost_answer"), 3600.0), (json!("truncate"), 3600.0)] {
        let desk = desk(json!({"organizations": named(3), "faults": fault("create", answer.clone()),
                               "search_delay": 3600, "uniqueness_delay": delay,
                               "organization_fields": [{"key": "salesforce_id"}]}));
        let row = json!({"name": "New", "organization_fields": {"salesforce_id": "0014M00001sDiGEQA0"}});
        let created = made(&desk, row).await;
        assert_eq!(created.outcome, Outcome::Done, "{answer}");
        assert_eq!((desk.organizations().len(), count(&desk, "POST", "/organizations")), (4, 1), "{answer}");
        let ours = desk.organizations().into_iter().find(|row| row["name"] == "New").and_then(|row| row["id"].as_u64());
        assert_eq!(created.id, ours);
    }
}

/// If a response was lost and the holder of the name cannot be found, the name is not reported as that of another
/// organization.
#[tokio::test]
async fn what_may_be_our_own_is_not_anothers() {
    let empty =
        json!({"status": {"status": 200, "content_type": "application/json", "body": "{\"organizations\":[]}"}});
    let faults =
        json!([{"on": "create", "times": 1, "answer": "lost_answer"}, {"on": "organizations", "answer": empty}]);
    let desk = desk(json!({"organizations": named(3), "faults": faults, "search_delay": 3600}));
    let created = made(&desk, json!({"name": "New"})).await;
    let Outcome::Unknown(why) = created.outcome else { panic!("{created:?}") };
    assert!(why.contains("probably its own"), "{why}");
    assert_eq!(desk.organizations().len(), 4);
}
