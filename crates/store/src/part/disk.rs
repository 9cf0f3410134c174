//! The two files of a part on disk: an Arrow IPC file with a record batch per block, and the index of its keys.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, FixedSizeBinaryArray, PrimitiveArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::writer::FileWriter;
use arrow_ipc::{Block as IpcBlock, root_as_footer};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use tallyhouse_model::Table;

use super::header::FileSeal;
use super::{Lazy, lazily};
use crate::checksummed::ChecksumWriter;
use crate::column::{Block, Column, Layout};
use crate::damage::Damage;
use crate::frame::{BadFrame, FrameReader, FrameWriter};
use crate::hash_index::{HashIndex, write_hash_index};
use crate::mapped::MappedFile;

const KEY_BYTES: i32 = 16;

/// Size and checksums of the two files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiskFiles {
    /// The rows.
    pub rows: FileSeal,
    /// The index of their keys.
    pub keys: FileSeal,
}

impl DiskFiles {
    /// Writes it behind what is there.
    pub fn write(&self, out: &mut FrameWriter) {
        self.rows.write(out);
        self.keys.write(out);
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut FrameReader<'_>) -> Result<Self, BadFrame> {
        Ok(Self { rows: FileSeal::read(reader)?, keys: FileSeal::read(reader)? })
    }
}

/// The names of a part's files: rows and keys.
pub fn part_file_names(id: u64, table: &Table) -> [String; 2] {
    [format!("{id:010}-{}.arrow", table.name), format!("{id:010}-{}.keys", table.name)]
}

/// Reads the files of a part, each opened at first use.
pub struct DiskPart {
    rows_path: PathBuf,
    keys_path: PathBuf,
    table: &'static Table,
    /// Size and checksums of the files.
    pub files: DiskFiles,
    rows: Lazy<RowsFile>,
    keys: Lazy<HashIndex>,
    delete_on_drop: AtomicBool,
}

impl Drop for DiskPart {
    fn drop(&mut self) {
        if *self.delete_on_drop.get_mut() {
            for path in [&self.rows_path, &self.keys_path] {
                if let Err(error) = fs::remove_file(path) {
                    tracing::warn!(path = %path.display(), %error, "a file that is not needed could not be deleted");
                }
            }
        }
    }
}

struct RowsFile {
    file: MappedFile,
    blocks: Vec<Block>,
}

impl DiskPart {
    pub(super) fn new(folder: &Path, id: u64, table: &'static Table, files: DiskFiles) -> Self {
        let [rows, keys] = part_file_names(id, table);
        Self {
            rows_path: folder.join(rows),
            keys_path: folder.join(keys),
            table,
            files,
            rows: Lazy::new(),
            keys: Lazy::new(),
            delete_on_drop: AtomicBool::new(false),
        }
    }

    pub(super) fn column(&self, block: usize, column: usize) -> Result<&Column, Damage> {
        let rows = self.rows_file()?;
        let column = &rows.blocks[block].columns[column];
        for slice in column.slices() {
            rows.file.touch_slice(slice)?;
        }
        Ok(column)
    }

    pub(super) fn index(&self) -> Result<&HashIndex, Damage> {
        lazily(&self.keys, || {
            let seal = &self.files.keys;
            HashIndex::in_file(MappedFile::open(&self.keys_path, seal.bytes, seal.checksums.clone())?)
        })
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> Result<usize, Damage> {
        Ok(self.rows_file()?.blocks.len())
    }

    /// Bytes of the file with the rows.
    pub fn rows_bytes(&self) -> u64 {
        self.files.rows.bytes
    }

    /// Bytes of both files.
    pub fn bytes(&self) -> u64 {
        self.files.rows.bytes + self.files.keys.bytes
    }

    /// Compares every checksum of the index of the keys.
    pub fn check_keys_file(&self) -> Result<(), Damage> {
        let seal = &self.files.keys;
        MappedFile::open(&self.keys_path, seal.bytes, seal.checksums.clone())?.check_all()
    }

    /// Compares every checksum of the rows and validates the Arrow file, texts and offsets included.
    pub fn check_rows_file(&self) -> Result<(), Damage> {
        let seal = &self.files.rows;
        let file = MappedFile::open(&self.rows_path, seal.bytes, seal.checksums.clone())?;
        file.check_all()?;
        read_blocks(&file, self.table, Validate::Everything).map(drop)
    }

    pub(super) fn delete_when_unused(&self) {
        self.delete_on_drop.store(true, Ordering::Relaxed);
    }

    /// Where the rows are.
    pub fn rows_path(&self) -> &Path {
        &self.rows_path
    }

    /// Where the index of the keys is.
    pub fn keys_path(&self) -> &Path {
        &self.keys_path
    }

    fn rows_file(&self) -> Result<&RowsFile, Damage> {
        lazily(&self.rows, || {
            let seal = &self.files.rows;
            let file = MappedFile::open(&self.rows_path, seal.bytes, seal.checksums.clone())?;
            let blocks = read_blocks(&file, self.table, Validate::Nothing)?;
            Ok(RowsFile { file, blocks })
        })
    }
}

/// Writes the files of a part under temporary names; they get their own when they are whole.
pub struct DiskWriter {
    folder: PathBuf,
    names: [String; 2],
    schema: Arc<Schema>,
    rows: FileWriter<ChecksumWriter<BufWriter<File>>>,
    unfinished: Unfinished,
}

/// Takes the files with it unless they were finished: on a full disk they would take the room that is needed.
struct Unfinished(Vec<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in &self.0 {
            // Not all of them are there yet, and what cannot be deleted is set aside at the next start.
            drop(fs::remove_file(path));
        }
    }
}

