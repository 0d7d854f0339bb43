//! `YouTube`: comments and live chats of a Google Takeout. Floor 2.
//!
//! The text of a comment is JSON within a cell: one object with segments, or since 2024 segments parted by commas, in whose strings line
//! breaks stand as they are.

use serde::Deserialize;

use crate::{
    post::PostKind,
    timeline::export::{
        ExportFile, Role, date,
        name::Name,
        platform::{Reader, has},
        sink::{Found, Sink, Stop},
        table,
    },
};

const COMMENTS: [&str; 3] = ["Comment ID", "Video ID", "Comment Text"];
const CHATS: [&str; 3] = ["Live Chat ID", "Video ID", "Live Chat Text"];

/// The reader.
#[derive(Default)]
pub struct Youtube;

impl Reader for Youtube {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        if name.extension == "html"
            && (name.is_below("my-comments") || name.stem == "mycomments")
            && has(head, "youtube.com")
        {
            Some(Role::Html)
        } else if table::has_columns(head, &COMMENTS) || table::has_columns(head, &CHATS) {
            Some(Role::Posts)
        } else {
            None
        }
    }

    fn read(&mut self, file: &ExportFile, _: Role, sink: &mut Sink) -> Result<(), Stop> {
        let rows = table::open(file, None, &["Video ID", "Channel ID"], sink)?;
        let is_comments = rows.has("Comment ID");
        let what = if is_comments { "Comment" } else { "Live Chat" };
        table::for_each(rows, sink, |row, sink| {
            let id = row.get(&format!("{what} ID"));
            let (video, parent) = (row.get("Video ID"), row.get("Parent Comment ID").trim());
            let lc = if is_comments { format!("&lc={id}") } else { String::new() };
            sink.post(&Found {
                id: id.into(),
                author: sink.author.clone().unwrap_or_else(|| row.get("Channel ID").to_owned()).into(),
                created_at: date::utc(row.get(&format!("{what} Create Timestamp"))),
                kind: if parent.is_empty() { PostKind::Comment } else { PostKind::Reply },
                reply_to_id: if parent.is_empty() { video } else { parent }.into(),
                text: segments(row.get(&format!("{what} Text"))).into(),
                url: format!("https://www.youtube.com/watch?v={video}{lc}").into(),
                ..Found::default()
            })
        })
    }
}

#[derive(Deserialize)]
struct Whole {
    #[serde(rename = "takeoutSegments")]
    segments: Vec<Segment>,
}

#[derive(Deserialize)]
struct Segment {
    #[serde(default)]
    text: String,
    link: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "linkUrl")]
    url: Option<String>,
}

/// The text of a cell; one that is no JSON is text.
fn segments(cell: &str) -> String {
    let json = escape_breaks(cell.trim());
    let segments = serde_json::from_str::<Whole>(&json)
        .map(|whole| whole.segments)
        .or_else(|_| serde_json::from_str::<Vec<Segment>>(&format!("[{json}]")));
    match segments {
        Ok(segments) if !cell.trim().is_empty() => segments.iter().map(Segment::shown).collect(),
        _ => cell.to_owned(),
    }
}

impl Segment {
    /// The text, or the address that it stands for where that was cut off.
    fn shown(&self) -> &str {
        let url = self.link.as_ref().and_then(|link| link.url.as_deref());
        match url {
            Some(url) if self.text.is_empty() || self.text.ends_with("...") => url,
            _ => &self.text,
        }
    }
}

/// JSON whose strings hold line breaks and tabs as they are, made proper.
fn escape_breaks(json: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::with_capacity(json.len()), false, false);
    for c in json.chars() {
        if quoted && c < ' ' {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                _ => {}
            }
            continue;
        }
        out.push(c);
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            quoted = c == '"';
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_of_a_text_are_read() {
        for (cell, expected) in [
            (
                "{\"takeoutSegments\":[{\"text\":\"a \"},{\"text\":\"b.example/x...\",\"link\":{\"linkUrl\":\"https://b.example/xyz\"}}]}",
                "a https://b.example/xyz",
            ),
            ("{\"text\":\"one\ntwo \\\"q\\\"\"},{\"text\":\" three\"}", "one\ntwo \"q\" three"),
            ("{\"text\":\"only\"}", "only"),
            ("not JSON, {really}", "not JSON, {really}"),
            ("", ""),
        ] {
            assert_eq!(segments(cell), expected, "{cell}");
        }
    }
}
