//! The model file: safetensors with one entry of metadata, `sociable`, that holds the rest as JSON.
//!
//! A panel `p` has the tensors `p.stems` (UTF-8, one a line), `p.pairs` (u32, two a term of two stems), `p.idf` (f32), `p.weights` (f32,
//! columns × outputs) and `p.intercepts` (f32). The tensor `checksum` holds the BLAKE3 hash of the metadata and all
//! other tensors. Same model, same bytes. What this version does not know is refused.

use std::{borrow::Cow, collections::HashMap, path::Path, sync::Arc};

use safetensors::{Dtype, SafeTensors, View};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    codebook::{Codebook, Pole},
    error::{Error, ErrorKind, Result},
    features::{Analyzer, Columns, CueList, Vocabulary},
    model::{Head, HeadKind, Model, Panel},
    post::Account,
    text::Language,
};

/// Version of the file format that this program writes, and the only one that it reads. It also counts what a column
/// means: 2 normalises terms of one stem and of two apart, 3 orders terms by how common they are, 4 says the shares of each head.
pub const FORMAT_VERSION: u32 = 4;

const METADATA_KEY: &str = "sociable";
const CHECKSUM: &str = "checksum";

/// Where a model comes from: what its card says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of the program that trained it.
    pub program: String,
    /// Posts that it was trained on.
    pub n_posts: u64,
    /// Authors of these posts.
    pub n_authors: u64,
    /// BLAKE3 hash of the labelled posts, in hexadecimal.
    pub data: String,
    /// Settings of the training and what came out a head, as JSON.
    pub training: Json,
    /// Out-of-fold figures, as JSON.
    pub figures: Json,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u32,
    name: String,
    language: Language,
    codebook: Codebook,
    cues: CueList,
    panels: Vec<PanelHeader>,
    provenance: Provenance,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelHeader {
    account: Option<Account>,
    n_columns: usize,
    heads: Vec<Head>,
}

/// Read before anything else, so that a file of another version is refused as such.
#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

pub(super) fn to_bytes(model: &Model) -> Vec<u8> {
    let panels = &model.panels;
    let header = Header {
        version: FORMAT_VERSION,
        name: model.name.clone(),
        language: model.analyzer.language(),
        codebook: model.codebook.clone(),
        cues: model.analyzer.cues().clone(),
        panels: panels
            .iter()
            .map(|panel| PanelHeader {
                account: panel.account,
                n_columns: panel.columns.len(),
                heads: panel.heads.clone(),
            })
            .collect(),
        provenance: model.provenance.clone(),
    };
    let metadata = serde_json::to_string(&header).expect("a header of strings and numbers is JSON");
    let mut tensors = Vec::new();
    for (panel_name, panel) in panels.iter().enumerate().map(|(place, panel)| (panel_name(place), panel)) {
        let n_outputs = panel.n_outputs();
        let stems = panel.vocabulary.stems().join("\n").into_bytes();
        let n_pairs = panel.vocabulary.pairs().len();
        let pairs = panel.vocabulary.pairs().iter().flatten().flat_map(|id| id.to_le_bytes()).collect();
        let idf = panel.vocabulary.idf().iter().flat_map(|idf| idf.to_le_bytes()).collect();
        let weights = panel.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let intercepts = panel.intercepts.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let n_terms = panel.vocabulary.n_terms();
        for (part, dtype, shape, bytes) in [
            ("stems", Dtype::U8, vec![stems.len()], stems),
            ("pairs", Dtype::U32, vec![n_pairs, 2], pairs),
            ("idf", Dtype::F32, vec![n_terms], idf),
            ("weights", Dtype::F32, vec![panel.columns.len(), n_outputs], weights),
            ("intercepts", Dtype::F32, vec![n_outputs], intercepts),
        ] {
            tensors.push((format!("{panel_name}.{part}"), Tensor { dtype, shape, bytes }));
        }
    }
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let parts = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor.bytes.as_slice()));
    let bytes = checksum(&metadata, parts).as_bytes().to_vec();
    tensors.push((CHECKSUM.to_owned(), Tensor { dtype: Dtype::U8, shape: vec![bytes.len()], bytes }));
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata)]);
    let views = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor));
    safetensors::serialize(views, Some(metadata)).expect("shapes and lengths agree by construction")
}

