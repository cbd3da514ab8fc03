//! Coverage of series through time: a row of cells each, with the places of defects above.

use std::collections::BTreeSet;

use hedgerow_core::{MAX_MARKS, MILLIS_PER_DAY, Mark, Quality, SeriesQuality, Timestamp};

use super::Drawing;
use super::axis::{Axis, Spacing, date_ticks, millis};
use super::cells::{Cell, Level, cells, day_of, start_of, step_days};
use super::defects::Group;
use super::figure::{Anchor, Figure, SCALE};
use super::legend::{Key, legend};
use super::palette::{BASE, Colour, GRID, INK, MUTED};
use super::text::fitted;
use crate::format::{UNKNOWN, counted, duration};
use crate::presence::{Presence, verdict, worst};

/// Most series of one picture.
const MOST: usize = 40;
/// Days under which a count by day is too coarse to draw.
const SHORT_DAYS: i64 = 10;
/// Pixels that a cell has at least.
const CELL_PIXELS: f64 = 3.0;
/// Where cells start and end.
const LEFT: f64 = 250.0;
const RIGHT: f64 = 826.0;
/// Height of cells, of a lane of marks, and of the room below cells.
const CELL: f64 = 20.0;
const LANE: f64 = 10.0;
const ROOM: f64 = 18.0;

/// The time that a picture spans.
struct Span {
    /// First and last row of all series.
    rows: (Timestamp, Timestamp),
    /// Ends of the axis: of whole days where cells are drawn.
    from: Timestamp,
    to: Timestamp,
    /// Days in a cell; `None` where the span is too short for counts by day.
    cell_days: Option<i64>,
    x: Axis,
}

/// What stands for a series' rows.
enum Bars {
    /// Counted by day.
    Cells(Vec<Cell>),
    /// From first to last row, less the gaps.
    Whole,
}

/// One picture per 40 series.
pub(super) fn coverage(quality: &Quality, refused: &[String]) -> Vec<Drawing> {
    let Some(span) = Span::of(&quality.series) else {
        return Vec::new();
    };
    let n_pages = quality.series.len().div_ceil(MOST);
    let pages = quality.series.chunks(MOST).enumerate();
    pages
        .map(|(page, series)| {
            let (name, part) = match (page, n_pages) {
                (_, 1) => ("coverage".to_owned(), String::new()),
                (0, _) => ("coverage".to_owned(), format!(" (1 of {n_pages})")),
                _ => (format!("coverage-{}", page + 1), format!(" ({} of {n_pages})", page + 1)),
            };
            let title = format!("Data quality: {}{part}", verdict(quality, refused));
            let figure = sheet(&title, &span, series, refused.len());
            Drawing { name, title, alt: alt(series), figure }
        })
        .collect()
}

fn sheet(title: &str, span: &Span, series: &[SeriesQuality], n_refused: usize) -> Figure {
    let bars: Vec<Bars> = series.iter().map(|series| span.bars(series)).collect();
    let mut figure = Figure::titled(title, &span.about());
    let mut y = 80.0;
    for note in notes(span, series, &bars, n_refused) {
        figure.text((28.0, y), &note, 12.5, MUTED, Anchor::Start);
        y += 18.0;
    }
    let y = legends(&mut figure, y + 4.0, series, &bars) + 6.0;
    let heights = series.iter().map(|series| lanes(series).len());
    let tops: Vec<f64> = heights
        .scan(y, |top, n_lanes| {
            let this = *top + lane_height(n_lanes);
            *top = this + CELL + ROOM;
            Some(this)
        })
        .collect();
    let bottom = tops.last().map_or(y, |top| top + CELL + 8.0);
    axis(&mut figure, span, (y, bottom));
    for ((series, bars), top) in series.iter().zip(&bars).zip(tops) {
        match bars {
            Bars::Cells(cells) => draw_cells(&mut figure, span, cells, top),
            Bars::Whole => draw_whole(&mut figure, span, series, top),
        }
        draw_marks(&mut figure, span, series, top);
        labels(&mut figure, series, top + CELL / 2.0);
    }
    figure.height = (bottom + 36.0).ceil();
    figure
}

impl Span {
    /// From the first row of all series to the last; `None` without series.
    fn of(series: &[SeriesQuality]) -> Option<Self> {
        let rows = (
            series.iter().map(|series| series.first).min()?,
            series.iter().map(|series| series.last).max()?,
        );
        let (from, to) = (rows.0.millis(), rows.1.millis());
        let is_short = to.saturating_sub(from) < SHORT_DAYS * MILLIS_PER_DAY;
        let (from, to) = match (is_short, from < to) {
            (true, true) => (from, to),
            (true, false) => (from.saturating_sub(1_800_000), from.saturating_add(1_800_000)),
            (false, _) => (start_of(day_of(from)), start_of(day_of(to) + 1)),
        };
        let (from, to) = (Timestamp::from_millis(from), Timestamp::from_millis(to));
        let days = day_of(to.millis()) - day_of(from.millis());
        let cell_days = (!is_short).then(|| days_per_cell(days));
        let x = Axis::new(millis(from), millis(to), LEFT, RIGHT, Spacing::Linear);
        Some(Self { rows, from, to, cell_days, x })
    }

