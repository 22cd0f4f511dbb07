//! Distributions of times in a scenario file: a mean or a rate by period, and a shape.

use fika_model::FaultCode;
use fika_simulation::{Part, Shape, Times};

use super::fields::{Fields, Item};

const SHAPES: &str = "exponential, constant, log-normal, gamma, erlang, weibull, uniform, empirical";

/// Reads `"2min"`, `["2min", "90s"]`, `"0.5/min"` (all exponential) or a table with a shape.
pub(super) fn times(item: &Item<'_>) -> Option<Times> {
    if item.value.is_table() {
        let fields = item.table()?;
        let times = of_table(&fields);
        fields.finish();
        return times;
    }
    let mean_s = if item.is_rate() { by_period(item, mean_of_rate)? } else { by_period(item, Item::seconds)? };
    Some(Times { shape: Shape::Exponential, mean_s })
}

/// Means by period, with one more for the time after the last period where it is told.
fn by_period<'a>(item: &Item<'a>, read: impl Fn(&Item<'a>) -> Option<f64>) -> Option<Vec<f64>> {
    let (mut means_s, after_s) = item.by_period(read)?;
    means_s.extend(after_s);
    Some(means_s)
}

/// A factor of mean 1: its coefficient of variation as a number, `{ cv = 0.2 }` or `{ gamma = 28.7 }` (the shape) for a gamma one, or a
/// table with another shape.
pub(super) fn factor(item: &Item<'_>) -> Option<Shape> {
    if !item.value.is_table() {
        return Some(Shape::Gamma { cv: item.number()? });
    }
    let fields = item.table()?;
    let found = match (fields.has("shape"), fields.item("gamma")) {
        (false, Some(gamma)) if !fields.has("cv") => match gamma.number()? {
            order if order > 0.0 => Some(Shape::Gamma { cv: order.powf(-0.5) }),
            _ => gamma.fault(FaultCode::OutOfRange, "the shape of a gamma factor is positive"),
        },
        (false, None) if fields.has("cv") => fields.number("cv").map(|cv| Shape::Gamma { cv }),
        (false, _) => item.fault(
            FaultCode::Contradiction,
            "one of cv (standard deviation over mean), gamma (the shape, positive) and shape (of any distribution) is expected",
        ),
        (true, _) => of_mean_one(&fields),
    };
    fields.finish();
    found
}

/// The gaps between calls: the name of a shape that needs no number, or a table with a shape.
pub(super) fn gaps(item: &Item<'_>) -> Option<Shape> {
    if item.value.is_table() {
        let fields = item.table()?;
        let found = of_mean_one(&fields);
        fields.finish();
        return found;
    }
    match item.text()? {
        "exponential" => Some(Shape::Exponential),
        "constant" | "deterministic" => Some(Shape::Constant),
        other => item.fault(FaultCode::BadSetting, format!("{other:?} needs a table, such as {{ shape = \"erlang\", stages = 4 }}")),
    }
}

/// A shape that is scaled to mean 1; empirical values are plain numbers.
fn of_mean_one(fields: &Fields<'_>) -> Option<Shape> {
    let name = fields.needed("shape")?.text()?;
    if name == "empirical" {
        return fields.needed("values")?.each(Item::number).map(Shape::Empirical);
    }
    Some(shape(fields, name, None)?.0)
}

fn mean_of_rate(item: &Item<'_>) -> Option<f64> {
    let per_s = item.per_second()?;
    if per_s > 0.0 { Some(1.0 / per_s) } else { item.fault(FaultCode::OutOfRange, "a rate of zero has no mean") }
}

/// The means by period, from `mean` or `rate`.
fn means(fields: &Fields<'_>) -> Option<Vec<f64>> {
    let (mean, rate) = (fields.item("mean"), fields.item("rate"));
    match (mean, rate) {
        (Some(_), Some(_)) => fields.fault(FaultCode::Contradiction, "rate", "both a mean and a rate are given"),
        (Some(mean), None) => by_period(&mean, Item::seconds),
        (None, Some(rate)) => by_period(&rate, mean_of_rate),
        (None, None) => None,
    }
}

fn of_table(fields: &Fields<'_>) -> Option<Times> {
    if let Some(parts) = fields.item("mixture") {
        return mixture(fields, &parts);
    }
    let given = means(fields);
    let named = fields.item("shape").and_then(|shape| shape.text());
    let (shape, own_mean_s) = shape(fields, named.unwrap_or("exponential"), given.as_deref())?;
    let mean_s = given.or_else(|| own_mean_s.map(|mean| vec![mean]));
    let missing = !fields.has("mean") && !fields.has("rate") && mean_s.is_none();
    if missing {
        return fields.fault(FaultCode::Missing, "mean", "a mean such as \"2min\", or a rate such as \"0.5/min\", must be given");
    }
    Some(Times { shape, mean_s: mean_s? })
}

