//! Finds the fates of records that a read did not return. The loser of a merge is deleted and names its winner; other
//! records are deleted, or no longer fulfill the condition. Nothing is known of records that Salesforce does not show
//! at all.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;

use super::client::Client;
use super::query::collect;
use super::reader::Query;
use crate::engine::Workers;
use crate::error::Result;
use crate::rows::{Cell, Id, RowSink, Selection};

/// The most merges in a chain that are followed.
const CHAIN: usize = 10;
/// The number of ids in one query: as many as fit into its URL, where the quotes and the comma of each are
/// percent-encoded.
const IDS_PER_QUERY: usize = 450;

/// What has become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was merged. This is the winner at the end of the chain.
    Merged(Id),
    /// Salesforce shows it, deleted or not.
    Gone,
    /// Salesforce does not show it.
    Unknown,
}

/// The fates of records.
#[derive(Debug, Default)]
pub struct Fates {
    /// The winner of each merged record.
    pub winners: HashMap<Id, Id>,
    /// The records that Salesforce shows, deleted or not. They are not missing because they are invisible.
    pub gone: HashSet<Id>,
}

impl Fates {
    /// Returns the fate of a missing record.
    #[must_use]
    pub fn of(&self, id: Id) -> Fate {
        match self.winners.get(&id) {
            Some(&winner) => Fate::Merged(winner),
            None if self.gone.contains(&id) => Fate::Gone,
            None => Fate::Unknown,
        }
    }

    /// Adds the fate of a record.
    pub fn add(&mut self, id: Id, fate: Fate) {
        if let Fate::Merged(winner) = fate {
            self.winners.insert(id, winner);
        }
        if fate != Fate::Unknown {
            self.gone.insert(id);
        }
    }
}

/// Returns the fates of `ids`, with chains of merges followed to their end. A chain that is circular or too long has no
/// winner.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_queryall.htm>
///
/// # Errors
/// Returns the errors of a [query](fn@super::query).
pub async fn fates(client: &Client, workers: &Workers, object: &str, ids: &[Id]) -> Result<Fates> {
    let mut masters: HashMap<Id, Option<Id>> = HashMap::new();
    let mut asked = HashSet::new();
    let mut open: Vec<Id> = ids.to_vec();
    // One round more than the longest chain has merges, because its end is looked up too.
    for _ in 0..=CHAIN {
        open.retain(|id| asked.insert(*id));
        if open.is_empty() {
            break;
        }
        let asking = open.chunks(IDS_PER_QUERY).map(|ids| ask(client, workers, object, ids));
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

/// Returns the end of the chain that starts with `loser`.
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
    fn fates_can_be_added_one_by_one() {
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
