//! A plugin that others depend on: it knows the teams' keys, and what a request with a key belongs to.

use std::cell::OnceCell;
use std::collections::HashMap;

use fastweb::prelude::*;

/// The teams' keys, for whoever checks them.
pub(crate) struct TeamKeys(HashMap<String, String>);

/// Who asks: a decorator that every request has for itself. The hook below fills it, handlers read it.
#[derive(Default)]
pub(crate) struct Team(OnceCell<String>);

impl Team {
    pub(crate) fn name(&self) -> &str {
        self.0.get().map_or("", String::as_str)
    }
}

/// An `on_request` hook for scopes below `/teams/{team}`.
pub(crate) fn check_key(req: &mut Request) -> Result<()> {
    let team = req.param("team").ok_or_else(|| Error::bad_request("no team"))?.into_owned();
    let keys = req.state::<TeamKeys>().ok_or_else(|| Error::internal("the plugin `keys` is not there"))?;
    match (req.header("x-team-key"), keys.0.get(&team)) {
        (Some(given), Some(key)) if given == key => {}
        (Some(_), _) => return Err(Error::forbidden("this is not the key of that team")),
        (None, _) => return Err(Error::unauthorized("x-team-key is missing")),
    }
    if let Some(asking) = req.request_state::<Team>() {
        let _ = asking.0.set(team);
    }
    Ok(())
}

pub(crate) struct Keys(HashMap<String, String>);

impl Keys {
    pub(crate) fn new(keys: &[(&str, &str)]) -> Self {
        Self(keys.iter().map(|&(team, key)| (team.to_owned(), key.to_owned())).collect())
    }
}

impl Plugin for Keys {
    fn name(&self) -> &str {
        "keys"
    }

    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        if self.0.is_empty() {
            return Err(Error::internal("there is no team"));
        }
        Ok(scope.state(TeamKeys(self.0)).request_state(|_| Team::default()))
    }
}
