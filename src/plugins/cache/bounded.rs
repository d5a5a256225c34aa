//! A map of bounded weight.
//!
//! What leaves when there is no room is chosen by SIEVE (Zhang et al., NSDI 2024): entries stand in the order in which they came, and a hand goes from the oldest on, passes over
//! what was read since it was last there, and takes the next. Reading sets one bit and moves nothing, and what is never read again leaves early, so that a client who asks for a
//! thousand things once does not drive out what all others read.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key, of at most so much weight. It is shared by all workers, so it consists of parts that are locked by themselves.
///
/// Keys and values that leave are given to the caller, who drops them when nothing is locked: their `Drop` may be the application's.
pub(crate) struct Bounded<K, V> {
    parts: Box<[Mutex<Part<K, V>>]>,
    hasher: RandomState,
    evicted: AtomicU64,
}

struct Part<K, V> {
    numbers: HashMap<K, usize>,
    nodes: Vec<Option<Node<K, V>>>,
    free: Vec<usize>,
    newest: Option<usize>,
    oldest: Option<usize>,
    /// Where the hand is; none: at the oldest.
    hand: Option<usize>,
    weight: u64,
    most: u64,
}

struct Node<K, V> {
    key: K,
    value: V,
    weight: u64,
    newer: Option<usize>,
    older: Option<usize>,
    is_read: bool,
}

/// What has left.
#[must_use = "it is to be dropped when nothing is locked"]
pub(crate) struct Gone<K, V>(#[allow(dead_code, reason = "held until it may be dropped")] Vec<Option<Node<K, V>>>);

impl<K, V> Gone<K, V> {
    #[cfg(test)]
    fn is_something(&self) -> bool {
        !self.0.is_empty()
    }
}

/// More parts than this are no gain for the few threads that workers are.
const MOST_PARTS: u64 = 16;

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    /// One of at most `most` weight. Each of its parts has room for something that weighs `largest`, which decides how many there are.
    pub(crate) fn new(most: u64, largest: u64) -> Self {
        let parts = (most / largest.max(1) / 4).clamp(1, MOST_PARTS);
        let part = |number: u64| Part::new(most / parts + u64::from(number < most % parts));
        let parts = (0..parts).map(|number| Mutex::new(part(number))).collect();
        Self { parts, hasher: RandomState::new(), evicted: AtomicU64::new(0) }
    }

    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> MutexGuard<'_, Part<K, V>> {
        let number = (self.hasher.hash_one(key) >> 32) as usize % self.parts.len();
        lock(&self.parts[number])
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        V: Clone,
    {
        let mut part = self.part(key);
        let number = *part.numbers.get(key)?;
        let node = part.nodes[number].as_mut()?;
        node.is_read = true;
        Some(node.value.clone())
    }

    /// Puts it in the place of what has its key. Says whether it is there now: what is heavier than a part has room for is not.
    pub(crate) fn insert(&self, key: K, value: V, weight: u64) -> (bool, Gone<K, V>) {
        let mut part = self.part(&key);
        let mut gone: Vec<_> = part.take(&key).into_iter().map(Some).collect();
        let fits = weight <= part.most;
        if fits {
            let before = gone.len();
            while part.weight > part.most - weight
                && let Some(evicted) = part.evict()
            {
                gone.push(Some(evicted));
            }
            self.evicted.fetch_add((gone.len() - before) as u64, Ordering::Relaxed);
            part.push(key, value, weight);
        }
        (fits, Gone(gone))
    }

    pub(crate) fn remove<Q>(&self, key: &Q) -> Gone<K, V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Gone(self.part(key).take(key).into_iter().map(Some).collect())
    }

    pub(crate) fn clear(&self) -> Gone<K, V> {
        let mut gone = Vec::new();
        for part in &self.parts {
            let mut part = lock(part);
            let most = part.most;
            gone.append(&mut std::mem::replace(&mut *part, Part::new(most)).nodes);
        }
        Gone(gone)
    }

    pub(crate) fn len(&self) -> u64 {
        self.parts.iter().map(|part| lock(part).numbers.len() as u64).sum()
    }

    pub(crate) fn weight(&self) -> u64 {
        self.parts.iter().map(|part| lock(part).weight).sum()
    }

    /// How many have left because there was no room.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }
}

