//! The native part of `CrmSync::EmailIndex`. The index numbers its claimants. The Ruby side keeps the keys of the
//! claimants in an Array, so that no Ruby value is stored here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::contacts::{AddressIndex, AddressLists, Claimant, Claims, Fingerprints, KeyNames, Numbers, Reach};
use magnus::value::{LazyId, ReprValue, StaticSymbol};
use magnus::{function, method, Error, Module, Object, RArray, RHash, RModule, Ruby, Value};

use crate::addresses::{each_address, push_list, with_key};
use crate::class::define;
use crate::convert::{append, array, long_array};
use crate::gvl::in_turns;
use crate::host::Host;
use crate::job::compute;

/// The number of addresses from which it pays to move the work to the thread pool.
const MANY: usize = 4_096;

#[magnus::wrap(class = "CrmSync::Native::AddressIndex", free_immediately, size)]
struct Index {
    fingerprints: Fingerprints,
    /// Locked only while the GVL is held, so that a fork cannot find it locked.
    state: Mutex<State>,
}

struct State {
    /// Shared with the look-ups that run without the GVL. An addition during such a look-up goes into a copy.
    addresses: Arc<AddressIndex>,
    /// The claimant of each key, by the fingerprint of the key's name.
    claimants: Numbers,
    /// A buffer for the addresses of one key, which every call of `add` reuses.
    scratch: AddressLists,
}

impl State {
    /// Returns the claimant of the key whose name has this fingerprint: the index of the key in `known`. Appends the
    /// key to `known` if it is new.
    fn claimant(
        &mut self,
        name: u128,
        known: RArray,
        key: impl FnOnce() -> Result<Value, Error>,
    ) -> Result<Claimant, Error> {
        if let Some(claimant) = self.claimants.get(name) {
            return Ok(claimant);
        }
        known.push(key()?)?;
        Ok(self.claimants.add(name))
    }

    /// Returns the claimants of the keys whose names have these fingerprints, and appends new keys to `known`. `key`
    /// returns the key at an index of `names`.
    fn claimants(
        &mut self,
        ruby: &Ruby,
        names: &[u128],
        known: RArray,
        key: impl Fn(usize) -> Result<Value, Error>,
    ) -> Result<Vec<Claimant>, Error> {
        // Looks all of them up before adding any: look-ups in a tight loop wait for memory together.
        let found: Vec<_> = names.iter().map(|&name| self.claimants.get(name)).collect();
        let mut places = Vec::new();
        let claimants = names.iter().zip(found).enumerate().map(|(place, (&name, found))| {
            found.unwrap_or_else(|| {
                let (claimant, is_new) = self.claimants.get_or_add(name);
                places.extend(is_new.then_some(place));
                claimant
            })
        });
        let claimants = claimants.collect();
        let appended = append(ruby, known, 0..places.len(), |number| key(places[number]));
        if appended.is_err() {
            // Ruby could not allocate memory for the new keys.
            self.claimants.truncate(known.len());
        }
        appended.map(|()| claimants)
    }
}

impl Index {
    fn new() -> Self {
        let fingerprints = Fingerprints::new();
        let addresses = Arc::new(AddressIndex::new(fingerprints.clone()));
        Self {
            fingerprints,
            state: Mutex::new(State { addresses, claimants: Numbers::default(), scratch: AddressLists::default() }),
        }
    }

    /// Returns an index with the same claims, and a copy of `known`. Copies both in one call: between two calls,
    /// another thread could add to one of them.
    fn copy(index: &Self, known: RArray) -> (Self, RArray) {
        let state = index.with(|state| State {
            addresses: Arc::clone(&state.addresses),
            claimants: state.claimants.clone(),
            scratch: AddressLists::default(),
        });
        (Self { fingerprints: index.fingerprints.clone(), state: Mutex::new(state) }, known.dup())
    }

