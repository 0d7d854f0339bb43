//! What every kind of file is read as, and laws on any bytes. Over 500 lines because it is
//! a case a line; nothing else is here.

use std::{
    io::{Cursor, Read, Write},
    path::Path,
};

use csv::{StringRecord, WriterBuilder};
use flate2::{Compression, write::GzEncoder};
use proptest::{collection::vec, prelude::*};

use crate::{
    error::{ErrorKind, Result},
    post::{Account, Parent, PostKind},
    timeline::{Field, Mapping, Options, Row, Timeline},
};

/// A row as tests write it: its line, and its fields joined by `|` or the name of its reject.
type Seen = (u64, String);

fn open(bytes: &[u8], options: &Options) -> Result<Timeline> {
    Timeline::from_reader(Box::new(Cursor::new(bytes.to_vec())), Path::new("posts"), options)
}

fn rows(timeline: &mut Timeline) -> Result<Vec<Seen>> {
    let mut seen = Vec::new();
    let mut record = StringRecord::new();
    while let Some(row) = timeline.read(&mut record)? {
        seen.push(match row {
            Row::Kept { line } => {
                let cells = record.iter().take(timeline.columns().len());
                (line, cells.collect::<Vec<_>>().join("|"))
            }
            Row::Rejected(reject) => (reject.line, format!("! {}", reject.reason.name())),
        });
    }
    Ok(seen)
}

/// Reads `bytes` and compares every row.
#[track_caller]
fn check(bytes: &[u8], expected: &[(u64, &str)]) -> Timeline {
    let mut timeline = open(bytes, &Options::default()).expect("the file opens");
    let seen = rows(&mut timeline).expect("the file is read");
    let expected: Vec<Seen> = expected.iter().map(|(line, row)| (*line, (*row).to_owned())).collect();
    assert_eq!(seen, expected);
    timeline
}

/// The message with which `bytes` are refused.
#[track_caller]
fn refused(bytes: &[u8]) -> String {
    match open(bytes, &Options::default()) {
        Ok(_) => panic!("the file was not refused"),
        Err(error) => error.to_string(),
    }
}

/// The only row of a file, by its mapping.
#[track_caller]
fn check_post(bytes: &str, kind: PostKind, parent: Parent<'_>) {
    let mut timeline = open(bytes.as_bytes(), &Options::default()).expect("the file opens");
    let mut record = StringRecord::new();
    assert!(matches!(timeline.read(&mut record), Ok(Some(Row::Kept { .. }))), "{bytes}");
    let post = timeline.mapping().post(&record);
    assert_eq!((post.kind, post.parent), (kind, parent), "{bytes}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn utf_16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn delimiters_are_found() {
    check(b"id,text\n1,wash; rinse\n", &[(2, "1|wash; rinse")]);
    check(b"id;text\n1;wash, rinse\n", &[(2, "1|wash, rinse")]);
    check(b"id\ttext\n1\twash, rinse\n", &[(2, "1|wash, rinse")]);
    // The header has more commas, but the names are between the semicolons.
    check(b"id;\"a,b,c,d\";text\n1;x;y\n", &[(2, "1|x|y")]);
    check(b"sep=;\r\nid;text\r\n1;x\r\n", &[(3, "1|x")]);
}

#[test]
fn one_column_has_no_delimiter() {
    check(
        b"text\nclinic open, walk in; free\n\"two\nlines\"\n",
        &[(2, "clinic open, walk in; free"), (3, "two\nlines")],
    );
    check(
        b"text\nd\xC3\xA9j\xC3\xA0\n\xFF\n\"\"\n\xC3\xA9\n",
        &[(2, "d\u{e9}j\u{e0}"), (3, "! invalid UTF-8"), (4, ""), (5, "\u{e9}")],
    );
}

#[test]
fn lines_are_where_rows_begin() {
    check(b"id,text\n\n1,\"a\nb\"\n\n\n2,c", &[(3, "1|a\nb"), (7, "2|c")]);
    check(b"id,text\r\n1,\"a\r\nb \"\"c\"\"\"\r\n\r\n2,c\r\n", &[(2, "1|a\r\nb \"c\""), (5, "2|c")]);
    check(b"id,text\r1,a\r2,b\r", &[(2, "1|a"), (3, "2|b")]);
}

#[test]
fn ragged_rows_are_rejected_as_they_stood() {
    let bytes = b"id,text\n1,a\n2\n3,\"b, c\",d\n4,\n";
    check(bytes, &[(2, "1|a"), (3, "! too few fields"), (4, "! too many fields"), (5, "4|")]);
    let mut timeline = open(bytes, &Options::default()).expect("the file opens");
    let mut record = StringRecord::new();
    let mut rejects = Vec::new();
    while let Ok(Some(row)) = timeline.read(&mut record) {
        if let Row::Rejected(reject) = row {
            rejects.push((String::from_utf8_lossy(&reject.raw).into_owned(), reject.reason.to_string()));
        }
    }
    let expected = [("2", "1 field, expected 2"), ("3,\"b, c\",d", "3 fields, expected 2")]
        .map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(rejects, expected);
}

#[test]
fn a_quote_that_never_ends_is_rejected() {
    check(b"id,text\n1,a\n2,\"b\n3,c\n4,d\n", &[(2, "1|a"), (3, "! open quote")]);
    check(b"id,text\n1,a\n2,5\" wide\n", &[(2, "1|a"), (3, "2|5\" wide")]);
}

#[test]
fn a_file_of_rejects_is_not_empty() {
    check(b"id,text\n1\n2\n", &[(2, "! too few fields"), (3, "! too few fields")]);
}

#[test]
fn encodings_are_found() {
    let text = "id,text\r\n1,caf\u{e9} \u{1f600}\r\n";
    let row = [(2, "1|caf\u{e9} \u{1f600}")];
    check(text.as_bytes(), &row);
    check(format!("\u{feff}{text}").as_bytes(), &row);
    check(&utf_16(text, u16::to_le_bytes), &row);
    check(&utf_16(text, u16::to_be_bytes), &row);
    check(&utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes), &row);
    check(&utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes), &row);
    check(&gzip(text.as_bytes()), &row);
    let two = [gzip(b"id,text\n1,a\n"), gzip(b"2,b\n")].concat();
    check(&two, &[(2, "1|a"), (3, "2|b")]);
}

