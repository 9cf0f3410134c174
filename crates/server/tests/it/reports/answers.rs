//! Golden answers: the shape of every documented example, out of records.

use super::rig::Rig;

const REPORTS: &str = r#"{"report_id":2,"channel_id":1,"created_at":"2016-11-07T09:30:00Z","user_id":3,"state_id":1,"images":[{"report_image_id":3,"created_at":"2016-11-07T00:00:00Z","styles":{"thumb":"https://s3.to/thumb-image.url","medium":"https://s3.to/medium-image.url"}}],"form_fields":[{"field_id":2,"value":"f_1_2_2_2_1"}]}
{"report_id":4,"channel_id":1,"created_at":"2016-11-09T23:30:00Z","user_id":3,"state_id":1}
{"report_id":5,"channel_id":9,"created_at":"2016-11-07T09:30:00Z","user_id":3,"state_id":1}"#;
const READS: &str = r#"{"read_id":1,"report_id":2,"channel_id":1,"user_id":4,"read_at":"2016-11-07T12:00:00Z"}
{"read_id":2,"report_id":2,"channel_id":1,"user_id":4,"read_at":"2016-11-07T13:00:00Z"}
{"read_id":3,"report_id":2,"channel_id":1,"user_id":5,"read_at":"2016-11-07T13:00:00Z"}
{"read_id":4,"report_id":4,"channel_id":1,"user_id":4,"read_at":"2016-11-10T13:00:00Z"}
{"read_id":5,"report_id":5,"channel_id":9,"user_id":6,"read_at":"2016-11-10T13:00:00Z"}"#;
const ALERTS: &str = r#"{"alert_id":1,"report_id":2,"channel_id":1,"user_id":3,"alerted_at":"2016-11-07T09:31:00Z","opened_at":"2016-12-24T00:00:00Z"}
{"alert_id":2,"report_id":2,"channel_id":1,"user_id":3,"alerted_at":"2016-11-07T09:32:00Z","opened_at":null}
{"alert_id":3,"report_id":4,"channel_id":1,"user_id":3,"alerted_at":"2016-11-08T09:32:00Z"}
{"alert_id":4,"report_id":2,"channel_id":1,"user_id":8,"alerted_at":"2016-11-07T09:31:00Z"}"#;
const STATES: &str = r#"{"id":1,"channel_id":1,"name":"state name","position":1}"#;
const USERS: &str = r#"{"user_id":3,"first_name":"Given","last_name":"Family"}"#;
const FORMS: &str = r#"{"id":1,"name":"A form","fields":[{"id":2,"field_type":"DropDown","data":"{\"options\":[{\"label\":\"Resolved\",\"value\":\"f_1_2_2_2_1\"}]}"},{"id":6,"field_type":"ShortTextBox","data":null}]}"#;

pub(super) async fn rig() -> Rig {
    Rig::holding(&[
        ("reports", REPORTS),
        ("report_reads", READS),
        ("report_alerts", ALERTS),
        ("report_states", STATES),
        ("users", USERS),
        ("forms", FORMS),
    ])
    .await
}

#[tokio::test]
async fn images_of_reports() {
    assert_eq!(
        rig().await.analytics("reports_images", "").await,
        concat!(
            r#"[{"report_image_id":3,"account_id":1,"report_id":2,"created_at":"2016-11-07T00:00:00.000Z","#,
            r#""styles":{"thumb":"https://s3.to/thumb-image.url","medium":"https://s3.to/medium-image.url"}}]"#
        )
    );
}

#[tokio::test]
async fn reports_over_time() {
    assert_eq!(
        rig().await.analytics("reports_over_time", "").await,
        concat!(
            r#"[{"account_id":1,"datetime_range_start":"2016-11-07T00:00:00.000Z","report_count":2,"#,
            r#""datetime_range_width":"week"}]"#
        )
    );
}

#[tokio::test]
async fn reports_per_field_selection() {
    assert_eq!(
        rig().await.analytics("reports_per_field_selection", "&field_id=2").await,
        r#"[{"field_id":2,"account_id":1,"name":"Resolved","value":"f_1_2_2_2_1","report_count":1}]"#
    );
}

#[tokio::test]
async fn reports_per_state() {
    assert_eq!(
        rig().await.analytics("reports_per_state", "").await,
        r#"[{"id":1,"name":"state name","account_id":1,"report_count":2}]"#
    );
}

#[tokio::test]
async fn reports_per_user() {
    assert_eq!(
        rig().await.analytics("reports_per_user", "&fields=whatever").await,
        r#"[{"user_id":3,"account_id":1,"report_count":2}]"#
    );
}

#[tokio::test]
async fn reports_per_day_hour() {
    assert_eq!(
        rig().await.analytics("reports_per_day_hour", "").await,
        r#"[{"account_id":1,"hour":9,"report_count":1},{"account_id":1,"hour":23,"report_count":1}]"#
    );
}

#[tokio::test]
async fn reports_per_week_day() {
    assert_eq!(
        rig().await.analytics("reports_per_week_day", "").await,
        r#"[{"account_id":1,"dow":1,"report_count":1},{"account_id":1,"dow":3,"report_count":1}]"#
    );
}

#[tokio::test]
async fn reports_read() {
    let rig = rig().await;
    assert_eq!(
        rig.analytics("reports_read", "&fields=total_reads,unique_reads,report_readers,reports_seen").await,
        r#"{"total_reads":4,"reports_seen":2,"report_readers":2,"unique_reads":3}"#
    );
    assert_eq!(rig.analytics("reports_read", "").await, r#"{"total_reads":4}"#);
}

#[tokio::test]
async fn user_awareness() {
    let rig = rig().await;
    let fields = "&fields=total_alerts,alert_source_reports,unique_alerts,alerts_opened";
    assert_eq!(
        rig.analytics("user_awareness", fields).await,
        concat!(
            r#"[{"total_alerts":3,"alert_source_reports":2,"unique_alerts":2,"alerts_opened":1,"user_id":3,"#,
            r#""first_name":"Given","last_name":"Family"},"#,
            r#"{"total_alerts":1,"alert_source_reports":1,"unique_alerts":1,"alerts_opened":0,"user_id":8,"#,
            r#""first_name":null,"last_name":null}]"#
        )
    );
    assert_eq!(
        rig.analytics("user_awareness", "").await,
        concat!(
            r#"[{"total_alerts":3,"user_id":3,"first_name":"Given","last_name":"Family"},"#,
            r#"{"total_alerts":1,"user_id":8,"first_name":null,"last_name":null}]"#
        )
    );
}

#[tokio::test]
async fn the_channel_may_stand_in_the_path() {
    let rig = rig().await;
    for name in ["reports_images", "reports_over_time", "reports_per_state", "reports_read", "user_awareness"]
    {
        let of_path = rig.get(&format!("analytics/1/{name}?{}", super::rig::DATES)).await;
        assert_eq!((of_path.status, of_path.text), (200, rig.analytics(name, "").await), "{name}");
    }
}
