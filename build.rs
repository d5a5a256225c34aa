//! With the feature `openapi`: the files of the docs page, compressed while building, so that the program neither carries them as they are nor compresses
//! them when it starts. Without it there is nothing to do.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "openapi")]
    page::embed();
}

#[cfg(feature = "openapi")]
mod page {
    use std::io::Write;
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    /// The crate that has the files. It has no item that gives them, so they are taken from its source, which Cargo has fetched as a dependency of this
    /// script.
    const CRATE: &str = "swagger-ui-dist";

    /// As in `Cargo.toml`.
    const VERSION: &str = "5.34.1";

    /// Where they are, for a build that keeps the sources of crates in a place of its own.
    const PLACE: &str = "FASTWEB_SWAGGER_UI";

    const FILES: [&str; 4] = ["swagger-ui-bundle.js", "swagger-ui.css", "oauth2-redirect.html", "oauth2-redirect.js"];

    pub(crate) fn embed() {
        println!("cargo::rerun-if-env-changed={PLACE}");
        println!("cargo::rustc-env=FASTWEB_SWAGGER_UI_VERSION={VERSION}");
        let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets it"));
        let Some(assets) = find() else {
            println!(
                "cargo::error=the feature `openapi` needs the source of the crate {CRATE} {VERSION} and does not find it: set {PLACE} to its folder \
                 `assets`"
            );
            return;
        };
        for file in FILES {
            let content = fs::read(assets.join(file)).expect("it was there a moment ago");
            let mut gzip = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(6));
            let compressed = gzip.write_all(&content).and_then(|()| gzip.finish()).expect("memory can be written to");
            fs::write(out.join(format!("{file}.gz")), compressed).expect("OUT_DIR can be written to");
        }
    }

    fn find() -> Option<PathBuf> {
        if let Some(place) = env::var_os(PLACE) {
            return Some(PathBuf::from(place)).filter(|place| is_complete(place));
        }
        let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
        let out = PathBuf::from(env::var_os("OUT_DIR")?);
        let versioned = format!("{CRATE}-{VERSION}");
        let mut places = Vec::new();
        // Beside this crate, where both came from a registry.
        places.extend(here.parent().map(|beside| beside.join(&versioned)));
        // `cargo vendor`: beside this crate, or in the project that is being built.
        for folder in here.ancestors().chain(out.ancestors()) {
            places.extend([
                folder.join(CRATE),
                folder.join("vendor").join(CRATE),
                folder.join("vendor").join(&versioned),
            ]);
        }
        // Where Cargo unpacks what it has fetched.
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| {
            Some(PathBuf::from(env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"))?).join(".cargo"))
        });
        for registry in home.iter().filter_map(|home| fs::read_dir(home.join("registry/src")).ok()).flatten().flatten()
        {
            places.push(registry.path().join(&versioned));
        }
        places
            .into_iter()
            .find(|place| is_version(place))
            .map(|place| place.join("assets"))
            .filter(|place| is_complete(place))
    }

    fn is_version(place: &Path) -> bool {
        let manifest = fs::read_to_string(place.join("Cargo.toml")).unwrap_or_default();
        manifest.contains(&format!("version = \"{VERSION}\""))
    }

    fn is_complete(assets: &Path) -> bool {
        FILES.iter().all(|file| assets.join(file).is_file())
    }
}
