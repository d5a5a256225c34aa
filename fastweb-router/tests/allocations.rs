//! What a lookup allocates, counted: nothing, but for two cases among plain routes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use fastweb_router::{Params, Router};

struct Counting;

thread_local! {
    // Of this thread, because the test harness has threads of its own. It needs neither an initialiser nor a destructor,
    // so the allocator may touch it at any time.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to `System` as it came, which keeps the contract of `GlobalAlloc`; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises about `layout` are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: `ptr` came from `alloc` above, so from `System`, with this layout.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Whether a path is found, and how often that allocates.
fn count(router: &Router<()>, method: &str, path: &str) -> (bool, usize) {
    let mut params = Params::new();
    // The first lookup gives `params` its room.
    let found = router.find(method, path, &mut params).is_ok();
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        assert_eq!(router.find(method, path, &mut params).is_ok(), found);
    }
    let allocations = ALLOCATIONS.get() - before;
    assert_eq!(allocations % 100, 0, "{path}");
    (found, allocations / 100)
}

/// Routes that are all plain go through matchit, which notes some things on the heap.
#[test]
fn allocations_among_plain_routes() {
    let mut router = Router::new();
    for path in [
        "/",
        "/three/{a}/{b}/{c}",
        "/rest/{a}/{*b}",
        "/four/{a}/{b}/{c}/{d}",
        "/nine/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}",
        "/static/path",
        "/static/{a}",
        "/fork/{a}/{b}",
        "/fork/{a}/known/{b}",
    ] {
        router.insert("GET", path, ()).unwrap();
    }
    let count = |path| count(&router, "GET", path);
    // Static paths are not in the tree, so that there is no fork beside them.
    for path in ["/", "/static/path", "/three/1/2/3", "/rest/1/2/3/4/5", "/static/1", "/fork/1/2"] {
        assert_eq!(count(path), (true, 0), "{path}");
    }
    for path in ["/static/path/", "/three/1/2", "/nowhere", "/three/1/2/..", "/three/1/%zz/3"] {
        assert_eq!(count(path), (false, 0), "{path}");
    }
    // What has an escape goes through the tree of segments.
    assert_eq!(count("/four/1/2/3/%34"), (true, 0));
    // More than three parameters: a list that grows by doubling.
    assert_eq!(count("/four/1/2/3/4"), (true, 1));
    assert_eq!(count("/nine/1/2/3/4/5/6/7/8/9"), (true, 3));
    // A fork: the search goes past a parameter into text of the same beginning, and notes down where to come back to.
    assert_eq!(count("/fork/1/known/2"), (true, 1));
    assert_eq!(count("/fork/1/k"), (true, 1));
}

#[test]
fn allocations_per_lookup() {
    let mut router = Router::new();
    for path in [
        "/",
        "/static/path",
        "/one/{a}",
        "/three/{a}/{b}/{c}",
        "/rest/{a}/{*b}",
        "/four/{a}/{b}/{c}/{d}",
        "/nine/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}",
        "/static/{a}",
        "/fork/{a}/{b}",
        "/fork/{a}/known/{b}",
        "/typed/{a:u64}",
        "/several/{a}-{b:hex}.x",
        "/maybe/{a?}",
        "/all/{*a?}",
        "/é/{a}",
    ] {
        router.insert("GET", path, ()).unwrap();
    }
    router.insert("PURGE", "/one/{a}", ()).unwrap();
    router.insert_conditional("GET", "/one/{a}", 1, ()).unwrap();

    let count = |method, path| count(&router, method, path);

    for (method, path) in [
        ("GET", "/"),
        ("GET", "/static/path"),
        ("HEAD", "/static/path"),
        ("GET", "/one/1"),
        ("PURGE", "/one/1"),
        ("GET", "/three/1/2/3"),
        ("GET", "/rest/1/2/3/4/5"),
        ("GET", "/static/1"),
        ("GET", "/four/1/2/3/4"),
        ("GET", "/nine/1/2/3/4/5/6/7/8/9"),
        ("GET", "/fork/1/2"),
        ("GET", "/fork/1/known/2"),
        ("GET", "/fork/1/known"),
        ("GET", "/typed/7"),
        ("GET", "/several/1-2.x"),
        ("GET", "/maybe"),
        ("GET", "/maybe/1"),
        ("GET", "/all/"),
        // Escapes: the normal form has its room per thread.
        ("GET", "/%73tatic/path"),
        ("GET", "/one/a%2Fb%20c"),
        ("GET", "/%C3%A9/%C3%A9"),
    ] {
        assert_eq!(count(method, path), (true, 0), "{method} {path}");
    }
    for path in
        ["/static/path/", "/one/1/", "/three/1/2", "/nowhere", "/fork/1/known/2/3", "/%", "/one/..", "/nowhere%20"]
    {
        assert_eq!(count("GET", path), (false, 0), "{path}");
    }
    // The name of the parameter.
    assert!(!count("GET", "/typed/x").0);
}
