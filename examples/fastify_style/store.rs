//! The users: in memory, each as the JSON that it came as.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastweb::prelude::*;
use serde_json::{Value, json};

#[derive(Default)]
pub(crate) struct Store(Mutex<Users>);

#[derive(Default)]
struct Users {
    by_id: BTreeMap<u64, Value>,
    last: u64,
}

impl Store {
    fn users(&self) -> MutexGuard<'_, Users> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn list(&self, limit: usize, offset: usize, role: Option<&str>) -> Value {
        let users = self.users();
        let fitting: Vec<_> =
            users.by_id.values().filter(|user| role.is_none_or(|role| user["role"] == role)).collect();
        let page: Vec<_> = fitting.iter().skip(offset).take(limit).collect();
        json!({ "total": fitting.len(), "users": page })
    }

    pub(crate) fn find(&self, id: u64) -> Result<Value> {
        self.users().by_id.get(&id).cloned().ok_or_else(|| unknown(id))
    }

    pub(crate) fn add(&self, user: Value) -> Result<Value> {
        let mut users = self.users();
        let id = users.last + 1;
        let user = users.put(id, user)?;
        users.last = id;
        Ok(user)
    }

    pub(crate) fn replace(&self, id: u64, user: Value) -> Result<Value> {
        let mut users = self.users();
        if !users.by_id.contains_key(&id) {
            return Err(unknown(id));
        }
        users.put(id, user)
    }

    pub(crate) fn remove(&self, id: u64) -> Result<()> {
        self.users().by_id.remove(&id).map(drop).ok_or_else(|| unknown(id))
    }
}

impl Users {
    fn put(&mut self, id: u64, mut user: Value) -> Result<Value> {
        if self.by_id.iter().any(|(other, there)| *other != id && there["email"] == user["email"]) {
            return Err(Error::conflict("this address has a user already").with_code("EMAIL_TAKEN"));
        }
        user["id"] = id.into();
        // What is not known is left out.
        user.as_object_mut().into_iter().for_each(|fields| fields.retain(|_, value| !value.is_null()));
        self.by_id.insert(id, user.clone());
        Ok(user)
    }
}

fn unknown(id: u64) -> Error {
    Error::not_found(format!("there is no user {id}")).with_code("USER_NOT_FOUND")
}
