//! `--adapt`: a model moved to how common tags are in the posts at hand.

use crate::{
    cli::{
        args::{Adapt, Input, ModelFile},
        input::{load_model, open_source, sources},
        terminal::{Console, plural, setting},
    },
    codebook::Pole,
    error::Result,
    model::{Adaptation, Model, PostSample, ScoredTable},
    pipeline,
    report::percent,
};

/// Loads the model that the posts of the files are to be judged with.
pub fn load_adapted(file: &ModelFile, adapt: &Adapt, input: &Input, console: &Console) -> Result<Model> {
    let model = load_model(file)?;
    if !adapt.adapt {
        return Ok(model);
    }
    if input.posts.iter().any(|path| path.as_os_str() == "-") {
        return Err(setting("--adapt", "standard input", "files, since the posts are read twice"));
    }
    let mut sample = PostSample::default();
    let progress = console.progress("posts looked at");
    for source in sources(input)? {
        // What is to be said of the file, and of its rows, is said when it is read again.
        let mut timeline = open_source(&source, input)?;
        if ScoredTable::find(timeline.columns(), &model.codebook).is_some() {
            let found = format!("posts that are scored already in {}", timeline.path().display());
            return Err(setting("--adapt", &found, "posts that are not; give it to score"));
        }
        pipeline::score(
            &mut timeline,
            &model,
            |chunk| {
                let mut seen = Vec::new();
                chunk.for_each(|_, _, scored| seen.push(scored.clone()));
                seen
            },
            |seen, n_rows| {
                progress.inc(n_rows as u64);
                for scored in &seen {
                    sample.add(scored);
                }
                Ok(())
            },
            |_| Ok(()),
        )?;
    }
    progress.finish_and_clear();
    adapted(model, &sample, console)
}

/// Moves a model to the posts of a sample, and says how.
pub fn adapted(model: Model, sample: &PostSample, console: &Console) -> Result<Model> {
    let (model, adaptations) = model.adapt(sample)?;
    let mut left = Vec::new();
    for Adaptation { characteristic, n_posts, expected, estimated } in adaptations {
        let characteristic = &model.codebook.characteristics[characteristic];
        let Some(estimated) = estimated else {
            left.push(characteristic.slug.as_str());
            continue;
        };
        let shares: Vec<String> = Pole::ALL
            .into_iter()
            .filter(|&pole| expected[pole as usize] > 0.0)
            .map(|pole| {
                let [estimated, expected] =
                    [estimated, expected].map(|shares| percent(shares[pole as usize]));
                format!("{} {estimated} in place of {expected}", characteristic.pole(pole).tag)
            })
            .collect();
        let n_posts = plural(n_posts as u64, "post");
        console.say(&format!("judged by the shares expected of these {n_posts}: {}", shares.join(", ")));
    }
    if !left.is_empty() {
        console.say(&format!("left as they were, too rare or too few posts to tell: {}", left.join(", ")));
    }
    Ok(model)
}
