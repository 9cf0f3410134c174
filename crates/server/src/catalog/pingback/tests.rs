//! The queues, and what the log shows.

use tallyhouse_model::{DAY, HOUR, SECOND};

use super::super::{Catalog, problems};
use super::*;

const NOW: Micros = 1_000 * DAY;

fn fixture() -> (tempfile::TempDir, Catalog, [SiteNumber; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let sites = ["acme", "birch"].map(|name| catalog.site_of_harbour(name));
    (folder, catalog, sites)
}

fn pingback(site: SiteNumber, id: &str, uri: &str, created_at: Micros) -> NewPingback {
    NewPingback {
        id: id.to_owned(),
        site,
        snapshot_token: format!("snapshot-{id}"),
        uri: uri.to_owned(),
        body: "{}".to_owned(),
        created_at,
    }
}

fn due(catalog: &Catalog, now: Micros, in_flight: &InFlight) -> (Vec<String>, Option<Micros>) {
    let due = catalog.due_pingbacks(now, in_flight, 0).unwrap();
    (due.pingbacks.into_iter().map(|due| due.id).collect(), due.next_at)
}

fn note(due: &DuePingback, status: Option<u16>, outcome: AttemptOutcome, now: Micros) -> AttemptNote {
    AttemptNote {
        number: due.number,
        site: due.site,
        target: due.target.clone(),
        first_due_at: due.first_due_at,
        started_at: now,
        duration: 7,
        status,
        address: None,
        problem: status.is_none().then(|| "nobody there".to_owned()),
        follows: outcome,
    }
}

fn note_all(catalog: &Catalog, notes: &[AttemptNote], now: Micros) {
    catalog.note_attempts(notes, &InFlight::default(), now).unwrap();
}

#[test]
fn bounds_hold_per_target_per_site_and_in_all() {
    const SHARED: &str = "http://shared.example:80";
    let (_folder, catalog, _) = fixture();
    let sites: Vec<_> = (0..12).map(|number| catalog.site_of_harbour(&format!("site-{number}"))).collect();
    let mut all = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        for number in 0..40 {
            let id = format!("{index}-{number}");
            // Every site tells one target that all tell, and that has waited longest, and forty of its own.
            all.push(pingback(*site, &format!("{id}-shared"), &format!("{SHARED}/"), NOW - 1));
            all.push(pingback(*site, &id, &format!("http://own-{id}.example/"), NOW));
        }
    }
    catalog.queue_pingbacks(&all);
    let mut in_flight = InFlight::default();
    let found = catalog.due_pingbacks(NOW, &in_flight, 0).unwrap().pingbacks;
    let count = |matches: &dyn Fn(&DuePingback) -> bool| found.iter().filter(|due| matches(due)).count();
    assert_eq!(count(&|due| due.target == SHARED), 4);
    assert!(sites.iter().all(|site| (20..=32).contains(&count(&|due| due.site == *site))));
    assert_eq!(found.len(), 256);
    found.iter().for_each(|due| in_flight.add(due));
    assert_eq!(due(&catalog, NOW, &in_flight).0.len(), 0);
    let one = found.iter().find(|due| due.target != SHARED).unwrap();
    in_flight.remove(one.number);
    assert_eq!(due(&catalog, NOW, &in_flight).0.len(), 1);
    // By itself, a site has room for 32.
    for site in &sites[1..] {
        catalog.lock().execute("DELETE FROM pingback_queues WHERE site = ?1", [site]).unwrap();
    }
    let alone = catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks;
    assert_eq!(alone.len(), 32);
}

#[test]
fn where_there_is_not_room_for_all_sites_another_one_comes_first_each_time() {
    let (_folder, catalog, [acme, birch]) = fixture();
    catalog.queue_pingbacks(&[
        pingback(acme, "1", "http://a.example/", NOW),
        pingback(birch, "2", "http://b.example/", NOW),
    ]);
    let first = |turn| catalog.due_pingbacks(NOW, &InFlight::default(), turn).unwrap().pingbacks[0].site;
    assert_eq!([first(0), first(1), first(2), first(usize::MAX)], [acme, birch, acme, birch]);
}

