//! The body of a log row: one submission's rows with what they own, self-contained (strings, not ids) and compressed.

use tallyhouse_model::{AccountId, Batch, Key, TableId, Texts, Values};

use crate::damage::Damage;
use crate::frame::{BadFrame, FrameReader, FrameWriter};
use crate::ingest::is_acceptable;

/// Level 1: higher ones save a tenth of bytes that live for seconds, at twice the time.
const COMPRESSION_LEVEL: i32 = 1;

/// No batch is larger; a body that claims to be is damaged.
const BODY_BYTES_MAX: usize = 1 << 31;

/// Writes the rows of an account, and what they own.
pub fn encode(account: AccountId, batch: &Batch) -> std::io::Result<Vec<u8>> {
    let mut out = FrameWriter::default();
    out.number(u64::from(account.0));
    out.number(batch.table.id as u64);
    out.list(flags(&batch.deleted));
    write_columns(&mut out, batch);
    for owned in &batch.owned {
        out.number(owned.rows.table.id as u64);
        out.list(&owned.owners);
        write_columns(&mut out, &owned.rows);
    }
    let body = out.finish();
    let mut frame = FrameWriter::default();
    frame.number(body.len() as u64);
    frame.list(&zstd::bulk::compress(&body, COMPRESSION_LEVEL)?);
    Ok(frame.finish())
}

fn write_columns(out: &mut FrameWriter, batch: &Batch) {
    out.number(batch.columns.len() as u64);
    for (column, values) in batch.table.columns.iter().zip(&batch.columns) {
        out.list(column.name.as_bytes());
        match values {
            Values::Times(values) => out.list(values),
            Values::Integers(values) => out.list(values),
            Values::Choices(values) => out.list(values),
            Values::Ids(values) => out.list(values),
            Values::Flags(values) => out.list(flags(values)),
            Values::Texts(texts) => {
                out.list(&texts.bytes);
                out.list(&texts.ends);
                out.list(flags(&texts.present));
            }
        }
    }
}

/// Reads what [`encode`] wrote.
pub fn decode(seq: i64, bytes: &[u8]) -> Result<(AccountId, Batch), Damage> {
    let wrong = |problem: String| Damage::in_database(format!("log row {seq}: {problem}"));
    let body = decompress(bytes).map_err(wrong)?;
    read(&body).map_err(|error| wrong(error.to_string()))
}

fn decompress(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let read = FrameReader::new(bytes).and_then(|mut frame| Ok((frame.number()?, frame.list::<u8>()?)));
    let (size, compressed) = read.map_err(|error| error.to_string())?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > BODY_BYTES_MAX {
        return Err("it claims to be too large".to_owned());
    }
    zstd::bulk::decompress(&compressed, size).map_err(|error| error.to_string())
}

fn read(body: &[u8]) -> Result<(AccountId, Batch), BadFrame> {
    let mut reader = FrameReader::new(body)?;
    let account = AccountId(u32::try_from(reader.number()?).map_err(|_| BadFrame)?);
    let number = u8::try_from(reader.number()?).map_err(|_| BadFrame)?;
    let table = TableId::from_number(number).ok_or(BadFrame)?.table();
    let mut batch = Batch::new(table);
    batch.deleted = bools(&mut reader)?;
    read_columns(&mut reader, &mut batch)?;
    for owned in &mut batch.owned {
        if reader.number()? != owned.rows.table.id as u64 {
            return Err(BadFrame);
        }
        owned.owners = reader.list()?;
        owned.rows.deleted = vec![false; owned.owners.len()];
        read_columns(&mut reader, &mut owned.rows)?;
    }
    reader.end()?;
    if is_acceptable(&batch) { Ok((account, batch)) } else { Err(BadFrame) }
}

fn read_columns(reader: &mut FrameReader<'_>, batch: &mut Batch) -> Result<(), BadFrame> {
    let columns = reader.number()? as usize;
    if columns != batch.table.columns.len() {
        return Err(BadFrame);
    }
    for (column, values) in batch.table.columns.iter().zip(&mut batch.columns) {
        if reader.list::<u8>()? != column.name.as_bytes() {
            return Err(BadFrame);
        }
        match values {
            Values::Times(values) => *values = reader.list()?,
            Values::Integers(values) => *values = reader.list()?,
            Values::Choices(values) => *values = reader.list()?,
            Values::Ids(values) => *values = reader.list::<Key>()?,
            Values::Flags(values) => *values = bools(reader)?,
            Values::Texts(texts) => {
                *texts = Texts { bytes: reader.list()?, ends: reader.list()?, present: bools(reader)? };
            }
        }
    }
    Ok(())
}

fn flags(flags: &[bool]) -> &[u8] {
    bytemuck::cast_slice(flags)
}

