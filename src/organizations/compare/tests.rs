use std::sync::Arc;

use super::*;
use crate::compare::Kind;
use crate::organizations::rules::{
    AttributeRule, DropDownOption, Managed, MarkRule, OlderThan, Policy, Remembered, Source, Target,
};
use crate::organizations::{explain, Budget, Change, Subject};
use crate::rows::{Cell, RowSink};

const A: &str = "0014M00001sDiGEQA0";
const B: &str = "0014M00001sDiGF";

fn rules() -> Rules {
    let attribute = |target, kind, field| AttributeRule { target, kind, source: Source::Field(field), options: vec![] };
    Rules {
        account_fields: ["Id", "Name", "Type"].map(str::to_owned).to_vec(),
        organization_key: Target::Field("key".into()),
        attributes: vec![
            attribute(Target::Attribute("name".into()), Kind::Text, 1),
            attribute(Target::Field("key".into()), Kind::Text, 0),
            attribute(Target::Field("type".into()), Kind::DropDown, 2),
        ],
        managed: Some(Managed { field: "type".into(), values: vec!["open".into()] }),
        mark: Some(MarkRule { field: "mark".into(), unmark: true, only_if: None }),
        outside_managed: Policy::Adopt,
        ..Rules::default()
    }
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(text.into())
}

/// An organization: its id, name, key, type and mark.
type Organization<'t> = (u64, &'t str, &'t str, &'t str, bool);

