//! The compare at full size. `make FOLDER [ROWS]` writes the two sides as files, with 3 % different and 1 % missing on each
//! side; `compare FOLDER` reads them, compares and writes the lists, and tells how long that took and how much memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crm_sync::compare::Kind;
use crm_sync::organizations::{
    compare, files, Action, AttributeRule, Case, Condition, Managed, MarkRule, Policy, Rules, Source, Target,
};
use crm_sync::rows::{Cell, Id};

const TRACKS: [(&str, &str); 2] = [("Open", "open_partner"), ("Select", "select_partner")];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder] => make(Path::new(folder), 100_000),
        ["make", folder, rows] => make(Path::new(folder), rows.parse()?),
        ["compare", folder] => run(Path::new(folder)),
        _ => Err("make FOLDER [ROWS], or compare FOLDER".into()),
    }
}

fn run(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let rules = Arc::new(rules());
    let started = Instant::now();
    let (accounts, organizations) = files::read(folder, &rules, &files::Digests::default())?;
    let read = started.elapsed();
    let decision = compare(&accounts, &organizations, &rules);
    let compared = started.elapsed();
    files::write(folder, &decision)?;
    let wall = started.elapsed();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let count = |action| decision.changes.iter().filter(|change| change.action == action).count();
    let mut out = std::io::stdout();
    writeln!(out, "read {read:.1?}, compared {:.1?}, wrote {:.1?}", compared - read, wall - compared)?;
    writeln!(
        out,
        r#"{{"wall":{},"peak":{},"creates":{},"updates":{},"marks":{}}}"#,
        wall.as_secs_f64(),
        peak.trim_end_matches("kB").trim(),
        count(Action::Create),
        count(Action::Update),
        count(Action::Mark)
    )?;
    Ok(())
}

/// The partner sync's rules.
fn rules() -> Rules {
    let fields = [
        "Account_ID_18__c",
        "Name",
        "Account_Owner_Calc__c",
        "Technical_Account_Manager_Name__c",
        "Solutions_Architect_Lookup__r.Name",
        "Support_Hold__c",
        "Restricted_Account__c",
        "Account_Risk_Level__c",
        "Partner_Track__c",
    ];
    let is = |field, equals: &'static str| Condition { field, equals: Cell::Text(equals.into()) };
    let types = TRACKS.map(|(track, tag)| Case { when: vec![is(8, track)], then: Cell::Text(tag.into()) });
    let field = |key: &str, kind, source| AttributeRule {
        target: Target::Field(key.into()),
        kind,
        source,
        options: Vec::new(),
    };
    let name = AttributeRule {
        target: Target::Attribute("name".into()),
        kind: Kind::Text,
        source: Source::Field(1),
        options: Vec::new(),
    };
    Rules {
        account_fields: fields.map(str::to_owned).to_vec(),
        account_key: 0,
        organization_key: Target::Field("salesforce_id".into()),
        attributes: vec![
            name,
            field("salesforce_id", Kind::Text, Source::Field(0)),
            field("sfdc_short_id", Kind::Text, Source::Id15(0)),
            field("account_owner", Kind::Text, Source::Field(2)),
            field("technical_account_manager", Kind::Text, Source::Field(3)),
            field("solutions_architect", Kind::Text, Source::Field(4)),
            field("support_hold", Kind::Checkbox, Source::Field(5)),
            field("restricted_account", Kind::Checkbox, Source::Equals(is(6, "Restricted Party"))),
            field("org_in_escalated_state", Kind::Checkbox, Source::Equals(is(7, "At Risk - Escalated"))),
            field("account_type", Kind::DropDown, Source::FirstOf(types.to_vec())),
        ],
        managed: Some(Managed { field: "account_type".into(), values: TRACKS.map(|(_, tag)| tag.to_owned()).to_vec() }),
        mark: Some(MarkRule { field: "mark_for_deletion".into(), unmark: true, only_if: None }),
        outside_managed: Policy::Adopt,
        name_taken: Policy::Report,
        ..Rules::default()
    }
}

fn make(folder: &Path, rows: usize) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    // Of every hundred, the first has no organization, the second no account, and three more differ.
    let accounts = (0..rows).filter(|n| n % 100 != 1).map(account);
    write(&folder.join(files::ACCOUNTS), accounts)?;
    // Salesforce and Zendesk sort differently.
    let organizations = (0..rows).rev().filter(|n| n % 100 != 0).map(organization);
    write(&folder.join(files::ORGANIZATIONS), organizations)
}

