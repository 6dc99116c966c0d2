//! The index of addresses: the cost of preparing claims, of adding them, and of looking up many addresses at once.

use crm_sync::contacts::{AddressIndex, AddressLists, Claims, Fingerprints, KeyName, KeyNames};
use divan::counter::ItemsCount;
use divan::{black_box, Bencher};

const KNOWN: usize = 200_000;
const ASKED: usize = 1_000_000;

fn main() {
    divan::main();
}

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads")
}

fn lists(count: usize) -> AddressLists {
    let mut lists = AddressLists::default();
    for number in 0..count {
        // Not in the order of the index, and with some addresses that it lacks.
        let number = number.wrapping_mul(7_919) % (KNOWN + KNOWN / 8);
        lists.push(format!(" Person.{number}@School{}.edu", number % 400).as_bytes());
        lists.end_list();
    }
    lists
}

fn keys() -> KeyNames {
    let mut keys = KeyNames::default();
    (0..KNOWN).for_each(|number| keys.push(KeyName::Text(format!("003{number:012}AAA").as_bytes())));
    keys
}

fn note(claims: &Claims, fingerprints: &Fingerprints) -> AddressIndex {
    let mut index = AddressIndex::new(fingerprints.clone());
    let claimants: Vec<u32> = (0..KNOWN as u32).collect();
    claimants.chunks(256).for_each(|some| index.add_claims(claims, some[0] as usize, some));
    index
}

#[divan::bench]
fn prepared(bencher: Bencher) {
    let (pool, keys, fingerprints) = (pool(), keys(), Fingerprints::new());
    bencher
        .counter(ItemsCount::new(KNOWN))
        .with_inputs(|| lists(KNOWN))
        .bench_values(|lists| pool.install(|| Claims::new(&keys, lists, &fingerprints)));
}

#[divan::bench]
fn noted(bencher: Bencher) {
    let fingerprints = Fingerprints::new();
    let claims = Claims::new(&keys(), lists(KNOWN), &fingerprints);
    bencher.counter(ItemsCount::new(KNOWN)).bench(|| note(black_box(&claims), &fingerprints));
}

#[divan::bench]
fn looked_up(bencher: Bencher) {
    let pool = pool();
    let fingerprints = Fingerprints::new();
    let index = note(&Claims::new(&keys(), lists(KNOWN), &fingerprints), &fingerprints);
    let asked = lists(ASKED);
    bencher.counter(ItemsCount::new(ASKED)).bench(|| pool.install(|| index.reach_all(black_box(&asked))));
}
