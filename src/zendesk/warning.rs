//! Reads the header that names the attributes that a write ignored. Nothing else in the response tells them. The header
//! is a Ruby Hash as `inspect` prints it.

use reqwest::header::HeaderMap;

use super::outcome::Attributes;

/// Returns the keys of the attributes that a write ignored, such as `organization.organization_fields.typo`.
pub(super) fn ignored(headers: &HeaderMap) -> Vec<String> {
    let text = headers.get("x-zendesk-api-warn").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let list = text.split_once(":unpermitted_keys=>[").and_then(|(_, rest)| rest.split_once(']'));
    let keys = list.map(|(keys, _)| keys.split(',')).into_iter().flatten();
    let bare = |key: &str| crate::error::presentable(key.trim().trim_matches('"'));
    keys.map(bare).filter(|key| !key.is_empty()).collect()
}

/// Returns the ignored keys that a row contains.
pub(super) fn concerning(ignored: &[String], row: &Attributes) -> Vec<String> {
    let has = |key: &&String| {
        // Removes the prefix: `organization.`, or `organizations.` in a list.
        let path = key.split_once('.').map_or(key.as_str(), |(_, path)| path);
        match path.strip_prefix("organization_fields.") {
            Some(field) => row.get("organization_fields").is_some_and(|fields| fields.get(field).is_some()),
            None => row.contains_key(path),
        }
    };
    ignored.iter().filter(has).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_read_and_found_in_their_rows() {
        let text = r#"{:allowed_parameters=>{:controller=>"organizations", :action=>"update", :unpermitted_keys=>["organizations.nme", "organizations.organization_fields.typo"], :invalid_values=>[]}}"#;
        let headers = HeaderMap::from_iter([("x-zendesk-api-warn".parse().unwrap(), text.parse().unwrap())]);
        let keys = ignored(&headers);
        assert_eq!(keys, ["organizations.nme", "organizations.organization_fields.typo"]);
        let row = |value: serde_json::Value| value.as_object().cloned().unwrap();
        assert_eq!(concerning(&keys, &row(json!({"name": "a", "nme": 1}))), keys[..1]);
        assert_eq!(concerning(&keys, &row(json!({"organization_fields": {"typo": null}}))), keys[1..]);
        assert!(concerning(&keys, &row(json!({"organization_fields": {"key": null}}))).is_empty());
        assert!(ignored(&HeaderMap::new()).is_empty());
    }
}
