//! Text that is not Unicode, as forms and imports leave it behind: a broken value of one organization does not affect
//! the others.

use crate::support::{attributes, client, desk, named, read, rows};
use crm_sync::zendesk::{create, update_many, Outcome, Reason};
use crm_sync_simulator::zendesk::Zendesk;
use serde_json::{json, Value};

/// The forms in which half an emoji arrives: as an escape, and as bytes.
const HALVES: [&str; 2] = ["\\ud83d", "\u{ed}\u{a0}\u{bd}"];

/// Starts an account with ten organizations. The second one has half an emoji in its notes, the tenth in its name.
fn ten(on: &str, half: &str, more: Value) -> Zendesk {
    let mut organizations = named(10);
    organizations[1]["notes"] = json!("Call HALF");
    organizations[9]["name"] = json!("N10 HALF");
    let splice = json!({"splice": {"text": "HALF", "bytes": half}});
    let mut options = json!({"organizations": organizations, "faults": [{"on": on, "answer": splice}]});
    options.as_object_mut().expect("options").extend(attributes(more));
    desk(options)
}

#[tokio::test]
async fn all_organizations_come_beside_one_that_has_half_an_emoji() {
    for half in HALVES {
        let desk = ten("organizations", half, json!({}));
        assert_eq!(read(&client(&desk)).await.expect("ids").len(), 10, "{half}");
    }
}

/// The result of a job quotes the name that is taken. The response about all jobs is readable nevertheless.
#[tokio::test]
async fn a_result_that_quotes_half_an_emoji_is_that_rows_alone() {
    for half in HALVES {
        let desk = ten("job_status", half, json!({"job_seconds": 1}));
        let mut changes = rows(1..=9, &json!({"notes": "new"}));
        changes[0].attributes = attributes(json!({"name": "N10 HALF"}));
        let written = update_many(&client(&desk), changes).await;
        let Outcome::Refused(refusal) = &written.items[0].outcome else { panic!("{:?}", written.items[0]) };
        assert_eq!(refusal.reason, Reason::NameTaken, "{half}");
        assert!(written.items[1..].iter().all(|item| item.outcome == Outcome::Done), "{half}");
    }
}

#[tokio::test]
async fn a_refusal_that_quotes_half_an_emoji_says_who_has_the_name() {
    for half in HALVES {
        let desk = ten("create", half, json!({}));
        let created = create(&client(&desk), &attributes(json!({"name": "N10 HALF"}))).await.expect("an end");
        let Outcome::Refused(refusal) = created.outcome else { panic!("{created:?}") };
        assert_eq!((refusal.reason, refusal.holder), (Reason::NameTaken, Some(10)), "{half}");
    }
}
