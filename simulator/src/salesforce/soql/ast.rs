//! The syntax tree of a query.

/// A name in the query, and its byte offset.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) at: usize,
}

/// A query.
#[derive(Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) select: Select,
    pub(crate) from: Name,
    pub(crate) condition: Option<Condition<Name, Comparison>>,
    pub(crate) order: Vec<Order<Name>>,
    pub(crate) limit: Option<usize>,
    pub(crate) offset: usize,
}

/// The result that a query asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Select {
    /// The fields of each row.
    Fields(Vec<Item>),
    /// `COUNT()`: only the number of rows.
    Count,
    /// One record about all rows.
    Aggregates(Vec<Aggregate<Name>>),
}

/// An item in the list of fields.
#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    Field(Name),
    /// A nested query for children, whose object is the name of the relation.
    Children(Query),
}

/// A function over all rows.
#[derive(Debug, PartialEq)]
pub(crate) struct Aggregate<F> {
    pub(crate) function: Function,
    pub(crate) field: F,
    pub(crate) alias: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Function {
    /// The number of values that are not null.
    Count,
    Min,
    Max,
}

/// A condition on fields of type `F`, each with a test of type `T`.
#[derive(Debug, PartialEq)]
pub(crate) enum Condition<F, T> {
    All(Vec<Condition<F, T>>),
    Any(Vec<Condition<F, T>>),
    Not(Box<Condition<F, T>>),
    Test(F, T),
}

impl<F, T> Condition<F, T> {
    /// Returns the same condition with converted leaves.
    pub(crate) fn try_map<G, U, E>(&self, leaf: &impl Fn(&F, &T) -> Result<(G, U), E>) -> Result<Condition<G, U>, E> {
        let each = |parts: &[Self]| -> Result<Vec<_>, E> { parts.iter().map(|part| part.try_map(leaf)).collect() };
        Ok(match self {
            Condition::All(parts) => Condition::All(each(parts)?),
            Condition::Any(parts) => Condition::Any(each(parts)?),
            Condition::Not(part) => Condition::Not(Box::new(part.try_map(leaf)?)),
            Condition::Test(field, test) => {
                let (field, test) = leaf(field, test)?;
                Condition::Test(field, test)
            }
        })
    }

    /// Returns whether the condition holds, given a function that evaluates a test.
    pub(crate) fn holds(&self, test: &impl Fn(&F, &T) -> bool) -> bool {
        match self {
            Condition::All(parts) => parts.iter().all(|part| part.holds(test)),
            Condition::Any(parts) => parts.iter().any(|part| part.holds(test)),
            Condition::Not(part) => !part.holds(test),
            Condition::Test(field, wanted) => test(field, wanted),
        }
    }
}

/// A comparison with the value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Comparison {
    Equal(Literal),
    Unequal(Literal),
    Less(Literal),
    LessOrEqual(Literal),
    Greater(Literal),
    GreaterOrEqual(Literal),
    In(Vec<Literal>),
    NotIn(Vec<Literal>),
    Like(String),
}

impl Comparison {
    /// Returns the values in the comparison; none for a pattern.
    pub(crate) fn literals(&self) -> &[Literal] {
        match self {
            Comparison::Equal(value)
            | Comparison::Unequal(value)
            | Comparison::Less(value)
            | Comparison::LessOrEqual(value)
            | Comparison::Greater(value)
            | Comparison::GreaterOrEqual(value) => std::slice::from_ref(value),
            Comparison::In(values) | Comparison::NotIn(values) => values,
            Comparison::Like(_) => &[],
        }
    }
}

/// A value in the query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Number(f64),
    /// A date or datetime, in milliseconds since 1970.
    Instant(i64),
    Text(String),
}

/// A field in `ORDER BY`.
#[derive(Debug, PartialEq)]
pub(crate) struct Order<F> {
    pub(crate) field: F,
    pub(crate) descending: bool,
    pub(crate) nulls_last: bool,
}
