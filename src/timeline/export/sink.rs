//! Where readers put posts: what nobody asked for is left out, everything is counted, the rest is spooled. Floor 2.

use std::{
    borrow::Cow,
    collections::HashSet,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use csv::StringRecord;

use crate::{
    error::{Error, Result},
    post::PostKind,
    timeline::{
        Field, Options, Reject, RejectReason, Row, encoding,
        export::{Findings, Platform},
        json::Object,
        spool::{Key, Places, Spool, key},
    },
};

/// What is taken from an export though it is left out by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    /// Others' posts that were passed on without own text.
    pub reposts: bool,
    /// Direct and followers-only posts.
    pub private: bool,
}

/// Why a post was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It was written to some persons only.
    Direct,
    /// It was written to followers, a circle or a group only.
    FollowersOnly,
    /// It was put away by its author.
    Archived,
    /// It is another's, passed on without own text.
    Repost,
    /// Its author or the platform took it away.
    Deleted,
    /// It has no text.
    Empty,
    /// It was there already.
    Duplicate,
    /// It is the whole of a long post whose beginning is nowhere in the export.
    LoneNote,
}

impl Skip {
    /// The reasons that the user can lift.
    const INCLUDABLE: [Self; 4] = [Self::Direct, Self::FollowersOnly, Self::Archived, Self::Repost];

    /// The reason in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::FollowersOnly => "followers-only",
            Self::Archived => "archived",
            Self::Repost => "repost",
            Self::Deleted => "deleted",
            Self::Empty => "empty",
            Self::Duplicate => "duplicate",
            Self::LoneNote => "long text without its post",
        }
    }
}

/// Who may read a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// Followers, a circle or a group.
    Followers,
    /// Some persons.
    Direct,
    /// Its author only, who has put it away.
    Author,
}

/// A post as a reader found it.
#[derive(Clone, Debug, Default)]
pub struct Found<'a> {
    pub id: Cow<'a, str>,
    pub author: Cow<'a, str>,
    pub created_at: String,
    pub kind: PostKind,
    pub reply_to_id: Cow<'a, str>,
    pub parent: Cow<'a, str>,
    pub text: Cow<'a, str>,
    pub url: Cow<'a, str>,
    pub lang: Cow<'a, str>,
    pub visibility: Visibility,
}