#[test]
fn windows_1252_is_read_with_a_warning() {
    let timeline = check(b"id,text\n1,caf\xE9 \x93fine\x94\n", &[(2, "1|caf\u{e9} \u{201c}fine\u{201d}")]);
    assert_eq!(timeline.warnings().len(), 1);
    assert!(timeline.warnings()[0].contains("Windows-1252"));
}

#[test]
fn damage_in_utf_8_costs_its_rows_only() {
    let bytes = b"id,text\n1,caf\xC3\xA9 cr\xC3\xA8me\n2,caf\xE9\n3,ok\n";
    let timeline = check(bytes, &[(2, "1|caf\u{e9} cr\u{e8}me"), (3, "! invalid UTF-8"), (4, "3|ok")]);
    assert!(timeline.warnings().is_empty());
}

#[test]
fn a_character_across_the_judged_head_is_no_damage() {
    let mut text = "id,text\n1,".to_owned();
    text.push_str(&"a".repeat((1 << 20) - text.len() - 1));
    text.push_str("\u{e9}\n");
    let timeline = open(text.as_bytes(), &Options::default()).expect("the file opens");
    assert!(timeline.warnings().is_empty());
}

#[test]
fn what_is_no_text_is_refused() {
    assert!(refused(b"PK\x03\x04rest").contains("a zip file"));
    assert!(refused(b"%PDF-1.7").contains("a PDF"));
    assert!(refused(b"\xFF\xFE\0\0t\0\0\0").contains("UTF-32"));
    assert!(refused(b"id,text\n1,a\0b\n").contains("a zero at byte 12"));
    assert!(refused(&gzip(b"\x89PNG\r\n")).contains("a PNG image"));
    assert!(refused(b"{\n\"a\":\n1}").contains("not one object a line"));
}

#[test]
fn what_is_empty_is_refused() {
    for bytes in
        [&b""[..], b"\xEF\xBB\xBF", b"\n\n", b"id,text", b"id,text\n\n", b",,\n1,2,3\n", b"[]", b" [ ] "]
    {
        let error = open(bytes, &Options::default()).err().expect("refused");
        assert!(matches!(error.kind(), ErrorKind::NoRows { .. }), "{error}");
    }
    assert!(refused(b"id,text\n").contains("only a header"));
    assert!(refused(&gzip(b"")).contains("an empty file"));
}