#[test]
fn a_queue_is_as_early_as_what_waits_in_it_and_goes_when_nothing_does() {
    let (folder, catalog, [acme, _]) = fixture();
    let uri = "http://a.example/";
    catalog.queue_pingbacks(&[pingback(acme, "1", uri, NOW + 9), pingback(acme, "2", uri, NOW + 5)]);
    let nothing = InFlight::default();
    assert_eq!(due(&catalog, NOW, &nothing), (vec![], Some(NOW + 5)));
    assert_eq!(due(&catalog, NOW + 5, &nothing), (vec!["2".to_owned()], None));
    catalog.cancel_pingbacks_of("snapshot-2", NOW + 5);
    assert_eq!(due(&catalog, NOW + 5, &nothing), (vec![], Some(NOW + 9)));
    let found = catalog.due_pingbacks(NOW + 9, &nothing, 0).unwrap().pingbacks;
    note_all(
        &catalog,
        &[note(&found[0], Some(500), AttemptOutcome::Again(NOW + 2 * HOUR), NOW + 9)],
        NOW + 9,
    );
    assert_eq!(due(&catalog, NOW + 9, &nothing), (vec![], Some(NOW + 2 * HOUR)));
    note_all(&catalog, &[note(&found[0], Some(200), AttemptOutcome::Delivered, NOW + DAY)], NOW + DAY);
    assert_eq!(due(&catalog, NOW + 2 * DAY, &nothing), (vec![], None));
    let queues: i64 =
        catalog.lock().query_row("SELECT count(*) FROM pingback_queues", [], |row| row.get(0)).unwrap();
    assert_eq!(queues, 0);
    assert_eq!(problems(folder.path()), Vec::<String>::new());
}

#[test]
fn a_target_out_of_reach_rests_longer_each_time_and_lets_one_in_until_it_is_back() {
    let (_folder, catalog, [acme, _]) = fixture();
    let uri = "http://a.example/";
    let all: Vec<_> = (0..10).map(|number| pingback(acme, &number.to_string(), uri, NOW)).collect();
    catalog.queue_pingbacks(&all);
    let nothing = InFlight::default();
    let mut now = NOW;
    for failures in 1..=40 {
        let found = catalog.due_pingbacks(now, &nothing, 0).unwrap().pingbacks;
        assert_eq!(found.len(), if failures == 1 { 4 } else { 1 }, "{failures}");
        note_all(&catalog, &[note(&found[0], None, AttemptOutcome::Again(now + 1), now)], now);
        // What comes meanwhile does not wake it.
        catalog.queue_pingbacks(&[pingback(acme, &format!("late-{failures}"), uri, now)]);
        let (ids, next_at) = due(&catalog, now, &nothing);
        assert_eq!((ids.len(), next_at), (0, Some(now + failures.min(30) * SECOND)));
        now = next_at.unwrap();
    }
    let found = catalog.due_pingbacks(now, &nothing, 0).unwrap().pingbacks;
    note_all(&catalog, &[note(&found[0], Some(500), AttemptOutcome::Again(now + 2 * HOUR), now)], now);
    assert_eq!(due(&catalog, now, &nothing).0.len(), 4);
}

#[test]
fn a_replay_wakes_a_target_that_rests() {
    let (_folder, catalog, [acme, _]) = fixture();
    catalog.queue_pingbacks(&[pingback(acme, "1", "http://a.example/", NOW)]);
    let found = catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks;
    let failed = note(&found[0], None, AttemptOutcome::Again(NOW + 2 * HOUR), NOW);
    note_all(&catalog, &[failed.clone(), failed], NOW);
    catalog.replay_pingback("1", NOW + 1).unwrap();
    assert_eq!(due(&catalog, NOW + 1, &InFlight::default()).0, ["1"]);
}

#[test]
fn an_attempt_from_before_a_replay_changes_nothing_unless_it_delivered() {
    let (_folder, catalog, [acme, _]) = fixture();
    catalog.queue_pingbacks(&[pingback(acme, "1", "http://a.example/", NOW)]);
    let found = catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks.remove(0);
    catalog.replay_pingback("1", NOW + 1).unwrap();
    note_all(&catalog, &[note(&found, Some(500), AttemptOutcome::GivenUp, NOW + 2)], NOW + 2);
    let (shown, attempts) = catalog.pingback("1").unwrap();
    assert_eq!(
        (shown.state, shown.next_attempt_at, attempts.len()),
        (PingbackState::Waiting, Some(NOW + 1), 1)
    );
    note_all(&catalog, &[note(&found, Some(200), AttemptOutcome::Delivered, NOW + 3)], NOW + 3);
    let (shown, attempts) = catalog.pingback("1").unwrap();
    assert_eq!(
        (shown.state, shown.finished_at, attempts.len()),
        (PingbackState::Delivered, Some(NOW + 3), 2)
    );
}

