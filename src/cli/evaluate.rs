//! `sociable evaluate`: a model, or the training itself, held against labels.

use crate::{
    cli::{
        Outcome,
        adapt::adapted,
        args::{Evaluate, TextOrJson},
        input::{Rejects, load_model},
        output::write_all,
        terminal::{Console, setting},
        train::{choose, codebook_of, params, read_labelled},
    },
    codebook::Codebook,
    error::Result,
    evaluation::{Evaluation, Judgement},
    model::{Model, PostSample, Scorer},
    training::{LabelledPosts, train},
};

/// Runs the command.
pub fn run(args: &Evaluate, console: &Console) -> Result<Outcome> {
    let mut rejects = Rejects::new(&args.input, &[args.model.model.as_deref()], &[], console)?;
    let evaluation = if args.cross_validate {
        let codebook = codebook_of(&args.labels)?;
        let posts = read_labelled(&args.input, &args.labels, &codebook, &mut rejects, console)?;
        let progress = console.progress("training");
        let training = train(&posts, &codebook, &params(&args.settings, "cross-validation".to_owned())?)?;
        progress.finish_and_clear();
        for note in &training.notes {
            console.say(note);
        }
        training.evaluation
    } else {
        for (name, file) in
            [("--codebook", &args.labels.codebook), ("--prevalence", &args.settings.prevalence)]
        {
            if file.is_some() {
                return Err(setting(name, "a model, which has its own", "--cross-validate beside it"));
            }
        }
        let model = load_model(&args.model)?;
        let mut codebook = model.codebook.clone();
        choose(&mut codebook, &args.labels.labels)?;
        let posts = read_labelled(&args.input, &args.labels, &codebook, &mut rejects, console)?;
        if args.adapt {
            let mut sample = PostSample::default();
            let mut scorer = Scorer::new(&model);
            for at in 0..posts.len() {
                sample.add(scorer.score(&posts.post(at)));
            }
            evaluate(&adapted(model, &sample, console)?, &codebook, &posts)
        } else {
            evaluate(&model, &codebook, &posts)
        }
    };
    let shown = match args.format {
        TextOrJson::Text => evaluation.table(),
        TextOrJson::Json => {
            serde_json::to_string_pretty(&evaluation).expect("strings and finite numbers are JSON") + "\n"
        }
    };
    write_all(None, shown.as_bytes())?;
    rejects.finish()
}

/// Judges posts, labelled with some of the characteristics of the model.
fn evaluate(model: &Model, codebook: &Codebook, posts: &LabelledPosts) -> Evaluation {
    let mut judgements: Vec<Vec<Judgement>> = vec![Vec::new(); codebook.characteristics.len()];
    let is_chosen = |slug: &str| codebook.characteristics.iter().any(|own| own.slug == slug);
    let places: Vec<usize> = (0..model.codebook.characteristics.len())
        .filter(|&at| is_chosen(&model.codebook.characteristics[at].slug))
        .collect();
    let mut scorer = Scorer::new(model);
    for at in 0..posts.len() {
        let post = posts.post(at);
        let scored = scorer.score(&post);
        for (own, (judgements, &place)) in judgements.iter_mut().zip(&places).enumerate() {
            judgements.push(Judgement {
                label: posts.label(at, own),
                predicted: scored.values[place],
                probabilities: scored.probabilities[place],
            });
        }
    }
    let pairs = codebook.characteristics.iter().zip(judgements.iter().map(Vec::as_slice));
    Evaluation::new(pairs.filter(|(_, judgements)| judgements.iter().any(|own| own.label.is_some())))
}
