//! Colours for terminals that have them. Everything printed reads the same without.

use std::io::IsTerminal;

/// Whether to colour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

/// The colours in use, each for one meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// People scheduled.
    Scheduled,
    /// People required.
    Required,
    /// Too few, broken, refused.
    Bad,
    /// Kept, proved.
    Good,
    /// Rest.
    Rest,
    /// Meal.
    Meal,
    /// Less important.
    Faint,
    /// A heading.
    Strong,
}

impl Paint {
    /// Colours when standard output is a terminal and `NO_COLOR` is not set (no-color.org).
    pub(crate) fn for_stdout() -> Self {
        Self { on: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) }
    }

    /// Never colours.
    pub(crate) const fn plain() -> Self {
        Self { on: false }
    }

    /// The text in a tone.
    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        if !self.on || text.trim().is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Scheduled => "34",
            Tone::Required => "1;33",
            Tone::Bad => "1;31",
            Tone::Rest => "33",
            Tone::Good | Tone::Meal => "32",
            Tone::Faint => "2",
            Tone::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}
