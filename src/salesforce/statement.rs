//! Parses a query as far as is needed to read it in ranges.

use crate::rows::Id;

/// A SOQL query.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    text: String,
    object: String,
    parts: Option<Parts>,
}

/// The clauses of a query that can be read in ranges: fields, an object, conditions, and nothing else.
#[derive(Debug, Clone, PartialEq)]
struct Parts {
    fields: Vec<String>,
    condition: Option<String>,
}

/// A range of ids, from `after` (exclusive) to `upto` (inclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Range {
    pub(super) after: Option<Id>,
    pub(super) upto: Option<Id>,
}

impl Statement {
    pub(super) fn new(soql: &str) -> Self {
        let clauses = Clauses::of(soql);
        let object = clauses.get("FROM").and_then(|from| from.split_whitespace().next()).unwrap_or("an object");
        Self { text: soql.trim().to_owned(), object: object.to_owned(), parts: Parts::of(&clauses) }
    }

    /// Returns the query as it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the name of the queried object.
    pub(super) fn object(&self) -> &str {
        &self.object
    }

    /// Returns whether the query selects only `COUNT()`, whose result has no row.
    pub(super) fn counts_only(&self) -> bool {
        let selected = Clauses::of(&self.text).get("SELECT").map(|fields| fields.replace(char::is_whitespace, ""));
        selected.is_some_and(|fields| fields.eq_ignore_ascii_case("COUNT()"))
    }

    /// Returns whether the query can be read in ranges of ids: it selects plain fields including the id, without an
    /// order or a limit.
    pub(super) fn splits(&self) -> bool {
        self.parts.is_some()
    }

    /// Returns the paths of the fields; empty if the query does not split.
    pub(super) fn fields(&self) -> &[String] {
        self.parts.as_ref().map_or(&[], |parts| &parts.fields)
    }

    /// Returns the query for the rows in a range, ordered by id, so that it can be resumed after the last row received.
    pub(super) fn in_order(&self, range: Range) -> String {
        format!("{} ORDER BY Id", self.unordered(range))
    }

    /// Returns the query for the same rows without an order, which is fastest for Bulk API jobs.
    pub(super) fn unordered(&self, range: Range) -> String {
        format!("SELECT {} {}", self.fields().join(", "), self.source(range))
    }

    /// Returns the query for the number of rows in a range, with their lowest and highest id.
    pub(super) fn census(&self, range: Range) -> String {
        format!("SELECT COUNT(Id), MIN(Id), MAX(Id) {}", self.source(range))
    }

    fn source(&self, range: Range) -> String {
        let condition = self.parts.as_ref().and_then(|parts| parts.condition.as_ref());
        let conditions = [
            condition.map(|condition| format!("({condition})")),
            range.after.map(|id| format!("Id > '{id}'")),
            range.upto.map(|id| format!("Id <= '{id}'")),
        ];
        let conditions: Vec<String> = conditions.into_iter().flatten().collect();
        match conditions.is_empty() {
            true => format!("FROM {}", self.object),
            false => format!("FROM {} WHERE {}", self.object, conditions.join(" AND ")),
        }
    }
}

impl Parts {
    fn of(clauses: &Clauses<'_>) -> Option<Self> {
        let fields: Vec<String> = clauses.get("SELECT")?.split(',').map(|field| field.trim().to_owned()).collect();
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
        let whole = clauses.0.iter().all(|(word, _)| ["SELECT", "FROM", "WHERE"].contains(word));
        let with_id = fields.iter().any(|field| field.eq_ignore_ascii_case("Id"));
        let splits = whole && with_id && plain(clauses.get("FROM")?) && fields.iter().all(|field| plain(field));
        splits.then(|| Self { fields, condition: clauses.get("WHERE").map(str::to_owned) })
    }
}

/// The clauses of a query in their order, each as a keyword and the text after it.
struct Clauses<'a>(Vec<(&'static str, &'a str)>);

const WORDS: [&str; 14] = [
    "SELECT", "FROM", "USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "UPDATE", "ALL",
    "TYPEOF",
];

