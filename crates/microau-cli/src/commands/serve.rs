//! `microau serve`: the web application on one's own machine.

use std::path::PathBuf;

use clap::Args;
use microau::DeviceChoice;
use microau::serve::{ServeSettings, Server};

use crate::talk::{Outcome, print_data, say};

/// Variable that holds the token for those who want it in no list of processes.
const TOKEN: &str = "MICROAU_TOKEN";

/// Arguments of `microau serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on. Any but loopback, which this machine alone can reach, demands --token
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,

    /// Port to listen on, 0 for any that is free
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,

    /// Folder of uploads, results, corrections and models [default: microau in the user's folder of data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// What everybody must know who asks for anything; or set MICROAU_TOKEN, which no list of processes shows
    #[arg(long, value_name = "WORDS")]
    token: Option<String>,

    /// Most megabytes of one upload
    #[arg(long, value_name = "MB", default_value_t = 4000)]
    max_upload_mb: u64,

    /// Most minutes of work on one film
    #[arg(long, value_name = "MIN", default_value_t = 240)]
    max_minutes: u64,

    /// Most megabytes of small pictures that are kept of one film, for looking at it frame by frame
    #[arg(long, value_name = "MB", default_value_t = 2000)]
    max_pictures_mb: u64,

    /// Films that are looked at at a time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,

    /// What models run on: auto, cpu, or a graphics card such as cuda:0 or wgpu:0 in a build that has it
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,
}

/// Runs `microau serve` until it is told to end.
///
/// # Errors
/// When an address that others reach has no token, nobody can listen there, or the folder of data cannot be used.
pub fn run(args: &ServeArgs) -> anyhow::Result<Outcome> {
    let data_dir = args.data_dir.clone().unwrap_or_else(users_folder);
    let settings = ServeSettings {
        host: args.host.clone(),
        port: args.port,
        token: args.token.clone().or_else(|| std::env::var(TOKEN).ok()).filter(|token| !token.is_empty()),
        max_upload_mb: args.max_upload_mb,
        max_minutes: args.max_minutes,
        max_pictures_mb: args.max_pictures_mb,
        jobs: args.jobs as usize,
        device: args.device,
        ..ServeSettings::new(data_dir.clone())
    };
    let server = Server::open(settings)?;
    server.run(|address| {
        // nobody is left to be told when stdout is gone
        let _ = print_data(format!("http://{address}/\n"));
        say(&format!("data in {}; end with Ctrl-C", data_dir.display()));
    })?;
    say("ended; what was being done goes on at the next start");
    Ok(Outcome::Done)
}

/// Where programs of this system keep their user's data.
fn users_folder() -> PathBuf {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let of_home = || of("HOME").map(|home| home.join(".local/share"));
    of("XDG_DATA_HOME").or_else(|| of("LOCALAPPDATA")).or_else(of_home).unwrap_or_default().join("microau")
}
