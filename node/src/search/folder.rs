//! Opening the folder, and throwing away what cannot be trusted.
//!
//! What is in the folder can always be made again, so anything that is not as
//! it should be (a file that fails its checksum, a missing one, another
//! schema) leads to an empty index, never to an error or to wrong answers.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tantivy::directory::error::LockError;
use tantivy::index::SegmentComponent;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::Schema;
use tantivy::store::Compressor;
use tantivy::{
    Index as Engine, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, SegmentMeta,
    TantivyError,
};

use super::directory::UnhurriedDirectory;
use super::error::SearchError;
use super::schema::{Fields, column};

/// What the writer gathers in memory before it writes by itself, in bytes.
const WRITER_BYTES: usize = 40 * 1024 * 1024;
/// Blocks of stored cards that are kept unpacked in memory, of 16 KiB each.
const BLOCKS_CACHED: usize = 64;
/// Segments of similar size are merged once there are so many of them …
const MERGED_TOGETHER: usize = 4;
/// … where all with fewer practices than this are of similar size …
const SMALL_SEGMENT: u32 = 128;
/// … and a size is similar up to two powers of two, so that few segments are
/// left and one practice more does not have thousands rewritten.
const SIMILAR_SIZE: f64 = 2.0;
/// A segment is written anew once this part of it is deleted.
const DELETED_MAX: f32 = 0.3;

/// An index with its writer.
pub struct Opened {
    /// Its files.
    pub directory: UnhurriedDirectory,
    /// The one writer.
    pub writer: IndexWriter,
    /// What searches read; reloaded after each commit and by nobody else.
    pub reader: IndexReader,
}

/// Opens the index of a folder, or makes one; and says why what was there
/// was thrown away, if it was.
pub fn open(dir: &Path, fields: &Fields) -> Result<(Opened, Option<String>), SearchError> {
    let refused = |cause| SearchError::Folder { path: dir.to_owned(), cause };
    fs::create_dir_all(dir).map_err(refused)?;
    if fs::read_dir(dir).map_err(refused)?.next().is_none() {
        return Ok((create(dir, &fields.schema)?, None));
    }
    // The engine takes its own files to be whole, and may panic if not.
    let existing = catch_unwind(AssertUnwindSafe(|| existing(dir, &fields.schema)));
    let why = match existing {
        Ok(Ok(opened)) => return Ok((opened, None)),
        Ok(Err(Unusable::Busy)) => return Err(SearchError::InUse(dir.to_owned())),
        Ok(Err(Unusable::Other(why))) => why,
        Err(_) => "a file is damaged so that reading it fails".into(),
    };
    fs::remove_dir_all(dir).and_then(|()| fs::create_dir_all(dir)).map_err(refused)?;
    Ok((create(dir, &fields.schema)?, Some(why)))
}

enum Unusable {
    Busy,
    Other(String),
}

impl From<TantivyError> for Unusable {
    fn from(error: TantivyError) -> Self {
        match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => Self::Busy,
            other => Self::Other(other.to_string()),
        }
    }
}

fn create(dir: &Path, schema: &Schema) -> Result<Opened, SearchError> {
    let directory = UnhurriedDirectory::open(dir).map_err(TantivyError::from)?;
    let settings = IndexSettings {
        docstore_compression: Compressor::Lz4,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    };
    let engine = Engine::create(directory.clone(), schema.clone(), settings)?;
    Ok(working(directory, engine)?)
}

/// The lock is taken before anything is looked at, so that nothing is thrown
/// away below another process.
fn existing(dir: &Path, schema: &Schema) -> Result<Opened, Unusable> {
    let directory = UnhurriedDirectory::open(dir).map_err(TantivyError::from)?;
    let engine = Engine::open(directory.clone())?;
    if engine.schema() != *schema {
        return Err(Unusable::Other("another version of this program wrote it".into()));
    }
    let opened = working(directory, engine)?;
    let engine = opened.writer.index();
    let (directory, metas) = (engine.directory(), engine.load_metas()?);
    for path in metas.segments.iter().flat_map(files) {
        if !directory.validate_checksum(&path).map_err(TantivyError::from)? {
            return Err(Unusable::Other(format!("{} is damaged", path.display())));
        }
    }
    // That table has no checksum of its own.
    for (meta, segment) in metas.segments.iter().zip(opened.reader.searcher().segment_readers()) {
        let rows = segment.fast_fields().i64(column::PUBLISHED)?.num_docs();
        if (rows, segment.num_docs()) != (meta.max_doc(), meta.num_docs()) {
            return Err(Unusable::Other("its table of contents does not fit its files".into()));
        }
    }
    Ok(opened)
}

/// The files that a segment cannot be without.
fn files(segment: &SegmentMeta) -> impl Iterator<Item = PathBuf> {
    let always = [
        SegmentComponent::Postings,
        SegmentComponent::Positions,
        SegmentComponent::FastFields,
        SegmentComponent::FieldNorms,
        SegmentComponent::Terms,
        SegmentComponent::Store,
    ];
    let deleted = segment.has_deletes().then_some(SegmentComponent::Delete);
    always.into_iter().chain(deleted).map(|component| segment.relative_path(component))
}

fn working(directory: UnhurriedDirectory, mut engine: Engine) -> tantivy::Result<Opened> {
    engine.set_tokenizers(Fields::analysers());
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(WRITER_BYTES)
        .build();
    let writer = engine.writer_with_options(options)?;
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(MERGED_TOGETHER);
    policy.set_min_layer_size(SMALL_SEGMENT);
    policy.set_level_log_size(SIMILAR_SIZE);
    policy.set_del_docs_ratio_before_merge(DELETED_MAX);
    writer.set_merge_policy(Box::new(policy));
    let reader = engine
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .doc_store_cache_num_blocks(BLOCKS_CACHED)
        .try_into()?;
    Ok(Opened { directory, writer, reader })
}