#[test]
fn the_log_is_read_by_site_state_and_snapshot_a_page_at_a_time() {
    let (_folder, catalog, [acme, birch]) = fixture();
    let all: Vec<_> = (0..7)
        .map(|number| {
            pingback(
                if number % 2 == 0 { acme } else { birch },
                &number.to_string(),
                "http://a.example/",
                NOW,
            )
        })
        .collect();
    catalog.queue_pingbacks(&all);
    catalog.cancel_pingbacks_of("snapshot-2", NOW);
    let read = |site: Option<&str>, state, snapshot: Option<&str>, after, limit| -> Vec<String> {
        let filter = PingbackFilter {
            site: site.map(str::to_owned),
            state,
            snapshot_token: snapshot.map(str::to_owned),
        };
        let found = catalog.pingbacks(&filter, after, limit).unwrap();
        found.into_iter().map(|pingback| pingback.id).collect()
    };
    assert_eq!(read(None, None, None, 0, 100).len(), 7);
    assert_eq!(read(None, None, None, 5, 100), ["5", "6"]);
    assert_eq!(read(Some("acme"), None, None, 0, 2), ["0", "2"]);
    assert_eq!(read(Some("acme"), Some(PingbackState::Waiting), None, 0, 9), ["0", "4", "6"]);
    assert_eq!(read(None, Some(PingbackState::Cancelled), None, 0, 9), ["2"]);
    assert_eq!(read(Some("birch"), None, Some("snapshot-3"), 0, 9), ["3"]);
    assert_eq!(read(Some("acme"), None, Some("snapshot-3"), 0, 9), [""; 0]);
    let unknown = PingbackFilter { site: Some("nobody".to_owned()), ..PingbackFilter::default() };
    assert!(matches!(catalog.pingbacks(&unknown, 0, 1), Err(CatalogError::NoSuchSite(_))));
}

#[test]
fn what_ended_is_deleted_in_portions_with_its_attempts() {
    let (_folder, catalog, [acme, _]) = fixture();
    let all: Vec<_> = (0..5)
        .map(|number| pingback(acme, &number.to_string(), &format!("http://a{number}.example/"), NOW))
        .collect();
    catalog.queue_pingbacks(&all);
    for (index, found) in
        catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks.iter().enumerate()
    {
        let now = NOW + index as Micros;
        let outcome =
            if index == 4 { AttemptOutcome::Again(now + 2 * HOUR) } else { AttemptOutcome::Delivered };
        note_all(&catalog, &[note(found, Some(200), outcome, now)], now);
    }
    assert_eq!(catalog.delete_ended_pingbacks(NOW, 10).unwrap(), 0);
    assert_eq!(catalog.delete_ended_pingbacks(NOW + 3, 2).unwrap(), 2);
    assert_eq!(catalog.delete_ended_pingbacks(NOW + 3, 2).unwrap(), 1);
    assert_eq!(catalog.delete_ended_pingbacks(Micros::MAX, 10).unwrap(), 1);
    let attempts: i64 =
        catalog.lock().query_row("SELECT count(*) FROM pingback_attempts", [], |row| row.get(0)).unwrap();
    assert_eq!((attempts, catalog.pingbacks(&PingbackFilter::default(), 0, 9).unwrap().len()), (1, 1));
}