/// The shape, and the mean in seconds where the shape has one of its own.
fn shape(fields: &Fields<'_>, name: &str, means: Option<&[f64]>) -> Option<(Shape, Option<f64>)> {
    let plain = |shape| Some((shape, None));
    match name {
        "exponential" => plain(Shape::Exponential),
        "hyperexponential" => fields.fault(
            FaultCode::BadSetting,
            "shape",
            "write it as a mixture: { mixture = [{ share = 0.4, mean = \"1min\" }, { share = 0.6, mean = \"5min\" }] }",
        ),
        "constant" | "deterministic" => plain(Shape::Constant),
        "log-normal" | "lognormal" => {
            let sigma = fields.number("sigma").map(|sigma| (sigma * sigma).exp_m1().sqrt());
            let cv = sigma.or_else(|| spread(fields, means)).or_else(|| missing(fields, "cv", "log-normal times need cv, sd or sigma"))?;
            plain(Shape::LogNormal { cv })
        }
        "gamma" => {
            let order = fields.number("order").map(|order| order.powf(-0.5));
            let cv = order.or_else(|| spread(fields, means)).or_else(|| missing(fields, "cv", "gamma times need cv, sd or order"))?;
            plain(Shape::Gamma { cv })
        }
        "erlang" => {
            let stages: u32 = fields.needed("stages")?.whole()?;
            if stages == 0 {
                return fields.fault(FaultCode::OutOfRange, "stages", "there is at least one stage");
            }
            plain(Shape::Gamma { cv: f64::from(stages).powf(-0.5) })
        }
        "weibull" => plain(Shape::Weibull { exponent: fields.needed("exponent")?.number()? }),
        "uniform" => uniform(fields),
        "empirical" => {
            let values = fields.needed("values")?.each(Item::seconds)?;
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            Some((Shape::Empirical(values), Some(mean)))
        }
        other => fields.fault(FaultCode::BadSetting, "shape", format!("{other:?} is no shape; there are {SHAPES}")),
    }
}

fn missing<T>(fields: &Fields<'_>, key: &str, cause: &str) -> Option<T> {
    // A wrong value has its fault already.
    let given = ["cv", "sd", "sigma", "order"].iter().any(|key| fields.has(key));
    if given { None } else { fields.fault(FaultCode::Missing, key, cause) }
}

/// The coefficient of variation, from `cv`, or from `sd` where there is one mean.
fn spread(fields: &Fields<'_>, means: Option<&[f64]>) -> Option<f64> {
    let (cv, sd) = (fields.number("cv"), fields.seconds("sd"));
    match (cv, sd, means) {
        (Some(_), Some(_), _) => fields.fault(FaultCode::Contradiction, "sd", "both cv and sd are given"),
        (Some(cv), None, _) => Some(cv),
        (None, Some(sd), Some([mean])) => Some(sd / mean),
        (None, Some(_), _) => fields.fault(FaultCode::Contradiction, "sd", "a standard deviation needs one mean; give cv instead"),
        (None, None, _) => None,
    }
}

fn uniform(fields: &Fields<'_>) -> Option<(Shape, Option<f64>)> {
    let (low, high, half_width) = (fields.item("low"), fields.item("high"), fields.item("half_width"));
    if let Some(half_width) = half_width {
        return Some((Shape::Uniform { half_width: half_width.number()? }, None));
    }
    let (Some(low), Some(high)) = (low, high) else {
        return fields.fault(FaultCode::Missing, "low", "uniform times need low and high, or half_width and a mean");
    };
    let (low, high) = (low.seconds()?, high.seconds()?);
    if high < low || high <= 0.0 {
        return fields.fault(FaultCode::Contradiction, "high", "it lies below low, or both are zero");
    }
    Some((Shape::Uniform { half_width: (high - low) / (high + low) }, Some(f64::midpoint(low, high))))
}

fn mixture(fields: &Fields<'_>, parts: &Item<'_>) -> Option<Times> {
    let read = |item: &Item<'_>| {
        let part = item.table()?;
        let share = part.needed("share").and_then(|share| share.number());
        let times = of_table(&part);
        part.finish();
        let times = times?;
        let [mean] = times.mean_s[..] else { return item.fault(FaultCode::Contradiction, "a part has one mean for all periods") };
        Some(Part { share: share?, mean, shape: times.shape })
    };
    let parts = parts.each(read)?;
    let all: f64 = parts.iter().map(|part| part.share).sum();
    let own_s = parts.iter().map(|part| part.share * part.mean).sum::<f64>() / all;
    let given = means(fields);
    let mean_s = if fields.has("mean") || fields.has("rate") { given? } else { vec![own_s] };
    Some(Times { shape: Shape::Mixture(parts), mean_s })
}
