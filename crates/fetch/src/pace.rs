//! How fast: the space between requests, and the wait after a failure.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

/// A stopwatch that can wait. Tests put one in that does not.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Time since some fixed moment.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// The system's stopwatch.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}

/// Keeps requests apart.
#[derive(Debug)]
pub(crate) struct Pace {
    spacing: Duration,
    last: Option<Duration>,
}

impl Pace {
    pub(crate) const fn new(spacing: Duration) -> Self {
        Self { spacing, last: None }
    }

    /// Waits until the next request may start.
    pub(crate) fn wait(&mut self, clock: &dyn Clock) {
        if let Some(last) = self.last {
            let rest = (last + self.spacing).saturating_sub(clock.elapsed());
            if !rest.is_zero() {
                clock.sleep(rest);
            }
        }
        self.last = Some(clock.elapsed());
    }
}

/// First wait after a failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Longest wait that is chosen here.
const LONGEST_CHOSEN_WAIT: Duration = Duration::from_secs(60);
/// Longest wait that a server can ask for before we give up instead: a guess at a user's patience.
pub(crate) const LONGEST_ASKED_WAIT: Duration = Duration::from_secs(300);

/// Wait after the n-th failure in a row, n from 1: 1, 2, 4, … 60 s; without randomness, so that runs are alike.
pub(crate) fn back_off(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    (FIRST_WAIT * (1 << doublings)).min(LONGEST_CHOSEN_WAIT)
}
