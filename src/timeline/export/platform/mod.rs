//! The readers, one file a platform. Floor 2.

mod bluesky;
mod facebook;
mod fourcat;
mod instagram;
mod linkedin;
mod mastodon;
mod meta;
mod reddit;
mod threads;
mod x;
mod youtube;
mod zeeschuimer;

use crate::timeline::export::{
    ExportFile, Role,
    name::Name,
    sink::{Sink, Stop},
};

/// What reads the files of a platform. One reader reads one archive, folder or file.
pub trait Reader {
    /// What a file is to this platform, by its name and its first bytes; `None` if it is none of its own.
    fn role(&self, name: &Name, head: &[u8]) -> Option<Role>;

    /// Reads a file that was found to be of that role.
    fn read(&mut self, file: &ExportFile, role: Role, sink: &mut Sink) -> Result<(), Stop>;

    /// All files were read.
    fn finish(&mut self, _sink: &mut Sink) {}
}

macro_rules! platforms {
    ($($platform:ident $name:literal $title:literal $reader:path,)*) => {
        /// Where an export comes from.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Platform {
            $(#[doc = concat!($title, ".")] $platform,)*
            /// None: a table with a row a post.
            Table,
        }

        impl Platform {
            /// All of them, plain tables last.
            pub const ALL: [Self; [$($name),*].len() + 1] = [$(Self::$platform,)* Self::Table];

            /// The name as the user writes it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$platform => $name,)*
                    Self::Table => "table",
                }
            }

            /// The platform of that name; `None` for anything else.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|platform| platform.name().eq_ignore_ascii_case(name.trim())).or_else(|| {
                    match name.trim().to_ascii_lowercase().as_str() {
                        "twitter" => Some(Self::X),
                        "csv" | "jsonl" | "ndjson" => Some(Self::Table),
                        _ => None,
                    }
                })
            }
        }

        /// All readers, the surest to know their own first.
        pub const READERS: [(Platform, fn() -> Box<dyn Reader>); [$($name),*].len()] =
            [$((Platform::$platform, || Box::new(<$reader>::default())),)*];
    };
}

platforms! {
    X "x" "X, once Twitter" x::X,
    Mastodon "mastodon" "Mastodon" mastodon::Mastodon,
    Bluesky "bluesky" "Bluesky" bluesky::Bluesky,
    Linkedin "linkedin" "LinkedIn" linkedin::Linkedin,
    Reddit "reddit" "Reddit" reddit::Reddit,
    Threads "threads" "Threads" threads::Threads,
    Instagram "instagram" "Instagram" instagram::Instagram,
    Facebook "facebook" "Facebook" facebook::Facebook,
    Youtube "youtube" "YouTube, by Google Takeout" youtube::Youtube,
    Fourcat "4cat" "4CAT" fourcat::Fourcat,
    Zeeschuimer "zeeschuimer" "Zeeschuimer" zeeschuimer::Zeeschuimer,
}

/// Whether a piece of text stands in the first bytes of a file.
fn has(head: &[u8], text: &str) -> bool {
    memchr::memmem::find(head, text.as_bytes()).is_some()
}

/// An identifier for a post of a platform that gives it none: the same for the same post in every export.
fn made_id(what: &str, parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    format!("{what}-{}", &hasher.finalize().to_hex()[..16])
}
