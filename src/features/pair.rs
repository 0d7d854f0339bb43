//! Two numbers in a row, and a filter that tells most pairs that are none of a set from those that are.

/// Two numbers as one.
pub(super) fn pair(first: u32, second: u32) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

/// The two numbers of a pair.
pub(super) fn unpair(key: u64) -> [u32; 2] {
    [(key >> 32) as u32, key as u32]
}

/// A bit for each hash of a pair, `N` × 64 of them: few enough to stay in the processor's nearest cache.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PairFilter<const N: usize>(Box<[u64; N]>);

impl<const N: usize> Default for PairFilter<N> {
    fn default() -> Self {
        Self(Box::new([0; N]))
    }
}

impl<const N: usize> PairFilter<N> {
    pub(super) fn add(&mut self, pair: u64) {
        let (word, bit) = Self::place(pair);
        self.0[word] |= 1 << bit;
    }

    /// Whether the pair may have been added; always yes for one that was.
    pub(super) fn may_hold(&self, pair: u64) -> bool {
        let (word, bit) = Self::place(pair);
        self.0[word] >> bit & 1 == 1
    }

    fn place(pair: u64) -> (usize, u64) {
        let hash = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 47;
        ((hash >> 6) as usize % N, hash & 63)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_added_is_held(pairs in prop::collection::vec(any::<(u32, u32)>(), 0..40)) {
            let mut filter = PairFilter::<64>::default();
            for &(first, second) in &pairs {
                filter.add(pair(first, second));
            }
            for (first, second) in pairs {
                prop_assert!(filter.may_hold(pair(first, second)));
                prop_assert_eq!(unpair(pair(first, second)), [first, second]);
            }
        }
    }
}
