//! `sociable audit`: a sample out, coded samples in, agreement and estimates out.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use crate::{
    cli::{
        Outcome,
        args::{Audit, AuditAgreement, AuditEstimate, AuditSample, TableFormat},
        coded::{KEY, PROBABILITY, STRATUM, STRATUM_POSTS, THREAD, read_coded, read_with_texts},
        input::{Rejects, load_model},
        output::{Output, csv_rows, guard, write_all},
        scored::{ScoredPost, read_scored},
        summarize::table_of,
        terminal::{Console, setting, stdout_is_terminal},
    },
    codebook::{Codebook, Value},
    error::Result,
    model::Status,
    post::{Account, Parent, PostKind},
    summary::{
        Agreement, Candidate, CodedSample, Estimate, GroupBy, Interval, MIN_POSTS, Population, SampleSize,
        agreement, any_tag, draw, post_key, redact,
    },
};

/// Posts of an author that are drawn where nothing else is said.
const PER_AUTHOR: u64 = 50;
/// Seed of the resamples behind the intervals of agreement.
const AGREEMENT_SEED: u64 = 1;
/// What estimates are given for, from the many to the few.
const LEVELS: [(&str, &[GroupBy]); 3] =
    [("overall", &[]), ("organisation", &[GroupBy::Organisation]), ("author", &[GroupBy::Author])];

/// Runs the command.
pub fn run(args: &Audit, console: &Console) -> Result<Outcome> {
    match args {
        Audit::Sample(args) => sample(args, console),
        Audit::Agreement(args) => agree(args, console),
        Audit::Estimate(args) => estimate(args, console),
    }
}

