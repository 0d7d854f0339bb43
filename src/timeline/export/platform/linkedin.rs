//! `LinkedIn`: `Shares.csv`, `Comments.csv`, `Articles/*.html`, with `Profile.csv`. Floor 2.
//!
//! Two faults of the platform's own writer are mended. In `Shares.csv` the line breaks of a post are written as quote, line break,
//! quote. In `Comments.csv` a quote is written with a backslash before it. White space around a text goes, as with all platforms: some
//! shares end in such a line break.

use std::{borrow::Cow, io::Read};

use crate::{
    post::PostKind,
    timeline::export::{
        ExportFile, Role, date,
        html::to_text,
        name::Name,
        platform::{Reader, has, made_id},
        sink::{Found, Sink, Stop, Visibility},
        table,
    },
};

const SHARES: [&str; 3] = ["Date", "ShareLink", "ShareCommentary"];
const COMMENTS: [&str; 3] = ["Date", "Link", "Message"];
const PROFILE: [&str; 2] = ["First Name", "Last Name"];
/// Tables of the export that hold no posts.
const OTHERS: [&str; 28] = [
    "connections",
    "reactions",
    "messages",
    "invitations",
    "positions",
    "education",
    "skills",
    "endorsementgiveninfo",
    "endorsementreceivedinfo",
    "registration",
    "recommendationsgiven",
    "recommendationsreceived",
    "companyfollows",
    "memberfollows",
    "hashtagfollows",
    "learning",
    "logins",
    "searchqueries",
    "votes",
    "savedjobs",
    "savedjobalerts",
    "emailaddresses",
    "phonenumbers",
    "richmedia",
    "adsclicked",
    "adtargeting",
    "profilesummary",
    "events",
];
/// Bytes of the longest article.
const LONGEST_ARTICLE: u64 = 8 << 20;

/// The reader.
#[derive(Default)]
pub struct Linkedin {
    author: String,
}

impl Reader for Linkedin {
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role> {
        match name.extension.as_str() {
            "html" | "htm" if name.is_below("Articles") && has(head, "linkedin.com") => Some(Role::Posts),
            "csv" if table::has_columns(head, &SHARES) || table::has_columns(head, &COMMENTS) => {
                Some(Role::Posts)
            }
            "csv" if name.stem == "profile" && table::has_columns(head, &PROFILE) => Some(Role::About),
            "csv" if OTHERS.contains(&name.stem.as_str()) => Some(Role::Other),
            _ => None,
        }
    }

    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop> {
        if role == Role::About {
            let profile = table::open(file, None, &PROFILE, sink)?;
            return table::for_each(profile, sink, |row, _| {
                let names = [row.get("First Name").trim(), row.get("Last Name").trim()];
                self.author = names.join(" ").trim().into();
                Ok(())
            });
        }
        if file.name().extension != "csv" {
            return self.read_article(file, sink);
        }
        let mut head = Vec::new();
        file.bytes()?.take(1 << 14).read_to_end(&mut head)?;
        if table::has_columns(&crate::timeline::encoding::preview(&head), &SHARES) {
            self.read_shares(file, sink)
        } else {
            self.read_comments(file, sink)
        }
    }
}

impl Linkedin {
    fn author(&self, sink: &Sink) -> Cow<'static, str> {
        sink.author.as_ref().unwrap_or(&self.author).clone().into()
    }

    fn read_shares(&self, file: &ExportFile, sink: &mut Sink) -> Result<(), Stop> {
        let shares = table::open(file, None, &SHARES, sink)?;
        table::for_each(shares, sink, |row, sink| {
            let text = without_stray_quotes(row.get("ShareCommentary"));
            let visibility = row.get("Visibility").to_ascii_uppercase();
            sink.post(&Found {
                id: urn_number(row.get("ShareLink")),
                author: self.author(sink),
                created_at: date::utc(row.get("Date")),
                // What is shared without a word is another's post.
                kind: if text.is_empty() { PostKind::Repost } else { PostKind::Post },
                text: text.into(),
                url: row.get("ShareLink").into(),
                visibility: if visibility.contains("CONNECTION") {
                    Visibility::Followers
                } else {
                    Visibility::Public
                },
                ..Found::default()
            })
        })
    }

    fn read_comments(&self, file: &ExportFile, sink: &mut Sink) -> Result<(), Stop> {
        let escape = escape_of(file, sink)?;
        let comments = table::open(file, escape, &COMMENTS, sink)?;
        table::for_each(comments, sink, |row, sink| {
            let (date, link, message) = (row.get("Date"), row.get("Link"), row.get("Message"));
            let text = if escape.is_none() { message.to_owned() } else { message.replace("\"\"", "\"") };
            sink.post(&Found {
                id: made_id("comment", &[link, date, message]).into(),
                author: self.author(sink),
                created_at: date::utc(date),
                kind: PostKind::Comment,
                reply_to_id: urn_number(link),
                text: text.into(),
                url: link.into(),
                ..Found::default()
            })
        })
    }

    fn read_article(&self, file: &ExportFile, sink: &mut Sink) -> Result<(), Stop> {
        let mut html = String::new();
        file.text(sink)?.take(LONGEST_ARTICLE).read_to_string(&mut html)?;
        // `<p class="published">Published on 2024-05-01 10:00</p>`, as the export writes it.
        let published = html.split("ublished on ").nth(1).and_then(|rest| rest.get(..16)).unwrap_or_default();
        let link = html.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        // The platform's own lines above the text.
        let html = without_element(&without_element(&html, "<p class=\"created\""), "<p class=\"published\"");
        let body = html
            .split("<body")
            .nth(1)
            .and_then(|rest| rest.split_once('>'))
            .map_or(html.as_str(), |(_, body)| body);
        sink.post(&Found {
            id: made_id("article", &[&file.name().path]).into(),
            author: self.author(sink),
            created_at: date::utc(published),
            text: to_text(body).into(),
            url: link.into(),
            ..Found::default()
        })
    }
}

