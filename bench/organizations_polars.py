# The compare of the organization sync with Polars and an explicit schema, for the files that
# `cargo run --release --example organizations make FOLDER` writes; prints seconds and peak memory in KiB.

import json
import resource
import sys
import time

started = time.monotonic()
import polars as pl  # noqa: E402  (a process has to load it)

folder = sys.argv[1]
text, flag = pl.String, pl.Boolean
account_schema = {
    "Account_ID_18__c": text, "Name": text, "Account_Owner_Calc__c": text, "Technical_Account_Manager_Name__c": text,
    "Restricted_Account__c": text, "Solutions_Architect_Lookup__r": pl.Struct({"Name": text}), "Partner_Track__c": text,
    "Support_Hold__c": flag, "Account_Risk_Level__c": text,
}
fields = {
    "salesforce_id": text, "sfdc_short_id": text, "account_owner": text, "technical_account_manager": text,
    "solutions_architect": text, "support_hold": flag, "restricted_account": flag, "org_in_escalated_state": flag,
    "account_type": text, "mark_for_deletion": flag,
}
organization_schema = {"id": pl.Int64, "name": text, "organization_fields": pl.Struct(fields)}


def filled(column):
    return pl.when(pl.col(column).str.strip_chars() == "").then(None).otherwise(pl.col(column)).alias(column)


accounts = pl.read_json(f"{folder}/salesforce_accounts.json", schema=account_schema)
organizations = pl.read_json(f"{folder}/zendesk_orgs.json", schema=organization_schema).unnest("organization_fields")
key = pl.col("Account_ID_18__c")
desired = accounts.select(
    pl.col("Name").alias("name"), key.alias("salesforce_id"), key.str.slice(0, 15).alias("sfdc_short_id"),
    pl.col("Account_Owner_Calc__c").alias("account_owner"),
    pl.col("Technical_Account_Manager_Name__c").alias("technical_account_manager"),
    pl.col("Solutions_Architect_Lookup__r").struct.field("Name").alias("solutions_architect"),
    pl.col("Support_Hold__c").fill_null(False).alias("support_hold"),
    (pl.col("Restricted_Account__c") == "Restricted Party").fill_null(False).alias("restricted_account"),
    (pl.col("Account_Risk_Level__c") == "At Risk - Escalated").fill_null(False).alias("org_in_escalated_state"),
    pl.col("Partner_Track__c").replace_strict({"Open": "open_partner", "Select": "select_partner"}, default=None)
    .alias("account_type"),
)
texts = [name for name, kind in fields.items() if kind == text]
flags = ["support_hold", "restricted_account", "org_in_escalated_state"]
actual = organizations.with_columns([filled(name) for name in texts] + [pl.col(name).fill_null(False) for name in flags])
wanted = desired.with_columns([filled(name) for name in texts])

creates = wanted.join(actual, on="salesforce_id", how="anti")
both = wanted.join(actual, on="salesforce_id", how="inner", suffix="_now")
compared = [name for name in wanted.columns if name != "salesforce_id"]
differs = pl.any_horizontal([pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in compared])
changed = both.filter(differs)
updates = changed.select("id", *[
    pl.when(pl.col(name).ne_missing(pl.col(f"{name}_now"))).then(pl.col(name)).alias(name) for name in compared
])
marks = actual.join(wanted, on="salesforce_id", how="anti").select("id", pl.lit(True).alias("mark_for_deletion"))
for name, rows in (("creates", creates), ("updates", updates), ("not_in_sync", marks)):
    rows.write_json(f"{folder}/polars_{name}.json")

wall = time.monotonic() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"wall": wall, "peak": peak, "creates": len(creates), "updates": len(updates), "marks": len(marks)}))
