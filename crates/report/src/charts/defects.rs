//! Which shape marks which defects.

use hedgerow_core::Defect;

use super::palette::{BASE, Colour, GREEN, INK, Mark, ORANGE, PURPLE, VERMILLION};

/// Defects that are marked alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Rows that are not there.
    Gap,
    /// Figures that do not move or are old.
    Stale,
    /// Prices far from their neighbours.
    Price,
    /// Values that cannot be used as they are.
    Unusable,
    /// Stamps that are not where they should be.
    Stamp,
    /// Everything else.
    Other,
}

impl Group {
    pub(super) const fn of(defect: Defect) -> Self {
        match defect {
            Defect::Gap | Defect::Page | Defect::Coverage => Self::Gap,
            Defect::StaleRun | Defect::Stale => Self::Stale,
            Defect::Spike | Defect::Jump => Self::Price,
            Defect::BadValue | Defect::NoQuote | Defect::Unfinished | Defect::Unit => {
                Self::Unusable
            }
            Defect::OffGrid
            | Defect::Duplicate
            | Defect::Unsorted
            | Defect::Zone
            | Defect::Label
            | Defect::Simultaneity => Self::Stamp,
            Defect::Volume | Defect::Forward | Defect::Symbol | Defect::Layout => Self::Other,
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Stale => "stale or repeated",
            Self::Price => "spike or jump",
            Self::Unusable => "unusable value",
            Self::Stamp => "off the grid, duplicate or out of order",
            Self::Other => "other (volume, forward, symbol, layout)",
        }
    }

    pub(super) const fn look(self) -> (Mark, Colour) {
        match self {
            Self::Gap => (Mark::Inverted, VERMILLION),
            Self::Stale => (Mark::Square, BASE),
            Self::Price => (Mark::Triangle, PURPLE),
            Self::Unusable => (Mark::Cross, INK),
            Self::Stamp => (Mark::Diamond, GREEN),
            Self::Other => (Mark::Circle, ORANGE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Group; 6] =
        [Group::Gap, Group::Stale, Group::Price, Group::Unusable, Group::Stamp, Group::Other];

    #[test]
    fn groups_have_shapes_of_their_own() {
        for (place, group) in ALL.iter().enumerate() {
            let others = &ALL[place + 1..];
            assert!(others.iter().all(|other| other.look().0 != group.look().0));
            assert!(others.iter().all(|other| other > group && other.label() != group.label()));
        }
    }
}
