//! Columns that a user calls by their own names: `--columns strike=K,vol=iv`.

/// Which column holds which role, where it has another name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Renamed(Vec<(String, String)>);

impl Renamed {
    /// Reads `role=name,role=name`; `what` is what messages call a role, `example` a pair of pairs.
    ///
    /// # Errors
    /// Anything that is no such pair, an unknown role, and one that is named twice.
    pub(crate) fn parse(
        text: &str,
        (what, example): (&str, &str),
        roles: impl Iterator<Item = &'static str> + Clone,
    ) -> Result<Self, String> {
        let mut names: Vec<(String, String)> = Vec::new();
        for pair in text.split(',').filter(|_| !text.is_empty()) {
            let Some((role, name)) = pair.split_once('=') else {
                return Err(format!("expected pairs such as `{example}`, found `{pair}`"));
            };
            let (role, name) = (role.trim().to_owned(), name.trim().to_owned());
            if !roles.clone().any(|known| known == role) {
                let known: Vec<&str> = roles.collect();
                return Err(format!("unknown {what} `{role}`; known: {}", known.join(", ")));
            }
            if names.iter().any(|(known, _)| *known == role) {
                return Err(format!("`{role}` is named twice"));
            }
            names.push((role, name));
        }
        Ok(Self(names))
    }

    /// Each role that has another name, and the name.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(role, name)| (role.as_str(), name.as_str()))
    }

    /// The name of the column that holds `role`, where it is another.
    pub(crate) fn name(&self, role: &str) -> Option<&str> {
        self.pairs().find(|(known, _)| *known == role).map(|(_, name)| name)
    }

    /// As it was typed; empty when nothing was.
    pub(crate) fn typed(&self) -> String {
        let pairs: Vec<String> =
            self.pairs().map(|(role, name)| format!("{role}={name}")).collect();
        pairs.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_strictly() {
        let read =
            |text| Renamed::parse(text, ("column", "a=b,c=d"), ["time", "price"].into_iter());
        assert_eq!(read("time=when,price=px").unwrap().typed(), "time=when,price=px");
        assert_eq!(read("").unwrap(), Renamed::default());
        assert_eq!(read("when").unwrap_err(), "expected pairs such as `a=b,c=d`, found `when`");
        assert_eq!(read("tme=when").unwrap_err(), "unknown column `tme`; known: time, price");
        assert_eq!(read("time=a,time=b").unwrap_err(), "`time` is named twice");
    }
}
