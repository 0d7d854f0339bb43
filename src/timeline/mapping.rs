//! Which column serves which field of a post, and a post out of a row. Floor 2.

use std::path::Path;

use csv::StringRecord;

use crate::{
    error::{ErrorKind, Result},
    post::{Account, Parent, Post, PostKind},
    timeline::{Entry, Options, Reject, RejectReason, Row},
};

/// A field of a post that a column can serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Identifier within the file or platform.
    Id,
    /// Professional or organisation.
    Account,
    /// Who wrote it.
    Author,
    /// The body that the author belongs to.
    Organisation,
    /// When.
    CreatedAt,
    /// Post, reply, repost, quote or comment.
    Kind,
    /// Identifier of the post that is answered.
    ReplyToId,
    /// Text of the post that is answered.
    Parent,
    /// What it says.
    Text,
    /// Where it stands.
    Url,
    /// Language code.
    Lang,
}

impl Field {
    /// All fields, in the order of the canonical columns.
    pub const ALL: [Self; 11] = [
        Self::Id,
        Self::Account,
        Self::Author,
        Self::Organisation,
        Self::CreatedAt,
        Self::Kind,
        Self::ReplyToId,
        Self::Parent,
        Self::Text,
        Self::Url,
        Self::Lang,
    ];

    /// The name of the canonical column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Account => "account",
            Self::Author => "author",
            Self::Organisation => "organisation",
            Self::CreatedAt => "created_at",
            Self::Kind => "kind",
            Self::ReplyToId => "reply_to_id",
            Self::Parent => "parent",
            Self::Text => "text",
            Self::Url => "url",
            Self::Lang => "lang",
        }
    }

    /// The field of that name, in any case; `organization` is accepted. `None` for anything else.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = plain(name);
        Self::ALL
            .into_iter()
            .find(|field| plain(field.name()) == name)
            .or_else(|| (name == "organization").then_some(Self::Organisation))
    }

    /// Headers that serve the field where its own name is missing, the surest first.
    const fn candidates(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id_str", "post_id", "tweet_id", "item_id", "status_id", "uri", "comment_id"],
            Self::Account => &["account_type"],
            Self::Author => &["username", "user", "screen_name", "handle", "author_name", "from"],
            Self::Organisation => &["organization"],
            Self::CreatedAt => &[
                "timestamp",
                "date",
                "published",
                "published_at",
                "created_utc",
                "post_created",
                "created_time",
            ],
            Self::Kind => &[],
            Self::ReplyToId => &[
                // As text first: a spreadsheet spoils long numbers.
                "in_reply_to_status_id_str",
                "in_reply_to_status_id",
                "in_reply_to_id",
                "in_reply_to",
                "reply_to",
                "parent_id",
                "replied_to_post",
                "is_reply_to",
            ],
            Self::Parent => &["parent_text", "parent_body", "in_reply_to_text", "reply_to_text"],
            Self::Text => &[
                "body",
                "full_text",
                "content",
                "message",
                "comment",
                "share_commentary",
                "caption",
                "post",
                "selftext",
                "description",
                "comment_text",
                "post_text",
                "tweet",
            ],
            Self::Url => &["link", "permalink", "post_url", "share_link"],
            Self::Lang => &["language", "languages", "language_guess"],
        }
    }
}

/// Where each field stands, as an index among the columns.
type Columns = [Option<usize>; Field::ALL.len()];

/// Which column serves which field. A column serves at most one.
#[derive(Clone, Debug)]
pub struct Mapping {
    columns: Columns,
    /// The table's own column of parents, where another has taken its place.
    own_parent: Option<usize>,
    /// Headers of the columns that serve, in the order of the fields.
    headers: Vec<(Field, String)>,
    /// The account of posts that do not say it themselves.
    account: Account,
}

