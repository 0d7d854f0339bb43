//! Summaries → one self-contained page that loads nothing. Floor 6.
//!
//! Everything that comes from a post is escaped by the template engine; a content security policy in the page forbids
//! scripts and whatever would be loaded. Names of authors, handles, e-mail addresses, telephone numbers and
//! identifiers that hold names are left out unless asked for. Knows nothing of files.

mod marked;
mod trend;
mod view;

pub use view::{grouped, percent};

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{
    codebook::Pole,
    evaluation::Evaluation,
    model::{Model, Status},
    post::Account,
    report::{
        marked::{Marker, Piece, plain, short},
        trend::{TrendView, trends},
        view::{GroupView, PanelView, group, panel},
    },
    summary::{
        Counts, Estimate, Evidence, Ground, Key, Rates, Summary, numbered, redact, redact_id, start_of,
    },
    timeline::day,
};

/// The page's only style.
const STYLE: &str = include_str!("page.css");
/// Months that are charted at most, the latest.
const MAX_MONTHS: usize = 36;
/// Authors or organisations in a table at most, those with most posts.
const MAX_GROUPS: usize = 2000;
/// Rows of a table from which on it is folded away.
const MANY_ROWS: usize = 24;

/// What a report is made of.
pub struct Contents<'a> {
    /// The model that scored.
    pub model: &'a Model,
    /// All posts together.
    pub overall: &'a Summary,
    /// A group an organisation.
    pub organisations: &'a Summary,
    /// A group an author.
    pub authors: &'a Summary,
    /// A group a month.
    pub months: &'a Summary,
    /// Posts to read, all groups together.
    pub evidence: &'a Evidence,
    /// Estimates of an audit; levels in the order overall, organisations, authors, months.
    pub estimates: &'a [Estimate],
    /// Posts that were coded in the audit; `None` without one.
    pub n_coded: Option<usize>,
    /// Rows that could not be read, by reason.
    pub rejected: &'a BTreeMap<&'static str, u64>,
    /// Posts that could bear a tag below which no share is given.
    pub min_posts: u64,
    /// Whether names of authors, handles, addresses and numbers are shown.
    pub names: bool,
}

#[derive(Template)]
#[template(path = "page.html", config = "src/report/askama.toml")]
struct Page {
    style: &'static str,
    style_hash: String,
    /// Whether it is about one author, and speaks to them.
    is_mirror: bool,
    posts: String,
    judged: String,
    n_authors: usize,
    n_organisations: usize,
    period: String,
    /// Posts without a date; empty where there are none.
    undated: String,
    /// How many months are charted where that is not all; 0 otherwise.
    charted: usize,
    panels: Vec<PanelView>,
    organisations: Vec<GroupView>,
    authors: Vec<GroupView>,
    n_hidden: usize,
    trends: Vec<TrendView>,
    months: Vec<GroupView>,
    evidence: Vec<TagView>,
    skipped: Vec<(&'static str, &'static str, String)>,
    rejected: Vec<(String, String)>,
    n_coded: Option<usize>,
    min_posts: u64,
    names: bool,
    many_rows: usize,
    model: ModelView,
}

/// The evidence of one tag.
struct TagView {
    tag: String,
    pole: &'static str,
    evidence: String,
    quotes: Vec<QuoteView>,
}

struct QuoteView {
    ground: &'static str,
    probability: String,
    id: String,
    date: String,
    author: String,
    parent: String,
    pieces: Vec<Piece>,
}

struct ModelView {
    id: String,
    language: &'static str,
    n_posts: String,
    n_authors: String,
    codebook: u32,
    /// Whether it judges by shares of the posts at hand.
    is_adapted: bool,
    /// The probability from which on it tags, where that is the same for all tags; empty otherwise.
    threshold: String,
    figures: Vec<FigureView>,
}

struct FigureView {
    tag: String,
    examples: u64,
    precision: String,
    recall: String,
    f1: String,
}

