//! Posts made from written ones, in any number, to measure speed with: the same seed gives the same posts for ever.
//! Floor 2.
//!
//! They read like nothing; what matters is that they cost what posts cost: words that recur as words do, some that never
//! came before, punctuation, emoji, quotation marks and line breaks. Each [`Corpus`] goes to one end of that.

use std::io::Write;

/// What kind of posts are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// The start of a written post and the ends of others; a word in fifty misspelt, a line break in one post of
    /// twenty-five.
    Mixed,
    /// Two to six words.
    Short,
    /// Two thousand bytes and more.
    Long,
    /// As mixed, and each answers another: the column `parent` is full.
    Replies,
    /// An emoji behind every second word, with modifiers and joiners.
    Emoji,
    /// Sentences of ten scripts between English ones.
    Scripts,
    /// Tokens of up to 8,000 letters.
    LongTokens,
    /// As mixed, every cell in quotes, with quotes within.
    Quoted,
    /// Words that come once and never again.
    Unrepeated,
}

impl Corpus {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Mixed,
        Self::Short,
        Self::Long,
        Self::Replies,
        Self::Emoji,
        Self::Scripts,
        Self::LongTokens,
        Self::Quoted,
        Self::Unrepeated,
    ];

    /// The name, such as `long-tokens`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Short => "short",
            Self::Long => "long",
            Self::Replies => "replies",
            Self::Emoji => "emoji",
            Self::Scripts => "scripts",
            Self::LongTokens => "long-tokens",
            Self::Quoted => "quoted",
            Self::Unrepeated => "unrepeated",
        }
    }

    /// The corpus of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|corpus| corpus.name() == name)
    }
}

/// Splitmix64: numbers that look random, and will not change with a crate's version.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of that seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    /// From 0 up to but not including 1.
    pub fn uniform(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to but not including `end`, which is above 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.number()) * end as u128) >> 64) as usize
    }

    /// Yes once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

const EMOJI: [&str; 10] = ["😀", "🙏", "❤️", "👍🏽", "👩‍⚕️", "🏳️‍🌈", "🇬🇧", "1️⃣", "🎉", "👨‍👩‍👧‍👦"];

const OTHER_SCRIPTS: [&str; 10] = [
    "Спасибо всем, кто пришёл сегодня на встречу нашей группы!",
    "Ευχαριστούμε όλους όσοι ήρθαν σήμερα το πρωί στο ιατρείο.",
    "شكرا لكل من حضر اجتماع اليوم في العيادة الجديدة",
    "תודה לכל מי שהגיע הבוקר למפגש שלנו",
    "आज सुबह हमारी बैठक में आने के लिए सभी का धन्यवाद।",
    "ขอบคุณทุกคนที่มาประชุมกับเราในวันนี้",
    "感谢今天早上来参加我们会议的每一个人。",
    "今朝の会議に来てくださった皆さん、ありがとうございました。",
    "오늘 아침 모임에 와 주신 모든 분들께 감사드립니다.",
    "Շնորհակալություն բոլորին, ովքեր այսօր եկան մեր հանդիպմանը:",
];

/// Letters of the longest token of [`Corpus::LongTokens`].
const LONGEST_TOKEN: usize = 8000;
/// Bytes of the shortest post of [`Corpus::Long`].
const LONG_POST: usize = 2000;

/// Makes posts of one corpus.
pub struct Generator<'w> {
    corpus: Corpus,
    /// The words of each written post.
    written: Vec<Vec<&'w str>>,
    random: Random,
    n_made: u64,
    text: String,
    parent: String,
}

impl<'w> Generator<'w> {
    /// A generator that takes its words from written posts.
    pub fn new(corpus: Corpus, written: impl IntoIterator<Item = &'w str>, seed: u64) -> Self {
        let written = written.into_iter().map(|text| text.split_whitespace().collect());
        let written = written.filter(|words: &Vec<_>| !words.is_empty()).collect();
        Self {
            corpus,
            written,
            random: Random::new(seed),
            n_made: 0,
            text: String::new(),
            parent: String::new(),
        }
    }

    /// Makes the next post; its text.
    pub fn next_text(&mut self) -> &str {
        self.n_made += 1;
        self.text.clear();
        match self.corpus {
            Corpus::Mixed | Corpus::Replies => self.mix(),
            Corpus::Short => {
                let n_words = 2 + self.random.below(5);
                for _ in 0..n_words {
                    let word = self.word();
                    self.push(word);
                }
            }
            Corpus::Long => {
                while self.text.len() < LONG_POST {
                    self.mix();
                }
            }
            Corpus::Emoji => {
                let words = self.post();
                for pair in words.chunks(2) {
                    for word in pair {
                        self.push(word);
                    }
                    let emoji = EMOJI[self.random.below(EMOJI.len())];
                    self.text.push_str(emoji);
                }
            }
            Corpus::Scripts => {
                let sentence = OTHER_SCRIPTS[self.random.below(OTHER_SCRIPTS.len())];
                self.push(sentence);
                if self.random.once_in(2) {
                    self.mix();
                }
            }
            Corpus::LongTokens => {
                self.mix();
                let end = self.text.len() + 1 + self.random.below(LONGEST_TOKEN);
                self.text.push(' ');
                while self.text.len() < end {
                    let word = self.word();
                    self.text.extend(word.chars().filter(|character| character.is_alphabetic()));
                    self.text.push('x');
                }
            }
            Corpus::Quoted => {
                self.mix();
                let word = self.word();
                self.text.extend([" \"", word, "\""]);
            }
            Corpus::Unrepeated => {
                for _ in 0..22 {
                    let mut number = self.random.number();
                    if !self.text.is_empty() {
                        self.text.push(' ');
                    }
                    for _ in 0..11 {
                        self.text.push(char::from(b'a' + (number % 26) as u8));
                        number /= 26;
                    }
                }
            }
        }
        &self.text
    }

