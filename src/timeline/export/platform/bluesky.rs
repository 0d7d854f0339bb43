//! Bluesky: the repository of an account as a CAR file. Floor 2.

use std::borrow::Cow;

use ipld_core::ipld::Ipld;
use jiff::Timestamp;

use crate::{
    post::PostKind,
    timeline::export::{
        ExportFile, Role,
        car::{Record, Repository, get, is_car},
        date,
        name::Name,
        platform::Reader,
        sink::{Found, Sink, Stop},
    },
};

const POST: &str = "app.bsky.feed.post";
const REPOST: &str = "app.bsky.feed.repost";
/// Keys of a post that are read, or are known to be of no use here.
const KNOWN: [&str; 11] =
    ["$type", "text", "createdAt", "reply", "langs", "facets", "embed", "tags", "labels", "entities", "via"];
/// Seconds between a post's own date and that of its key from which it counts as dated back.
const BACKDATED: i64 = 24 * 60 * 60;

/// The reader.
#[derive(Default)]
pub struct Bluesky;

impl Reader for Bluesky {
    fn role(&self, _: &Name, head: &[u8]) -> Option<Role> {
        is_car(head).then_some(Role::Posts)
    }

    fn read(&mut self, file: &ExportFile, _: Role, sink: &mut Sink) -> Result<(), Stop> {
        let mut repository = Repository::read(file.bytes()?)?;
        let did = repository.did.clone();
        let (mut n_backdated, mut n_lost) = (0, 0);
        while let Some(record) = repository.next()? {
            let kind = get(&record.value, "$type").and_then(text).unwrap_or_default();
            let collection = record.key.split('/').next().filter(|name| !name.is_empty()).unwrap_or(kind);
            match collection {
                POST => {
                    n_lost += u64::from(record.key.is_empty());
                    n_backdated += u64::from(is_backdated(&record));
                    post(&record, &did, sink)?;
                }
                REPOST => repost(&record, &did, sink)?,
                // Nodes of the tree, which stand beside it where it is damaged.
                "" => {}
                other => sink.findings.note_other_item(other),
            }
        }
        if let Some(problem) = &repository.problem {
            sink.findings.note(format!(
                "{}: {problem}; posts found beside the tree, without an address: {n_lost}",
                file.name().path
            ));
            sink.reject(0, crate::timeline::RejectReason::Unreadable(problem.clone()), b"")?;
        }
        if n_backdated > 0 {
            sink.findings
                .note(format!("posts dated a day or more away from when they were made: {n_backdated}"));
        }
        Ok(())
    }
}

fn post(record: &Record, did: &str, sink: &mut Sink) -> Result<(), Stop> {
    let value = &record.value;
    if let Ipld::Map(map) = value {
        for key in map.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
            sink.findings.note_unknown_key(key);
        }
    }
    let parent = path(value, &["reply", "parent", "uri"]).and_then(text).unwrap_or_default();
    let quoted = [&["embed", "record", "uri"][..], &["embed", "record", "record", "uri"]]
        .into_iter()
        .filter_map(|keys| path(value, keys).and_then(text))
        .any(|uri| uri.contains(POST));
    let kind = match () {
        () if !parent.is_empty() => PostKind::Reply,
        () if quoted => PostKind::Quote,
        () => PostKind::Post,
    };
    let lang = match get(value, "langs") {
        Some(Ipld::List(langs)) => langs.first().and_then(text).unwrap_or_default(),
        _ => "",
    };
    let body = get(value, "text").and_then(text).unwrap_or_default();
    sink.post(&Found {
        id: id(record, did).into(),
        author: sink.author.clone().unwrap_or_else(|| did.to_owned()).into(),
        created_at: created_at(record),
        kind,
        reply_to_id: parent.into(),
        text: whole_links(body, value),
        url: url(record, did).into(),
        lang: lang.into(),
        ..Found::default()
    })
}

fn repost(record: &Record, did: &str, sink: &mut Sink) -> Result<(), Stop> {
    let subject = path(&record.value, &["subject", "uri"]).and_then(text).unwrap_or_default();
    sink.post(&Found {
        id: id(record, did).into(),
        author: sink.author.clone().unwrap_or_else(|| did.to_owned()).into(),
        created_at: created_at(record),
        kind: PostKind::Repost,
        url: subject.into(),
        ..Found::default()
    })
}

