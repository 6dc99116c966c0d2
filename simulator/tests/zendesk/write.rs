//! Writes of single organizations, and rules for all writes.

use crate::support::{desk, Answer, Desk};
use serde_json::{json, Value};

fn fields() -> Value {
    json!([
        {"key": "account_type", "type": "dropdown", "title": "Account type",
         "custom_field_options": ["open_partner", "select_partner"]},
        {"key": "marked", "type": "checkbox", "tag": "to_delete"},
        {"key": "silent", "type": "checkbox"},
        {"key": "expires", "type": "date"},
        {"key": "seats", "type": "integer"},
        {"key": "revenue", "type": "decimal"},
        {"key": "regions", "type": "multiselect", "custom_field_options": ["east", "west"]},
        {"key": "code", "type": "regexp", "regexp_for_validation": "\\A\\d{3}\\z"},
        {"key": "owner", "type": "text"},
        {"key": "remarks", "type": "textarea"}
    ])
}

async fn full(organizations: Value) -> Desk {
    desk(json!({"organization_fields": fields(), "organizations": organizations})).await
}

async fn update(desk: &Desk, id: u64, organization: Value) -> Answer {
    desk.put(&format!("organizations/{id}.json"), json!({"organization": organization})).await
}

#[tokio::test]
async fn a_new_organization() {
    let desk = full(json!([])).await;
    let answer = desk.create(json!({"name": "  Big Co ", "organization_fields": {"owner": "Ann"}})).await;
    assert_eq!(answer.status, 201);
    let row = &answer.body["organization"];
    let keys =
        "url,id,name,shared_tickets,shared_comments,external_id,created_at,updated_at,domain_names,details,notes,\
                group_id,tags,organization_fields";
    assert_eq!(row.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(","), keys);
    assert_eq!(row["name"], "Big Co");
    let id = row["id"].as_u64().unwrap();
    assert!(id > 1 << 32);
    assert_eq!(answer.header("location"), desk.url(&format!("organizations/{id}.json")));
    let unset = json!({"account_type": null, "marked": false, "silent": false, "expires": null, "seats": null,
                       "revenue": null, "regions": null, "code": null, "owner": "Ann", "remarks": null});
    assert_eq!(row["organization_fields"], unset);
    assert!(answer.header("x-zendesk-api-warn").is_empty());
    assert_eq!(desk.organization(id), *row);
}

#[tokio::test]
async fn names_and_external_ids_are_unique() {
    let desk =
        full(json!([{"id": 1, "name": "Big Co", "external_id": "company1"}, {"id": 2, "name": "Small Co"}])).await;
    let name = desk.create(json!({"name": " BIG CO "})).await;
    let wanted = json!({
        "error": "RecordInvalid", "description": "Record validation errors",
        "details": {"name": [{"description": "Name: BIG CO has already been taken", "error": "DuplicateValue"}]}
    });
    assert_eq!((name.status, name.body), (422, wanted));
    let id = desk.create(json!({"name": "Other", "external_id": "Company1"})).await;
    assert_eq!((id.status, &id.body["details"]["external_id"][0]["error"]), (422, &json!("DuplicateValue")));
    let both = update(&desk, 2, json!({"name": "big co", "external_id": "COMPANY1"})).await;
    assert_eq!((both.status, both.body["details"].as_object().unwrap().len()), (422, 2));
    assert_eq!(desk.organization(2)["name"], "Small Co");
    let blank = desk.create(json!({"name": "  "})).await;
    assert_eq!((blank.status, &blank.body["details"]["name"][0]["error"]), (422, &json!("BlankValue")));

    // An organization does not conflict with its own name, and a former name can be used again.
    assert_eq!(update(&desk, 1, json!({"name": "BIG CO"})).await.status, 200);
    assert_eq!(update(&desk, 1, json!({"name": "Huge Co", "external_id": null})).await.status, 200);
    assert_eq!(desk.create(json!({"name": "Big Co", "external_id": "company1"})).await.status, 201);
    assert_eq!(desk.zendesk.organizations().len(), 3);
}

