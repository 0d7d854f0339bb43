//! What the user may type.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    post::Account,
    summary::GroupBy,
    timeline::{Field, Platform},
    training::Condition,
};

/// Tags social posts of professionals and organisations, explains each tag, and sums them up.
///
/// Everything stays on this machine. A tag is a guess of a model trained on written posts: see `sociable evaluate`
/// and the model card for how good it is.
#[derive(Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Threads to use [default: one a core]
    #[arg(short, long, global = true, value_name = "N")]
    pub threads: Option<usize>,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Tag posts, with a probability for each tag
    ///
    /// On a terminal the posts are shown to be read; with -o or into a pipe the input's columns are written unchanged,
    /// then status, tags, a column a tag with its probability, and the model.
    Score(Score),
    /// Sum up tags per author, organisation or month
    ///
    /// Takes posts, or a file that `score` has written. Counts are of tags, not of what people do: a model misses
    /// some posts and tags others wrongly.
    #[command(alias = "summarise")]
    Summarize(Summarize),
    /// Read exports of platforms into one table of posts
    ///
    /// Takes what a platform sends to those who ask for their data, as zip, tar.gz, folder or single file, and plain tables
    /// too. Says at the end what was found, kept and skipped.
    Import(Import),
    /// Have people code a random sample, and estimate rates from it
    #[command(subcommand)]
    Audit(Audit),
    /// Write one self-contained page with tags, intervals and the posts behind them
    ///
    /// The page loads nothing and runs nothing. Names of authors, handles, e-mail addresses and telephone numbers are left
    /// out. For the posts of one author it becomes a mirror: their own examples, no ranking.
    Report(Report),
    /// Show the terms and cues that made each tag of one text
    Explain(Explain),
    /// Make a model from labelled posts, and its card
    Train(Train),
    /// Measure a model on labelled posts
    Evaluate(Evaluate),
    /// Show the characteristics, their poles, definitions and examples
    Codebook(Codebook),
    /// Measure how fast this machine scores, a stage a line
    ///
    /// Takes seconds. Each stage is run on one thread with those before it, and its share is what it adds; the whole job runs on
    /// all threads.
    Bench(Bench),
}

#[derive(clap::Args)]
pub struct Input {
    /// CSV or JSON Lines files, also gzipped, or exports of platforms; `-` is standard input
    #[arg(required = true, value_name = "POSTS")]
    pub posts: Vec<PathBuf>,
    /// Take a field from a column: text, parent, author, account, … [e.g. text=Message]
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = map_entry)]
    pub map: Vec<(Field, String)>,
    /// Whose posts they are where the file does not say it [default: professional]
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub account: Option<Account>,
    /// Platform of an export [default: told by its contents; table for none]
    #[arg(long, value_name = "PLATFORM", value_parser = platform)]
    pub from: Option<Platform>,
    /// Take from exports what is left out else: reposts, private (direct and followers-only posts)
    #[arg(long, value_name = "WHAT,…", value_delimiter = ',')]
    pub include: Vec<Included>,
    /// Whose posts an export holds, where it does not say it
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// Table of id and text in which to look up what replies answer
    #[arg(long, value_name = "FILE")]
    pub parents: Option<PathBuf>,
    /// Replace authors and identifiers of posts by hashes under the key in that file, e-mail addresses, telephone numbers and
    /// handles in texts by placeholders, and empty links
    #[arg(long, value_name = "KEY", alias = "pseudonymize", conflicts_with = "rejects")]
    pub pseudonymise: Option<PathBuf>,
    /// Write rows that cannot be used to a file, with line and reason
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Stop at the first row that cannot be used
    #[arg(long)]
    pub strict: bool,
}

