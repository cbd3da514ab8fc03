//! `hedgerow`: scenario file to run to reports.
//!
//! **Architecture invariant:** the only crate that prints, parses arguments, wires two verbs or uses anyhow.

mod account;
mod args;
mod assumptions;
mod baselines;
mod check;
mod costs;
mod declared;
mod deltas;
mod desk;
mod diagnose;
mod fetch;
mod funding;
mod greeks;
mod hedges;
mod hints;
mod import;
mod input_files;
mod instruments;
mod leg_checks;
mod legs;
mod list;
mod output;
mod presets;
mod progress;
mod renamed;
mod resolve;
mod resolved;
mod resting;
mod run;
mod sample;
mod scenario;
mod section;
mod surface;
mod tracks;
mod trades;
mod write;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> anyhow::Result<()> {
    match args::parse()? {
        Command::Run(run) => run::run(&run),
        Command::ReplayTrades(args) => trades::replay_trades(&args),
        Command::Check(args) => check::check(&args),
        Command::Import(args) => import::import(&args),
        Command::Fetch(args) => fetch::fetch(&args),
        Command::Greeks(args) => greeks::greeks(&args),
        Command::Surface(args) => surface::surface(&args),
        Command::Sample(args) => sample::sample(&args),
        Command::List(args) => list::list(&args),
    }
}