#[test]
fn a_missing_text_column_names_what_was_found() {
    assert_eq!(
        refused(b"id,titel\n1,a\n"),
        "posts: no column with the text of the posts, found \u{2018}id\u{2019}, \u{2018}titel\u{2019}; name it with --map text=COLUMN"
    );
}

#[test]
fn headers_are_mapped() {
    let header = "Tweet-ID,User Name,BODY,ShareCommentary,Post Created,isReplyTo";
    let timeline = check(format!(" {header} \n1,ann,x,y,z,\n").as_bytes(), &[(2, "1|ann|x|y|z|")]);
    assert_eq!(
        timeline.mapping().describe(),
        "id \u{2190} Tweet-ID, author \u{2190} User Name, created_at \u{2190} Post Created, reply_to_id \u{2190} isReplyTo, text \u{2190} BODY"
    );
    assert_eq!(timeline.mapping().column(Field::Text), Some(2));
    assert_eq!(timeline.mapping().column(Field::Lang), None);
    assert_eq!(check(b"id,text\n1,a\n", &[(2, "1|a")]).mapping().describe(), "");
}

#[test]
fn the_user_maps_first() {
    let map = |pairs: &[(Field, &str)]| Options {
        map: pairs.iter().map(|(field, name)| (*field, (*name).to_owned())).collect(),
        ..Options::default()
    };
    let bytes = b"id,text,summary,account\n1,a,b,@ann\n";
    let timeline =
        open(bytes, &map(&[(Field::Text, "Summary"), (Field::Account, "")])).expect("the file opens");
    assert_eq!(timeline.mapping().column(Field::Text), Some(2));
    assert_eq!(timeline.mapping().column(Field::Account), None);
    let error = open(bytes, &map(&[(Field::Text, "tekst")])).err().expect("refused");
    assert!(matches!(error.kind(), ErrorKind::NoColumn { .. }), "{error}");
    let error = open(bytes, &map(&[(Field::Text, "text"), (Field::Parent, "text")])).err().expect("refused");
    assert!(matches!(error.kind(), ErrorKind::Setting { .. }), "{error}");
    // A column that the user named makes its delimiter.
    let timeline = open(b"a;b,c\n1;2,3\n", &map(&[(Field::Text, "b,c")])).expect("the file opens");
    assert_eq!(timeline.columns().len(), 2);
}

#[test]
fn accounts_come_from_the_column_or_the_user() {
    check(
        b"account,text\nOrganization,a\n,b\nbot,c\n",
        &[(2, "Organization|a"), (3, "|b"), (4, "! unknown account")],
    );
    let options = Options { account: Some(Account::Organisation), ..Options::default() };
    let account = |bytes: &[u8]| {
        let mut timeline = open(bytes, &options).expect("the file opens");
        let mut record = StringRecord::new();
        timeline.read(&mut record).expect("the file is read");
        timeline.mapping().post(&record).account
    };
    assert_eq!(account(b"text\na\n"), Account::Organisation);
    assert_eq!(account(b"text,account\na,professional\n"), Account::Professional);
    assert_eq!(account(b"text,account\na,\n"), Account::Organisation);
}

#[test]
fn kinds_and_parents_are_told() {
    check_post("id,text\n1,hello\n", PostKind::Post, Parent::None);
    check_post("id,text\n1,RT @ann: hello\n", PostKind::Repost, Parent::None);
    check_post("id,text\n1,@ann hello\n", PostKind::Reply, Parent::Unknown);
    check_post("id,text\n1,@ 5 pm\n", PostKind::Post, Parent::None);
    check_post("text,parent\nhello,why?\n", PostKind::Reply, Parent::Text("why?"));
    check_post("text,parent\nhello, \n", PostKind::Post, Parent::None);
    check_post("text,parent\nhello,NA\n", PostKind::Post, Parent::None);
    check_post("text,in_reply_to_status_id_str\nhello,77\n", PostKind::Reply, Parent::Unknown);
    check_post("text,kind\nhello,Reply\n", PostKind::Reply, Parent::Unknown);
    check_post("text,kind\n@ann hello,post\n", PostKind::Post, Parent::None);
    check_post("text,kind,reply_to_id\nhello,comment,7\n", PostKind::Comment, Parent::Unknown);
    check_post("text,kind,reply_to_id\nhello,comment,\n", PostKind::Comment, Parent::Unknown);
    check_post("text,kind\nhello,quote\n", PostKind::Quote, Parent::None);
    for none in ["-1", "NA", "null", "None", "false", " ", "\"\""] {
        check_post(&format!("text,reply_to_id\nhello,{none}\n"), PostKind::Post, Parent::None);
    }
}

