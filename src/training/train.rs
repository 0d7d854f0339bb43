//! Labelled posts → a model: a panel an account, in it a head a characteristic.

use rayon::prelude::*;
use serde_json::json;

use crate::{
    codebook::{Codebook, Pole, Value},
    error::{ErrorKind, Result},
    evaluation::{Evaluation, Judgement},
    features::{Analyzer, Columns, CueList, Vocabulary},
    model::{Head, HeadKind, Model, Panel, Provenance},
    post::{Account, Parent},
    text::Language,
    training::{
        LabelledPosts, Prevalence, folds,
        head::{ALPHAS, FittedHead, HeadTask},
        view::{AnalyzedPosts, View},
    },
};

/// A pole with fewer examples is not fitted.
pub const MIN_EXAMPLES: usize = 10;
/// Number of folds, where there are as many authors.
const N_FOLDS: usize = 5;

/// How to train.
#[derive(Clone, Debug)]
pub struct TrainParams {
    /// Name of the model.
    pub name: String,
    /// Language of the posts.
    pub language: Language,
    /// Seed of the folds.
    pub seed: u64,
    /// What is expected where the model will be used, by slug; where nothing is, the shares of the training posts.
    pub prevalence: Prevalence,
}

/// A trained model, and what is known of it.
pub struct Training {
    /// The model.
    pub model: Model,
    /// Out-of-fold figures: each post judged by a model, calibration and thresholds that had not seen its author.
    pub evaluation: Evaluation,
    /// What was not fitted, by name, and why; what was fitted with reservations.
    pub notes: Vec<String>,
}

/// Trains a model on all posts.
///
/// Fails where there are fewer than two authors, or where no characteristic has enough examples of two values.
///
/// # Panics
/// Never: figures and settings are JSON.
pub fn train(posts: &LabelledPosts, codebook: &Codebook, params: &TrainParams) -> Result<Training> {
    if posts.n_authors() < 2 {
        return Err(ErrorKind::Labels {
            path: posts.path(),
            problem: format!("posts of {} author, expected at least 2", posts.n_authors()),
            advice:
                "a model must not learn one person's words; add posts of others, or take each post for an \
                     author's own with --map author="
                    .to_owned(),
        }
        .into());
    }
    let analyzer = Analyzer::new(params.language, CueList::shipped());
    let is_unknown = |slug: &&str| codebook.characteristics.iter().all(|own| own.slug != *slug);
    let unknown = params.prevalence.slugs().filter(is_unknown);
    let mut notes: Vec<String> =
        unknown.map(|slug| format!("{slug}: shares are expected of it, but it is not trained")).collect();
    let mut panels = Vec::new();
    let mut judged: Vec<Vec<Judgement>> = vec![Vec::new(); codebook.characteristics.len()];
    let mut records = Vec::new();
    for account in accounts(codebook) {
        let Some(fitted) = train_panel(posts, codebook, account, &analyzer, params, &mut notes)? else {
            continue;
        };
        for (head, fit) in fitted.panel.heads.iter().zip(fitted.heads) {
            let characteristic = &codebook.characteristics[head.characteristic];
            let count = |value: Value| fit.judgements.iter().filter(|own| own.label == Some(value)).count();
            records.push(json!({
                "characteristic": characteristic.slug,
                "kind": head.kind,
                "breaches": count(Value::Breaches),
                "neither": count(Value::Neither),
                "upholds": count(Value::Upholds),
                "alpha": fit.alpha,
                "context": fit.with_context,
                "calibration": fit.calibration,
            }));
            if fit.calibration.fallback {
                notes.push(format!("{}: not calibrated, too few examples to do it", characteristic.slug));
            }
            if !fit.converged {
                notes.push(format!("{}: the solver stopped short of its optimum", characteristic.slug));
            }
            judged[head.characteristic] = fit.judgements;
        }
        panels.push(fitted.panel);
    }
    if panels.is_empty() {
        return Err(ErrorKind::Labels {
            path: posts.path(),
            problem: format!("nothing to learn: {}", notes.join("; ")),
            advice: format!(
                "label at least {MIN_EXAMPLES} posts with one value and {MIN_EXAMPLES} with another"
            ),
        }
        .into());
    }
    let pairs = codebook.characteristics.iter().zip(judged.iter().map(Vec::as_slice));
    let evaluation = Evaluation::new(pairs.filter(|(_, judgements)| !judgements.is_empty()));
    let provenance = Provenance {
        program: format!("sociable {}", env!("CARGO_PKG_VERSION")),
        n_posts: posts.len() as u64,
        n_authors: posts.n_authors() as u64,
        data: posts.hash(),
        training: json!({
            "seed": params.seed,
            "folds": n_folds(posts),
            "alphas": ALPHAS,
            "min_examples": MIN_EXAMPLES,
            "prevalence": params.prevalence,
            "heads": records,
            "notes": notes,
        }),
        figures: serde_json::to_value(&evaluation).expect("strings and numbers are JSON"),
    };
    let mut model = Model {
        name: params.name.clone(),
        analyzer,
        codebook: codebook.clone(),
        panels,
        provenance,
        hash: String::new(),
    };
    // The hash is that of the file; reading it back also proves that it can be read.
    model = Model::from_bytes(&model.to_bytes(), "the model just trained".as_ref())?;
    Ok(Training { model, evaluation, notes })
}

