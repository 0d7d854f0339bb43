//! X, once Twitter: `data/tweets.js` and its parts, `note-tweet.js`, `account.js`; the table of archives before 2018. Floor 2.
//!
//! A post over 280 letters stands twice: cut off among the posts, whole among the notes under an identifier of its own. The two
//! are brought together by their second and their beginning.

use std::{borrow::Cow, collections::HashMap};

use jiff::Timestamp;

use crate::{
    post::PostKind,
    timeline::{
        export::{
            ExportFile, Role, date,
            document::Document,
            html::unescape,
            name::Name,
            platform::{Reader, has},
            sink::{Found, Sink, Skip, Stop, Visibility},
            table,
        },
        json::{Object, object, parse},
        mapping::is_missing_id,
    },
};

/// Keys of a post that are read, or are known to be of no use here.
const KNOWN: [&str; 35] = [
    "id",
    "id_str",
    "full_text",
    "text",
    "created_at",
    "entities",
    "extended_entities",
    "lang",
    "in_reply_to_status_id",
    "in_reply_to_status_id_str",
    "in_reply_to_user_id",
    "in_reply_to_user_id_str",
    "in_reply_to_screen_name",
    "retweeted",
    "favorited",
    "favorite_count",
    "retweet_count",
    "source",
    "truncated",
    "display_text_range",
    "edit_info",
    "possibly_sensitive",
    "coordinates",
    "geo",
    "place",
    "withheld_in_countries",
    "community_id",
    "community_id_str",
    "contributors",
    "is_quote_status",
    "quoted_status_id",
    "quoted_status_id_str",
    "quoted_status_permalink",
    "scopes",
    "deleted_at",
];
/// Bytes of notes that are held: some 10,000 long posts.
const MOST_NOTES: usize = 64 << 20;
/// Long posts of one second, and links of one post, that are looked at. Nobody writes so many.
const MOST_A_SECOND: usize = 100;
const MOST_LINKS: usize = 1000;
/// The month in which the platform began.
const BEGAN: &str = "2006-03";

/// The reader.
#[derive(Default)]
pub struct X {
    username: String,
    account_id: String,
    /// Long posts by the second in which they were written.
    notes: HashMap<i64, Vec<Note>>,
    notes_bytes: usize,
    n_too_early: u64,
}

struct Note {
    text: String,
    links: Links,
    used: bool,
}

/// Short addresses in a post, and what they stand for.
pub type Links = Vec<(String, String)>;