impl Mapping {
    /// Maps the columns; what the user says comes first, then canonical names, then candidates.
    pub(crate) fn new(header: &StringRecord, options: &Options, path: &Path) -> Result<Self> {
        let columns_found = || header.iter().map(str::to_owned).collect::<Vec<_>>();
        for (index, (_, column)) in options.map.iter().enumerate() {
            if column.is_empty() {
                continue;
            }
            let Some(place) = find(header, column) else {
                let (path, column) = (path.to_owned(), column.clone());
                return Err(ErrorKind::NoColumn { path, column, columns: columns_found() }.into());
            };
            let twice = options.map[..index].iter().any(|(field, other)| {
                *field != options.map[index].0 && !other.is_empty() && find(header, other) == Some(place)
            });
            if options.map[..index].iter().any(|(field, _)| *field == options.map[index].0) {
                return Err(ErrorKind::Setting {
                    name: "--map".to_owned(),
                    found: format!("two columns for {}", options.map[index].0.name()),
                    expected: "one for each field".to_owned(),
                }
                .into());
            }
            if twice {
                return Err(ErrorKind::Setting {
                    name: "--map".to_owned(),
                    found: format!("column {column} for two fields"),
                    expected: "a column for each".to_owned(),
                }
                .into());
            }
        }
        let columns = assign(header, options);
        if columns[Field::Text as usize].is_none() {
            return Err(ErrorKind::NoTextColumn { path: path.to_owned(), columns: columns_found() }.into());
        }
        let headers = Field::ALL
            .into_iter()
            .filter_map(|field| Some((field, header.get(columns[field as usize]?)?.to_owned())))
            .collect();
        let account = options.account.unwrap_or(Account::Professional);
        Ok(Self { columns, own_parent: None, headers, account })
    }

    /// The mapping of rows that have the canonical columns and nothing else, none of which says whose account it is.
    pub(crate) fn canonical(account: Option<Account>) -> Self {
        let mut columns = Columns::default();
        for field in Field::ALL {
            columns[field as usize] = Some(field as usize);
        }
        columns[Field::Account as usize] = None;
        let account = account.unwrap_or(Account::Professional);
        Self { columns, own_parent: None, headers: Vec::new(), account }
    }

    /// The column that serves a field, as an index among the columns.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns[field as usize]
    }

    /// The field that a column holds, the first of several; that of parents also where they are looked up elsewhere.
    pub fn field(&self, column: usize) -> Option<Field> {
        let serves = Field::ALL.into_iter().find(|field| self.column(*field) == Some(column));
        serves.or_else(|| (self.own_parent == Some(column)).then_some(Field::Parent))
    }

    /// The account of posts that do not say it themselves.
    pub fn default_account(&self) -> Account {
        self.account
    }

    /// The fields that a column of another name serves, such as `text ← body, author ← username`; empty where there are none.
    pub fn describe(&self) -> String {
        self.headers
            .iter()
            .filter(|(field, header)| field.name() != header)
            .map(|(field, header)| format!("{} \u{2190} {header}", field.name()))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The post in a row of the table that this mapping was made for.
    pub fn post<'r>(&self, record: &'r StringRecord) -> Post<'r> {
        let (text, parent) = (self.value(record, Field::Text), self.value(record, Field::Parent));
        let is_reply = !is_missing_id(self.value(record, Field::ReplyToId));
        let has_parent = !is_missing(parent);
        let kind = PostKind::from_name(self.value(record, Field::Kind))
            .unwrap_or_else(|| guess_kind(text, is_reply || has_parent));
        let parent = match kind {
            _ if has_parent => Parent::Text(parent),
            // Both answer something, whether or not the file says what.
            PostKind::Reply | PostKind::Comment => Parent::Unknown,
            _ => Parent::None,
        };
        Post {
            id: self.value(record, Field::Id).trim(),
            account: Account::from_name(self.value(record, Field::Account)).unwrap_or(self.account),
            author: self.value(record, Field::Author).trim(),
            organisation: self.value(record, Field::Organisation).trim(),
            created_at: self.value(record, Field::CreatedAt).trim(),
            kind,
            parent,
            text,
            lang: self.value(record, Field::Lang).trim(),
        }
    }

    /// The value of a field in a row, as it stands; empty where no column serves it.
    pub fn value<'r>(&self, record: &'r StringRecord, field: Field) -> &'r str {
        self.column(field).and_then(|column| record.get(column)).unwrap_or_default()
    }

    /// From here on the text of the parent stands in that column.
    pub(crate) fn set_parent(&mut self, column: usize) {
        self.own_parent = self.columns[Field::Parent as usize].replace(column);
    }

    /// Whether the column of accounts has something in these rows, and never one of the two.
    pub(crate) fn names_no_account<'r>(&self, records: impl Iterator<Item = &'r StringRecord>) -> bool {
        let mut named = records
            .map(|record| self.value(record, Field::Account))
            .filter(|name| !is_missing(name))
            .peekable();
        named.peek().is_some() && named.all(|name| Account::from_name(name).is_none())
    }

    /// No column says whose account it is; the one that seemed to serves as the author where there is none. Whether it does.
    pub(crate) fn drop_account(&mut self) -> bool {
        let column = self.columns[Field::Account as usize].take();
        let serves = self.columns[Field::Author as usize].is_none();
        if serves {
            self.columns[Field::Author as usize] = column;
        }
        self.headers.retain_mut(|(field, _)| {
            let is_account = *field == Field::Account;
            if is_account {
                *field = Field::Author;
            }
            serves || !is_account
        });
        serves
    }

    /// A row as it was found, kept where a post can be made of it.
    pub(super) fn row(&self, record: &StringRecord, entry: Entry, raw: impl FnOnce() -> Vec<u8>) -> Row {
        match entry.checked.and_then(|()| self.check(record)) {
            Ok(()) => Row::Kept { line: entry.line },
            Err(reason) => Row::Rejected(Reject { member: None, line: entry.line, reason, raw: raw() }),
        }
    }

    /// Whether a post can be made of the row.
    fn check(&self, record: &StringRecord) -> std::result::Result<(), RejectReason> {
        let account = self.value(record, Field::Account);
        if is_missing(account) || Account::from_name(account).is_some() {
            Ok(())
        } else {
            Err(RejectReason::UnknownAccount(account.trim().to_owned()))
        }
    }
}

