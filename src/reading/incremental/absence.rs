//! The fates of records that were looked for and not found. They are kept with the rows of a read, so that the next
//! read asks only for records whose fate is not known yet.

use std::collections::{HashMap, HashSet};

use serde_json::{json, Value};

use crate::rows::Id;
use crate::salesforce::{Fate, Fates};

/// The known fates of missing records.
#[derive(Debug, Default)]
pub(super) struct Absences(HashMap<Id, Fate>);

impl Absences {
    /// Returns those of `ids` whose fate is not known.
    pub(super) fn unheard_of(&self, ids: &[Id]) -> Vec<Id> {
        ids.iter().copied().filter(|id| !self.0.contains_key(id)).collect()
    }

    /// Forgets the fates that may have changed: those of records that changed, and of records merged into one that
    /// changed.
    pub(super) fn forget(&mut self, moved: &HashSet<Id>) {
        let may_differ = |fate: &Fate| matches!(fate, Fate::Merged(winner) if moved.contains(winner));
        self.0.retain(|id, fate| !moved.contains(id) && !may_differ(fate));
    }

    /// Adds the known fates of `ids` to `fates`.
    pub(super) fn complete(&self, mut fates: Fates, ids: &[Id]) -> Fates {
        ids.iter().filter_map(|id| Some((*id, *self.0.get(id)?))).for_each(|(id, fate)| fates.add(id, fate));
        fates
    }

    /// Parses a line of a snapshot and adds its fate. Returns `None` if the line is malformed.
    pub(super) fn read(&mut self, line: &str) -> Option<()> {
        let line: HashMap<&str, &str> = serde_json::from_str(line).ok()?;
        let id = |name| Id::parse(line.get(name)?);
        let fate = match *line.get("fate")? {
            "merged" => Fate::Merged(id("into")?),
            "gone" => Fate::Gone,
            "unknown" => Fate::Unknown,
            _ => return None,
        };
        self.0.insert(id("id")?, fate);
        Some(())
    }
}

/// Returns the snapshot line for the fate of a record.
pub(super) fn line(id: Id, fate: Fate) -> Value {
    match fate {
        Fate::Merged(winner) => json!({"id": id.as_str(), "fate": "merged", "into": winner.as_str()}),
        Fate::Gone => json!({"id": id.as_str(), "fate": "gone"}),
        Fate::Unknown => json!({"id": id.as_str(), "fate": "unknown"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> Id {
        Id::parse(&format!("003{number:012}")).unwrap()
    }

    fn ids<const N: usize>(numbers: [usize; N]) -> Vec<Id> {
        numbers.map(id).into()
    }

    fn three() -> Absences {
        let mut absences = Absences::default();
        for (number, fate) in [(1, Fate::Merged(id(9))), (2, Fate::Gone), (3, Fate::Unknown)] {
            absences.read(&line(id(number), fate).to_string()).unwrap();
        }
        absences
    }

    #[test]
    fn fates_survive_a_snapshot() {
        assert_eq!(three().unheard_of(&ids([1, 2, 3, 4])), ids([4]));
        let fates = three().complete(Fates { gone: [id(4)].into(), ..Fates::default() }, &ids([1, 3, 4]));
        assert_eq!((fates.winners, fates.gone), ([(id(1), id(9))].into(), [id(1), id(4)].into()));
    }

    #[test]
    fn changed_records_and_those_merged_into_them_are_forgotten() {
        let after = |moved: usize| {
            let mut absences = three();
            absences.forget(&[id(moved)].into());
            absences.unheard_of(&ids([1, 2, 3]))
        };
        assert_eq!([after(2), after(3), after(9), after(5)], [ids([2]), ids([3]), ids([1]), vec![]]);
    }

    #[test]
    fn malformed_lines_are_refused() {
        let good = line(id(1), Fate::Gone).to_string();
        for line in
            ["{}", "", r#"{"id": "x", "fate": "gone"}"#, &good.replace("gone", "merged"), &good.replace("gone", "")]
        {
            assert!(Absences::default().read(line).is_none(), "{line}");
        }
    }
}
