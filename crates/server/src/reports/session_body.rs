//! The body of a request about a session: JSON or a form, whatever its `Content-Type` says, small, each name once.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::ReportsError;
use super::auth::APP_BYTES_MAX;
use crate::http::received::{NotReceived, receive};

/// Bytes of a body at most.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Parameters of a form at most.
const PARAMS_MAX: usize = 100;

/// What a request says about a session. A member that is empty or null is as good as absent; unknown ones are passed over.
#[derive(Default)]
pub(super) struct SessionBody {
    /// Whether there was a session at all.
    pub(super) is_there: bool,
    /// The app that asks, as it names itself.
    pub(super) app_bundle_id: Option<String>,
    /// The address to sign in with.
    pub(super) email: Option<String>,
    /// The password.
    pub(super) password: Option<String>,
    /// The refresh token, in the session or beside it.
    pub(super) refresh_token: Option<String>,
}

impl SessionBody {
    /// Reads the body of a request.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ReportsError> {
        match receive(headers, body, BODY_BYTES_MAX, BODY_TIMEOUT).await {
            Ok(bytes) => Self::parse(&bytes),
            Err(NotReceived::TooLarge) => Err(ReportsError::TooLarge(BODY_BYTES_MAX)),
            // The server's own limit for a pause breaks a body off. So does a client that goes away, but then nobody is
            // there to read the answer.
            Err(NotReceived::TooSlow | NotReceived::BrokeOff) => {
                Err(wrong("session", "did not arrive in time"))
            }
        }
    }

    fn parse(body: &[u8]) -> Result<Self, ReportsError> {
        let mut parsed = Self::default();
        // No form of ours begins like this, and many clients send JSON as if it were a form.
        if body.trim_ascii_start().starts_with(b"{") {
            parsed.take_json(body)?;
        } else {
            parsed.take_form(body)?;
        }
        if parsed.app_bundle_id.as_ref().is_some_and(|app| app.len() > APP_BYTES_MAX) {
            return Err(wrong("app_bundle_id", "is too long"));
        }
        Ok(parsed)
    }

    fn take_json(&mut self, body: &[u8]) -> Result<(), ReportsError> {
        let outer: Outer = serde_json::from_slice(body)
            .map_err(|_| wrong("session", "has to be an object in valid JSON, each name in it once"))?;
        self.is_there = outer.session.is_some();
        let session = outer.session.unwrap_or_default();
        for (name, value) in [
            ("app_bundle_id", session.app_bundle_id),
            ("email", session.email),
            ("password", session.password),
            ("refresh_token", session.refresh_token),
            ("refresh_token", outer.refresh_token),
        ] {
            self.set(name, text_of(name, value)?)?;
        }
        Ok(())
    }

    fn take_form(&mut self, body: &[u8]) -> Result<(), ReportsError> {
        for (count, (name, value)) in form_urlencoded::parse(body).enumerate() {
            if count == PARAMS_MAX {
                return Err(wrong("session", "has too many parameters"));
            }
            let member = name.strip_prefix("session[").and_then(|rest| rest.strip_suffix(']'));
            self.is_there |= member.is_some();
            match member {
                Some(member) => self.set(member, Some(value.into_owned()))?,
                None if name == "refresh_token" => self.set(&name, Some(value.into_owned()))?,
                None => {}
            }
        }
        Ok(())
    }

    /// Sets a member; twice is an error, since whoever is between the client and us may have looked at the other one.
    fn set(&mut self, name: &str, value: Option<String>) -> Result<(), ReportsError> {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(()) };
        let Some(place) = self.place(name) else { return Ok(()) };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(wrong(name_of(name), "is there twice")),
        }
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "app_bundle_id" => Some(&mut self.app_bundle_id),
            "email" => Some(&mut self.email),
            "password" => Some(&mut self.password),
            "refresh_token" => Some(&mut self.refresh_token),
            _ => None,
        }
    }
}

/// A body as JSON.
#[derive(Deserialize)]
struct Outer {
    session: Option<Inner>,
    refresh_token: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Inner {
    app_bundle_id: Option<Value>,
    email: Option<Value>,
    password: Option<Value>,
    refresh_token: Option<Value>,
}

/// A member as an error names it.
fn name_of(name: &str) -> &'static str {
    match name {
        "app_bundle_id" => "app_bundle_id",
        "email" => "email",
        "password" => "password",
        "refresh_token" => "refresh_token",
        _ => "session",
    }
}

fn text_of(name: &'static str, value: Option<Value>) -> Result<Option<String>, ReportsError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "has to be a string")),
    }
}

fn wrong(name: &'static str, problem: &str) -> ReportsError {
    ReportsError::Invalid(name, problem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> SessionBody {
        SessionBody::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn json_and_forms_say_the_same() {
        for body in [
            r#"{"session":{"email":"a@b","password":"p&q","app_bundle_id":"app","refresh_token":"r","else":[1]}}"#,
            r#" {"refresh_token":"r","session":{"email":"a@b","password":"p&q","app_bundle_id":"app"},"id":7}"#,
            "session[email]=a%40b&session%5Bpassword%5D=p%26q&session[app_bundle_id]=app&session[refresh_token]=r",
            "refresh_token=r&session[email]=a@b&session[password]=p%26q&session[app_bundle_id]=app&session[else]=1",
        ] {
            let parsed = parse(body);
            let members = [parsed.email, parsed.password, parsed.app_bundle_id, parsed.refresh_token];
            assert_eq!(members.map(Option::unwrap), ["a@b", "p&q", "app", "r"], "{body}");
            assert!(parsed.is_there);
        }
    }

    #[test]
    fn what_is_empty_or_null_is_absent() {
        for body in ["", "{}", r#"{"session":null}"#, "email=a@b", "session=1"] {
            assert!(!parse(body).is_there, "{body}");
        }
        for body in [r#"{"session":{"email":null,"password":""}}"#, "session[email]=&session[password]="] {
            let parsed = parse(body);
            assert!(parsed.is_there && parsed.email.is_none() && parsed.password.is_none(), "{body}");
        }
    }

    #[test]
    fn what_is_there_twice_of_another_type_or_too_long_is_refused() {
        let long = format!("session[app_bundle_id]={}", "a".repeat(257));
        let many = "a=1&".repeat(101);
        for (body, name) in [
            (r#"{"session":{"email":"a","email":"b"}}"#, "session"),
            (r#"{"session":{"refresh_token":"a"},"refresh_token":"b"}"#, "refresh_token"),
            ("session[email]=a&session[email]=b", "email"),
            (r#"{"session":{"email":7}}"#, "email"),
            (r#"{"session":[]}"#, "session"),
            (r#"{"session""#, "session"),
            (&long, "app_bundle_id"),
            (&many, "session"),
        ] {
            let refused = SessionBody::parse(body.as_bytes()).err();
            assert!(
                matches!(refused, Some(ReportsError::Invalid(told, _)) if told == name),
                "{body}: {refused:?}"
            );
        }
    }
}