fn bools(reader: &mut FrameReader<'_>) -> Result<Vec<bool>, BadFrame> {
    Ok(reader.list::<u8>()?.into_iter().map(|byte| byte != 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyhouse_model::tables::{REPORTS, VIEW_SEGMENTS, reports};
    use tallyhouse_model::{Cell, ColumnKind, DictionaryValues, key_of_integer};

    #[test]
    fn rows_and_deletions_come_back_and_damage_does_not() {
        let mut batch = Batch::new(&VIEW_SEGMENTS);
        batch.push_deletion([7; 16], 42);
        batch.push_deletion([8; 16], 43);
        let bytes = encode(AccountId(3), &batch).unwrap();
        assert_eq!(decode(1, &bytes).unwrap(), (AccountId(3), batch));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(decode(1, &damaged).is_err(), "byte {at}");
        }
    }

    /// Two reports with a deletion between them. The first has two images and a selection, the second an image.
    fn reports_with_images() -> Batch {
        let mut batch = Batch::new(&REPORTS);
        for (id, images) in [(1, vec![11, 10]), (2, vec![12])] {
            let (key, channel, time) = (Cell::Id(key_of_integer(id)), Cell::Integer(5), Cell::Time(7));
            let text = Cell::Text("[]");
            batch.push_row(&[key, time, time, channel, Cell::Absent, Cell::Absent, text, text]);
            for image in images {
                let cells = [time, channel, Cell::Integer(image), Cell::Text("small"), Cell::Text("")];
                batch.push_owned(reports::OWNED_IMAGES, &cells);
            }
            if id == 1 {
                let cells = [time, channel, Cell::Integer(3), Cell::Text("yes")];
                batch.push_owned(reports::OWNED_SELECTIONS, &cells);
                batch.push_deletion(key_of_integer(9), 8);
            }
        }
        batch
    }

    #[test]
    fn owned_rows_come_back_with_their_owners_and_damage_does_not() {
        let batch = reports_with_images();
        assert_eq!((batch.rows(), batch.rows_with_owned()), (3, 7));
        let bytes = encode(AccountId(3), &batch).unwrap();
        let (account, read) = decode(1, &bytes).unwrap();
        assert_eq!((account, &read), (AccountId(3), &batch));
        assert_eq!(read.owned[reports::OWNED_IMAGES].owners, [0, 0, 2]);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(decode(1, &damaged).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_body_whose_owners_are_not_those_of_its_rows_is_damaged() {
        // Another owner, a deletion, none at all, out of order.
        for owners in [[2, 2, 2], [0, 1, 2], [0, 0, 3], [2, 0, 0]] {
            let mut batch = reports_with_images();
            batch.owned[reports::OWNED_IMAGES].owners = owners.to_vec();
            assert!(decode(1, &encode(AccountId(3), &batch).unwrap()).is_err(), "{owners:?}");
        }
        let mut batch = reports_with_images();
        batch.owned[reports::OWNED_IMAGES].owners.pop();
        assert!(decode(1, &encode(AccountId(3), &batch).unwrap()).is_err());
        batch.owned.pop();
        assert!(decode(1, &encode(AccountId(3), &batch).unwrap()).is_err());
    }
    #[test]
    fn rows_of_a_table_that_nobody_writes_to_are_damage() {
        for table in TableId::ALL.map(TableId::table) {
            let mut batch = Batch::new(table);
            let cells: Vec<Cell<'_>> = table.columns.iter().map(|column| cell_of(column.kind)).collect();
            batch.push_row(&cells);
            let is_read = decode(1, &encode(AccountId(3), &batch).unwrap()).is_ok();
            let is_written_to = matches!(
                table.name,
                "view_segments"
                    | "demo_sessions"
                    | "demo_activity"
                    | "demo_changes"
                    | "reports"
                    | "report_reads"
                    | "report_alerts"
                    | "reactions"
                    | "referrals"
            );
            assert_eq!(is_read, is_written_to, "{}", table.name);
        }
    }

    fn cell_of(kind: ColumnKind) -> Cell<'static> {
        match kind {
            ColumnKind::Time | ColumnKind::Offset => Cell::Time(7),
            ColumnKind::Integer | ColumnKind::Dictionary { values: DictionaryValues::Integers, .. } => {
                Cell::Integer(7)
            }
            ColumnKind::Choice(_) => Cell::Choice(1),
            ColumnKind::Id => Cell::Id([7; 16]),
            ColumnKind::Text | ColumnKind::Dictionary { values: DictionaryValues::Texts, .. } => {
                Cell::Text("seven")
            }
            ColumnKind::Flag => Cell::Flag(true),
        }
    }
}
