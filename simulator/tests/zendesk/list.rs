//! Lists and lookups.

use crate::support::{desk, ids, list, organizations, start, Desk};
use serde_json::{json, Value};

/// Follows the links until `has_more` is false.
async fn walk(desk: &Desk, path: &str) -> Vec<Vec<u64>> {
    let mut page = desk.get(path).await.body;
    let mut pages = vec![ids(&page)];
    while page["meta"]["has_more"] == true && pages.len() < 9 {
        page = desk.get(page["links"]["next"].as_str().unwrap()).await.body;
        pages.push(ids(&page));
    }
    pages
}

#[tokio::test]
async fn cursor_pages() {
    let desk = desk(json!({"organizations": organizations(7)})).await;
    assert_eq!(walk(&desk, "organizations?page[size]=3").await, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);

    let first = desk.get("organizations.json?page%5Bsize%5D=3").await.body;
    assert_eq!(first.as_object().unwrap().keys().collect::<Vec<_>>(), ["organizations", "meta", "links"]);
    assert!(first["meta"]["after_cursor"].as_str().unwrap().starts_with("eyJvIjoiaWQi"));
    let next = first["links"]["next"].as_str().unwrap();
    assert!(next.starts_with(&desk.url("organizations.json?page%5Bafter%5D=eyJ")), "{next}");
    assert!(next.ends_with("&page%5Bsize%5D=3"), "{next}");

    let second = desk.get(next).await.body;
    let back = desk.get(second["links"]["prev"].as_str().unwrap()).await.body;
    assert_eq!(ids(&back), [1, 2, 3]);
    assert_eq!(back["meta"]["has_more"], false);
}

#[tokio::test]
async fn the_last_page_has_a_link_to_an_empty_one() {
    let desk = desk(json!({"organizations": organizations(3)})).await;
    let last = desk.get("organizations?page[size]=3").await.body;
    assert_eq!(last["meta"]["has_more"], false);
    assert!(last["meta"]["after_cursor"].is_string());
    let empty = desk.get(last["links"]["next"].as_str().unwrap()).await;
    assert_eq!(empty.status, 200);
    let nothing = json!({"organizations": [], "meta": {"has_more": false, "after_cursor": null, "before_cursor": null},
                         "links": {"prev": null, "next": null}});
    assert_eq!(empty.body, nothing);
}

#[tokio::test]
async fn without_a_size_pages_have_numbers() {
    let desk = desk(json!({"organizations": organizations(250)})).await;
    let first = desk.get("organizations").await.body;
    assert_eq!((ids(&first).len(), &first["count"], &first["previous_page"]), (100, &json!(250), &Value::Null));
    assert!(first.get("meta").is_none());
    let third = desk.get("organizations?page=3").await.body;
    assert_eq!((ids(&third).len(), &third["next_page"]), (50, &Value::Null));
    assert_eq!(ids(&desk.get(third["previous_page"].as_str().unwrap()).await.body)[0], 101);

    let deep = desk.get("organizations?page=101").await;
    assert_eq!((deep.status, &deep.body["errors"][0]["code"]), (400, &json!("InvalidPaginationDepth")));
}

