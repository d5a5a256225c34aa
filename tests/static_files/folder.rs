//! A folder of its own for each test, gone at its end.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) struct Folder(PathBuf);

impl Folder {
    /// With these files in a folder `public`, and a file `secret` beside it.
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = Self(std::env::temp_dir().join(format!("fastweb-static-files-{}-{n}", std::process::id())));
        let _ = fs::remove_dir_all(&folder.0);
        fs::create_dir_all(folder.public()).expect("a folder");
        for (path, content) in files {
            folder.write(path, content);
        }
        fs::write(folder.0.join("secret"), "secret").expect("a file");
        folder
    }

    pub(crate) fn public(&self) -> PathBuf {
        self.0.join("public")
    }

    pub(crate) fn outside(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        let path = self.public().join(path);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Bytes that tell where they are from.
pub(crate) fn numbers(len: usize) -> Vec<u8> {
    (0..len).map(|n| b'a' + (n % 23) as u8).collect()
}
