//! A model → its card: what it is, what it learned from, how good it is, what it cannot do.

use std::fmt::Write;

use crate::{
    codebook::{Codebook, Pole},
    evaluation::Evaluation,
    model::Model,
};

/// The card as Markdown. The same model gives the same card.
pub fn card(model: &Model, evaluation: &Evaluation) -> String {
    let provenance = &model.provenance;
    let mut text = String::new();
    let _ = writeln!(text, "# Model card: {}\n", model.name);
    let _ = writeln!(
        text,
        "A linear text classifier that tags social posts in {}. Written by `sociable train` together with the model; \
         every figure here is out-of-fold on the posts that it was trained on.\n",
        model.analyzer.language().name()
    );
    let _ = writeln!(text, "| | |\n|---|---|");
    let _ = writeln!(text, "| model | {} |", model.id());
    let _ = writeln!(text, "| trained by | {} |", provenance.program);
    let _ = writeln!(text, "| codebook | {} |", codebook_name(&model.codebook));
    let _ = writeln!(text, "| posts | {} by {} authors |", provenance.n_posts, provenance.n_authors);
    let _ = writeln!(text, "| hash of the data | `{}` |", provenance.data);
    let setting = |name: &str| provenance.training.get(name).map_or("-".to_owned(), ToString::to_string);
    let _ = writeln!(
        text,
        "| settings | seed {}, {} folds grouped by author, penalties tried {} |",
        setting("seed"),
        setting("folds"),
        setting("alphas")
    );
    for panel in &model.panels {
        let account = panel.account.map_or("everybody", |account| account.name());
        let _ = writeln!(
            text,
            "| posts of {account} | {} terms, {} cues, {} context columns, {} outputs |",
            panel.columns.n_terms,
            panel.columns.n_cues,
            panel.columns.n_context,
            panel.n_outputs()
        );
    }
    write_figures(&mut text, model, evaluation);
    let _ = writeln!(text, "\n## Limits\n");
    let notes =
        provenance.training.get("notes").and_then(|notes| notes.as_array()).cloned().unwrap_or_default();
    for note in notes.iter().filter_map(|note| note.as_str()) {
        let _ = writeln!(text, "- {note}.");
    }
    let _ = writeln!(
        text,
        "- It reads words, not people: irony, images, links and what was said before the parent are lost on it.\n\
         - A tag says that a post looks like posts that were labelled so. It is no judgement of its author, and a count \
         of tags is no rate of what the author does.\n\
         - A reply whose parent is not known is not judged where the codebook says that it needs the parent.\n\
         - Posts of fewer than two words, without text, or plainly in another language are not judged.\n\
         - No handle, link or number is stored, and of words only those that posts of two authors hold (three posts from 2,000 on) or that stand in a public \
         list; common first names are among them."
    );
    text
}

/// How good the model is, a line a tag and a line a characteristic.
fn write_figures(text: &mut String, model: &Model, evaluation: &Evaluation) {
    let _ = writeln!(text, "\n## How good it is\n");
    let _ = writeln!(
        text,
        "Each post was judged by a model, a calibration and thresholds made without the posts of its fold; all posts of \
         an author lie in one fold. Penalties were chosen on all folds. On posts of another kind than these the model \
         is worse: measure it with `sociable evaluate` on posts of your own.\n"
    );
    if model.provenance.training["prevalence"].as_object().is_some_and(|expected| !expected.is_empty()) {
        let _ = writeln!(
            text,
            "The figures hold at these posts' own shares of each tag. The model itself, its probabilities and the thresholds \
             below, are for the shares that it was told to expect (`--prevalence`).\n"
        );
    }
    let _ = writeln!(
        text,
        "| tag | examples | precision | recall | F1 | average precision | threshold |\n|---|---|---|---|---|---|---|"
    );
    for metrics in &evaluation.characteristics {
        for pole in &metrics.poles {
            let threshold = threshold(model, &metrics.slug, pole.pole);
            if pole.support > 0 {
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {} | {} | {} | {} |",
                    pole.tag,
                    pole.support,
                    figure(pole.precision),
                    figure(pole.recall),
                    figure(pole.f1),
                    figure(pole.average_precision),
                    figure(threshold)
                );
            }
        }
    }
    let _ = writeln!(text, "\nMacro-F1 over the poles with examples: {}.\n", figure(evaluation.macro_f1));
    let _ = writeln!(
        text,
        "| characteristic | posts | accuracy | expected calibration error | Krippendorff's alpha with the labels |\n\
         |---|---|---|---|---|"
    );
    for metrics in &evaluation.characteristics {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            metrics.slug,
            metrics.n,
            figure(metrics.accuracy),
            figure(metrics.expected_calibration_error),
            figure(metrics.krippendorff_alpha)
        );
    }
}

fn codebook_name(codebook: &Codebook) -> String {
    format!("version {}, {} characteristics", codebook.version, codebook.characteristics.len())
}

fn threshold(model: &Model, slug: &str, pole: Pole) -> Option<f64> {
    let place = model.codebook.characteristics.iter().position(|own| own.slug == slug)?;
    let head =
        model.panels.iter().flat_map(|panel| &panel.heads).find(|head| head.characteristic == place)?;
    head.kind.judges(pole).then(|| head.thresholds[pole as usize])
}

fn figure(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.3}"))
}
