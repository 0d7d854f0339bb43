//! Dates of every platform -> one spelling in UTC, such as `2026-05-18T04:35:32Z`. Floor 2.

use std::borrow::Cow;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    fmt::{rfc2822, strtime},
    tz::Offset,
};

/// The moment in a date that a platform wrote; one without a zone is taken for UTC, as platforms mean it.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let plain = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text);
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    if let Ok(civil) = plain.parse::<DateTime>() {
        return Offset::UTC.to_timestamp(civil).ok();
    }
    if let Ok(zoned) = rfc2822::parse(text) {
        return Some(zoned.timestamp());
    }
    // `Tue Mar 19 14:05:17 +0000 2019`, and with a zone behind.
    for format in ["%a %b %d %H:%M:%S %z %Y", "%Y-%m-%d %H:%M:%S %z"] {
        if let Ok(timestamp) = strtime::parse(format, text).and_then(|parsed| parsed.to_timestamp()) {
            return Some(timestamp);
        }
    }
    None
}

/// The moment so many seconds or milliseconds after 1970, written as a number or its text.
pub fn parse_unix(number: &str) -> Option<Timestamp> {
    // Beyond the year 5000 in seconds: milliseconds.
    const MILLISECONDS: i64 = 100_000_000_000;
    let number = number.trim();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    if seconds == 0 {
        return None;
    }
    if seconds.abs() < MILLISECONDS {
        Timestamp::from_second(seconds).ok()
    } else {
        Timestamp::from_millisecond(seconds).ok()
    }
}

/// A moment as the column `created_at` holds it, to the second.
pub fn show(timestamp: Timestamp) -> String {
    let civil = Offset::UTC.to_datetime(timestamp);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    )
}

/// A date in our spelling; one that nobody can read stays as it stands.
pub fn utc(text: &str) -> String {
    parse(text).map_or_else(|| text.trim().to_owned(), show)
}

/// A date of a table in our spelling where its zone is known, as of a count of seconds or milliseconds since 2001; otherwise as it
/// stands, as do digits of other lengths, which may be a date without dashes.
pub fn utc_if_certain(text: &str) -> String {
    let text = text.trim();
    let whole = text.split('.').next().unwrap_or_default();
    let is_count = matches!(whole.len(), 10 | 13) && whole.bytes().all(|byte| byte.is_ascii_digit());
    let moment = if is_count {
        parse_unix(text)
    } else {
        parse(text).filter(|_| text.parse::<DateTime>().is_err() || text.parse::<Timestamp>().is_ok())
    };
    moment.map_or_else(|| text.to_owned(), show)
}

/// The day of a date, or the month where it says no more, in UTC where its zone is known: `2026-05-18` or `2026-05`. `None` where
/// nobody can read it.
pub fn day(text: &str) -> Option<String> {
    // Most say it in UTC already, or say no zone.
    let is_plain =
        text.is_ascii() && (text.len() == 10 || text.ends_with('Z')) && text.as_bytes().get(4) == Some(&b'-');
    let text: Cow<str> = if is_plain { text.into() } else { utc_if_certain(text).into() };
    let is_date = |day: &String| day.parse::<Date>().is_ok_and(|date| date.year() > 0);
    let begins = text.get(..10).map(|day| day.replace('/', "-"));
    let compact = || {
        let parts = (text.len() == 8).then(|| Some((text.get(..4)?, text.get(4..6)?, text.get(6..)?)))??;
        Some(format!("{}-{}-{}", parts.0, parts.1, parts.2))
    };
    let month = || (text.len() == 7 && is_date(&format!("{text}-01"))).then(|| text.to_string());
    begins.filter(is_date).or_else(|| compact().filter(is_date)).or_else(month)
}

/// Seconds or milliseconds after 1970 in our spelling, empty where there is no such moment.
pub fn utc_from_unix(number: &str) -> String {
    parse_unix(number).map(show).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_s_dates_are_read() {
        for (text, expected) in [
            ("Tue Mar 19 14:05:17 +0000 2019", "2019-03-19T14:05:17Z"),
            ("2023-02-08T15:12:34.000Z", "2023-02-08T15:12:34Z"),
            ("2022-11-13T15:59:43Z", "2022-11-13T15:59:43Z"),
            ("2022-11-13T15:59:43+02:00", "2022-11-13T13:59:43Z"),
            ("2025-07-01 14:33:22", "2025-07-01T14:33:22Z"),
            ("2025-05-18 04:35:32 UTC", "2025-05-18T04:35:32Z"),
            ("2013-01-02 10:00:00 +0100", "2013-01-02T09:00:00Z"),
            ("last week", "last week"),
            ("", ""),
        ] {
            assert_eq!(utc(text), expected, "{text}");
        }
        for (text, expected) in [
            ("1424225088", "2015-02-18T02:04:48Z"),
            ("Tue Mar 19 14:05:17 +0000 2019", "2019-03-19T14:05:17Z"),
            ("2022-11-13T15:59:43+02:00", "2022-11-13T13:59:43Z"),
            ("2022-11-13 15:59:43", "2022-11-13 15:59:43"),
            ("2022-11-13", "2022-11-13"),
            ("20221113", "20221113"),
            ("202211131559", "202211131559"),
            ("20221113155943", "20221113155943"),
            ("1424225088000", "2015-02-18T02:04:48Z"),
            ("1424225088.5", "2015-02-18T02:04:48Z"),
            ("13.11.2022", "13.11.2022"),
        ] {
            assert_eq!(utc_if_certain(text), expected, "{text}");
        }
        for (text, expected) in [
            ("2024-12-31T23:30:00-05:00", Some("2025-01-01")),
            ("Fri, 01 Jan 2021 00:00:00 +0000", Some("2021-01-01")),
            ("2021/01/01", Some("2021-01-01")),
            ("20210131", Some("2021-01-31")),
            ("2026-05-18 10:00", Some("2026-05-18")),
            ("2026-05", Some("2026-05")),
            ("1424225088.0", Some("2015-02-18")),
            ("Tue Mar 19 14:05:17 +0000 2019", Some("2019-03-19")),
            ("2024-13-45", None),
            ("2024-02-30", None),
            ("0000-00-00", None),
            ("1.5.2026", None),
            ("", None),
        ] {
            assert_eq!(day(text).as_deref(), expected, "{text}");
        }
        for (number, expected) in [
            ("1424225088", "2015-02-18T02:04:48Z"),
            ("1424225088000", "2015-02-18T02:04:48Z"),
            ("1424225088.5", "2015-02-18T02:04:48Z"),
            ("9223372036854775808", ""),
            ("9223372036854775807", ""),
            ("0", ""),
            ("soon", ""),
        ] {
            assert_eq!(utc_from_unix(number), expected, "{number}");
        }
    }
}