/// A judged post that may be drawn.
struct Row {
    candidate: Candidate,
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

fn sample(args: &AuditSample, console: &Console) -> Result<Outcome> {
    let model = load_model(&args.model)?;
    let mut rejects = Rejects::new(&args.input, console)?;
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
            authors[row.candidate.author.as_str()].clone(),
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
    let paths = copies(&args.output, args.coders);
    for path in &paths {
        write_all(Some(path), text.as_bytes())?;
    }
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    console.say(&format!(
        "{} of {} judged posts by {} drawn; {n_unjudged} posts that were not judged and {n_twice} that stand twice \
         were left out; wrote {}. Put 1, 0 or -1 into each column (see sociable codebook), nothing where it cannot be told",
        drawn.len(),
        rows.len(),
        if authors.len() == 1 { "1 author".to_owned() } else { format!("{} authors", authors.len()) },
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

/// A name without a name for each, numbered in alphabetical order of the names that nobody sees.
fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let mut numbered: BTreeMap<&str, String> = names.map(|name| (name, String::new())).collect();
    for (number, (name, shown)) in numbered.iter_mut().enumerate() {
        // A post without author stays without.
        if !name.is_empty() {
            *shown = format!("author-{}", number + 1);
        }
    }
    numbered
}

/// Numbers of the posts' threads: posts of a file that answer each other, directly or not, have the same.
fn threads(rows: &[Row]) -> Vec<usize> {
    let places: BTreeMap<&str, usize> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.id.is_empty())
        .map(|(place, row)| (row.id.as_str(), place))
        .collect();
    // Posts that answer the same post outside the file are of one thread too.
    let mut outside: BTreeMap<&str, usize> = BTreeMap::new();
    let parents: Vec<usize> = rows
        .iter()
        .enumerate()
        .map(|(place, row)| match row.reply_to_id.as_str() {
            "" => place,
            id => places.get(id).copied().unwrap_or_else(|| *outside.entry(id).or_insert(place)),
        })
        .collect();
    let root = |place: usize| {
        let mut at = place;
        // No chain is longer than there are posts; one that goes round ends somewhere on its way.
        for _ in 0..rows.len() {
            if parents[at] == at {
                break;
            }
            at = parents[at];
        }
        at + 1
    };
    (0..rows.len()).map(root).collect()
}

fn agree(args: &AuditAgreement, console: &Console) -> Result<Outcome> {
    let codebook = load_model(&args.model)?.codebook;
    let mut samples = Vec::new();
    for path in &args.samples {
        samples.push(read_with_texts(path, &codebook, console)?);
    }
    let coders: Vec<&CodedSample> = samples.iter().map(|(sample, _)| sample).collect();
    let first = coders[0];
    let n_shared =
        first.rows.iter().filter(|row| coders.iter().all(|own| own.place(&row.key).is_some())).count();
    if n_shared == 0 {
        return Err(setting("audit agreement", "no post that all files hold", "copies of one sample"));
    }
    let values = |key: &str, characteristic: usize| -> Vec<Option<Value>> {
        coders.iter().map(|own| own.place(key).and_then(|at| own.rows[at].values[characteristic])).collect()
    };
    let header = ["characteristic", "posts", "agreed", "alpha", "low", "high", "kappa", "low", "high"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut disagreements = vec![vec!["characteristic".to_owned(), KEY.to_owned()]];
    disagreements[0].extend(args.samples.iter().map(|path| path.display().to_string()));
    disagreements[0].push("text".to_owned());
    for (place, characteristic) in codebook.characteristics.iter().enumerate() {
        let units: Vec<Vec<Option<Value>>> = first.rows.iter().map(|row| values(&row.key, place)).collect();
        if units.iter().flatten().flatten().count() == 0 {
            continue;
        }
        rows.push(agreement_row(&characteristic.slug, &agreement(&units, AGREEMENT_SEED)));
        for (at, unit) in units.iter().enumerate() {
            let mut given = unit.iter().flatten();
            let one = given.next();
            if given.any(|value| Some(value) != one) {
                let mut row = vec![characteristic.slug.clone(), first.rows[at].key.clone()];
                row.extend(
                    unit.iter().map(|value| value.map_or(String::new(), |value| value.number().to_string())),
                );
                row.push(guard(&samples[0].1[at]).into_owned());
                disagreements.push(row);
            }
        }
    }
    if let Some(path) = &args.disagreements {
        write_all(Some(path), csv_rows(&disagreements).as_bytes())?;
    }
    write_table(None, args.format, &rows)?;
    let written = match &args.disagreements {
        Some(path) => format!("wrote them to {}", path.display()),
        None => "--disagreements FILE writes them down".to_owned(),
    };
    console.say(&format!(
        "{n_shared} posts that all {} hold; {} disagreements, {written}. Alpha and kappa: 1 is perfect agreement, 0 what chance \
         would give",
        args.samples.len(),
        disagreements.len() - 1
    ));
    Ok(Outcome::Done)
}

fn agreement_row(slug: &str, own: &Agreement) -> Vec<String> {
    let cell = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let bounds = |own: Option<Interval>| [own.map(|own| own.low), own.map(|own| own.high)].map(cell);
    let mut row = vec![slug.to_owned(), own.n.to_string(), cell(own.agreed), cell(own.alpha)];
    row.extend(bounds(own.alpha_interval));
    row.push(cell(own.kappa));
    row.extend(bounds(own.kappa_interval));
    row
}

fn estimate(args: &AuditEstimate, console: &Console) -> Result<Outcome> {
    let model = load_model(&args.model)?;
    let sample = read_coded(&args.sample, &model.codebook, console)?;
    let n_coded = sample.n_coded();
    if n_coded == 0 {
        return Err(setting(
            &args.sample.display().to_string(),
            "no value in any column of a characteristic",
            "1, 0 or -1",
        ));
    }
    let levels = LEVELS.map(|(_, by)| by.to_vec());
    let mut rejects = Rejects::new(&args.input, console)?;
    let mut population = Population::new(&levels);
    read_scored(
        &args.input,
        &model,
        console,
        &mut rejects,
        || Population::new(&levels),
        |part, found| part.add(&found.post, found.scored, &model.codebook, &sample),
        |part| {
            population.merge(part);
            Ok(())
        },
    )?;
    let n_missing = population.n_missing(&sample);
    if n_missing > 0 {
        return Err(setting(
            &args.sample.display().to_string(),
            &format!("{n_missing} of {} rows whose post is not among the scored posts", sample.rows.len()),
            "the posts that the sample was drawn from",
        ));
    }
    let estimates = population.estimates(&sample, &model.codebook);
    let header = [
        "level",
        "name",
        "account",
        "tag",
        "posts",
        "coded",
        "bearing",
        "state",
        "design",
        "design low",
        "design high",
        "assisted",
        "assisted low",
        "assisted high",
        "narrowed by",
        "width",
        "width with twice as many",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(estimates.iter().map(|own| estimate_row(own, &model.codebook)));
    write_table(args.output.as_deref(), args.format, &rows)?;
    console.say(&closing(&estimates, n_coded, sample.rows.len()));
    rejects.finish()
}

fn estimate_row(own: &Estimate, codebook: &Codebook) -> Vec<String> {
    let found = &own.estimator;
    let mut row = vec![
        LEVELS[own.level].0.to_owned(),
        own.key.join(", "),
        own.account.name().to_owned(),
        codebook.characteristics[own.place].pole(own.pole).tag.clone(),
        own.n_posts.to_string(),
        found.n.to_string(),
        found.n_bearing.to_string(),
    ];
    if found.n < MIN_POSTS {
        row.push("too-few".to_owned());
        row.extend(std::iter::repeat_n(String::new(), 9));
        return row;
    }
    row.push("estimated".to_owned());
    let (design, assisted) = (found.design_interval, found.assisted_interval);
    row.extend(
        [
            found.design,
            design.low,
            design.high,
            found.assisted,
            assisted.low,
            assisted.high,
            found.narrowing(),
            assisted.width(),
            found.width_if_doubled,
        ]
        .map(|value| format!("{value:.4}")),
    );
    row
}

/// What the model gained and what more coding would, in a sentence.
fn closing(estimates: &[Estimate], n_coded: usize, n_rows: usize) -> String {
    let mut text = format!("{n_coded} of {n_rows} posts coded.");
    let mean = |of: &dyn Fn(&Estimate) -> f64| {
        let overall: Vec<f64> = estimates
            .iter()
            .filter(|own| own.level == 0 && own.estimator.n >= MIN_POSTS && own.estimator.n_bearing > 0)
            .map(of)
            .collect();
        (!overall.is_empty()).then(|| overall.iter().sum::<f64>() / overall.len() as f64)
    };
    if let (Some(narrowed), Some(width), Some(doubled)) = (
        mean(&|own| own.estimator.narrowing()),
        mean(&|own| own.estimator.assisted_interval.width()),
        mean(&|own| own.estimator.width_if_doubled),
    ) {
        let _ = write!(
            text,
            " Of the overall rates of tags that were found at all, the model made the 95 % intervals {:.0} % narrower than the \
             hand count alone; they are {:.1} points wide, and would be {:.1} with twice as many posts coded.",
            narrowed * 100.0,
            width * 100.0,
            doubled * 100.0
        );
    }
    text
}

fn write_table(path: Option<&Path>, format: Option<TableFormat>, rows: &[Vec<String>]) -> Result<()> {
    let is_text = path.is_none() && stdout_is_terminal();
    let format = format.unwrap_or(if is_text { TableFormat::Text } else { TableFormat::Csv });
    let text = if format == TableFormat::Csv { csv_rows(rows) } else { table_of(rows) };
    let mut output = Output::open(path)?;
    output.write(text.as_bytes())?;
    output.finish()
}
