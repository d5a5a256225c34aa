//! The users: in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::errors::UserError;
use super::models::{NewUser, Paging, User, UserList};

#[derive(Default)]
pub(crate) struct Store(Mutex<Users>);

#[derive(Default)]
struct Users {
    by_id: BTreeMap<u64, Stored>,
    last: u64,
}

struct Stored {
    user: User,
    #[allow(dead_code)] // A real service keeps a hash, and compares with it.
    password: String,
}

impl Store {
    fn users(&self) -> MutexGuard<'_, Users> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn list(&self, paging: &Paging) -> UserList {
        let users = self.users();
        let fitting: Vec<_> = users
            .by_id
            .values()
            .map(|stored| &stored.user)
            .filter(|user| paging.role.is_none_or(|role| user.role == role))
            .collect();
        let page = fitting.iter().skip(paging.offset).take(paging.limit);
        UserList { total: fitting.len(), users: page.map(|user| (*user).clone()).collect() }
    }

    pub(crate) fn find(&self, id: u64) -> Result<User, UserError> {
        self.users().by_id.get(&id).map(|stored| stored.user.clone()).ok_or(UserError::NotFound { id })
    }

    pub(crate) fn add(&self, new: NewUser) -> Result<User, UserError> {
        let mut users = self.users();
        let id = users.last + 1;
        let user = users.put(id, new)?;
        users.last = id;
        Ok(user)
    }

    pub(crate) fn replace(&self, id: u64, new: NewUser) -> Result<User, UserError> {
        let mut users = self.users();
        if !users.by_id.contains_key(&id) {
            return Err(UserError::NotFound { id });
        }
        users.put(id, new)
    }

    pub(crate) fn remove(&self, id: u64) -> Result<(), UserError> {
        self.users().by_id.remove(&id).map(drop).ok_or(UserError::NotFound { id })
    }
}

impl Users {
    fn put(&mut self, id: u64, new: NewUser) -> Result<User, UserError> {
        let NewUser { age, email, name, password, role } = new;
        if self.by_id.iter().any(|(other, there)| *other != id && there.user.email == email) {
            return Err(UserError::EmailTaken);
        }
        let user = User { age, email, id, name, role };
        self.by_id.insert(id, Stored { user: user.clone(), password });
        Ok(user)
    }
}
