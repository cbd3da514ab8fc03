//! Where the names of points stand: beside their points, on nothing else.

use super::figure::Point;

/// Half the height of a line of text, with some room.
const HALF_HEIGHT: f64 = 8.0;
/// Half of a point's mark, with some room.
const HALF_MARK: f64 = 6.0;
/// Distances at which a name may stand above or below its point; from the second on it is tied to it by a line.
const DISTANCES: [f64; 4] = [16.0, 36.0, 56.0, 76.0];
/// How far to the right or left of its point the middle of a name may stand, in parts of its width.
const SHIFTS: [f64; 5] = [0.0, 0.3, -0.3, 0.58, -0.58];

/// A place for a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The middle of the name.
    pub(super) at: Point,
    /// Where a line from the point to the name ends; `None` where the name stands next to it.
    pub(super) leader: Option<Point>,
}

/// Left, top, right and bottom.
type Corners = [f64; 4];

/// Names that were placed, and what they must not stand on.
#[derive(Debug)]
pub(super) struct Labels {
    taken: Vec<Corners>,
    line: Vec<Point>,
    bounds: Corners,
}

impl Labels {
    /// Among points and a line through them, inside `bounds`.
    pub(super) fn new(line: &[Point], points: &[Point], bounds: Corners) -> Self {
        let mark = |(x, y): &Point| [x - HALF_MARK, y - HALF_MARK, x + HALF_MARK, y + HALF_MARK];
        Self { taken: points.iter().map(mark).collect(), line: line.to_vec(), bounds }
    }

    /// The first free place for a name `wide` points wide beside a point, and takes it; `None` where all is full.
    pub(super) fn place(&mut self, (x, y): Point, wide: f64) -> Option<Place> {
        for (number, distance) in DISTANCES.into_iter().enumerate() {
            for shift in SHIFTS {
                for side in [-1.0, 1.0] {
                    let at = (x + shift * wide, y + side * distance);
                    let corners = around(at, wide);
                    if self.is_free(corners) {
                        self.taken.push(corners);
                        let foot = (at.0, at.1 - side * HALF_HEIGHT);
                        return Some(Place { at, leader: (number > 0).then_some(foot) });
                    }
                }
            }
        }
        None
    }

    fn is_free(&self, corners: Corners) -> bool {
        let [left, top, right, bottom] = self.bounds;
        let is_inside =
            corners[0] >= left && corners[1] >= top && corners[2] <= right && corners[3] <= bottom;
        is_inside
            && !self.taken.iter().any(|other| overlap(corners, *other))
            && !self.line.windows(2).any(|pair| crosses(corners, pair[0], pair[1]))
    }
}

fn around((x, y): Point, wide: f64) -> Corners {
    [x - 0.5 * wide - 2.0, y - HALF_HEIGHT, x + 0.5 * wide + 2.0, y + HALF_HEIGHT]
}

fn overlap(a: Corners, b: Corners) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// Whether a stretch of line comes into a box, looked at in steps of two points.
fn crosses([left, top, right, bottom]: Corners, from: Point, to: Point) -> bool {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let mut share = 0.0;
    let step = 2.0 / dx.hypot(dy).max(2.0);
    while share <= 1.0 {
        let (x, y) = (from.0 + share * dx, from.1 + share * dy);
        if x > left && x < right && y > top && y < bottom {
            return true;
        }
        share += step;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names on a falling curve whose points stand closer than the names are wide: all are placed, none on another, on the
    /// curve or on a point.
    #[test]
    fn names_stand_on_nothing() {
        let points: Vec<Point> =
            (0..12).map(|i| (100.0 + 60.0 * f64::from(i), 100.0 + 20.0 * f64::from(i))).collect();
        let mut labels = Labels::new(&points, &points, [0.0, 0.0, 960.0, 540.0]);
        let places: Vec<Place> = points.iter().map(|at| labels.place(*at, 75.0).unwrap()).collect();
        for (i, place) in places.iter().enumerate() {
            let corners = around(place.at, 75.0);
            assert!(!points.windows(2).any(|pair| crosses(corners, pair[0], pair[1])), "{i}");
            for other in &places[..i] {
                assert!(!overlap(corners, around(other.at, 75.0)), "{i}");
            }
        }
        assert!(places.iter().filter(|place| place.leader.is_none()).count() >= 8, "{places:?}");
    }

    #[test]
    fn a_full_sheet_has_no_place() {
        let mut labels = Labels::new(&[], &[(50.0, 50.0)], [0.0, 40.0, 100.0, 60.0]);
        assert_eq!(labels.place((50.0, 50.0), 75.0), None);
    }
}
