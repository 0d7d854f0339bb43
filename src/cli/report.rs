//! `sociable report`: posts in, one self-contained page out.

use crate::{
    cli::{
        Outcome,
        adapt::load_adapted,
        args::Report,
        coded::{check_drawn_from, read_coded},
        input::Rejects,
        output::write_all,
        scored::read_scored,
        terminal::Console,
    },
    error::Result,
    model::Scored,
    post::Post,
    report::{Contents, page},
    summary::{CodedSample, Counts, Evidence, GroupBy, Population, Summary},
};

/// Posts a tag and a ground that are quoted.
const QUOTES: usize = 3;
/// What is summed up, in the order that a page wants it.
const LEVELS: [&[GroupBy]; 4] = [&[], &[GroupBy::Organisation], &[GroupBy::Author], &[GroupBy::Month]];

/// What is gathered from the posts in one go.
struct Parts {
    summaries: [Summary; LEVELS.len()],
    evidence: Evidence,
    population: Population,
}

impl Parts {
    fn new() -> Self {
        Self {
            summaries: Default::default(),
            evidence: Evidence::new(QUOTES),
            population: Population::new(&LEVELS.map(<[GroupBy]>::to_vec)),
        }
    }

    fn add(
        &mut self,
        post: &Post,
        scored: &Scored,
        codebook: &crate::codebook::Codebook,
        sample: Option<&CodedSample>,
    ) {
        let counts = Counts::of_post(post, scored, codebook);
        for (summary, by) in self.summaries.iter_mut().zip(LEVELS) {
            summary.add_counts(post, by, &counts);
        }
        self.evidence.add(post, &[], scored, codebook);
        if let Some(sample) = sample {
            self.population.add(post, scored, codebook, sample);
        }
    }

    fn merge(&mut self, other: Self) {
        for (own, more) in self.summaries.iter_mut().zip(&other.summaries) {
            own.merge(more);
        }
        self.evidence.merge(other.evidence);
        self.population.merge(other.population);
    }
}

/// Runs the command.
pub fn run(args: &Report, console: &Console) -> Result<Outcome> {
    let mut rejects = Rejects::new(
        &args.input,
        &[args.model.model.as_deref(), args.audit.as_deref()],
        &[&args.output],
        console,
    )?;
    let model = load_adapted(&args.model, &args.adapt, &args.input, console)?;
    let sample = args.audit.as_deref().map(|path| read_coded(path, &model.codebook, console)).transpose()?;
    let mut read = Parts::new();
    read_scored(
        &args.input,
        &model,
        console,
        &mut rejects,
        Parts::new,
        |part, found| part.add(&found.post, found.scored, &model.codebook, sample.as_ref()),
        |part| {
            read.merge(part);
            Ok(())
        },
    )?;
    if let Some((path, sample)) = args.audit.as_deref().zip(sample.as_ref()) {
        check_drawn_from(path, sample, &read.population)?;
    }
    let estimates =
        sample.as_ref().map(|sample| read.population.estimates(sample, &model.codebook)).unwrap_or_default();
    let [overall, organisations, authors, months] = &read.summaries;
    let text = page(&Contents {
        model: &model,
        overall,
        organisations,
        authors,
        months,
        evidence: &read.evidence,
        estimates: &estimates,
        n_coded: sample.as_ref().map(CodedSample::n_coded),
        rejected: rejects.by_reason(),
        min_posts: args.min_posts,
        names: args.names,
    });
    write_all(Some(&args.output), text.as_bytes())?;
    console.say(&format!("wrote {}: {} posts", args.output.display(), overall.total().posts));
    rejects.finish()
}
