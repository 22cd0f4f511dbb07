//! Paths into a message as JSON: `rest.weeklyMinutes`, `contracts[0].mostDaysPerWeek`, `breakRules[meal].lengthMinutes`, `agents[*].wishes`.
//!
//! A list is entered by position, by the id of its element, or in all its elements at once.

use serde_json::{Map, Value};

/// A piece of a path: a field, and where in its list.
fn pieces(path: &str) -> Result<Vec<(&str, Option<&str>)>, String> {
    let piece = |text| match str::split_once(text, '[') {
        None if text.is_empty() => Err(format!("{path:?} has an empty name")),
        None => Ok((text, None)),
        Some((name, rest)) => match rest.strip_suffix(']') {
            Some(inner) if !name.is_empty() && !inner.is_empty() => Ok((name, Some(inner))),
            _ => Err(format!("{text:?} is no NAME[POSITION or ID or *]")),
        },
    };
    path.split('.').map(piece).collect()
}

fn chosen(element: &Value, n: usize, inner: &str) -> bool {
    inner == "*" || inner.parse() == Ok(n) || element.get("id").and_then(Value::as_str) == Some(inner)
}

/// Changes every value that the path leads to; `None` stands for one that is not written because it is absent.
pub(super) fn change(root: &mut Value, path: &str, new: impl Fn(Option<&Value>) -> Result<Value, String>) -> Result<(), String> {
    walk(root, &pieces(path)?, path, &new)
}

fn walk(
    value: &mut Value,
    pieces: &[(&str, Option<&str>)],
    path: &str,
    new: &impl Fn(Option<&Value>) -> Result<Value, String>,
) -> Result<(), String> {
    let Some(((name, inner), rest)) = pieces.split_first() else { return Ok(()) };
    let Value::Object(fields) = value else { return Err(format!("the request has no {path}: {name} is asked of a plain value")) };
    let Some(inner) = inner else {
        if rest.is_empty() {
            let changed = new(fields.get(*name)).map_err(|cause| format!("{path}: {cause}"))?;
            fields.insert((*name).to_owned(), changed);
            return Ok(());
        }
        return walk(fields.entry((*name).to_owned()).or_insert_with(|| Value::Object(Map::new())), rest, path, new);
    };
    let Some(Value::Array(list)) = fields.get_mut(*name) else { return Err(format!("the request has no list {name}")) };
    let mut met = false;
    for (n, element) in list.iter_mut().enumerate() {
        if !chosen(element, n, inner) {
            continue;
        }
        met = true;
        if rest.is_empty() {
            *element = new(Some(element)).map_err(|cause| format!("{path}: {cause}"))?;
        } else {
            walk(element, rest, path, new)?;
        }
    }
    if met { Ok(()) } else { Err(format!("no element {inner} of {name}")) }
}

/// All values that the path leads to.
pub(super) fn values<'a>(root: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut here = vec![root];
    for (name, inner) in pieces(path).unwrap_or_default() {
        let next = here.into_iter().filter_map(|value| value.get(name));
        here = match inner {
            None => next.collect(),
            Some(inner) => {
                let lists = next.filter_map(Value::as_array);
                lists.flat_map(|list| list.iter().enumerate().filter(|(n, e)| chosen(e, *n, inner)).map(|(_, e)| e)).collect()
            }
        };
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_changed_where_the_path_leads() {
        let check = |path: &str, expect: Option<Value>| {
            let mut root = json!({ "rest": { "weekly": 5 }, "rules": [{ "id": "meal", "n": 1 }, { "id": "rest", "n": 2 }] });
            let outcome = change(&mut root, path, |_| Ok(json!(9)));
            assert_eq!(outcome.is_ok().then_some(root), expect, "{path}");
        };
        let with = |weekly: i32, meal: i32, rest: i32| json!({ "rest": { "weekly": weekly }, "rules": [{ "id": "meal", "n": meal }, { "id": "rest", "n": rest }] });
        check("rest.weekly", Some(with(9, 1, 2)));
        check("rules[0].n", Some(with(5, 9, 2)));
        check("rules[rest].n", Some(with(5, 1, 9)));
        check("rules[*].n", Some(with(5, 9, 9)));
        check("rules[2].n", None);
        check("rules.n", None);
        check("rest.weekly.x", None);
        check("rest..x", None);
        check("rules[.n", None);
        let mut root = json!({});
        change(&mut root, "a.b", |old| Ok(json!(old.is_none()))).expect("a path");
        assert_eq!((values(&root, "a.b"), values(&root, "a.c").len()), (vec![&json!(true)], 0));
    }
}
