//! The patterns of the uap project, which know most agents there are, compiled.
//!
//! The tables are made from the pattern file of the `ua-parser` package when the server is built: `build/main.rs`.

use std::borrow::Cow;

use ua_parser::{Error, Extractor, device, os, user_agent};

include!(concat!(env!("OUT_DIR"), "/agent_patterns.rs"));

/// Compiles all patterns: some 1,200 regular expressions, which takes a third of a second and 46 MB.
pub fn compile() -> Result<Extractor<'static>, Error> {
    let browsers = BROWSERS.iter().try_fold(user_agent::Builder::new(), |builder, row| {
        let [regex, family, v1, v2, v3, v4] = row.map(text);
        builder.push(user_agent::Parser {
            regex: regex.unwrap_or_default(),
            family_replacement: family,
            v1_replacement: v1,
            v2_replacement: v2,
            v3_replacement: v3,
            v4_replacement: v4,
        })
    })?;
    let systems = SYSTEMS.iter().try_fold(os::Builder::new(), |builder, row| {
        let [regex, os, v1, v2, v3, v4] = row.map(text);
        builder.push(os::Parser {
            regex: regex.unwrap_or_default(),
            os_replacement: os,
            os_v1_replacement: v1,
            os_v2_replacement: v2,
            os_v3_replacement: v3,
            os_v4_replacement: v4,
        })
    })?;
    let devices = DEVICES.iter().try_fold(device::Builder::new(), |builder, row| {
        let [regex, flag, device, brand, model] = row.map(text);
        builder.push(device::Parser {
            regex: regex.unwrap_or_default(),
            regex_flag: flag.map(|_| device::Flag::IgnoreCase),
            device_replacement: device,
            brand_replacement: brand,
            model_replacement: model,
        })
    })?;
    Ok(Extractor { ua: browsers.build()?, os: systems.build()?, dev: devices.build()? })
}

fn text(text: Option<&'static str>) -> Option<Cow<'static, str>> {
    text.map(Cow::Borrowed)
}
