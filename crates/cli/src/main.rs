//! `hedgerow`: scenario file to run to reports.
//!
//! **Architecture invariant:** the only crate that prints, parses arguments, wires two verbs or uses anyhow.

mod args;
mod assumptions;
mod baselines;
mod check;
mod desk;
mod diagnose;
mod instruments;
mod list;
mod output;
mod progress;
mod resolve;
mod resolved;
mod run;
mod scenario;
mod section;
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
        Command::Check(check) => check::check(&check),
        Command::List => list::list(),
    }
}