#[tokio::test]
async fn two_creations_close_together_can_both_succeed() {
    let desk = desk(json!({"uniqueness_delay": 2.0})).await;
    assert_eq!(desk.create(json!({"name": "Big Co"})).await.status, 201);
    assert_eq!(desk.create(json!({"name": "big co"})).await.status, 201);
    desk.advance(3.0);
    assert_eq!(desk.create(json!({"name": "Big Co"})).await.status, 422);
}

#[tokio::test]
async fn values_by_type() {
    let desk = full(json!([{"id": 1, "name": "A"}])).await;
    let written = json!({"expires": "2026-11-05", "seats": "12", "revenue": 7, "regions": ["west"], "code": "123",
                         "owner": "", "remarks": "a\nb", "silent": true, "account_type": "open_partner"});
    let answer = update(&desk, 1, json!({"organization_fields": written, "details": "", "notes": "n"})).await;
    let row = &answer.body["organization"];
    let wanted = json!({"account_type": "open_partner", "marked": false, "silent": true,
                        "expires": "2026-11-05T00:00:00+00:00", "seats": 12, "revenue": 7.0, "regions": ["west"],
                        "code": "123", "owner": null, "remarks": "a\nb"});
    assert_eq!(row["organization_fields"], wanted);
    assert_eq!((&row["details"], &row["notes"]), (&json!(""), &json!("n")));

    for (key, value) in [
        ("account_type", json!("alliance_partner")),
        ("expires", json!("tomorrow")),
        ("seats", json!("many")),
        ("code", json!("12")),
        ("regions", json!(["north"])),
    ] {
        let refused = update(&desk, 1, json!({"name": "B", "organization_fields": {key: value}})).await;
        let error = &refused.body["details"]["organization_fields"][0];
        assert_eq!((refused.status, &error["error"]), (422, &json!("InvalidValue")), "{key}");
        desk.advance(60.0);
    }
    let refused = update(&desk, 1, json!({"organization_fields": {"account_type": "x"}})).await;
    let description = &refused.body["details"]["organization_fields"][0]["description"];
    assert_eq!(description, "Account type: x is invalid");
    assert_eq!(desk.organization(1)["name"], "A");
}

#[tokio::test]
async fn tags_follow_the_fields() {
    let seed = json!([{"id": 1, "name": "A", "organization_fields": {"account_type": "open_partner", "marked": true}},
                      {"id": 2, "name": "B", "tags": ["own"], "organization_fields": {"marked": true}}]);
    let desk = full(seed).await;
    assert_eq!(desk.organization(1)["tags"], json!(["open_partner", "to_delete"]));
    assert_eq!(desk.organization(2)["tags"], json!(["own"]));
    let tags = |answer: Answer| answer.body["organization"]["tags"].clone();
    let changed = json!({"organization_fields": {"account_type": "select_partner", "silent": true}});
    assert_eq!(tags(update(&desk, 1, changed).await), json!(["to_delete", "select_partner"]));
    let unset = json!({"organization_fields": {"marked": false, "account_type": null, "regions": ["east", "west"]}});
    assert_eq!(tags(update(&desk, 1, unset).await), json!(["east", "west"]));

    // Tags are replaced as a whole, and those of fields in the same request are added.
    let whole = json!({"organization_fields": {"marked": true}, "tags": ["VIP", "vip", "a"]});
    assert_eq!(tags(update(&desk, 1, whole).await), json!(["vip", "a", "to_delete"]));
    assert_eq!(tags(update(&desk, 1, json!({"tags": []})).await), json!([]));
    let domains = update(&desk, 1, json!({"domain_names": "A.example b.example"})).await;
    assert_eq!(domains.body["organization"]["domain_names"], json!(["a.example", "b.example"]));
}

