//! Zeeschuimer: a line of JSON for each thing that a browser was shown, in the platform's own words. Floor 2.
//!
//! 4CAT stores such lines too, with the platform's object merged up and the rest under `__import_meta`.

use std::borrow::Cow;

use crate::{
    post::PostKind,
    timeline::{
        export::{
            ExportFile, Role, date,
            document::Document,
            html::unescape,
            name::Name,
            platform::{Reader, has, x},
            sink::{Found, Sink, Stop},
        },
        json::{Object, object, parse},
        mapping::is_missing_id,
    },
};

/// Keys of a line that are read, or are known to be of no use here; those of the platform's object are not counted.
const KNOWN: [&str; 12] = [
    "nav_index",
    "item_id",
    "timestamp_collected",
    "last_updated",
    "source_platform",
    "source_platform_url",
    "source_url",
    "user_agent",
    "data",
    "id",
    "__import_meta",
    "tab_id",
];

/// The reader.
#[derive(Default)]
pub struct Zeeschuimer;

impl Reader for Zeeschuimer {
    fn role(&self, _: &Name, head: &[u8]) -> Option<Role> {
        let is_object = head.trim_ascii_start().starts_with(b"{");
        let start = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
        (is_object
            && (has(start, "\"source_platform\"") && has(start, "\"nav_index\"")
                || has(head, "\"__import_meta\"")))
        .then_some(Role::Posts)
    }

    fn read(&mut self, file: &ExportFile, _: Role, sink: &mut Sink) -> Result<(), Stop> {
        let mut lines = Document::lines(file.text(sink)?);
        while let Some(line) = lines.next()? {
            match line.checked.and_then(|()| parse(line.raw)) {
                Ok(object) => read_line(&object, sink)?,
                Err(reason) => sink.reject(line.line, reason, line.raw)?,
            }
        }
        Ok(())
    }
}

fn read_line(line: &Object, sink: &mut Sink) -> Result<(), Stop> {
    let data = line.object("data");
    let meta = line.object("__import_meta");
    let (platform, data) = if data.0.is_empty() {
        (meta.text("source_platform"), line)
    } else {
        sink.note_keys(line, &KNOWN);
        (line.text("source_platform"), &data)
    };
    let platform = platform.trim_start_matches("www.").to_owned();
    match platform.as_str() {
        "twitter.com" | "x.com" => tweet(data, sink),
        "linkedin.com" => linkedin(data, sink),
        "tiktok.com" => tiktok(data, sink),
        "instagram.com" | "threads.net" | "threads.com" => meta_post(data, &platform, sink),
        _ => other(data, sink),
    }
}

fn tweet(data: &Object, sink: &mut Sink) -> Result<(), Stop> {
    let legacy = data.object("legacy");
    let id = first([data.text("rest_id"), legacy.text("id_str")]);
    // Either of two places has the name, as the platform changes its mind.
    let user = data.object("core").object("user_results").object("result");
    let author = first([user.object("core").text("screen_name"), user.object("legacy").text("screen_name")]);
    let author = if author.is_empty() { author_of_picture(&legacy).into() } else { author };
    let whole = data.object("note_tweet").object("note_tweet_results").object("result");
    let entities = legacy.object("entities");
    let mut links = x::links(&entities.array("urls"), "url", "expanded_url");
    links.extend(x::links(&whole.object("entity_set").array("urls"), "url", "expanded_url"));
    links.extend(x::without_pictures(&entities.array("media")));
    let text = x::expand(&unescape(&first([whole.text("text"), legacy.text("full_text")])), &links);
    let answers = legacy.text("in_reply_to_status_id_str");
    let conversation = legacy.text("conversation_id_str");
    let is_reply = !is_missing_id(&answers)
        || !is_missing_id(&legacy.text("in_reply_to_screen_name"))
        || (!conversation.is_empty() && conversation != id);
    let kind = if legacy.get("retweeted_status_result").is_some() || text.starts_with("RT @") {
        PostKind::Repost
    } else if is_reply {
        PostKind::Reply
    } else if legacy.is_true("is_quote_status") || data.get("quoted_status_result").is_some() {
        PostKind::Quote
    } else {
        PostKind::Post
    };
    let name = if author.is_empty() { "i/web" } else { &author };
    sink.post(&Found {
        url: format!("https://twitter.com/{name}/status/{id}").into(),
        author: author.clone(),
        created_at: date::utc(&legacy.text("created_at")),
        kind,
        reply_to_id: if is_missing_id(&answers) { Cow::Borrowed("") } else { answers },
        text: text.into(),
        lang: legacy.text("lang"),
        id,
        ..Found::default()
    })
}

