//! Agents as they are found in the world, and agents that nobody would send in earnest.

use std::sync::LazyLock;

use super::*;
use tallyhouse_model::DeviceClass::{Desktop, Mobile, Other, Tablet, Tv};

const ACCOUNT: AccountId = AccountId(1);

/// Shared, because the patterns take a while to compile.
static AGENTS: LazyLock<Agents> = LazyLock::new(|| Agents::start().unwrap());

#[test]
fn devices_have_their_class() {
    for (class, agents) in CLASSES {
        for agent in *agents {
            assert_eq!(AGENTS.find(ACCOUNT, agent).device, *class, "{agent}");
        }
    }
}

/// Browsers, apps, boxes and programs by class.
const CLASSES: &[(DeviceClass, &[&str])] = &[
    (
        Desktop,
        &[
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0",
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; SLCC2; .NET CLR 2.0.50727; Tablet PC 2.0; rv:11.0) like Gecko",
            "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:132.0) Gecko/20100101 Firefox/132.0",
            "AppleCoreMedia/1.0.0.23H222 (Macintosh; U; Intel Mac OS X 14_7; en_us)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; FreeBSD amd64; rv:122.0) Gecko/20100101 Firefox/122.0",
            "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18",
        ],
    ),
    (
        Mobile,
        &[
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
            "AppleCoreMedia/1.0.0.22B91 (iPhone; U; CPU OS 18_1_1 like Mac OS X; en_us)",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
            "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A.230901.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/430.0.0.23.113;]",
            "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
            "Dalvik/2.1.0 (Linux; U; Android 13; SM-A536B Build/TP1A.220624.014)",
            "ExoPlayerDemo/2.19.1 (Linux;Android 12) ExoPlayerLib/2.19.1",
            "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063",
            "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372 Mobile Safari/537.10+",
            "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
            "Mozilla/5.0 (Phone; OpenHarmony 4.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
            "Mozilla/5.0 (Linux; Tizen 2.3; SAMSUNG SM-Z130H) AppleWebKit/537.3 (KHTML, like Gecko) SamsungBrowser/1.0 Mobile Safari/537.3",
            "Mozilla/5.0 (Nintendo 3DS; U; ; en) Version/1.7412.EU",
            "Mozilla/5.0 (PlayStation Vita 3.74) AppleWebKit/537.73 (KHTML, like Gecko) Silk/3.2",
            // Words of other devices within words.
            "RivieraRadio/3.1 (iPhone; iOS 17.0)",
            "RivieraRadio/3.1 (Android 13; SM-G991B)",
            "InteractivoPlayer/2.0 (Android 13; SM-G991B)",
            "Testb/1.0 (Android 14; Pixel 8)",
            "FamitvGuide/1.0 (Android 14; Pixel 8)",
            "Televizio/4.2 (Android 14; Pixel 8)",
            "PlanetTv/4.2 (Android 14; Pixel 8)",
            "FoxboxPlayer/1.0 (Android 14; Pixel 8)",
            "Nachrichten/1.0 (Android 14; Aftenblatt)",
            "Nachrichten/1.0 (Android 14; Kfz-Halter)",
            "SkipAds/1.0 (Android 14; Pixel 8)",
            "Playbook/1.0 (Android 14; Pixel 8)",
            "Rekindle/1.0 (Android 14; Pixel 8)",
            // Apps that are named after another device.
            "Kindle/8.1 (Android 14; Pixel 8)",
            "Kindle/8.1 (iPhone; iOS 17.0)",
            "PlayStationApp/24.1 (Android 14; Pixel 8)",
            "Xbox/24.1 (Android 14; Pixel 8)",
            "ChromecastSender/2.0 (Android 14; Pixel 8)",
            "VizioMobile/2.0 (iPhone; iOS 17.0)",
            "Roku/10.9 (iPhone; iOS 17.0)",
            "Tesla/4.29 (iPhone; iOS 17.0)",
            "PlayerForAndroid/3.0",
            "playerforandroid/3.0",
        ],
    ),
    (
        Tablet,
        &[
            "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
            "AppleCoreMedia/1.0.0.22B91 (iPad; U; CPU OS 18_1_1 like Mac OS X; en_us)",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 13; SM-X906C Build/TP1A.220624.014) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Android 14; Tablet; rv:132.0) Gecko/132.0 Firefox/132.0",
            "Dalvik/2.1.0 (Linux; U; Android 11; SM-T510 Build/RP1A.200720.012)",
            "Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/118.4.1 like Chrome/118.0.5993.155 Safari/537.36",
            "Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; KFTT Build/IML74K) AppleWebKit/535.19 (KHTML, like Gecko) Silk/2.1 Mobile Safari/535.19 Silk-Accelerated=true",
            "Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.1.0; en-US) AppleWebKit/536.2+ (KHTML, like Gecko) Version/7.2.1.0 Safari/536.2+",
            "Mozilla/5.0 (Tablet; OpenHarmony 4.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1",
            "RivieraRadio/3.1 (iPad; iOS 17.0)",
            "PlayeriPad/3.1 (iPad13,4; iPhone OS 17_0)",
            "Mozilla/5.0 (Linux; U; en-US) AppleWebKit/528.5+ (KHTML, like Gecko, Safari/528.5+) Version/4.0 Kindle/3.0 (screen 600x800; rotate)",
            "Mozilla/5.0 (Linux; U; Android 2.3.4; en-us; Kindle Fire Build/GINGERBREAD) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1",
            "Mozilla/5.0 (hp-tablet; Linux; hpwOS/3.0.5; U; en-US) AppleWebKit/534.6 (KHTML, like Gecko) wOSBrowser/234.83 Safari/534.6 TouchPad/1.0",
        ],
    ),
    (
        Tv,
        &[
            "Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) 94.0.4606.31/7.0 TV Safari/537.36",
            "Mozilla/5.0 (Linux; Tizen 2.3; SmartHub; SMART-TV; SmartTV; U; Maple2012) AppleWebKit/538.1+ (KHTML, like Gecko) TV Safari/538.1+",
            "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
            "Mozilla/5.0 (Linux; Android 10; BRAVIA 4K VH2 Build/QTG3.200305.006.S38; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.144 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Andr0id 9; BRAVIA 4K UR2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.152 Safari/537.36 OPR/46.0.2207.0 OMI/4.20.5.60 HbbTV/1.5.1 (+DRM; Sony;)",
            "HbbTV/1.4.1 (+DRM; Philips; 50PUS7303; V1.0; ; FXPROD;)",
            "AppleTV11,1/11.1",
            "AppleCoreMedia/1.0.0.22J580 (Apple TV; U; CPU OS 18_1 like Mac OS X; en_us)",
            "Roku/DVP-14.0 (14.0.4.3164-C6)",
            "Mozilla/5.0 (Linux; Android 7.1.2; AFTMM Build/NS6265; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/59.0.3071.125 Mobile Safari/537.36",
            "Dalvik/2.1.0 (Linux; U; Android 9; AFTT Build/PS7624)",
            "Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.225 Safari/537.36 CrKey/1.56.500000 DeviceType/Chromecast",
            "Dalvik/2.1.0 (Linux; U; Android 12; Chromecast Build/STTL.231114.004)",
            "Mozilla/5.0 (Linux; Android 11; SHIELD Android TV Build/RQ1A.210105.003; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 9; MIBOX4 Build/PI; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/84.0.4147.125 Mobile Safari/537.36",
            "Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/48.0.2564.82 Safari/537.36 Edge/20.02",
            "Mozilla/5.0 (Nintendo WiiU) AppleWebKit/536.30 (KHTML, like Gecko) NX/3.0.4.2.12 NintendoBrowser/4.3.1.11264.US",
            "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/606.4 (KHTML, like Gecko) NF/6.0.1.15.4 NintendoBrowser/5.1.0.20393",
            "Mozilla/5.0 (Linux; U; Linux; Vidaa/6.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.182 Safari/537.36 VIDAA/6.0",
            "Mozilla/5.0 (X11; FreeBSD; U; Viera; en-GB) AppleWebKit/537.11 (KHTML, like Gecko) Viera/3.10.0 Chrome/23.0.1271.97 Safari/537.11",
            "Mozilla/5.0 (Linux; Android 11; MiTV-MSSP1 Build/RP1A.201005.006; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Andr0id 9; TiVo STB) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.152 Safari/537.36",
            "Dalvik/2.1.0 (Linux; U; Android 9; DIW387_STB Build/PI)",
            "Mozilla/5.0 (Linux; Android 9; Chromecast Build/STTL) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Windows Phone 10.0; Android 4.2.1; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/46.0.2486.0 Mobile Safari/537.36 Edge/13.10586",
            "Mozilla/5.0 (PLAYSTATION 3 4.91) AppleWebKit/531.22.8 (KHTML, like Gecko)",
            "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.79 Safari/537.36 LG Browser/8.00.00 webOS.TV-2021",
        ],
    ),
    (
        Other,
        &[
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 8_3 like Mac OS X) AppleWebKit/600.1.4 (KHTML, like Gecko) Version/8.0 Mobile/12F70 Safari/600.1.4 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "curl/8.10.1",
            "Wget/1.21.4",
            "python-requests/2.32.3",
            "Go-http-client/2.0",
            "okhttp/4.12.0",
            "VLC/3.0.21 LibVLC/3.0.21",
            "Lavf/61.7.100",
            "Mozilla/5.0 (Linux; Android 12; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/35.3.0.5.59 Chrome/126.0.6478.183 Mobile VR Safari/537.36",
            "Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chromium/79.0.3945.130 Safari/537.36 Tesla/2020.16.2.1-e99c70fff409",
            "RivieraRadio/3.1",
            "Testb/1.0",
            "Macros 5.0",
            "Automobile/2.0",
            "Tripods/1.0",
            "x",
            "nonsense \u{0} \u{fffd}",
        ],
    ),
];