#[tokio::test]
async fn unknown_attributes_are_ignored_and_named() {
    let desk = full(json!([{"id": 1, "name": "A"}])).await;
    let written = json!({"id": 5, "colour": "red", "notes": "n", "organization_fields": {"owner": "Ann", "ownr": "x"}});
    let answer = update(&desk, 1, written).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["organization"]["notes"], "n");
    assert!(answer.body["organization"]["organization_fields"].get("ownr").is_none());
    let warning = "{:allowed_parameters=>{:controller=>\"organizations\", :action=>\"update\", \
                   :unpermitted_keys=>[\"organization.id\", \"organization.colour\", \
                   \"organization.organization_fields.ownr\"], :invalid_values=>[]}}";
    assert_eq!(answer.header("x-zendesk-api-warn"), warning);
    let strange = desk.create(json!({"name": "B", "ä\"": 1})).await;
    assert!(strange.header("x-zendesk-api-warn").contains("[\"organization.\\u{e4}\\\"\"]"));

    let batch = json!({"organizations": [{"id": 1, "colour": 1}, {"id": 1, "colour": 2}]});
    let answer = desk.put("organizations/update_many", batch).await;
    assert!(answer.header("x-zendesk-api-warn").contains("[\"organizations.colour\"]"));
}

#[tokio::test]
async fn create_or_update_knows_ids_and_not_names() {
    let desk = full(json!([{"id": 1, "name": "A", "external_id": "x1"}])).await;
    let send = |row: Value| desk.post("organizations/create_or_update", json!({"organization": row}));
    let updated = send(json!({"external_id": "X1", "notes": "one"})).await;
    assert_eq!((updated.status, &updated.body["organization"]["id"]), (200, &json!(1)));
    assert_eq!(send(json!({"id": 1, "notes": "two"})).await.status, 200);
    assert_eq!(send(json!({"id": 9, "notes": "two"})).await.status, 404);
    assert_eq!(send(json!({"name": "A"})).await.status, 422);
    assert_eq!(send(json!({"name": "B", "external_id": "x2"})).await.status, 201);
}

#[tokio::test]
async fn bodies_must_be_right() {
    let desk = full(json!([])).await;
    let form = desk.request("POST", "organizations").body("name=A");
    assert_eq!(desk.send(form).await.unwrap().status, 415);
    let broken = desk.request("POST", "organizations").header("Content-Type", "application/json").body("{");
    assert_eq!(desk.send(broken).await.unwrap().status, 400);
    let missing = desk.post("organizations", json!({"name": "A"})).await;
    assert_eq!((missing.status, &missing.body["error"]), (400, &json!("ParameterMissing")));
    assert_eq!(update(&desk, 9, json!({"name": "A"})).await.status, 404);
    let odd = desk.create(json!({"name": ["A"], "tags": 1, "shared_tickets": "x", "organization_fields": []})).await;
    assert_eq!((odd.status, odd.body["details"].as_object().unwrap().len()), (422, 4));
}

#[tokio::test]
async fn others_can_change_everything() {
    let desk = full(json!([{"id": 1, "name": "A"}])).await;
    let row = json!({"name": "B", "organization_fields": {"revenue": "odd"}});
    desk.zendesk.replace(vec![row.as_object().unwrap().clone()]).unwrap();
    assert_eq!(desk.get("organizations/count").await.body["count"]["value"], 1);
    assert_eq!(desk.get("organizations/search?name=b").await.body["count"], 1);
    assert_eq!(desk.zendesk.organizations()[0]["organization_fields"]["revenue"], "odd");
    let unknown = json!({"organization_fields": {"x": 1}});
    assert!(desk.zendesk.replace(vec![unknown.as_object().unwrap().clone()]).is_err());
}

#[tokio::test]
async fn time_stamps_are_simulated() {
    let desk = desk(json!({"organizations": [{"id": 1, "name": "A"}], "token_seconds": 0})).await;
    let created = desk.organization(1)["created_at"].clone();
    desk.advance(90_000.0);
    let row = update(&desk, 1, json!({"notes": "later"})).await.body["organization"].clone();
    assert_eq!(row["created_at"], created);
    assert_ne!(row["updated_at"].as_str().unwrap()[..10], created.as_str().unwrap()[..10]);
}