impl<'a> Clauses<'a> {
    fn of(soql: &'a str) -> Self {
        let mut starts = Vec::new();
        let (mut words, mut names_object) = (top_level_words(soql).peekable(), false);
        while let Some((at, word)) = words.next() {
            // `Order` and `Group` are names of objects as well.
            let clause = WORDS.iter().find(|clause| !names_object && clause.eq_ignore_ascii_case(word));
            let by = words.peek().is_some_and(|(_, next)| next.eq_ignore_ascii_case("BY"));
            let clause = clause.filter(|clause| by || !["GROUP", "ORDER"].contains(clause));
            names_object = clause == Some(&"FROM");
            starts.extend(clause.map(|clause| (*clause, at, at + word.len())));
        }
        let ends = starts.iter().skip(1).map(|start| start.1).chain([soql.len()]);
        Self(starts.iter().zip(ends).map(|(&(word, _, start), end)| (word, soql[start..end].trim())).collect())
    }

    fn get(&self, wanted: &str) -> Option<&'a str> {
        self.0.iter().find(|(word, _)| *word == wanted).map(|(_, text)| *text)
    }
}

/// Returns the words of a query outside of parentheses and strings, each with its byte offset.
fn top_level_words(soql: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut depth, mut quoted, mut escaped, mut start) = (0_u32, false, false, None);
    let mut words = Vec::new();
    for (at, c) in soql.char_indices().chain([(soql.len(), ' ')]) {
        let in_word = !quoted && depth == 0 && (c.is_alphanumeric() || c == '_' || c == '.');
        match (in_word, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, &soql[from..at]));
                start = None;
            }
            _ => {}
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(after: &str, upto: &str) -> Range {
        Range { after: Id::parse(after), upto: Id::parse(upto) }
    }

    #[test]
    fn plain_queries_are_read_in_ranges() {
        let statement = Statement::new("select Email, id FROM Contact where Name = 'O\\'Hara ORDER BY' or Fax = null ");
        assert!(statement.splits());
        assert_eq!((statement.object(), statement.fields()), ("Contact", &["Email".to_owned(), "id".to_owned()][..]));
        assert_eq!(
            statement.in_order(range("0034C00000VaYfK", "0034C00000VaYfLQAV")),
            "SELECT Email, id FROM Contact WHERE (Name = 'O\\'Hara ORDER BY' or Fax = null) AND \
             Id > '0034C00000VaYfKQAV' AND Id <= '0034C00000VaYfLQAV' ORDER BY Id"
        );
        let all = Statement::new("SELECT Id FROM Lead");
        assert_eq!(all.census(Range::default()), "SELECT COUNT(Id), MIN(Id), MAX(Id) FROM Lead");
    }

    #[test]
    fn objects_may_be_called_like_clauses() {
        for object in ["Order", "Group", "group", "ORDER"] {
            let plain = Statement::new(&format!("SELECT Id FROM {object} WHERE Name != null"));
            assert!(plain.splits(), "{object}");
            assert_eq!(plain.object(), object);
            assert_eq!(
                plain.unordered(Range::default()),
                format!("SELECT Id FROM {object} WHERE (Name != null)"),
                "its condition is not lost"
            );
        }
        let ordered = Statement::new("SELECT Id FROM Order ORDER BY Name");
        assert_eq!((ordered.object(), ordered.splits()), ("Order", false));
        let counted = Statement::new("SELECT COUNT(Id) FROM\n Group GROUP BY Type");
        assert_eq!((counted.object(), counted.splits()), ("Group", false));
    }

    #[test]
    fn a_count_is_known() {
        assert!(Statement::new("select count( ) from Contact").counts_only());
        assert!(!Statement::new("SELECT COUNT(Id) FROM Contact").counts_only());
    }

    #[test]
    fn queries_with_an_order_a_limit_or_functions_are_not_split() {
        for soql in [
            "SELECT Email FROM Contact",
            "SELECT Id FROM Contact ORDER BY Name",
            "SELECT Id FROM Contact WHERE Name = 'x' LIMIT 5",
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            "SELECT COUNT() FROM Contact",
            "SELECT Id, COUNT(Name) FROM Contact GROUP BY Id",
            "SELECT Id, TYPEOF Owner WHEN User THEN Email END FROM Task",
            "SELECT Id FROM Contact c WHERE c.Name = 'x'",
            "SELECT Id FROM Contact USING SCOPE mine",
            "SELECT Id FROM Contact WITH SECURITY_ENFORCED",
            "SELECT FIELDS(STANDARD) FROM Contact",
            "SELECT Id FROM Contact FOR VIEW",
            "SELECT Id FROM Contact ALL ROWS",
            "what is this",
            "",
        ] {
            assert!(!Statement::new(soql).splits(), "{soql}");
        }
    }
}
