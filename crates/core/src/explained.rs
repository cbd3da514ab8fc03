//! Profit and loss, explained line by line.

/// One line of the explanation of P&L. The lines of a row add up to the row's change of equity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// Net delta (book plus hedge) times the move of the spot.
    Delta,
    /// Half of gamma times the squared move of the spot.
    Gamma,
    /// Theta times the time passed.
    Theta,
    /// Vega times the move of the mark vol.
    Vega,
    /// Vanna times the move of the spot times the move of the vol.
    Vanna,
    /// Half of volga times the squared move of the vol.
    Volga,
    /// Coins held in the account times the move of the spot.
    Collateral,
    /// The hedge's price moved differently from the spot.
    Basis,
    /// What moving the hedge from one contract to the next costs (fees, half-spreads, slippage), always zero or negative here.
    Roll,
    /// Funding received (positive) or paid (negative).
    Carry,
    /// Interest on cash and coins, less what borrowing them costs.
    Interest,
    /// Fees, always zero or negative here.
    Fee,
    /// Half-spreads, always zero or negative here.
    Spread,
    /// Slippage, always zero or negative here.
    Slippage,
    /// Penalties of forced closings, always zero or negative here.
    Liquidation,
    /// What the lines above leave unexplained: higher orders of the option values.
    Residual,
}

impl Line {
    /// Every line, in the order of the report.
    pub const ALL: [Self; 16] = [
        Self::Delta,
        Self::Gamma,
        Self::Theta,
        Self::Vega,
        Self::Vanna,
        Self::Volga,
        Self::Collateral,
        Self::Basis,
        Self::Roll,
        Self::Carry,
        Self::Interest,
        Self::Fee,
        Self::Spread,
        Self::Slippage,
        Self::Liquidation,
        Self::Residual,
    ];

    /// Key in files, `delta`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Gamma => "gamma",
            Self::Theta => "theta",
            Self::Vega => "vega",
            Self::Vanna => "vanna",
            Self::Volga => "volga",
            Self::Collateral => "collateral",
            Self::Basis => "basis",
            Self::Roll => "roll",
            Self::Carry => "carry",
            Self::Interest => "interest",
            Self::Fee => "fee",
            Self::Spread => "spread",
            Self::Slippage => "slippage",
            Self::Liquidation => "liquidation",
            Self::Residual => "residual",
        }
    }

    /// As a page calls it, `Funding`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Delta => "Delta",
            Self::Gamma => "Gamma",
            Self::Theta => "Theta",
            Self::Vega => "Vega",
            Self::Vanna => "Vanna",
            Self::Volga => "Volga",
            Self::Collateral => "Coins in the account",
            Self::Basis => "Basis",
            Self::Roll => "Rolls",
            Self::Carry => "Funding",
            Self::Interest => "Interest",
            Self::Fee => "Fees",
            Self::Spread => "Half-spreads",
            Self::Slippage => "Slippage",
            Self::Liquidation => "Liquidation",
            Self::Residual => "Higher orders (residual)",
        }
    }

    /// What the line holds, for a reader.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Delta => "delta times the move of the spot",
            Self::Gamma => "half of gamma times the squared move of the spot",
            Self::Theta => "theta times the time passed",
            Self::Vega => "vega times the move of the mark vol",
            Self::Vanna => "vanna times the move of the spot times the move of the vol",
            Self::Volga => "half of volga times the squared move of the vol",
            Self::Collateral => "coins held in the account times the move of the spot",
            Self::Basis => "the hedge's price moved differently from the spot",
            Self::Roll => "cost of moving from one contract to the next",
            Self::Carry => "funding received, negative when paid",
            Self::Interest => "interest on cash, negative when paid",
            Self::Fee => "fees paid",
            Self::Spread => "half-spreads paid",
            Self::Slippage => "slippage paid",
            Self::Liquidation => "penalties of forced closings",
            Self::Residual => {
                "what the lines above leave: charm, veta, speed, zomma and higher orders"
            }
        }
    }
}

/// What a move of the market's own factors explains: all that a model of slopes knows of P&L.
pub const GREEK_LINES: [Line; 6] =
    [Line::Delta, Line::Gamma, Line::Theta, Line::Vega, Line::Vanna, Line::Volga];

/// P&L in USD by [`Line`], one row per market row; row 0 holds what opening cost.
///
/// A line that nobody has written to is zero throughout and takes no room.
#[derive(Debug, Clone)]
pub struct Explained {
    /// One per line; empty where the line is zero throughout.
    columns: Vec<Vec<f64>>,
    zeros: Vec<f64>,
}

impl Explained {
    /// All lines zero.
    pub fn zero(n_rows: usize) -> Self {
        Self { columns: vec![Vec::new(); Line::ALL.len()], zeros: vec![0.0; n_rows] }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.zeros.len()
    }

    /// One line, USD per row.
    pub fn line(&self, line: Line) -> &[f64] {
        let column = &self.columns[line as usize];
        if column.is_empty() { &self.zeros } else { column }
    }

    /// One line, to be filled.
    pub fn line_mut(&mut self, line: Line) -> &mut [f64] {
        let column = &mut self.columns[line as usize];
        if column.is_empty() {
            column.clone_from(&self.zeros);
        }
        column
    }

    /// Adds `other`, row by row.
    ///
    /// # Panics
    /// When the numbers of rows differ.
    pub fn add(&mut self, other: &Self) {
        self.add_scaled(other, |_| 1.0);
    }

    /// Adds `other` times `scale[row]`, row by row.
    ///
    /// # Panics
    /// When the numbers of rows differ.
    pub fn add_scaled(&mut self, other: &Self, scale: impl Fn(usize) -> f64) {
        assert_eq!(self.n_rows(), other.n_rows(), "rows of two explanations");
        for line in Line::ALL {
            let more = &other.columns[line as usize];
            if !more.is_empty() {
                let column = self.line_mut(line).iter_mut().zip(more);
                column.enumerate().for_each(|(row, (cell, more))| *cell += scale(row) * more);
            }
        }
    }

    /// The sum of all lines at `row`, USD.
    pub fn sum(&self, row: usize) -> f64 {
        self.columns.iter().filter_map(|column| column.get(row)).sum()
    }

    /// The sum of one line over all rows, USD.
    pub fn total(&self, line: Line) -> f64 {
        self.line(line).iter().sum()
    }
}

impl Default for Explained {
    /// No rows.
    fn default() -> Self {
        Self::zero(0)
    }
}

impl PartialEq for Explained {
    /// A line never written to equals one of zeros.
    fn eq(&self, other: &Self) -> bool {
        Line::ALL.into_iter().all(|line| self.line(line) == other.line(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_in_their_own_order() {
        for (place, line) in Line::ALL.into_iter().enumerate() {
            assert_eq!(line as usize, place, "{}", line.key());
        }
    }

    #[test]
    fn an_unwritten_line_is_zero() {
        let mut written = Explained::zero(2);
        assert_eq!(written.line(Line::Roll), [0.0, 0.0]);
        written.line_mut(Line::Gamma)[1] = 0.0;
        assert_eq!(written, Explained::zero(2));
        written.line_mut(Line::Gamma)[1] = 3.0;
        let mut twice = Explained::zero(2);
        twice.add_scaled(&written, |row| if row == 1 { 2.0 } else { 0.0 });
        twice.add(&written);
        assert_eq!((twice.sum(0), twice.sum(1), twice.total(Line::Gamma)), (0.0, 9.0, 9.0));
    }
}