fn write(path: &Path, records: impl Iterator<Item = String>) -> Result<(), Box<dyn std::error::Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"[")?;
    for (n, record) in records.enumerate() {
        file.write_all(if n == 0 { b"" } else { b"," })?;
        file.write_all(record.as_bytes())?;
    }
    file.write_all(b"]")?;
    Ok(file.flush()?)
}

fn id(n: usize) -> String {
    Id::parse(&format!("0014M0000{n:06}")).map(|id| id.to_string()).unwrap_or_default()
}

fn account(n: usize) -> String {
    let id = id(n);
    let (track, _) = TRACKS[n % 2];
    format!(
        concat!(
            r#"{{"attributes":{{"type":"Account","url":"/services/data/v64.0/sobjects/Account/{id}"}},"#,
            r#""Account_ID_18__c":"{id}","Name":"Partner {n} \"Global\" Services GmbH & Co. KG","#,
            r#""Account_Owner_Calc__c":"Owner {owner} Müller","Technical_Account_Manager_Name__c":{manager},"#,
            r#""Restricted_Account__c":{restricted},"Solutions_Architect_Lookup__r":{{"attributes":{{"type":"User","#,
            r#""url":"/services/data/v64.0/sobjects/User/005"}},"Name":"Architect {owner}"}},"#,
            r#""Partner_Track__c":"{track}","Support_Hold__c":false,"Account_Risk_Level__c":"Low","Type":"Partner","#,
            r#""Partners_Partner_Status__c":"Authorized"}}"#
        ),
        id = id,
        n = n,
        owner = n % 97,
        manager = if n.is_multiple_of(3) { "null".to_owned() } else { format!("\"Manager {}\"", n % 53) },
        restricted = if n.is_multiple_of(50) { "\"Restricted Party\"" } else { "null" },
        track = track,
    )
}

fn organization(n: usize) -> String {
    let id = id(n);
    let owner = if (2..5).contains(&(n % 100)) { 98 } else { n % 97 };
    let mut subscriptions = String::new();
    for key in
        ["edu", "oss", "community_other", "consumption_cicd", "dotcom_premium", "dotcom_ultimate", "gitlab_dedicated"]
    {
        let _ = write!(subscriptions, r#","sub_{key}":false"#);
    }
    format!(
        concat!(
            r#"{{"url":"https://partners.zendesk.com/api/v2/organizations/{zendesk}.json","id":{zendesk},"#,
            r#""name":"Partner {n} \"Global\" Services GmbH & Co. KG","shared_tickets":false,"shared_comments":false,"#,
            r#""external_id":null,"created_at":"2021-03-04T05:06:07Z","updated_at":"2026-10-11T12:13:14Z","#,
            r#""domain_names":["partner{n}.example","partner-{n}.example"],"details":"","notes":"Renewed by phone.\nSee CRM.","#,
            r#""group_id":null,"tags":["{tag}","partner","emea"],"organization_fields":{{"aar":{n}.0,"#,
            r#""account_owner":"Owner {owner} Müller","account_type":"{tag}","am_project_id":"{n}","assigned_se":null,"#,
            r#""expiration_date":null,"ignore_deletion":false,"mark_for_deletion":false,"migrating":false,"#,
            r#""migration_date":"2022-02-24T00:00:00+00:00","org_in_escalated_state":false,"org_region":"emea","#,
            r#""partner_customer":false,"restricted_account":{restricted},"sales_segmentation":"Mid-Market","#,
            r#""salesforce_id":"{id}","seats_decimal":10.0,"sfdc_short_id":"{short}","#,
            r#""solutions_architect":"Architect {architect}","support_hold":null,"support_level":"premium","#,
            r#""technical_account_manager":{manager}{subscriptions}}}}}"#
        ),
        zendesk = 6_164_110_000_000 + n,
        n = n,
        tag = TRACKS[n % 2].1,
        owner = owner,
        restricted = n.is_multiple_of(50),
        id = id,
        short = &id[..15],
        architect = n % 97,
        manager = if n.is_multiple_of(3) { "\"\"".to_owned() } else { format!("\"Manager {}\"", n % 53) },
        subscriptions = subscriptions,
    )
}