/// Why a reader stops within a file.
pub enum Stop {
    /// The rest of the file cannot be read; why. Other files are.
    Member(String),
    /// The run cannot go on.
    Run(Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Member(error.to_string())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

/// Takes posts.
pub struct Sink {
    /// What was found so far.
    pub findings: Findings,
    /// Files that may turn out while they are read to be no UTF-8.
    pub late: Vec<(Arc<AtomicBool>, PathBuf)>,
    /// The author that the user names.
    pub author: Option<String>,
    include: Include,
    account: &'static str,
    spool: Spool,
    seen: HashSet<Key>,
    n_without_author: u64,
    platform: Option<Platform>,
    /// The file that is being read, where it is one of several.
    file: Option<String>,
    record: StringRecord,
}

impl Sink {
    /// Nothing found yet.
    pub fn new(options: &Options) -> Self {
        Self {
            findings: Findings::default(),
            late: Vec::new(),
            author: options.author.clone(),
            include: options.include,
            account: options.account.map_or("", crate::post::Account::name),
            spool: Spool::new(Places {
                id: Field::Id as usize,
                reply_to_id: Field::ReplyToId as usize,
                text: Field::Text as usize,
                own_parent: Some(Field::Parent as usize),
                parent: Field::Parent as usize,
            }),
            seen: HashSet::new(),
            n_without_author: 0,
            platform: None,
            file: None,
            record: StringRecord::new(),
        }
    }

    /// All that was found, ready to be read.
    pub fn finish(mut self) -> (Spool, Findings) {
        for (late, path) in &self.late {
            if late.load(Ordering::Relaxed) {
                self.findings.note(format!("{}: {}", path.display(), encoding::AS_WINDOWS_1252));
            }
        }
        if self.n_without_author > 0 {
            let n = self.n_without_author;
            self.findings.note(format!("posts whose author is not said: {n}; --author NAME says it"));
        }
        let is_asked_for = |name| self.findings.skipped.contains_key(Skip::name(name));
        if self.findings.n_kept() == 0 && Skip::INCLUDABLE.into_iter().any(is_asked_for) {
            let sentence =
                "no posts are left; --include private,reposts takes some of those that were skipped";
            self.findings.note(sentence.to_owned());
        }
        (self.spool, self.findings)
    }

    /// From here on posts are of that file; `is_alone` where it is the whole export.
    pub fn begin(&mut self, platform: Platform, file: &str, is_alone: bool) {
        *self.findings.platforms.entry(platform.name()).or_default() += 1;
        self.findings.files.push((file.to_owned(), 0));
        self.platform = Some(platform);
        self.file = (!is_alone).then(|| file.to_owned());
    }

    /// Takes a post.
    pub fn post(&mut self, post: &Found) -> std::result::Result<(), Stop> {
        self.count_found();
        let is_repost = post.kind == PostKind::Repost;
        let skip = match post.visibility {
            Visibility::Direct if !self.include.private => Some(Skip::Direct),
            Visibility::Followers if !self.include.private => Some(Skip::FollowersOnly),
            Visibility::Author if !self.include.private => Some(Skip::Archived),
            _ if is_repost && !self.include.reposts => Some(Skip::Repost),
            _ if !is_repost && post.text.trim().is_empty() => Some(Skip::Empty),
            _ if !post.id.is_empty() && !self.seen.insert(self.identity(&post.id)) => Some(Skip::Duplicate),
            _ => None,
        };
        if let Some(skip) = skip {
            self.note_skip(skip);
            return Ok(());
        }
        self.findings.note_kept(post.kind);
        let author = match post.author.trim() {
            "" => self.author.as_deref().unwrap_or_default(),
            author => author,
        };
        self.n_without_author += u64::from(author.is_empty());
        self.record.clear();
        for field in Field::ALL {
            self.record.push_field(match field {
                Field::Id => post.id.trim(),
                Field::Account => self.account,
                Field::Author => author,
                Field::Organisation => "",
                Field::CreatedAt => &post.created_at,
                Field::Kind => post.kind.name(),
                Field::ReplyToId => post.reply_to_id.trim(),
                Field::Parent => post.parent.trim(),
                Field::Text => post.text.trim(),
                Field::Url => post.url.trim(),
                Field::Lang => post.lang.trim(),
            });
        }
        Ok(self.spool.push(&self.record, &Row::Kept { line: 0 })?)
    }

    /// Counts a post that its reader leaves out.
    pub fn skip(&mut self, skip: Skip) {
        self.count_found();
        self.note_skip(skip);
    }

    /// Takes an item that cannot be used.
    pub fn reject(&mut self, line: u64, reason: RejectReason, raw: &[u8]) -> std::result::Result<(), Stop> {
        /// Bytes of the item that are kept.
        const SHOWN: usize = 1 << 16;
        let raw = raw[..raw.len().min(SHOWN)].to_vec();
        let reject = Reject { member: self.file.clone(), line, reason, raw };
        Ok(self.spool.push(&self.record, &Row::Rejected(reject))?)
    }

    /// The rest of the file cannot be read.
    pub fn reject_rest(&mut self, answer: String) -> Result<()> {
        match self.reject(0, RejectReason::Unreadable(answer), b"") {
            Err(Stop::Run(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Counts the keys of an object that its reader does not know.
    pub fn note_keys(&mut self, object: &Object, known: &[&str]) {
        for (key, _) in &object.0 {
            if !known.contains(&key.0.as_ref()) {
                self.findings.note_unknown_key(&key.0);
            }
        }
    }

    fn count_found(&mut self) {
        if let Some((_, count)) = self.findings.files.last_mut() {
            *count += 1;
        }
    }

    fn note_skip(&mut self, skip: Skip) {
        *self.findings.skipped.entry(skip.name()).or_default() += 1;
    }

    /// What tells a post from all others: identifiers are a platform's own.
    fn identity(&self, id: &str) -> Key {
        let platform = self.platform.map_or("", Platform::name);
        key(&format!("{platform}\0{}", id.trim()))
    }
}
