//! The files of an import as one stream of records, with a progress bar.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::files::{FileFormat, RecordReader, decompressed};
use crate::ingest::{RecordSink, RecordType};

/// All files that are still to be read.
pub(super) struct Inputs {
    record_type: &'static RecordType,
    waiting: VecDeque<Input>,
    current: Option<(String, RecordReader, u64)>,
    bar: ProgressBar,
    rows: u64,
}

/// A file that is open already, so that a wrong name stops the import before it begins.
struct Input {
    name: String,
    file: Option<File>,
    bytes: Option<u64>,
    format: FileFormat,
}

impl Inputs {
    /// Opens all files.
    pub fn open(
        record_type: &'static RecordType,
        paths: &[PathBuf],
        format: Option<FileFormat>,
    ) -> anyhow::Result<Inputs> {
        let waiting: VecDeque<Input> =
            paths.iter().map(|path| Input::open(path, format)).collect::<anyhow::Result<_>>()?;
        let bytes: Option<u64> = waiting.iter().map(|input| input.bytes).sum();
        Ok(Inputs { record_type, waiting, current: None, bar: progress_bar(bytes), rows: 0 })
    }

    /// What the files are records of.
    pub fn record_type(&self) -> &'static RecordType {
        self.record_type
    }

    /// The bar, to be told about.
    pub fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// Hands records over until `is_full` says so, which is called after each with the file and its position in it.
    /// False when there are no more.
    pub fn fill<S: RecordSink>(
        &mut self,
        sink: &mut S,
        mut is_full: impl FnMut(&S, &str, u64) -> bool,
    ) -> anyhow::Result<bool> {
        loop {
            let Some((name, reader, bytes)) = &mut self.current else {
                let Some(input) = self.waiting.pop_front() else { return Ok(false) };
                self.current = Some(input.reader(self.record_type, &self.bar)?);
                continue;
            };
            let more = reader.next(sink).with_context(|| format!("{name}:{}", reader.position() + 1))?;
            if !more {
                self.current = None;
                continue;
            }
            self.rows += 1;
            if let Some(rows) = reader.rows().filter(|_| self.rows.is_multiple_of(8_192)) {
                self.bar.inc(*bytes * 8_192 / rows.max(1));
            }
            if is_full(sink, name, reader.position()) {
                self.tell_rate();
                return Ok(true);
            }
        }
    }

    fn tell_rate(&self) {
        let seconds = self.bar.elapsed().as_secs_f64().max(0.001);
        self.bar.set_message(format!("{} rows, {:.0} rows/s", self.rows, self.rows as f64 / seconds));
    }
}

impl Input {
    fn open(path: &Path, format: Option<FileFormat>) -> anyhow::Result<Input> {
        let name = path.display().to_string();
        if path == Path::new("-") {
            let format = format.unwrap_or(FileFormat::Ndjson);
            return Ok(Input { name: "standard input".into(), file: None, bytes: None, format });
        }
        let by_name = || FileFormat::of_path(path);
        let format = format.or_else(by_name).with_context(|| {
            format!("{name} does not end in .ndjson, .csv or .parquet; say what it is with --format")
        })?;
        let file = File::open(path).with_context(|| format!("{name} cannot be opened"))?;
        let bytes = file.metadata().with_context(|| format!("{name} cannot be opened"))?.len();
        Ok(Input { name, file: Some(file), bytes: Some(bytes), format })
    }

    fn reader(
        self,
        record_type: &'static RecordType,
        bar: &ProgressBar,
    ) -> anyhow::Result<(String, RecordReader, u64)> {
        let parquet = |file| RecordReader::parquet(record_type, file);
        let Input { name, file, bytes, format } = self;
        let reader = match (format, file) {
            (FileFormat::Parquet, Some(file)) => seekable(file).map_err(Into::into).and_then(parquet),
            (FileFormat::Parquet, None) => spooled(io::stdin()).map_err(Into::into).and_then(parquet),
            (format, Some(file)) => stream(record_type, bar.wrap_read(file), format),
            (format, None) => stream(record_type, bar.wrap_read(io::stdin()), format),
        };
        let reader = reader.with_context(|| name.clone())?;
        Ok((name, reader, bytes.unwrap_or(0)))
    }
}

fn stream(
    record_type: &'static RecordType,
    input: impl Read + Send + 'static,
    format: FileFormat,
) -> Result<RecordReader, crate::files::ReadError> {
    let input = decompressed(input)?;
    match format {
        FileFormat::Csv => RecordReader::csv(record_type, input),
        FileFormat::Ndjson | FileFormat::Parquet => RecordReader::lines(input),
    }
}

/// A Parquet file that can be read at any place: itself, or what is in it when it is compressed as a whole.
fn seekable(mut file: File) -> io::Result<File> {
    let mut magic = Vec::new();
    Read::by_ref(&mut file).take(4).read_to_end(&mut magic)?;
    file.rewind()?;
    if magic == b"PAR1" { Ok(file) } else { spooled(file) }
}

/// Copies an input to a temporary file, which is gone as soon as nobody reads it.
fn spooled(input: impl Read + Send + 'static) -> io::Result<File> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = format!("tallyhouse-{:016x}.parquet", u64::from_le_bytes(random));
    let path = std::env::temp_dir().join(name);
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    io::copy(&mut decompressed(input)?, &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// Hidden by itself where standard error is no terminal.
fn progress_bar(bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        Some(bytes) => (ProgressBar::new(bytes), "{bar:30} {percent:>3} %  {msg}  {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("the template is a constant"))
}