/// A page without the paragraph that begins so.
fn without_element(html: &str, start: &str) -> String {
    let Some(at) = html.find(start) else { return html.to_owned() };
    let end = html[at..].find("</p>").map_or(html.len(), |end| at + end + "</p>".len());
    format!("{}{}", &html[..at], &html[end..])
}

/// How quotes are escaped: with a backslash, unless more rows come out well when the table is read as any other.
fn escape_of(file: &ExportFile, sink: &mut Sink) -> Result<Option<u8>, Stop> {
    let mut best = ((u64::MAX, 0), None);
    for escape in [Some(b'\\'), None] {
        let mut table = table::open(file, escape, &COMMENTS, sink)?;
        let mut record = csv::StringRecord::new();
        let (mut n_bad, mut n_good) = (0, 0_i64);
        while let Some(entry) = crate::timeline::Records::read(&mut table, &mut record)? {
            let is_date = record.get(0).is_some_and(|date| date::parse(date).is_some());
            let is_good = entry.checked.is_ok() && is_date;
            n_bad += u64::from(!is_good);
            n_good += i64::from(is_good);
        }
        // Rows that were swallowed by another are missing among the good ones.
        if (n_bad, -n_good) < best.0 {
            best = ((n_bad, -n_good), escape);
        }
    }
    Ok(best.1)
}

/// The text of a post whose line breaks were written as quote, line break, quote. Only where every line break stands so: a post
/// that was written properly passes untouched.
fn without_stray_quotes(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let trimmed = text.trim();
    let n_breaks = trimmed.matches('\n').count();
    if n_breaks == 0 || trimmed.matches("\"\n\"").count() == 0 {
        return trimmed.to_owned();
    }
    let bytes = trimmed.as_bytes();
    let is_flanked = |at: usize| at > 0 && bytes[at - 1] == b'"' && bytes.get(at + 1) == Some(&b'"');
    if !trimmed.match_indices('\n').all(|(at, _)| is_flanked(at)) {
        return trimmed.to_owned();
    }
    let joined = trimmed.replace("\"\n\"", "\n");
    let mut whole = joined.as_str();
    // The quotes around the field, where only one of them is left.
    if whole.matches('"').count() % 2 == 1 {
        whole = whole.strip_prefix('"').or_else(|| whole.strip_suffix('"')).unwrap_or(whole);
    }
    whole.replace("\"\"", "\"").trim().to_owned()
}

/// The number at the end of an URN in an address, such as `urn:li:share:7345`, also percent-encoded.
fn urn_number(link: &str) -> Cow<'_, str> {
    let link = link.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    // Behind the last `:` or `%3A`; a group's post has two numbers with a dash.
    let start = [
        link.rfind(':').map(|at| at + 1),
        link.rfind("%3A").map(|at| at + 3),
        link.rfind("%3a").map(|at| at + 3),
    ];
    let number = start.into_iter().flatten().max().map_or("", |start| &link[start..]);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_number { number.into() } else { link.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_lose_their_quotes_where_all_have_them() {
        for (text, expected) in [
            ("She said \"yes\".\"\n\"\"\n\"Then \"no\" again.", "She said \"yes\".\n\nThen \"no\" again."),
            ("one\ntwo", "one\ntwo"),
            ("one \"a\"\n\"b\" two\nthree", "one \"a\"\n\"b\" two\nthree"),
            ("a\"\n\"b\"\n\"", "a\nb"),
            ("plain \"quoted\"", "plain \"quoted\""),
            ("", ""),
        ] {
            assert_eq!(without_stray_quotes(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_of_urns_are_found() {
        for (link, expected) in [
            ("https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7345", "7345"),
            ("https://www.linkedin.com/feed/update/urn:li:ugcPost:12", "12"),
            ("https://www.linkedin.com/feed/update/urn%3Ali%3AgroupPost%3A12-34", "12-34"),
            ("https://www.linkedin.com/feed/update/urn:li:activity:12?commentUrn=x:9", "12"),
            ("https://example.org/a", "https://example.org/a"),
        ] {
            assert_eq!(urn_number(link), expected, "{link}");
        }
    }
}