/// Only what is not null, to be read at a glance: `browser; os; device`.
fn summary(agent: &str) -> String {
    let info: serde_json::Value = serde_json::from_str(&AGENTS.find(ACCOUNT, agent).device_info).unwrap();
    let object = |object: &str, names: &[&str]| {
        let values = names.iter().filter_map(|name| info[object][*name].as_str());
        values.collect::<Vec<_>>().join(" ")
    };
    let browser = object("browser", &["family", "major", "minor", "patch"]);
    let os = object("os", &["family", "major", "minor", "patch", "patch_minor"]);
    format!("{browser}; {os}; {}", object("device", &["family", "brand", "model"]))
}

#[test]
fn families_and_versions_are_those_that_the_patterns_know() {
    for (agent, expected) in GOLDEN {
        assert_eq!(summary(agent), *expected, "{agent}");
    }
}

const GOLDEN: &[(&str, &str)] = &[
    (CLASSES[0].1[0], "Chrome 131 0 0; Windows 10; Other"),
    (CLASSES[0].1[1], "Firefox 132 0; Windows 10; Other"),
    (CLASSES[0].1[2], "Edge 131 0 2903; Windows 10; Other"),
    (CLASSES[0].1[3], "Opera 115 0 0; Windows 10; Other"),
    (CLASSES[0].1[6], "Safari 18 1; Mac OS X 10 15 7; Mac Apple Mac"),
    (CLASSES[0].1[11], "Firefox 132 0; Ubuntu; Other"),
    (CLASSES[0].1[12], "Chrome 131 0 0; Chrome OS 14541 0 0; Other"),
    (CLASSES[1].1[0], "Mobile Safari 18 1 1; iOS 18 1 1; iPhone Apple iPhone"),
    (CLASSES[1].1[5], "Samsung Internet 27 0; Android 14; Samsung SM-S918B Samsung SM-S918B"),
    (CLASSES[1].1[6], "Firefox Mobile 132 0; Android 14; Generic Smartphone Generic Smartphone"),
    (CLASSES[1].1[9], "Android 13; Android 13; Samsung SM-A536B Samsung SM-A536B"),
    (CLASSES[2].1[0], "Mobile Safari 12 1 2; iOS 12 5 7; iPad Apple iPad"),
    (CLASSES[3].1[0], "Safari; Tizen 7 0; Samsung SMART-TV Samsung SMART-TV"),
    (CLASSES[3].1[9], "Chrome Mobile WebView 59 0 3071; Android 7 1 2; AFTMM Generic_Android AFTMM"),
    (CLASSES[4].1[0], "Googlebot 2 1; Other; Spider Spider Desktop"),
    (CLASSES[4].1[5], "curl 8 10 1; Other; Other"),
    ("x", "Other; Other; Other"),
];

