//! Authors → folds: all posts of an author lie in one fold, folds are of about equal size, and the same seed gives
//! the same folds whatever the order of the authors' names.

/// Puts each post into one of `n_folds` folds by its author's number. `keys` names the authors.
pub fn by_author(authors: &[u32], keys: &[String], n_folds: usize, seed: u64) -> Vec<usize> {
    let mut sizes = vec![0_usize; keys.len()];
    for &author in authors {
        sizes[author as usize] += 1;
    }
    let hash = |author: usize| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        hasher.update(keys[author].as_bytes());
        *hasher.finalize().as_bytes()
    };
    let mut order: Vec<usize> = (0..keys.len()).filter(|&author| sizes[author] > 0).collect();
    order.sort_by_cached_key(|&author| hash(author));
    let mut fold_sizes = vec![0_usize; n_folds];
    let mut fold_of = vec![0_usize; keys.len()];
    for author in order {
        let smallest = (0..n_folds).min_by_key(|&fold| fold_sizes[fold]).unwrap_or(0);
        fold_of[author] = smallest;
        fold_sizes[smallest] += sizes[author];
    }
    authors.iter().map(|&author| fold_of[author as usize]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_author_lies_in_one_fold(authors in prop::collection::vec(0..20_u32, 1..80), seed in any::<u64>()) {
            let keys: Vec<String> = (0..20).map(|author| author.to_string()).collect();
            let folds = by_author(&authors, &keys, 5, seed);
            for (a, fold_a) in authors.iter().zip(&folds) {
                for (b, fold_b) in authors.iter().zip(&folds) {
                    prop_assert!(a != b || fold_a == fold_b);
                }
            }
        }
    }

    #[test]
    fn folds_are_of_about_equal_size() {
        let authors: Vec<u32> = (0..100).map(|post| post / 4).collect();
        let keys: Vec<String> = (0..25).map(|author| author.to_string()).collect();
        let folds = by_author(&authors, &keys, 5, 1);
        for fold in 0..5 {
            assert_eq!(folds.iter().filter(|own| **own == fold).count(), 20);
        }
    }
}
