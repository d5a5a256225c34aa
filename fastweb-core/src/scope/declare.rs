//! The methods by which a scope is declared: the same for the application, which is its own root scope.

macro_rules! route_methods {
    ($($root:ident)?; $($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<M>(self, path: impl Into<String>, handler: impl $crate::handler::Handler<M>) -> Self {
            self.route($crate::route::$name(path, handler))
        }
    )+};
}
pub(crate) use route_methods;

/// `scope_methods!()` for a scope, `scope_methods!(root)` for what has its scope in the field `root`.
macro_rules! scope_methods {
    ($($root:ident)?) => {
        $crate::hooks::hook_methods!($($root)?);

        #[cfg(feature = "schema")]
        $crate::schema::schema_methods!($($root)?);

        $crate::scope::route_methods! {
            $($root)?;
            /// Adds a `GET` route. It answers `HEAD` too.
            get,
            /// Adds a `POST` route.
            post,
            /// Adds a `PUT` route.
            put,
            /// Adds a `PATCH` route.
            patch,
            /// Adds a `DELETE` route.
            delete,
            /// Adds a `HEAD` route.
            head,
            /// Adds an `OPTIONS` route.
            options,
            /// Adds a route for all standard methods but `CONNECT`.
            any,
        }

        /// Adds a route with options, `app.route(get("/", handler).body_limit(10))`, or one that an attribute macro has made of a function:
        /// `app.route(create_user)`.
        pub fn route(mut self, route: impl $crate::route::IntoRoute) -> Self {
            self.$($root.)?routes.push(route.into_route());
            self
        }

        /// Opens a scope: what `declare` adds to it holds for its own routes and those of scopes within it, and for nothing outside. Its paths
        /// begin with `prefix`, which may have parameters and may be empty.
        ///
        /// ```
        /// # use fastweb_core::{App, Error, Inject, Request, Result};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<()> {
        /// let keys_only = |req: &mut Request| -> Result<()> {
        ///     req.header("x-key").map(drop).ok_or_else(|| Error::unauthorized("x-key is missing"))
        /// };
        /// let server = App::new()
        ///     .get("/", "open to all")
        ///     .scope("/admin", |admin| admin.on_request(keys_only).get("/users", "Ada, Grace"))
        ///     .build()
        ///     .await?;
        /// assert_eq!(server.inject(Inject::get("/")).await.status(), 200);
        /// assert_eq!(server.inject(Inject::get("/admin/users")).await.status(), 401);
        /// assert_eq!(server.inject(Inject::get("/admin/users").header("x-key", "k")).await.status(), 200);
        /// # Ok(())
        /// # }
        /// ```
        #[track_caller]
        pub fn scope(mut self, prefix: impl Into<String>, declare: impl FnOnce($crate::Scope) -> $crate::Scope) -> Self {
            let scope = declare($crate::Scope::new(prefix.into()));
            self.$($root.)?children.push($crate::scope::Child::Scope(Box::new(scope)));
            self
        }

        /// Puts a whole application under a prefix: its routes, hooks, state and plugins become a scope of this one. Hooks of this scope run for its
        /// routes, before its own; state that it was not given itself is found here.
        ///
        /// What belongs to a server and not to a scope (workers, limits, the server header, router options, the form of error answers) is set on the outer
        /// application; where the mounted one sets it, `build()` says so.
        #[track_caller]
        pub fn mount(mut self, prefix: impl Into<String>, app: $crate::App) -> Self {
            let scope = app.into_scope(prefix.into(), std::panic::Location::caller());
            self.$($root.)?children.push($crate::scope::Child::Scope(Box::new(scope)));
            self
        }

        /// Registers a plugin. It is set up by `build()`, in a scope of its own, or in this one where it [asks for that](crate::Plugin::shares_scope).
        #[track_caller]
        pub fn plugin(mut self, plugin: impl $crate::Plugin) -> Self {
            self.$($root.)?children.push($crate::scope::Child::Plugin($crate::plugin::Registered::new(plugin)));
            self
        }

        /// Answers requests below this scope's prefix that no route matches, instead of fastweb's 404. The hooks of this scope run for them. A path
        /// that has routes for other methods is still answered with 405.
        #[track_caller]
        pub fn not_found<M>(mut self, handler: impl $crate::handler::Handler<M>) -> Self {
            self.$($root.)?not_found = Some($crate::route::route("*", "*", handler));
            self
        }

        /// Gives this scope a value that handlers take as [`State<T>`](crate::State). One per type: a second one replaces the first, and within
        /// a scope the nearest one is taken.
        pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
            self.$($root.)?states.insert_shared(std::sync::Arc::new(value));
            self
        }

        /// As [`state`](Self::state), for a value that is shared already.
        pub fn state_arc<T: Send + Sync + 'static>(mut self, value: std::sync::Arc<T>) -> Self {
            self.$($root.)?states.insert_shared(value);
            self
        }

        /// Provides the dependency `T` otherwise for the routes of this scope: what tests do in the place of a login or a database. What `T` itself needs
        /// is not asked for then. See [`Dependency`](crate::Dependency).
        pub fn override_dependency<T, F>(mut self, provide: F) -> Self
        where
            T: $crate::Dependency,
            F: AsyncFn() -> $crate::Result<T> + Send + Sync + 'static,
        {
            self.$($root.)?states.insert_dependency(provide);
            self
        }

        /// Gives each worker a value of its own, made on the worker's thread when the server starts. It need not be `Send`: a client with its
        /// connections, a cache without a lock. Handlers take it as [`WorkerState<T>`](crate::WorkerState). Where `init` fails, the server
        /// does not start.
        ///
        /// ```
        /// # use std::cell::Cell;
        /// # use fastweb_core::{App, Inject, WorkerState};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// let count = |hits: WorkerState<Cell<u64>>| {
        ///     hits.set(hits.get() + 1);
        ///     hits.get().to_string()
        /// };
        /// let server = App::new().worker_state(async || Ok(Cell::new(0_u64))).get("/", count).build().await?;
        /// assert_eq!(server.inject(Inject::get("/")).await.text(), "1");
        /// assert_eq!(server.inject(Inject::get("/")).await.text(), "2");
        /// # Ok(())
        /// # }
        /// ```
        pub fn worker_state<T, F>(mut self, init: F) -> Self
        where
            T: 'static,
            F: AsyncFn() -> $crate::Result<T> + Send + Sync + 'static,
        {
            self.$($root.)?states.insert_worker(init);
            self
        }

        /// Gives each request a value of its own, made when it is first asked for. Hooks and handlers of one request share it: hooks by
        /// [`Request::request_state`](crate::Request::request_state), handlers as [`RequestState<T>`](crate::RequestState).
        ///
        /// ```
        /// # use std::cell::RefCell;
        /// # use fastweb_core::{App, Inject, Request, RequestState};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// type Trail = RefCell<Vec<&'static str>>;
        ///
        /// let server = App::new()
        ///     .request_state(|_| Trail::default())
        ///     .on_request(|req: &mut Request| {
        ///         if let Some(trail) = req.request_state::<Trail>() {
        ///             trail.borrow_mut().push("hook");
        ///         }
        ///     })
        ///     .get("/", |trail: RequestState<Trail>| trail.borrow().join(", "))
        ///     .build()
        ///     .await?;
        /// assert_eq!(server.inject(Inject::get("/")).await.text(), "hook");
        /// # Ok(())
        /// # }
        /// ```
        pub fn request_state<T: 'static>(mut self, init: impl Fn(&$crate::Request) -> T + Send + Sync + 'static) -> Self {
            self.$($root.)?states.insert_request::<T>(Box::new(init));
            self
        }

        /// The most bytes that a request's body may have, where the route says nothing else. The default is 1 MiB.
        pub fn body_limit(mut self, bytes: u64) -> Self {
            self.$($root.)?body_limit = Some(bytes);
            self
        }

        /// Puts a tower service at `prefix`: an axum `Router`, a file server of tower-http, an MCP service. It gets all standard methods but `CONNECT`, for the prefix
        /// itself and whatever is below it, and sees paths without the prefix. The hooks, limits and error handlers of this scope hold for it.
        ///
        /// The service is cloned for each worker, and then for each request; `poll_ready` is honoured. Its futures and bodies need not be `Send`. Requests
        /// carry the peer's address among their extensions, as [`ConnectInfo`](crate::ConnectInfo). A response of 101 is an error: for other protocols there is
        /// [`Upgrade`](crate::Upgrade).
        ///
        /// ```
        /// # use fastweb_core::{App, Inject, MountBody};
        /// # use tower::service_fn;
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// let paths = service_fn(async |request: http::Request<MountBody>| {
        ///     Ok::<_, std::convert::Infallible>(http::Response::new(request.uri().path().to_owned()))
        /// });
        /// let server = App::new().scope("/v1", |v1| v1.mount_service("/paths", paths)).build().await?;
        /// server.inject(Inject::get("/v1/paths/a/b")).await.assert_text("/a/b");
        /// server.inject(Inject::get("/v1/paths")).await.assert_text("/");
        /// # Ok(())
        /// # }
        /// ```
        #[cfg(feature = "tower")]
        #[track_caller]
        pub fn mount_service<S, B>(self, prefix: impl Into<String>, service: S) -> Self
        where
            S: tower_service::Service<http::Request<$crate::MountBody>, Response = http::Response<B>> + Clone + Send + 'static,
            S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
            B: http_body::Body + 'static,
            B::Data: bytes::Buf,
            B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        {
            let here = std::sync::Mutex::new(service.clone());
            let below = std::sync::Mutex::new(service);
            let here = $crate::any("/", $crate::tower::Mounted(here));
            let below = $crate::any("/{*mounted}", $crate::tower::Mounted(below));
            self.scope(prefix, |scope| scope.route(here).route(below))
        }

        /// Puts a tower layer around everything that this scope does with a request, from `on_request` hooks to error handlers. `on_send` hooks see what the layer
        /// has made of the reply. Layers of outer scopes are further out, and of several on one scope the first one is.
        ///
        /// The layer is applied once, to [`Next`](crate::Next); what comes of it is cloned as services are that are [mounted](Self::mount_service). The route
        /// is found before: a layer may answer itself, and change headers, extensions and bodies, but a path that it changes is passed over. Extensions
        /// that it adds are in the request's as one value, `http::Extensions`.
        ///
        /// ```
        /// # use fastweb_core::{App, Inject};
        /// # use tower::util::MapResponseLayer;
        /// # use fastweb_core::MountBody;
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// let mark = MapResponseLayer::new(|mut response: http::Response<MountBody>| {
        ///     response.headers_mut().insert("x-mark", http::HeaderValue::from_static("1"));
        ///     response
        /// });
        /// let server = App::new().get("/", "home").scope("/a", |a| a.layer(mark).get("/b", "b")).build().await?;
        /// server.inject(Inject::get("/a/b")).await.assert_text("b").assert_header("x-mark", "1");
        /// assert_eq!(server.inject(Inject::get("/")).await.header("x-mark"), None);
        /// # Ok(())
        /// # }
        /// ```
        #[cfg(feature = "tower")]
        pub fn layer<L, S, B>(mut self, layer: L) -> Self
        where
            L: tower_layer::Layer<$crate::Next, Service = S> + Send + Sync + 'static,
            S: tower_service::Service<http::Request<$crate::MountBody>, Response = http::Response<B>> + Clone + Send + 'static,
            S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
            S::Future: Send,
            B: http_body::Body + Send + 'static,
            B::Data: bytes::Buf,
            B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        {
            let layer = $crate::tower::LayerOf((layer, std::marker::PhantomData::<fn() -> (S, B)>));
            self.$($root.)?layers.push(std::sync::Arc::new(layer));
            self
        }

        /// Tells whoever knows `T` something about all routes of this scope, where neither they nor a scope within say otherwise: see
        /// [`Route::config`](crate::Route::config).
        pub fn config<T: Send + Sync + 'static>(mut self, value: T) -> Self {
            self.$($root.)?configs.insert(value);
            self
        }

        /// How long requests may take, where the route says nothing else: see [`Route::timeout`](crate::Route::timeout).
        pub fn timeout(mut self, timeout: impl Into<$crate::Timeout>) -> Self {
            self.$($root.)?timeout = Some(timeout.into());
            self
        }

        /// Reads bodies of a media type that fastweb does not know: `parser` makes JSON of them, which the handler's [`Json`](crate::Json) then
        /// reads. The type is one (`application/yaml`), a family (`text/*`, `application/*+xml`), or `*` for whatever has no other parser.
        ///
        /// ```
        /// # use fastweb_core::{App, Bytes, Inject, Json, Request, Result};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<()> {
        /// // One number per line becomes a list.
        /// let lines = |_: &mut Request, body: Bytes| -> Result<String> {
        ///     let text = String::from_utf8_lossy(&body);
        ///     Ok(format!("[{}]", text.lines().collect::<Vec<_>>().join(",")))
        /// };
        /// let sum = |Json(numbers): Json<Vec<i64>>| numbers.iter().sum::<i64>().to_string();
        /// let server = App::new().content_type_parser("text/lines", lines).post("/sum", sum).build().await?;
        /// let reply = server.inject(Inject::post("/sum").header("content-type", "text/lines").body("1\n2\n3")).await;
        /// assert_eq!(reply.text(), "6");
        /// # Ok(())
        /// # }
        /// ```
        #[track_caller]
        pub fn content_type_parser<M>(
            mut self,
            media_type: impl Into<String>,
            parser: impl $crate::parser::BodyParser<M>,
        ) -> Self {
            let parser = $crate::parser::ContentTypeParser::new(media_type.into(), parser);
            self.$($root.)?parsers.push(parser);
            self
        }

        /// Adds a hook that sees every route of this scope and of those within it, when `build()` resolves them, and may change its options.
        ///
        /// ```
        /// # use fastweb_core::{App, Inject, post, Route};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> fastweb_core::Result<()> {
        /// let small_uploads = |route: Route| match route.path().starts_with("/avatars") {
        ///     true => route.body_limit(4),
        ///     false => route,
        /// };
        /// let server = App::new()
        ///     .on_route(small_uploads)
        ///     .post("/avatars", |_: String| "stored")
        ///     .build()
        ///     .await?;
        /// assert_eq!(server.inject(Inject::post("/avatars").body("12345")).await.status(), 413);
        /// # Ok(())
        /// # }
        /// ```
        pub fn on_route(mut self, hook: impl Fn($crate::Route) -> $crate::Route + Send + Sync + 'static) -> Self {
            self.$($root.)?application.on_route.push(std::sync::Arc::new(hook));
            self
        }

        /// Adds a hook that is given every scope within this one, plugins' scopes included, while it is still empty. What it adds comes
        /// before what the scope itself declares.
        pub fn on_register(mut self, hook: impl Fn($crate::Scope) -> $crate::Scope + Send + Sync + 'static) -> Self {
            self.$($root.)?application.on_register.push(std::sync::Arc::new(hook));
            self
        }

        /// Adds a hook that `build()` runs when all plugins are set up and all routes resolved; one after the other, in the order of their
        /// registration, outer scopes first. An error from it fails the build.
        pub fn on_ready<F, R>(mut self, hook: F) -> Self
        where
            F: AsyncFn() -> R + Send + Sync + 'static,
            R: $crate::hooks::IntoFlow + 'static,
        {
            self.$($root.)?application.on_ready.push($crate::hooks::life_hook(hook));
            self
        }

        /// Adds a hook that runs once when the server accepts connections. It gets the address: the place to print it. An error from it is logged.
        pub fn on_listen<R: $crate::hooks::IntoFlow>(
            mut self,
            hook: impl Fn(std::net::SocketAddr) -> R + Send + Sync + 'static,
        ) -> Self {
            let hook = move |address| hook(address).into_flow().map(drop);
            self.$($root.)?application.on_listen.push(std::sync::Arc::new(hook));
            self
        }

        /// Adds a hook that runs once when the server is asked to stop, while it still accepts connections and answers requests: the place to leave
        /// a load balancer, or to tell long-lived clients. An error from it is logged. All of them together have the
        /// time of the shutdown limit. Of several addresses the last one that is asked counts.
        pub fn pre_close<F, R>(mut self, hook: F) -> Self
        where
            F: AsyncFn() -> R + Send + Sync + 'static,
            R: $crate::hooks::IntoFlow + 'static,
        {
            self.$($root.)?application.pre_close.push($crate::hooks::life_hook(hook));
            self
        }

        /// Adds a hook that runs once when the server has stopped: all requests are answered and all connections closed. Inner scopes' run before outer
        /// ones', and the last one that was added runs first.
        pub fn on_close<F, R>(mut self, hook: F) -> Self
        where
            F: AsyncFn() -> R + Send + Sync + 'static,
            R: $crate::hooks::IntoFlow + 'static,
        {
            self.$($root.)?application.on_close.push($crate::hooks::life_hook(hook));
            self
        }
    };
}
pub(crate) use scope_methods;