/// Creates the tables. Each account is its id, name and type.
fn tables(
    rules: &Arc<Rules>,
    accounts: &[[&str; 3]],
    organizations: &[Organization<'_>],
) -> (AccountTable, OrganizationTable) {
    let mut left = AccountTable::new(Arc::clone(rules));
    accounts.iter().for_each(|account| left.row(&account.map(text)).unwrap());
    let mut right = OrganizationTable::new(Arc::clone(rules));
    for (id, name, key, kind, mark) in organizations {
        let id = Cell::Number(id.to_string().into());
        right.row(&[id, text(name), text(key), text(kind), Cell::Bool(*mark)]).unwrap();
    }
    (left, right)
}

fn decide(rules: Rules, accounts: &[[&str; 3]], organizations: &[Organization<'_>]) -> Decision {
    let rules = Arc::new(rules);
    let (left, right) = tables(&rules, accounts, organizations);
    compare(&left, &right, &rules)
}

/// Returns the explanation of a subject, given one account and some organizations.
fn story(rules: Rules, subject: Subject, account: [&str; 3], organizations: &[Organization<'_>]) -> Vec<String> {
    let rules = Arc::new(rules);
    let (left, right) = tables(&rules, &[account], organizations);
    explain(subject, &left, &right, &rules)
}

fn told(decision: &Decision) -> Vec<String> {
    let change = |change: &Change| {
        let fields = change.fields.iter().map(|field| format!("{}={:?}", field.target, field.after.text()));
        format!("{} {:?} {}", change.action.name(), change.organization, fields.collect::<Vec<_>>().join(" "))
    };
    let changes = decision.changes.iter().map(change);
    changes.chain(decision.issues.iter().map(|issue| issue.kind.to_owned())).collect()
}

#[test]
fn each_outcome_in_its_plain_form() {
    let accounts = [[A, "Acme", "open"], [B, "Beta", "open"]];
    assert_eq!(
        told(&decide(rules(), &accounts[..1], &[])),
        [
            r#"create None name=Some("Acme") organization_fields.key=Some("0014M00001sDiGEQA0") organization_fields.type=Some("open")"#
        ]
    );
    assert_eq!(told(&decide(rules(), &accounts[..1], &[(7, "Acme", &A[..15], "Open", false)])), [""; 0]);
    assert_eq!(
        told(&decide(rules(), &accounts[..1], &[(7, "Old", A, "open", false)])),
        [r#"update Some(7) name=Some("Acme")"#]
    );
    assert_eq!(
        told(&decide(rules(), &[], &[(7, "Acme", A, "open", false)])),
        ["mark Some(7) organization_fields.mark=None"]
    );
    assert_eq!(told(&decide(rules(), &[], &[(7, "Acme", A, "open", true), (8, "C", B, "customer", false)])), [""; 0]);
    assert_eq!(
        told(&decide(rules(), &accounts[1..], &[(7, "Beta", B, "open", true)])),
        ["unmark Some(7) organization_fields.mark=None"]
    );
}

#[test]
fn a_customer_with_the_id_is_updated_or_reported() {
    let decide = |policy| {
        let rules = Rules { outside_managed: policy, ..rules() };
        told(&decide(rules, &[[A, "Acme", "open"]], &[(7, "Acme", A, "customer", false)]))
    };
    assert_eq!(decide(Policy::Adopt), [r#"update Some(7) organization_fields.type=Some("open")"#]);
    assert_eq!(decide(Policy::Report), ["outside_managed"]);
}

#[test]
fn keys_that_do_not_tell_who_it_is_are_issues() {
    let twice = [(7, "Acme", A, "open", false), (8, "Other", &A[..15], "customer", false)];
    assert_eq!(told(&decide(rules(), &[[A, "Acme", "open"]], &twice)), ["duplicated_key"]);
    assert_eq!(told(&decide(rules(), &[[A, "Acme", "open"], [A, "Acme", "open"]], &[])), ["duplicated_key"]);
    let keyless = [(7, "Acme", " ", "open", false), (8, "B", "x", "customer", false), (9, "C", "", "customer", false)];
    assert_eq!(told(&decide(rules(), &[["", "D", "open"]], &keyless)), ["blank_key", "blank_key", "malformed_key"]);
    let read_twice = [(7, "Acme", A, "open", false), (7, "Acme", B, "open", false)];
    assert_eq!(
        told(&decide(rules(), &[], &read_twice)),
        ["duplicated_key", "duplicated_key", "duplicated_organization"]
    );
}

#[test]
fn an_issue_names_a_row_without_an_id_and_its_value() {
    let accounts = [["", "C", "open"], ["x", "D", "open"]];
    let organizations = [(7, "Acme", " ", "open", false), (8, "Beta", "y", "open", false)];
    let issues = decide(rules(), &accounts, &organizations).issues;
    let expected = [
        r#"the account "C" has no account id; it is left out"#,
        r#"organization 7 ("Acme") has no account id; it is neither written nor marked"#,
        r#"the account "D" has "x" for an account id, which is none; it is left out"#,
        r#"organization 8 ("Beta") has "y" for an account id, which is none; it is neither written nor marked"#,
    ];
    assert_eq!(issues.iter().map(|issue| &*issue.message).collect::<Vec<_>>(), expected);
}

#[test]
fn names_that_are_not_free() {
    let create = [[A, "Acme", "open"]];
    let holder = [(7, "ACME ", "", "customer", false)];
    let taken = decide(rules(), &create, &holder);
    assert_eq!(told(&taken), ["name_taken"]);
    assert!(taken.issues[0].message.ends_with("organization 7 has it"), "{}", taken.issues[0].message);
    let adopt = || Rules { name_taken: Policy::Adopt, ..rules() };
    assert_eq!(decide(adopt(), &create, &holder).changes[0].organization, Some(7));
    let another = [(7, "Acme", B, "customer", false)];
    assert_eq!(told(&decide(adopt(), &create, &another)), ["name_taken"], "it is another account's");
    let both = [[A, "Acme", "open"], [B, "acme", "open"]];
    assert_eq!(told(&decide(adopt(), &both, &[])), ["name_wanted_twice"]);
    let swapped = [(7, "acme", A, "open", false), (8, "Acme!", B, "open", false)];
    let accounts = [[A, "Acme!", "open"], [B, "Acme", "open"]];
    assert_eq!(told(&decide(rules(), &accounts, &swapped)), ["name_taken", "name_taken"]);
}

#[test]
fn the_name_of_an_account_that_is_reported_stays_spoken_for() {
    let rules = Rules { outside_managed: Policy::Report, ..rules() };
    let accounts = [[A, "Acme", "open"], [B, "Acme", "open"]];
    let decision = decide(rules, &accounts, &[(7, "Beta", B, "", false)]);
    assert_eq!(told(&decision), ["name_wanted_twice", "outside_managed"]);
    assert_eq!(decision.ledger.accounts.buckets["outside_managed"], 1);
}

#[test]
fn a_name_that_becomes_free_is_taken_by_the_next_run() {
    let accounts = [[A, "Beta", "open"], [B, "Gamma", "open"]];
    let decision = decide(rules(), &accounts, &[(7, "Acme", A, "open", false), (8, "Beta", B, "open", false)]);
    assert_eq!(told(&decision), [r#"update Some(8) name=Some("Gamma")"#, "name_taken"]);
    assert!(decision.issues[0].message.contains("the next run takes it"));
}

#[test]
fn a_name_does_not_become_free_where_its_organization_keeps_it() {
    let accounts = |name| [[A, "Beta", "open"], [B, name, "select"]];
    let managed = Some(Managed { field: "type".into(), values: vec!["open".into(), "select".into()] });
    let rules = || Rules { outside_managed: Policy::Report, managed: managed.clone(), ..rules() };
    let organizations = |kind| [(7, "Acme", A, "open", false), (8, "Beta", B, kind, false)];
    let updated = decide(rules(), &accounts("Beta"), &organizations("open"));
    assert_eq!(told(&updated), [r#"update Some(8) organization_fields.type=Some("select")"#, "name_taken"]);
    let reported = decide(rules(), &accounts("Gamma"), &organizations("customer"));
    assert_eq!(told(&reported), ["name_taken", "outside_managed"]);
    for decision in [updated, reported] {
        assert!(decision.issues[0].message.ends_with("organization 8 has it"), "{}", decision.issues[0].message);
    }
}

#[test]
fn age_narrows_the_marks() {
    let mark = MarkRule {
        field: "mark".into(),
        unmark: true,
        only_if: Some(OlderThan { field: "expires".into(), day: "2023-11-21".into() }),
    };
    let mut rules = rules();
    rules.mark = Some(mark);
    let rules = Arc::new(rules);
    let mut organizations = OrganizationTable::new(Arc::clone(&rules));
    for (id, key, date) in [("1", A, "2023-11-20"), ("2", B, "2023-11-21"), ("3", "0014M00001sDiGG", "soon")] {
        let cells = [Cell::Number(id.into()), text("x"), text(key), text("open"), Cell::Null, text(date)];
        organizations.row(&cells).unwrap();
    }
    let decision = compare(&AccountTable::new(Arc::clone(&rules)), &organizations, &rules);
    assert_eq!(told(&decision), ["mark Some(1) organization_fields.mark=None", "without_date"]);
    assert_eq!(decision.could_suffer[0], (Budget::Mark, 3));
}

#[test]
fn an_option_that_zendesk_does_not_have_is_not_written() {
    let mut rules = rules();
    rules.attributes[2].options = vec![DropDownOption { tag: "open".into(), label: "Open Partner".into() }];
    let accounts = [[A, "Acme", "Open Partner"], [B, "Beta", "Gold"]];
    let organizations = [(7, "Acme", A, "open", false), (8, "Beta!", B, "open", false)];
    assert_eq!(
        told(&decide(rules, &accounts, &organizations)),
        [r#"update Some(8) name=Some("Beta")"#, "unknown_option"]
    );
}

#[test]
fn no_value_takes_an_organization_out_of_the_managed_ones() {
    let told_of = |policy, kind, stands| {
        let rules = Rules { outside_managed: policy, ..rules() };
        told(&decide(rules, &[[A, "Acme", kind]], &[(7, "Old", A, stands, false)]))
    };
    let renamed = [r#"update Some(7) name=Some("Acme")"#, "unmanaged_value"];
    for kind in ["", " ", "customer"] {
        let created = decide(rules(), &[[A, "Acme", kind]], &[]);
        assert_eq!(told(&created), ["unmanaged_value"], "{kind:?}");
        assert_eq!(created.ledger.accounts.buckets["unmanaged_value"], 1);
        assert!(created.issues[0].message.ends_with(&format!("; no organization is created for account {A}")));
        assert_eq!(told_of(Policy::Adopt, kind, "open"), renamed, "{kind:?}");
        assert_eq!(told_of(Policy::Adopt, kind, "customer"), renamed, "also where it has the value already");
        assert_eq!(told_of(Policy::Report, kind, "customer"), ["outside_managed"]);
    }
    let mut optional = rules();
    optional.attributes[2].options = vec![DropDownOption { tag: "open".into(), label: "Open Partner".into() }];
    assert_eq!(told(&decide(optional, &[[A, "Acme", "Gold"]], &[])), ["unknown_option"], "and nothing is created");
}

#[test]
fn who_keeps_a_value_and_who_gets_no_organization_is_told() {
    let mut rules = rules();
    let organizations = [(7, "Acme", A, "open", false)];
    let message = |rules, kinds: [&'static str; 2]| {
        let mut issues = decide(rules, &[[A, "Acme", kinds[0]], [B, "Beta", kinds[1]]], &organizations).issues;
        assert_eq!(issues.len(), 1);
        issues.remove(0).message
    };
    let long = Id::parse(B).unwrap();
    let outcome = format!("it stays as it is for account {A}, and no organization is created for account {long}");
    let blank =
        format!("organization_fields.type gets no value from the account, and needs one of managed:; {outcome}");
    assert_eq!(message(rules.clone(), ["", " "]), blank);
    let other = format!("organization_fields.type cannot follow \"gone\", which is no value of managed:; {outcome}");
    assert_eq!(message(rules.clone(), ["gone", "gone"]), other);
    rules.attributes[2].source = Source::FirstOf(vec![]);
    let cases = format!("no case of first_of: gives organization_fields.type a value of managed:; {outcome}");
    assert_eq!(message(rules, ["", ""]), cases);
}

#[test]
fn what_zendesk_did_not_take_is_not_sent_again() {
    let remembered = |target, sent, stored, refused| Rules {
        remembered: vec![Remembered { organization: 7, target, sent, stored, refused }],
        ..rules()
    };
    let own = |text: &'static str| Cell::Text(text.into());
    let mark = |sent| remembered(Target::Field("mark".into()), Cell::Bool(sent), Cell::Bool(!sent), true);
    let name = |refused| remembered(Target::Attribute("name".into()), own("Acme"), own("Old"), refused);
    let marked = |marked| [(7, "Acme", A, "open", marked)];
    assert_eq!(told(&decide(mark(true), &[], &marked(false))), ["put_back"]);
    assert_eq!(told(&decide(mark(false), &[[A, "Acme", "open"]], &marked(true))), ["put_back"]);
    assert_eq!(told(&decide(mark(false), &[], &marked(false))).len(), 1, "it was another value");
    let accounts = [[A, "Acme", "open"]];
    let old = [(7, "Old", A, "open", false)];
    assert_eq!(told(&decide(name(true), &accounts, &old)), ["put_back"]);
    assert_eq!(told(&decide(name(false), &accounts, &old)), [""; 0], "it stands there, as Zendesk spells it");
    let update = r#"update Some(7) name=Some("Acme")"#;
    assert_eq!(told(&decide(name(true), &accounts, &[(7, "Older", A, "open", false)])), [update]);
    assert_eq!(
        told(&decide(name(true), &[[A, "Acme Inc", "open"]], &old)),
        [r#"update Some(7) name=Some("Acme Inc")"#]
    );
    let mut other = name(true);
    other.remembered[0].organization = 8;
    assert_eq!(told(&decide(other, &accounts, &old)), [update]);
    let books = decide(mark(true), &[], &marked(false)).ledger;
    assert_eq!(books.organizations.buckets, std::collections::BTreeMap::from([("put_back", 1)]));
}

#[test]
fn a_story_tells_what_is_known_and_what_comes_of_it() {
    let rules = Arc::new(rules());
    let (accounts, organizations) = tables(&rules, &[[A, "Acme", "open"]], &[(7, "Old", A, "open", false)]);
    let story = |subject| explain(subject, &accounts, &organizations, &rules);
    let id = Id::parse(A).unwrap();
    let expected = [
        format!("account {A} is there"),
        "organization 7 (\"Old\") is managed".into(),
        format!("update: the organization has the id of account {A}"),
        "name: \"Old\" → \"Acme\"".into(),
    ];
    assert_eq!(story(Subject::Account(id)), expected);
    assert_eq!(story(Subject::Organization(7)), expected);
    assert_eq!(story(Subject::Organization(8)), [""; 0]);
    let none = AccountTable::new(Arc::clone(&rules));
    let left = explain(Subject::Organization(7), &none, &organizations, &rules);
    assert_eq!(left[0], format!("no account has the id {A}"));
    let find = |name| crate::organizations::find(name, &accounts, &organizations, &rules);
    assert_eq!(find(" acme"), [Subject::Account(id)]);
    assert_eq!(find("old"), [Subject::Organization(7)]);
    assert_eq!(find("none"), []);
}

#[test]
fn a_story_has_what_is_about_its_account_or_its_organizations() {
    let others = [(8, "Beta", B, "open", false)];
    let account = Subject::Account(Id::parse(A).unwrap());
    let created = story(rules(), account, [A, "Acme", "open"], &others);
    assert_eq!(created[..2], [format!("account {A} is there"), format!("create: account {A} has no organization")]);
    assert_eq!(created.len(), 5, "and its three fields: {created:?}");
    let nameless = story(rules(), account, [A, "", "open"], &others);
    assert!(nameless[1].starts_with("blank_name: "), "{nameless:?}");
    let adopts = Rules { name_taken: Policy::Adopt, ..rules() };
    let acme = [(7, "Acme", "", "customer", false)];
    let adopted = story(adopts, Subject::Organization(7), [A, "Acme", "open"], &acme);
    assert!(adopted[2].starts_with("update: the organization has the name of account"), "{adopted:?}");
    let keyless = story(rules(), Subject::Organization(7), [A, "Beta", "open"], &[(7, "Acme", "", "open", false)]);
    assert!(keyless[2].starts_with("blank_key: ") && keyless.len() == 3, "{keyless:?}");
}