#[test]
fn finding_what_is_due_costs_the_same_however_much_waits() {
    let (_folder, catalog, [acme, birch]) = fixture();
    let mut all: Vec<_> =
        (0..20_000).map(|number| pingback(acme, &number.to_string(), "http://dead.example/", NOW)).collect();
    all.push(pingback(birch, "live", "http://live.example/", NOW));
    catalog.queue_pingbacks(&all);
    // Rows that SQLite steps through, sorts or scans would show here; what is found by an index does not.
    let connection = catalog.lock();
    for sql in [queue::NEXT_SITE, queue::NEXT_TURN, queue::QUEUES, queue::WAITING, queue::EARLIEST] {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> =
            statement.raw_query().mapped(|row| row.get(3)).collect::<rusqlite::Result<_>>().unwrap();
        let is_sought = plan.iter().all(|step| step.starts_with("SEARCH"));
        assert!(is_sought, "{sql}: {plan:?}");
    }
    drop(connection);
    let found = due(&catalog, NOW, &InFlight::default()).0;
    assert!(found.len() == 5 && found.contains(&"live".to_owned()), "{found:?}");
}

#[test]
fn a_pingback_that_contradicts_its_queue_is_found() {
    let (folder, catalog, [acme, _]) = fixture();
    catalog.queue_pingbacks(&[pingback(acme, "1", "http://a.example/", NOW)]);
    assert_eq!(problems(folder.path()), Vec::<String>::new());
    catalog.lock().execute("DELETE FROM pingback_queues", []).unwrap();
    assert!(problems(folder.path())[0].contains("the pingback 1"));
    catalog.replay_pingback("1", NOW).unwrap();
    assert_eq!(problems(folder.path()), Vec::<String>::new());
    catalog.lock().execute("UPDATE pingbacks SET state = 'delivered'", []).unwrap();
    assert_eq!(problems(folder.path()).len(), 1);
}

#[test]
fn secrets_of_a_site_expire_are_revoked_and_are_few() {
    let (_folder, catalog, _) = fixture();
    let mut until = Vec::new();
    for number in 0..super::super::WEBHOOK_SECRETS_MAX as Micros {
        catalog.create_webhook_secret("acme", NOW + DAY + number, NOW).unwrap();
        until.push(NOW + DAY + number);
    }
    let refused = catalog.create_webhook_secret("acme", NOW + DAY, NOW);
    assert!(matches!(refused, Err(CatalogError::TooManyWebhookSecrets(_))));
    let listed = catalog.webhook_secrets().unwrap();
    // The first one was given its end by the second one, and no later one lengthens it.
    assert_eq!((listed[0].expires_at, listed[listed.len() - 1].expires_at), (Some(NOW + DAY + 1), None));
    catalog.create_webhook_secret("acme", NOW, NOW).unwrap();
    let last = catalog.webhook_secrets().unwrap().pop().unwrap();
    catalog.revoke_webhook_secret(&last.id, NOW).unwrap();
    let kept: i64 = catalog
        .lock()
        .query_row("SELECT count(*) FROM webhook_secrets WHERE length(secret) > 0", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0, "what does not sign any more is not kept");
    assert!(matches!(catalog.create_webhook_secret("nobody", NOW, NOW), Err(CatalogError::NoSuchSite(_))));
    assert!(matches!(catalog.revoke_webhook_secret("whs_x", NOW), Err(CatalogError::NoSuchWebhookSecret(_))));
}

#[test]
fn a_target_that_one_site_could_not_reach_is_not_full_because_another_site_is_there() {
    let (_folder, catalog, [acme, birch]) = fixture();
    let uri = "http://a.example/";
    catalog.queue_pingbacks(&[pingback(acme, "1", uri, NOW)]);
    let failed = catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks;
    note_all(&catalog, &[note(&failed[0], None, AttemptOutcome::Again(NOW + 1), NOW)], NOW);
    let now = NOW + SECOND;
    let backlog: Vec<_> = (0..9).map(|number| pingback(birch, &format!("b{number}"), uri, now)).collect();
    catalog.queue_pingbacks(&backlog);
    catalog.queue_pingbacks(&[pingback(acme, "2", uri, now)]);
    let mut in_flight = InFlight::default();
    let found = catalog.due_pingbacks(now, &in_flight, 0).unwrap().pingbacks;
    let of_acme = found.iter().filter(|due| due.site == acme).count();
    assert_eq!((found.len(), of_acme), (4, 1), "{found:?}");
    // Wherever birch has had all the room, acme gets the place that is left first in its turn.
    let of_birch: Vec<_> = found.iter().filter(|due| due.site == birch).collect();
    of_birch.iter().for_each(|due| in_flight.add(due));
    assert_eq!(due(&catalog, now, &in_flight).0, ["1"]);
}

