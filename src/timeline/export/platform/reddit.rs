//! Reddit: `posts.csv` and `comments.csv`. The column `ip` is never looked at. Floor 2.

use std::borrow::Cow;

use crate::{
    post::PostKind,
    timeline::export::{
        ExportFile, Role, date,
        name::Name,
        platform::Reader,
        sink::{Found, Sink, Skip, Stop},
        table::{self, TableRow},
    },
};

const POSTS: [&str; 5] = ["id", "permalink", "subreddit", "title", "body"];
const COMMENTS: [&str; 5] = ["id", "permalink", "subreddit", "link", "body"];
/// Tables of the export that hold no posts.
const OTHERS: [&str; 30] = [
    "postheaders",
    "commentheaders",
    "messages",
    "messageheaders",
    "messagesarchive",
    "messagesarchiveheaders",
    "chathistory",
    "postvotes",
    "commentvotes",
    "savedposts",
    "savedcomments",
    "hiddenposts",
    "iplogs",
    "subscribedsubreddits",
    "statistics",
    "accountgender",
    "birthdate",
    "checkfile",
    "drafts",
    "friends",
    "gildedposts",
    "gildedcomments",
    "givenawards",
    "linkedidentities",
    "linkedphonenumber",
    "moderatedsubreddits",
    "multireddits",
    "pollvotes",
    "preferences",
    "userpreferences",
];

/// The reader.
#[derive(Default)]
pub struct Reddit {
    author: String,
}

impl Reader for Reddit {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        if name.extension != "csv" {
            None
        } else if table::has_columns(head, &POSTS) || table::has_columns(head, &COMMENTS) {
            Some(Role::Posts)
        } else if name.stem == "statistics" && table::has_columns(head, &["statistic", "value"]) {
            Some(Role::About)
        } else {
            OTHERS.contains(&name.stem.as_str()).then_some(Role::Other)
        }
    }

    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop> {
        if role == Role::About {
            let statistics = table::open(file, None, &["statistic", "value"], sink)?;
            return table::for_each(statistics, sink, |row, _| {
                if row.get("statistic") == "account name" {
                    row.get("value").clone_into(&mut self.author);
                }
                Ok(())
            });
        }
        if self.author.is_empty() {
            self.author = account_in_path(file);
        }
        let rows = table::open(file, None, &["id", "permalink", "body"], sink)?;
        let is_comments = rows.has("link") && !rows.has("title");
        table::for_each(rows, sink, |row, sink| {
            if is_comments { self.read_comment(row, sink) } else { self.read_post(row, sink) }
        })
    }
}

impl Reddit {
    fn read_post(&self, row: &TableRow, sink: &mut Sink) -> Result<(), Stop> {
        let (title, body) = (row.get("title").trim(), row.get("body").trim());
        if is_removed(body) || is_removed(title) {
            sink.skip(Skip::Deleted);
            return Ok(());
        }
        let text = if body.is_empty() { title.to_owned() } else { format!("{title}\n\n{body}") };
        sink.post(&Found {
            id: with_prefix("t3_", row.get("id")),
            author: self.author(sink),
            created_at: date::utc(row.get("date")),
            text: text.into(),
            url: row.get("permalink").into(),
            ..Found::default()
        })
    }

    fn read_comment(&self, row: &TableRow, sink: &mut Sink) -> Result<(), Stop> {
        if is_removed(row.get("body")) {
            sink.skip(Skip::Deleted);
            return Ok(());
        }
        // What it answers: another comment, or else the post in whose address the identifier stands.
        let parent = match row.get("parent").trim() {
            "" => {
                let mut parts = row.get("link").split('/');
                let id = parts
                    .by_ref()
                    .find(|part| *part == "comments")
                    .and_then(|_| parts.next())
                    .unwrap_or_default();
                if id.is_empty() { Cow::Borrowed("") } else { with_prefix("t3_", id) }
            }
            parent => with_prefix("t1_", parent),
        };
        sink.post(&Found {
            id: with_prefix("t1_", row.get("id")),
            author: self.author(sink),
            created_at: date::utc(row.get("date")),
            kind: PostKind::Comment,
            reply_to_id: parent,
            text: row.get("body").into(),
            url: row.get("permalink").into(),
            ..Found::default()
        })
    }

    fn author(&self, sink: &Sink) -> Cow<'static, str> {
        sink.author.as_ref().unwrap_or(&self.author).clone().into()
    }
}

fn is_removed(body: &str) -> bool {
    ["[removed]", "[deleted]", "[deleted by user]", "[removed by reddit]"]
        .iter()
        .any(|mark| body.trim().eq_ignore_ascii_case(mark))
}

/// An identifier with the prefix that tells posts from comments; `parent` has it already.
fn with_prefix<'a>(prefix: &str, id: &'a str) -> Cow<'a, str> {
    let id = id.trim();
    if id.starts_with("t1_") || id.starts_with("t3_") || id.is_empty() {
        id.into()
    } else {
        format!("{prefix}{id}").into()
    }
}

/// The account in the name that the platform gives an export: `export_ann_20250518.zip`.
fn account_in_path(file: &ExportFile) -> String {
    let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name =
        name.strip_prefix("export_").and_then(|rest| rest.rsplit_once('_')).map_or("", |(name, _)| name);
    name.to_owned()
}