impl DiskWriter {
    pub(super) fn create(folder: &Path, id: u64, table: &Table, layouts: &[Layout]) -> io::Result<Self> {
        let names = part_file_names(id, table);
        let fields = table.columns.iter().zip(layouts);
        let fields: Vec<Field> =
            fields.map(|(column, layout)| Field::new(column.name, data_type(*layout), false)).collect();
        let schema = Arc::new(Schema::new(fields));
        let paths = names.iter().flat_map(|name| [folder.join(temporary(name)), folder.join(name)]);
        let unfinished = Unfinished(paths.collect());
        let file = BufWriter::new(File::create(folder.join(temporary(&names[0])))?);
        let rows = FileWriter::try_new(ChecksumWriter::new(file), &schema).map_err(arrow_to_io)?;
        Ok(Self { folder: folder.to_path_buf(), names, schema, rows, unfinished })
    }

    pub(super) fn write(&mut self, block: Block) -> io::Result<()> {
        let arrays = block.columns.into_iter().map(array).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(arrow_to_io)?;
        self.rows.write(&batch).map_err(arrow_to_io)
    }

    pub(super) fn finish(mut self, hashes: &[u64]) -> io::Result<DiskFiles> {
        self.rows.finish().map_err(arrow_to_io)?;
        let rows = seal(self.rows.into_inner().map_err(arrow_to_io)?)?;
        let keys_file = BufWriter::new(File::create(self.folder.join(temporary(&self.names[1])))?);
        let mut keys = ChecksumWriter::new(keys_file);
        write_hash_index(hashes.len(), |at| hashes[at], true, &mut keys)?;
        let keys = seal(keys)?;
        for name in &self.names {
            fs::rename(self.folder.join(temporary(name)), self.folder.join(name))?;
        }
        self.unfinished.0.clear();
        Ok(DiskFiles { rows, keys })
    }
}

fn temporary(name: &str) -> String {
    format!("{name}.tmp")
}

/// Waits until the file is on disk.
fn seal(writer: ChecksumWriter<BufWriter<File>>) -> io::Result<FileSeal> {
    let (mut file, bytes, checksums) = writer.finish();
    file.flush()?;
    file.get_ref().sync_data()?;
    Ok(FileSeal { bytes, checksums })
}

fn arrow_to_io(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}

fn data_type(layout: Layout) -> DataType {
    match layout {
        Layout::U8 => DataType::UInt8,
        Layout::U16 => DataType::UInt16,
        Layout::U32 => DataType::UInt32,
        Layout::U64 => DataType::UInt64,
        Layout::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Layout::Id => DataType::FixedSizeBinary(KEY_BYTES),
        Layout::Text => DataType::Utf8,
    }
}

#[expect(
    unsafe_code,
    reason = "validating texts that were validated as they came in would cost a pass over them"
)]
fn array(column: Column) -> ArrayRef {
    match column {
        Column::U8(values) => Arc::new(PrimitiveArray::<UInt8Type>::new(values, None)),
        Column::U16(values) => Arc::new(PrimitiveArray::<UInt16Type>::new(values, None)),
        Column::U32(values) => Arc::new(PrimitiveArray::<UInt32Type>::new(values, None)),
        Column::U64(values) => Arc::new(PrimitiveArray::<UInt64Type>::new(values, None)),
        Column::Time(values) => Arc::new(TimestampMicrosecondArray::new(values, None).with_timezone("UTC")),
        Column::Id(bytes) => Arc::new(FixedSizeBinaryArray::new(KEY_BYTES, bytes, None)),
        // SAFETY: the bytes are whole texts one behind the other, and the offsets are where they meet.
        Column::Text(offsets, bytes) => {
            Arc::new(unsafe { StringArray::new_unchecked(OffsetBuffer::new_unchecked(offsets), bytes, None) })
        }
    }
}

