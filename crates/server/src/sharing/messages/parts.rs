//! What a message is made of: read from requests, kept as JSON, and which of its URLs get short ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::sharing::SharingError;
use crate::sharing::members::{self, Member, wrong};
use crate::sharing::web_url::{WEB_URL_BYTES_MAX, check_web_url, urls_in};

/// Bytes of the text of a message.
const BODY_BYTES_MAX: usize = 65_536;

/// Bytes of what is said of a link.
const LINK_TEXT_BYTES_MAX: usize = 4_096;

/// Files of a message.
const UPLOADS_MAX: usize = 50;

/// Bytes of the name of a file.
const NAME_BYTES_MAX: usize = 255;

/// URLs of a message that get short ones.
const TRACKED_MAX: usize = 20;

const PATH: &str = "request.sharing_message.parts";

/// What a message is made of, as it is kept and shown. Of uploads there are only the names.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Parts {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<Media>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<Media>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uploads: Vec<Upload>,
    flags: Flags,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Text {
    body: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Media {
    url: String,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Link {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Upload {
    name: String,
}

/// 1 for yes, as the vendor writes it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Flags {
    enable_tracking: u8,
}

#[derive(Deserialize)]
struct SentParts<'a> {
    #[serde(borrow, default)]
    text: Member<'a>,
    #[serde(borrow, default)]
    video: Member<'a>,
    #[serde(borrow, default)]
    picture: Member<'a>,
    #[serde(borrow, default)]
    link: Member<'a>,
    #[serde(borrow, default)]
    uploads: Member<'a>,
    #[serde(borrow, default)]
    flags: Member<'a>,
}

#[derive(Deserialize)]
struct SentText<'a> {
    #[serde(borrow, default)]
    body: Member<'a>,
}

#[derive(Deserialize)]
struct SentMedia<'a> {
    #[serde(borrow, default)]
    url: Member<'a>,
}

#[derive(Deserialize)]
struct SentLink<'a> {
    #[serde(borrow, default)]
    url: Member<'a>,
    #[serde(borrow, default)]
    name: Member<'a>,
    #[serde(borrow, default)]
    caption: Member<'a>,
    #[serde(borrow, default)]
    description: Member<'a>,
}

#[derive(Deserialize)]
struct SentUpload<'a> {
    #[serde(borrow, default)]
    name: Member<'a>,
    #[serde(borrow, default)]
    data: Member<'a>,
}

#[derive(Deserialize)]
struct SentFlags<'a> {
    #[serde(borrow, default)]
    enable_tracking: Member<'a>,
}

impl Parts {
    /// What was sent; there has to be something besides flags.
    pub(super) fn of(member: Member<'_>) -> Result<Self, SharingError> {
        let sent: SentParts<'_> = members::required_object(member, PATH)?;
        let parts = Parts {
            text: text(sent.text)?,
            video: media(sent.video, "video")?,
            picture: media(sent.picture, "picture")?,
            link: link(sent.link)?,
            uploads: uploads(sent.uploads)?,
            flags: flags(sent.flags)?,
        };
        let Parts { text, video, picture, link, uploads, flags: _ } = &parts;
        let is_empty =
            text.is_none() && video.is_none() && picture.is_none() && link.is_none() && uploads.is_empty();
        if is_empty { Err(wrong(PATH, "has no text, video, picture, link or uploads")) } else { Ok(parts) }
    }

    /// As they are kept.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("writing to memory does not fail")
    }

    /// The URLs that get short ones for each publication: that of the link, then those of the text.
    pub(super) fn tracked_urls(&self) -> Vec<String> {
        if self.flags.enable_tracking == 0 {
            return Vec::new();
        }
        let of_link = self.link.as_ref().and_then(|link| link.url.as_deref());
        let of_text = self.text.as_ref().map(|text| urls_in(&text.body, TRACKED_MAX)).unwrap_or_default();
        let mut urls: Vec<String> = Vec::new();
        for url in of_link.into_iter().chain(of_text) {
            if urls.len() < TRACKED_MAX && !urls.iter().any(|seen| seen == url) {
                urls.push(url.to_owned());
            }
        }
        urls
    }
}

