//! Settings, as `tallyhouse check-config` shows them.

use crate::program::Program;

#[test]
fn flags_win_over_the_environment_and_that_over_the_file_of_the_current_folder() {
    let program = Program::new();
    let file =
        "listen = \"127.0.0.1:1\"\ndata = \"file\"\n[log]\nlevel = \"error\"\n[ingest]\nrequests_max = 3\n";
    std::fs::write(program.folder.path().join("tallyhouse.toml"), file).unwrap();
    let mut command = program.command(["check-config", "--json", "--data", "flag"]);
    let output = command.env("TALLYHOUSE_LISTEN", "127.0.0.1:2").output().unwrap();
    let settings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(settings["data"], "flag");
    assert_eq!(settings["listen"], "127.0.0.1:2");
    assert_eq!(settings["ingest"]["requests_max"], 3);
    assert_eq!(settings["ingest"]["body_bytes_max"], 10_000_000);
}

#[test]
fn what_check_config_prints_is_a_settings_file_with_the_same_effect() {
    let program = Program::new();
    let printed = program.answer("check-config");
    std::fs::write(program.folder.path().join("all.toml"), &printed).unwrap();
    assert_eq!(program.answer("check-config --config all.toml"), printed);
    let named = program.command(["check-config"]).env("TALLYHOUSE_CONFIG", "all.toml").output().unwrap();
    assert_eq!(String::from_utf8(named.stdout).unwrap(), printed);
}

#[test]
fn an_empty_data_folder_stops_every_command_before_it_makes_anything() {
    let program = Program::new();
    for line in ["check-config", "account create acme", "serve"] {
        let output = program.command(line.split(' ')).env("TALLYHOUSE_DATA", "").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains("the setting data") && message.contains("must not be empty"), "{message}");
        let flag = program.command(line.split(' ').chain(["--data", ""])).output().unwrap();
        assert!(!flag.status.success(), "{line}");
    }
    assert_eq!(std::fs::read_dir(program.folder.path()).unwrap().count(), 0);
}

#[test]
fn an_unknown_key_or_variable_stops_every_command_and_is_named() {
    let program = Program::new();
    let output = program.command(["check-config"]).env("TALLYHOUSE_LISEN", "x").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("TALLYHOUSE_LISEN"));
    std::fs::write(program.folder.path().join("tallyhouse.toml"), "[ingest]\nbody_byte_max = 1\n").unwrap();
    for line in ["check-config", "account list", "serve"] {
        let message = program.failure(line, 1);
        assert!(message.contains("body_byte_max") && message.contains("tallyhouse.toml"), "{message}");
    }
}