#[tokio::test]
async fn sizes_and_cursors_must_be_right() {
    let desk = desk(json!({"organizations": organizations(3)})).await;
    let name = desk.get("organizations?page[size]=1&sort=name").await.body;
    let cursor = name["meta"]["after_cursor"].as_str().unwrap();
    let wrong = ["page[size]=0", "page[size]=101", "page[size]=many", "page[size]=1&page[after]=x", "sort=color"];
    let other_order = format!("page[size]=1&page[after]={}", cursor.replace('=', "%3D"));
    for query in wrong.into_iter().chain([other_order.as_str()]) {
        let answer = desk.get(&format!("organizations?{query}")).await;
        assert_eq!((answer.status, &answer.body["error"]["title"]), (400, &json!("Invalid attribute")), "{query}");
    }
    let size = desk.get("organizations?page[size]=101").await.body;
    let message = size["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("You passed an invalid value for the page.size attribute."), "{message}");
}

#[tokio::test]
async fn the_server_may_give_smaller_pages() {
    let desk = desk(json!({"organizations": organizations(5), "page_size": 2})).await;
    assert_eq!(walk(&desk, "organizations?page[size]=100").await, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(ids(&desk.get("organizations?page=2").await.body), [3, 4]);
}

#[tokio::test]
async fn other_orders() {
    let rows = json!([{"id": 1, "name": "b"}, {"id": 2, "name": "C"}, {"id": 3, "name": "a"}, {"id": 4, "name": "b"}]);
    let desk = desk(json!({"organizations": rows})).await;
    assert_eq!(walk(&desk, "organizations?sort=name&page[size]=3").await, [vec![3, 1, 4], vec![2]]);
    assert_eq!(walk(&desk, "organizations?sort=-name&page[size]=1").await, [[2], [4], [1], [3]]);
    assert_eq!(walk(&desk, "organizations?sort=-id&page[size]=3").await, [vec![4, 3, 2], vec![1]]);
}

#[tokio::test]
async fn lists_may_be_cached() {
    let desk = desk(json!({"organizations": organizations(3)})).await;
    let page = desk.get("organizations?page[size]=3").await;
    assert_eq!(page.header("cache-control"), "max-age=30, private");
    let again = || desk.request("GET", "organizations?page[size]=3").header("If-None-Match", page.header("etag"));
    let same = desk.send(again()).await.unwrap();
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    desk.put("organizations/1", json!({"organization": {"notes": "new"}})).await;
    assert_eq!(desk.send(again()).await.unwrap().status, 200);
}

#[tokio::test]
async fn the_count_and_single_organizations() {
    let desk = desk(json!({"organizations": organizations(3)})).await;
    let count = desk.get("organizations/count").await.body;
    assert_eq!(count["count"]["value"], 3);
    assert!(count["count"]["refreshed_at"].as_str().unwrap().ends_with('Z'));
    let one = desk.get("organizations/2.json").await.body;
    assert_eq!(one["organization"]["url"], desk.url("organizations/2.json"));
    let missing = desk.get("organizations/9").await;
    assert_eq!((missing.status, missing.body), (404, json!({"error": "RecordNotFound", "description": "Not found"})));
    assert_eq!(desk.get("organizations/x").await.status, 404);
    assert_eq!(desk.get("tickets").await.body["error"], "InvalidEndpoint");
}

#[tokio::test]
async fn show_many_answers_in_another_order() {
    let mut rows = organizations(101);
    rows[4]["external_id"] = "Company1".into();
    rows[5]["external_id"] = "company2".into();
    let desk = desk(json!({"organizations": rows})).await;
    assert_eq!(ids(&desk.get("organizations/show_many?ids=3,999,1,2").await.body), [2, 1, 3]);
    let by_external = desk.get("organizations/show_many?external_ids=company1,COMPANY2,none").await.body;
    assert_eq!(ids(&by_external), [6, 5]);
    let many = desk.get(&format!("organizations/show_many?ids={}", list(1..=101))).await;
    let refusal = json!({"error": "TooManyValues", "description": "Parameter  cannot specify more than 100 values",
                         "max_count": 100});
    assert_eq!((many.status, many.body), (400, refusal));
    assert_eq!(desk.get("organizations/show_many?ids=a").await.status, 400);
    assert_eq!(desk.get("organizations/show_many").await.status, 400);
}

#[tokio::test]
async fn look_ups_are_exact_and_do_not_see_case() {
    let rows = json!([{"id": 1, "name": "Big Co", "external_id": "A1"}, {"id": 2, "name": "Big Company"},
                      {"id": 3, "name": "big co"}, {"id": 4, "name": "Übergröße"}]);
    let desk = desk(json!({"organizations": rows})).await;
    for (query, wanted) in [
        ("search?name=BIG%20CO", vec![1, 3]),
        ("search?name=%20big+co%20", vec![1, 3]),
        ("search?name=%C3%BCBERGR%C3%96%C3%9Fe", vec![4]),
        ("search?name=Big", vec![]),
        ("search?external_id=a1", vec![1]),
        ("search?external_id=", vec![]),
        ("autocomplete?name=big", vec![1, 2, 3]),
    ] {
        let found = desk.get(&format!("organizations/{query}")).await.body;
        assert_eq!((ids(&found), &found["count"]), (wanted.clone(), &json!(wanted.len())), "{query}");
    }
    assert_eq!(desk.get("organizations/search").await.status, 400);
    assert_eq!(desk.get("organizations/autocomplete?name=b").await.status, 400);
}

#[tokio::test]
async fn definitions_of_fields() {
    let fields = json!([
        {"key": "account_type", "type": "dropdown", "custom_field_options": ["a", {"name": "Bee", "value": "b"}]},
        {"key": "marked", "type": "checkbox", "title": "Marked", "tag": "is_marked"},
        {"key": "code", "type": "regexp", "regexp_for_validation": "\\A\\d+\\z", "active": false},
        {"key": "owner"}
    ]);
    let desk = desk(json!({"organization_fields": fields})).await;
    let answer = desk.get("organization_fields").await.body;
    assert_eq!((&answer["count"], &answer["next_page"]), (&json!(4), &Value::Null));
    let rows = answer["organization_fields"].as_array().unwrap();
    let types: Vec<_> = rows.iter().map(|row| row["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["dropdown", "checkbox", "regexp", "text"]);
    assert_eq!(rows[0]["custom_field_options"][1]["value"], "b");
    assert_eq!(rows[0]["custom_field_options"][1]["name"], "Bee");
    assert_eq!((&rows[1]["tag"], &rows[1]["title"]), (&json!("is_marked"), &json!("Marked")));
    assert_eq!((&rows[2]["active"], &rows[2]["regexp_for_validation"]), (&json!(false), &json!("\\A\\d+\\z")));

    let page = desk.get("organization_fields?page[size]=3").await.body;
    assert_eq!(page["meta"]["has_more"], true);
    let rest = desk.get(page["links"]["next"].as_str().unwrap()).await.body;
    assert_eq!(rest["organization_fields"][0]["key"], "owner");
}

#[test]
fn what_makes_no_sense_does_not_start() {
    let cases = [
        (json!({"page_size": 0}), "page_size must be from 1 to 100"),
        (json!({"clock_speed": 0.0}), "clock_speed must be a number above 0"),
        (json!({"per_minute": 0}), "per_minute must be at least 1"),
        (json!({"organizations": [{"id": 1}, {"id": 1}]}), "1 cannot be the id of an organization"),
        (json!({"organizations": [{"id": "x"}]}), "\"x\" cannot be the id of an organization"),
        (json!({"organizations": [{"organization_fields": {"k": 1}}]}), "organization_fields does not define k"),
        (json!({"organization_fields": [{"key": "k", "regexp_for_validation": "("}]}), "the field k has no valid"),
    ];
    for (options, wanted) in cases {
        let error = start(options).err().unwrap().to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
    let unknown = serde_json::from_value::<crm_sync_simulator::zendesk::Options>(json!({"organisations": []}));
    assert!(unknown.is_err());
}
