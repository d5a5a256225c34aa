//! The path of a route taken apart: its segments, and which paths of a request they take.

use crate::Options;
use crate::segment::{Part, Segment};
use crate::syntax::{ParamSpec, Piece, pieces};

/// As many parameters as a path can have.
const MOST_PARAMS: usize = 25;

/// As many segments as a path with parameters can have. A lookup goes that deep into the stack at most.
const MOST_SEGMENTS: usize = 256;

/// A path as a route is registered with it.
#[derive(Debug)]
pub(crate) struct Pattern<'p> {
    /// Of the longest path that it matches, folded as the options have it.
    pub(crate) segments: Vec<Segment>,
    pub(crate) params: Vec<ParamSpec<'p>>,
}

/// One of the forms of a pattern: an optional parameter may be there, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) segments: Vec<Segment>,
    /// The pattern ends in `/{*name?}`, and this form where its slash would be: the parameter is there, and empty. Only with
    /// [`Options::ignore_trailing_slash`].
    pub(crate) empty_rest: bool,
}

impl<'p> Pattern<'p> {
    /// The reason of a refusal is the second half of a sentence that has named the path.
    pub(crate) fn parse(path: &'p str, options: &Options) -> Result<Self, String> {
        if !path.starts_with('/') {
            return Err(match path {
                "" => "it is empty; write \"/\" for the root".to_owned(),
                _ => format!("it has to begin with a slash; write {:?}", format!("/{path}")),
            });
        }
        let mut builder = Builder::default();
        for piece in pieces(&path[1..]) {
            match piece? {
                Piece::Literal(literal) => builder.literal(literal)?,
                Piece::Param(spec) => builder.param(spec)?,
            }
        }
        builder.end_segment()?;
        let Builder { mut segments, params, .. } = builder;
        fold(&mut segments, options);
        let (many, deep) = (params.len(), segments.len());
        if many > MOST_PARAMS {
            return Err(format!("it has {many} parameters, and {MOST_PARAMS} is the most a path can have"));
        }
        if many > 0 && deep > MOST_SEGMENTS {
            return Err(format!(
                "it has {deep} segments, and {MOST_SEGMENTS} is the most a path with parameters can have"
            ));
        }
        Ok(Self { segments, params })
    }

    /// The forms, the longest first. No two of them match the same path.
    pub(crate) fn forms(&self, options: &Options) -> Vec<Form> {
        let form = |segments: &[Segment], empty_rest| Form { segments: segments.to_vec(), empty_rest };
        let mut forms = vec![form(&self.segments, false)];
        let Some(last) = self.params.last().filter(|param| param.optional) else {
            return forms;
        };
        let (_, before) = self.segments.split_last().expect("an optional parameter is in a segment");
        let empty = Segment::Text(String::new());
        if last.catch_all {
            // `/w/{*rest?}` takes `/w/` in its one form, and `/w` is the same path where a last slash is ignored.
            let whole = self.segments.last().is_some_and(|segment| segment.head().is_empty());
            if options.ignore_trailing_slash && whole && !before.is_empty() {
                forms.push(form(before, true));
            }
            return forms;
        }
        // `/opt/`, which is `/` where nothing stands before the parameter, and `/opt`.
        if before.is_empty() || !options.ignore_trailing_slash {
            forms.push(Form { segments: [before, &[empty]].concat(), empty_rest: false });
        }
        if !before.is_empty() {
            forms.push(form(before, false));
        }
        forms
    }
}

/// Where the options take two paths for the same, so do patterns.
fn fold(segments: &mut Vec<Segment>, options: &Options) {
    let empty = |segment: &Segment| matches!(segment, Segment::Text(text) if text.is_empty());
    if options.ignore_duplicate_slashes {
        let last = segments.len() - 1;
        let mut at = 0;
        segments.retain(|segment| {
            at += 1;
            at > last || !empty(segment)
        });
    }
    if options.ignore_trailing_slash && segments.len() > 1 && segments.last().is_some_and(empty) {
        segments.pop();
    }
    if !options.case_sensitive {
        segments.iter_mut().for_each(Segment::lower_case);
    }
}

