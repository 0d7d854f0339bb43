//! `sociable evaluate`: a model, or the training itself, held against labels.

use crate::{
    cli::{
        Outcome,
        adapt::adapted,
        args::{Evaluate, TextOrJson},
        input::{Rejects, load_model},
        output::write_all,
        terminal::Console,
        train::{codebook_of, params, read_labelled},
    },
    error::Result,
    evaluation::{Evaluation, Judgement},
    model::{Model, PostSample, Scorer},
    training::{LabelledPosts, train},
};

/// Runs the command.
pub fn run(args: &Evaluate, console: &Console) -> Result<Outcome> {
    let mut rejects = Rejects::new(&args.input, console)?;
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
        let model = load_model(&args.model)?;
        let posts = read_labelled(&args.input, &args.labels, &model.codebook, &mut rejects, console)?;
        if args.adapt {
            let mut sample = PostSample::default();
            let mut scorer = Scorer::new(&model);
            for at in 0..posts.len() {
                sample.add(scorer.score(&posts.post(at)));
            }
            evaluate(&adapted(model, &sample, console)?, &posts)
        } else {
            evaluate(&model, &posts)
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

/// Judges labelled posts with a model.
fn evaluate(model: &Model, posts: &LabelledPosts) -> Evaluation {
    let mut judgements: Vec<Vec<Judgement>> = vec![Vec::new(); model.codebook.characteristics.len()];
    let mut scorer = Scorer::new(model);
    for at in 0..posts.len() {
        let post = posts.post(at);
        let scored = scorer.score(&post);
        for (place, judgements) in judgements.iter_mut().enumerate() {
            judgements.push(Judgement {
                label: posts.label(at, place),
                predicted: scored.values[place],
                probabilities: scored.probabilities[place],
            });
        }
    }
    let pairs = model.codebook.characteristics.iter().zip(judgements.iter().map(Vec::as_slice));
    Evaluation::new(pairs.filter(|(_, judgements)| judgements.iter().any(|own| own.label.is_some())))
}