fn id(record: &Record, did: &str) -> String {
    if record.key.is_empty() { record.digest.clone() } else { format!("at://{did}/{}", record.key) }
}

fn url(record: &Record, did: &str) -> String {
    match record.key.split_once('/') {
        Some((_, key)) => format!("https://bsky.app/profile/{did}/post/{key}"),
        None => String::new(),
    }
}

/// The text with every link that the app has shortened for show put back, by the byte offsets of its facets.
fn whole_links<'a>(body: &'a str, value: &Ipld) -> Cow<'a, str> {
    let Some(Ipld::List(facets)) = get(value, "facets") else { return body.into() };
    let mut links: Vec<(usize, usize, &str)> = facets
        .iter()
        .filter_map(|facet| {
            let offset = |key| match path(facet, &["index", key]) {
                Some(Ipld::Integer(offset)) => usize::try_from(*offset).ok(),
                _ => None,
            };
            let Some(Ipld::List(features)) = get(facet, "features") else { return None };
            let uri = features.iter().find_map(|feature| get(feature, "uri").and_then(text))?;
            let (start, end) = (offset("byteStart")?, offset("byteEnd")?);
            is_shortened(body.get(start..end)?, uri).then_some((start, end, uri))
        })
        .collect();
    links.sort_unstable();
    let (mut out, mut at) = (String::new(), 0);
    for (start, end, uri) in links {
        // One link may not stand within another.
        if start >= at {
            out.push_str(&body[at..start]);
            out.push_str(uri);
            at = end;
        }
    }
    if at == 0 {
        return body.into();
    }
    out.push_str(&body[at..]);
    out.into()
}

/// Whether what is shown is the address itself, without its scheme or cut off; words that link somewhere stay.
fn is_shortened(shown: &str, uri: &str) -> bool {
    let shown = shown.trim_end_matches("...").trim_end_matches('\u{2026}');
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let plain = |text: &str| text.strip_prefix("www.").unwrap_or(text).to_lowercase();
    !shown.is_empty() && shown != uri && plain(rest).starts_with(&plain(shown))
}

fn created_at(record: &Record) -> String {
    let own = get(&record.value, "createdAt").and_then(text).unwrap_or_default();
    match (date::parse(own), made(&record.key)) {
        (Some(created), _) | (None, Some(created)) => date::show(created),
        (None, None) => own.to_owned(),
    }
}

fn is_backdated(record: &Record) -> bool {
    let own = get(&record.value, "createdAt").and_then(text).and_then(date::parse);
    let (Some(own), Some(made)) = (own, made(&record.key)) else { return false };
    (own.as_second() - made.as_second()).abs() >= BACKDATED
}

/// When a record was made: its key counts microseconds, five bits a letter, above ten bits of a clock's name.
fn made(key: &str) -> Option<Timestamp> {
    const LETTERS: &[u8] = b"234567abcdefghijklmnopqrstuvwxyz";
    let (_, key) = key.split_once('/')?;
    if key.len() != 13 {
        return None;
    }
    let mut number: u64 = 0;
    for byte in key.bytes() {
        let value = LETTERS.iter().position(|&letter| letter == byte)? as u64;
        number = number.checked_mul(32)?.checked_add(value)?;
    }
    Timestamp::from_microsecond(i64::try_from(number >> 10).ok()?).ok()
}

fn path<'a>(value: &'a Ipld, keys: &[&str]) -> Option<&'a Ipld> {
    keys.iter().try_fold(value, |value, key| get(value, key))
}

fn text(value: &Ipld) -> Option<&str> {
    match value {
        Ipld::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_are_put_back() {
        for (shown, uri, expected) in [
            ("b.example/lo...", "https://b.example/long", true),
            ("b.example/lo\u{2026}", "https://www.b.example/long", true),
            ("b.example/long", "https://b.example/long", true),
            ("https://b.example/long", "https://b.example/long", false),
            ("read this", "https://b.example/long", false),
            ("...", "https://b.example/long", false),
        ] {
            assert_eq!(is_shortened(shown, uri), expected, "{shown}");
        }
    }

    #[test]
    fn keys_tell_the_time() {
        assert_eq!(
            made("app.bsky.feed.post/3jui7kd54zh2y").map(date::show).as_deref(),
            Some("2023-04-29T03:42:21Z")
        );
        assert_eq!(made("app.bsky.actor.profile/self"), None);
        assert_eq!(made("app.bsky.feed.post/zzzzzzzzzzzzz"), None);
    }
}
