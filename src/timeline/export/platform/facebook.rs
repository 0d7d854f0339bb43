//! Facebook: posts and comments of a personal profile as JSON, in the layouts of all years. Floor 2.

use std::borrow::Cow;

use crate::{
    post::PostKind,
    timeline::{
        export::{
            ExportFile, Role, date,
            name::Name,
            platform::{
                Reader, has, made_id,
                meta::{for_each, is_page, labelled, text, text_of, time_of},
            },
            sink::{Found, Sink, Stop},
        },
        json::{Object, object},
    },
};

/// Names of files with posts, without separators and numbers.
const POSTS: [&str; 5] = [
    "yourposts",
    "yourpostscheckinsphotosandvideos",
    "profileposts",
    "postsonotherpagesandprofiles",
    "youruncategorizedposts",
];
/// Names of pages in an export as HTML.
const PAGES: [&str; 7] = [
    "yourposts",
    "yourpostscheckinsphotosandvideos",
    "profileposts",
    "postsonotherpagesandprofiles",
    "comments",
    "yourcommentsingroups",
    "grouppostsandcomments",
];
/// Keys of an item that are read, or are known to be of no use here.
const KNOWN: [&str; 10] = [
    "timestamp",
    "title",
    "data",
    "attachments",
    "tags",
    "label_values",
    "fbid",
    "media",
    "update_timestamp",
    "backdated_timestamp",
];
/// What a message's label is called.
const MESSAGE: [&str; 12] = [
    "message",
    "comment",
    "post",
    "nachricht",
    "kommentar",
    "bericht",
    "reactie",
    "mensaje",
    "comentario",
    "commentaire",
    "messaggio",
    "mensagem",
];

/// The reader.
#[derive(Default)]
pub struct Facebook {
    author: String,
    n_in_groups: u64,
}

impl Reader for Facebook {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        if is_page(name, &PAGES) {
            return Some(Role::Html);
        }
        if name.extension != "json" {
            return None;
        }
        let keys = ["\"comments_v2\"", "\"group_posts_v2\"", "\"group_comments_v2\""];
        let is_list = head.trim_ascii_start().starts_with(b"[");
        let is_post = has(head, "\"timestamp\"") && has(head, "\"data\"") && has(head, "\"post\"");
        if keys.iter().any(|key| has(head, key))
            || is_list && (POSTS.contains(&name.stem.as_str()) || is_post)
        {
            Some(Role::Posts)
        } else if has(head, "\"profile_v2\"") {
            Some(Role::About)
        } else {
            None
        }
    }

    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop> {
        for_each(file, sink, |key, item, sink| {
            if role == Role::About {
                let name = item.object("name");
                if key == "profile_v2" {
                    self.author = text(&name, "full_name");
                }
                return Ok(());
            }
            sink.note_keys(item, &KNOWN);
            let is_comment = key.contains("comments");
            self.n_in_groups += u64::from(key.starts_with("group_"));
            let data: Vec<Object> = item.array("data").into_iter().filter_map(object).collect();
            if is_comment { self.read_comment(item, &data, sink) } else { self.read_post(item, &data, sink) }
        })
    }

    fn finish(&mut self, sink: &mut Sink) {
        if self.n_in_groups > 0 {
            sink.findings
                .note(format!("posts and comments in groups, which may be closed: {}", self.n_in_groups));
        }
    }
}

impl Facebook {
    fn read_post(&self, item: &Object, data: &[Object], sink: &mut Sink) -> Result<(), Stop> {
        let values = labelled(item);
        let mut parts: Vec<String> =
            data.iter().map(|data| text(data, "post")).filter(|post| !post.is_empty()).collect();
        if parts.is_empty() {
            parts.push(text_of(&values, &MESSAGE));
        }
        // The title is the platform's own sentence, such as that somebody has shared a link.
        let created_at = or(date::utc_from_unix(&item.text("timestamp")), || time_of(&values));
        self.post(PostKind::Post, created_at, parts.join("\n\n"), "", sink)
    }

    fn read_comment(&self, item: &Object, data: &[Object], sink: &mut Sink) -> Result<(), Stop> {
        if data.is_empty() {
            let values = labelled(item);
            let created_at = or(date::utc_from_unix(&item.text("timestamp")), || time_of(&values));
            return self.post(PostKind::Comment, created_at, text_of(&values, &MESSAGE), "", sink);
        }
        for data in data {
            let comment = data.object("comment");
            let seconds = [comment.text("timestamp"), item.text("timestamp")];
            let created_at =
                seconds.iter().map(|text| date::utc_from_unix(text)).find(|date| !date.is_empty());
            let author = text(&comment, "author");
            self.post(
                PostKind::Comment,
                created_at.unwrap_or_default(),
                text(&comment, "comment"),
                &author,
                sink,
            )?;
        }
        Ok(())
    }

    fn post(
        &self,
        kind: PostKind,
        created_at: String,
        text: String,
        author: &str,
        sink: &mut Sink,
    ) -> Result<(), Stop> {
        let own = if author.is_empty() { self.author.as_str() } else { author };
        let author: Cow<str> = sink.author.clone().map_or(own.into(), Cow::Owned);
        sink.post(&Found {
            id: made_id(kind.name(), &[&created_at, &text]).into(),
            author,
            created_at,
            kind,
            text: text.into(),
            ..Found::default()
        })
    }
}

fn or(first: String, second: impl FnOnce() -> String) -> String {
    if first.is_empty() { second() } else { first }
}
