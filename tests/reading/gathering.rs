//! Reads accounts and organizations side by side, into tables for a decision or into the files of a stage.

use std::path::PathBuf;
use std::sync::Arc;

use crm_sync::organizations::{files, Rules, Target};
use crm_sync::reading::gathering::{Gathered, Gathering};
use crm_sync::reading::organizations::{Noted, Progress};
use crm_sync::Error;
use serde_json::json;

use crate::salesforce::{client_of, contacts, id, run, settings, start};
use crate::zendesk::{client, desk, named};

const SOQL: &str = "SELECT Name, Id FROM Account";

fn rules() -> Rules {
    Rules {
        account_fields: vec!["Id".into(), "Name".into()],
        organization_key: Target::Field("external_id".into()),
        ..Rules::default()
    }
}

fn gathering() -> Gathering {
    let fields = vec!["Id".into(), "Name".into()];
    Gathering { soql: SOQL.into(), fields, rules: Some(Arc::new(rules())), ..Gathering::default() }
}

/// Gathers from an org with three accounts and a Zendesk account with five organizations. Also returns the counts of
/// the progress.
fn gather(gathering: Gathering, salesforce: bool, zendesk: bool) -> (Result<Gathered, Error>, (u64, u64)) {
    let ids: Vec<String> = (1..=3).map(|number| id("001", number)).collect();
    let org = start(json!({"records": {"Account": contacts(&ids)}}));
    let desk = desk(json!({"organizations": named(5)}));
    let (org, desk) = (salesforce.then(|| client_of(settings(&org))), zendesk.then(|| client(&desk)));
    run(|workers| async move {
        let progress = Progress::default();
        let noted = Noted { progress: &progress, wake: &|| {} };
        (gathering.gather(org, desk, &workers, &noted).await, progress.counts())
    })
}

fn counts(gathered: &Gathered) -> (Option<u64>, Option<u64>) {
    let (accounts, organizations) = gathered.files();
    (accounts.map(|file| file.records), organizations.map(|file| file.records))
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("crm_sync-gathering-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn both_sides_come_into_tables_with_the_rules_that_they_are_for() {
    let (gathered, noted) = gather(gathering(), true, true);
    let gathered = gathered.expect("both sides");
    assert_eq!((counts(&gathered), noted), ((None, None), (5, 5)));
    let (accounts, organizations, kept) = gathered.into_tables().expect("tables");
    assert_eq!((accounts.len(), organizations.len(), kept.account_fields.len()), (3, 5, 2));
}

#[test]
fn a_side_that_goes_into_a_file_needs_no_rules() {
    let folder = folder("files");
    let files = Gathering {
        rules: None,
        accounts_file: Some(folder.join(files::ACCOUNTS)),
        organizations_file: Some(folder.join(files::ORGANIZATIONS)),
        ..gathering()
    };
    let gathered = gather(files, true, true).0.expect("both sides");
    assert_eq!(counts(&gathered), (Some(3), Some(5)));
    let (accounts, organizations) = gathered.files();
    let sha256 = |file: Option<&files::Written>| file.map(|file| file.sha256.clone());
    let digests = files::Digests { accounts: sha256(accounts), organizations: sha256(organizations) };
    assert!(gathered.into_tables().is_none());
    let (accounts, organizations) =
        files::read(&folder, &Arc::new(rules()), &digests).expect("what is in the files, as it was written");
    assert_eq!((accounts.len(), organizations.len()), (3, 5));
    std::fs::remove_dir_all(&folder).expect("the folder");
}

#[test]
fn a_side_without_a_client_is_left_out() {
    let folder = folder("side");
    let accounts = Gathering { accounts_file: Some(folder.join(files::ACCOUNTS)), ..gathering() };
    let gathered = gather(accounts, true, false).0.expect("accounts");
    assert_eq!(counts(&gathered), (Some(3), None));
    std::fs::remove_dir_all(&folder).expect("the folder");
    assert!(gather(gathering(), false, true).0.expect("organizations").into_tables().is_none());
}

#[test]
fn a_table_needs_rules() {
    let (gathered, _) = gather(Gathering { rules: None, ..gathering() }, true, true);
    assert!(matches!(gathered.err(), Some(Error::Internal(_))));
}

/// The reader always selects the id, because it continues from the last one, but does not pass it on to the table.
#[test]
fn the_id_is_read_even_where_the_declaration_leaves_it_out() {
    let folder = folder("id");
    let names =
        Gathering { fields: vec!["Name".into()], accounts_file: Some(folder.join(files::ACCOUNTS)), ..gathering() };
    assert_eq!(counts(&gather(names, true, false).0.expect("accounts")).0, Some(3));
    let text = std::fs::read_to_string(folder.join(files::ACCOUNTS)).expect("the file");
    assert!(!text.contains("Id"), "{text}");
    std::fs::remove_dir_all(&folder).expect("the folder");
}