    fn with<T>(&self, use_state: impl FnOnce(&mut State) -> T) -> T {
        use_state(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn addresses(&self) -> Arc<AddressIndex> {
        self.with(|state| Arc::clone(&state.addresses))
    }

    fn add(
        ruby: &Ruby,
        index: &Self,
        known: RArray,
        ordinals: RHash,
        key: Value,
        addresses: Value,
    ) -> Result<(), Error> {
        let mut lists = index.with(|state| std::mem::take(&mut state.scratch));
        lists.clear();
        push_list(ruby, &mut lists, addresses)?;
        let name = with_key(ruby, ordinals, key, |name| name.fingerprint(&index.fingerprints))?;
        index.with(|state| {
            let claimant = state.claimant(name, known, || Ok(key))?;
            Arc::make_mut(&mut state.addresses).add_lists(claimant, &lists);
            state.scratch = lists;
            Ok(())
        })
    }

    /// Adds keys with their lists of addresses. No other code may have access to the two Arrays.
    fn add_all(
        ruby: &Ruby,
        index: &Self,
        known: RArray,
        ordinals: RHash,
        given: RArray,
        addresses: RArray,
        host: Host,
    ) -> Result<(), Error> {
        let mut keys = KeyNames::default();
        let lists = lists(ruby, addresses)?;
        each(given, |key| with_key(ruby, ordinals, key, |name| keys.push(name)))?;
        let few = lists.addresses() < MANY;
        let fingerprints = index.fingerprints.clone();
        let prepare = move || Claims::new(&keys, lists, &fingerprints);
        let claims = if few { prepare() } else { compute(ruby, host, prepare)? };
        index.note(ruby, known, &claims, |place| given.entry(place as isize))
    }

    /// Records claims. The number of a key is its index in `known`.
    fn note(
        &self,
        ruby: &Ruby,
        known: RArray,
        claims: &Claims,
        key: impl Fn(usize) -> Result<Value, Error>,
    ) -> Result<(), Error> {
        self.with(|state| {
            state.claimants.reserve(claims.keys().len());
            Arc::make_mut(&mut state.addresses).reserve(claims.addresses());
        });
        in_turns(claims.keys().len(), |places| {
            self.with(|state| {
                let start = places.start;
                let claimants = state.claimants(ruby, &claims.keys()[places], known, |place| key(start + place))?;
                Arc::make_mut(&mut state.addresses).add_claims(claims, start, &claimants);
                Ok(())
            })
        })
    }

    /// Returns the outcome for a list of addresses, and the keys that the addresses lead to.
    fn reach(ruby: &Ruby, index: &Self, known: RArray, addresses: Value) -> Result<(StaticSymbol, RArray), Error> {
        let mut found = Vec::new();
        each_address(ruby, addresses, |address| {
            let text = std::str::from_utf8(address).ok();
            found.extend(text.and_then(|text| index.with(|state| state.addresses.find_text(text))));
        })?;
        let reach = index.with(|state| state.addresses.reach(&found));
        Ok((symbol(ruby, &reach), index.keys(ruby, known, &reach)?))
    }

    /// Returns the single open key of each list, or nil; the outcome of each list; and, by the index of the list, the
    /// keys of each list that leads somewhere but not to a single open key. No other code may have access to the Array
    /// `addresses`.
    fn reach_all(
        ruby: &Ruby,
        index: &Self,
        known: RArray,
        addresses: RArray,
        host: Host,
    ) -> Result<(RArray, RArray, RHash), Error> {
        let lists = lists(ruby, addresses)?;
        let few = lists.addresses() < MANY;
        let addresses = index.addresses();
        let reach = move || addresses.reach_all(&lists);
        let reached = if few { reach() } else { compute(ruby, host, reach)? };
        let others = ruby.hash_new();
        let keys = long_array(ruby, reached.len(), |place| match &reached[place] {
            Reach::One(claimant) => known.entry(*claimant as isize),
            Reach::Nothing => Ok(ruby.qnil().as_value()),
            reach => {
                others.aset(place, index.keys(ruby, known, reach)?)?;
                Ok(ruby.qnil().as_value())
            }
        })?;
        let outcomes = long_array(ruby, reached.len(), |place| Ok(symbol(ruby, &reached[place]).as_value()))?;
        Ok((keys, outcomes, others))
    }

    fn keys(&self, ruby: &Ruby, known: RArray, reach: &Reach) -> Result<RArray, Error> {
        let claimants: BTreeSet<Claimant> = match reach {
            Reach::Nothing => return Ok(ruby.ary_new()),
            Reach::One(claimant) | Reach::Closed(claimant) => {
                return Ok(ruby.ary_new_from_values(&[known.entry::<Value>(*claimant as isize)?]));
            }
            Reach::Several(claimants) => claimants.clone(),
            Reach::Contested(numbers) => {
                self.with(|state| numbers.iter().flat_map(|&number| state.addresses.claimants(number)).collect())
            }
        };
        array(ruby, claimants, |claimant| known.entry(claimant as isize))
    }

    fn contested(&self) -> Vec<(String, Vec<u32>)> {
        self.with(|state| {
            let index = &state.addresses;
            let entry = |address| (index.text(address).to_owned(), index.claimants(address).collect());
            index.contested().map(entry).collect()
        })
    }
}

/// Returns the name of an outcome as a Symbol.
fn symbol(ruby: &Ruby, reach: &Reach) -> StaticSymbol {
    static NONE: LazyId = LazyId::new("none");
    static ONE: LazyId = LazyId::new("one");
    static SEVERAL: LazyId = LazyId::new("several");
    static CONTESTED: LazyId = LazyId::new("contested");
    static CLOSED: LazyId = LazyId::new("closed");
    let name = match reach {
        Reach::Nothing => &NONE,
        Reach::One(_) => &ONE,
        Reach::Several(_) => &SEVERAL,
        Reach::Contested(_) => &CONTESTED,
        Reach::Closed(_) => &CLOSED,
    };
    LazyId::get_inner_with(name, ruby).into()
}

/// Copies the addresses of an Array, to which no other code may have access.
fn lists(ruby: &Ruby, addresses: RArray) -> Result<AddressLists, Error> {
    let mut lists = AddressLists::default();
    each(addresses, |list| push_list(ruby, &mut lists, list))?;
    Ok(lists)
}

fn each(values: RArray, mut work: impl FnMut(Value) -> Result<(), Error>) -> Result<(), Error> {
    in_turns(values.len(), |mut places| places.try_for_each(|place| work(values.entry(place as isize)?)))
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Index>(ruby, native, "AddressIndex")?;
    class.define_singleton_method("new", function!(Index::new, 0))?;
    class.define_method("copy", method!(Index::copy, 1))?;
    class.define_method("add", method!(Index::add, 4))?;
    class.define_method("add_all", method!(Index::add_all, 5))?;
    class.define_method("reach", method!(Index::reach, 2))?;
    class.define_method("reach_all", method!(Index::reach_all, 3))?;
    class.define_method("contested", method!(Index::contested, 0))
}
