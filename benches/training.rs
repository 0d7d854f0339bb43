//! CPU time and memory of one fit of the sparse solver: 20,000 made posts × 20,000 columns, three classes.
//!
//! `cargo bench --bench training` prints a line for each alpha and asserts the loss. The posts come from a seeded
//! generator: 27 to 43 columns a post by Zipf's law, rows of length 1, classes drawn from a hidden model.
//! Nothing is downloaded. `-- --write FILE` writes the posts in svmlight's format instead, for `training_sklearn.py`, which fits
//! the very same numbers; `-- --tolerance X` sets the gradient tolerance.

// A bench talks to the terminal, and its arguments are its author's.
#![allow(clippy::print_stdout)]

use std::{env, error::Error, fs, time::Instant};

use linfa::ParamGuard;
use sociable::{
    synthetic::Random,
    training::{Rows, SolverParams},
};

#[path = "support/svmlight.rs"]
mod svmlight;

const N_POSTS: usize = 20_000;
const N_COLUMNS: usize = 20_000;
/// alpha and the loss there, in nats: scikit-learn's at tol 1e-9, by `training_sklearn.py`.
const EXPECTED: [(f64, f64); 3] = [(0.1, 7_295.655_336), (1.0, 14_991.112_282), (10.0, 19_851.071_712)];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1));
    let (rows, classes) = generate()?;
    if let Some(path) = value("--write") {
        return svmlight::write(path, &rows, classes.into_iter());
    }
    println!("{N_POSTS} posts x {N_COLUMNS} columns, {} entries, 3 classes", rows.n_entries());
    let chosen: Vec<usize> = (0..N_POSTS).collect();
    for (alpha, expected) in EXPECTED {
        let mut params = SolverParams::new(3).alpha(alpha);
        if let Some(tolerance) = value("--tolerance") {
            params = params.gradient_tolerance(tolerance.parse()?);
        }
        let params = params.check()?;
        let (before, clock) = (cpu_seconds(), Instant::now());
        let fitted = params.fit_rows(&rows, &chosen, &classes, None)?;
        let seconds = before.zip(cpu_seconds()).map_or(clock.elapsed().as_secs_f64(), |(a, b)| b - a);
        println!(
            "alpha {alpha}: {seconds:.3} CPU s, {} iterations, loss {:.6}, converged {}, peak so far {} MiB",
            fitted.iterations,
            fitted.loss,
            fitted.converged,
            peak_mib().map_or("-".to_owned(), |mib| mib.to_string())
        );
        let off = (fitted.loss / expected - 1.0).abs();
        assert!(off < 1e-6, "alpha {alpha}: found loss {}, expected {expected}", fitted.loss);
    }
    Ok(())
}

fn generate() -> Result<(Rows, Vec<usize>), Box<dyn Error>> {
    let mut random = Random::new(7);
    // Hidden weights of a column for the three classes, uniform around 0; the middle class is the common one.
    let hidden: Vec<[f64; 3]> =
        (0..N_COLUMNS).map(|_| std::array::from_fn(|_| 8.0 * (random.uniform() - 0.5))).collect();
    let (mut rows, mut classes) = (Rows::new(N_COLUMNS), Vec::with_capacity(N_POSTS));
    for _ in 0..N_POSTS {
        let length = 27 + random.number() % 17;
        let mut row: Vec<(u32, f32)> = Vec::new();
        while (row.len() as u64) < length {
            // The logarithm of the rank is uniform: the frequency of rank r falls as 1/r.
            let rank = (N_COLUMNS as f64).powf(random.uniform());
            let column = rank as u32 - 1;
            if row.iter().all(|&(other, _)| other != column) {
                // Rarer terms weigh more, as with inverse document frequencies.
                row.push((column, (1.0 + rank.ln()) as f32));
            }
        }
        row.sort_unstable_by_key(|&(column, _)| column);
        let norm = row.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        for (_, value) in &mut row {
            *value /= norm;
        }
        let mut logits = [-1.0, 1.5, 0.0];
        for &(column, value) in &row {
            for (logit, weight) in logits.iter_mut().zip(hidden[column as usize]) {
                *logit += 2.0 * f64::from(value) * weight;
            }
        }
        let shares = logits.map(f64::exp);
        let draw = random.uniform() * shares.iter().sum::<f64>();
        classes.push(usize::from(draw >= shares[0]) + usize::from(draw >= shares[0] + shares[1]));
        rows.push(&row, &[])?;
    }
    Ok((rows, classes))
}

/// CPU time of this thread; Linux tells it, elsewhere the clock stands in.
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// The process's greatest resident size, where Linux tells it.
fn peak_mib() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}
