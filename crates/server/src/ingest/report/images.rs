//! The images of a report: `images[]` with its id, its time and where its versions are.

use std::collections::BTreeMap;

use serde::Serialize;
use tallyhouse_model::limits::TEXT_BYTES_MAX;
use tallyhouse_model::tables::report_images as at;
use tallyhouse_model::{Micros, render_record_time};

use super::OwnedList;
use super::owned_list::{Rows, fields_of, items_of, place_of};
use crate::ingest::values::{integer_or_digits, object, required, string, time};
use crate::ingest::{Empty, Field, ID_MAX, Reason, Rule, Sent, TextFrom, TextRule, Zoneless};

const URL: TextRule = TextRule { from: TextFrom::Strings, bytes_max: TEXT_BYTES_MAX, empty: Empty::Absent };

static IMAGE: [Field; 3] = [
    Field::required("report_image_id", Rule::Digits(ID_MAX), at::REPORT_IMAGE_ID),
    Field::required("created_at", Rule::Time(Zoneless::Refused), at::CREATED_AT),
    Field::not_kept("styles", Rule::Object),
];

static STYLES: [Field; 2] = [
    Field::optional("thumb", Rule::Text(URL), at::THUMB),
    Field::optional("medium", Rule::Text(URL), at::MEDIUM),
];

/// An image that keeps its rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Its id, by which those of a report are told apart.
    pub id: u64,
    /// When it was made.
    pub created_at: Micros,
    /// Where a small version is; empty where there is none.
    pub thumb: String,
    /// Where a larger version is; empty where there is none.
    pub medium: String,
}

/// The images that were sent, sorted by their ids; of several with one id the last one. `None` where there are none.
pub fn images(sent: Sent<'_>, now: Micros) -> Result<Option<OwnedList>, Reason> {
    let mut images = BTreeMap::new();
    for (index, item) in items_of(sent)?.into_iter().enumerate() {
        let image = image_of(item.get(), now).map_err(|reason| reason.within(&place_of(sent, index)))?;
        images.insert(image.id, image);
    }
    if images.is_empty() {
        return Ok(None);
    }
    let images: Vec<Image> = images.into_values().collect();
    let bodies: Vec<ImageBody<'_>> = images.iter().map(ImageBody::of).collect();
    let json = serde_json::to_string(&bodies).expect("texts, numbers and objects are always JSON");
    OwnedList::new(sent, json, Rows::Images(images)).map(Some)
}

fn image_of(json: &str, now: Micros) -> Result<Image, Reason> {
    let raws = fields_of(&IMAGE, json)?;
    let [id, created_at, styles] = [0, 1, 2].map(|index| Sent { field: &IMAGE[index], raw: &raws[index] });
    let id_sent = integer_or_digits(id, ID_MAX)?.ok_or_else(|| required(id))?;
    let time_sent = time(created_at, Zoneless::Refused, now)?.ok_or_else(|| required(created_at))?;
    let [thumb, medium] = styles_of(styles)?;
    Ok(Image { id: id_sent, created_at: time_sent, thumb, medium })
}

/// Where a small and a larger version are.
fn styles_of(sent: Sent<'_>) -> Result<[String; 2], Reason> {
    let Some(json) = object(sent)? else { return Ok(Default::default()) };
    let name = sent.field.name;
    let raws = fields_of(&STYLES, json).map_err(|reason| reason.within(name))?;
    let url = |index: usize| -> Result<String, Reason> {
        let url = string(Sent { field: &STYLES[index], raw: &raws[index] }, URL);
        Ok(url.map_err(|reason| reason.within(name))?.unwrap_or_default().to_owned())
    };
    Ok([url(0)?, url(1)?])
}

/// An image as its report keeps it.
#[derive(Serialize)]
struct ImageBody<'i> {
    report_image_id: u64,
    created_at: String,
    styles: StylesBody<'i>,
}

#[derive(Serialize)]
struct StylesBody<'i> {
    thumb: Option<&'i str>,
    medium: Option<&'i str>,
}

impl<'i> ImageBody<'i> {
    fn of(image: &'i Image) -> Self {
        let some = |url: &'i String| Some(url.as_str()).filter(|url| !url.is_empty());
        Self {
            report_image_id: image.id,
            created_at: render_record_time(image.created_at),
            styles: StylesBody { thumb: some(&image.thumb), medium: some(&image.medium) },
        }
    }
}
