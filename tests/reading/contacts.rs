//! Reads contacts and leads for a decision. Contacts of linked users that are not in the result are looked up and
//! followed.

use std::path::{Path, PathBuf};

use crm_sync::contacts::{
    AttributeRule, AttributeSource, ColumnRule, ContactLayout, ContactTable, Fingerprints, KeyKind, KeyLayout, KeyRule,
    LeadLayout, LeadTable, Outcome, Rules, Tier, UserTable,
};
use crm_sync::reading::contacts::{Completed, Read, Sources};
use crm_sync::reading::incremental::{Extent, KeepIn, Kept, LastRead, Second, Select, Source};
use crm_sync::rows::Id;
use crm_sync::Error;
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::{json, Value};
use tempfile::TempDir;

use crate::salesforce::{client_of, id, run, settings, start};

fn contact_id(number: u64) -> Id {
    Id::parse(&id("003", number)).expect("an id")
}

fn contact(number: u64) -> Value {
    json!({"Id": contact_id(number).as_str(), "Email": format!("c{number}@b.edu"), "Kind__c": "Confirmed",
           "IsDeleted": false, "MasterRecordId": null, "SystemModstamp": "2024-01-01T00:00:00.000+0000"})
}

fn lead(number: u64, status: &str) -> Value {
    json!({"Id": id("00Q", number), "Email": format!("l{number}@b.edu"), "Status": status})
}

/// Starts an org with these contacts and two leads.
fn org(contacts: Vec<Value>) -> Salesforce {
    start(json!({"records": {"Contact": contacts, "Lead": [lead(1, "New"), lead(2, "Converted")]}}))
}

fn email(field: usize) -> KeyLayout {
    KeyLayout { kind: KeyKind::Email, fields: vec![field] }
}

fn select(object: &str, fields: &[&str]) -> Select {
    let fields = fields.iter().map(|&field| field.to_owned()).collect();
    Select { object: object.into(), fields, condition: None, stamps: vec!["SystemModstamp".into()] }
}

fn contacts(extent: Extent, file: Option<PathBuf>, fingerprints: &Fingerprints) -> Source<ContactTable> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    let keep_in = file.map(|file| KeepIn { file, began: now });
    let layout = ContactLayout {
        id: 0,
        keys: vec![email(1)],
        attributes: vec![AttributeSource { cells: vec![(2, vec![])] }],
        ..ContactLayout::default()
    };
    let table = ContactTable::new(layout, fingerprints.clone());
    Source { select: select("Contact", &["Id", "Email", "Kind__c"]), extent, keep_in, table }
}

fn leads(fingerprints: &Fingerprints) -> Source<LeadTable> {
    let layout = LeadLayout { id: 0, keys: vec![email(1)], status: Some(2), ..LeadLayout::default() };
    let table = LeadTable::new(layout, fingerprints.clone());
    Source { select: select("Lead", &["Id", "Email", "Status"]), extent: Extent::All(None), keep_in: None, table }
}

/// Returns one user for each contact, in the order of the keys 1, 2 and so on.
fn users(links: &[Id], fingerprints: &Fingerprints) -> UserTable {
    let pack = |text: &str| format!("{}:{text}", text.len());
    let mut users = UserTable::new(1, true, fingerprints.clone(), vec![KeyKind::Email]);
    for (key, link) in (1..).zip(links) {
        let key = pack(&u64::to_string(&key));
        users.read(format!("u{key}{}{}{}", pack(link.as_str()), pack("111"), pack("none"))).expect("a user");
    }
    users.read(format!("c{}", pack(&links.len().to_string()))).expect("a count");
    users.finish().expect("all users");
    users
}

/// Reads everything for users who are linked to these contacts.
fn read(org: &Salesforce, extent: Extent, keep_in: Option<&Path>, with_leads: bool, linked: &[u64]) -> Read {
    let fingerprints = Fingerprints::new();
    let users = users(&linked.iter().map(|&number| contact_id(number)).collect::<Vec<_>>(), &fingerprints);
    match completed(org, sources(extent, keep_in, with_leads, &fingerprints), users) {
        Completed::Read(read) => *read,
        Completed::MoreValues(_) => panic!("all users were read"),
    }
}

fn sources(extent: Extent, keep_in: Option<&Path>, with_leads: bool, fingerprints: &Fingerprints) -> Sources {
    Sources {
        contacts: contacts(extent, keep_in.map(Path::to_path_buf), fingerprints),
        leads: with_leads.then(|| leads(fingerprints)),
    }
}

fn completed(org: &Salesforce, sources: Sources, users: UserTable) -> Completed {
    let client = client_of(settings(org));
    run(|workers| async move { sources.fetch(&client, &workers).await?.complete(&client, &workers, users).await })
        .expect("everything")
}

