//! Parses queries as strictly as Salesforce does.

use super::ast::{Aggregate, Comparison, Condition, Function, Item, Literal, Name, Order, Query, Select};
use super::lexer::{tokens, Kind, Token};
use super::Mistake;

type Result<T> = std::result::Result<T, Mistake>;
type Clause = Condition<Name, Comparison>;

/// The maximum nesting of parentheses. It is bounded because each level uses the stack.
const DEPTH: usize = 50;

/// Parses a query.
pub(crate) fn parse(soql: &str) -> Result<Query> {
    let mut parser = Parser { tokens: &tokens(soql)?, depth: 0 };
    let query = parser.query(false)?;
    parser.expect("<EOF>")?;
    Ok(query)
}

struct Parser<'a> {
    /// The remaining tokens. The last one, the end, is never consumed.
    tokens: &'a [Token<'a>],
    depth: usize,
}

impl<'a> Parser<'a> {
    /// Parses a query, or a nested query for children, which has no functions, no children of its own and no `OFFSET`.
    fn query(&mut self, nested: bool) -> Result<Query> {
        self.expect("SELECT")?;
        let select = self.select(nested)?;
        self.expect("FROM")?;
        let from = self.object()?;
        let condition = match self.take("WHERE") {
            true => Some(self.condition()?),
            false => None,
        };
        if matches!(select, Select::Aggregates(_)) {
            self.refuse_parts()?;
        }
        Ok(Query {
            select,
            from,
            condition,
            order: self.order()?,
            limit: self.number_after("LIMIT")?,
            offset: match nested {
                true => 0,
                false => self.number_after("OFFSET")?.unwrap_or(0),
            },
        })
    }

    fn select(&mut self, nested: bool) -> Result<Select> {
        let (mut fields, mut aggregates) = (Vec::new(), Vec::new());
        loop {
            if !nested && self.take("(") {
                fields.push(Item::Children(self.query(true)?));
                self.expect(")")?;
                if !self.take(",") {
                    break;
                }
                continue;
            }
            let name = self.name()?;
            let first = fields.is_empty() && aggregates.is_empty();
            if nested || !self.take("(") {
                fields.push(Item::Field(name));
            } else if first && name.text.eq_ignore_ascii_case("COUNT") && self.take(")") {
                return Ok(Select::Count);
            } else {
                aggregates.push(self.aggregate(&name)?);
            }
            if !self.take(",") {
                break;
            }
        }
        match fields.first() {
            None => Ok(Select::Aggregates(aggregates)),
            Some(_) if aggregates.is_empty() => Ok(Select::Fields(fields)),
            Some(Item::Field(name) | Item::Children(Query { from: name, .. })) => {
                let what = format!("Field must be grouped or aggregated: {}", name.text);
                Err(Mistake { at: name.at, what })
            }
        }
    }

    /// Parses the rest of a function, after its opening parenthesis.
    fn aggregate(&mut self, name: &Name) -> Result<Aggregate<Name>> {
        let function = match name.text.to_ascii_uppercase().as_str() {
            "COUNT" => Function::Count,
            "MIN" => Function::Min,
            "MAX" => Function::Max,
            _ => return Err(Mistake { at: name.at, what: format!("unexpected token: '{}'", name.text) }),
        };
        let field = self.name()?;
        self.expect(")")?;
        let alias = match self.peek().is(",") || self.peek().is("FROM") {
            true => None,
            false => Some(self.name()?.text),
        };
        Ok(Aggregate { function, field, alias })
    }

    /// Refuses `ORDER BY`, `LIMIT` and `OFFSET`, which do not apply to a single record about all rows.
    fn refuse_parts(&self) -> Result<()> {
        let token = self.peek();
        match ["ORDER", "LIMIT", "OFFSET"].into_iter().find(|keyword| token.is(keyword)) {
            None => Ok(()),
            Some(keyword) => {
                let query = "Non-grouped query that uses overall aggregate functions";
                Err(Mistake { at: token.at, what: format!("{query} cannot also use {keyword}") })
            }
        }
    }

    /// Parses terms joined by either `AND` or `OR`. Mixing them requires parentheses, and so does a `NOT` beside other
    /// terms.
    fn condition(&mut self) -> Result<Clause> {
        if self.take("NOT") {
            let part = self.term()?;
            return Ok(Condition::Not(Box::new(part)));
        }
        let first = self.term()?;
        let join = ["AND", "OR"].into_iter().find(|join| self.peek().is(join));
        let Some(join) = join else {
            return Ok(first);
        };
        let mut parts = vec![first];
        while self.take(join) {
            parts.push(self.term()?);
        }
        Ok(match join {
            "AND" => Condition::All(parts),
            _ => Condition::Any(parts),
        })
    }

