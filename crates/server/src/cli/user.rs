//! `tallyhouse user`: makes, lists, changes and deletes the logins of people, also while a server runs on the data folder,
//! which sees it at the next request.

use clap::{Args, Subcommand};
use serde_json::json;
use tallyhouse_model::{AccountId, render_record_time};

use super::listing::{Listed, list};
use super::narrowing::{narrowing_text, parse_id, sorted};
use super::password::read_password;
use super::print;
use crate::catalog::{Catalog, Login, LoginRequest};
use crate::clock;
use crate::config::Config;

/// Make, list, change and delete users, who sign in at /api/v4/session. Works while a server runs on the data folder
#[derive(Debug, Args)]
pub(super) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make a user, with the password on standard input: one line, at least 8 characters, at most 1,024 bytes
    Create(CreateArgs),
    /// List users, without their passwords
    List {
        /// Only those of this account
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// Answer a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Give a user the password on standard input, and end all sessions of the user
    Password {
        /// Whose
        email: String,
    },
    /// End all sessions of a user, who cannot sign in again before `tallyhouse user enable`
    Disable {
        /// Whose
        email: String,
    },
    /// Let a user who was disabled sign in again
    Enable {
        /// Who
        email: String,
    },
    /// Delete a user, with all sessions. The people in the data are not touched
    Delete {
        /// Who
        email: String,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// Whose data the user sees
    #[arg(long, value_name = "NAME")]
    account: String,
    /// What the user signs in with, in any case; one address is one user of one account
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Only these channels; may be given more than once, or with commas [default: all]
    #[arg(
        long = "channel", visible_alias = "channel-id", value_name = "ID", value_delimiter = ',', value_parser = parse_id
    )]
    channels: Vec<u64>,
    /// Which of the people in the data it is: the profile's user_id
    #[arg(long, value_name = "ID", value_parser = parse_id)]
    user_id: Option<u64>,
    /// The profile's first name
    #[arg(long, value_name = "TEXT")]
    first_name: Option<String>,
    /// The profile's last name
    #[arg(long, value_name = "TEXT")]
    last_name: Option<String>,
    /// Answer one JSON object
    #[arg(long)]
    json: bool,
}

impl UserArgs {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let catalog = Catalog::open_existing(&config.data)?;
        match self.command {
            UserCommand::Create(args) => args.run(&catalog),
            UserCommand::List { account, json } => {
                list(&catalog, catalog.logins()?, account.as_deref(), json)
            }
            UserCommand::Password { email } => {
                catalog.set_password(&email, &read_password()?)?;
                print(format_args!("user {email} has another password, and no session any more"))
            }
            UserCommand::Disable { email } => {
                catalog.disable_login(&email, clock::now())?;
                print(format_args!("user {email} is disabled, and has no session any more"))
            }
            UserCommand::Enable { email } => {
                catalog.enable_login(&email)?;
                print(format_args!("user {email} can sign in"))
            }
            UserCommand::Delete { email } => {
                catalog.delete_login(&email)?;
                print(format_args!("user {email} is deleted, with all sessions"))
            }
        }
    }
}

impl CreateArgs {
    fn run(self, catalog: &Catalog) -> anyhow::Result<()> {
        let request = LoginRequest {
            account: catalog.account_by_name(&self.account)?.id,
            email: self.email,
            password: read_password()?,
            user_id: self.user_id,
            first_name: self.first_name,
            last_name: self.last_name,
            channel_ids: sorted(self.channels),
        };
        let login = catalog.create_login(&request, clock::now())?;
        if self.json {
            return print(login.object());
        }
        print(format_args!("user {} of {} can sign in at /api/v4/session", login.email, login.account_name))
    }
}

fn state(login: &Login) -> &'static str {
    if login.disabled_at.is_some() { "disabled" } else { "active" }
}

impl Listed for Login {
    const NONE: &'static str =
        "there are no users yet; make one with `tallyhouse user create --account NAME --email ADDRESS`";

    fn account(&self) -> AccountId {
        self.account
    }

    fn line(&self) -> String {
        format!(
            "{} {} of {}, made {}{}{}",
            self.email,
            state(self),
            self.account_name,
            render_record_time(self.created_at),
            narrowing_text(&self.narrowing),
            self.user_id.map(|id| format!(", user_id {id}")).unwrap_or_default(),
        )
    }

    fn object(&self) -> serde_json::Value {
        json!({
            "user_uuid": self.uuid,
            "email": self.email,
            "account": self.account_name,
            "state": state(self),
            "user_id": self.user_id,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "channel_ids": self.narrowing.channel_ids,
            "created_at": render_record_time(self.created_at),
            "disabled_at": self.disabled_at.map(render_record_time),
        })
    }
}
