//! What Facebook, Instagram and Threads have in common: spoiled letters, and values under labels in the user's language. Floor 2.

use std::borrow::Cow;

use crate::timeline::{
    export::{
        ExportFile, date,
        document::Document,
        mojibake::repair,
        name::Name,
        sink::{Sink, Stop},
    },
    json::{Object, object, parse},
};

/// The text under a key as it was meant.
pub fn text(object: &Object, key: &str) -> String {
    match object.text(key) {
        Cow::Borrowed(text) => repair(text).into_owned(),
        Cow::Owned(text) => repair(&text).into_owned(),
    }
}

/// Calls `each` with every object that stands in an array of the file, and its array's key; rejects what is no object.
pub fn for_each(
    file: &ExportFile,
    sink: &mut Sink,
    mut each: impl FnMut(&str, &Object, &mut Sink) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut document = Document::new(file.text(sink)?);
    while let Some(item) = document.next()? {
        // A value of its own beside the arrays, such as a version.
        if item.checked.is_ok() && !item.is_element && !item.raw.starts_with(b"{") {
            continue;
        }
        match item.checked.and_then(|()| parse(item.raw)) {
            Ok(object) => each(item.key, &object, sink)?,
            Err(reason) => sink.reject(item.line, reason, item.raw)?,
        }
    }
    Ok(())
}

/// A value with its label.
pub struct Labelled {
    pub label: String,
    pub value: String,
    /// A moment in our spelling, empty for a text.
    pub time: String,
}

/// The labelled values of an item, in both layouts: a map from labels, or a list that holds them.
pub fn labelled(item: &Object) -> Vec<Labelled> {
    let entry = |label: String, value: &Object| Labelled {
        label,
        value: text(value, "value"),
        time: ["timestamp", "timestamp_value"]
            .iter()
            .find_map(|key| Some(date::utc_from_unix(value.get(key)?)).filter(|time| !time.is_empty()))
            .unwrap_or_default(),
    };
    let mut found: Vec<Labelled> = item
        .object("string_map_data")
        .0
        .iter()
        .filter_map(|(label, json)| Some(entry(repair(&label.0).into_owned(), &object(json.get())?)))
        .collect();
    found.extend(
        item.array("label_values")
            .into_iter()
            .filter_map(object)
            .map(|value| entry(text(&value, "label"), &value)),
    );
    found
}

/// The text among labelled values: under one of these labels, or else by its shape, for a label in a language that nobody listed.
/// A name is no text where there is anything else.
pub fn text_of(values: &[Labelled], labels: &[&str]) -> String {
    let known =
        values.iter().find(|value| labels.iter().any(|label| value.label.eq_ignore_ascii_case(label)));
    let mut texts = values.iter().filter(|value| !value.value.is_empty() && value.time.is_empty());
    known
        .or_else(|| texts.clone().find(|value| !is_name(&value.value) && !is_address(&value.value)))
        .or_else(|| texts.next())
        .map(|value| value.value.clone())
        .unwrap_or_default()
}

/// The moment among labelled values, whatever its label.
pub fn time_of(values: &[Labelled]) -> String {
    values.iter().find(|value| !value.time.is_empty()).map(|value| value.time.clone()).unwrap_or_default()
}

/// Whether a text could be somebody's name on Instagram.
fn is_name(text: &str) -> bool {
    text.len() <= 30 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
}

fn is_address(text: &str) -> bool {
    text.starts_with("http") && !text.contains(' ')
}

/// The account in the name that Meta gives the folder of an export: `instagram-ann.lee-2025-01-31-a1B2c3`.
pub fn account_in_path(file: &ExportFile) -> String {
    let whole = file.path.join(&file.name().path);
    let folder = whole.iter().filter_map(|part| part.to_str()).find_map(|part| {
        let rest = part.strip_prefix("instagram-").or_else(|| part.strip_prefix("facebook-"))?;
        // The date begins behind the name.
        let end = rest.find("-20")?;
        Some(rest[..end].to_owned())
    });
    folder.unwrap_or_default()
}

/// Whether a file is a page of an export that was asked for as HTML.
pub fn is_page(name: &Name, stems: &[&str]) -> bool {
    name.extension == "html" && stems.contains(&name.stem.as_str())
}