    fn bars(&self, series: &SeriesQuality) -> Bars {
        let first_day = self.from.millis().div_euclid(MILLIS_PER_DAY);
        let cells = self.cell_days.and_then(|days| cells(series, first_day, days));
        cells.map_or(Bars::Whole, Bars::Cells)
    }

    fn about(&self) -> String {
        let (first, last) = self.rows;
        match self.cell_days {
            Some(days) => format!(
                "{} to {} UTC; a cell is {}, its colour is rows present in percent of rows due",
                first.date(),
                last.date(),
                duration(start_of(days))
            ),
            None if first == last => format!("{first}; all rows have this stamp"),
            None => {
                format!("{first} to {last}; bars run from first to last row, less the gaps found")
            }
        }
    }

    /// Where an instant lies, on a whole pixel.
    fn place(&self, millis: i64) -> f64 {
        let x = self.x.place(self::millis(Timestamp::from_millis(millis)));
        (x.clamp(LEFT, RIGHT) * SCALE).round() / SCALE
    }

    /// Where a stretch lies: at least `least` points wide.
    fn stretch(&self, from: i64, to: i64, least: f64) -> (f64, f64) {
        let (from, to) = (self.place(from), self.place(to));
        if to - from >= least {
            return (from, to);
        }
        let from = ((from + to - least) / 2.0).clamp(LEFT, RIGHT - least);
        let from = (from * SCALE).round() / SCALE;
        (from, from + least)
    }
}

/// As few whole days as make a cell wide enough to see.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "days of a few centuries"
)]
fn days_per_cell(days: i64) -> i64 {
    let pixels = (RIGHT - LEFT) * SCALE;
    ((days as f64 * CELL_PIXELS / pixels).ceil() as i64).max(1)
}

/// What must be known to read the picture.
fn notes(span: &Span, series: &[SeriesQuality], bars: &[Bars], n_refused: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let is_coarse = |(series, bars): (&SeriesQuality, &Bars)| match (bars, span.cell_days) {
        (Bars::Cells(_), Some(days)) => {
            series.step_millis.is_some_and(|step| step_days(step) > days)
        }
        _ => false,
    };
    if span.cell_days.is_none() {
        notes.push("under 10 days: rows are counted by day, so no share is drawn".to_owned());
    } else if bars.iter().any(|bars| matches!(bars, Bars::Whole)) {
        notes.push(
            "grey: rows not counted by day; from first to last row, less the gaps found".to_owned(),
        );
    }
    if series.iter().zip(bars).any(is_coarse) {
        notes.push("where a step is longer than a cell, a cell is one step".to_owned());
    }
    if series.iter().any(|series| series.marks.len() >= MAX_MARKS) {
        notes.push("only the first 1,000 places of a series are marked".to_owned());
    }
    if n_refused > 0 {
        let verb = if n_refused == 1 { "is" } else { "are" };
        notes.push(format!("{} {verb} not drawn", counted(n_refused, "refused file")));
    }
    notes
}

fn legends(figure: &mut Figure, y: f64, series: &[SeriesQuality], bars: &[Bars]) -> f64 {
    let is_whole = |bars: &Bars| matches!(bars, Bars::Whole);
    let has_gap = series.iter().zip(bars).any(|(series, bars)| {
        is_whole(bars) && series.marks.iter().any(|mark| Group::of(mark.defect) == Group::Gap)
    });
    let mut entries = Vec::new();
    if !bars.iter().all(is_whole) {
        entries.extend(Level::ALL.map(|level| (Key::Swatch(level.colour()), level.label())));
    }
    if bars.iter().any(is_whole) {
        entries.push((Key::Swatch(BASE), "first to last row"));
        if has_gap && entries.len() == 1 {
            entries.push((Key::Swatch(Level::Absent.colour()), "no rows"));
        }
    }
    let heading = if bars.iter().all(is_whole) { "rows" } else { "rows present" };
    let y = legend(figure, y, heading, &entries);
    let occurs: BTreeSet<Group> = series.iter().flat_map(lanes).collect();
    let shapes: Vec<(Key, &str)> = occurs
        .into_iter()
        .map(|group| {
            let (mark, colour) = group.look();
            (Key::Shape(mark, colour), group.label())
        })
        .collect();
    legend(figure, y, "found", &shapes)
}

/// The groups of a series' marks, each a lane above its cells.
fn lanes(series: &SeriesQuality) -> BTreeSet<Group> {
    series.marks.iter().map(|mark| Group::of(mark.defect)).collect()
}

/// Room of the lanes above the cells; two lines of text beside the cells need a little more than the cells.
#[expect(clippy::cast_precision_loss, reason = "at most six")]
fn lane_height(n_lanes: usize) -> f64 {
    (n_lanes as f64 * LANE + 2.0).max(4.0)
}

