//! Scored posts in, whether they were scored before or are now: what `summarize`, `audit` and `report` read.

use std::collections::BTreeSet;

use csv::StringRecord;

use crate::{
    cli::{
        args::Input,
        input::{Rejects, close, open, sources},
        terminal::{Console, setting},
    },
    error::Result,
    model::{Model, Scored, ScoredTable},
    pipeline::{self, Tally},
    post::Post,
    timeline::{Field, Mapping, Reject, RejectReason, Row, Timeline},
};

/// A post with what the model says of it.
#[derive(Clone, Copy)]
pub struct ScoredPost<'a> {
    /// Which of the sources it stands in, from 0.
    pub source: usize,
    /// The post.
    pub post: Post<'a>,
    /// What the model says of it.
    pub scored: &'a Scored,
    /// Identifier of the post that it answers; empty where it answers none.
    pub reply_to_id: &'a str,
}

/// Puts every post of the files into parts and hands the parts on, in input order.
pub fn read_scored<P: Send>(
    input: &Input,
    model: &Model,
    console: &Console,
    rejects: &mut Rejects,
    part: impl Fn() -> P + Sync,
    add: impl Fn(&mut P, ScoredPost) + Sync,
    mut done: impl FnMut(P) -> Result<()>,
) -> Result<()> {
    let progress = console.progress("posts");
    let mut models = BTreeSet::new();
    for (place, source) in sources(input)?.into_iter().enumerate() {
        let mut timeline = open(&source, input, console)?;
        let name = timeline.path().to_owned();
        let mapping = timeline.mapping().clone();
        let tally = if let Some(table) = ScoredTable::find(timeline.columns(), &model.codebook) {
            let mut own = part();
            let tally = each_row(&mut timeline, rejects, |record| {
                let (post, scored) = (mapping.post(record), table.read(record)?);
                if !models.contains(table.model_of(record)) {
                    models.insert(table.model_of(record).to_owned());
                }
                let reply_to_id = reply_to_id(&mapping, record);
                add(&mut own, ScoredPost { source: place, post, scored: &scored, reply_to_id });
                progress.inc(1);
                Ok(())
            })?;
            done(own)?;
            tally
        } else if ScoredTable::is_scored(timeline.columns()) {
            let path = name.display().to_string();
            return Err(setting(&path, "posts scored with another model", "--model with that model"));
        } else {
            models.insert(model.id());
            pipeline::score(
                &mut timeline,
                model,
                |chunk| {
                    let mut own = part();
                    chunk.for_each(|record, post, scored| {
                        let reply_to_id = reply_to_id(&mapping, record);
                        add(&mut own, ScoredPost { source: place, post: *post, scored, reply_to_id });
                    });
                    own
                },
                |own, n_rows| {
                    progress.inc(n_rows as u64);
                    done(own)
                },
                |reject| rejects.note(&name, &reject),
            )?
        };
        close(&timeline, console);
        rejects.add(&timeline, &tally);
    }
    progress.finish_and_clear();
    say_which_models(&models, model, console);
    Ok(())
}

/// Says where posts were not judged by the model at hand, or not all by one.
fn say_which_models(models: &BTreeSet<String>, model: &Model, console: &Console) {
    if models.iter().any(|own| *own != model.id()) {
        let names: Vec<&str> = models
            .iter()
            .map(|own| if own.is_empty() { "a model without a name" } else { own.as_str() })
            .collect();
        console.say(&format!(
            "posts judged by {}; what is said here of the model is said of {}",
            names.join(", "),
            model.id()
        ));
    }
    if models.len() > 1 {
        console.say("not all posts were judged by one model: their counts are not to be compared");
    }
}

/// Calls `each` with every row of a timeline, which may refuse it.
fn each_row(
    timeline: &mut Timeline,
    rejects: &mut Rejects,
    mut each: impl FnMut(&StringRecord) -> std::result::Result<(), RejectReason>,
) -> Result<Tally> {
    let name = timeline.path().to_owned();
    let mut tally = Tally::default();
    let mut record = StringRecord::new();
    while let Some(row) = timeline.read(&mut record)? {
        let reject = match row {
            Row::Kept { line } => match each(&record) {
                Ok(()) => {
                    tally.rows_out += 1;
                    continue;
                }
                Err(reason) => Reject::of_record(line, reason, &record, timeline.columns().len()),
            },
            Row::Rejected(reject) => reject,
        };
        *tally.rejected.entry(reject.reason.name()).or_default() += 1;
        rejects.note(&name, &reject)?;
    }
    Ok(tally)
}

fn reply_to_id<'r>(mapping: &Mapping, record: &'r StringRecord) -> &'r str {
    mapping.column(Field::ReplyToId).and_then(|at| record.get(at)).unwrap_or_default().trim()
}
