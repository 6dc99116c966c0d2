//! The cost of a page: decompressing it, parsing it, and adding it to the table of contacts.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use crm_sync::contacts::{
    AttributeSource, ContactLayout, ContactTable, Fingerprints, KeyKind, KeyLayout, ParentSource,
};
use crm_sync::engine::Engine;
use crm_sync::http::Limits;
use crm_sync::rows::{Cell, RowSink, Selection};
use crm_sync::salesforce::{
    query, sign_in, Batch, Batches, Client, Collect, Consumer, CsvPage, Grant, Org, Query, Sessions, Settings, Way,
};
use crm_sync::Error;
use crm_sync_simulator::salesforce::{Options, Record, Salesforce};
use divan::{black_box, Bencher};
use futures_util::future::BoxFuture;
use secrecy::SecretString;

const ROWS: usize = 2_000;
/// The fields of a contact and its account, 20 in all.
const PATHS: [&str; 20] = [
    "Id",
    "AccountId",
    "Email",
    "Email2__c",
    "FirstName",
    "LastName",
    "Name",
    "Phone",
    "Title",
    "Role__c",
    "Status__c",
    "School__c",
    "Adoption__c",
    "Country__c",
    "CreatedDate",
    "SystemModstamp",
    "Confirmed__c",
    "Year__c",
    "Account.Id",
    "Account.Type",
];

fn main() {
    divan::main();
}

fn value(path: &str, row: usize) -> String {
    let account = row % 400;
    match path {
        "Id" => format!("003{row:012}AAA"),
        "AccountId" | "Account.Id" => format!("001{account:012}AAA"),
        "Email" => format!("person{row}@school{account}.edu"),
        "Email2__c" if row.is_multiple_of(8) => format!("other{row}@school{account}.edu"),
        "FirstName" | "LastName" | "Name" | "Phone" => format!("{path} of person {row}"),
        "CreatedDate" | "SystemModstamp" => "2023-05-31T21:22:28.000+0000".to_owned(),
        "Confirmed__c" => row.is_multiple_of(2).to_string(),
        "Year__c" => format!("{}", 1980 + row % 40),
        "Role__c" | "Status__c" | "School__c" | "Adoption__c" | "Country__c" | "Title" | "Account.Type" => {
            format!("{path} number {}", row.wrapping_mul(7_919) % 5)
        }
        _ => String::new(),
    }
}

fn json_value(path: &str, row: usize) -> String {
    match (path, value(path, row)) {
        (_, text) if text.is_empty() => "null".into(),
        ("Confirmed__c" | "Year__c", text) => text,
        (_, text) => format!("\"{text}\""),
    }
}

