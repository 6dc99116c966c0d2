//! The fates of records that did not come: the loser of a merge is deleted and names its winner, others are deleted or
//! are no longer among those that are asked for. Nothing is known of what Salesforce does not show at all.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;

use super::client::Client;
use super::query::collect;
use super::reader::Query;
use crate::engine::Workers;
use crate::error::Result;
use crate::rows::{Cell, Id, RowSink, Selection};

/// The number of merges one after the other that are followed.
const CHAIN: usize = 10;
/// Ids in a query: so many fit into its address, each with quotes and comma percent-encoded.
const AT_ONCE: usize = 450;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was merged, and this is the end of the chain.
    Merged(Id),
    /// Salesforce shows it, deleted or not.
    Gone,
    /// Salesforce does not show it.
    Unknown,
}

/// The fates of records.
#[derive(Debug, Default)]
pub struct Fates {
    /// The winners of those that were merged.
    pub winners: HashMap<Id, Id>,
    /// Those that Salesforce shows, deleted or not: they did not stay away because they are invisible.
    pub gone: HashSet<Id>,
}

impl Fates {
    /// Returns the fate of a record that did not come.
    #[must_use]
    pub fn of(&self, id: Id) -> Fate {
        match self.winners.get(&id) {
            Some(&winner) => Fate::Merged(winner),
            None if self.gone.contains(&id) => Fate::Gone,
            None => Fate::Unknown,
        }
    }

    /// Takes in the fate of one more record.
    pub fn add(&mut self, id: Id, fate: Fate) {
        if let Fate::Merged(winner) = fate {
            self.winners.insert(id, winner);
        }
        if fate != Fate::Unknown {
            self.gone.insert(id);
        }
    }
}

/// Returns the fates of `ids`; of those that were merged the winners, chains followed to their end. A chain that leads
/// back to itself, or does not end, has no winner.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_queryall.htm>
///
/// # Errors
/// As for a query.
pub async fn fates(client: &Client, workers: &Workers, object: &str, ids: &[Id]) -> Result<Fates> {
    let mut masters: HashMap<Id, Option<Id>> = HashMap::new();
    let mut asked = HashSet::new();
    let mut open: Vec<Id> = ids.to_vec();
    // One round more than there are merges in the longest chain, for the end of it is asked after too.
    for _ in 0..=CHAIN {
        open.retain(|id| asked.insert(*id));
        if open.is_empty() {
            break;
        }
        let asking = open.chunks(AT_ONCE).map(|ids| ask(client, workers, object, ids));
        masters.extend(try_join_all(asking).await?.into_iter().flatten());
        open = open.iter().filter_map(|id| masters.get(id)?.as_ref()).copied().collect();
    }
    let gone = ids.iter().copied().filter(|id| masters.contains_key(id)).collect();
    let masters = masters.into_iter().filter_map(|(id, master)| Some((id, master?))).collect();
    Ok(Fates { winners: ids.iter().filter_map(|&id| Some((id, winner(id, &masters)?))).collect(), gone })
}

async fn ask(client: &Client, workers: &Workers, object: &str, ids: &[Id]) -> Result<HashMap<Id, Option<Id>>> {
    let list: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
    let fields = ["Id", "IsDeleted", "MasterRecordId"];
    let condition = format!("Id IN ({})", list.join(","));
    let query = Query::new(&format!("SELECT {} FROM {object} WHERE {condition}", fields.join(", "))).with_deleted();
    let selection = Selection::new(&fields);
    Ok(collect(client, workers, &query, selection, Masters::default()).await?.0)
}

#[derive(Default)]
struct Masters(HashMap<Id, Option<Id>>);

impl RowSink for Masters {
    fn row(&mut self, cells: &[Cell<'_>]) -> std::result::Result<(), String> {
        let id = |cell: &Cell<'_>| cell.text().and_then(Id::parse).ok_or("a merged record came without a valid id");
        let merged = cells[1] != Cell::Bool(false) && cells[2].is_filled();
        self.0.insert(id(&cells[0])?, merged.then(|| id(&cells[2])).transpose()?);
        Ok(())
    }
}

/// Returns the end of the chain that begins with `loser`.
fn winner(loser: Id, masters: &HashMap<Id, Id>) -> Option<Id> {
    let mut id = *masters.get(&loser)?;
    for _ in 1..=CHAIN {
        match masters.get(&id) {
            None => return Some(id),
            Some(&next) => id = next,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> Id {
        Id::parse(&format!("003{number:012}")).unwrap()
    }

    fn masters(pairs: &[(usize, usize)]) -> HashMap<Id, Id> {
        pairs.iter().map(|&(loser, winner)| (id(loser), id(winner))).collect()
    }

    #[test]
    fn a_chain_is_followed_to_its_end() {
        let masters = masters(&[(1, 2), (2, 3), (9, 8)]);
        assert_eq!(
            (winner(id(1), &masters), winner(id(2), &masters), winner(id(3), &masters)),
            (Some(id(3)), Some(id(3)), None)
        );
    }

    #[test]
    fn fates_are_the_same_one_by_one() {
        let mut fates = Fates { winners: [(id(1), id(3))].into(), gone: [id(1), id(2)].into() };
        assert_eq!([1, 2, 4].map(|number| fates.of(id(number))), [Fate::Merged(id(3)), Fate::Gone, Fate::Unknown]);
        for (number, fate) in [(5, Fate::Merged(id(6))), (7, Fate::Gone), (8, Fate::Unknown)] {
            fates.add(id(number), fate);
            assert_eq!(fates.of(id(number)), fate);
        }
    }

    #[test]
    fn a_circle_and_a_chain_without_end_have_no_winner() {
        assert_eq!(winner(id(1), &masters(&[(1, 2), (2, 1)])), None);
        let long: Vec<(usize, usize)> = (1..20).map(|n| (n, n + 1)).collect();
        assert_eq!(winner(id(1), &masters(&long)), None);
        assert_eq!(winner(id(10), &masters(&long)), Some(id(20)));
    }
}
