//! The addresses of a job's pages.

use url::Url;

use crate::salesforce::origin::same_origin;

/// Returns the address that a list of pages leads to. Some orgs leave out the part of it that is the same for all of
/// the API.
pub(super) fn place(job: &Url, told: &str) -> std::result::Result<Url, String> {
    if told.starts_with("/services/") || told.contains("://") {
        return same_origin(job, told);
    }
    let root = job.path().split("/jobs/").next().unwrap_or_default();
    same_origin(job, &format!("{root}/{}", told.trim_start_matches('/')))
}

pub(in crate::salesforce) fn below(job: &Url, what: &str) -> Url {
    let mut url = job.clone();
    url.set_path(&format!("{}/{what}", job.path()));
    url
}

pub(super) fn with_rows(url: &Url, most: u64) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("maxRecords", &most.to_string());
    url
}

pub(super) fn with_locator(url: &Url, locator: &str) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("locator", locator);
    url
}

/// Returns the locator at which a page begins.
pub(super) fn locator(page: &Url) -> Option<String> {
    page.query_pairs().find(|(name, _)| name == "locator").map(|(_, locator)| locator.into_owned())
}