/// A panel for each account that the codebook tells apart, or one for everybody.
fn accounts(codebook: &Codebook) -> Vec<Option<Account>> {
    if codebook.characteristics.iter().all(|characteristic| characteristic.account.is_none()) {
        vec![None]
    } else {
        Account::ALL.map(Some).to_vec()
    }
}

fn n_folds(posts: &LabelledPosts) -> usize {
    N_FOLDS.min(posts.n_authors())
}

struct FittedPanel {
    panel: Panel,
    heads: Vec<FittedHead>,
}

fn train_panel(
    posts: &LabelledPosts,
    codebook: &Codebook,
    account: Option<Account>,
    analyzer: &Analyzer,
    params: &TrainParams,
    notes: &mut Vec<String>,
) -> Result<Option<FittedPanel>> {
    // Posts of this account; from here on a post is known by its place in this list.
    let chosen: Vec<usize> = (0..posts.len())
        .filter(|&at| account.is_none_or(|account| posts.post(at).account == account))
        .collect();
    let folds = fold_of(posts, &chosen, params.seed);
    let mut tasks = Vec::new();
    for (place, characteristic) in codebook.characteristics.iter().enumerate() {
        if account.is_some_and(|account| !characteristic.judges(account)) {
            continue;
        }
        let labels: Vec<Option<Value>> = chosen
            .iter()
            .map(|&at| {
                let is_orphan = characteristic.needs_parent && posts.post(at).parent == Parent::Unknown;
                posts.label(at, place).filter(|_| !is_orphan)
            })
            .collect();
        if labels.iter().all(Option::is_none) {
            continue;
        }
        match head_kind(&labels, &folds) {
            Ok((kind, weak)) => {
                for pole in weak {
                    notes.push(format!(
                        "{}: fewer than {MIN_EXAMPLES} examples, not fitted",
                        characteristic.pole(pole).tag
                    ));
                }
                tasks.push((place, kind, labels));
            }
            Err(reason) => notes.push(format!("{}: {reason}, not fitted", characteristic.slug)),
        }
    }
    if tasks.is_empty() {
        return Ok(None);
    }
    let analyzed = AnalyzedPosts::new(chosen.iter().map(|&at| (posts.author(at), posts.post(at))), analyzer);
    // Everything in these two closures runs in parallel.
    let views = (0..n_folds(posts))
        .into_par_iter()
        .map(|fold| Ok(analyzed.view(|place| folds[place] != fold)?.1))
        .collect::<Result<Vec<View>>>()?;
    let (vocabulary, whole) = analyzed.view(|_| true)?;
    let has_context = analyzed.has_context();
    let heads = tasks
        .par_iter()
        .map(|(place, kind, labels)| {
            let (posts, values): (Vec<usize>, Vec<Value>) = labels
                .iter()
                .enumerate()
                .filter_map(|(place, label)| Some((place, (*label)?)))
                .filter(|(_, value)| kind.values().contains(value))
                .unzip();
            let folds = posts.iter().map(|&place| folds[place]).collect();
            let expected = params.prevalence.of(&codebook.characteristics[*place].slug);
            let (views, whole) = (&views[..], &whole);
            HeadTask { kind: *kind, posts, values, folds, views, whole, has_context, expected }.fit()
        })
        .collect::<Result<Vec<FittedHead>>>()?;
    // Nothing from here on does.
    let columns = Columns::new(&vocabulary, analyzer.cues());
    let kinds = tasks.iter().map(|(place, kind, _)| (*place, *kind));
    Ok(Some(FittedPanel { panel: side_by_side(account, vocabulary, columns, kinds, &heads), heads }))
}