/// Whose post a picture was in: `https://x.com/ann/status/1/photo/1`, where the author is not told otherwise.
fn author_of_picture(legacy: &Object) -> String {
    let media = legacy.object("entities").array("media");
    let address = media.iter().find_map(|json| Some(object(json)?.text("expanded_url").into_owned()));
    address.and_then(|address| Some(address.split('/').nth(3)?.to_owned())).unwrap_or_default()
}

fn meta_post(data: &Object, platform: &str, sink: &mut Sink) -> Result<(), Stop> {
    let code = data.text("code");
    let user = data.object("user");
    let author = user.text("username");
    let is_reply = data.object("text_post_app_info").is_true("is_reply");
    let url = match (code.is_empty(), platform) {
        (true, _) => String::new(),
        (false, "instagram.com") => format!("https://www.instagram.com/p/{code}"),
        (false, _) => format!("https://www.{platform}/@{author}/post/{code}"),
    };
    sink.post(&Found {
        id: first([code, data.text("id")]),
        author: author.clone(),
        created_at: date::utc_from_unix(&data.text("taken_at")),
        kind: if is_reply { PostKind::Reply } else { PostKind::Post },
        text: data.object("caption").text("text"),
        url: url.into(),
        ..Found::default()
    })
}

fn linkedin(data: &Object, sink: &mut Sink) -> Result<(), Stop> {
    let urn = first([
        data.object("updateMetadata").text("urn"),
        data.text("preDashEntityUrn"),
        data.text("entityUrn"),
    ]);
    let id = urn.split("urn:li:activity:").nth(1).unwrap_or(&urn);
    let id: String = id.chars().take_while(char::is_ascii_digit).collect();
    let actor = data.object("actor");
    let target = actor.object("navigationContext").text("actionTarget");
    let author = target
        .split('?')
        .next()
        .unwrap_or_default()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    // The page shows an age such as `18h` and no date; a guess from that would look like knowledge.
    sink.findings
        .note("posts of LinkedIn from Zeeschuimer have no dates: the page shows only their age".to_owned());
    sink.post(&Found {
        url: if id.is_empty() {
            Cow::Borrowed("")
        } else {
            format!("https://www.linkedin.com/feed/update/urn:li:activity:{id}").into()
        },
        id: id.into(),
        author: author.into(),
        text: data.object("commentary").object("text").text("text"),
        ..Found::default()
    })
}

fn tiktok(data: &Object, sink: &mut Sink) -> Result<(), Stop> {
    let author = match data.get("author") {
        Some(json) if json.starts_with('{') => data.object("author").text("uniqueId"),
        _ => data.text("author"),
    };
    let id = data.text("id");
    sink.post(&Found {
        url: format!("https://www.tiktok.com/@{author}/video/{id}").into(),
        id,
        author,
        created_at: date::utc_from_unix(&data.text("createTime")),
        text: data.text("desc"),
        ..Found::default()
    })
}

/// A platform without a way of its own: the usual names of things.
fn other(data: &Object, sink: &mut Sink) -> Result<(), Stop> {
    let text = first(["text", "body", "full_text", "content", "desc", "title"].map(|key| data.text(key)));
    let caption = data.object("caption").text("text");
    let created =
        first(["created_at", "createTime", "timestamp", "taken_at", "created_utc"].map(|key| data.text(key)));
    let created_at = date::utc_from_unix(&created);
    let user = data.object("user");
    sink.post(&Found {
        id: first(["id", "id_str", "uri"].map(|key| data.text(key))),
        author: first([data.text("username"), user.text("username"), user.text("screen_name")]),
        created_at: if created_at.is_empty() { date::utc(&created) } else { created_at },
        text: first([text, caption]),
        ..Found::default()
    })
}

fn first<const N: usize>(texts: [Cow<str>; N]) -> Cow<str> {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}
