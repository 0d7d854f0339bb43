//! 4CAT: tables of collected posts, and those of the `YouTube` Data Tools. Every row has an author of its own. Floor 2.

use crate::{
    post::PostKind,
    timeline::{
        export::{
            ExportFile, Role, date,
            name::Name,
            platform::Reader,
            sink::{Found, Sink, Stop},
            table::{self, TableRow},
        },
        mapping::is_missing_id,
    },
};

const POSTS: [&str; 5] = ["id", "thread_id", "author", "body", "timestamp"];
const YOUTUBE: [&str; 5] = ["id", "isReplyTo", "authorName", "text", "publishedAt"];

/// The reader.
#[derive(Default)]
pub struct Fourcat {
    n_without_zone: u64,
}

impl Reader for Fourcat {
    fn role(&self, _: &Name, head: &[u8]) -> Option<Role> {
        (table::has_columns(head, &POSTS) || table::has_columns(head, &YOUTUBE)).then_some(Role::Posts)
    }

    fn read(&mut self, file: &ExportFile, _: Role, sink: &mut Sink) -> Result<(), Stop> {
        let rows = table::open(file, None, &["id"], sink)?;
        if rows.has("isReplyTo") {
            // The tools for YouTube write a backslash before a quote.
            let rows = table::open(file, Some(b'\\'), &YOUTUBE, sink)?;
            return table::for_each(rows, sink, video_comment);
        }
        table::for_each(rows, sink, |row, sink| self.read_row(row, sink))
    }

    fn finish(&mut self, sink: &mut Sink) {
        if self.n_without_zone > 0 {
            sink.findings.note(format!(
                "dates without a zone, taken for UTC though some are in the time of the server that collected them: {}",
                self.n_without_zone
            ));
        }
    }
}

impl Fourcat {
    fn read_row(&mut self, row: &TableRow, sink: &mut Sink) -> Result<(), Stop> {
        let unix = row.get("unix_timestamp");
        let stated = row.get("timestamp");
        let is_number =
            !stated.is_empty() && stated.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let created_at =
            [date::utc_from_unix(unix), if is_number { date::utc_from_unix(stated) } else { String::new() }]
                .into_iter()
                .find(|date| !date.is_empty())
                .unwrap_or_else(|| {
                    self.n_without_zone += u64::from(!stated.is_empty());
                    date::utc(stated)
                });
        let (id, thread) = (row.get("id"), row.get("thread_id"));
        let answers = ["replied_to_post", "in_reply_to_status_id", "in_reply_to", "reply_to", "parent_id"]
            .into_iter()
            .map(|column| row.get(column))
            .find(|answers| !is_missing_id(answers));
        let kind = if is_yes(row.get("is_retweet")) || row.get("body").starts_with("RT @") {
            PostKind::Repost
        } else if answers.is_some() || is_yes(row.get("is_reply")) || (!thread.is_empty() && thread != id) {
            PostKind::Reply
        } else if is_yes(row.get("is_quote_tweet")) || !is_missing_id(row.get("quoted_post")) {
            PostKind::Quote
        } else {
            PostKind::Post
        };
        let lang = [row.get("languages"), row.get("language_guess"), row.get("language"), row.get("lang")]
            .into_iter()
            .find(|lang| !is_missing_id(lang))
            .unwrap_or_default();
        let url =
            [row.get("link"), row.get("url"), row.get("post_url")].into_iter().find(|url| !url.is_empty());
        sink.post(&Found {
            id: id.into(),
            author: row.get("author").into(),
            created_at,
            kind,
            reply_to_id: answers.unwrap_or_default().into(),
            text: row.get("body").into(),
            url: url.unwrap_or_default().into(),
            lang: lang.split(',').next().unwrap_or_default().into(),
            ..Found::default()
        })
    }
}

fn video_comment(row: &TableRow, sink: &mut Sink) -> Result<(), Stop> {
    let answers = row.get("isReplyTo");
    let is_reply = !is_missing_id(answers) && answers != "1";
    sink.post(&Found {
        id: row.get("id").into(),
        author: row.get("authorName").into(),
        created_at: date::utc(row.get("publishedAt")),
        kind: if is_reply { PostKind::Reply } else { PostKind::Comment },
        reply_to_id: if is_reply { answers } else { "" }.into(),
        text: row.get("text").into(),
        ..Found::default()
    })
}

fn is_yes(value: &str) -> bool {
    ["yes", "true", "1"].iter().any(|yes| value.trim().eq_ignore_ascii_case(yes))
}
