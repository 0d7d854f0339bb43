//! Names of files in an export, as platforms vary them. Floor 2.

use std::cmp::Ordering;

/// A file's path within its export, and what tells its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The path with slashes.
    pub path: String,
    /// The file's name in small letters without folders, extension, separators and the number of a part:
    /// `your_posts_2.json` and `Your Posts (1).json` are both `yourposts`.
    pub stem: String,
    /// The extension in small letters.
    pub extension: String,
    /// The number of a part, 0 where there is none.
    part: u64,
}

impl Name {
    /// Takes a path apart.
    pub fn new(path: &str) -> Self {
        let path = path.replace('\\', "/");
        let file = path.rsplit('/').next().unwrap_or_default();
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        let plain: String = stem
            .chars()
            .filter(|c| !matches!(c, ' ' | '_' | '-' | '(' | ')'))
            .flat_map(char::to_lowercase)
            .collect();
        let without_number = plain.trim_end_matches(|c: char| c.is_ascii_digit());
        let part = plain[without_number.len()..].parse().unwrap_or(0);
        let stem = if without_number.len() < plain.len() {
            without_number.strip_suffix("part").unwrap_or(without_number)
        } else {
            without_number
        };
        Self { stem: stem.to_owned(), extension: extension.to_lowercase(), part, path }
    }

    /// Whether a folder on the way has that name, in any case.
    pub fn is_below(&self, folder: &str) -> bool {
        let mut folders = self.path.split('/');
        folders.next_back();
        folders.any(|name| name.eq_ignore_ascii_case(folder))
    }

    /// What a file with such a name is, if it can hold no posts whatever is in it.
    pub fn cannot_hold_posts(&self) -> Option<&'static str> {
        let file = self.path.rsplit('/').next().unwrap_or_default();
        if self.is_below("__MACOSX") || file.starts_with("._") || file == ".DS_Store" || file == "Thumbs.db" {
            return Some("of the file system");
        }
        match self.extension.as_str() {
            "jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "svg" | "ico" | "bmp" | "mp4" | "mov"
            | "m4v" | "webm" | "avi" | "mp3" | "m4a" | "ogg" | "opus" | "wav" | "aac" | "srt" | "vtt" => {
                Some("pictures, films and sounds")
            }
            "zip" | "gz" | "tgz" | "tar" | "bz2" | "xz" | "7z" | "rar" => Some("archives within the archive"),
            "pdf" | "doc" | "docx" | "xls" | "xlsx" | "ppt" | "pptx" | "ics" | "vcf" | "css" | "woff"
            | "woff2" | "ttf" | "eot" | "map" => Some("documents and parts of pages"),
            _ => None,
        }
    }
}

impl Ord for Name {
    /// Parts in the order of their numbers.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |name: &Self| (name.stem.clone(), name.part);
        key(self).cmp(&key(other)).then_with(|| self.path.cmp(&other.path))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_are_one() {
        for (path, stem) in [
            ("data/tweets.js", "tweets"),
            ("data/tweets-part12.js", "tweets"),
            ("Your Posts (1).JSON", "yourposts"),
            ("your_posts__check_ins__photos_and_videos_1.json", "yourpostscheckinsphotosandvideos"),
            ("a\\Comments_17.csv", "comments"),
            ("part.csv", "part"),
        ] {
            assert_eq!(Name::new(path).stem, stem, "{path}");
        }
        assert!(Name::new("tweets-part9.js") < Name::new("tweets-part10.js"));
    }
}
