//! `sociable train`: labelled posts in, a model and its card out.

use std::path::Path;

use crate::{
    cli::{
        Outcome,
        args::{Input, Labels, Train, TrainSettings},
        input::{Rejects, close, load_codebook, open},
        output::{Output, is_file},
        terminal::{Console, setting},
    },
    codebook::Codebook,
    error::Result,
    text::Language,
    timeline::Source,
    training::{LabelledPosts, Prevalence, TrainParams, card, train},
};

/// Runs the command.
pub fn run(args: &Train, console: &Console) -> Result<Outcome> {
    let codebook = codebook_of(&args.labels)?;
    if !is_file(&args.output) {
        let found = args.output.display().to_string();
        return Err(setting("--output", &found, "a file, beside which the card is written"));
    }
    let card_path = args.output.with_extension("md");
    let mut rejects = Rejects::new(
        &args.input,
        &[args.settings.prevalence.as_deref(), args.labels.codebook.as_deref()],
        &[&args.output, &card_path],
        console,
    )?;
    let posts = read_labelled(&args.input, &args.labels, &codebook, &mut rejects, console)?;
    let file_stem = args.output.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = args.name.clone().or(file_stem).unwrap_or_else(|| "model".to_owned());
    let params = params(&args.settings, name)?;
    // Opened before the work, so that a folder that cannot be written is known at once.
    let (mut model_file, mut card_file) =
        (Output::open(Some(&args.output))?, Output::open(Some(&card_path))?);
    let progress = console.progress("training");
    let training = train(&posts, &codebook, &params)?;
    progress.finish_and_clear();
    for note in &training.notes {
        console.say(note);
    }
    model_file.write(&training.model.to_bytes())?;
    card_file.write(card(&training.model, &training.evaluation).as_bytes())?;
    model_file.finish()?;
    card_file.finish()?;
    console.say(&training.evaluation.table());
    console.say(&format!(
        "out-of-fold figures of {} posts by {} authors; wrote {} and {}",
        posts.len(),
        posts.n_authors(),
        args.output.display(),
        card_path.display()
    ));
    rejects.finish()
}

/// The codebook that the labels are of.
pub fn codebook_of(labels: &Labels) -> Result<Codebook> {
    let codebook = match (&labels.codebook, labels.labels.is_empty()) {
        (None, true) => return Ok(Codebook::shipped()),
        (None, false) => Codebook::from_labels(&labels.labels),
        (Some(path), _) => {
            let mut codebook = load_codebook(path)?;
            choose(&mut codebook, &labels.labels)?;
            codebook
        }
    };
    codebook.check(Path::new("--labels"))?;
    Ok(codebook)
}

/// Leaves in a codebook the characteristics of those slugs; all where none is named.
pub fn choose(codebook: &mut Codebook, slugs: &[String]) -> Result<()> {
    if let Some(unknown) =
        slugs.iter().find(|slug| codebook.characteristics.iter().all(|own| own.slug != **slug))
    {
        let known: Vec<&str> = codebook.characteristics.iter().map(|own| own.slug.as_str()).collect();
        return Err(setting("--labels", unknown, &format!("some of {}", known.join(", "))));
    }
    if !slugs.is_empty() {
        codebook.characteristics.retain(|own| slugs.contains(&own.slug));
    }
    Ok(())
}

/// Reads labelled posts of all files.
pub fn read_labelled(
    input: &Input,
    labels: &Labels,
    codebook: &Codebook,
    rejects: &mut Rejects,
    console: &Console,
) -> Result<LabelledPosts> {
    let mut posts = LabelledPosts::default();
    for path in &input.posts {
        // Labels stand in tables only, whatever else the columns look like.
        let mut timeline = open(&Source::table(path), input, console)?;
        let name = timeline.path().to_owned();
        let all_columns = !labels.labels.is_empty();
        let tally = posts.add(&mut timeline, codebook, all_columns, &labels.condition, |reject| {
            rejects.note(&name, &reject)
        })?;
        close(&timeline, console);
        rejects.add(&timeline, &tally);
    }
    if posts.is_empty() {
        return Err(setting(
            "labelled posts",
            "none that can be used",
            "at least one; check --where and the labels",
        ));
    }
    Ok(posts)
}

/// The settings of a training.
pub fn params(settings: &TrainSettings, name: String) -> Result<TrainParams> {
    let Some(language) = Language::from_code(&settings.language) else {
        let codes: Vec<&str> = Language::ALL.iter().map(|language| language.code()).collect();
        return Err(setting("--language", &settings.language, &format!("one of {}", codes.join(", "))));
    };
    let prevalence = match &settings.prevalence {
        Some(path) => Prevalence::read(path)?,
        None => Prevalence::default(),
    };
    Ok(TrainParams { name, language, seed: settings.seed, prevalence })
}