/// A `Hash` or `Eq` of the application that panics does so before anything is changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Hash + Eq + Clone, V> Part<K, V> {
    fn new(most: u64) -> Self {
        let (numbers, nodes, free) = (HashMap::new(), Vec::new(), Vec::new());
        Self { numbers, nodes, free, newest: None, oldest: None, hand: None, weight: 0, most }
    }

    fn node(&mut self, number: Option<usize>) -> Option<&mut Node<K, V>> {
        self.nodes.get_mut(number?)?.as_mut()
    }

    fn push(&mut self, key: K, value: V, weight: u64) {
        let number = self.free.pop().unwrap_or(self.nodes.len());
        let node = Node { key: key.clone(), value, weight, newer: None, older: self.newest, is_read: false };
        // From here on nothing is called that may panic but for want of memory.
        self.numbers.insert(key, number);
        match self.nodes.get_mut(number) {
            Some(place) => *place = Some(node),
            None => self.nodes.push(Some(node)),
        }
        let before = self.newest.replace(number);
        match self.node(before) {
            Some(before) => before.newer = Some(number),
            None => self.oldest = Some(number),
        }
        self.weight += weight;
    }

    fn take<Q>(&mut self, key: &Q) -> Option<Node<K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let number = self.numbers.remove(key)?;
        self.unlink(number)
    }

    fn unlink(&mut self, number: usize) -> Option<Node<K, V>> {
        let node = self.nodes.get_mut(number)?.take()?;
        self.free.push(number);
        match self.node(node.newer) {
            Some(newer) => newer.older = node.older,
            None => self.newest = node.older,
        }
        match self.node(node.older) {
            Some(older) => older.newer = node.newer,
            None => self.oldest = node.newer,
        }
        if self.hand == Some(number) {
            self.hand = node.newer;
        }
        self.weight -= node.weight;
        Some(node)
    }

    fn evict(&mut self) -> Option<Node<K, V>> {
        let mut number = self.hand.or(self.oldest)?;
        // Behind the newest the hand begins again at the oldest, where no bit is set any more.
        loop {
            let node = self.nodes.get_mut(number)?.as_mut()?;
            if !std::mem::take(&mut node.is_read) {
                break;
            }
            number = node.newer.or(self.oldest)?;
        }
        self.hand = Some(number);
        let key = self.nodes[number].as_ref()?.key.clone();
        self.take(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow way: a list from the oldest to the newest, and a hand.
    #[derive(Default)]
    struct Oracle {
        list: Vec<(u8, u32, u64, bool)>,
        hand: usize,
    }

    impl Oracle {
        fn remove(&mut self, key: u8) {
            if let Some(at) = self.list.iter().position(|entry| entry.0 == key) {
                self.list.remove(at);
                if at < self.hand {
                    self.hand -= 1;
                }
                if self.hand >= self.list.len() {
                    self.hand = 0;
                }
            }
        }

        fn insert(&mut self, key: u8, value: u32, weight: u64, most: u64) -> bool {
            self.remove(key);
            if weight > most {
                return false;
            }
            while self.list.iter().map(|entry| entry.2).sum::<u64>() + weight > most {
                while std::mem::take(&mut self.list[self.hand].3) {
                    self.hand = (self.hand + 1) % self.list.len();
                }
                self.list.remove(self.hand);
                if self.hand >= self.list.len() {
                    self.hand = 0;
                }
            }
            self.list.push((key, value, weight, false));
            true
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8, u32, u64),
        Get(u8),
        Remove(u8),
    }

    fn step() -> impl proptest::strategy::Strategy<Value = Step> {
        use proptest::prelude::*;
        prop_oneof![
            4 => (0..24_u8, any::<u32>(), 0..12_u64).prop_map(|(key, value, weight)| Step::Insert(key, value, weight)),
            4 => (0..24_u8).prop_map(Step::Get),
            1 => (0..24_u8).prop_map(Step::Remove),
        ]
    }

    proptest::proptest! {
        #[test]
        fn it_does_what_a_list_with_a_hand_does(steps in proptest::collection::vec(step(), 0..200)) {
            const MOST: u64 = 40;
            let (bounded, mut oracle) = (Bounded::new(MOST, MOST), Oracle::default());
            for step in steps {
                match step {
                    Step::Insert(key, value, weight) => {
                        let expected = oracle.insert(key, value, weight, MOST);
                        proptest::prop_assert_eq!(bounded.insert(key, value, weight).0, expected);
                    }
                    Step::Get(key) => {
                        let found = oracle.list.iter_mut().find(|entry| entry.0 == key);
                        let expected = found.map(|entry| { entry.3 = true; entry.1 });
                        proptest::prop_assert_eq!(bounded.get(&key), expected);
                    }
                    Step::Remove(key) => {
                        let expected = oracle.list.iter().any(|entry| entry.0 == key);
                        oracle.remove(key);
                        proptest::prop_assert_eq!(bounded.remove(&key).is_something(), expected);
                    }
                }
                proptest::prop_assert_eq!(bounded.len(), oracle.list.len() as u64);
                proptest::prop_assert_eq!(bounded.weight(), oracle.list.iter().map(|entry| entry.2).sum::<u64>());
            }
        }
    }

    #[test]
    fn however_many_come_there_are_no_more_than_may_be() {
        let bounded = Bounded::new(1000, 1);
        assert_eq!(bounded.parts.len(), MOST_PARTS as usize);
        (0..100_000_u32).for_each(|key| assert!(bounded.insert(key, key, 1).0));
        assert!(bounded.len() <= 1000 && bounded.weight() <= 1000, "{}", bounded.len());
        assert_eq!(bounded.evicted(), 100_000 - bounded.len());
        drop(bounded.clear());
        assert_eq!((bounded.len(), bounded.weight(), bounded.get(&99_999)), (0, 0, None));
    }

    #[test]
    fn who_asks_for_much_once_does_not_drive_out_what_is_read() {
        let bounded = Bounded::new(100, 100);
        (0..50_u32).for_each(|key| assert!(bounded.insert(key, key, 1).0));
        for once in 1000..3000 {
            drop(bounded.insert(once, once, 1));
            (0..50).for_each(|key| assert_eq!(bounded.get(&key), Some(key)));
        }
    }

    #[test]
    fn what_leaves_may_use_the_map_while_it_is_dropped() {
        use std::sync::Arc;
        struct Nosy(Arc<Bounded<u32, Arc<Nosy>>>);
        impl Drop for Nosy {
            fn drop(&mut self) {
                // A lock that was held would be waited for for ever.
                let _ = (self.0.len(), self.0.get(&1));
            }
        }
        let bounded = Arc::new(Bounded::new(1, 1));
        (0..3).for_each(|key| assert!(bounded.insert(key, Arc::new(Nosy(bounded.clone())), 1).0));
        drop(bounded.remove(&2));
        drop(bounded.insert(1, Arc::new(Nosy(bounded.clone())), 1));
        drop(bounded.clear());
    }
}
