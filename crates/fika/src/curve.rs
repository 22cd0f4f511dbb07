//! The curve of a search: shortfall of the roster and proven bound over time, as a picture.
//!
//! While company still lacks somewhere the roster may not be published; that part of its line is drawn faint.

use std::fmt::Write;
use std::sync::Mutex;
use std::time::Instant;

use fika_solver::Progress;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 44.0;
/// Lines of the grid on each axis.
const TICKS: u32 = 5;

/// One look at a search.
#[derive(Debug, Clone, Copy)]
struct Point {
    seconds: f64,
    short_hours: f64,
    bound_hours: f64,
    whole: bool,
}

/// What a search has told so far.
#[derive(Debug)]
pub(crate) struct Curve {
    began: Instant,
    points: Mutex<Vec<Point>>,
}

impl Curve {
    /// Begins now.
    pub(crate) fn start() -> Self {
        Self { began: Instant::now(), points: Mutex::new(Vec::new()) }
    }

    /// Takes one look.
    pub(crate) fn push(&self, progress: &Progress) {
        let point = Point {
            seconds: self.began.elapsed().as_secs_f64(),
            short_hours: progress.shortfall_minutes / 60.0,
            bound_hours: progress.bound_minutes / 60.0,
            whole: progress.score.hard == 0,
        };
        if let Ok(mut points) = self.points.lock() {
            points.push(point);
        }
    }

    /// The picture, for a requirement of so many person-hours.
    pub(crate) fn svg(&self, required_hours: f64) -> String {
        let points = self.points.lock().map(|points| points.clone()).unwrap_or_default();
        draw(&points, required_hours)
    }
}

fn draw(points: &[Point], required_hours: f64) -> String {
    let longest = points.last().map_or(1.0, |point| point.seconds).max(0.1);
    // The first moments of a search would press everything else flat.
    let settled = points.iter().find(|point| point.seconds > longest * 0.02).or(points.first()).map_or(1.0, |point| point.short_hours);
    let highest = settled.max(points.iter().map(|point| point.bound_hours).fold(0.0, f64::max)).max(0.1) * 1.1;
    let x = |seconds: f64| LEFT + (WIDTH - LEFT - RIGHT) * seconds / longest;
    let y = |hours: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (hours / highest).min(1.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    for tick in 0..=TICKS {
        let share = f64::from(tick) / f64::from(TICKS);
        let (at, hours) = (y(highest * share), highest * share);
        let _ = write!(
            out,
            "<path d=\"M{LEFT} {at:.1}H{}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{hours:.0} h</text>\n\
             <text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{:.1} s</text>\n",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0,
            x(longest * share),
            HEIGHT - BOTTOM + 18.0,
            longest * share
        );
    }
    let line = |name: &str, stroke: &str, of: &dyn Fn(&Point) -> f64, shown: &dyn Fn(&Point) -> bool| {
        let mut path = String::new();
        let mut pen_down = false;
        for point in points {
            let _ = write!(path, "{}{:.1} {:.1}", if pen_down { 'L' } else { 'M' }, x(point.seconds), y(of(point)));
            pen_down = shown(point);
        }
        format!("<path class=\"{name}\" d=\"{path}\" fill=\"none\" {stroke}/>\n")
    };
    out.push_str(&line("searching", "stroke=\"#9bc2e6\" stroke-width=\"1.5\"", &|p| p.short_hours, &|_| true));
    out.push_str(&line("roster", "stroke=\"#1f5f99\" stroke-width=\"2\"", &|p| p.short_hours, &|p| p.whole));
    out.push_str(&line("bound", "stroke=\"#b4471f\" stroke-width=\"2\"", &|p| p.bound_hours, &|_| true));
    let (short, bound) = points.last().map_or((0.0, 0.0), |point| (point.short_hours, point.bound_hours));
    let of = |hours: f64| if required_hours > 0.0 { 100.0 * hours / required_hours } else { 0.0 };
    let _ = write!(
        out,
        "<text x=\"{LEFT}\" y=\"20\" fill=\"#1f5f99\">short of the requirement: {short:.1} h ({:.2} %); faint while company lacks</text>\n\
         <text x=\"{LEFT}\" y=\"36\" fill=\"#b4471f\">proven bound: {bound:.1} h ({:.2} %); between them {:.2} %</text>\n</svg>\n",
        of(short),
        of(bound),
        of(short - bound)
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_drawn_where_the_numbers_lie() {
        let point = |seconds, short_hours, bound_hours, whole| Point { seconds, short_hours, bound_hours, whole };
        let points = [point(1.0, 100.0, 0.0, false), point(5.0, 60.0, 30.0, true), point(10.0, 40.0, 30.0, true)];
        let svg = draw(&points, 1000.0);
        let at = |name: &str| {
            let from = svg.find(&format!("class=\"{name}\" d=\"")).expect("the line") + name.len() + 12;
            svg[from..].split('"').next().expect("its path").to_owned()
        };
        // 110 hours are the height: 46 + 270 * (1 - 40 / 110) is where 40 hours lie.
        assert!(at("searching").ends_with("740.0 217.8"), "{}", at("searching"));
        assert!(at("bound").ends_with("740.0 242.4"), "{}", at("bound"));
        assert_eq!(at("roster").matches('M').count(), 2, "what lacks company is not drawn as a roster");
        assert!(svg.contains("40.0 h (4.00 %)") && svg.contains("between them 1.00 %"), "{svg}");
    }

    #[test]
    fn nothing_told_is_an_empty_picture() {
        assert!(draw(&[], 0.0).ends_with("</svg>\n"));
    }
}
