//! The size and the order of pages, and results that do not change while they are read.

use crate::support::{contacts, ids, org, Org, DATA};
use crm_sync_simulator::salesforce::{Options, Salesforce};
use serde_json::{json, Value};

async fn follow(org: &Org, mut page: Value) -> Vec<Value> {
    let mut pages = Vec::new();
    while let Some(next) = page["nextRecordsUrl"].as_str().map(str::to_owned) {
        assert_eq!(page["done"], false);
        pages.push(page);
        page = org.answer(org.get(&next)).await.1;
    }
    assert_eq!(page["done"], true);
    pages.push(page);
    pages
}

#[tokio::test]
async fn pages_add_up() {
    let org = org(json!({"records": {"Contact": contacts(25)}, "page_size": 10})).await;
    let first = org.rows("SELECT Id FROM Contact").await;
    let next = first["nextRecordsUrl"].as_str().unwrap().to_owned();
    let (locator, offset) = next.rsplit_once('-').unwrap();
    assert!(locator.starts_with(&format!("{DATA}/query/0r8")), "{next}");
    assert_eq!((offset, locator.len()), ("10", DATA.len() + "/query/".len() + 18));

    let pages = follow(&org, first).await;
    let sizes: Vec<usize> = pages.iter().map(|page| ids(page).len()).collect();
    assert_eq!(sizes, [10, 10, 5]);
    assert!(pages.iter().all(|page| page["totalSize"] == 25));
    let all: Vec<String> = pages.iter().flat_map(ids).collect();
    assert_eq!(all, org_ids(25));
}

fn org_ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("003{number:012}")).collect()
}

#[tokio::test]
async fn a_result_that_just_fits_has_no_next_page() {
    let org = org(json!({"records": {"Contact": contacts(10)}, "page_size": 10})).await;
    let page = org.rows("SELECT Id FROM Contact").await;
    assert_eq!((page["done"].clone(), page.get("nextRecordsUrl")), (json!(true), None));
}

#[tokio::test]
async fn a_result_is_fixed_at_its_first_page() {
    let options = json!({"records": {
        "Contact": [{"Id": "1"}, {"Id": "2", "Name": "old", "AccountId": "a"}],
        "Account": [{"Id": "a", "Name": "old"}]
    }, "page_size": 1});
    let org = org(options).await;
    let first = org.rows("SELECT Id, Name, Account.Name FROM Contact").await;
    org.salesforce.replace("Contact", vec![]);
    org.salesforce.replace("Account", vec![]);
    let pages = follow(&org, first).await;
    assert_eq!(pages[1]["records"][0]["Name"], "old");
    assert_eq!(pages[1]["records"][0]["Account"]["Name"], "old");
    assert_eq!(org.rows("SELECT Id FROM Contact").await["totalSize"], 0);
}

#[tokio::test]
async fn unknown_locators_are_refused() {
    let org = org(json!({"records": {"Contact": contacts(3)}, "page_size": 2})).await;
    let next = org.rows("SELECT Id FROM Contact").await["nextRecordsUrl"].as_str().unwrap().to_owned();
    let beyond = next.replace("-2", "-4");
    for path in ["/services/data/v66.0/query/0r8000000000000AAA-2", &beyond] {
        let (status, body) = org.answer(org.get(path)).await;
        assert_eq!((status.as_u16(), body[0]["errorCode"].as_str()), (400, Some("INVALID_QUERY_LOCATOR")));
    }
}

#[tokio::test]
async fn the_prefix_of_locators_is_an_option() {
    let org = org(json!({"records": {"Contact": contacts(3)}, "page_size": 2, "locator_prefix": "01g"})).await;
    let first = org.rows("SELECT Id FROM Contact").await;
    let next = first["nextRecordsUrl"].as_str().unwrap();
    let (locator, _) = next.rsplit_once('-').unwrap();
    assert!(locator.starts_with(&format!("{DATA}/query/01g")) && locator.len() == DATA.len() + 25, "{next}");
    assert_eq!(follow(&org, first).await.len(), 2);
}

#[tokio::test]
async fn pages_may_have_odd_sizes() {
    let org = org(json!({"records": {"Contact": contacts(20)}, "page_sizes": [7, 1, 4]})).await;
    for _ in 0..2 {
        let first = org.rows("SELECT Id FROM Contact").await;
        let pages = follow(&org, first).await;
        let sizes: Vec<usize> = pages.iter().map(|page| ids(page).len()).collect();
        assert_eq!(sizes, [7, 1, 4, 7, 1]);
        let all: Vec<String> = pages.iter().flat_map(ids).collect();
        assert_eq!(all, org_ids(20));
    }
    let refused = |options: Value| {
        let options: Options = serde_json::from_value(options).unwrap();
        Salesforce::start(options).is_err()
    };
    assert!(refused(json!({"page_sizes": [1, 0]})) && refused(json!({"page_size": 0})));
}

#[tokio::test]
async fn a_query_of_many_rows_runs_too_long() {
    let options = json!({"records": {"Contact": contacts(20)}, "page_size": 5, "query_timeout_rows": 10});
    let org = org(options).await;
    let (status, code, message) = org.refusal("SELECT Id FROM Contact").await;
    assert_eq!((status.as_u16(), code.as_str()), (400, "QUERY_TIMEOUT"));
    assert_eq!(message, "Your query request was running for too long.");
    assert_eq!(org.refusal("SELECT Id FROM Contact WHERE Id >= '003000000000009'").await.1, "QUERY_TIMEOUT");
    let first = org.rows("SELECT Id FROM Contact WHERE Id >= '003000000000010'").await;
    assert_eq!(follow(&org, first).await.len(), 2);
    assert_eq!(org.ids("SELECT Id FROM Contact LIMIT 10").await.len(), 5);
    assert_eq!(org.rows("SELECT COUNT(Id) FROM Contact").await["records"][0]["expr0"], 20);
    assert_eq!(org.rows("SELECT COUNT() FROM Contact").await["totalSize"], 20);
}

#[tokio::test]
async fn the_seed_decides_the_order_of_rows() {
    let mut orders = Vec::new();
    for seed in [1, 1, 2] {
        let options = json!({"records": {"Contact": contacts(50)}, "shuffle": true, "seed": seed});
        let org = org(options).await;
        assert_eq!(org.ids("SELECT Id FROM Contact ORDER BY Id").await, org_ids(50));
        orders.push(org.ids("SELECT Id FROM Contact").await);
    }
    assert_eq!(orders[0], orders[1]);
    assert_ne!(orders[0], orders[2]);
    assert_ne!(orders[0], org_ids(50));
}
