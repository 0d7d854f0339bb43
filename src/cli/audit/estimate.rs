//! `sociable audit estimate`: rates with intervals from a coded sample.

use std::fmt::Write;

use crate::{
    cli::{
        Outcome,
        args::AuditEstimate,
        coded::{check_drawn_from, read_coded},
        input::{Rejects, load_model},
        output::csv_rows,
        scored::read_scored,
        table::{align_numbers, new_table, range, write_rows},
        terminal::Console,
    },
    codebook::Codebook,
    error::Result,
    report::percent,
    summary::{Estimate, GroupBy, MIN_POSTS, Population},
};

/// What estimates are given for, from the many to the few.
const LEVELS: [(&str, &[GroupBy]); 3] =
    [("overall", &[]), ("organisation", &[GroupBy::Organisation]), ("author", &[GroupBy::Author])];

/// Runs the command.
pub fn run(args: &AuditEstimate, console: &Console) -> Result<Outcome> {
    let mut rejects = Rejects::new(
        &args.input,
        &[args.model.model.as_deref(), Some(&args.sample)],
        args.output.as_deref().as_slice(),
        console,
    )?;
    let model = load_model(&args.model)?;
    let sample = read_coded(&args.sample, &model.codebook, console)?;
    let n_coded = sample.n_coded();
    let levels = LEVELS.map(|(_, by)| by.to_vec());
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
    check_drawn_from(&args.sample, &sample, &population)?;
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
    write_rows(
        args.output.as_deref(),
        args.format,
        || csv_rows(&rows),
        || readable(&estimates, &model.codebook),
    )?;
    console.say(&closing(&estimates, n_coded, sample.rows.len()));
    rejects.finish()
}

/// The estimates from enough posts, to be read.
fn readable(estimates: &[Estimate], codebook: &Codebook) -> String {
    let mut text = String::new();
    let is_shown = |own: &&Estimate| own.estimator.n >= MIN_POSTS && own.estimator.n_bearing > 0;
    for (level, _) in LEVELS.iter().enumerate() {
        let of_level: Vec<&Estimate> =
            estimates.iter().filter(|own| own.level == level).filter(is_shown).collect();
        for of_group in
            of_level.chunk_by(|left, right| (left.account, &left.key) == (right.account, &right.key))
        {
            let first = of_group[0];
            let name = if first.key.is_empty() { "all posts".to_owned() } else { first.key.join(", ") };
            let mut table = new_table();
            let head = format!("{name}, {}", first.account.name());
            table.set_header([
                &head,
                "bearing",
                "coded",
                "estimate (95 % interval)",
                "hand count alone",
                "twice as many",
            ]);
            for own in of_group {
                let found = &own.estimator;
                table.add_row([
                    codebook.characteristics[own.place].pole(own.pole).tag.clone(),
                    found.n_bearing.to_string(),
                    found.n.to_string(),
                    format!("{} ({})", percent(found.assisted), range(found.assisted_interval)),
                    format!("{} ({})", percent(found.design), range(found.design_interval)),
                    format!("{:.1} points", found.width_if_doubled * 100.0),
                ]);
            }
            align_numbers(&mut table, 1..6);
            let _ = writeln!(text, "{table}\n");
        }
    }
    let n_none =
        estimates.iter().filter(|own| own.estimator.n >= MIN_POSTS && own.estimator.n_bearing == 0).count();
    let n_few = estimates.iter().filter(|own| own.estimator.n < MIN_POSTS).count();
    let _ = writeln!(
        text,
        "Not shown: {n_none} rates of tags that no coded post bears, {n_few} of fewer than {MIN_POSTS} coded posts; -o FILE \
         writes all as CSV. Twice as many: how wide the interval would be with twice as many posts coded."
    );
    text
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
