//! Where `export` and `generate` write to: a file that is whole or not there, or standard output.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tallyhouse_model::{Batch, TableId};

use crate::files::{Compression, FileFormat, Output, RecordWriter};

/// A file under a temporary name until it is whole.
pub(super) struct OutputFile {
    writer: RecordWriter,
    /// The temporary and the final name; none for standard output.
    names: Option<(PathBuf, PathBuf)>,
    rows: u64,
}

impl OutputFile {
    /// Begins a file; the ending of its name tells format and compression. `-` is standard output.
    pub fn create(
        path: &Path,
        format: Option<FileFormat>,
        table: TableId,
        deletions: bool,
    ) -> anyhow::Result<OutputFile> {
        let format = format.or_else(|| FileFormat::of_path(path));
        if path == Path::new("-") {
            let output = Output::new(Box::new(io::stdout()), Compression::None)?;
            let writer = RecordWriter::new(output, format.unwrap_or(FileFormat::Ndjson), table, deletions)?;
            return Ok(OutputFile { writer, names: None, rows: 0 });
        }
        let shown = path.display();
        let format = format.with_context(|| {
            format!("{shown} does not end in .ndjson, .csv or .parquet; say what it is to be with --format")
        })?;
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let file: Box<dyn Write + Send> =
            Box::new(File::create(&partial).with_context(|| format!("{shown} cannot be written"))?);
        let output = Output::new(file, Compression::of_path(path))?;
        let writer = RecordWriter::new(output, format, table, deletions)?;
        Ok(OutputFile { writer, names: Some((partial.into(), path.to_owned())), rows: 0 })
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &Batch) -> io::Result<()> {
        self.rows += batch.rows() as u64;
        self.writer.write(batch)
    }

    /// Ends the file and gives it its name; answers how many rows it has.
    pub fn finish(self) -> anyhow::Result<u64> {
        self.writer.finish()?;
        if let Some((partial, path)) = self.names {
            std::fs::rename(&partial, &path)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(self.rows)
    }
}
