//! What the demo prints once it answers: where it is, a token, and requests to copy.

use std::net::SocketAddr;

use tallyhouse_model::{DAY, Micros, render_record_time};

use super::login::EMAIL;
use super::site::{self, ShownSite};
use crate::cli::print;

/// What is printed once the demo answers.
pub(super) struct Guide {
    /// Where the server listens.
    pub(super) address: SocketAddr,
    /// The secret of a token that may do everything.
    pub(super) token: String,
    /// The password of the demo's login.
    pub(super) password: String,
    /// The site of the demo.
    pub(super) site: ShownSite,
    /// Where the sample data ends.
    pub(super) until: Micros,
}

impl Guide {
    /// Prints it to standard output.
    pub(super) fn print(&self) -> anyhow::Result<()> {
        let base = self.base();
        print(format_args!("listening on {base}"))?;
        print("\nThis is a demo with made-up data of three accounts: acme, birch and cedar.\n")?;
        print(format_args!("  URL    {base}"))?;
        print(format_args!("  token  {}  (of acme, may do everything)", self.token))?;
        print(format_args!("  user   {EMAIL}, password {}  (of acme, reads reports)", self.password))?;
        let ShownSite { public_key, private_key, .. } = &self.site;
        print(format_args!("  site   {}, keys {public_key}:{private_key}  (of acme)", site::NAME))?;
        print("\nTry in another terminal:")?;
        let requests = self.requests().into_iter().chain(self.requests_of_reports());
        for (what, request) in requests.chain(self.requests_of_sharing()) {
            print(format_args!("\n  # {what}\n  {request}"))?;
        }
        print("\nCtrl-C stops it; the data stays for the next start.")
    }

