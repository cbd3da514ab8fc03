//! Margin calls, and money that is sent to the venue or back.

use hedgerow_core::{AccountEvent, AccountEventKind, Found, Timestamp};

use super::margined::Run;
use super::places::{Way, Worth};
use super::standing::Standing;
use crate::margin::Requirement;

impl Run<'_> {
    /// Takes in money that has arrived.
    pub(crate) fn arrive(&mut self, row: usize) {
        if self.places.transfers.is_empty() {
            return;
        }
        let arrived = self.places.arrive(self.on.market.time()[row], &self.mark.spot);
        for (way, amount) in arrived {
            let kind = match way {
                Way::ToVenue => AccountEventKind::TopUpArrived,
                Way::ToTreasury => AccountEventKind::SweepArrived,
            };
            let standing = self.last_standing();
            self.note(row, kind, amount, standing);
        }
    }

    /// Margin calls, and transfers that are sent.
    pub(crate) fn manage(&mut self, row: usize) {
        let standing = self.last_standing();
        if !self.is_over {
            let short = -standing.free();
            if short > 0.0 && !self.called {
                self.note(row, AccountEventKind::MarginCall, short, standing);
            }
            self.called = short > 0.0;
            if standing.asked.maintenance > 0.0 {
                self.transfer(row, standing);
            }
        }
        self.out.margin.treasury.push(self.places.elsewhere(&self.mark.spot));
    }

    fn transfer(&mut self, row: usize, standing: Standing) {
        let (time, asked) = (self.on.market.time()[row], standing.asked.maintenance);
        let after = |millis| Timestamp::from_millis(time.millis() + millis);
        let prices = Worth {
            spot: &self.mark.spot,
            haircut: &self.margin.haircut,
            paid_in: self.on.terms.paid_in,
        };
        let sent = match (self.margin.top_up, self.margin.sweep) {
            (Some(top_up), _)
                if standing.above(top_up.below_ratio) < 0.0
                    && !self.places.is_sending(Way::ToVenue) =>
            {
                let usd = -standing.above(top_up.to_ratio);
                let arrives = after(top_up.delay_millis);
                let sent = self.places.send(Way::ToVenue, usd, arrives, prices);
                sent.map(|sent| (AccountEventKind::TopUpSent, sent))
            }
            (_, Some(sweep))
                if standing.above(sweep.above_ratio) > 0.0
                    && !self.places.is_sending(Way::ToTreasury) =>
            {
                let usd = standing.equity - sweep.to_ratio * asked;
                let usd = usd.min(standing.free()).max(0.0);
                let arrives = after(sweep.delay_millis);
                let sent = self.places.send(Way::ToTreasury, usd, arrives, prices);
                sent.map(|sent| (AccountEventKind::SweepSent, sent))
            }
            _ => None,
        };
        if let Some((kind, sent)) = sent {
            self.note(row, kind, sent, standing);
        }
    }

    /// The standing that was recorded last.
    fn last_standing(&self) -> Standing {
        let margin = &self.out.margin;
        let last = |column: &[f64]| column.last().copied().unwrap_or(0.0);
        Standing {
            equity: last(&margin.equity),
            asked: Requirement {
                initial: last(&margin.initial),
                maintenance: last(&margin.maintenance),
                is_beyond_limit: false,
            },
        }
    }

    fn note(&mut self, row: usize, kind: AccountEventKind, amount: f64, standing: Standing) {
        let event = AccountEvent {
            row,
            kind,
            found: Found::AtMark,
            amount,
            share: None,
            spot: self.mark.spot[self.first_asset()],
            penalty: 0.0,
            trading: 0.0,
            equity: standing.equity,
            initial: standing.asked.initial,
            maintenance: standing.asked.maintenance,
        };
        self.out.margin.events.push(event);
    }

    /// The asset whose spot events show.
    pub(crate) fn first_asset(&self) -> usize {
        self.legs.first().map_or(0, |leg| leg.track.asset)
    }
}
