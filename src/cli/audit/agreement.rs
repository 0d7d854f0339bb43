//! `sociable audit agreement`: how far coders of one sample agree.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    cli::{
        Outcome,
        args::AuditAgreement,
        coded::{KEY, check_coded, read_with_texts},
        input::load_model,
        output::{check_places, csv_rows, guard, write_all},
        table::{table_of, write_rows},
        terminal::{Console, setting},
    },
    codebook::Value,
    error::Result,
    summary::{Agreement, CodedSample, Interval, agreement},
};

/// Seed of the resamples behind the intervals.
const SEED: u64 = 1;

/// Runs the command.
pub fn run(args: &AuditAgreement, console: &Console) -> Result<Outcome> {
    let read: Vec<&Path> = args.samples.iter().chain(&args.model.model).map(PathBuf::as_path).collect();
    check_places(&read, args.disagreements.as_deref().as_slice())?;
    let codebook = load_model(&args.model)?.codebook;
    let mut samples = Vec::new();
    for path in &args.samples {
        samples.push(read_with_texts(path, &codebook, console)?);
    }
    for (path, (sample, _)) in args.samples.iter().zip(&samples) {
        check_coded(path, sample)?;
    }
    let coders: Vec<&CodedSample> = samples.iter().map(|(sample, _)| sample).collect();
    // Every post that any of the files holds, so that it does not matter which is named first.
    let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
    for (sample, own) in &samples {
        texts.extend(sample.rows.iter().map(|row| row.key.as_str()).zip(own.iter().map(String::as_str)));
    }
    let n_shared = texts.keys().filter(|key| coders.iter().all(|own| own.place(key).is_some())).count();
    if n_shared == 0 {
        return Err(setting("audit agreement", "no post that all files hold", "copies of one sample"));
    }
    let values = |key: &str, characteristic: usize| -> Vec<Option<Value>> {
        coders.iter().map(|own| own.place(key).and_then(|at| own.rows[at].values[characteristic])).collect()
    };
    let header = [
        "characteristic",
        "posts",
        "agreed",
        "alpha",
        "alpha low",
        "alpha high",
        "kappa",
        "kappa low",
        "kappa high",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut disagreements = vec![vec!["characteristic".to_owned(), KEY.to_owned()]];
    disagreements[0].extend(args.samples.iter().map(|path| path.display().to_string()));
    disagreements[0].push("text".to_owned());
    for (place, characteristic) in codebook.characteristics.iter().enumerate() {
        let units: Vec<Vec<Option<Value>>> = texts.keys().map(|key| values(key, place)).collect();
        if units.iter().flatten().flatten().count() == 0 {
            continue;
        }
        rows.push(agreement_row(&characteristic.slug, &agreement(&units, SEED)));
        for ((key, text), unit) in texts.iter().zip(&units) {
            let mut given = unit.iter().flatten();
            let one = given.next();
            if given.any(|value| Some(value) != one) {
                let mut row = vec![characteristic.slug.clone(), (*key).to_owned()];
                row.extend(
                    unit.iter().map(|value| value.map_or(String::new(), |value| value.number().to_string())),
                );
                row.push(guard(text).into_owned());
                disagreements.push(row);
            }
        }
    }
    if let Some(path) = &args.disagreements {
        write_all(Some(path), csv_rows(&disagreements).as_bytes())?;
    }
    write_rows(None, args.format, || csv_rows(&rows), || table_of(&rows))?;
    let written = match &args.disagreements {
        Some(path) => format!("wrote them to {}", path.display()),
        None => "--disagreements FILE writes them down".to_owned(),
    };
    console.say(&format!(
        "{n_shared} posts stand in all {} files; {} disagreements, {written}. Alpha and kappa: 1 is perfect agreement, 0 what chance \
         would give",
        args.samples.len(),
        disagreements.len() - 1
    ));
    Ok(Outcome::Done)
}

fn agreement_row(slug: &str, own: &Agreement) -> Vec<String> {
    let cell = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let bounds = |own: Option<Interval>| [own.map(|own| own.low), own.map(|own| own.high)].map(cell);
    let mut row = vec![slug.to_owned(), own.n.to_string(), cell(own.agreed), cell(own.alpha)];
    row.extend(bounds(own.alpha_interval));
    row.push(cell(own.kappa));
    row.extend(bounds(own.kappa_interval));
    row
}
