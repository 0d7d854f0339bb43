//! The posts that programs are compared on, and the floor under everything that reads them.
//!
//! `cargo bench --bench posts -- write CORPUS POSTS FILE` makes a table from our own written posts;
//! `cargo bench --bench posts -- parse FILE` reads one with the `csv` crate's `ByteRecord` and does nothing else;
//! `cargo bench --bench posts -- rows LABELLED FILE` writes the rows that a training fits, in svmlight's format with 0 for every
//! label. Built and run by `benches/peers/compare.py`.

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
};

use sociable::{
    Codebook, Timeline,
    features::{Analyzer, CueList},
    synthetic::{Corpus, Generator},
    text::Language,
    timeline::Options,
    training::{AnalyzedPosts, LabelledPosts},
};

#[path = "support/svmlight.rs"]
mod svmlight;
#[path = "support/written.rs"]
mod written;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", corpus, n_posts, path] => {
            let corpus = Corpus::from_name(corpus).ok_or("expected the name of a corpus")?;
            let written = written::texts();
            let mut generator = Generator::new(corpus, written.iter().map(String::as_str), 1);
            let mut file = BufWriter::new(File::create(path)?);
            generator.write_csv(n_posts.parse()?, &mut file)?;
            Ok(file.flush()?)
        }
        ["parse", path] => {
            let mut reader = csv::Reader::from_path(path)?;
            let mut record = csv::ByteRecord::new();
            let mut rows = 0_u64;
            while reader.read_byte_record(&mut record)? {
                rows += 1;
            }
            // Said, so that a fast answer can be seen to be the right one.
            Ok(writeln!(std::io::stdout(), "{rows}")?)
        }
        ["rows", labelled, path] => {
            let mut timeline = Timeline::open(labelled.as_ref(), &Options::default())?;
            let mut posts = LabelledPosts::default();
            let tally = posts.add(&mut timeline, &Codebook::shipped(), false, &[], |_| Ok(()))?;
            if tally.n_rejected() > 0 {
                return Err("rows that cannot be used, expected none in labelled posts".into());
            }
            let analyzer = Analyzer::new(Language::English, CueList::shipped());
            let all = (0..posts.len()).map(|at| (posts.author(at), posts.post(at)));
            let (_, view) = AnalyzedPosts::new(all, &analyzer).view(|_| true)?;
            svmlight::write(path, view.rows(true), (0..posts.len()).map(|_| 0))
        }
        // `cargo bench` runs every bench: there is nothing to be measured here.
        [] => Ok(()),
        _ => Err("expected write CORPUS POSTS FILE, parse FILE, or rows LABELLED FILE".into()),
    }
}
