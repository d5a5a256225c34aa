//! The official JSON-Schema-Test-Suite. What `jsonschema` alone, on `serde_json` values, gets right, a [`Validator`](fastweb_schema::Validator)
//! on documents has to get right, too; what it does not is listed.

use std::fs;
use std::path::{Path, PathBuf};

use fastweb_schema::{Document, Draft, Registry};
use serde_json::Value;

const DRAFTS: [(&str, Draft, jsonschema::Draft); 5] = [
    ("draft4", Draft::Draft4, jsonschema::Draft::Draft4),
    ("draft6", Draft::Draft6, jsonschema::Draft::Draft6),
    ("draft7", Draft::Draft7, jsonschema::Draft::Draft7),
    ("draft2019-09", Draft::Draft201909, jsonschema::Draft::Draft201909),
    ("draft2020-12", Draft::Draft202012, jsonschema::Draft::Draft202012),
];

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Required,
    Formats,
    Optional,
}

#[derive(Default)]
struct Score {
    cases: usize,
    right: usize,
    /// Wrong, though the judge alone is right.
    worse: Vec<String>,
    /// Wrong as the judge alone is.
    wrong: Vec<String>,
    /// Schemas that are refused at start-up.
    refused: Vec<String>,
}

pub(crate) fn run(folder: &Path) {
    let mut remotes = Vec::new();
    for path in json_files(&folder.join("remotes"), true) {
        let name = path.strip_prefix(folder.join("remotes")).expect("below").to_string_lossy().replace('\\', "/");
        // No drafts of ours.
        if name.starts_with("v1/") || name.starts_with("draft3/") {
            continue;
        }
        remotes.push((format!("http://localhost:1234/{name}"), read(&path)));
    }
    let mut all_worse = Vec::new();
    for (name, draft, judged) in DRAFTS {
        let tests = folder.join("tests").join(name);
        // A schema of another draft has to say so.
        let other = |uri: &str| uri.contains("/draft") && !uri.contains(&format!("/{name}/"));
        let remotes: Vec<_> =
            remotes.iter().filter(|(uri, schema)| !other(uri) || schema.get("$schema").is_some()).collect();
        let registries = Registries::new(&remotes, draft, judged);
        for part in [Part::Required, Part::Formats, Part::Optional] {
            let (files, what) = match part {
                Part::Required => (json_files(&tests, false), "required"),
                Part::Formats => (json_files(&tests.join("optional/format"), false), "optional/format"),
                Part::Optional => (json_files(&tests.join("optional"), false), "optional"),
            };
            let mut score = Score::default();
            for file in files {
                check_file(&file, part, &registries, &mut score);
            }
            assert!(score.cases > 20, "{name} {what}: {} cases", score.cases);
            let Score { cases, right, worse, wrong, refused } = score;
            println!("{name} {what}: {right} of {cases} cases, {} schemas refused", refused.len());
            for (title, list) in [("as jsonschema", &wrong), ("refused", &refused), ("WORSE THAN jsonschema", &worse)] {
                for case in list {
                    println!("    {title}: {case}");
                }
            }
            if part != Part::Optional {
                all_worse.extend(worse);
            }
        }
    }
    assert!(all_worse.is_empty(), "wrong where jsonschema is right:\n{}", all_worse.join("\n"));
}

struct Registries {
    plain: Registry,
    formats: Registry,
    judged: jsonschema::Registry<'static>,
    draft: jsonschema::Draft,
}

impl Registries {
    fn new(remotes: &[&(String, Value)], draft: Draft, judged: jsonschema::Draft) -> Self {
        let mut registry = Registry::new().with_default_draft(draft);
        let mut builder = jsonschema::Registry::new().draft(judged).retriever(Nothing);
        for (uri, schema) in remotes {
            // Some are of other drafts and no schemas of this one.
            if registry.add_as(uri, schema.clone()).is_ok() {
                builder = builder.add(uri, schema.clone()).expect("a URI");
            }
        }
        Self {
            plain: registry.clone().with_format_assertion(false),
            formats: registry,
            judged: builder.prepare().expect("remotes"),
            draft: judged,
        }
    }
}

struct Nothing;

impl jsonschema::Retrieve for Nothing {
    fn retrieve(&self, _: &jsonschema::Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err("nothing".into())
    }
}

fn check_file(file: &Path, part: Part, registries: &Registries, score: &mut Score) {
    let stem = file.file_stem().expect("a name").to_string_lossy();
    let formats = part == Part::Formats;
    for group in read(file).as_array().expect("groups") {
        let (schema, about) = (&group["schema"], group["description"].as_str().unwrap_or_default());
        let draft = registries.draft.detect(schema);
        let options = jsonschema::options();
        // Of a meta-schema of the group's own it is the registry that knows the draft.
        let options = if draft == jsonschema::Draft::Unknown { options } else { options.with_draft(draft) };
        let judge = options
            .with_registry(&registries.judged)
            .with_retriever(Nothing)
            .should_validate_formats(formats)
            .build(schema);
        let registry = if formats { &registries.formats } else { &registries.plain };
        let validator = registry.compile(schema);
        if let Err(error) = &validator {
            score.refused.push(format!("{stem}: {about}: {error}"));
        }
        for test in group["tests"].as_array().expect("tests") {
            score.cases += 1;
            let (data, expected) = (&test["data"], test["valid"].as_bool().expect("a verdict"));
            let case = format!("{stem}: {about}: {}", test["description"].as_str().unwrap_or_default());
            let judged = judge.as_ref().ok().map(|judge| judge.is_valid(data));
            let verdict = validator.as_ref().ok().map(|validator| {
                let document = Document::parse(data.to_string().as_bytes()).expect("JSON");
                let verdict = validator.is_valid(&document);
                assert_eq!(validator.validate(&document).is_ok(), verdict, "{case}");
                verdict
            });
            if verdict == Some(expected) {
                score.right += 1;
            } else if judged == Some(expected) && verdict.is_some() {
                score.worse.push(case);
            } else if verdict.is_some() {
                score.wrong.push(case);
            }
        }
    }
}

fn json_files(folder: &Path, deep: bool) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && deep {
            files.extend(json_files(&path, deep));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}
