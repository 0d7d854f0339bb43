//! `sociable audit sample`: a random sample of posts, ready for its coders.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    cli::{
        Outcome,
        args::AuditSample,
        coded::{KEY, PROBABILITY, STRATUM, STRATUM_POSTS, THREAD},
        input::{Rejects, load_model},
        output::{csv_rows, guard, is_file, write_all},
        scored::{ScoredPost, read_scored},
        terminal::{Console, plural, setting},
    },
    codebook::Codebook,
    error::Result,
    model::Status,
    post::{Account, Parent, PostKind},
    summary::{Candidate, SampleSize, any_tag, draw, numbered, post_key, redact},
};

/// Posts of an author that are drawn where nothing else is said.
const PER_AUTHOR: u64 = 50;

/// A judged post that may be drawn.
struct Row {
    candidate: Candidate,
    source: usize,
    id: String,
    reply_to_id: String,
    account: Account,
    kind: PostKind,
    created_at: String,
    parent: Option<String>,
    text: String,
}

impl Row {
    fn new(found: ScoredPost) -> Self {
        let post = found.post;
        Self {
            candidate: Candidate {
                key: post_key(&post),
                author: post.author.to_owned(),
                probability: any_tag(found.scored),
            },
            source: found.source,
            id: post.id.to_owned(),
            reply_to_id: found.reply_to_id.to_owned(),
            account: post.account,
            kind: post.kind,
            created_at: post.created_at.to_owned(),
            parent: match post.parent {
                Parent::Text(text) => Some(text.to_owned()),
                Parent::None | Parent::Unknown => None,
            },
            text: post.text.to_owned(),
        }
    }
}

/// Runs the command.
pub fn run(args: &AuditSample, console: &Console) -> Result<Outcome> {
    if args.coders > 1 && !is_file(&args.output) {
        let found = args.output.display().to_string();
        return Err(setting("--output", &found, "a file, beside which further coders' copies are written"));
    }
    let paths = copies(&args.output, args.coders);
    let results: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let mut rejects = Rejects::new(&args.input, &[args.model.model.as_deref()], &results, console)?;
    let model = load_model(&args.model)?;
    let (mut rows, mut n_unjudged): (Vec<Row>, u64) = (Vec::new(), 0);
    read_scored(
        &args.input,
        &model,
        console,
        &mut rejects,
        || (Vec::new(), 0_u64),
        |(rows, n_unjudged), found| {
            if found.scored.status == Status::Ok {
                rows.push(Row::new(found));
            } else {
                *n_unjudged += 1;
            }
        },
        |part| {
            rows.extend(part.0);
            n_unjudged += part.1;
            Ok(())
        },
    )?;
    // A post that stands twice is one post: it can be drawn once.
    let n_before = rows.len();
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|row| seen.insert(row.candidate.key.clone()));
    let n_twice = n_before - rows.len();
    let candidates: Vec<Candidate> = rows.iter().map(|row| row.candidate.clone()).collect();
    let size = match args.total {
        Some(n) => SampleSize::Total(n),
        None => SampleSize::PerAuthor(args.per_author.unwrap_or(PER_AUTHOR)),
    };
    let drawn = draw(&candidates, size, args.seed);
    let threads = threads(&rows);
    let authors = numbered(rows.iter().map(|row| row.candidate.author.as_str()));
    let author = |name: &str| authors.get(name).map_or(String::new(), |number| format!("author-{number}"));
    let slugs: Vec<&str> = judged_slugs(&model.codebook, &rows);
    let mut header: Vec<String> = ["id", "account", "author", "kind", "created_at", "parent", "text"]
        .into_iter()
        .chain(slugs.iter().copied())
        .chain(["note", THREAD, STRATUM, STRATUM_POSTS, PROBABILITY, KEY, "model"])
        .map(str::to_owned)
        .collect();
    let mut table = vec![std::mem::take(&mut header)];
    for (number, own) in drawn.iter().enumerate() {
        let row = &rows[own.place];
        let text_of = |text: &str| guard(&redact(text)).into_owned();
        let mut cells = vec![
            (number + 1).to_string(),
            row.account.name().to_owned(),
            author(&row.candidate.author),
            row.kind.name().to_owned(),
            row.created_at.clone(),
            row.parent.as_deref().map(text_of).unwrap_or_default(),
            text_of(&row.text),
        ];
        cells.extend(std::iter::repeat_n(String::new(), slugs.len() + 1));
        cells.extend([
            threads[own.place].to_string(),
            own.stratum.to_string(),
            own.stratum_posts.to_string(),
            format!("{:.6}", own.probability),
            row.candidate.key.clone(),
            model.id(),
        ]);
        table.push(cells);
    }
    let text = csv_rows(&table);
    for path in &paths {
        write_all(Some(path), text.as_bytes())?;
    }
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    console.say(&format!(
        "{} of {} judged posts by {} drawn; {n_unjudged} posts that were not judged and {n_twice} that stand twice \
         were left out; wrote {}. Put 1, 0 or -1 into each column (see sociable codebook), nothing where it cannot be told",
        drawn.len(),
        rows.len(),
        plural(authors.len() as u64, "author"),
        names.join(", ")
    ));
    rejects.finish()
}