impl Reader for X {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        if name.extension == "csv" {
            let is_old = has(head, "tweet_id")
                && has(head, "in_reply_to_status_id")
                && has(head, "retweeted_status_id");
            return is_old.then_some(Role::Posts);
        }
        // The global's name tells the kind where the file was renamed; a folder of an archive may hold other scripts.
        let start = &head[..head.len().min(200)];
        let global = has(start, "window.YTD.").then(|| String::from_utf8_lossy(start).into_owned());
        let kind = match &global {
            Some(start) => start.split("window.YTD.").nth(1)?.split('.').next()?.replace('_', ""),
            None if name.extension == "js" && name.stem == "manifest" => return Some(Role::Other),
            None => return None,
        };
        Some(match kind.as_str() {
            "account" => Role::About,
            "notetweet" => Role::Notes,
            "tweet" | "tweets" | "communitytweet" | "twittercircletweet" | "deletedtweets"
            | "deletedtweet" => Role::Posts,
            _ => Role::Other,
        })
    }

    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop> {
        let name = file.name().clone();
        if name.extension == "csv" {
            return self.read_table(file, sink);
        }
        let mut document = Document::new(file.text(sink)?);
        while let Some(item) = document.next()? {
            let (line, raw) = (item.line, item.raw);
            let parsed = match item.checked.and_then(|()| parse(raw)) {
                Ok(parsed) => parsed,
                Err(reason) => {
                    sink.reject(line, reason, raw)?;
                    continue;
                }
            };
            match role {
                Role::About => {
                    let account = parsed.object("account");
                    self.username = account.text("username").into_owned();
                    self.account_id = account.text("accountId").into_owned();
                }
                Role::Notes => self.keep_note(&parsed, sink),
                _ => {
                    // Old items stand without a wrapper.
                    let tweet = parsed
                        .0
                        .first()
                        .filter(|_| parsed.0.len() == 1)
                        .and_then(|(_, json)| object(json.get()));
                    self.read_tweet(&tweet.unwrap_or(parsed), &name, sink)?;
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, sink: &mut Sink) {
        let lone = self.notes.values().flatten().filter(|note| !note.used).count();
        for _ in 0..lone {
            sink.skip(Skip::LoneNote);
        }
        if self.n_too_early > 0 {
            sink.findings.note(format!("posts dated before the platform began: {}", self.n_too_early));
        }
    }
}

impl X {
    fn read_tweet(&mut self, tweet: &Object, name: &Name, sink: &mut Sink) -> Result<(), Stop> {
        sink.note_keys(tweet, &KNOWN);
        if name.stem.starts_with("deleted") {
            sink.skip(Skip::Deleted);
            return Ok(());
        }
        let id = or(tweet.text("id_str"), || tweet.text("id"));
        let raw = or(tweet.text("full_text"), || tweet.text("text"));
        let created = date::parse(&tweet.text("created_at"));
        let entities = tweet.object("entities");
        let mut links = links(&entities.array("urls"), "url", "expanded_url");
        links.extend(without_pictures(&entities.array("media")));
        links.extend(without_pictures(&tweet.object("extended_entities").array("media")));
        let note = created.and_then(|created| self.find_note(created, &raw));
        let text = match note {
            Some(note) => expand(&note.text, &[note.links.as_slice(), &links].concat()),
            None => expand(&unescape(&raw), &links),
        };
        let reply_to_id = or(tweet.text("in_reply_to_status_id_str"), || tweet.text("in_reply_to_status_id"));
        let reply_to_id = if is_missing_id(&reply_to_id) { Cow::Borrowed("") } else { reply_to_id };
        // A post that begins with a mention answers somebody though no post of theirs is named.
        let answers = !reply_to_id.is_empty() || !is_missing_id(&tweet.text("in_reply_to_user_id_str"));
        let kind = if raw.starts_with("RT @") {
            PostKind::Repost
        } else if answers {
            PostKind::Reply
        } else if links.iter().any(|(_, link)| is_status(link))
            || !is_missing_id(&tweet.text("quoted_status_id_str"))
        {
            PostKind::Quote
        } else {
            PostKind::Post
        };
        self.n_too_early += u64::from(created.is_some_and(|created| date::show(created).as_str() < BEGAN));
        let found = Found {
            author: self.author(sink),
            created_at: created.map_or_else(|| tweet.text("created_at").into_owned(), date::show),
            kind,
            reply_to_id,
            text: text.into(),
            url: self.url(&id).into(),
            lang: tweet.text("lang"),
            visibility: if name.stem.contains("circle") { Visibility::Followers } else { Visibility::Public },
            id,
            ..Found::default()
        };
        sink.post(&found)
    }

    fn author(&self, sink: &Sink) -> Cow<'static, str> {
        let known = if self.username.is_empty() { &self.account_id } else { &self.username };
        sink.author.as_ref().unwrap_or(known).clone().into()
    }

    fn url(&self, id: &str) -> String {
        if id.is_empty() {
            String::new()
        } else if self.username.is_empty() {
            format!("https://twitter.com/i/web/status/{id}")
        } else {
            format!("https://twitter.com/{}/status/{id}", self.username)
        }
    }

    fn keep_note(&mut self, item: &Object, sink: &mut Sink) {
        let note = item.object("noteTweet");
        let core =
            if note.get("core").is_some() { note.object("core") } else { note.object("noteTweetResults") };
        let text = unescape(&core.text("text"));
        self.notes_bytes += text.len();
        let created = date::parse(&note.text("createdAt"));
        let (Some(created), true) = (created, self.notes_bytes <= MOST_NOTES) else {
            sink.skip(Skip::LoneNote);
            return;
        };
        let same_second = self.notes.entry(created.as_second()).or_default();
        if same_second.len() == MOST_A_SECOND {
            sink.skip(Skip::LoneNote);
            return;
        }
        let urls = core.array("urls");
        let mut links = links(&urls, "shortUrl", "expandedUrl");
        links.extend(self::links(&urls, "url", "expanded_url"));
        same_second.push(Note { text, links, used: false });
    }

    /// The note whose beginning the post is.
    fn find_note(&mut self, created: Timestamp, cut: &str) -> Option<&Note> {
        let notes = self.notes.get_mut(&created.as_second())?;
        let cut = unescape(cut);
        // What is cut off ends in an ellipsis, and mostly in a link to the whole.
        let begin = cut.rsplit_once("https://t.co/").map_or(cut.as_str(), |(begin, _)| begin).trim_end();
        let begin = begin.strip_suffix('\u{2026}')?.trim_end();
        let plain = without_mentions(begin);
        let note = notes.iter_mut().find(|note| {
            !begin.is_empty() && without_mentions(&note.text).starts_with(plain) && !note.used
        })?;
        note.used = true;
        Some(note)
    }

    /// The table of an archive from before 2018.
    fn read_table(&mut self, file: &ExportFile, sink: &mut Sink) -> Result<(), Stop> {
        let table = table::open(file, None, &["tweet_id", "text"], sink)?;
        table::for_each(table, sink, |row, sink| {
            let text = unescape(row.get("text"));
            let reply_to_id = row.get("in_reply_to_status_id");
            let kind = if !is_missing_id(row.get("retweeted_status_id")) || text.starts_with("RT @") {
                PostKind::Repost
            } else if !is_missing_id(reply_to_id) || !is_missing_id(row.get("in_reply_to_user_id")) {
                PostKind::Reply
            } else {
                PostKind::Post
            };
            sink.post(&Found {
                id: row.get("tweet_id").into(),
                author: self.author(sink),
                created_at: date::utc(row.get("timestamp")),
                kind,
                reply_to_id: reply_to_id.into(),
                text: text.into(),
                url: self.url(row.get("tweet_id")).into(),
                ..Found::default()
            })
        })
    }
}

fn or<'a>(first: Cow<'a, str>, second: impl FnOnce() -> Cow<'a, str>) -> Cow<'a, str> {
    if first.is_empty() { second() } else { first }
}

/// What the short addresses of a list stand for.
pub fn links(urls: &[&str], short: &str, long: &str) -> Links {
    urls.iter()
        .filter_map(|json| {
            let url = object(json)?;
            let (short, long) = (url.text(short).into_owned(), url.text(long).into_owned());
            (!short.is_empty() && !long.is_empty()).then_some((short, long))
        })
        .collect()
}

/// The short addresses of pictures, which stand for nothing: pictures are not text.
pub fn without_pictures(media: &[&str]) -> Links {
    media.iter().filter_map(|json| Some((object(json)?.text("url").into_owned(), String::new()))).collect()
}

/// A text with what its short addresses stand for. By the address and not by the offsets that the archive gives: those
/// count code points of the text before its entities were taken back.
pub fn expand(text: &str, links: &[(String, String)]) -> String {
    if links.is_empty() {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("http") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = links.iter().take(MOST_LINKS).filter(|(short, _)| rest.starts_with(short.as_str()));
        match known.max_by_key(|(short, _)| short.len()) {
            Some((short, long)) if !short.is_empty() => {
                out.push_str(long);
                rest = &rest[short.len()..];
            }
            _ => {
                out.push_str(&rest[..4]);
                rest = &rest[4..];
            }
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

fn without_mentions(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(behind) = rest.strip_prefix('@') {
        let name = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if name.len() == behind.len() {
            break;
        }
        rest = name.trim_start();
    }
    rest
}

/// Whether an address is that of a post: the post that holds it quotes that one.
fn is_status(link: &str) -> bool {
    let Some(rest) = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://")) else {
        return false;
    };
    let mut parts = rest.split('/');
    let host = parts.next().unwrap_or_default();
    let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("mobile.")).unwrap_or(host);
    let is_x = host == "twitter.com" || host == "x.com";
    parts.next();
    is_x && parts.next() == Some("status")
        && parts.next().is_some_and(|id| id.starts_with(|c: char| c.is_ascii_digit()))
}