/// Puts pieces together to segments.
#[derive(Default)]
struct Builder<'p> {
    segments: Vec<Segment>,
    params: Vec<ParamSpec<'p>>,
    head: String,
    parts: Vec<Part>,
    catch_all: Option<ParamSpec<'p>>,
}

impl<'p> Builder<'p> {
    fn literal(&mut self, literal: &str) -> Result<(), String> {
        self.nothing_behind()?;
        if literal == "/" {
            return self.end_segment();
        }
        if let Some(at) = literal.as_bytes().windows(3).position(is_escape) {
            return Err(format!(
                "the `{}` in it would never match: patterns are compared with decoded paths; write the character itself",
                literal.get(at..at + 3).unwrap_or("%")
            ));
        }
        match self.parts.last_mut() {
            Some(part) => part.behind.push_str(literal),
            None => self.head.push_str(literal),
        }
        Ok(())
    }

    fn param(&mut self, spec: ParamSpec<'p>) -> Result<(), String> {
        self.nothing_behind()?;
        let name = spec.name;
        if self.params.iter().any(|param| param.name == name) {
            return Err(format!("two parameters are called `{name}`; rename one of them"));
        }
        if let (Some(part), Some(before)) = (self.parts.last(), self.params.last()) {
            if spec.catch_all {
                return Err(format!(
                    "the catch-all `{{*{name}}}` and the parameter `{}` are in one segment; put a slash between them",
                    before.name
                ));
            }
            if part.behind.is_empty() {
                return Err(format!(
                    "nothing stands between the parameters `{}` and `{name}`, so nobody could say where one ends; put text \
                     or a slash between them",
                    before.name
                ));
            }
        }
        self.params.push(spec);
        if spec.catch_all {
            self.catch_all = Some(spec);
        } else {
            self.parts.push(Part { ty: spec.ty, behind: String::new() });
        }
        Ok(())
    }

    /// Behind a catch-all and behind an optional parameter the path ends.
    fn nothing_behind(&self) -> Result<(), String> {
        match self.params.last() {
            Some(ParamSpec { name, catch_all: true, .. }) => {
                Err(format!("`{{*{name}}}` takes all that follows, so nothing can stand behind it"))
            }
            Some(ParamSpec { name, optional: true, .. }) => Err(format!(
                "the optional parameter `{name}` is not the last thing in it; leave out its `?`, or register the shorter \
                 path as a route of its own"
            )),
            _ => Ok(()),
        }
    }

    fn end_segment(&mut self) -> Result<(), String> {
        let head = std::mem::take(&mut self.head);
        let parts = std::mem::take(&mut self.parts);
        if let Some(spec) = self.params.last().filter(|spec| spec.optional && !spec.catch_all)
            && !parts.is_empty()
            && (!head.is_empty() || parts.len() > 1)
        {
            return Err(format!(
                "the optional parameter `{}` shares its segment with other text; give it a segment of its own, or leave out \
                 its `?`",
                spec.name
            ));
        }
        self.segments.push(match self.catch_all.take() {
            Some(spec) => Segment::CatchAll { head, empty: spec.optional },
            None if !parts.is_empty() => Segment::Params { head, parts },
            None if head == "." || head == ".." => {
                return Err(format!(
                    "it has the segment `{head}`, which clients resolve before they send a path; leave it out"
                ));
            }
            None => Segment::Text(head),
        });
        Ok(())
    }
}

fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(path: &str, options: &Options) -> Vec<Vec<String>> {
        let text = |segment: &Segment| match segment {
            Segment::Text(text) => text.clone(),
            Segment::Params { head, parts } => {
                let part = |part: &Part| {
                    let ty = part.ty.map_or("", |ty| ty.name());
                    format!("<{ty}>{}", part.behind)
                };
                format!("{head}{}", parts.iter().map(part).collect::<String>())
            }
            Segment::CatchAll { head, empty } => format!("{head}<*{}>", if *empty { "?" } else { "" }),
        };
        let pattern = Pattern::parse(path, options).unwrap_or_else(|reason| panic!("{path}: {reason}"));
        let forms = pattern.forms(options);
        forms.iter().map(|form| form.segments.iter().map(text).collect()).collect()
    }

    #[test]
    fn segments_lose_names_and_escapes() {
        let options = Options::default();
        for (path, segments) in [
            ("/", &[""][..]),
            ("/a/b/", &["a", "b", ""]),
            ("//", &["", ""]),
            ("/:id/*", &[":id", "*"]),
            ("/{{a}}/{{{{", &["{a}", "{{"]),
            ("/ü/{{{ü}", &["ü", "{<>"]),
            ("/img-{n}.png/{a:u8}-{b}{{x}}/{*rest}", &["img-<>.png", "<u8>-<>{x}", "<*>"]),
            ("/a{*rest?}", &["a<*?>"]),
        ] {
            assert_eq!(forms(path, &options), [segments], "{path}");
        }
    }

    #[test]
    fn optional_parameters_make_forms() {
        let mut options = Options::default();
        assert_eq!(forms("/a/{b?}", &options), [&["a", "<>"][..], &["a", ""], &["a"]]);
        assert_eq!(forms("/{b:u8?}", &options), [["<u8>"], [""]]);
        assert_eq!(forms("/a/{*b?}", &options), [["a", "<*?>"]]);
        options.ignore_trailing_slash = true;
        assert_eq!(forms("/a/{b?}", &options), [&["a", "<>"][..], &["a"]]);
        assert_eq!(forms("/{b?}", &options), [["<>"], [""]]);
        assert_eq!(forms("/a/{*b?}", &options), [&["a", "<*?>"][..], &["a"]]);
        assert_eq!(forms("/a{*b?}", &options), [["a<*?>"]]);
        assert_eq!(forms("/a/", &options), [["a"]]);
        assert_eq!(forms("/", &options), [[""]]);
    }

    #[test]
    fn options_fold_patterns() {
        let options = Options { ignore_duplicate_slashes: true, case_sensitive: false, ..Options::default() };
        assert_eq!(forms("//A///x{B}Y//", &options), [["a", "x<>y", ""]]);
        assert_eq!(forms("//", &options), [[""]]);
    }

    #[test]
    fn params_are_counted() {
        let path = |count: usize| (0..count).map(|n| format!("/{{p{n}}}")).collect::<String>();
        assert!(Pattern::parse(&path(MOST_PARAMS), &Options::default()).is_ok());
        let reason = Pattern::parse(&path(MOST_PARAMS + 1), &Options::default()).unwrap_err();
        assert_eq!(reason, "it has 26 parameters, and 25 is the most a path can have");
    }

    #[test]
    fn faults_are_explained() {
        for (path, reason) in [
            ("", "it is empty"),
            ("a", "write \"/a\""),
            ("{a}", "write \"/{a}\""),
            ("*", "begin with a slash"),
            ("/{}", "the parameter `{}` has no name; write `{name}`"),
            ("/{*}", "the parameter `{*}` has no name; write `{*name}`"),
            ("/{a", "a `{` is never closed"),
            ("/{a/b}", "has a `/` in it"),
            ("/{a{b}", "has a `{` in it"),
            ("/{a*}", "has a `*` in it"),
            ("/{**a}", "has a `*` in it"),
            ("/a}", "a `}` closes nothing"),
            ("/}}}", "a `}` closes nothing"),
            ("/{a}}", "stands right behind the parameter `{a}`"),
            ("/{{{a}}}", "stands right behind the parameter `{a}`"),
            ("/{a}{b}", "nothing stands between the parameters `a` and `b`"),
            ("/{a}/{b}/{a}", "two parameters are called `a`"),
            ("/{a}-{a}", "two parameters are called `a`"),
            ("/{*a}/b", "`{*a}` takes all that follows"),
            ("/{*a}{b}", "`{*a}` takes all that follows"),
            ("/{*a}b", "`{*a}` takes all that follows"),
        ] {
            let got = Pattern::parse(path, &Options::default()).expect_err(path);
            assert!(got.contains(reason), "{path}: {got}");
        }
    }
}
