//! Instagram: captions and comments as JSON, in the layouts of all years. Floor 2.

use crate::{
    post::PostKind,
    timeline::{
        export::{
            ExportFile, Role, date,
            name::Name,
            platform::{
                Reader, has, made_id,
                meta::{account_in_path, for_each, is_page, labelled, text, text_of, time_of},
            },
            sink::{Found, Sink, Stop, Visibility},
        },
        json::{Object, object},
    },
};

/// Keys under which the items of a file stand.
const LISTS: [&str; 6] = [
    "\"ig_reels_media\"",
    "\"ig_stories\"",
    "\"ig_igtv_media\"",
    "\"ig_archived_post_media\"",
    "\"comments_media_comments\"",
    "\"comments_reels_comments\"",
];
const PAGES: [&str; 5] = ["posts", "reels", "stories", "postcomments", "reelscomments"];
/// Keys of an item that are read, or are known to be of no use here.
const KNOWN: [&str; 10] = [
    "media",
    "title",
    "creation_timestamp",
    "string_map_data",
    "media_list_data",
    "label_values",
    "timestamp",
    "fbid",
    "uri",
    "media_metadata",
];
const CAPTION: [&str; 4] = ["caption", "bildunterschrift", "bijschrift", "l\u{e9}gende"];
const COMMENT: [&str; 7] =
    ["comment", "kommentar", "opmerking", "reactie", "comentario", "commentaire", "coment\u{e1}rio"];

/// The reader.
#[derive(Default)]
pub struct Instagram {
    author: String,
}

impl Reader for Instagram {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        if is_page(name, &PAGES) {
            return Some(Role::Html);
        }
        if name.extension != "json" {
            return None;
        }
        let is_comments = ["postcomments", "reelscomments"].contains(&name.stem.as_str());
        let is_posts = has(head, "\"media\"") && has(head, "\"creation_timestamp\"");
        if LISTS.iter().any(|key| has(head, key))
            || is_comments && (has(head, "\"string_map_data\"") || has(head, "\"label_values\""))
            || is_posts && head.trim_ascii_start().starts_with(b"[")
        {
            Some(Role::Posts)
        } else {
            has(head, "\"profile_user\"").then_some(Role::About)
        }
    }

    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop> {
        if self.author.is_empty() {
            self.author = account_in_path(file);
        }
        let is_comments = file.name().stem.contains("comments");
        // What was put into the archive is seen by nobody else.
        let is_archived = file.name().stem.contains("archived");
        for_each(file, sink, |key, item, sink| {
            if role == Role::About {
                self.author = username(item).unwrap_or_else(|| self.author.clone());
                return Ok(());
            }
            sink.note_keys(item, &KNOWN);
            let is_comment = is_comments || key.contains("comments");
            let (kind, created_at, text) = if is_comment { comment(item) } else { caption(item) };
            sink.post(&Found {
                id: made_id(kind.name(), &[&created_at, &text]).into(),
                author: sink.author.clone().unwrap_or_else(|| self.author.clone()).into(),
                created_at,
                kind,
                text: text.into(),
                visibility: if is_archived { Visibility::Author } else { Visibility::Public },
                ..Found::default()
            })
        })
    }
}

/// The name among the values of `personal_information.json`, under its label in one of the languages that are known here.
pub fn username(item: &Object) -> Option<String> {
    const USERNAME: [&str; 6] = [
        "username",
        "benutzername",
        "gebruikersnaam",
        "nombre de usuario",
        "nom d\u{2019}utilisateur",
        "nome utente",
    ];
    let values = labelled(item);
    let known = values.iter().find(|value| USERNAME.contains(&value.label.to_lowercase().as_str()));
    known.map(|value| value.value.clone()).filter(|name| !name.is_empty())
}

type Text = (PostKind, String, String);

fn caption(item: &Object) -> Text {
    let media: Vec<Object> = item.array("media").into_iter().filter_map(object).collect();
    // Above a series of pictures, or with the one picture; a story or reel may stand without a list around it.
    let mut words = text(item, "title");
    let mut seconds = item.text("creation_timestamp").into_owned();
    for media in &media {
        if words.is_empty() {
            words = text(media, "title");
        }
        if seconds.is_empty() {
            seconds = media.text("creation_timestamp").into_owned();
        }
    }
    let values = labelled(item);
    if words.is_empty() && !values.is_empty() {
        words = text_of(&values, &CAPTION);
    }
    let mut created_at = date::utc_from_unix(if seconds.is_empty() {
        item.get("timestamp").unwrap_or_default()
    } else {
        &seconds
    });
    if created_at.is_empty() {
        created_at = time_of(&values);
    }
    (PostKind::Post, created_at, words)
}

fn comment(item: &Object) -> Text {
    let values = labelled(item);
    let mut created_at = time_of(&values);
    if created_at.is_empty() {
        created_at = date::utc_from_unix(&item.text("timestamp"));
    }
    (PostKind::Comment, created_at, text_of(&values, &COMMENT))
}