fn fold_of(posts: &LabelledPosts, chosen: &[usize], seed: u64) -> Vec<usize> {
    let mut keys = vec![String::new(); posts.n_authors()];
    for at in 0..posts.len() {
        let name = posts.post(at).author.trim();
        let author = posts.author(at);
        keys[author as usize] = if name.is_empty() { format!("post {author}") } else { name.to_owned() };
    }
    let authors: Vec<u32> = chosen.iter().map(|&at| posts.author(at)).collect();
    folds::by_author(&authors, &keys, n_folds(posts), seed)
}

/// Which values a head can tell apart, and the poles that occur but too rarely. A value needs enough examples, and in
/// two folds at least, or a fold would leave none to learn from.
fn head_kind(
    labels: &[Option<Value>],
    folds: &[usize],
) -> std::result::Result<(HeadKind, Vec<Pole>), String> {
    let count = |value: Value| labels.iter().filter(|label| **label == Some(value)).count();
    let is_enough = |value: Value| {
        let mut own =
            labels.iter().zip(folds).filter(|(label, _)| **label == Some(value)).map(|(_, fold)| fold);
        let first = own.next();
        count(value) >= MIN_EXAMPLES && own.any(|fold| Some(fold) != first)
    };
    let weak: Vec<Pole> =
        Pole::ALL.into_iter().filter(|pole| count(pole.value()) > 0 && !is_enough(pole.value())).collect();
    match Value::ALL.map(is_enough) {
        [true, true, true] => Ok((HeadKind::Ternary, weak)),
        [false, true, true] => Ok((HeadKind::Upholds, weak)),
        [true, true, false] => Ok((HeadKind::Breaches, weak)),
        [true, false, true] => Ok((HeadKind::Opposed, weak)),
        _ => {
            let counts = Value::ALL.map(|value| format!("{} of {}", count(value), value.number()));
            Err(format!("found {} posts, expected at least {MIN_EXAMPLES} of two values", counts.join(", ")))
        }
    }
}

/// Puts the heads' outputs side by side, a row a column.
fn side_by_side(
    account: Option<Account>,
    vocabulary: Vocabulary,
    columns: Columns,
    kinds: impl Iterator<Item = (usize, HeadKind)>,
    fits: &[FittedHead],
) -> Panel {
    let n_outputs: usize = fits.iter().map(|fit| fit.intercepts.len()).sum();
    let mut panel = Panel {
        account,
        vocabulary,
        columns,
        heads: Vec::new(),
        weights: vec![0.0; columns.len() * n_outputs],
        intercepts: Vec::new(),
    };
    for ((characteristic, kind), fit) in kinds.zip(fits) {
        let output = panel.intercepts.len();
        let k = fit.intercepts.len();
        for (column, weights) in fit.weights.chunks_exact(k).enumerate() {
            for (place, weight) in weights.iter().enumerate() {
                panel.weights[column * n_outputs + output + place] = *weight as f32;
            }
        }
        panel.intercepts.extend(fit.intercepts.iter().map(|intercept| *intercept as f32));
        panel.heads.push(Head {
            characteristic,
            kind,
            output,
            thresholds: fit.thresholds,
            prevalence: fit.prevalence,
        });
    }
    panel
}