#[test]
fn json_lines_are_a_table() {
    let lines = concat!(
        "{\"id\": 12345678901234567890123, \"text\": \"caf\\u00e9 \\ud83d\\ude00\", \"likes\": 1.50}\n",
        "\n",
        "{\"text\": null, \"ok\": true, \"tags\": [\"a b\", {\"c\": \"\\\" d\"}]}\r\n",
        "not json\n",
        "[1, 2]\n",
        "{\"text\": \"open}\n",
        "{\"text\": \"\\ud800\"}\n",
        "{\"text\": \"last\"}",
    );
    check(
        lines.as_bytes(),
        &[
            (1, "12345678901234567890123|caf\u{e9} \u{1f600}|1.50||"),
            (3, "|||true|[\"a b\",{\"c\":\"\\\" d\"}]"),
            (4, "! not JSON"),
            (5, "! not a JSON object"),
            (6, "! not JSON"),
            (7, "! not JSON"),
            (8, "|last|||"),
        ],
    );
}

#[test]
fn late_json_keys_are_counted() {
    let mut lines = "{\"text\":\"a\"}\n".repeat(1_000);
    lines.push_str(&"{\"text\":\"b\",\"mood\":\"c\"}\n".repeat(3));
    let mut timeline = open(lines.as_bytes(), &Options::default()).expect("the file opens");
    assert_eq!(rows(&mut timeline).expect("the file is read").len(), 1_003);
    assert_eq!(timeline.columns().len(), 1);
    assert_eq!(timeline.unknown_keys().into_iter().collect::<Vec<_>>(), [("mood".to_owned(), 3)]);
}

#[test]
fn a_json_array_is_a_table() {
    check(
        b"[\n {\"text\": \"a, ] b\"},\n {\"text\":\n\"c\"} , 7\n]\n",
        &[(2, "a, ] b"), (3, "c"), (4, "! not a JSON object")],
    );
    check(b"[{\"text\":\"a\"},{\"text\":\"b\"", &[(1, "a"), (1, "! not JSON")]);
    check(b"[{\"text\":\"a\"}\n", &[(1, "a"), (2, "! not JSON")]);
    check(b"[{\"text\":\"a\"}]\n[{\"text\":\"b\"}]", &[(1, "a"), (2, "! not a JSON object")]);
}

#[test]
fn deep_json_does_not_overflow() {
    let deep = format!("{{\"text\":\"a\",\"b\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(open(deep.as_bytes(), &Options::default()).is_ok());
    let open_deep = format!("{{\"text\":\"a\"}}\n{{\"text\":{}", "[".repeat(200_000));
    check(open_deep.as_bytes(), &[(1, "a"), (2, "! not JSON")]);
}

#[test]
fn a_truncated_gzip_gives_its_rows_first() {
    let mut text = "id,text\n".to_owned();
    text.extend((0..50_000).map(|id| format!("{id},{}\n", id * 7919 % 104_729)));
    let whole = gzip(text.as_bytes());
    let mut timeline = open(&whole[..whole.len() / 2], &Options::default()).expect("the file opens");
    let mut record = StringRecord::new();
    let mut kept = 0;
    let error = loop {
        match timeline.read(&mut record) {
            Ok(Some(_)) => kept += 1,
            Ok(None) => panic!("the end was not said to be missing"),
            Err(error) => break error,
        }
    };
    assert!(kept > 10_000, "{kept} rows");
    assert!(error.to_string().starts_with("posts: cannot read: "), "{error}");
    assert!(matches!(timeline.read(&mut record), Ok(None)));
}

#[test]
fn a_stream_that_trickles_is_read_alike() {
    /// One byte at a time, as a slow pipe.
    struct Trickle(Cursor<Vec<u8>>);
    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = buffer.len().min(1);
            self.0.read(&mut buffer[..count])
        }
    }
    let bytes = utf_16("\u{feff}id;text\n1;\"a\nb\"\n2\n", u16::to_le_bytes);
    let reader = Box::new(Trickle(Cursor::new(gzip(&bytes))));
    let mut timeline =
        Timeline::from_reader(reader, Path::new("standard input"), &Options::default()).expect("it opens");
    let expected = [(2, "1|a\nb".to_owned()), (4, "! too few fields".to_owned())];
    assert_eq!(rows(&mut timeline).expect("it is read"), expected);
}

