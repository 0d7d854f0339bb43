//! `sociable codebook`: the characteristics, readable or for programs.

use std::fmt::Write;

use crate::{
    cli::{
        Outcome,
        args::{Codebook as Args, CodebookFormat},
        output::write_all,
        terminal::{bold, setting, width},
    },
    codebook::{Characteristic, Codebook, Pole, SHIPPED},
    error::Result,
};

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome> {
    let mut codebook = Codebook::shipped();
    if !args.characteristics.is_empty() {
        let known: Vec<String> = codebook.characteristics.iter().map(|known| known.slug.clone()).collect();
        let is_meant = |characteristic: &Characteristic, name: &String| {
            characteristic.id.eq_ignore_ascii_case(name) || characteristic.slug.eq_ignore_ascii_case(name)
        };
        for name in &args.characteristics {
            if !codebook.characteristics.iter().any(|characteristic| is_meant(characteristic, name)) {
                return Err(setting("codebook", name, &format!("one of {}", known.join(", "))));
            }
        }
        codebook
            .characteristics
            .retain(|characteristic| args.characteristics.iter().any(|name| is_meant(characteristic, name)));
    }
    let shown = match args.format {
        CodebookFormat::Text => readable(&codebook),
        CodebookFormat::Toml if args.characteristics.is_empty() => SHIPPED.to_owned(),
        CodebookFormat::Toml => toml::to_string(&codebook).expect("strings and lists are TOML"),
        CodebookFormat::Json => {
            serde_json::to_string_pretty(&codebook).expect("strings and lists are JSON") + "\n"
        }
    };
    write_all(None, shown.as_bytes())?;
    Ok(Outcome::Done)
}

fn readable(codebook: &Codebook) -> String {
    let mut text = String::new();
    for characteristic in &codebook.characteristics {
        let account = characteristic.account.map_or("everybody", |account| account.name());
        let _ =
            writeln!(text, "{}", bold(&format!("{} {} ({account})", characteristic.id, characteristic.slug)));
        text.push_str(&wrapped(&characteristic.definition, "  ", "  "));
        for pole in Pole::ALL {
            let entry = characteristic.pole(pole);
            let _ = writeln!(text, "\n  {} {}", pole.name(), bold(&entry.tag));
            text.push_str(&wrapped(&entry.evidence, "    ", "    "));
            for example in &entry.examples {
                if let Some(parent) = &example.parent {
                    text.push_str(&wrapped(parent, "    > ", "    > "));
                }
                text.push_str(&wrapped(&example.text, "    \u{2022} ", "      "));
            }
        }
        if !characteristic.neither.is_empty() {
            text.push_str("\n  neither\n");
            text.push_str(&wrapped(&characteristic.neither, "    ", "    "));
        }
        if !characteristic.neighbours.is_empty() {
            text.push_str("\n  neighbours\n");
            for neighbour in &characteristic.neighbours {
                text.push_str(&wrapped(neighbour, "    \u{2022} ", "      "));
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "codebook version {}; {}", codebook.version, codebook.source.trim());
    text
}

fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(width()).initial_indent(first).subsequent_indent(rest);
    textwrap::fill(text.trim(), options) + "\n"
}
