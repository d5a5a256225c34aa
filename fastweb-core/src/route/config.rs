//! What plugins are told about single routes.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::Arc;

/// Values by type, fixed when the application is built. A route has few of them, so they are a list that is searched.
#[derive(Clone, Default)]
pub(crate) struct Configs(Vec<Config>);

#[derive(Clone)]
struct Config {
    id: TypeId,
    name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
}

impl Configs {
    /// Puts `value` in the place of one of its type.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.put(Config { id: TypeId::of::<T>(), name: type_name::<T>(), value: Arc::new(value) });
    }

    fn put(&mut self, config: Config) {
        self.0.retain(|other| other.id != config.id);
        self.0.push(config);
    }

    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        let found = self.0.iter().find(|config| config.id == TypeId::of::<T>())?;
        found.value.downcast_ref()
    }

    /// Those of `inner`, and of these what it has none of its own of.
    pub(crate) fn followed_by(&self, inner: &Self) -> Self {
        let mut all = self.clone();
        inner.0.iter().cloned().for_each(|config| all.put(config));
        all
    }
}

impl fmt::Debug for Configs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|config| config.name)).finish()
    }
}
