//! The URLs of a job's pages.

use url::Url;

use crate::http::same_origin;

/// Resolves the URL of a page in a list of pages. Some orgs omit the part of the path that is common to the whole API.
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

/// Returns the locator in the URL of a page.
pub(super) fn locator(page: &Url) -> Option<String> {
    page.query_pairs().find(|(name, _)| name == "locator").map(|(_, locator)| locator.into_owned())
}
