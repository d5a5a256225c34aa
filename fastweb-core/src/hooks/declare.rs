//! The methods by which hooks are declared.

/// The methods that add hooks: the same for a route, a scope and the application, which is its root scope: `hook_methods!(root)`.
macro_rules! hook_methods {
    ($($root:ident)?) => {
        /// Adds a hook that runs when the route is known and the body has not been read.
        pub fn on_request<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.on_request.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs before the body is read. It may replace the body: [`Request::set_body`](crate::Request::set_body).
        pub fn pre_parsing<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.pre_parsing.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs when the body has been read, before arguments are made of the request.
        pub fn pre_validation<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.pre_validation.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs when the request is valid, before the handler.
        pub fn pre_handler<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.pre_handler.push(hook.erase().into());
            self
        }

        /// Adds a hook that may replace the value that a handler answered with, before it becomes bytes.
        pub fn pre_serialization<M>(mut self, hook: impl $crate::hooks::SerializationHook<M>) -> Self {
            self.$($root.)?hooks.pre_serialization.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs before every `on_send` hook, also before those of the scopes around: it sees a reply as handler, serialisation and error
        /// handler have left it. It is for what keeps replies, which is to keep nothing that an `on_send` hook has put in for one client.
        pub fn pre_send<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.pre_send.push(hook.erase().into());
            self
        }

        /// Adds a hook that sees every reply, those for errors included, before it is sent, and may change it.
        pub fn on_send<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.on_send.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs after the reply was handed to the operating system.
        pub fn on_response<M>(mut self, hook: impl $crate::hooks::ResponseHook<M>) -> Self {
            self.$($root.)?hooks.on_response.push(hook.erase().into());
            self
        }

        /// Adds a hook that observes errors, before the error handler answers them.
        pub fn on_error<M>(mut self, hook: impl $crate::hooks::ErrorHook<M>) -> Self {
            self.$($root.)?hooks.on_error.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs when a handler took longer than it may, before 503 is answered.
        pub fn on_timeout<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.on_timeout.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs once when a client is gone before its answer; `on_response` does not run then.
        pub fn on_request_abort<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.$($root.)?hooks.on_request_abort.push(hook.erase().into());
            self
        }

        /// Answers errors with `handler` instead of fastweb's JSON.
        pub fn error_handler<M>(mut self, handler: impl $crate::handler::ErrorHandler<M>) -> Self {
            self.$($root.)?error_handler = Some(handler.erase().into());
            self
        }
    };
}
pub(crate) use hook_methods;