/// The same of parts as they are kept. What cannot be read has none.
pub(super) fn tracked_urls(parts: &str) -> Vec<String> {
    serde_json::from_str(parts).map(|parts: Parts| parts.tracked_urls()).unwrap_or_default()
}

fn text(member: Member<'_>) -> Result<Option<Text>, SharingError> {
    let Some(sent) = members::object::<SentText<'_>>(member, &format!("{PATH}.text"))? else {
        return Ok(None);
    };
    let body = members::text(sent.body, &format!("{PATH}.text.body"), BODY_BYTES_MAX)?;
    Ok(body.map(|body| Text { body }))
}

fn media(member: Member<'_>, name: &str) -> Result<Option<Media>, SharingError> {
    let Some(sent) = members::object::<SentMedia<'_>>(member, &format!("{PATH}.{name}"))? else {
        return Ok(None);
    };
    Ok(url(sent.url, &format!("{PATH}.{name}.url"))?.map(|url| Media { url }))
}

fn link(member: Member<'_>) -> Result<Option<Link>, SharingError> {
    let Some(sent) = members::object::<SentLink<'_>>(member, &format!("{PATH}.link"))? else {
        return Ok(None);
    };
    let text = |member, name| members::text(member, &format!("{PATH}.link.{name}"), LINK_TEXT_BYTES_MAX);
    let link = Link {
        url: url(sent.url, &format!("{PATH}.link.url"))?,
        name: text(sent.name, "name")?,
        caption: text(sent.caption, "caption")?,
        description: text(sent.description, "description")?,
    };
    if link == Link::default() {
        return Ok(None);
    }
    if link.url.is_none() {
        return Err(wrong(&format!("{PATH}.link.url"), "is missing"));
    }
    Ok(Some(link))
}

fn url(member: Member<'_>, path: &str) -> Result<Option<String>, SharingError> {
    let url = members::text(member, path, WEB_URL_BYTES_MAX)?;
    match url.as_deref().map(check_web_url) {
        Some(Err(problem)) => Err(wrong(path, problem)),
        _ => Ok(url),
    }
}

fn uploads(member: Member<'_>) -> Result<Vec<Upload>, SharingError> {
    let path = format!("{PATH}.uploads");
    let entries = members::list::<UPLOADS_MAX>(member, &path)?.into_iter().enumerate();
    let uploads = entries.map(|(at, entry)| {
        let path = format!("{path}[{at}]");
        let sent: SentUpload<'_> = members::required_object(Some(entry), &path)?;
        check_data(sent.data, &format!("{path}.data"))?;
        Ok(Upload { name: members::token(sent.name, &format!("{path}.name"), NAME_BYTES_MAX)? })
    });
    uploads.collect()
}

/// Refuses data that are not in base 64. They are not kept: nobody could do anything with them here.
fn check_data(member: Member<'_>, path: &str) -> Result<(), SharingError> {
    let data = members::text(member, path, usize::MAX)?.ok_or_else(|| wrong(path, "is missing"))?;
    // PHP has a function that breaks base 64 into lines.
    let bytes: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(bytes).map(drop).map_err(|error| wrong(path, format_args!("is not base 64: {error}")))
}

fn flags(member: Member<'_>) -> Result<Flags, SharingError> {
    let Some(sent) = members::object::<SentFlags<'_>>(member, &format!("{PATH}.flags"))? else {
        return Ok(Flags::default());
    };
    let enable_tracking = match sent.enable_tracking.map_or("0", |raw| raw.get()) {
        "1" | "true" | "\"1\"" => 1,
        "0" | "false" | "\"0\"" | "\"\"" | "null" => 0,
        _ => return Err(wrong(&format!("{PATH}.flags.enable_tracking"), "has to be 0 or 1")),
    };
    Ok(Flags { enable_tracking })
}

#[cfg(test)]
mod tests;
