//! An explanation for programs.

use fika_model::{AgentId, Minute, RuleId, Span};
use fika_planning::{Effect, Explanation, Place};
use serde_json::{Value, json};

use crate::commands::explain::Asked;

pub(super) fn value(asked: &Asked<'_>, explanation: &Explanation) -> Value {
    let days = &asked.roster.days;
    let time = |minute: Minute| days.timestamp(minute).to_string();
    let span = |span: Span| json!({ "start": time(span.start()), "lengthMinutes": span.length().get() });
    let place = |place: &Place| json!({ "start": time(place.start), "alone": effect(asked, &place.alone), "together": place.together.as_ref().map(|e| effect(asked, e)) });
    let mut value = match explanation {
        Explanation::Break(told) => json!({
            "on": "break",
            "shift": span(told.shift),
            "break": span(told.span),
            "activityId": told.asked.as_ref().map(fika_model::ActivityId::as_str),
            "companionIds": told.companions.iter().map(AgentId::as_str).collect::<Vec<_>>(),
            "ruleId": told.rule.as_ref().map(RuleId::as_str),
            "window": told.window.map(|(first, last)| json!({ "first": time(first), "last": time(last) })),
            "places": told.places.iter().map(place).collect::<Vec<_>>(),
        }),
        Explanation::Work { shift, nearest } => json!({
            "on": "work",
            "shift": span(*shift),
            "nearestBreak": nearest.as_ref().map(|(at, _)| span(*at)),
            "movedHere": nearest.as_ref().map(|(_, tried)| place(tried)),
        }),
        Explanation::Off { shift, longer, effect: found, short_here } => json!({
            "on": "off",
            "nearestShift": span(*shift),
            "longer": span(*longer),
            "effect": effect(asked, found),
            "shortHerePersonMinutes": short_here,
        }),
    };
    value["agentId"] = json!(asked.agent.as_str());
    value["at"] = json!(time(asked.at));
    value
}

fn effect(asked: &Asked<'_>, effect: &Effect) -> Value {
    let time = |minute: Minute| asked.roster.days.timestamp(minute).to_string();
    match effect {
        Effect::Legal { more_short, worst, shared } => json!({
            "legal": true,
            "moreShortPersonMinutes": more_short,
            "worst": worst.map(|(span, minutes)| json!({
                "start": time(span.start()), "lengthMinutes": span.length().get(), "personMinutes": minutes,
            })),
            "moreLateBreaks": shared.late_breaks,
            "moreWishesGranted": shared.wishes_granted,
            "morePairsMet": shared.pairs_met,
            "moreLeftOut": shared.left_out,
        }),
        Effect::Broken { rule, agent, by, unit, cause, violations } => json!({
            "legal": false, "ruleId": rule.as_str(), "agentId": agent.as_ref().map(AgentId::as_str), "by": by, "unit": unit, "cause": cause,
            "violations": violations,
        }),
        Effect::NoRoom => json!({ "legal": false, "cause": "in another break or outside the shift" }),
    }
}