/// Whether the header has a text, and how many of its columns serve a field.
pub fn recognized(header: &StringRecord, options: &Options) -> (bool, usize) {
    let columns = assign(header, options);
    (columns[Field::Text as usize].is_some(), columns.iter().flatten().count())
}

/// Gives each field its column; what the user says of columns that are not there is passed over.
fn assign(header: &StringRecord, options: &Options) -> Columns {
    let mut columns = Columns::default();
    let mut settled = [false; Field::ALL.len()];
    for (field, column) in &options.map {
        columns[*field as usize] = if column.is_empty() { None } else { find(header, column) };
        settled[*field as usize] = true;
    }
    let plain_header: Vec<String> = header.iter().map(plain).collect();
    let take = |columns: &mut Columns, field: Field, name: &str| {
        if columns[field as usize].is_none() && !settled[field as usize] {
            let name = plain(name);
            columns[field as usize] =
                (0..plain_header.len()).find(|&at| plain_header[at] == name && !columns.contains(&Some(at)));
        }
    };
    for field in Field::ALL {
        take(&mut columns, field, field.name());
    }
    for field in Field::ALL {
        for candidate in field.candidates() {
            take(&mut columns, field, candidate);
        }
    }
    columns
}

/// The column of that name, exactly or else in any spelling.
fn find(header: &StringRecord, name: &str) -> Option<usize> {
    let name = name.trim();
    header
        .iter()
        .position(|column| column == name)
        .or_else(|| header.iter().position(|column| plain(column) == plain(name)))
}

/// A header without case, spaces, underscores and dashes, which tell no two columns apart.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Whether a value says that there is none: blank, or as R and pandas write it.
pub fn is_missing(value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || ["NA", "NaN", "null", "NULL", "None"].contains(&value)
}

/// Whether an identifier says that there is none, in any tool's way.
pub fn is_missing_id(id: &str) -> bool {
    const NONE: [&str; 9] = ["-1", "0", "na", "n/a", "nan", "null", "none", "false", "no"];
    let id = id.trim();
    id.is_empty() || NONE.iter().any(|none| id.eq_ignore_ascii_case(none))
}

/// The kind of a post that does not say it.
fn guess_kind(text: &str, answers: bool) -> PostKind {
    let text = text.trim_start();
    let is_mention = || {
        let mut rest = text.strip_prefix('@')?.chars();
        rest.next().map(|c| c.is_alphanumeric() || c == '_')
    };
    if answers {
        PostKind::Reply
    } else if text.starts_with("RT @") {
        PostKind::Repost
    } else if is_mention().unwrap_or(false) {
        PostKind::Reply
    } else {
        PostKind::Post
    }
}