#[test]
fn what_came_is_counted_for_the_source_checks() {
    let org = org(vec![contact(1), json!({"Id": contact_id(2).as_str(), "Email": null, "Kind__c": null})]);
    let facts = read(&org, Extent::All(None), None, true, &[1, 9]).tables.facts();
    assert_eq!((facts.contacts, facts.leads, facts.users, facts.linked_users, facts.links_found), (2, 2, 2, 2, 1));
    assert_eq!((facts.contact_addresses, facts.lead_addresses, facts.filled), (vec![1], vec![2], vec![1]));
    assert_eq!((facts.trusted_values, facts.unreadable, facts.lead_status_counts), (Some(vec![0]), vec![], vec![1, 1]));
}

#[test]
fn leads_that_do_not_matter_are_not_asked_for() {
    let org = org(vec![contact(1)]);
    let read = read(&org, Extent::All(None), None, false, &[1]);
    assert!(read.leads.is_none() && read.tables.leads.is_empty());
    let queries = org.requests().into_iter().filter_map(|request| request.query).collect::<Vec<_>>();
    assert!(queries.iter().all(|query| !query.contains("Lead")), "{queries:?}");
}

#[test]
fn contacts_that_did_not_come_are_followed_gone_or_unseen() {
    let merged = json!({"Id": contact_id(2).as_str(), "IsDeleted": true, "MasterRecordId": contact_id(1).as_str()});
    let deleted = json!({"Id": contact_id(3).as_str(), "IsDeleted": true, "MasterRecordId": null});
    let org = org(vec![contact(1), merged, deleted]);
    let tables = read(&org, Extent::All(None), None, false, &[1, 2, 3, 4]).tables;
    assert_eq!(tables.contacts.len(), 1);
    assert_eq!(tables.facts().links_found, 2, "the contact itself, and the winner of the merge");
    assert_eq!(tables.unseen_contacts(), 1, "of the fourth nothing is known");
}

#[test]
fn nobody_is_asked_for_where_everybody_came() {
    let org = org(vec![contact(1)]);
    read(&org, Extent::All(None), None, false, &[1]);
    assert!(org.requests().iter().all(|request| !request.path.contains("queryAll")));
}

/// Returns the lists of contact ids in the queries from request number `since` on.
fn asked_by_id(org: &Salesforce, since: usize) -> Vec<String> {
    let queries = org.requests().into_iter().skip(since).filter_map(|request| request.query);
    let lists = queries.filter_map(|query| Some(query.split_once("IN")?.1.to_owned()));
    lists.filter(|list| list.contains("003")).collect()
}

#[test]
fn what_became_of_a_contact_is_asked_once_until_something_moves() {
    let folder = TempDir::new().expect("a folder");
    let gone = |number: u64, master: Option<u64>, moved: &str| {
        json!({"Id": contact_id(number).as_str(), "IsDeleted": true, "SystemModstamp": format!("{moved}T00:00:00.000+0000"),
               "MasterRecordId": master.map(|number| contact_id(number).to_string())})
    };
    let (old, new) = ("2024-01-01", "2025-06-01");
    let before = org(vec![contact(1), gone(2, Some(1), old), gone(3, None, old)]);
    let linked = [1, 2, 3, 4];
    let mut kept = None;
    let mut read_on = |org: &Salesforce, linked: &[u64], name: &str| {
        let since = Second::parse("2025-01-01T00:00:00Z").expect("a moment");
        let last = kept.take().map(|rows| Extent::Changes(LastRead { rows, since }));
        let (file, requests) = (folder.path().join(name), org.requests().len());
        let read = read(org, last.unwrap_or(Extent::All(None)), Some(&file), false, linked);
        let mut snapshot = read.contacts.snapshot.expect("a snapshot");
        assert!(snapshot.keep());
        kept = Kept::open(&file, snapshot.digest());
        let facts = read.tables.facts();
        (asked_by_id(org, requests).len(), facts.contacts, facts.links_found, read.tables.unseen_contacts())
    };
    assert_eq!(read_on(&before, &linked, "all"), (2, 1, 2, 1), "what became of three, and of the winner of a merge");
    assert_eq!(read_on(&before, &linked, "same"), (0, 1, 2, 1), "all is known");
    assert_eq!(read_on(&before, &[1, 2, 3, 4, 5], "new"), (2, 1, 2, 2), "the fifth is looked up, and asked for");
    assert_eq!(read_on(&before, &linked, "fewer"), (0, 1, 2, 1));
    let restored = json!({"Id": contact_id(3).as_str(), "Email": null, "Kind__c": null, "IsDeleted": false,
                          "MasterRecordId": null, "SystemModstamp": "2025-06-01T00:00:00.000+0000"});
    let winner_merged = org(vec![gone(1, Some(3), new), gone(2, Some(1), old), restored]);
    assert_eq!(
        read_on(&winner_merged, &linked, "moved"),
        (3, 1, 3, 1),
        "the third is back; the first is looked up with the second, which had become it, and both now are the third"
    );
}

