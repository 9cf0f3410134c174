//! Random reactions and clicks, counted by a snapshot and plainly: each counts exactly once, or nowhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::published::publication;
use super::rig::Rig;
use super::snapshots_found::{click, reaction};
use crate::random::Random;

const PROVIDERS: [&str; 4] = ["facebook", "linkedin", "twitter", "xing"];
const KINDS: [&str; 4] = ["referral", "like", "comment", "retweet"];
const COURSES: u64 = 12;

/// What one publication should have: referrals per target, and reactions per kind in their order.
#[derive(Default)]
struct Plain {
    referrals: BTreeMap<Option<String>, u64>,
    reactions: BTreeMap<&'static str, Vec<(String, String)>>,
}

#[tokio::test]
async fn every_reaction_counts_exactly_once() {
    let seed = Random::seed("TALLYHOUSE_SNAPSHOT_SEED");
    for course in 0..COURSES {
        let mut random = Random::from_seed(seed.wrapping_add(course));
        let rig = Rig::new();
        let plain = random_message(&rig, &mut random).await;
        let found = rig.found("m1").await;
        assert_eq!(found["count"], plain.len() as u64, "course {course} of {seed}");
        for (entry, plain) in found["entries"].as_array().unwrap().iter().zip(&plain) {
            assert_is(&entry["publication_snapshot"], plain, &format!("course {course} of {seed}"));
        }
    }
}

/// Publishes a message, sends reactions and clicks in random order, and counts them plainly.
async fn random_message(rig: &Rig, random: &mut Random) -> Vec<Plain> {
    let providers: Vec<Option<&str>> =
        (0..1 + random.below(5)).map(|_| PROVIDERS.get(random.below(6) as usize).copied()).collect();
    let publications = providers.iter().enumerate().map(|(at, provider)| {
        publication(*provider, "u", &format!("i{at}"), &["http://a.example/", "http://b.example/"])
    });
    let message = rig.keep_message(&rig.demo, "m1", &publications.collect::<Vec<_>>());
    let mut plain: Vec<Plain> = providers.iter().map(|_| Plain::default()).collect();
    let (mut live, mut sent) = (BTreeMap::new(), Vec::new());
    for _ in 0..random.below(80) {
        let id = format!("r{}", random.below(60));
        let (provider, kind) = (PROVIDERS[random.below(4) as usize], KINDS[random.below(4) as usize]);
        let target = [None, Some("http://a.example/"), Some("http://c.example/")][random.below(3) as usize];
        let occurred_at = format!("2012-01-26T12:00:{:02}Z", random.below(4));
        let more = json!({"target": target, "occurred_at": occurred_at, "username": id});
        sent.push(reaction(&id, provider, kind, more));
        live.insert(id, (occurred_at, provider, kind, target));
    }
    for batch in sent.chunks(7) {
        rig.send("reactions", &batch.join("\n")).await;
    }
    for (id, (occurred_at, provider, kind, target)) in live {
        let known = providers.iter().position(|other| *other == Some(provider));
        let Some(place) = known.or_else(|| providers.iter().position(Option::is_none)) else { continue };
        match kind {
            "referral" => *plain[place].referrals.entry(target.map(str::to_owned)).or_default() += 1,
            kind => plain[place].reactions.entry(kind).or_default().push((occurred_at, id)),
        }
    }
    for number in 0..random.below(20) {
        let place = random.below(providers.len() as u64) as usize;
        let shorturl = &message.publications[place].shorturls[random.below(2) as usize];
        rig.send("referrals", &click(&shorturl.token, number, &shorturl.original_url)).await;
        *plain[place].referrals.entry(Some(shorturl.original_url.clone())).or_default() += 1;
    }
    plain
}

fn assert_is(found: &Value, plain: &Plain, course: &str) {
    let mut referrals: Vec<_> = plain.referrals.iter().collect();
    referrals.sort_by_key(|(target, count)| (u64::MAX - **count, target.is_none(), (*target).clone()));
    let entries: Vec<Value> =
        referrals.iter().map(|(target, count)| json!({"target": target, "num_referrals": count})).collect();
    assert_eq!(found["urls"], json!({"count": entries.len(), "entries": entries}), "{course}");
    for (member, kind) in [("likes", "like"), ("comments", "comment"), ("retweets", "retweet")] {
        let mut wanted = plain.reactions.get(kind).cloned().unwrap_or_default();
        wanted.sort();
        let wanted: Vec<&str> = wanted.iter().map(|(_, id)| id.as_str()).collect();
        let entries = found[member]["entries"].as_array().unwrap();
        let names: Vec<&str> = entries.iter().map(|entry| entry["username"].as_str().unwrap()).collect();
        assert_eq!(names, wanted, "{course}: {member}");
        assert_eq!(found[member]["count"], wanted.len() as u64, "{course}: {member}");
    }
}