#[derive(clap::Args)]
pub struct ModelFile {
    /// Model to use [default: the one in this program]
    #[arg(short, long, value_name = "FILE")]
    pub model: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct Adapt {
    /// Estimate first how common each tag is in these posts, and judge by that in place of what the model expects; reads the posts
    /// twice
    #[arg(long)]
    pub adapt: bool,
}

#[derive(clap::Args)]
pub struct Score {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub model: ModelFile,
    #[command(flatten)]
    pub adapt: Adapt,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format [default: text on a terminal, csv elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<PostFormat>,
    /// Guard cells that a spreadsheet would run as a formula with a leading '
    #[arg(long)]
    pub spreadsheet_safe: bool,
}

#[derive(clap::Args)]
pub struct Summarize {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub model: ModelFile,
    #[command(flatten)]
    pub adapt: Adapt,
    /// What to sum up by; several make a row a combination
    #[arg(long, default_value = "author", value_name = "GROUP,…", value_delimiter = ',')]
    pub by: Vec<By>,
    /// Coded sample of these posts, for estimated rates in place of counts of tags
    #[arg(long, value_name = "SAMPLE")]
    pub audit: Option<PathBuf>,
    /// Posts that could bear a tag below which no share is given
    #[arg(long, value_name = "N", default_value_t = crate::summary::MIN_POSTS)]
    pub min_posts: u64,
    /// Give the difference of two groups, or of two runs of them [e.g. 2026-01..2026-03,2026-04..2026-06]
    #[arg(long, value_name = "GROUP,GROUP")]
    pub compare: Option<String>,
    /// Write the clearest, borderline and possibly wrong posts of each tag of each group
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format [default: text on a terminal, csv elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TableFormat>,
    /// Guard cells that a spreadsheet would run as a formula with a leading '
    #[arg(long)]
    pub spreadsheet_safe: bool,
}

#[derive(clap::Args)]
pub struct Import {
    #[command(flatten)]
    pub input: Input,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of what is said of the import on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// Guard cells that a spreadsheet would run as a formula with a leading '
    #[arg(long)]
    pub spreadsheet_safe: bool,
}

#[derive(clap::Args)]
pub struct Report {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub model: ModelFile,
    #[command(flatten)]
    pub adapt: Adapt,
    /// Coded sample of these posts, for estimated rates in place of counts of tags
    #[arg(long, value_name = "SAMPLE")]
    pub audit: Option<PathBuf>,
    /// Page to write
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub output: PathBuf,
    /// Posts that could bear a tag below which no share is given
    #[arg(long, value_name = "N", default_value_t = crate::summary::MIN_POSTS)]
    pub min_posts: u64,
    /// Show names of authors, handles, e-mail addresses and telephone numbers
    #[arg(long)]
    pub names: bool,
}

#[derive(Subcommand)]
pub enum Audit {
    /// Draw a random sample of posts to be coded in a spreadsheet
    ///
    /// The sample is stratified by the model's probability and holds the probability with which each post was drawn, the
    /// post that it answers, and an empty column a characteristic for 1, 0 or -1. Handles, e-mail addresses and telephone
    /// numbers are redacted, authors are numbered. Coders do not see what the model says.
    Sample(AuditSample),
    /// Measure how far coders of the same sample agree
    Agreement(AuditAgreement),
    /// Estimate rates with intervals from a coded sample and the scored posts that it was drawn from
    Estimate(AuditEstimate),
}

#[derive(clap::Args)]
pub struct AuditSample {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub model: ModelFile,
    /// File to write; further coders' copies are written beside it
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Posts of each author [default: 50]
    #[arg(long, value_name = "N", conflicts_with = "total", value_parser = clap::value_parser!(u64).range(1..))]
    pub per_author: Option<u64>,
    /// Posts in all, from all authors together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub total: Option<u64>,
    /// Coders, each with a copy of their own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=26))]
    pub coders: u64,
    /// Seed of the draw
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(clap::Args)]
pub struct AuditAgreement {
    /// The copies of two coders or more
    #[arg(required = true, num_args = 2.., value_name = "SAMPLE")]
    pub samples: Vec<PathBuf>,
    #[command(flatten)]
    pub model: ModelFile,
    /// Write the posts on which coders disagree
    #[arg(long, value_name = "FILE")]
    pub disagreements: Option<PathBuf>,
    /// Format [default: text on a terminal, csv elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TableFormat>,
}

#[derive(clap::Args)]
pub struct AuditEstimate {
    /// The coded sample
    pub sample: PathBuf,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub model: ModelFile,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format [default: text on a terminal, csv elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TableFormat>,
}

#[derive(clap::Args)]
pub struct Explain {
    /// Text of the post [default: standard input]
    pub text: Option<String>,
    /// Text of the post that it answers
    #[arg(long, value_name = "TEXT", conflicts_with = "orphan")]
    pub parent: Option<String>,
    /// The post answers something that is not known
    #[arg(long)]
    pub orphan: bool,
    /// Whose post it is
    #[arg(long, value_name = "ACCOUNT", value_parser = account, default_value = "professional")]
    pub account: Account,
    /// Explain every tag, not only those that the post has or nearly has
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub model: ModelFile,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

/// Which labels of a file are meant.
#[derive(clap::Args)]
pub struct Labels {
    /// Label columns of one's own with the values 1, 0, −1 and blank, in place of those of the codebook
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub labels: Vec<String>,
    /// Codebook of one's own that names characteristics and tags
    #[arg(long, value_name = "FILE")]
    pub codebook: Option<PathBuf>,
    /// Take only rows whose column has that value, or with != has another [e.g. split=train]
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    pub condition: Vec<Condition>,
}

#[derive(clap::Args)]
pub struct Train {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub labels: Labels,
    #[command(flatten)]
    pub settings: TrainSettings,
    /// Model file to write; the card is written beside it, ending in .md
    #[arg(short, long, value_name = "FILE", default_value = "my.model")]
    pub output: PathBuf,
    /// Name of the model [default: that of its file]
    #[arg(long)]
    pub name: Option<String>,
}

#[derive(clap::Args)]
pub struct TrainSettings {
    /// Language of the posts, one that the stemmer knows
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub language: String,
    /// Seed of the folds
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// TOML file of how common each pole is where the model will be used: [SLUG] upholds = SHARE, breaches = SHARE, and by
    /// what their odds are multiplied besides: `upholds_odds`, `breaches_odds`
    #[arg(long, value_name = "FILE")]
    pub prevalence: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct Evaluate {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub labels: Labels,
    #[command(flatten)]
    pub model: ModelFile,
    /// Estimate first how common each tag is in these posts, without their labels, and judge by that
    #[arg(long)]
    pub adapt: bool,
    /// Train on the file itself and give out-of-fold figures
    #[arg(long, conflicts_with_all = ["model", "adapt"])]
    pub cross_validate: bool,
    #[command(flatten)]
    pub settings: TrainSettings,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

#[derive(clap::Args)]
pub struct Codebook {
    /// Only these characteristics, by id or slug
    pub characteristics: Vec<String>,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: CodebookFormat,
}

#[derive(clap::Args)]
pub struct Bench {
    /// Posts to measure on [default: made from the codebook's examples]
    pub posts: Option<PathBuf>,
    /// Take a field from a column: text, parent, author, account, … [e.g. text=Message]
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = map_entry)]
    pub map: Vec<(Field, String)>,
    /// Whose posts they are where the file does not say it [default: professional]
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub account: Option<Account>,
    #[command(flatten)]
    pub model: ModelFile,
    /// Posts to measure on at most
    #[arg(long, value_name = "N", default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub most: u64,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PostFormat {
    /// To be read
    Text,
    /// Comma-separated values
    Csv,
    /// A JSON object a line
    Jsonl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// To be read
    Text,
    /// Comma-separated values
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// To be read
    Text,
    /// To be read by programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CodebookFormat {
    /// To be read
    Text,
    /// As `--codebook` takes it
    Toml,
    /// To be read by programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Included {
    /// Others' posts passed on without own text
    Reposts,
    /// Direct and followers-only posts
    Private,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    Author,
    #[value(alias = "organization")]
    Organisation,
    Month,
}

impl From<By> for GroupBy {
    fn from(by: By) -> Self {
        match by {
            By::Author => Self::Author,
            By::Organisation => Self::Organisation,
            By::Month => Self::Month,
        }
    }
}

fn account(name: &str) -> Result<Account, String> {
    Account::from_name(name).ok_or_else(|| "expected professional or organisation".to_owned())
}

fn platform(name: &str) -> Result<Platform, String> {
    Platform::from_name(name)
        .ok_or_else(|| format!("expected one of {}", Platform::ALL.map(Platform::name).join(", ")))
}

fn map_entry(entry: &str) -> Result<(Field, String), String> {
    let (field, column) = entry.split_once('=').ok_or("expected FIELD=COLUMN")?;
    let field = Field::from_name(field).ok_or_else(|| {
        let names: Vec<_> = Field::ALL.iter().map(|field| field.name()).collect();
        format!("found field {field}, expected one of {}", names.join(", "))
    })?;
    Ok((field, column.to_owned()))
}

fn condition(entry: &str) -> Result<Condition, String> {
    let (column, value) = entry.split_once('=').ok_or("expected COLUMN=VALUE or COLUMN!=VALUE")?;
    let (column, equal) = column.strip_suffix('!').map_or((column, true), |column| (column, false));
    Ok(Condition { column: column.to_owned(), value: value.to_owned(), equal })
}