/// The page. The same contents give the same bytes.
pub fn page(contents: &Contents) -> String {
    let Contents { model, overall, authors, months, organisations, .. } = *contents;
    let codebook = &model.codebook;
    let rates = |level: usize| Rates::new(codebook, contents.min_posts, contents.estimates, level);
    let total = overall.total();
    let n_named = |summary: &Summary| summary.groups.keys().filter(|(_, key)| !key[0].is_empty()).count();
    let (n_authors, n_organisations) = (n_named(authors), n_named(organisations));
    // Posts that do not say who wrote them may be anybody's.
    let is_mirror = authors.groups.len() == 1 && n_authors == 1;
    let accounts: Vec<Account> = Account::ALL.into_iter().filter(|own| overall.has(*own)).collect();
    let names = Names::new(authors, contents.names);
    let named = |key: &Key| names.of(&key[0]);
    let (author_rows, n_hidden) = if is_mirror { (Vec::new(), 0) } else { rows(authors, &rates(2), &named) };
    let or_else = |nothing: &'static str| {
        move |key: &Key| if key[0].is_empty() { nothing.to_owned() } else { short(&key[0]) }
    };
    let organisation_rows = if n_organisations > 1 {
        rows(organisations, &rates(1), &or_else("(not named)")).0
    } else {
        Vec::new()
    };
    let month_rates = rates(3);
    let mut trend_views = Vec::new();
    for &account in &accounts {
        let own: Vec<(&Key, &Counts)> = months
            .groups
            .iter()
            .filter(|((own, key), _)| *own == account && !key[0].is_empty())
            .map(|((_, key), counts)| (key, counts))
            .collect();
        if own.len() > 1 {
            let latest = &own[own.len().saturating_sub(MAX_MONTHS)..];
            trend_views.extend(trends(account, latest, &month_rates));
        }
    }
    let month_names: Vec<&str> =
        months.groups.keys().map(|(_, key)| key[0].as_str()).filter(|name| !name.is_empty()).collect();
    let undated: u64 =
        months.groups.iter().filter(|((_, key), _)| key[0].is_empty()).map(|(_, counts)| counts.posts).sum();
    let n_months = months.groups.keys().map(|(_, key)| &key[0]).filter(|name| !name.is_empty());
    let n_months = n_months.collect::<BTreeSet<_>>().len();
    let period = match (month_names.iter().min(), month_names.iter().max()) {
        (Some(first), Some(last)) if first == last => (*first).to_owned(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => String::new(),
    };
    let page = Page {
        style: STYLE,
        style_hash: STANDARD.encode(Sha256::digest(STYLE.as_bytes())),
        is_mirror,
        posts: grouped(total.posts),
        judged: grouped(total.n_judged()),
        n_authors,
        n_organisations,
        period,
        undated: if undated > 0 { grouped(undated) } else { String::new() },
        charted: if n_months > MAX_MONTHS { MAX_MONTHS } else { 0 },
        panels: accounts.iter().map(|&own| panel(own, &overall.of(own), &rates(0))).collect(),
        organisations: organisation_rows,
        authors: author_rows,
        n_hidden,
        trends: trend_views,
        months: rows(months, &month_rates, &or_else("(no date)")).0,
        evidence: evidence(contents, &names),
        skipped: skipped(&total),
        rejected: contents
            .rejected
            .iter()
            .map(|(reason, count)| ((*reason).to_owned(), grouped(*count)))
            .collect(),
        n_coded: contents.n_coded,
        min_posts: contents.min_posts,
        names: contents.names,
        many_rows: MANY_ROWS,
        model: model_view(model, &accounts),
    };
    page.render().unwrap_or_else(|error| format!("the page could not be written: {error}"))
}

/// How authors are called.
struct Names<'a> {
    numbers: BTreeMap<&'a str, usize>,
    shown: bool,
}

impl<'a> Names<'a> {
    fn new(authors: &'a Summary, shown: bool) -> Self {
        Self { numbers: numbered(authors.groups.keys().map(|(_, key)| key[0].as_str())), shown }
    }

    fn of(&self, name: &str) -> String {
        match self.numbers.get(name) {
            None => "(not named)".to_owned(),
            Some(_) if self.shown => short(name),
            Some(number) => format!("author {number}"),
        }
    }
}