/// The columns of the characteristics that any of the posts is judged on.
fn judged_slugs<'c>(codebook: &'c Codebook, rows: &[Row]) -> Vec<&'c str> {
    let accounts: Vec<Account> =
        Account::ALL.into_iter().filter(|account| rows.iter().any(|row| row.account == *account)).collect();
    let is_judged =
        |own: &&crate::codebook::Characteristic| accounts.iter().any(|account| own.judges(*account));
    codebook.characteristics.iter().filter(is_judged).map(|own| own.slug.as_str()).collect()
}

/// The file of each coder: the first is the file itself, the second of `sample.csv` is `sample-b.csv`.
fn copies(path: &Path, n_coders: u64) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or(String::new(), |ending| format!(".{}", ending.to_string_lossy()));
    (0..n_coders)
        .map(|coder| {
            let letter = char::from(b'a' + coder as u8);
            if coder == 0 { path.to_owned() } else { path.with_file_name(format!("{stem}-{letter}{ending}")) }
        })
        .collect()
}

/// Numbers of the posts' threads: posts of a source that answer each other, directly or not, or the same post elsewhere, have
/// the same.
fn threads(rows: &[Row]) -> Vec<usize> {
    // A forest in which the root of a post's tree stands for its thread; a row points to itself or to one before it.
    let mut before: Vec<usize> = (0..rows.len()).collect();
    let mut first_of: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        for id in [row.id.as_str(), row.reply_to_id.as_str()].into_iter().filter(|id| !id.is_empty()) {
            let known = *first_of.entry((row.source, id)).or_insert(place);
            let (one, other) = (root(&mut before, known), root(&mut before, place));
            before[one.max(other)] = one.min(other);
        }
    }
    (0..rows.len()).map(|place| root(&mut before, place) + 1).collect()
}

/// The root of a row's tree; halves the way to it.
fn root(before: &mut [usize], mut at: usize) -> usize {
    while before[at] != at {
        before[at] = before[before[at]];
        at = before[at];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_that_answer_each_other_are_of_one_thread_within_their_file() {
        let row = |source, id: &str, reply_to_id: &str| Row {
            candidate: Candidate { key: String::new(), author: String::new(), probability: 0.0 },
            source,
            id: id.to_owned(),
            reply_to_id: reply_to_id.to_owned(),
            account: Account::Professional,
            kind: PostKind::Post,
            created_at: String::new(),
            parent: None,
            text: String::new(),
        };
        let rows = [
            row(0, "1", "2"),
            row(0, "2", "1"),
            row(0, "3", "9"),
            row(0, "4", "9"),
            row(0, "5", "4"),
            row(1, "1", ""),
            row(1, "", ""),
            row(1, "", ""),
        ];
        assert_eq!(threads(&rows), [1, 1, 3, 3, 3, 6, 7, 8]);
    }
}
