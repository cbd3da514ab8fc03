//! What the user sees while waiting: nothing for a second, then a line that says what is being done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A spinner on stderr that appears only when the work takes longer than a second.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
}

impl Progress {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]") {
            bar.set_style(style);
        }
        let done = Arc::new(AtomicBool::new(false));
        let (shown, finished) = (bar.clone(), Arc::clone(&done));
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(1));
            if !finished.load(Ordering::Relaxed) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(120));
            }
        });
        Self { bar, done }
    }

    /// Says what is being done now.
    pub(crate) fn stage(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        self.bar.finish_and_clear();
    }
}

/// A bar on stderr for work whose size is known in bytes; it too appears only after a second.
#[derive(Debug)]
pub(crate) struct Transfer {
    progress: Progress,
}

impl Transfer {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        let progress = Progress::start();
        if let Ok(style) = ProgressStyle::with_template(
            "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} [{elapsed}]\n{msg}",
        ) {
            progress.bar.set_style(style);
        }
        Self { progress }
    }

    /// Says how far it is; `total` where it is known.
    pub(crate) fn show(&self, what: &str, bytes: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.progress.bar.set_length(total);
        }
        self.progress.bar.set_position(bytes);
        self.progress.bar.set_message(what.to_owned());
    }
}
