//! Files in: opening them, saying what was found in them, and accounting for rows that cannot be used.

use std::{fs, path::Path};

use crate::{
    cli::{
        Outcome,
        args::{Input, ModelFile},
        output::Output,
        terminal::Console,
    },
    codebook::Codebook,
    error::{Error, ErrorKind, Result},
    model::Model,
    pipeline::Tally,
    timeline::{Options, Reject, Timeline},
};

/// Rejected rows that are shown one by one.
const SHOWN_REJECTS: u64 = 5;

/// Opens a timeline and says what its user should know of it.
pub fn open(path: &Path, input: &Input, console: &Console) -> Result<Timeline> {
    let options = Options { map: input.map.clone(), account: input.account };
    let timeline = Timeline::open(path, &options)?;
    say_what_was_found(&timeline, console);
    Ok(timeline)
}

/// Says what the user of a timeline should know of it.
pub fn say_what_was_found(timeline: &Timeline, console: &Console) {
    for warning in timeline.warnings() {
        console.say(&format!("{}: {warning}", timeline.path().display()));
    }
    let mapping = timeline.mapping().describe();
    if !mapping.is_empty() {
        console.say(&format!("{}: {mapping}", timeline.path().display()));
    }
}

/// Loads the model of that file, or the one in this program.
pub fn load_model(args: &ModelFile) -> Result<Model> {
    match &args.model {
        None => Model::shipped(),
        Some(path) => {
            let bytes = fs::read(path).map_err(|source| Error::io(path, "read", source))?;
            Model::from_bytes(&bytes, path)
        }
    }
}

/// Loads a codebook.
pub fn load_codebook(path: &Path) -> Result<Codebook> {
    let text = fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    Codebook::from_toml(&text, path)
}

/// Accounts for rows that cannot be used.
pub struct Rejects<'a> {
    console: &'a Console,
    strict: bool,
    output: Option<Output>,
    n_shown: u64,
    tally: Tally,
}

impl<'a> Rejects<'a> {
    /// Nothing rejected yet.
    pub fn new(input: &Input, console: &'a Console) -> Result<Self> {
        let mut output = input.rejects.as_deref().map(|path| Output::open(Some(path))).transpose()?;
        if let Some(output) = &mut output {
            output.write(b"file,line,reason,row\n")?;
        }
        Ok(Self { console, strict: input.strict, output, n_shown: 0, tally: Tally::default() })
    }

    /// Notes one rejected row of a file.
    pub fn note(&mut self, path: &Path, reject: &Reject) -> Result<()> {
        if self.strict {
            let reason = reject.reason.to_string();
            return Err(ErrorKind::Rejected { path: path.into(), line: reject.line, reason }.into());
        }
        if self.n_shown < SHOWN_REJECTS {
            self.n_shown += 1;
            self.console.say(&format!("{}:{}: row left out: {}", path.display(), reject.line, reject.reason));
        }
        if let Some(output) = &mut self.output {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let (file, line, reason) =
                (path.display().to_string(), reject.line.to_string(), reject.reason.to_string());
            let row = [file.as_bytes(), line.as_bytes(), reason.as_bytes(), &reject.raw];
            let bytes = writer
                .write_byte_record(&row.into_iter().collect())
                .and_then(|()| writer.into_inner().map_err(|error| error.into_error().into()))
                .map_err(|error| Error::io(path, "write", std::io::Error::other(error)))?;
            output.write(&bytes)?;
        }
        Ok(())
    }

    /// Adds what became of the rows of a file.
    pub fn add(&mut self, tally: &Tally) {
        self.tally.merge(tally);
    }

    /// How many rows were left out, by reason.
    pub fn by_reason(&self) -> &std::collections::BTreeMap<&'static str, u64> {
        &self.tally.rejected
    }

    /// Says how many rows were left out, and why.
    pub fn finish(self) -> Result<Outcome> {
        let n_rejected = self.tally.n_rejected();
        if let Some(output) = self.output {
            output.finish()?;
        }
        if n_rejected == 0 {
            return Ok(Outcome::Done);
        }
        let reasons: Vec<String> =
            self.tally.rejected.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        let rows = self.tally.rows_out + n_rejected;
        self.console.say(&format!(
            "{n_rejected} of {rows} rows left out: {}; --rejects FILE writes them down",
            reasons.join(", ")
        ));
        Ok(Outcome::Rejected)
    }
}