/// A row a group, in the order of their names: no ranking. Also how many are left out.
fn rows(summary: &Summary, rates: &Rates, name: &impl Fn(&Key) -> String) -> (Vec<GroupView>, usize) {
    let mut groups: Vec<_> = summary.groups.iter().collect();
    let n_hidden = groups.len().saturating_sub(MAX_GROUPS);
    if n_hidden > 0 {
        groups.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.posts));
        groups.truncate(MAX_GROUPS);
        groups.sort_by_key(|(key, _)| *key);
    }
    let views = groups
        .into_iter()
        .map(|((account, key), counts)| group(*account, name(key), key, counts, rates))
        .collect();
    (views, n_hidden)
}

fn evidence(contents: &Contents, names: &Names) -> Vec<TagView> {
    let marker = Marker::new(contents.model);
    let shown = |text: &str| if contents.names { text.to_owned() } else { redact(text) };
    let mut tags: Vec<(usize, Pole, TagView)> = Vec::new();
    for (&(account, _, place, pole), ground, quote) in contents.evidence.quotes() {
        if tags.last().is_none_or(|(own, own_pole, _)| (*own, *own_pole) != (place, pole)) {
            let entry = contents.model.codebook.characteristics[place].pole(pole);
            let view = TagView {
                tag: entry.tag.clone(),
                pole: pole.name(),
                evidence: entry.evidence.clone(),
                quotes: Vec::new(),
            };
            tags.push((place, pole, view));
        }
        let quote = QuoteView {
            ground: match ground {
                Ground::Clearest if quote.probability < 0.5 => "the clearest there is, though under 50 %",
                Ground::Clearest => "clearest",
                Ground::Borderline => "not tagged, but nearest to it",
                Ground::PossiblyWrong => "possibly wrong: tagged, though more likely not",
            },
            probability: percent(quote.probability),
            id: short(if contents.names { &quote.id } else { redact_id(&quote.id, &quote.author) }),
            date: day(&quote.created_at).unwrap_or_else(|| short(&quote.created_at)),
            author: if names.numbers.len() == 1 { String::new() } else { names.of(&quote.author) },
            parent: quote.parent.as_deref().map(|text| plain(&start_of(&shown(text)))).unwrap_or_default(),
            pieces: marker.mark(quote, account, place, pole, shown),
        };
        if let Some((_, _, view)) = tags.last_mut() {
            view.quotes.push(quote);
        }
    }
    tags.into_iter().map(|(_, _, view)| view).collect()
}

/// Posts that were not judged: name, why, how many.
fn skipped(total: &Counts) -> Vec<(&'static str, &'static str, String)> {
    Status::ALL
        .into_iter()
        .filter(|status| *status != Status::Ok)
        .map(|status| {
            let why = match status {
                Status::Ok => "judged",
                Status::Empty => "no text",
                Status::TooShort => "fewer than two words",
                Status::OtherLanguage => "plainly not in the model's language",
                Status::NotCovered => "the model does not judge posts of this account",
            };
            (status.name(), why, grouped(total.by_status[status as usize]))
        })
        .collect()
}

fn model_view(model: &Model, accounts: &[Account]) -> ModelView {
    let is_shown = |tag: &str| {
        let own = model
            .codebook
            .characteristics
            .iter()
            .find(|own| Pole::ALL.iter().any(|&pole| own.pole(pole).tag == tag));
        own.is_none_or(|own| accounts.iter().any(|&account| own.judges(account)))
    };
    let mut thresholds = model.panels.iter().flat_map(|panel| &panel.heads).flat_map(|head| head.thresholds);
    let threshold = thresholds.next().filter(|first| thresholds.all(|own| own == *first));
    let figures: Option<Evaluation> = serde_json::from_value(model.provenance.figures.clone()).ok();
    let cell = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    ModelView {
        id: short(&model.id()),
        language: model.analyzer.language().name(),
        n_posts: grouped(model.provenance.n_posts),
        n_authors: grouped(model.provenance.n_authors),
        codebook: model.codebook.version,
        is_adapted: model.is_adapted(),
        threshold: threshold.map_or(String::new(), percent),
        figures: figures
            .iter()
            .flat_map(Evaluation::poles)
            .filter(|pole| is_shown(&pole.tag))
            .map(|pole| FigureView {
                tag: pole.tag.clone(),
                examples: pole.support,
                precision: cell(pole.precision),
                recall: cell(pole.recall),
                f1: cell(pole.f1),
            })
            .collect(),
    }
}
