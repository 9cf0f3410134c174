//! The page on the API: the tests that its readings name have to exist, and its examples have to answer what it says.

use std::path::Path;

use super::rig::Rig;
use crate::tests_by_name::assert_are_tests;

fn page() -> String {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(crate_folder.join("../../docs/API.md")).unwrap()
}

#[test]
fn every_reading_of_reports_names_a_test_that_exists() {
    let page = page();
    let section = page.split_once("### Disputed readings of reports").unwrap().1.split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let columns = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap());
    let names: Vec<_> = columns.flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
    assert_eq!(names.len(), 39);
    assert_are_tests("docs/API.md", &names);
}

/// A request of the page, and what the page says is answered.
struct Example {
    url: String,
    body: String,
    answer: String,
}

/// The requests of the section about reports that have an answer below them, but for those about sessions.
fn examples(page: &str) -> Vec<Example> {
    let section = page.split_once("\n## Reports\n").unwrap().1.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let requests = blocks.flat_map(|block| block.split("curl ").skip(1));
    let requests = requests.filter(|request| request.contains("\n# "));
    requests
        .map(|request| {
            let (request, answer) = request.split_once("\n# ").unwrap();
            let url = request.split_once("$BASE").unwrap().1.split_once('"').unwrap().0.to_owned();
            let body = request.split_once("--data-binary '\n").map_or("", |(_, body)| body);
            let body = body.trim_end().trim_end_matches('\'').to_owned();
            Example { url, body, answer: answer.lines().next().unwrap().to_owned() }
        })
        .collect()
}

#[tokio::test]
async fn the_examples_of_reports_answer_what_the_page_says() {
    let page = page();
    let (sent, asked): (Vec<_>, Vec<_>) =
        examples(&page).into_iter().partition(|example| example.url.starts_with("/v0/events"));
    assert_eq!((sent.len(), asked.len()), (7, 8), "examples were added or are not found any more");
    let rig = Rig::new();
    let authorization = format!("Bearer {}", rig.append());
    for Example { url, body, answer } in sent {
        let headers = [("authorization", authorization.as_str())];
        assert_eq!(rig.request("POST", &url, &headers, body).await.text, answer, "{url}");
    }
    for Example { url, answer, .. } in asked {
        let path = url.strip_prefix("/api/v4/").unwrap();
        assert_eq!(rig.get(path).await.text, answer, "{url}");
    }
}
