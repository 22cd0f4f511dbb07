//! `fika solve --what-if`.

use crate::{STEPS, fika, folder, generated, parsed, with_calls, write};

#[test]
fn fewer_calls_and_more_staff_stand_beside_the_request_as_it_is() {
    let folder = folder("what-if");
    write(&folder.join("week.json"), &with_calls(12, 20.0));
    let arguments =
        ["solve", "week.json", "--steps", STEPS, "--what-if", "calls=-40%", "--what-if", "staff=+50%,wellbeing.socialMinutes=20", "--json"];
    let (told, _) = fika(&folder, &arguments, 0);
    let value = parsed(&told);
    let figure = |n: usize, name: &str| value["scenarios"][n]["figures"][name].as_f64().expect("a figure");
    assert_eq!(value["scenarios"].as_array().map(Vec::len), Some(3));
    assert!(figure(1, "requiredMinutes") < figure(0, "requiredMinutes"), "{told}");
    assert!((figure(2, "requiredMinutes") - figure(0, "requiredMinutes")).abs() < 1e-6, "staff asks for nobody");
    assert_eq!(value["scenarios"][2]["agents"].as_u64(), value["scenarios"][0]["agents"].as_u64().map(|agents| agents * 3 / 2));
    assert!(figure(2, "shortfallMinutes") <= figure(0, "shortfallMinutes"));
    let (again, _) = fika(&folder, &arguments, 0);
    assert_eq!(told, again, "the same request, seed and steps");

    let (told, _) = fika(&folder, &["solve", "week.json", "--steps", STEPS, "--what-if", "aht=+10%"], 0);
    assert!(["as asked", "aht=+10%", "service level", "occupancy"].iter().all(|text| told.contains(text)), "{told}");
}

#[test]
fn what_cannot_be_changed_is_refused_with_a_code() {
    let folder = folder("what-if-faults");
    write(&folder.join("people.json"), &generated(12, 0.9));
    write(&folder.join("week.json"), &with_calls(12, 6.0));
    let check = |file: &str, what: &str, code: i32, words: &[&str]| {
        let (_, err) = fika(&folder, &["solve", file, "--steps", "50", "--what-if", what], code);
        assert!(words.iter().all(|word| err.contains(word)), "{what}: {err}");
    };
    check("people.json", "calls=-20%", 3, &["F2003", "people and no calls"]);
    check("people.json", "staff=1%", 3, &["F1004", "nobody is left"]);
    check("week.json", "calls=+2000%", 3, &["F1004", "factor"]);
    check("week.json", "wellbeing.socialMinuts=20", 3, &["F3001", "socialMinuts"]);
    check("week.json", "wellbeing.socialMinutes=many", 3, &["F1002", "socialMinutes"]);
    check("week.json", "shiftTemplates[nobody].lengthFromMinutes=20", 3, &["F3001", "nobody"]);
    check("week.json", "calls=20", 2, &["changes by a share"]);
}

#[test]
fn a_rule_that_contradicts_the_rest_is_told_beside_the_rest() {
    let folder = folder("what-if-infeasible");
    write(&folder.join("people.json"), &generated(12, 0.9));
    let what = "rest.betweenShiftsMinutes=4000";
    let (told, _) = fika(&folder, &["solve", "people.json", "--steps", "500", "--what-if", what], 1);
    assert!(told.contains("F2003") && told.contains("as asked"), "{told}");
}
