//! The results of query jobs: CSV in pages.

use crate::support::bulk::Page;
use crate::support::{contacts, org, Org};
use serde_json::{json, Value};

async fn seven(options: &[(&str, Value)]) -> Org {
    let mut all = json!({"records": {"Contact": contacts(7)}, "bulk_polls": 0});
    options.iter().for_each(|(name, value)| all[name] = value.clone());
    org(all).await
}

fn ids(rows: &[&str]) -> Vec<usize> {
    rows.iter().map(|row| row.trim_matches('"')[3..].parse().unwrap()).collect()
}

#[tokio::test]
async fn values_have_the_form_of_bulk_results() {
    let org = org(json!({"bulk_polls": 0, "records": {
        "Contact": [
            {"Id": "a", "Name": "Ann \"A\" O'Neil, jr\nx", "Ok__c": true, "Age__c": 1988.0, "N__c": 7, "AccountId": "1",
             "SystemModstamp": "2023-05-31T06:37:07.000+0000", "Since__c": "2022-02-15"},
            {"Id": "b", "Name": null, "Ok__c": false, "Age__c": null, "Name2__c": "", "AccountId": null,
             "SystemModstamp": "2023-05-31T01:37:07.5-0500"}
        ],
        "Account": [{"Id": "1", "Name": "Rice", "OwnerId": "u"}],
        "User": [{"Id": "u", "Name": "Uma"}]
    }}))
    .await;
    let soql = "SELECT systemmodstamp, Name, Account.Name, account.Owner.Name, Ok__c, Age__c, N__c, Since__c, Id, \
                IsDeleted FROM Contact";
    let path = org.complete(soql).await;
    let response = org.get(&format!("{path}/results")).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/csv; charset=UTF-8");
    let page = Page::of(response).await;
    let wanted = concat!(
        r#""SystemModstamp","Name","Account.Name","Account.Owner.Name","Ok__c","Age__c","N__c","Since__c","Id","#,
        "\"IsDeleted\"\n",
        "\"2023-05-31T06:37:07.000Z\",\"Ann \"\"A\"\" O'Neil, jr\nx\",\"Rice\",\"Uma\",\"true\",\"1988.0\",\"7\",",
        "\"2022-02-15\",\"a\",\"false\"\n",
        "\"2023-05-31T06:37:07.500Z\",\"\",\"\",\"\",\"false\",\"\",\"\",\"\",\"b\",\"false\"\n",
    );
    assert_eq!((page.text.as_str(), page.count, page.locator.as_str()), (wanted, 2, "null"));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let org = seven(&[("bulk_page_size", json!(3))]).await;
    let path = org.complete("SELECT Id FROM Contact").await;
    for (parameter, sizes) in [("", vec![3, 3, 1]), ("&maxRecords=2", vec![2, 2, 2, 1]), ("&maxRecords=9", vec![7])] {
        let (mut all, mut counts, mut locator) = (Vec::new(), Vec::new(), String::new());
        while locator != "null" {
            let start = if locator.is_empty() { String::new() } else { format!("&locator={locator}") };
            let page = org.page(&format!("{path}/results?{start}{parameter}")).await;
            assert!(page.text.starts_with("\"Id\"\n"));
            assert_eq!(page.rows().len(), page.count);
            counts.push(page.count);
            all.extend(ids(&page.rows()));
            locator = page.locator;
        }
        assert_eq!((all, counts), ((0..7).collect(), sizes));
    }
    let page = org.page(&format!("{path}/results")).await;
    assert_eq!(org.page(&format!("{path}/results?locator={}", page.locator)).await.count, 3);
    for wrong in ["locator=3", "locator=null", "locator=ffffffffffffffff", "maxRecords=0", "maxRecords=x"] {
        assert_eq!(org.refused(org.get(&format!("{path}/results?{wrong}"))).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn pages_are_read_in_any_order() {
    let org = seven(&[("bulk_page_size", json!(1))]).await;
    let path = org.complete("SELECT Id FROM Contact").await;
    let (_, first) = org.answer(org.get(&format!("{path}/resultPages"))).await;
    let urls = |answer: &Value| -> Vec<String> {
        let pages = answer["resultPages"].as_array().unwrap();
        pages.iter().map(|page| page["resultUrl"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((urls(&first).len(), &first["done"]), (5, &json!(false)));
    let next = first["nextRecordUrl"].as_str().unwrap();
    assert!(next.starts_with(&format!("{path}/resultPages?locator=")), "{next}");
    let (_, second) = org.answer(org.get(next)).await;
    assert_eq!((urls(&second).len(), &second["done"], second.get("nextRecordUrl")), (2, &json!(true), None));
    let mut all = Vec::new();
    for url in urls(&second).iter().chain(&urls(&first)).rev() {
        assert!(url.starts_with(&format!("{path}/results?locator=")), "{url}");
        all.extend(ids(&org.page(url).await.rows()));
    }
    all.sort_unstable();
    assert_eq!(all, (0..7).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_result_without_rows_has_names() {
    let org = seven(&[]).await;
    let path = org.complete("SELECT Id, Name FROM Lead").await;
    assert_eq!(org.status(&path).await["numberRecordsProcessed"], 0);
    let (_, pages) = org.answer(org.get(&format!("{path}/resultPages"))).await;
    assert_eq!((pages["resultPages"].as_array().unwrap().len(), &pages["done"]), (1, &json!(true)));
    let page = org.page(pages["resultPages"][0]["resultUrl"].as_str().unwrap()).await;
    assert_eq!((page.text.as_str(), page.count, page.locator.as_str()), ("\"Id\",\"Name\"\n", 0, "null"));
}

#[tokio::test]
async fn deleted_records_are_for_query_all() {
    let contacts = json!([{"Id": "a"}, {"Id": "b", "IsDeleted": true, "MasterRecordId": "a"}]);
    let org = org(json!({"records": {"Contact": contacts}, "bulk_polls": 0})).await;
    let soql = "SELECT Id, MasterRecordId FROM Contact";
    let path = org.complete(soql).await;
    assert_eq!(org.page(&format!("{path}/results")).await.rows(), ["\"a\",\"\""]);
    let (_, job) = org.answer(org.create("queryAll", soql)).await;
    let path = format!("{}/jobs/query/{}", crate::support::DATA, job["id"].as_str().unwrap());
    assert_eq!(org.status(&path).await["operation"], "queryAll");
    assert_eq!(org.page(&format!("{path}/results")).await.rows(), ["\"a\",\"\"", "\"b\",\"a\""]);
}

#[tokio::test]
async fn a_result_is_fixed_at_the_creation_of_its_job() {
    let org = seven(&[]).await;
    let path = org.job("SELECT Id FROM Contact").await;
    org.salesforce.replace("Contact", vec![]);
    assert_eq!(org.status(&path).await["numberRecordsProcessed"], 7);
    assert_eq!(org.page(&format!("{path}/results")).await.count, 7);
}

#[tokio::test]
async fn rows_get_lost() {
    for (answer, claimed) in [("drop_csv_row", 3), ("drop_result_rows", 2)] {
        let faults = json!([{"on": "job_results", "skip": 1, "times": 1, "answer": answer}]);
        let org = seven(&[("faults", faults), ("bulk_page_size", json!(3))]).await;
        let path = org.complete("SELECT Id FROM Contact").await;
        let first = org.page(&format!("{path}/results")).await;
        let second = org.page(&format!("{path}/results?locator={}", first.locator)).await;
        assert_eq!((ids(&second.rows()), second.count), (vec![3, 4], claimed), "{answer}");
        let third = org.page(&format!("{path}/results?locator={}", second.locator)).await;
        assert_eq!((ids(&third.rows()), third.locator.as_str()), (vec![6], "null"));
        assert_eq!(org.status(&path).await["numberRecordsProcessed"], 7);
    }
    let faults = json!([{"on": "job_results", "times": 1, "answer": "truncate"}]);
    let org = seven(&[("faults", faults)]).await;
    let path = org.complete("SELECT Id FROM Contact").await;
    let response = org.get(&format!("{path}/results")).send().await.unwrap();
    assert!(response.bytes().await.is_err());
    assert_eq!(org.page(&format!("{path}/results")).await.count, 7);
}

#[tokio::test]
async fn results_are_packed_where_the_client_allows_it() {
    let records = json!({"Contact": contacts(2000)});
    let org = seven(&[("records", records)]).await;
    let path = org.complete("SELECT Id, Name FROM Contact").await;
    let page = org.page(&format!("{path}/results")).await;
    let sent = org.salesforce.requests().last().map_or(0, |request| request.bytes as usize);
    assert!(page.rows().len() == 2000 && sent * 3 < page.text.len(), "{sent}");
}
