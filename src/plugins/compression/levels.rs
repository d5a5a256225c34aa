//! How hard each coding tries.

use fastweb_core::{Error, Result};

use super::Coding;

/// A level per coding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    pub(super) zstd: i32,
    pub(super) brotli: i32,
    pub(super) gzip: i32,
    pub(super) deflate: i32,
}

/// By measurement (2026-11-21, the table in the guide's page): zstd behind 3 takes twice the time for a seventh less; gzip behind 5 a fifth more for a fortieth less; below 5, br is larger than
/// gzip and slower.
impl Default for Levels {
    fn default() -> Self {
        Self { zstd: 3, brotli: 5, gzip: 5, deflate: 5 }
    }
}

impl Levels {
    pub(super) fn of(&self, coding: Coding) -> i32 {
        match coding {
            Coding::Zstd => self.zstd,
            Coding::Brotli => self.brotli,
            Coding::Gzip => self.gzip,
            Coding::Deflate => self.deflate,
        }
    }

    pub(super) fn set(&mut self, coding: Coding, level: i32) {
        *match coding {
            Coding::Zstd => &mut self.zstd,
            Coding::Brotli => &mut self.brotli,
            Coding::Gzip => &mut self.gzip,
            Coding::Deflate => &mut self.deflate,
        } = level;
    }

    pub(super) fn check(&self) -> Result<()> {
        for coding in Coding::ALL {
            let allowed = match coding {
                Coding::Zstd => 1..=22,
                Coding::Brotli => 0..=11,
                Coding::Gzip | Coding::Deflate => 1..=9,
            };
            let level = self.of(coding);
            if !allowed.contains(&level) {
                let (name, least, most) = (coding.as_str(), allowed.start(), allowed.end());
                return Err(Error::internal(format!(
                    "the level {level} of the compression {name} has to be from {least} to {most}"
                )));
            }
        }
        Ok(())
    }
}