#[test]
fn a_missing_file_is_named() {
    let error = Timeline::open(Path::new("no/such.csv"), &Options::default()).err().expect("refused");
    assert!(error.to_string().starts_with("no/such.csv: cannot open: "), "{error}");
}

/// The parents of a table's posts, `?` where one is not known and `-` where there is none.
fn parents(bytes: &[u8], options: &Options) -> Vec<String> {
    let mut timeline = open(bytes, options).expect("the file opens");
    let mut record = StringRecord::new();
    let mut parents = Vec::new();
    while let Some(row) = timeline.read(&mut record).expect("the file is read") {
        if let Row::Kept { .. } = row {
            parents.push(match timeline.mapping().post(&record).parent {
                Parent::None => "-".to_owned(),
                Parent::Unknown => "?".to_owned(),
                Parent::Text(text) => text.to_owned(),
            });
        }
    }
    parents
}

#[test]
fn a_reply_gets_the_text_of_a_post_of_the_same_table() {
    let options = Options::default();
    // Before and behind its parent, with its own word for it, to itself, to nobody here, and to a post without text.
    let table = b"id,reply_to_id,parent,text\n1,2,,a\n2,,,b\n3,1,own,c\n4,4,,d\n5,9,,e\n6,7,,f\n7,,,\n";
    assert_eq!(parents(table, &options), ["b", "-", "own", "?", "?", "?", "-"]);
    // The beginning of a text that is longer than any post.
    let long = format!("id,reply_to_id,text\n1,,{}\n2,1,b\n", "\u{e9}x".repeat(30_000));
    assert_eq!(parents(long.as_bytes(), &options)[1].len(), (64 << 10) - 1);
    // As pandas writes a column of numbers with gaps.
    assert_eq!(parents(b"id,in_reply_to_id,text\n1,,a\n2,1.0,b\n", &options), ["-", "a"]);
    assert_eq!(
        parents(b"{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"reply_to\":1,\"text\":\"b\"}\n", &options),
        ["-", "a"]
    );
    // A post that stands twice, and two posts of one identifier, as where tables were put together.
    assert_eq!(parents(b"id,reply_to_id,text\n1,,a\n1,,a\n2,1,c\n", &options), ["-", "-", "a"]);
    assert_eq!(parents(b"id,reply_to_id,text\n1,,a\n1,,b\n2,1,c\n", &options), ["-", "-", "?"]);
}

#[test]
fn rejects_keep_their_place_among_rows_that_were_put_aside() {
    let seen = check(
        b"id,reply_to_id,text\n1,2,a\nx\n2,,b\n",
        &[(2, "1|2|a"), (3, "! too few fields"), (4, "2||b")],
    );
    assert_eq!(seen.columns().len(), 3);
}

#[test]
fn a_failure_is_said_behind_the_rows_before_it() {
    let mut table = b"id,reply_to_id,text\n".to_vec();
    for id in 0..2_000 {
        table.extend(format!("{id},,text number {id} {}\n", id * 7919 % 1000).bytes());
    }
    let whole = gzip(&table);
    let mut timeline = open(&whole[..whole.len() / 2], &Options::default()).expect("the file opens");
    let (mut record, mut n_rows) = (StringRecord::new(), 0);
    let error = loop {
        match timeline.read(&mut record) {
            Ok(Some(_)) => n_rows += 1,
            Ok(None) => panic!("the failure was passed over"),
            Err(error) => break error,
        }
    };
    assert!(n_rows > 100, "{n_rows} rows");
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
}

#[test]
fn a_column_of_handles_called_account_is_the_author() {
    let table = b"account,text\n@ann,a\n,b\n@bo,c\n";
    let mut timeline = check(table, &[(2, "@ann|a"), (3, "|b"), (4, "@bo|c")]);
    assert_eq!(timeline.mapping().describe(), "author \u{2190} account");
    assert_eq!(timeline.warnings().len(), 1);
    // There is an author already.
    timeline = check(b"account,author,text\n@ann,Ann,a\n", &[(2, "@ann|Ann|a")]);
    assert_eq!(
        (timeline.mapping().column(Field::Account), timeline.mapping().column(Field::Author)),
        (None, Some(1))
    );
    // One that says whose account it is stays, and so does one that the user named.
    check(b"account,text\n@ann,a\norganisation,b\n", &[(2, "! unknown account"), (3, "organisation|b")]);
    let options = Options { map: vec![(Field::Account, "account".to_owned())], ..Options::default() };
    let seen = rows(&mut open(table, &options).expect("the file opens")).expect("the file is read");
    assert_eq!(seen[0].1, "! unknown account");
}

