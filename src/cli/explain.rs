//! `sociable explain`: the terms and cues that made each tag of one text.

use std::{
    fmt::Write,
    io::{self, Read},
    path::Path,
};

use crate::{
    cli::{
        Outcome,
        args::{Explain, TextOrJson},
        input::load_model,
        output::write_all,
        terminal::bold,
    },
    error::{Error, Result},
    model::{Explanation, TagExplanation, USUAL_WORDS},
    post::{Parent, Post, PostKind},
};

/// Contributions of a tag that are shown one by one.
const SHOWN: usize = 12;
/// A tag whose probability comes this near to its threshold is explained too.
const NEARLY: f64 = 0.5;

/// Runs the command.
pub fn run(args: &Explain) -> Result<Outcome> {
    let model = load_model(&args.model)?;
    let text = match &args.text {
        Some(text) if text != "-" => text.clone(),
        _ => read_stdin()?,
    };
    let parent = match (&args.parent, args.orphan) {
        (Some(parent), _) => Parent::Text(parent),
        (None, true) => Parent::Unknown,
        (None, false) => Parent::None,
    };
    let kind = if parent == Parent::None { PostKind::Post } else { PostKind::Reply };
    let post = Post { account: args.account, kind, parent, ..Post::from_text(&text) };
    let explanation = model.explain(&post);
    let shown = match args.format {
        TextOrJson::Text => readable(&explanation, args.all),
        TextOrJson::Json => {
            let json = serde_json::to_string_pretty(&explanation);
            json.expect("strings and finite numbers are JSON") + "\n"
        }
    };
    write_all(None, shown.as_bytes())?;
    Ok(Outcome::Done)
}

fn read_stdin() -> Result<String> {
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|source| Error::io(Path::new("standard input"), "read", source))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn readable(explanation: &Explanation, all: bool) -> String {
    if explanation.status != "ok" {
        return format!("not judged: {}\n{}\n", explanation.status, explanation.model);
    }
    let mut text = String::new();
    let mut tags: Vec<&TagExplanation> = explanation
        .tags
        .iter()
        .filter(|tag| all || tag.tagged || tag.probability >= NEARLY * tag.threshold)
        .collect();
    tags.sort_by(|a, b| {
        (b.tagged, b.probability).partial_cmp(&(a.tagged, a.probability)).unwrap_or(std::cmp::Ordering::Equal)
    });
    if !tags.iter().any(|tag| tag.tagged) {
        text.push_str("no tag\n\n");
    }
    for tag in tags {
        let _ = writeln!(
            text,
            "{}  {}, probability {:.2}, {} {:.2}",
            bold(&tag.tag),
            if tag.tagged { "tagged" } else { "not tagged" },
            tag.probability,
            if tag.tagged { "threshold" } else { "below its threshold" },
            tag.threshold
        );
        let _ = writeln!(text, "  {:+.3}  where a post of {USUAL_WORDS} words starts", tag.intercept);
        for contribution in tag.contributions.iter().take(SHOWN) {
            let _ = writeln!(text, "  {:+.3}  {}", contribution.contribution, contribution.name);
        }
        let rest: f64 = tag.contributions.iter().skip(SHOWN).map(|rest| rest.contribution).sum();
        if tag.contributions.len() > SHOWN {
            let _ = writeln!(text, "  {rest:+.3}  {} others", tag.contributions.len() - SHOWN);
        }
        let _ = writeln!(text, "  {:+.3}  logit\n", tag.logit);
    }
    if !explanation.undecided.is_empty() {
        let _ = writeln!(
            text,
            "{}: undecided, what the post answers is not known",
            explanation.undecided.join(", ")
        );
    }
    let _ = writeln!(text, "words are shown by their stems, cues in [brackets]; model {}", explanation.model);
    text
}
