//! Which format a file has, by its name.

use std::path::Path;

use super::Compression;

/// A format of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FileFormat {
    /// A JSON object per line.
    Ndjson,
    /// A header line with the names of the fields, then a record per line.
    Csv,
    /// Apache Parquet, a column per field.
    Parquet,
}

impl FileFormat {
    /// What the ending of a name says, with or without `.gz` or `.zst` behind it.
    pub fn of_path(path: &Path) -> Option<FileFormat> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = match Compression::of_path(path) {
            Compression::None => name.as_str(),
            Compression::Gzip | Compression::Zstd => name.rsplit_once('.')?.0,
        };
        match name.rsplit_once('.')?.1 {
            "ndjson" | "jsonl" | "json" => Some(FileFormat::Ndjson),
            "csv" => Some(FileFormat::Csv),
            "parquet" => Some(FileFormat::Parquet),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_names_format_and_compression() {
        for (name, format, compression) in [
            ("a.ndjson", Some(FileFormat::Ndjson), Compression::None),
            ("a.b/views.JSONL.GZ", Some(FileFormat::Ndjson), Compression::Gzip),
            ("views.csv.zst", Some(FileFormat::Csv), Compression::Zstd),
            ("views.parquet", Some(FileFormat::Parquet), Compression::None),
            ("views.gz", None, Compression::Gzip),
            ("views", None, Compression::None),
        ] {
            let path = Path::new(name);
            assert_eq!(
                (FileFormat::of_path(path), Compression::of_path(path)),
                (format, compression),
                "{name}"
            );
        }
    }
}
