//! The texts of our own written posts, that benches make theirs from.

/// The texts of `data/professional.csv` and `data/organisation.csv`.
pub fn texts() -> Vec<String> {
    ["professional", "organisation"]
        .iter()
        .flat_map(|name| {
            let path = format!("{}/data/{name}.csv", env!("CARGO_MANIFEST_DIR"));
            let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let header = reader.headers().unwrap_or_else(|error| panic!("{path}: {error}")).clone();
            let at = header.iter().position(|column| column == "text").expect("a column text");
            let row = move |row: csv::Result<csv::StringRecord>| row.expect("a row")[at].to_owned();
            reader.into_records().map(row).collect::<Vec<_>>()
        })
        .collect()
}
