//! `default`: the text that is written where a property is missing.

use serde_json::Value;

use super::super::error::Failure;
use super::super::plan::{Missing, Plan, Target};
use super::super::state::State;
use super::error::CompileProblem;
use crate::text::{Fragment, write_str};

/// How deep defaults may lie in each other, and how much text they may be in all: what grows beyond that has itself as a part.
const MOST_LEVELS: usize = 32;
const MOST_TEXT: usize = 1 << 20;

/// The default of each node that has one, and the place of it.
pub(super) type Defaults<'s> = [Option<(&'s Value, String)>];

/// Writes the defaults, each through its own schema, into the properties that they are for.
pub(super) fn set(plan: &mut Plan, defaults: &Defaults<'_>, problems: &mut Vec<CompileProblem>) {
    let mut before: Vec<Option<Vec<u8>>> = Vec::new();
    // Defaults fill gaps in others, so they are written again until nothing changes.
    for _ in 0..MOST_LEVELS {
        let results: Vec<_> = (0..).zip(defaults).map(|(node, default)| write(plan, node, default)).collect();
        let texts: Vec<Option<Vec<u8>>> =
            results.iter().map(|result| result.as_ref().and_then(|result| result.as_ref().ok()).cloned()).collect();
        if texts == before {
            for (result, default) in results.into_iter().zip(defaults) {
                if let (Some(Err(failure)), Some((_, place))) = (result, default) {
                    let message = format!("is not what its own schema allows: {}", failure.finish());
                    problems.push(CompileProblem::new(place, message));
                }
            }
            return;
        }
        if texts.iter().flatten().map(Vec::len).sum::<usize>() > MOST_TEXT {
            break;
        }
        fill(plan, &texts);
        before = texts;
    }
    let place = defaults.iter().flatten().map(|(_, place)| place.as_str()).min().unwrap_or("#");
    problems.push(CompileProblem::new(
        place,
        "never ends: it, or another default, has itself as a part; leave one of them out",
    ));
}

fn write(plan: &Plan, node: usize, default: &Option<(&Value, String)>) -> Option<Result<Vec<u8>, Failure>> {
    let (value, _) = default.as_ref()?;
    let mut text = Vec::new();
    let target = Target { direct: plan.nodes[node].direct(), node };
    let written = plan.write_part(&mut text, &mut State::new(false), &Fragment::EMPTY, target, *value);
    Some(written.map(|()| text))
}

/// Gives properties the texts of their nodes.
fn fill(plan: &mut Plan, texts: &[Option<Vec<u8>>]) {
    for object in plan.nodes.iter_mut().filter_map(|node| node.object.as_mut()) {
        for property in &mut object.properties {
            let Some(Some(text)) = property.target.map(|target| &texts[target.node]) else { continue };
            let mut with_name = vec![b','];
            write_str(&mut with_name, &property.name);
            with_name.push(b':');
            with_name.extend_from_slice(text);
            property.missing = Missing::Write(with_name.into());
        }
    }
}
