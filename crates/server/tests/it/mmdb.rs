//! Writes files in MaxMind's format, for tests: a tree of bits over addresses, whose leaves point to entries.
//!
//! The tree is that of IPv6, with IPv4 below `::/96`; records are 32 bits wide. Entries are given as JSON.

use std::net::IpAddr;

use serde_json::{Value, json};

/// Zero bytes between the tree and the entries.
const GAP: usize = 16;

/// What stands in front of the description of the file.
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

#[derive(Clone, Copy)]
enum Record {
    Empty,
    Node(usize),
    Entry(usize),
}

/// A file of this kind, with an entry for each network such as `192.0.2.0/24`.
pub fn database(kind: &str, networks: &[(&str, Value)]) -> Vec<u8> {
    let mut nodes = vec![[Record::Empty; 2]];
    let mut entries = Vec::new();
    for (network, entry) in networks {
        insert(&mut nodes, network, entries.len());
        push(&mut entries, entry);
    }
    let mut bytes = Vec::new();
    for record in nodes.iter().flatten() {
        let number = match record {
            Record::Empty => nodes.len(),
            Record::Node(node) => *node,
            Record::Entry(offset) => nodes.len() + GAP + offset,
        };
        bytes.extend(u32::try_from(number).unwrap().to_be_bytes());
    }
    bytes.extend([0; GAP]);
    bytes.extend(entries);
    bytes.extend(MARKER);
    let description = json!({
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_700_000_000,
        "database_type": kind, "description": {}, "ip_version": 6, "languages": ["en"],
        "node_count": nodes.len(), "record_size": 32,
    });
    push(&mut bytes, &description);
    bytes
}

fn insert(nodes: &mut Vec<[Record; 2]>, network: &str, entry: usize) {
    let (address, bits) = network.split_once('/').unwrap();
    let bits: usize = bits.parse().unwrap();
    let (address, bits) = match address.parse().unwrap() {
        IpAddr::V4(address) => (u128::from(address.to_bits()), bits + 96),
        IpAddr::V6(address) => (address.to_bits(), bits),
    };
    let side = |depth: usize| usize::from(address >> (127 - depth) & 1 == 1);
    let mut node = 0;
    for depth in 0..bits - 1 {
        node = match nodes[node][side(depth)] {
            Record::Node(next) => next,
            Record::Empty => {
                nodes.push([Record::Empty; 2]);
                nodes[node][side(depth)] = Record::Node(nodes.len() - 1);
                nodes.len() - 1
            }
            Record::Entry(_) => panic!("{network} is inside of another network"),
        };
    }
    nodes[node][side(bits - 1)] = Record::Entry(entry);
}

/// A value, behind a byte of its type (3 bits, or another byte for the types from 8) and its size.
fn push(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => {
            push_head(bytes, 2, text.len());
            bytes.extend(text.as_bytes());
        }
        Value::Object(members) => {
            push_head(bytes, 7, members.len());
            for (name, value) in members {
                push(bytes, &json!(name));
                match value.as_u64() {
                    Some(number) => push_number(bytes, name, number),
                    None => push(bytes, value),
                }
            }
        }
        Value::Array(values) => {
            push_head(bytes, 11, values.len());
            values.iter().for_each(|value| push(bytes, value));
        }
        other => panic!("{other} has no place in such a file"),
    }
}

/// Numbers have as many bytes as readers expect under their name.
fn push_number(bytes: &mut Vec<u8>, name: &str, number: u64) {
    let (kind, size) = match name {
        "build_epoch" => (9, 8),
        "node_count" => (6, 4),
        _ => (5, 2),
    };
    push_head(bytes, kind, size);
    bytes.extend(&number.to_be_bytes()[8 - size..]);
}

fn push_head(bytes: &mut Vec<u8>, kind: u8, size: usize) {
    let (small, more) = match size {
        0..29 => (size, vec![]),
        29..285 => (29, vec![size - 29]),
        _ => (30, vec![(size - 285) >> 8, (size - 285) & 255]),
    };
    let small = u8::try_from(small).unwrap();
    match kind {
        ..8 => bytes.push(kind << 5 | small),
        _ => bytes.extend([small, kind - 7]),
    }
    bytes.extend(more.into_iter().map(|byte| u8::try_from(byte).unwrap()));
}
