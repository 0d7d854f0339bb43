//! JSON objects taken apart without building them: keys, and values as they stand. Floor 2.
//!
//! Values are kept as their JSON text and only what is asked for is unescaped, so that a long number stays what it is and no nesting
//! is deep enough to hurt.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::timeline::RejectReason;

/// The keys and values of an object as they stand.
#[derive(Default)]
pub struct Object<'a>(pub Vec<(Str<'a>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// The JSON under a key, `None` where it is missing or null.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().find(|(name, _)| name.0 == key)?;
        Some(value.get()).filter(|json| *json != "null")
    }

    /// The text under a key: a string unescaped, anything else as it stands, empty where it is missing.
    pub fn text(&self, key: &str) -> Cow<'a, str> {
        self.get(key).map(|json| cell(json).unwrap_or_else(|_| without_halves(json))).unwrap_or_default()
    }

    /// The object under a key, empty where there is none.
    pub fn object(&self, key: &str) -> Object<'a> {
        self.get(key).and_then(object).unwrap_or_default()
    }

    /// The elements of the array under a key, none where there is none.
    pub fn array(&self, key: &str) -> Vec<&'a str> {
        self.get(key).map(array).unwrap_or_default()
    }

    /// Whether the value under a key is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }
}

/// A string in which half a pair of surrogates was written, as of an emoji that was cut in two, with a mark in its place.
fn without_halves(json: &str) -> Cow<'static, str> {
    let mut units = Vec::new();
    let mut rest = json.trim_matches('"');
    while !rest.is_empty() {
        let hex = rest.strip_prefix("\\u").and_then(|hex| u16::from_str_radix(hex.get(..4)?, 16).ok());
        let length = match hex {
            Some(unit) => {
                units.push(unit);
                6
            }
            None if rest.starts_with('\\') => {
                let length = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
                let text: String =
                    serde_json::from_str(&format!("\"{}\"", &rest[..length])).unwrap_or_default();
                units.extend(text.encode_utf16());
                length
            }
            None => {
                let length = rest.find('\\').unwrap_or(rest.len());
                units.extend(rest[..length].encode_utf16());
                length
            }
        };
        rest = &rest[length..];
    }
    String::from_utf16_lossy(&units).into()
}

/// The object that the JSON is, if it is one.
pub fn object(json: &str) -> Option<Object<'_>> {
    serde_json::from_str(json).ok()
}

/// The elements of the array that the JSON is, none if it is none.
pub fn array(json: &str) -> Vec<&str> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
    elements.into_iter().map(RawValue::get).collect()
}

/// A string that is borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Str<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Object<'de>, A::Error> {
                let mut pairs = Vec::with_capacity(16);
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Takes an object apart.
pub fn parse(raw: &[u8]) -> std::result::Result<Object<'_>, RejectReason> {
    let text = std::str::from_utf8(raw).map_err(|_| RejectReason::InvalidUtf8)?;
    serde_json::from_str(text).map_err(|error| {
        // A value of another kind is said to be that only if it is JSON as a whole.
        let other = match text.trim_start().bytes().next() {
            Some(b'[') => "an array",
            Some(b'"') => "a string",
            Some(b'n') => "null",
            Some(b't' | b'f') => "a boolean",
            Some(b'-' | b'0'..=b'9') => "a number",
            _ => return RejectReason::BadJson(answer(&error)),
        };
        match serde_json::from_str::<&RawValue>(text) {
            Ok(_) => RejectReason::NotAnObject(other.into()),
            Err(error) => RejectReason::BadJson(answer(&error)),
        }
    })
}

/// The parser's answer without its line, which is always 1 where a line is parsed by itself.
fn answer(error: &serde_json::Error) -> String {
    let answer = error.to_string();
    match answer.split_once(" at line ") {
        Some((what, _)) if error.line() == 1 => format!("{what} at byte {}", error.column()),
        _ => answer,
    }
}

/// A value as it stands in a field: strings unescaped, null empty, all else its JSON text without white space.
pub fn cell(json: &str) -> std::result::Result<Cow<'_, str>, RejectReason> {
    match json.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<Str<'_>>(json) {
            Ok(text) => Ok(text.0),
            Err(error) => Err(RejectReason::BadJson(answer(&error))),
        },
        Some(b'n') => Ok(Cow::Borrowed("")),
        Some(b'[' | b'{') => Ok(Cow::Owned(compact(json))),
        _ => Ok(Cow::Borrowed(json)),
    }
}

/// JSON without the white space between its tokens.
fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    json.chars()
        .filter(|&c| {
            if quoted {
                quoted = escaped || c != '"';
                escaped = !escaped && c == '\\';
                return true;
            }
            quoted = c == '"';
            !c.is_ascii_whitespace()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_emoji_is_marked() {
        let object =
            object("{\"text\": \"a \\ud83d \\ud83d\\ude00\\n\\\"b\\\" \u{e9}\"}").expect("an object");
        assert_eq!(object.text("text"), "a \u{fffd} \u{1f600}\n\"b\" \u{e9}");
    }
}