#[test]
fn device_info_has_the_documented_members_in_their_order() {
    let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 Mobile/15E148 Safari/604.1";
    let expected = concat!(
        r#"{"browser":{"family":"Mobile Safari","major":"18","minor":"1","patch":"1"},"#,
        r#""os":{"family":"iOS","major":"18","minor":"1","patch":"1","patch_minor":null},"#,
        r#""device":{"family":"iPhone","brand":"Apple","model":"iPhone"}}"#
    );
    assert_eq!(&*AGENTS.find(ACCOUNT, agent).device_info, expected);
    assert_eq!(&*AGENTS.find(ACCOUNT, "x").device_info, crate::ingest::DEVICE_INFO_UNKNOWN);
}

#[test]
fn a_tablet_that_asks_for_desktop_pages_cannot_be_told_from_a_desktop() {
    let ipad = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15";
    assert_eq!(AGENTS.find(ACCOUNT, ipad).device, Desktop);
}

#[test]
fn hostile_agents_are_parsed_like_others_up_to_the_bound() {
    let repeated = [
        "; ",
        "a",
        "é",
        "1.",
        "Build/",
        "(compatible; bot/1.0; ",
        "bot spider crawl ",
        "Android 1.1.1.1 ",
        "; SM-",
        "Mozilla/5.0 (Linux; Android 9; ",
        "Linux; U; Android 4; xx-xx; ",
        "((((((((",
        "\\",
        "\"",
        "\u{0}",
    ];
    for text in repeated {
        let long = text.repeat(2_048 / text.len());
        let found = AGENTS.find(ACCOUNT, &long);
        let info: serde_json::Value = serde_json::from_str(&found.device_info).unwrap();
        for object in ["browser", "os", "device"] {
            assert!(info[object]["family"].as_str().is_some_and(|family| !family.is_empty()), "{info}");
        }
        // What stands behind the bound changes nothing.
        let cut = &long[..long.floor_char_boundary(AGENT_BYTES_MAX)];
        assert_eq!(AGENTS.find(ACCOUNT, &format!("{cut}; iPhone; Windows NT 10.0")), found, "{text}");
    }
}

#[test]
fn what_is_exported_can_be_imported() {
    for agent in [
        format!("{}/1.2", "x".repeat(1_020)),
        format!("Mozilla/5.0 (Linux; Android 9; {})", "\"é".repeat(400)),
    ] {
        let found = AGENTS.find(ACCOUNT, &agent);
        let mut device_infos = crate::ingest::DeviceInfos::default();
        assert_eq!(device_infos.stored(&found.device_info).unwrap(), found.device_info);
    }
}
