//! Members that are of one series, by what they hold.

use crate::import::member::Member;
use crate::source::{SeriesKind, Span};

/// The members of one series, in the order given.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) members: Vec<Member>,
    /// Commonest distance between its stamps, milliseconds, as far as the tops tell.
    pub(crate) step: Option<i64>,
}

/// Puts members together that are of one kind, coin, instrument and format, and whose steps do not differ. A member of a
/// single row goes with the others.
pub(crate) fn groups(members: Vec<Member>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (with_step, single): (Vec<_>, Vec<_>) =
        members.into_iter().enumerate().partition(|(_, member)| member.step.is_some());
    let mut order: Vec<Vec<usize>> = Vec::new();
    for (position, member) in with_step.into_iter().chain(single) {
        let is_same = |group: &Group| {
            let other = &group.members[0];
            other.spec.is == member.spec.is
                && other.spec.asset == member.spec.asset
                && other.spec.instrument == member.spec.instrument
                && other.instrument == member.instrument
                && other.format == member.format
                && (member.step.is_none() || member.step == group.step)
        };
        match groups.iter().position(is_same) {
            Some(index) => {
                // Members stay in the order given, as the first of two conflicting rows is kept.
                let at = order[index].partition_point(|other| *other < position);
                order[index].insert(at, position);
                groups[index].members.insert(at, member);
            }
            None => {
                order.push(vec![position]);
                groups.push(Group { step: member.step, members: vec![member] });
            }
        }
    }
    groups
}

impl Group {
    /// Whether blocks come in the order of time if read one after another, as far as the tops tell.
    pub(crate) fn is_in_order(&self) -> bool {
        self.members.iter().all(|member| member.increases)
            && self.members.is_sorted_by_key(|member| member.first)
    }

    /// The names of its files, as written.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.members.iter().map(|member| member.name.as_str()).collect()
    }

    /// `BTC-spot-1h`
    pub(crate) fn stem(&self) -> String {
        let spec = &self.members[0].spec;
        let mut parts = vec![spec.asset.clone(), spec.is.key().replace('_', "-")];
        parts.extend(spec.instrument.clone());
        let is_bar =
            !spec.is.is_funding() && !matches!(spec.is, SeriesKind::Vol | SeriesKind::HalfSpread);
        let step = self.step.and_then(Span::from_millis).filter(|_| is_bar);
        parts.extend(step.map(|step| step.to_string()));
        let name = parts.join("-");
        let tidy = |letter: char| {
            if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '_' }
        };
        name.chars().map(tidy).collect()
    }
}