#[test]
fn an_encoding_that_shows_late_is_found() {
    // More ASCII than is judged when a file is opened.
    let mut table = b"id,text\n".to_vec();
    while table.len() < 3 << 20 {
        table.extend_from_slice(b"1,plain words and nothing else\n");
    }
    let last = |end: &[u8]| {
        let mut timeline = open(&[&table, end].concat(), &Options::default()).expect("the file opens");
        let last = rows(&mut timeline).expect("the file is read").pop().expect("a row").1;
        (last, timeline.late_warning().is_some())
    };
    assert_eq!(last(b"2,caf\xE9 and na\xEFve\n"), ("2|caf\u{e9} and na\u{ef}ve".to_owned(), true));
    assert_eq!(last("2,caf\u{e9}\n".as_bytes()), ("2|caf\u{e9}".to_owned(), false));
}

#[test]
fn a_mapping_is_shared_between_threads() {
    fn shared<T: Sync + Send>() {}
    fn sent<T: Send>() {}
    shared::<Mapping>();
    sent::<Timeline>();
}

/// Bytes that look like files more often than chance would have it.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec![
        &b""[..],
        b"id,text\n",
        b"id,reply_to_id,text\n",
        b"text;id\r\n",
        b"sep=;\n",
        b"{\"text\":",
        b"[{\"text\":\"a\"},",
        b"\xFF\xFE",
        b"\xFE\xFFt\0",
        b"\xEF\xBB\xBFtext\n",
        b"\x1f\x8b\x08\0\0\0\0\0\0\0",
    ]);
    let piece = prop_oneof![
        vec(any::<u8>(), 0..40),
        vec(prop::sample::select(b"\"\",;\t\r\n{}[]:a\\\xE9\xC3\xA9".to_vec()), 0..40),
    ];
    (start, vec(piece, 0..4)).prop_map(|(start, pieces)| [start.to_vec(), pieces.concat()].concat())
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in any_file()) {
        if let Ok(mut timeline) = open(&bytes, &Options::default()) {
            let mut record = StringRecord::new();
            while let Ok(Some(row)) = timeline.read(&mut record) {
                if let Row::Kept { .. } = row {
                    prop_assert!(record.len() >= timeline.columns().len());
                    timeline.mapping().post(&record);
                }
            }
        }
    }

    #[test]
    fn tables_read_back_as_written(
        table in (1_usize..5).prop_flat_map(|width| vec(vec("\\PC{0,6}|[\",;\t\r\n a\u{e9}]{0,6}", width), 1..8)),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
        let header = ["text", "x1", "x2", "x3"];
        writer.write_record(&header[..table[0].len()]).expect("memory takes it");
        for row in &table {
            writer.write_record(row).expect("memory takes it");
        }
        let bytes = writer.into_inner().expect("memory takes it");
        let mut timeline = open(&bytes, &Options::default()).expect("the file opens");
        let mut record = StringRecord::new();
        for row in &table {
            let read = timeline.read(&mut record).expect("the file is read");
            prop_assert!(matches!(read, Some(Row::Kept { .. })), "{read:?}");
            prop_assert_eq!(record.iter().collect::<Vec<_>>(), row.iter().map(String::as_str).collect::<Vec<_>>());
        }
        prop_assert!(timeline.read(&mut record).expect("the file is read").is_none());
    }

    #[test]
    fn rows_in_are_rows_out_and_rejects(widths in vec(0_usize..5, 1..30), quoted in any::<bool>()) {
        let mut bytes = b"id,text\n".to_vec();
        for width in &widths {
            let field = if quoted { "\"a\nb\"" } else { "a" };
            bytes.extend_from_slice(vec![field; width + 1].join(",").as_bytes());
            bytes.push(b'\n');
        }
        let mut timeline = open(&bytes, &Options::default()).expect("the file opens");
        let seen = rows(&mut timeline).expect("the file is read");
        let kept = seen.iter().filter(|(_, row)| !row.starts_with('!')).count();
        prop_assert_eq!(seen.len(), widths.len());
        prop_assert_eq!(kept, widths.iter().filter(|&&width| width == 1).count());
    }
}
