//! A post as the rest of the house sees it: borrowed text and what is known around it. Floor 1.
//!
//! Knows nothing of files, columns or platforms; `timeline` makes posts, `features` reads them.

use serde::{Deserialize, Serialize};

/// Who posts: decides which eight characteristics a post is judged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Account {
    /// A person who posts as a practitioner.
    Professional,
    /// A body, or a team that posts in its name.
    #[serde(alias = "organization")]
    Organisation,
}

impl Account {
    /// Both accounts, professionals first.
    pub const ALL: [Self; 2] = [Self::Professional, Self::Organisation];

    /// The name as it stands in files: `professional` or `organisation`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Professional => "professional",
            Self::Organisation => "organisation",
        }
    }

    /// The account of that name, in any case; `organization` is accepted. `None` for anything else.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.eq_ignore_ascii_case("professional") {
            Some(Self::Professional)
        } else if name.eq_ignore_ascii_case("organisation") || name.eq_ignore_ascii_case("organization") {
            Some(Self::Organisation)
        } else {
            None
        }
    }
}

/// What kind of post it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostKind {
    /// A post of its own.
    #[default]
    Post,
    /// An answer to another post.
    Reply,
    /// Another's post passed on without own text.
    Repost,
    /// Another's post passed on with own text.
    Quote,
    /// A comment under something: it answers that, whether or not the file says what it is.
    Comment,
}

impl PostKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Post, Self::Reply, Self::Repost, Self::Quote, Self::Comment];

    /// The name as it stands in the column `kind`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Reply => "reply",
            Self::Repost => "repost",
            Self::Quote => "quote",
            Self::Comment => "comment",
        }
    }

    /// The kind of that name, in any case. `None` for anything else.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL.into_iter().find(|kind| name.eq_ignore_ascii_case(kind.name()))
    }
}

/// The post that a post answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parent<'a> {
    /// The post answers nothing.
    #[default]
    None,
    /// The post answers something that is not known: an orphan reply.
    Unknown,
    /// The text of the post that is answered.
    Text(&'a str),
}

impl<'a> Parent<'a> {
    /// The text of the parent, empty where there is none or it is not known.
    pub fn text(self) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::None | Self::Unknown => "",
        }
    }
}

/// One post. Fields that a file does not have are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post<'a> {
    /// Identifier within its file or platform.
    pub id: &'a str,
    /// On which characteristics it is judged.
    pub account: Account,
    /// Who wrote it.
    pub author: &'a str,
    /// The body that the author belongs to.
    pub organisation: &'a str,
    /// When, as the file says it.
    pub created_at: &'a str,
    /// What kind of post.
    pub kind: PostKind,
    /// What it answers.
    pub parent: Parent<'a>,
    /// What it says.
    pub text: &'a str,
    /// Language code that the platform gives, such as `en`.
    pub lang: &'a str,
}

impl<'a> Post<'a> {
    /// A professional's post of its own with nothing but a text.
    pub fn from_text(text: &'a str) -> Self {
        Self {
            id: "",
            account: Account::Professional,
            author: "",
            organisation: "",
            created_at: "",
            kind: PostKind::Post,
            parent: Parent::None,
            text,
            lang: "",
        }
    }
}
