//! Mastodon: `outbox.json` with `actor.json`, in a zip, a tar or bare. Floor 2.

use std::borrow::Cow;

use crate::{
    post::PostKind,
    timeline::{
        export::{
            ExportFile, Role, date,
            document::Document,
            html::to_text,
            name::Name,
            platform::{Reader, has},
            sink::{Found, Sink, Stop, Visibility},
        },
        json::{Object, array, cell, object, parse},
    },
};

/// Keys of a post that are read, or are known to be of no use here.
const KNOWN: [&str; 41] = [
    "id",
    "type",
    "summary",
    "inReplyTo",
    "published",
    "url",
    "attributedTo",
    "to",
    "cc",
    "sensitive",
    "atomUri",
    "inReplyToAtomUri",
    "conversation",
    "context",
    "content",
    "contentMap",
    "updated",
    "attachment",
    "tag",
    "replies",
    "likes",
    "shares",
    "quote",
    "_misskey_quote",
    "quoteUri",
    "quoteUrl",
    "quoteAuthorization",
    "interactionPolicy",
    "oneOf",
    "anyOf",
    "endTime",
    "closed",
    "votersCount",
    "source",
    "name",
    "mediaType",
    "bto",
    "bcc",
    "audience",
    "summaryMap",
    "@context",
];
const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// The reader.
#[derive(Default)]
pub struct Mastodon {
    /// The author as `name@host`, once `actor.json` or a post has said it.
    author: String,
}

impl Reader for Mastodon {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        if name.extension != "json" && name.extension != "txt" && !name.extension.is_empty() {
            return None;
        }
        let is_activity = has(head, "activitystreams");
        match name.stem.as_str() {
            "actor" if is_activity => Some(Role::About),
            "likes" | "bookmarks" if has(head, "OrderedCollection") => Some(Role::Other),
            _ if has(head, "\"OrderedCollection\"") && has(head, "orderedItems") => Some(Role::Posts),
            _ => None,
        }
    }

    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop> {
        let mut document = Document::new(file.text(sink)?);
        let (mut name, mut actor) = (String::new(), String::new());
        while let Some(item) = document.next()? {
            let (line, raw) = (item.line, item.raw);
            if role == Role::About {
                let value =
                    std::str::from_utf8(raw).ok().and_then(|json| cell(json).ok()).unwrap_or_default();
                match item.key {
                    "preferredUsername" => name = value.into_owned(),
                    "id" => actor = value.into_owned(),
                    _ => {}
                }
                continue;
            }
            if item.checked.is_ok() && item.key != "orderedItems" {
                continue;
            }
            match item.checked.and_then(|()| parse(raw)) {
                Ok(activity) => self.read_activity(&activity, sink)?,
                Err(reason) => sink.reject(line, reason, raw)?,
            }
        }
        if role == Role::About && !name.is_empty() {
            self.author = address(&name, &actor);
        }
        Ok(())
    }
}

impl Mastodon {
    fn read_activity(&mut self, activity: &Object, sink: &mut Sink) -> Result<(), Stop> {
        let kind = activity.text("type");
        let note = activity.object("object");
        if kind == "Announce" {
            let of = if note.0.is_empty() { activity.text("object") } else { note.text("id") };
            return sink.post(&Found {
                id: activity.text("id"),
                author: self.author(&activity.text("actor"), sink),
                created_at: date::utc(&activity.text("published")),
                kind: PostKind::Repost,
                text: to_text(&note.text("content")).into(),
                url: of,
                visibility: visibility(activity),
                ..Found::default()
            });
        }
        if kind != "Create" || note.0.is_empty() {
            sink.findings.note_other_item(&kind);
            return Ok(());
        }
        sink.note_keys(&note, &KNOWN);
        let in_reply_to = note.text("inReplyTo");
        let is_quote =
            ["quote", "quoteUri", "quoteUrl", "_misskey_quote"].iter().any(|key| note.get(key).is_some());
        let kind = match () {
            () if !in_reply_to.is_empty() => PostKind::Reply,
            () if is_quote => PostKind::Quote,
            () => PostKind::Post,
        };
        let languages = note.object("contentMap");
        sink.post(&Found {
            id: note.text("id"),
            author: self.author(&note.text("attributedTo"), sink),
            created_at: date::utc(&note.text("published")),
            kind,
            reply_to_id: in_reply_to,
            text: text(&note, &languages).into(),
            url: or_id(note.text("url"), &note),
            lang: languages.0.first().map(|(language, _)| language.0.clone()).unwrap_or_default(),
            visibility: visibility(&note),
            ..Found::default()
        })
    }

    fn author(&mut self, actor: &str, sink: &Sink) -> Cow<'static, str> {
        if self.author.is_empty() {
            // `…/users/ann` or `…/@ann`; without `actor.json` that is all there is.
            let name = actor.rsplit('/').next().unwrap_or_default().trim_start_matches('@');
            self.author = address(name, actor);
        }
        sink.author.clone().unwrap_or_else(|| self.author.clone()).into()
    }
}

fn or_id<'a>(url: Cow<'a, str>, note: &Object<'a>) -> Cow<'a, str> {
    if url.is_empty() { note.text("id") } else { url }
}

/// Content warning, text and what a poll asks, in the order in which they are shown.
fn text(note: &Object, languages: &Object) -> String {
    let mut parts = vec![to_text(&note.text("summary"))];
    let content = match note.text("content") {
        content if content.is_empty() => {
            languages.0.first().and_then(|(_, json)| cell(json.get()).ok()).unwrap_or_default()
        }
        content => content,
    };
    parts.push(to_text(&content));
    let options: Vec<String> = ["oneOf", "anyOf"]
        .iter()
        .flat_map(|key| note.array(key))
        .filter_map(|json| Some(to_text(&object(json)?.text("name"))))
        .collect();
    parts.push(options.join("\n"));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn visibility(object: &Object) -> Visibility {
    let (to, cc) = (addressees(object, "to"), addressees(object, "cc"));
    let is_public = |names: &[Cow<str>]| names.iter().any(|name| PUBLIC.contains(&name.as_ref()));
    if is_public(&to) || is_public(&cc) {
        Visibility::Public
    } else if to.iter().chain(&cc).any(|name| name.ends_with("/followers")) {
        Visibility::Followers
    } else {
        Visibility::Direct
    }
}

/// One name, or a list of them.
fn addressees<'a>(object: &Object<'a>, key: &str) -> Vec<Cow<'a, str>> {
    match object.get(key) {
        None => Vec::new(),
        Some(json) if json.starts_with('[') => {
            array(json).into_iter().filter_map(|json| cell(json).ok()).collect()
        }
        Some(json) => cell(json).into_iter().collect(),
    }
}

/// `name@host`, or the name alone where no host is known.
fn address(name: &str, actor: &str) -> String {
    let host = actor.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if host.is_empty() { name.to_owned() } else { format!("{name}@{host}") }
}
