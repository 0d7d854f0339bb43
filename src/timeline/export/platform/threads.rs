//! Threads: posts and replies as JSON, within an export of Instagram. Floor 2.

use crate::{
    post::PostKind,
    timeline::{
        export::{
            ExportFile, Role, date,
            name::Name,
            platform::{
                Reader, has,
                instagram::username,
                made_id,
                meta::{account_in_path, for_each, is_page, text},
            },
            sink::{Found, Sink, Stop},
        },
        json::{Object, object},
    },
};

/// Keys of an item that are read, or are known to be of no use here.
const KNOWN: [&str; 3] = ["media", "title", "creation_timestamp"];

/// The reader.
#[derive(Default)]
pub struct Threads {
    author: String,
}

impl Reader for Threads {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        if is_page(name, &["threadsandreplies"]) {
            Some(Role::Html)
        } else if has(head, "\"text_post_app_text_posts\"") {
            Some(Role::Posts)
        } else if has(head, "\"text_post_app_text_post_app_profile\"") {
            Some(Role::About)
        } else {
            (has(head, "\"text_post_app_") && name.extension == "json").then_some(Role::Other)
        }
    }

    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop> {
        if self.author.is_empty() {
            self.author = account_in_path(file);
        }
        for_each(file, sink, |_, item, sink| {
            if role == Role::About {
                self.author = username(item).unwrap_or_else(|| self.author.clone());
                return Ok(());
            }
            sink.note_keys(item, &KNOWN);
            self.read_item(item, sink)
        })
    }
}

impl Threads {
    fn read_item(&self, item: &Object, sink: &mut Sink) -> Result<(), Stop> {
        let media: Vec<Object> = item.array("media").into_iter().filter_map(object).collect();
        // The same text may stand above and with every picture.
        let words = [text(item, "title")].into_iter().chain(media.iter().map(|media| text(media, "title")));
        let words = words.into_iter().find(|words| !words.is_empty()).unwrap_or_default();
        let seconds = [item.text("creation_timestamp")]
            .into_iter()
            .chain(media.iter().map(|media| media.text("creation_timestamp")));
        let created_at =
            seconds.map(|text| date::utc_from_unix(&text)).find(|date| !date.is_empty()).unwrap_or_default();
        let is_reply = media.iter().any(|media| media.object("text_app_post").is_true("is_reply"));
        sink.post(&Found {
            id: made_id("post", &[&created_at, &words]).into(),
            author: sink.author.clone().unwrap_or_else(|| self.author.clone()).into(),
            created_at,
            kind: if is_reply { PostKind::Reply } else { PostKind::Post },
            text: words.into(),
            ..Found::default()
        })
    }
}
