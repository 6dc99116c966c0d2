//! Maps requests to routes.

use super::error::Refusal;
use super::fault::Kind;
use super::job::Work;
use hyper::Method;

/// The route of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Route {
    Token,
    Organizations,
    Count,
    ShowMany,
    Search,
    Autocomplete,
    Show(u64),
    Fields,
    Create,
    CreateOrUpdate,
    Update(u64),
    Bulk(Work),
    Jobs,
    JobsShowMany,
    Job(String),
    Refused(Refusal),
}

impl Route {
    pub(crate) fn of(method: &Method, path: &str) -> Route {
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".json").unwrap_or(path);
        let segments: Vec<&str> = path.split('/').collect();
        match (method.as_str(), &segments[..]) {
            ("POST", ["oauth", "tokens"]) => Route::Token,
            (method, ["api", "v2", rest @ ..]) => resource(method, rest),
            _ => Route::Refused(Refusal::no_endpoint()),
        }
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Route::Token => Some(Kind::Token),
            Route::Organizations => Some(Kind::Organizations),
            Route::Count => Some(Kind::Count),
            Route::ShowMany | Route::Search | Route::Autocomplete | Route::Show(_) => Some(Kind::Lookup),
            Route::Fields => Some(Kind::Fields),
            Route::Create | Route::CreateOrUpdate => Some(Kind::Create),
            Route::Update(_) => Some(Kind::Update),
            Route::Bulk(Work::Create) => Some(Kind::CreateMany),
            Route::Bulk(Work::Update) => Some(Kind::UpdateMany),
            Route::Jobs | Route::JobsShowMany | Route::Job(_) => Some(Kind::JobStatus),
            Route::Refused(_) => None,
        }
    }
}

fn resource(method: &str, rest: &[&str]) -> Route {
    match (method, rest) {
        ("GET", ["organizations"]) => Route::Organizations,
        ("GET", ["organizations", "count"]) => Route::Count,
        ("GET", ["organizations", "show_many"]) => Route::ShowMany,
        ("GET", ["organizations", "search"]) => Route::Search,
        ("GET", ["organizations", "autocomplete"]) => Route::Autocomplete,
        ("GET", ["organizations", id]) => numbered(id, Route::Show),
        ("GET", ["organization_fields"]) => Route::Fields,
        ("POST", ["organizations"]) => Route::Create,
        ("POST", ["organizations", "create_or_update"]) => Route::CreateOrUpdate,
        ("POST", ["organizations", "create_many"]) => Route::Bulk(Work::Create),
        ("PUT", ["organizations", "update_many"]) => Route::Bulk(Work::Update),
        ("PUT", ["organizations", id]) => numbered(id, Route::Update),
        ("GET", ["job_statuses"]) => Route::Jobs,
        ("GET", ["job_statuses", "show_many"]) => Route::JobsShowMany,
        ("GET", ["job_statuses", id]) => Route::Job((*id).to_owned()),
        _ => Route::Refused(Refusal::no_endpoint()),
    }
}

fn numbered(id: &str, route: impl Fn(u64) -> Route) -> Route {
    id.parse().map_or_else(|_| Route::Refused(Refusal::not_found()), route)
}
