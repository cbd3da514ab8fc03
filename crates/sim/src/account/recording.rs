//! The rows of a run under margin, written down.

use hedgerow_core::Settlement;

use super::margined::Run;
use super::standing::Standing;

impl Run<'_> {
    /// The row as it is in the end, with what was closed by force.
    pub(super) fn record(&mut self, row: usize, forced: bool) {
        for leg in 0..self.legs.len() {
            let (track, filled) = (self.venue.tracks[leg], &self.filled[leg]);
            let ledger = &mut self.out.legs[leg];
            filled.record(track, row, ledger);
            self.units[leg] = filled.held;
            if forced || self.is_over {
                ledger.ideal.push(None);
                if self.legs[leg].gate.is_some() || !self.legs[leg].to.is_exact() {
                    ledger.residual.push(0.0);
                }
                if self.base.is_some() {
                    self.memory[leg].stake.step(&self.desks[leg], row, filled);
                }
            }
        }
        self.record_closed(row);
        self.out.cash.push(self.places.usd());
        for (asset, coins) in self.out.coins.iter_mut().enumerate() {
            coins.push(self.places.coins(asset));
        }
        let standing = self.venue.standing(&self.mark, &self.places.venue, &self.units);
        self.look(standing);
        let lowest_ratio = self.lowest_ratio.take();
        let margin = &mut self.out.margin;
        margin.lowest_ratio.push(lowest_ratio);
        margin.equity.push(standing.equity);
        margin.initial.push(standing.asked.initial);
        margin.maintenance.push(standing.asked.maintenance);
        self.learn_account(row);
    }

    /// What was closed by force, into the legs' rows.
    fn record_closed(&mut self, row: usize) {
        for leg in &mut self.out.legs {
            leg.forced.push(0.0);
            leg.penalty.push(0.0);
        }
        let from = self.out.closed.partition_point(|closed| closed.row < row);
        for closed in &self.out.closed[from..] {
            let leg = &mut self.out.legs[closed.leg];
            let before = leg.forced[row];
            leg.forced[row] += closed.traded;
            leg.penalty[row] += closed.penalty;
            let mean = (before * leg.fill[row] + closed.traded * closed.price) / leg.forced[row];
            leg.fill[row] = if before.abs() > 0.0 { mean } else { closed.price };
        }
    }

    /// Notes how near a standing is to its maintenance margin, as long as anybody looks.
    pub(crate) fn look(&mut self, standing: Standing) {
        if let Some(ratio) = standing.ratio().filter(|_| !self.is_over) {
            self.lowest_ratio = Some(self.lowest_ratio.map_or(ratio, |lowest| lowest.min(ratio)));
        }
    }

    /// Compares the account with what legs take it for.
    fn learn_account(&mut self, row: usize) {
        let Some(base) = &self.base else { return };
        if self.is_over {
            return;
        }
        let (mut equity, mut taken) = (self.places.usd(), base.equity[row]);
        for (asset, spot) in self.mark.spot.iter().enumerate() {
            let coins = self.places.coins(asset);
            equity += coins * spot;
            self.apart.coins[asset] = coins - base.coins[asset][row];
        }
        equity += self.on.exposure.value[row];
        for (leg, track) in self.venue.tracks.iter().enumerate() {
            if matches!(track.settlement, Settlement::Cash | Settlement::CoinCash) {
                equity += self.filled[leg].held * track.price[row];
            }
            let stake = &self.memory[leg].stake;
            taken += stake.worth(track, row, self.filled[leg].held, &self.mark.spot);
            stake.add_coins(track, -1.0, |asset, coins| self.apart.coins[asset] += coins);
        }
        self.apart.usd = equity - taken;
    }
}
