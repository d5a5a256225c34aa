//! Files of a folder, or of the program itself.
//!
//! [`StaticFiles`] is the plugin; the guide's page [`files`](crate::guide::files) shows it at work.

mod answer;
mod disk;
#[cfg(feature = "embedded-files")]
mod embedded;
mod listing;
mod media_types;
mod memory;
mod path;
mod ranges;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fastweb_core::{Error, Plugin, Reply, Request, Result, Scope, blocking, get};

pub use disk::Symlinks;
pub use path::Dotfiles;

use super::etag::CacheControl;
use answer::{Found, Wanted};
use disk::Disk;
use memory::Memory;
use path::{Below, Refused};

/// Serves the files of a folder below a prefix: with ranges, `etag` and `last-modified`, conditional requests, and files that were compressed before. Fastify's `@fastify/static`.
///
/// Whatever is read is read in the pool for [`blocking`] work. No path leads out of the folder, however it is escaped, and no symbolic link either, unless it is told to; names that begin with a dot are
/// not there. What is not found goes to the `not_found` handler of its scope.
///
/// ```
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let folder = std::env::temp_dir().join(format!("fastweb-static-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("a.txt"), "0123456789")?;
/// let server = App::new().plugin(StaticFiles::new("/assets", &folder)).build().await?;
/// let reply = server.inject(Inject::get("/assets/a.txt")).await;
/// reply.assert_text("0123456789").assert_header("content-type", "text/plain; charset=utf-8");
/// let part = server.inject(Inject::get("/assets/a.txt").header("range", "bytes=-3")).await;
/// part.assert_status(206).assert_header("content-range", "bytes 7-9/10").assert_text("789");
/// server.inject(Inject::get("/assets/..%2Fsecret")).await.assert_status(400);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a plugin does nothing until it is registered"]
pub struct StaticFiles {
    name: String,
    prefix: String,
    source: Source,
    options: Options,
}

enum Source {
    Folder(PathBuf),
    #[cfg(feature = "embedded-files")]
    Embedded(embedded::Embedded),
}

struct Options {
    index: Option<String>,
    spa: Option<String>,
    dotfiles: Dotfiles,
    symlinks: Symlinks,
    listing: bool,
    precompressed: bool,
    memory: Option<Memory>,
    cache_control: CacheControl,
    cache_control_for: Option<Box<CacheControlFor>>,
    media_types: HashMap<String, String>,
    allowed: Option<Box<Allowed>>,
    on_reply: Option<Box<OnReply>>,
}

type CacheControlFor = dyn Fn(&str) -> Option<CacheControl> + Send + Sync;
type Allowed = dyn Fn(&str) -> bool + Send + Sync;
type OnReply = dyn Fn(&str, &mut Reply) + Send + Sync;

/// What was found where a client has looked.
enum Outcome {
    Missing,
    /// A folder that was asked for without the slash at its end.
    Redirect,
    /// What lies in a folder.
    Page(String),
    File(Box<Found>),
}

impl StaticFiles {
    /// The files of `folder`, below `prefix`: `/assets`, or `/` for all paths that have no other route. A folder that cannot be read is an error of `build()`.
    pub fn new(prefix: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self::of(prefix.into(), Source::Folder(folder.into()))
    }

    /// Files that are a part of the program: those of a type that derives `rust_embed::Embed`. They are taken as they are when the application is built, and there is no listing.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[derive(rust_embed::Embed)]
    /// #[folder = "examples/"]
    /// struct Assets;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let server = App::new().plugin(StaticFiles::embedded::<Assets>("/source")).build().await?;
    /// server.inject(Inject::get("/source/hello.rs")).await.assert_status(200);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "embedded-files")]
    pub fn embedded<E: rust_embed::RustEmbed>(prefix: impl Into<String>) -> Self {
        Self::of(prefix.into(), Source::Embedded(embedded::Embedded::of::<E>()))
    }

    fn of(prefix: String, source: Source) -> Self {
        let options = Options {
            index: Some("index.html".into()),
            spa: None,
            dotfiles: Dotfiles::default(),
            symlinks: Symlinks::default(),
            listing: false,
            precompressed: false,
            memory: None,
            cache_control: CacheControl::new().public().max_age(Duration::ZERO),
            cache_control_for: None,
            media_types: HashMap::new(),
            allowed: None,
            on_reply: None,
        };
        Self { name: format!("static-files {prefix}"), prefix, source, options }
    }

    /// The file that stands for its folder, instead of `index.html`. A folder that was asked for without a slash at its end is redirected to the path with it, so that relative links in the page hold.
    pub fn index(mut self, name: impl Into<String>) -> Self {
        self.options.index = Some(name.into());
        self
    }

    /// No file stands for its folder.
    pub fn without_index(mut self) -> Self {
        self.options.index = None;
        self
    }

    /// Answers with this file where a page was asked for that is not there: for applications whose pages are made in the browser. What has a dot in its last name is no page, and neither is what a client asks for
    /// that does not accept `text/html`: they are 404.
    pub fn spa(mut self, file: impl Into<String>) -> Self {
        self.options.spa = Some(file.into());
        self
    }

    /// What becomes of names that begin with a dot, instead of 404.
    pub fn dotfiles(mut self, dotfiles: Dotfiles) -> Self {
        self.options.dotfiles = dotfiles;
        self
    }

    /// What becomes of symbolic links, instead of following those that stay in the folder.
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.options.symlinks = symlinks;
        self
    }

    /// Shows what lies in folders that have no index, up to 10,000 names.
    pub fn listing(mut self) -> Self {
        self.options.listing = true;
        self
    }

    /// Sends `app.js.zst`, `app.js.br` or `app.js.gz` for `app.js` to clients that take it, where there is one.
    pub fn precompressed(mut self) -> Self {
        self.options.precompressed = true;
        self
    }

    /// Keeps files of 64 KiB and less in memory, `bytes` of them at most, and looks once a second whether they are still what they were: for files that many ask for. A change is seen a second later.
    ///
    /// ```
    /// use fastweb::StaticFiles;
    ///
    /// let busy = StaticFiles::new("/assets", "dist/assets").memory(16 * 1024 * 1024);
    /// # drop(busy);
    /// ```
    pub fn memory(mut self, bytes: usize) -> Self {
        self.options.memory = Some(Memory::new(bytes));
        self
    }

    /// For how long files may be used without asking, instead of not at all.
    pub fn max_age(mut self, time: Duration) -> Self {
        self.options.cache_control = self.options.cache_control.max_age(time);
        self
    }

    /// Files never change, because their names do: with [`max_age`](Self::max_age).
    pub fn immutable(mut self) -> Self {
        self.options.cache_control = self.options.cache_control.immutable();
        self
    }

    /// Another `cache-control` than `public, max-age=0`.
    pub fn cache_control(mut self, value: CacheControl) -> Self {
        self.options.cache_control = value;
        self
    }

    /// A `cache-control` by the path of the file below the folder, where it says one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::StaticFiles;
    /// use fastweb::etag::CacheControl;
    ///
    /// let pages_are_asked_for = StaticFiles::new("/", "dist")
    ///     .max_age(Duration::from_secs(31_536_000))
    ///     .immutable()
    ///     .cache_control_for(|path| path.ends_with(".html").then(|| CacheControl::new().no_cache()));
    /// # drop(pages_are_asked_for);
    /// ```
    pub fn cache_control_for(mut self, value: impl Fn(&str) -> Option<CacheControl> + Send + Sync + 'static) -> Self {
        self.options.cache_control_for = Some(Box::new(value));
        self
    }

    /// The media type of files whose names end so, without the dot: `("gltf", "model/gltf+json")`. What fastweb does not know is `application/octet-stream`.
    pub fn media_type(mut self, extension: impl Into<String>, media_type: impl Into<String>) -> Self {
        self.options.media_types.insert(extension.into().to_ascii_lowercase(), media_type.into());
        self
    }

    /// Says by the path below the folder what is there at all; the rest is 404.
    pub fn allowed(mut self, allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.options.allowed = Some(Box::new(allowed));
        self
    }

    /// Changes the replies that have a file, by its path below the folder: Fastify's `setHeaders`.
    ///
    /// ```
    /// use fastweb::StaticFiles;
    ///
    /// let downloads = StaticFiles::new("/downloads", "files").on_reply(|_, reply| {
    ///     reply.set_header("content-disposition", "attachment");
    /// });
    /// # drop(downloads);
    /// ```
    pub fn on_reply(mut self, change: impl Fn(&str, &mut Reply) + Send + Sync + 'static) -> Self {
        self.options.on_reply = Some(Box::new(change));
        self
    }

    fn check(&self) -> Result<()> {
        let prefix = &self.prefix;
        if !prefix.starts_with('/') || prefix.contains('{') || (prefix.len() > 1 && prefix.ends_with('/')) {
            return Err(Error::internal(format!(
                "the prefix {prefix:?} of static files has to be \"/\", or one like \"/assets\""
            )));
        }
        for file in self.options.index.iter().chain(&self.options.spa) {
            if file.is_empty() || file.starts_with('/') || file.split('/').any(|name| name == ".." || name.is_empty()) {
                return Err(Error::internal(format!(
                    "the file {file:?} has to be a path below the folder of static files, like \"index.html\""
                )));
            }
        }
        Ok(())
    }
}

/// What answers, when it is set up.
struct Shared {
    files: Files,
    options: Options,
}

enum Files {
    Disk(Disk),
    #[cfg(feature = "embedded-files")]
    Embedded(embedded::Embedded),
}

impl Shared {
    async fn answer(self: &Arc<Self>, req: &mut Request, is_prefix: bool) -> Result<Reply> {
        let options = &self.options;
        let mut below = match Below::of(req, options.dotfiles) {
            Ok(below) => below,
            Err(Refused::Missing) => return Ok(Reply::not_found()),
            Err(Refused::Forbidden) => return Err(Error::forbidden("This file is not for clients")),
        };
        below.is_folder &= !is_prefix;
        if options.allowed.as_ref().is_some_and(|allowed| !allowed(&below.path)) {
            return Ok(Reply::not_found());
        }
        let wanted = Wanted::of(req, below, options.precompressed);
        let kept = options.memory.as_ref().and_then(|memory| memory.get(&wanted.place));
        let (outcome, wanted) = match (kept, &self.files) {
            (Some(asset), _) => (Outcome::File(Box::new(asset.serve(&wanted))), wanted),
            #[cfg(feature = "embedded-files")]
            (None, Files::Embedded(_)) => self.look(wanted)?,
            (None, Files::Disk(_)) => {
                let this = self.clone();
                blocking(move || this.look(wanted)).await??
            }
        };
        match outcome {
            Outcome::Missing => Ok(Reply::not_found()),
            Outcome::Redirect => Ok(redirect(req)),
            Outcome::Page(html) => Ok(page(html)),
            Outcome::File(found) => {
                let reply = self.describe(&found);
                found.answer(reply, &wanted.conditions)
            }
        }
    }

    /// What is there. For a folder it is asked in the pool.
    fn look(&self, wanted: Wanted) -> Result<(Outcome, Wanted)> {
        let outcome = match &self.files {
            Files::Disk(disk) => disk.look(&self.options, &wanted).map_err(|error| match error.kind() {
                std::io::ErrorKind::PermissionDenied => Error::forbidden("This file cannot be read").with_source(error),
                _ => Error::from(error),
            })?,
            #[cfg(feature = "embedded-files")]
            Files::Embedded(embedded) => embedded.look(&self.options, &wanted),
        };
        Ok((outcome, wanted))
    }

    /// What is said about a file before it is known how much of it is sent.
    fn describe(&self, found: &Found) -> Reply {
        let options = &self.options;
        let extension = media_types::extension(&found.path).unwrap_or_default();
        let own = options.media_types.get(&extension).map(|own| Cow::Owned(own.clone()));
        let known = || media_types::of(&extension).unwrap_or("application/octet-stream").into();
        let mut reply = Reply::new().with_content_type(own.unwrap_or_else(known));
        let special = options.cache_control_for.as_ref().and_then(|value| value(&found.path));
        let cache_control = special.as_ref().unwrap_or(&options.cache_control).to_string();
        if !cache_control.is_empty() {
            reply.set_header("cache-control", cache_control);
        }
        if options.precompressed {
            reply.add_vary("accept-encoding");
        }
        if let Some(coding) = found.coding {
            reply.set_header("content-encoding", coding.as_str());
        }
        if let Some(change) = &options.on_reply {
            change(&found.path, &mut reply);
        }
        reply
    }
}

/// To the same path with a slash at its end. It is relative, so that it holds behind a proxy that puts a prefix before its paths, and can never be another server's.
fn redirect(req: &Request) -> Reply {
    let name = req.path().rsplit('/').next().unwrap_or_default();
    let query = req.query().map(|query| format!("?{query}")).unwrap_or_default();
    Reply::redirect(format!("./{name}/{query}")).with_status(301)
}

fn page(html: String) -> Reply {
    Reply::new()
        .with_content_type("text/html; charset=utf-8")
        .with_header("cache-control", "no-cache")
        .with_header("content-security-policy", "default-src 'none'")
        .with_header("x-content-type-options", "nosniff")
        .with_body(html)
}

impl Plugin for StaticFiles {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        self.check()?;
        let Self { prefix, source, options, .. } = self;
        let files = match source {
            Source::Folder(folder) => Files::Disk(Disk::new(&folder)?),
            #[cfg(feature = "embedded-files")]
            Source::Embedded(embedded) => Files::Embedded(embedded),
        };
        let shared = Arc::new(Shared { files, options });
        let prefix = prefix.strip_suffix('/').unwrap_or(&prefix);
        let mut scope = scope;
        if !prefix.is_empty() {
            let shared = shared.clone();
            let answer = async move |req: &mut Request| shared.answer(req, true).await;
            scope = scope.route(get(prefix, answer).hidden());
        }
        let answer = async move |req: &mut Request| shared.answer(req, false).await;
        Ok(scope.route(get(format!("{prefix}/{{*path?}}"), answer).hidden()))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.fmt(f),
            #[cfg(feature = "embedded-files")]
            Self::Embedded(embedded) => embedded.fmt(f),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("index", &self.index)
            .field("spa", &self.spa)
            .field("dotfiles", &self.dotfiles)
            .field("symlinks", &self.symlinks)
            .field("listing", &self.listing)
            .field("precompressed", &self.precompressed)
            .field("memory", &self.memory)
            .field("cache_control", &self.cache_control)
            .finish_non_exhaustive()
    }
}