pub(super) fn from_bytes(bytes: &[u8], path: &Path) -> Result<Model> {
    let refuse = Refusal { path };
    let tensors = SafeTensors::deserialize(bytes)
        .map_err(|error| refuse.because(format!("not a whole safetensors file ({error})")))?;
    let (_, raw) = SafeTensors::read_metadata(bytes)
        .map_err(|error| refuse.because(format!("unreadable metadata ({error})")))?;
    let metadata =
        raw.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY)).ok_or_else(|| {
            refuse.because("a safetensors file of something else, found no entry sociable".to_owned())
        })?;
    let version = serde_json::from_str::<VersionOnly>(metadata)
        .map_err(|error| refuse.because(format!("unreadable metadata ({error})")))?
        .version;
    if version != FORMAT_VERSION {
        return Err(refuse.because(format!("a model of format {version}, expected {FORMAT_VERSION}")));
    }
    let mut parts: Vec<(&str, &[u8])> = tensors
        .iter()
        .filter(|(name, _)| *name != CHECKSUM)
        .map(|(name, tensor)| (name, tensor.data()))
        .collect();
    parts.sort_unstable_by_key(|(name, _)| *name);
    let hash = checksum(metadata, parts.into_iter());
    if tensors.tensor(CHECKSUM).ok().is_none_or(|found| found.data() != hash.as_bytes()) {
        return Err(refuse.because("contents that do not agree with their checksum".to_owned()));
    }
    let header: Header = serde_json::from_str(metadata)
        .map_err(|error| refuse.because(format!("unreadable metadata ({error})")))?;
    header.codebook.check(path)?;
    let panels = header
        .panels
        .into_iter()
        .enumerate()
        .map(|(place, panel)| read_panel(&tensors, place, panel, &header.codebook, &header.cues, &refuse))
        .collect::<Result<_>>()?;
    Ok(Model {
        name: header.name,
        analyzer: Analyzer::new(header.language, header.cues),
        codebook: header.codebook,
        panels,
        provenance: header.provenance,
        hash: hash.to_hex().to_string(),
    })
}

fn read_panel(
    tensors: &SafeTensors,
    place: usize,
    header: PanelHeader,
    codebook: &Codebook,
    cues: &CueList,
    refuse: &Refusal,
) -> Result<Panel> {
    let name = panel_name(place);
    let tensor = |part: &str, dtype: Dtype| -> Result<&[u8]> {
        let tensor = tensors
            .tensor(&format!("{name}.{part}"))
            .map_err(|_| refuse.because(format!("no tensor {name}.{part}")))?;
        if tensor.dtype() != dtype {
            return Err(refuse.because(format!("{name}.{part} of another type, expected {dtype:?}")));
        }
        Ok(tensor.data())
    };
    let stems = std::str::from_utf8(tensor("stems", Dtype::U8)?)
        .map_err(|_| refuse.because(format!("{name}.stems is not UTF-8")))?;
    let stems: Vec<Arc<str>> =
        if stems.is_empty() { Vec::new() } else { stems.split('\n').map(Into::into).collect() };
    let (pairs, _) = fours(tensor("pairs", Dtype::U32)?).as_chunks::<2>();
    let pairs = pairs.iter().map(|pair| pair.map(u32::from_le_bytes)).collect();
    let vocabulary = Vocabulary::from_parts(stems, pairs, floats(tensor("idf", Dtype::F32)?))
        .ok_or_else(|| refuse.because(format!("{name}: stems and pairs that contradict each other")))?;
    let columns = Columns::new(&vocabulary, cues);
    let weights = floats(tensor("weights", Dtype::F32)?);
    let intercepts = floats(tensor("intercepts", Dtype::F32)?);
    let n_outputs: usize = header.heads.iter().map(|head| head.kind.n_outputs()).sum();
    let sound = header.n_columns == columns.len()
        && intercepts.len() == n_outputs
        && columns.len().checked_mul(n_outputs) == Some(weights.len())
        && all_finite(&weights)
        && all_finite(&intercepts);
    if !sound {
        return Err(refuse.because(format!(
            "{name}: {} weights and {} intercepts, expected finite {} × {n_outputs} and {n_outputs}",
            weights.len(),
            intercepts.len(),
            columns.len(),
        )));
    }
    let mut next = 0;
    for head in &header.heads {
        let in_range = |number: f64| number > 0.0 && number < 1.0;
        let [upholds, breaches] = head.prevalence;
        let has_shares = Pole::ALL
            .into_iter()
            .all(|pole| in_range(head.prevalence[pole as usize]) == head.kind.judges(pole))
            && (head.kind == HeadKind::Opposed) == (upholds + breaches > 1.0 - 1e-9);
        if head.output != next
            || head.characteristic >= codebook.characteristics.len()
            || !head.thresholds.into_iter().all(in_range)
            || !has_shares
        {
            return Err(
                refuse.because(format!("{name}: a head that does not fit the codebook or its outputs"))
            );
        }
        next += head.kind.n_outputs();
    }
    Ok(Panel { account: header.account, vocabulary, columns, heads: header.heads, weights, intercepts })
}

fn panel_name(place: usize) -> String {
    format!("panel{place}")
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    fours(bytes).iter().map(|four| f32::from_le_bytes(*four)).collect()
}

/// The bytes of each number of four.
fn fours(bytes: &[u8]) -> &[[u8; 4]] {
    bytes.as_chunks().0
}

fn all_finite(numbers: &[f32]) -> bool {
    // To the end in any case, many at a time: a million of them are looked at whenever the program starts.
    numbers.iter().fold(true, |all, number| all & number.is_finite())
}

fn checksum<'a>(metadata: &str, tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(metadata.as_bytes());
    for (name, bytes) in tensors {
        part(name.as_bytes());
        part(bytes);
    }
    hasher.finalize()
}

struct Refusal<'p> {
    path: &'p Path,
}

impl Refusal<'_> {
    fn because(&self, problem: String) -> Error {
        ErrorKind::Model {
            path: self.path.into(),
            problem,
            advice: "copy the file again, or train the model anew with this version".to_owned(),
        }
        .into()
    }
}