fn json() -> Vec<u8> {
    let record = |row: usize| {
        let field = |path: &&str| format!("\"{}\":{}", path.rsplit('.').next().unwrap_or(path), json_value(path, row));
        let (own, parent) = PATHS.split_at(18);
        let [own, parent] = [own, parent].map(|paths| paths.iter().map(field).collect::<Vec<_>>().join(","));
        let url = format!("/services/data/v66.0/sobjects/Contact/{}", value("Id", row));
        format!(
            r#"{{"attributes":{{"type":"Contact","url":"{url}"}},{own},"Account":{{"attributes":{{"type":"Account"}},{parent}}}}}"#
        )
    };
    let records: Vec<String> = (0..ROWS).map(record).collect();
    format!(r#"{{"totalSize":{ROWS},"done":true,"records":[{}]}}"#, records.join(",")).into_bytes()
}

/// Returns the same page as CSV. It comes from the simulator, because only a job can create one.
fn csv() -> CsvPage {
    let field = |path: &str, row: usize| match (path, value(path, row)) {
        (_, text) if text.is_empty() => serde_json::Value::Null,
        ("Confirmed__c", text) => (text == "true").into(),
        ("Year__c", text) => text.parse::<u64>().unwrap_or_default().into(),
        (_, text) => text.into(),
    };
    let own = PATHS[..18].iter();
    let contact = |row: usize| -> Record { own.clone().map(|&path| (path.to_owned(), field(path, row))).collect() };
    let account = |row: usize| -> Record {
        [("Id", "Account.Id"), ("Type", "Account.Type")]
            .map(|(name, path)| (name.to_owned(), field(path, row)))
            .into_iter()
            .collect()
    };
    let records = [("Contact", (0..ROWS).map(contact).collect()), ("Account", (0..400).map(account).collect())];
    let records = records.map(|(name, records)| (name.to_owned(), records)).into();
    let simulator = Salesforce::start(Options { records, bulk_polls: 0, ..Options::default() }).expect("a simulator");
    let settings = Settings {
        host: simulator.url().into(),
        client_id: "id".into(),
        grant: Grant::ClientCredentials { client_secret: "secret".to_owned().into() },
        api_version: "66.0".into(),
        quota_reserve: 0.0,
        bulk_from: 0,
        allow_duplicates: false,
        ca_file: None,
        limits: Limits::default(),
    };
    let org = Arc::new(Org::new(settings).expect("an org"));
    let client = Client::new(Arc::clone(&org), Arc::new(SignIns(org)));
    let engine = Engine::start().expect("threads");
    let (sender, mut pages) = tokio::sync::mpsc::channel(1);
    let workers = engine.workers();
    let reading = Query::new(&format!("SELECT {} FROM Contact", PATHS.join(", "))).by(Way::Bulk);
    engine.spawn(
        async move { query(&client, &workers, &reading, Arc::new(Batches::new(sender, Box::new(|| ())))).await },
    );
    match pages.blocking_recv() {
        Some(Batch::Csv(page)) => page,
        _ => panic!("no page of CSV"),
    }
}

struct SignIns(Arc<Org>);

impl Sessions for SignIns {
    fn open(&self, _: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String), Error>> {
        Box::pin(async {
            let granted = sign_in(&self.0, None).await?;
            Ok((granted.access_token, granted.instance_url))
        })
    }
}

fn table() -> Collect<ContactTable> {
    let layout = ContactLayout {
        id: 0,
        keys: vec![KeyLayout { kind: KeyKind::Email, fields: vec![2, 3] }],
        ignored: Vec::new(),
        parents: vec![ParentSource { reference: 1, id: 18 }],
        attributes: [(9, vec![]), (10, vec![]), (11, vec![]), (12, vec![]), (13, vec![]), (16, vec![]), (19, vec![0])]
            .into_iter()
            .map(|cell| AttributeSource { cells: vec![cell] })
            .collect(),
    };
    Collect::new(Selection::new(&PATHS), ContactTable::new(layout, Fingerprints::new()), usize::MAX)
}

/// A sink that drops its rows, to measure the parsing alone.
struct Nothing;

impl RowSink for Nothing {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        black_box(cells);
        Ok(())
    }
}

#[divan::bench]
fn gunzip(bencher: Bencher<'_, '_>) {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    let packed = packed.write_all(&json()).and_then(|()| packed.finish()).expect("a packed page");
    bencher.bench(|| {
        let mut page = Vec::new();
        flate2::read::GzDecoder::new(black_box(&packed[..])).read_to_end(&mut page).map(|_| page)
    });
}

#[divan::bench]
fn json_alone(bencher: Bencher<'_, '_>) {
    let page = json();
    let inputs = || (Collect::new(Selection::new(&PATHS), Nothing, usize::MAX), page.clone());
    bencher
        .with_inputs(inputs)
        .bench_values(|(collect, page)| collect.json(page.into()).map(|(_, read)| read.rows).ok());
}

#[divan::bench]
fn json_into_table(bencher: Bencher<'_, '_>) {
    let page = json();
    bencher.with_inputs(|| (table(), page.clone())).bench_values(|(collect, page)| {
        let rows = collect.json(page.into()).map(|(_, read)| read.rows).ok();
        (rows, collect)
    });
}

#[divan::bench]
fn csv_into_table(bencher: Bencher<'_, '_>) {
    let page = csv();
    bencher.with_inputs(|| (table(), page.clone())).bench_values(|(collect, page)| {
        let rows = collect.csv(page).map(|read| read.rows).ok();
        (rows, collect)
    });
}