#[test]
fn nothing_waits_for_a_clock_that_was_ahead() {
    let (folder, catalog, [acme, birch]) = fixture();
    let nothing = InFlight::default();
    let (ahead, [dead, other]) = (NOW + DAY, ["http://dead.example/", "http://other.example/"]);
    catalog.queue_pingbacks(&[
        pingback(acme, "rested", dead, ahead),
        pingback(acme, "planned", dead, ahead),
        pingback(birch, "new", other, ahead),
    ]);
    let found = catalog.due_pingbacks(ahead, &nothing, 0).unwrap().pingbacks;
    let failed = |due: &DuePingback| note(due, None, AttemptOutcome::Again(ahead + 2 * HOUR), ahead);
    note_all(&catalog, &found.iter().filter(|due| due.id == "rested").map(failed).collect::<Vec<_>>(), ahead);
    // The clock is set right: nothing may wait for a day, neither what was there nor what comes now.
    catalog.queue_pingbacks(&[pingback(acme, "late", dead, NOW)]);
    assert_eq!(due(&catalog, NOW, &nothing).0, ["late", "new"]);
    let mut now = NOW;
    let mut delivered = Vec::new();
    while delivered.len() < 4 {
        let found = catalog.due_pingbacks(now, &nothing, 0).unwrap().pingbacks;
        assert!(!found.is_empty() && now < NOW + 60 * SECOND, "{delivered:?}");
        let notes: Vec<_> =
            found.iter().map(|due| note(due, Some(200), AttemptOutcome::Delivered, now)).collect();
        note_all(&catalog, &notes, now);
        delivered.extend(found.into_iter().map(|due| due.id));
        now += SECOND;
    }
    delivered.sort();
    assert_eq!(delivered, ["late", "new", "planned", "rested"]);
    assert_eq!(problems(folder.path()), Vec::<String>::new());
}

#[test]
fn what_is_cancelled_while_it_is_chosen_is_not_tried() {
    let (_folder, catalog, [acme, _]) = fixture();
    catalog.queue_pingbacks(&[pingback(acme, "1", "http://a.example/", NOW)]);
    let number = catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks[0].number;
    let load = |number| queue::load(&catalog.lock(), number, NOW, &mut Default::default()).unwrap();
    assert!(load(number).is_some());
    catalog.cancel_pingbacks_of("snapshot-1", NOW);
    assert_eq!((load(number), load(number + 1)), (None, None));
}

#[test]
fn what_is_in_flight_is_not_given_up() {
    let (_folder, catalog, [acme, _]) = fixture();
    let all: Vec<_> = (0..3)
        .map(|number| pingback(acme, &number.to_string(), "http://a.example/", NOW - 2 * DAY))
        .collect();
    catalog.queue_pingbacks(&all);
    let found = catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks;
    let mut in_flight = InFlight::default();
    in_flight.add(&found[1]);
    let failures = vec![note(&found[0], None, AttemptOutcome::GivenUp, NOW); 30];
    catalog.note_attempts(&failures, &in_flight, NOW).unwrap();
    let state = |id| catalog.pingback(id).unwrap().0.state.name();
    assert_eq!(["0", "1", "2"].map(state), ["failed", "waiting", "failed"]);
    note_all(&catalog, &[note(&found[1], Some(200), AttemptOutcome::Delivered, NOW)], NOW);
    assert_eq!(state("1"), "delivered");
}

#[test]
fn a_secret_that_was_blanked_never_signs_again_even_if_the_clock_is_set_back() {
    let (_folder, catalog, [acme, _]) = fixture();
    catalog.queue_pingbacks(&[pingback(acme, "1", "http://a.example/", NOW)]);
    catalog.create_webhook_secret("acme", NOW + DAY, NOW).unwrap();
    let kept = catalog.create_webhook_secret("acme", NOW + DAY, NOW).unwrap().secret;
    // Two days later the first has ended, and is blanked when another one is made.
    let newest = catalog.create_webhook_secret("acme", NOW + 3 * DAY, NOW + 2 * DAY).unwrap().secret;
    let secrets = catalog.due_pingbacks(NOW, &InFlight::default(), 0).unwrap().pingbacks.remove(0).secrets;
    assert_eq!(secrets, [newest, kept]);
}