    /// Writes a table of that many posts.
    pub fn write_csv(&mut self, n_posts: u64, to: impl Write) -> csv::Result<()> {
        let quoted = self.corpus == Corpus::Quoted;
        let style = if quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().quote_style(style).from_writer(to);
        let replies = self.corpus == Corpus::Replies;
        let parent_column = replies.then_some("parent");
        writer
            .write_record(["id", "author", "created_at"].into_iter().chain(parent_column).chain(["text"]))?;
        for at in 0..n_posts {
            if replies {
                self.next_text();
                std::mem::swap(&mut self.text, &mut self.parent);
            }
            self.next_text();
            let (minute, hour, day) = (at % 60, at / 60 % 24, 1 + at / 1440 % 28);
            writer.write_field(at.to_string())?;
            writer.write_field(format!("author{}", at % 997))?;
            writer.write_field(format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z"))?;
            if replies {
                writer.write_field(&self.parent)?;
            }
            writer.write_field(&self.text)?;
            writer.write_record(None::<&[u8]>)?;
        }
        Ok(writer.flush()?)
    }

    /// The words of any written post.
    fn post(&mut self) -> Vec<&'w str> {
        if self.written.is_empty() {
            return Vec::new();
        }
        let at = self.random.below(self.written.len());
        self.written[at].clone()
    }

    fn word(&mut self) -> &'w str {
        let words = self.post();
        if words.is_empty() { "" } else { words[self.random.below(words.len())] }
    }

    fn push(&mut self, word: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(word);
    }

    /// Adds the start of one written post and the ends of one or two others.
    fn mix(&mut self) {
        let start = self.post();
        let cut = 1 + self.random.below(start.len().max(1));
        self.push_misspelt(&start[..cut.min(start.len())]);
        let n_ends = 1 + usize::from(self.random.once_in(2));
        for _ in 0..n_ends {
            let end = self.post();
            let cut = self.random.below(end.len().max(1));
            if self.random.once_in(30) {
                self.text.push('\n');
            }
            self.push_misspelt(&end[cut..]);
        }
        if self.random.once_in(30) {
            let emoji = EMOJI[self.random.below(EMOJI.len())];
            self.push(emoji);
        }
    }

    /// Adds words, one in fifty with a letter too many.
    fn push_misspelt(&mut self, words: &[&str]) {
        for word in words {
            if self.random.once_in(50) {
                let at = word.floor_char_boundary(self.random.below(word.len().max(1)));
                let (before, after) = word.split_at(at);
                self.push(before);
                self.text.extend(after.chars().next());
                self.text.push(char::from(b'a' + self.random.below(26) as u8));
                self.text.extend(after.chars().skip(1));
            } else {
                self.push(word);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const WRITTEN: [&str; 3] = [
        "Slides of my talk on discharge letters are up, take what you need.",
        "Anyone else up? Third night shift, feet gone",
        "\"Well,\" she said, and that was all of it.",
    ];

    fn texts_of_seed(corpus: Corpus, n: usize, seed: u64) -> Vec<String> {
        let mut generator = Generator::new(corpus, WRITTEN, seed);
        (0..n).map(|_| generator.next_text().to_owned()).collect()
    }

    fn texts(corpus: Corpus, n: usize) -> Vec<String> {
        texts_of_seed(corpus, n, 1)
    }

    #[test]
    fn a_seed_gives_the_same_posts_and_another_seed_others() {
        for corpus in Corpus::ALL {
            let own = texts(corpus, 50);
            assert_eq!(own, texts(corpus, 50));
            assert_ne!(own, texts_of_seed(corpus, 50, 2), "{}", corpus.name());
        }
    }

    #[test]
    fn each_corpus_is_what_its_name_says() {
        assert!(texts(Corpus::Short, 50).iter().all(|text| text.split(' ').count() <= 6));
        assert!(texts(Corpus::Long, 50).iter().all(|text| text.len() >= LONG_POST));
        assert!(texts(Corpus::Emoji, 50).iter().all(|text| EMOJI.iter().any(|emoji| text.contains(emoji))));
        assert!(texts(Corpus::Scripts, 50).iter().all(|text| !text.is_ascii()));
        let longest = |text: &String| text.split_whitespace().map(str::len).max();
        assert!(texts(Corpus::LongTokens, 50).iter().map(longest).max() > Some(Some(LONGEST_TOKEN / 2)));
        let texts = texts(Corpus::Unrepeated, 50);
        let words: HashSet<&str> = texts.iter().flat_map(|text| text.split(' ')).collect();
        assert_eq!(words.len(), 50 * 22);
    }

    #[test]
    fn a_table_has_its_rows_whatever_the_corpus() {
        for corpus in Corpus::ALL {
            let mut table = Vec::new();
            Generator::new(corpus, WRITTEN, 1).write_csv(200, &mut table).expect("memory can be written");
            let mut reader = csv::Reader::from_reader(&table[..]);
            let columns = reader.headers().expect("a header").len();
            assert_eq!(columns, if corpus == Corpus::Replies { 5 } else { 4 });
            assert_eq!(reader.records().flatten().count(), 200, "{}", corpus.name());
        }
    }

    #[test]
    fn nothing_written_still_makes_posts() {
        for corpus in Corpus::ALL {
            Generator::new(corpus, [], 1).next_text();
        }
    }
}