/// A contact that becomes visible keeps its `SystemModstamp`.
#[test]
fn what_an_incremental_read_misses_is_looked_up_for_who_is_linked_to_it() {
    let folder = std::env::temp_dir().join(format!("crm_sync-reading-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (first, second) = (folder.join("first"), folder.join("second"));
    let before = read(&org(vec![contact(1)]), Extent::All(None), Some(&first), false, &[]);
    assert_eq!(before.contacts.changed, None);
    let mut kept = before.contacts.snapshot.expect("a snapshot");
    assert!(kept.keep());
    let rows = Kept::open(&first, kept.digest()).expect("the last read");
    let since = Second::parse("2025-01-01T00:00:00Z").expect("a moment");
    let now = org(vec![contact(1), contact(2), contact(3)]);
    let after = read(&now, Extent::Changes(LastRead { rows, since }), Some(&second), false, &[1, 2]);
    assert_eq!(after.contacts.changed, Some(0));
    let facts = after.tables.facts();
    assert_eq!((facts.contacts, facts.links_found), (2, 2), "nobody is linked to the third");
    std::fs::remove_dir_all(&folder).expect("the folder");
}

/// A declaration whose query for all rows fits into a URL has queries for single rows that fit, too.
#[test]
fn as_many_contacts_are_looked_up_at_once_as_a_long_condition_leaves_room_for() {
    let folder = TempDir::new().expect("a folder");
    let (first, fingerprints) = (folder.path().join("first"), Fingerprints::new());
    let kept = read(&org(vec![]), Extent::All(None), Some(&first), false, &[]).contacts.snapshot;
    let mut kept = kept.expect("a snapshot");
    assert!(kept.keep());
    let rows = Kept::open(&first, kept.digest()).expect("the last read");
    let since = Second::parse("2025-01-01T00:00:00Z").expect("a moment");
    let now = org((1..=400).map(contact).collect());
    let mut sources = sources(Extent::Changes(LastRead { rows, since }), None, false, &fingerprints);
    sources.contacts.select.condition = Some(format!("Email != '{}'", "ü".repeat(1_500)));
    let linked: Vec<Id> = (1..=400).map(contact_id).collect();
    let Completed::Read(read) = completed(&now, sources, users(&linked, &fingerprints)) else {
        panic!("all users were read")
    };
    assert_eq!(read.tables.facts().links_found, 400);
}

/// The next read would miss changes between Salesforce's time and ours.
#[test]
fn rows_are_not_kept_where_our_clock_is_ahead_of_salesforces() {
    let folder = TempDir::new().expect("a folder");
    let now = std::time::SystemTime::now();
    for (ahead, kept) in [(3_600, false), (30, true)] {
        let date = httpdate::fmt_http_date(now - std::time::Duration::from_secs(ahead));
        let body = json!({"totalSize": 0, "done": true, "records": []}).to_string();
        let answer = json!({"status": {"status": 200, "body": body, "content_type": "application/json", "headers": {"Date": date}}});
        let org = start(json!({"records": {"Contact": []}, "faults": [{"on": "query", "answer": answer}]}));
        let read = read(&org, Extent::All(None), Some(&folder.path().join(ahead.to_string())), false, &[]);
        assert_eq!(read.contacts.snapshot.is_some(), kept, "{ahead}");
    }
}

#[test]
fn rules_for_other_tables_decide_nothing() {
    let tables = read(&org(vec![contact(1), contact(2)]), Extent::All(None), None, true, &[1]).tables;
    let rules = |values, outcomes| Rules {
        columns: vec![ColumnRule { values, ..ColumnRule::default() }],
        attributes: vec![AttributeRule { outcomes, ..AttributeRule::default() }],
        keys: vec![KeyRule { name: "email".into(), kind: KeyKind::Email, evidence: false }],
        ..Rules::default()
    };
    let decided = tables.decide(&rules(vec![0], vec![Outcome::Set(1)])).expect("a decision");
    assert_eq!(decided.changes.len(), 1, "the column of the one user follows the contact");
    for (values, outcomes) in [(vec![], vec![Outcome::Keep]), (vec![0], vec![]), (vec![0, 1], vec![Outcome::Keep])] {
        let refused = tables.decide(&rules(values, outcomes));
        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    }
    assert!(matches!(tables.decide(&Rules::default()), Err(Error::Internal(_))));
    let fit = rules(vec![0], vec![Outcome::Set(1)]);
    let tier = Tier { name: "all".into(), contacts: true, leads: true, key: 1 };
    let another = KeyRule { name: "uuid".into(), kind: KeyKind::Uuid, evidence: false };
    for other in [Rules { tiers: vec![tier], ..fit.clone() }, Rules { keys: vec![another], ..fit.clone() }] {
        assert!(matches!(tables.decide(&other), Err(Error::Internal(_))));
    }
}