    /// Requests that answer at once, over the last seven days of the sample data.
    fn requests(&self) -> [(&'static str, String); 8] {
        let end = self.until.div_euclid(DAY) * DAY + DAY;
        let days = [end - 7 * DAY, end].map(render_record_time);
        let range = format!("date_time_from={}&date_time_to={}", days[0], days[1]);
        let [from, to] = days.each_ref().map(|day| day.trim_end_matches("T00:00:00Z"));
        let get =
            |path: &str| format!("curl -H 'Authorization: Bearer {}' '{}/{path}'", self.token, self.base());
        let curl = |path: &str| get(&format!("v1/{path}"));
        let pipe = |path: &str| get(&format!("v0/pipes/{path}"));
        [
            ("Plays per day", curl(&format!("total-views/day?{range}"))),
            ("What was watched, ten rows of it", curl(&format!("views?{range}&_limit=10"))),
            ("Plays of live content per country", curl(&format!("total-views/live/country?{range}"))),
            ("Devices per day, each counted once a day", curl(&format!("unique-devices/day?{range}"))),
            (
                "The most that watched a content at once",
                curl(&format!("peak-viewer-numbers?{range}&granularity=day")),
            ),
            ("Two viewers with all that they watched", curl(&format!("viewers?{range}&_limit=2"))),
            (
                "Who looked at which demo",
                pipe(&format!(
                    "api_replicate_analytics.json?start_timestamp={from}&end_timestamp={to}&limit=10"
                )),
            ),
            (
                "How long sessions lasted and what was done in them, as CSV",
                pipe(&format!("replay_session_summary.csv?start_timestamp={from}%2008:00:00&limit=10")),
            ),
        ]
    }

    /// The same for reports, in the way of their apps: over all of the sample data, in the largest channel.
    fn requests_of_reports(&self) -> [(&'static str, String); 4] {
        let end = self.until.div_euclid(DAY) * DAY + DAY;
        let [from, to] = [end - 91 * DAY, end].map(render_record_time);
        let (token, base) = (&self.token, self.base());
        let get = |path: &str, more: &str| {
            format!(
                "curl -H 'Authorization: Token token={token}' \
                 '{base}/api/v4/analytics/{path}?channel_id=1&start_date={from}&end_date={to}{more}'"
            )
        };
        let password = &self.password;
        [
            ("Reports from the field per week", get("reports_over_time", "")),
            ("What they were about", get("reports_per_field_selection", "&field_id=1")),
            ("Who read them", get("reports_read", "&fields=total_reads,unique_reads,report_readers")),
            (
                "Sign in as an app does; the answer has an access_token that goes where the token is above",
                format!(
                    "curl -X POST '{base}/api/v4/session' -H 'Content-Type: application/json' --data \
                     '{{\"session\":{{\"email\":\"{EMAIL}\",\"password\":\"{password}\",\
                     \"app_bundle_id\":\"com.example.app\"}}}}'"
                ),
            ),
        ]
    }

    /// The same for messages, with the keys of their site.
    fn requests_of_sharing(&self) -> [(&'static str, String); 5] {
        let ShownSite { public_key, private_key, message_token, snapshot_token } = &self.site;
        let base = self.base();
        let curl = |rest: String| format!("curl -u {public_key}:{private_key} {rest}");
        let get = |path: &str| curl(format!("'{base}/{path}'"));
        let latest = "order_direction=desc&entries_per_page=3";
        [
            (
                "Messages that were published, the latest three",
                get(&format!("sharing/messages.json?{latest}")),
            ),
            ("One of them, with its short URLs", get(&format!("sharing/messages/{message_token}.json"))),
            (
                "Snapshots of what people did with messages",
                get(&format!("sharing/analytics/snapshots.json?{latest}")),
            ),
            ("What one of them found", get(&format!("sharing/analytics/snapshots/{snapshot_token}.json"))),
            (
                "Ask for a new one; it is finished a moment later",
                curl(format!(
                    "-X PUT '{base}/sharing/analytics/snapshots.json' --data \
                     '{{\"request\":{{\"analytics\":{{\"sharing\":\
                     {{\"sharing_message_token\":\"{message_token}\"}}}}}}}}'"
                )),
            ),
        ]
    }

    /// An address that listens everywhere cannot be connected to everywhere, but it can from this machine.
    fn base(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_real_dates_and_the_token() {
        let address = "0.0.0.0:8686".parse().unwrap();
        let (token, password) = ("tally_x".to_owned(), "secret".to_owned());
        let site = ShownSite {
            public_key: "pub".to_owned(),
            private_key: "priv".to_owned(),
            message_token: "m".to_owned(),
            snapshot_token: "s".to_owned(),
        };
        let guide = Guide { address, token, password, site, until: 1_531_765_230_000_000 };
        let requests = guide.requests();
        let [(_, per_day), (_, views), (_, countries), ..] = &requests;
        assert_eq!(
            *per_day,
            "curl -H 'Authorization: Bearer tally_x' 'http://127.0.0.1:8686/v1/total-views/day?\
             date_time_from=2018-07-10T00:00:00Z&date_time_to=2018-07-17T00:00:00Z'"
        );
        assert!(views.contains("/v1/views?date_time_from=2018-07-10T00:00:00Z"));
        assert!(countries.contains("/v1/total-views/live/country?"));
        for url in ["unique-devices/day", "peak-viewer-numbers", "viewers"] {
            let start =
                format!("/v1/{url}?date_time_from=2018-07-10T00:00:00Z&date_time_to=2018-07-17T00:00:00Z");
            assert!(requests.iter().any(|(_, request)| request.contains(&start)), "{url}");
        }
        for url in [
            "api_replicate_analytics.json?start_timestamp=2018-07-10&end_timestamp=2018-07-17&",
            "replay_session_summary.csv?start_timestamp=2018-07-10%2008:00:00&",
        ] {
            let start = format!("'http://127.0.0.1:8686/v0/pipes/{url}");
            assert!(requests.iter().any(|(_, request)| request.contains(&start)), "{url}");
        }
        let [(_, per_week), _, _, (_, sign_in)] = guide.requests_of_reports();
        assert_eq!(
            per_week,
            "curl -H 'Authorization: Token token=tally_x' \
             'http://127.0.0.1:8686/api/v4/analytics/reports_over_time?channel_id=1\
             &start_date=2018-04-17T00:00:00Z&end_date=2018-07-17T00:00:00Z'"
        );
        let body = r#"{"session":{"email":"demo@example.com","password":"secret","app_bundle_id":"com.example.app"}}"#;
        assert!(sign_in.ends_with(&format!("--data '{body}'")), "{sign_in}");
        let [_, _, _, (_, found), (_, ask)] = guide.requests_of_sharing();
        assert_eq!(found, "curl -u pub:priv 'http://127.0.0.1:8686/sharing/analytics/snapshots/s.json'");
        let body = r#"{"request":{"analytics":{"sharing":{"sharing_message_token":"m"}}}}"#;
        assert!(ask.ends_with(&format!("--data '{body}'")), "{ask}");
    }
}