    fn term(&mut self) -> Result<Clause> {
        if !self.peek().is("(") {
            return self.test();
        }
        if self.depth == DEPTH {
            return Err(self.unexpected());
        }
        self.next();
        self.depth += 1;
        let inner = self.condition()?;
        self.depth -= 1;
        self.expect(")")?;
        Ok(inner)
    }

    fn test(&mut self) -> Result<Clause> {
        let field = self.name()?;
        Ok(Condition::Test(field, self.comparison()?))
    }

    fn comparison(&mut self) -> Result<Comparison> {
        let operator = self.peek();
        self.next();
        Ok(match operator.text.to_ascii_uppercase().as_str() {
            "=" => Comparison::Equal(self.literal()?),
            "!=" | "<>" => Comparison::Unequal(self.literal()?),
            "<" => Comparison::Less(self.literal()?),
            "<=" => Comparison::LessOrEqual(self.literal()?),
            ">" => Comparison::Greater(self.literal()?),
            ">=" => Comparison::GreaterOrEqual(self.literal()?),
            "IN" => Comparison::In(self.list()?),
            "NOT" => {
                self.expect("IN")?;
                Comparison::NotIn(self.list()?)
            }
            "LIKE" => Comparison::Like(self.pattern()?),
            _ => return Err(unexpected(operator)),
        })
    }

    fn list(&mut self) -> Result<Vec<Literal>> {
        self.expect("(")?;
        let mut values = vec![self.literal()?];
        while self.take(",") {
            values.push(self.literal()?);
        }
        self.expect(")")?;
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal> {
        let token = self.peek();
        let literal = token.literal().ok_or_else(|| refused(token))?;
        self.next();
        // Salesforce does not store empty texts: `''` is null.
        Ok(match literal {
            Literal::Text(text) if text.is_empty() => Literal::Null,
            other => other,
        })
    }

    fn pattern(&mut self) -> Result<String> {
        let token = self.peek();
        if token.kind != Kind::Text {
            return Err(self.unexpected());
        }
        self.next();
        Ok(token.inner().to_owned())
    }

    fn order(&mut self) -> Result<Vec<Order<Name>>> {
        if !self.take("ORDER") {
            return Ok(Vec::new());
        }
        self.expect("BY")?;
        let mut order = vec![self.order_field()?];
        while self.take(",") {
            order.push(self.order_field()?);
        }
        Ok(order)
    }

    fn order_field(&mut self) -> Result<Order<Name>> {
        let field = self.name()?;
        let descending = self.take("DESC");
        if !descending {
            self.take("ASC");
        }
        let nulls_last = self.take("NULLS") && !self.take("FIRST");
        if nulls_last {
            self.expect("LAST")?;
        }
        Ok(Order { field, descending, nulls_last })
    }

    fn number_after(&mut self, keyword: &str) -> Result<Option<usize>> {
        if !self.take(keyword) {
            return Ok(None);
        }
        let number = self.peek().text.parse().map_err(|_| self.unexpected())?;
        self.next();
        Ok(Some(number))
    }

    /// Parses the name of an object, which may be `Order`, although no field can have that name.
    fn object(&mut self) -> Result<Name> {
        let token = self.peek();
        if token.kind != Kind::Word || !token.is("ORDER") {
            return self.name();
        }
        self.next();
        Ok(Name { text: token.text.to_owned(), at: token.at })
    }

    fn name(&mut self) -> Result<Name> {
        let token = self.peek();
        let step = |step: &str| !step.is_empty();
        let path = token.kind == Kind::Word && token.text.split('.').all(step);
        if !path || RESERVED.iter().any(|word| token.is(word)) {
            return Err(self.unexpected());
        }
        self.next();
        Ok(Name { text: token.text.to_owned(), at: token.at })
    }

    fn peek(&self) -> Token<'a> {
        self.tokens[0]
    }

    fn next(&mut self) {
        if self.tokens.len() > 1 {
            self.tokens = &self.tokens[1..];
        }
    }

    fn take(&mut self, keyword: &str) -> bool {
        let found = self.peek().is(keyword);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, keyword: &str) -> Result<()> {
        match self.peek().is(keyword) {
            true => {
                self.next();
                Ok(())
            }
            false => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> Mistake {
        unexpected(self.peek())
    }
}

/// The words that cannot be names.
const RESERVED: [&str; 12] =
    ["AND", "ASC", "DESC", "FROM", "IN", "LIKE", "LIMIT", "NOT", "OR", "ORDER", "SELECT", "WHERE"];

fn unexpected(token: Token<'_>) -> Mistake {
    let what = format!("unexpected token: '{}'", token.text);
    Mistake { at: token.at, what }
}

/// Refuses a token that is not a value, or a text with an invalid escape.
fn refused(token: Token<'_>) -> Mistake {
    match token.kind {
        Kind::Text => {
            Mistake { at: token.at, what: format!("Illegal character sequence in string literal {}", token.text) }
        }
        _ => unexpected(token),
    }
}