/// How closely a file is read.
#[derive(Clone, Copy, PartialEq)]
enum Validate {
    /// The footer and the descriptions of the blocks; the columns are compared with their checksums when they are
    /// read, and what matches its checksum was valid when it was written.
    Nothing,
    /// Every text and offset too.
    Everything,
}

#[expect(unsafe_code, reason = "reading an Arrow file without validating its columns is unsafe")]
fn read_blocks(file: &MappedFile, table: &Table, validate: Validate) -> Result<Vec<Block>, Damage> {
    let wrong = |problem: String| Damage::new(file.path(), problem);
    let buffer = file.buffer();
    // 1. The last ten bytes say how long the footer is, the footer where each block is.
    let trailer_start = buffer.len().checked_sub(10).ok_or_else(|| wrong("is too short".to_owned()))?;
    file.touch(trailer_start, 10)?;
    let trailer = buffer[trailer_start..].try_into().expect("ten bytes");
    let footer_bytes = read_footer_length(trailer).map_err(|error| wrong(error.to_string()))?;
    let footer_start =
        trailer_start.checked_sub(footer_bytes).ok_or_else(|| wrong("its footer is too long".to_owned()))?;
    file.touch(footer_start, footer_bytes)?;
    let footer =
        root_as_footer(&buffer[footer_start..trailer_start]).map_err(|error| wrong(error.to_string()))?;
    let schema = footer.schema().ok_or_else(|| wrong("it has no schema".to_owned()))?;
    let schema = try_fb_to_schema(schema).map_err(|error| wrong(error.to_string()))?;
    if !schema.fields().iter().map(|field| field.name()).eq(table.columns.iter().map(|column| column.name)) {
        return Err(wrong(format!("its columns are not those of {}", table.name)));
    }
    // 2. Each block's description is read and compared now, its columns later.
    let decoder = FileDecoder::new(Arc::new(schema), footer.version()).with_require_alignment(true);
    // SAFETY: see `Validate::Nothing`.
    let decoder = unsafe { decoder.with_skip_validation(validate == Validate::Nothing) };
    let blocks = footer.recordBatches().into_iter().flatten();
    blocks
        .map(|block| {
            read_block(file, &decoder, block)
                .map_err(wrong_or(&wrong))?
                .ok_or_else(|| wrong("a block is missing".to_owned()))
        })
        .collect()
}

fn wrong_or<'a>(wrong: &'a impl Fn(String) -> Damage) -> impl Fn(BlockError) -> Damage + 'a {
    move |error| match error {
        BlockError::Damage(damage) => damage,
        BlockError::Arrow(error) => wrong(error.to_string()),
    }
}

enum BlockError {
    Damage(Damage),
    Arrow(ArrowError),
}

fn read_block(
    file: &MappedFile,
    decoder: &FileDecoder,
    block: &IpcBlock,
) -> Result<Option<Block>, BlockError> {
    let (start, description) = (block.offset() as usize, block.metaDataLength() as usize);
    let bytes = description + block.bodyLength() as usize;
    if start + bytes > file.buffer().len() {
        return Ok(None);
    }
    file.touch(start, description).map_err(BlockError::Damage)?;
    let data = file.buffer().slice_with_length(start, bytes);
    let batch = decoder.read_record_batch(block, &data).map_err(BlockError::Arrow)?;
    Ok(batch
        .map(|batch| Block { rows: batch.num_rows(), columns: batch.columns().iter().map(column).collect() }))
}

fn column(array: &ArrayRef) -> Column {
    match array.data_type() {
        DataType::UInt8 => Column::U8(array.as_primitive::<UInt8Type>().values().clone()),
        DataType::UInt16 => Column::U16(array.as_primitive::<UInt16Type>().values().clone()),
        DataType::UInt32 => Column::U32(array.as_primitive::<UInt32Type>().values().clone()),
        DataType::UInt64 => Column::U64(array.as_primitive::<UInt64Type>().values().clone()),
        DataType::Timestamp(..) => {
            Column::Time(array.as_primitive::<TimestampMicrosecondType>().values().clone())
        }
        DataType::FixedSizeBinary(_) => Column::Id(array.as_fixed_size_binary().values().clone()),
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            Column::Text(texts.offsets().inner().clone(), texts.values().clone())
        }
        other => unreachable!("no column is written as {other}"),
    }
}
