//! Four segments, and pipes of an operator that ask for them.

use tallyhouse_model::{Cell, TableId};

use super::rig::{Rig, at, pipe, time};
use crate::pipes::pipe::Pipe;

/// Segments: (start, content, client, country, device as its position plus one, finished).
pub fn segments() -> Rig {
    let rig = Rig::new();
    for (start, content, client, country, device, finished) in [
        ("2026-03-28 22:30:00", 5, "c1", Cell::Text("FR"), Cell::Choice(1), true),
        ("2026-03-28 23:30:00", 5, "c1", Cell::Text("FR"), Cell::Choice(2), true),
        ("2026-03-29 21:30:00", 6, "c2", Cell::Text("HU"), Cell::Absent, false),
        ("2026-03-29 22:30:00", 5, "c3", Cell::Absent, Cell::Absent, true),
    ] {
        rig.add(
            TableId::ViewSegments,
            &[
                ("started_at", time(start)),
                ("ended_at", Cell::Time(at(start) + 1_500_000)),
                ("finished", Cell::Flag(finished)),
                ("content_type", Cell::Choice(1)),
                ("content_id", Cell::Integer(content)),
                ("client_id", Cell::Text(client)),
                ("view_session_id", Cell::Text(client)),
                ("country", country),
                ("view_type", Cell::Choice(1)),
                ("device", device),
                ("device_info", Cell::Text("{}")),
            ],
        );
    }
    rig
}

/// A pipe over segments that shows their start, and has these other lines.
pub fn starts(lines: &str) -> Pipe {
    pipe(&format!(
        "description = \"x\"\ntable = \"view_segments\"\n{lines}\n[[columns]]\nname = \"started_at\"\n"
    ))
}

pub fn hours(rig: &Rig, pipe: &Pipe, query: &str) -> String {
    let answered = rig.ask_of(pipe, query);
    let hours = answered.column("started_at").into_iter().map(|time| time[8..13].to_owned());
    hours.collect::<Vec<_>>().join(" ")
}