fn axis(figure: &mut Figure, span: &Span, (top, bottom): (f64, f64)) {
    let dates = date_ticks(span.from, span.to);
    let every = dates.len().div_ceil(7).max(1);
    for (time, label) in dates.into_iter().step_by(every) {
        let x = span.place(time.millis());
        figure.line(vec![(x, top), (x, bottom)], GRID, 1.0);
        figure.line(vec![(x, bottom), (x, bottom + 5.0)], MUTED, 1.0);
        figure.text((x, bottom + 17.0), &label, 12.5, MUTED, Anchor::Middle);
    }
    figure.line(vec![(LEFT, bottom), (RIGHT, bottom)], MUTED, 1.0);
    figure.text((28.0, bottom + 17.0), "time, UTC", 12.5, MUTED, Anchor::Start);
}

/// Neighbours of one level are one bar.
fn draw_cells(figure: &mut Figure, span: &Span, cells: &[Cell], top: f64) {
    for run in cells.chunk_by(|a, b| Level::of(a) == Level::of(b)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if let Some(level) = Level::of(first) {
            let least = CELL_PIXELS / SCALE;
            let stretch = span.stretch(start_of(first.from), start_of(last.to), least);
            bar(figure, stretch, top, level.colour());
        }
    }
}

fn draw_whole(figure: &mut Figure, span: &Span, series: &SeriesQuality, top: f64) {
    let whole = span.stretch(series.first.millis(), series.last.millis(), 2.0);
    bar(figure, whole, top, BASE);
    let gaps = series.marks.iter().filter(|mark| Group::of(mark.defect) == Group::Gap);
    for gap in gaps {
        let (from, to) = (gap.from.max(series.first), gap.to.min(series.last));
        if from <= to {
            let stretch = span.stretch(from.millis(), to.millis(), CELL_PIXELS / SCALE);
            bar(figure, stretch, top, Level::Absent.colour());
        }
    }
}

fn bar(figure: &mut Figure, (from, to): (f64, f64), top: f64, colour: Colour) {
    figure.bar((from, top), (to, top + CELL), colour);
}

/// A lane per group, the first on top; marks that would cover one another are one.
fn draw_marks(figure: &mut Figure, span: &Span, series: &SeriesQuality, top: f64) {
    let lanes = lanes(series);
    let lane_tops =
        (0..u8::MAX).map(|lane| top - lane_height(lanes.len()) + LANE * f64::from(lane));
    for (group, lane_top) in lanes.iter().zip(lane_tops) {
        let (shape, colour) = group.look();
        let y = lane_top + LANE / 2.0;
        let mut marks: Vec<&Mark> =
            series.marks.iter().filter(|mark| Group::of(mark.defect) == *group).collect();
        marks.sort_by_key(|mark| (mark.from, mark.to));
        let mut free = f64::NEG_INFINITY;
        for mark in marks {
            let (from, to) = span.stretch(mark.from.millis(), mark.to.millis(), 0.5);
            if to - from > 8.0 {
                figure.line(vec![(from, y), (to, y)], colour, 2.0);
            }
            let middle = (from + to) / 2.0;
            if middle >= free {
                figure.mark((middle, y), shape, 7.0, colour);
                free = middle + 6.0;
            }
        }
    }
}

/// What the series is on the left, how much of it there is on the right.
fn labels(figure: &mut Figure, series: &SeriesQuality, middle: f64) {
    let (name, rows) = (short(&series.name), rows(series));
    let left = LEFT - 28.0 - 14.0;
    let (above, below) = (middle - 8.0, middle + 8.0);
    figure.text((28.0, above), &fitted(&name, 13.5, left), 13.5, INK, Anchor::Start);
    figure.text((28.0, below), &fitted(&rows, 11.5, left), 11.5, MUTED, Anchor::Start);
    let right = RIGHT + 12.0;
    let present = present(series);
    figure.text((right, above), &present, 12.5, INK, Anchor::Start);
    figure.text((right, below), &worst(series), 11.5, MUTED, Anchor::Start);
}

/// Cut to what could be read in a picture, before it is measured.
fn short(name: &str) -> String {
    name.chars().take(80).collect()
}

fn rows(series: &SeriesQuality) -> String {
    let rows = counted(series.n_rows, "row");
    match series.step_millis {
        Some(step) => format!("{rows}, every {}", duration(step)),
        None => format!("{rows}, no step"),
    }
}

fn present(series: &SeriesQuality) -> String {
    let presence = Presence::of(series);
    match presence.expected {
        Some(_) => format!("{} present", presence.text()),
        None => format!("present {UNKNOWN}"),
    }
}

/// The picture in words.
fn alt(series: &[SeriesQuality]) -> String {
    let sentences: Vec<String> = series
        .iter()
        .map(|series| {
            format!(
                "{}: {}, {} to {}, {}, {}",
                short(&series.name),
                rows(series),
                series.first.date(),
                series.last.date(),
                present(series),
                worst(series)
            )
        })
        .collect();
    format!("Rows of each series through time. {}", sentences.join("; "))
}
