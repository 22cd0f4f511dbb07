//! The board of a day in a real browser: the program solves, draws, and Chromium shows what people would see.

use std::path::{Path, PathBuf};
use std::process::Command;

use fika_tests::program::{fika, scratch};
use fika_tests::repository::root;
use fika_tests::skipped;

/// The fills of the board that must be seen: on the phones, rest, meal.
const FILLS: [(u8, u8, u8); 3] = [(0x7a, 0xa6, 0xd6), (0xf2, 0xa3, 0x3a), (0x5f, 0xae, 0x6e)];

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name))).find(|file| file.is_file())
}

fn screenshot(browser: &Path, svg: &Path, png: &Path, profile: &Path) {
    let status = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1310,900"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--screenshot={}", png.display()))
        .arg(format!("file://{}", svg.display()))
        .output()
        .expect("the browser starts");
    assert!(png.is_file(), "the browser took no picture: {}", String::from_utf8_lossy(&status.stderr));
}

fn pixels(png: &Path) -> Vec<(u8, u8, u8)> {
    let file = std::io::BufReader::new(std::fs::File::open(png).expect("the picture opens"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a picture that fits into memory")];
    let info = reader.next_frame(&mut bytes).expect("a whole picture");
    let step = info.color_type.samples();
    bytes[..info.buffer_size()].chunks_exact(step).map(|p| (p[0], p[1], p[2])).collect()
}

#[test]
fn the_board_of_a_day_is_seen_in_a_browser() {
    let Some(browser) = chromium() else {
        assert!(std::env::var_os("FIKA_REQUIRE_BROWSER").is_none(), "there is no Chromium, and this run asks for one");
        skipped("the board in a browser; there is no Chromium");
        return;
    };
    let folder = scratch("browser");
    let (roster, svg, png) = (folder.join("roster.json"), folder.join("day.svg"), folder.join("day.png"));
    let example = root().join("tests/examples/day.json");
    let solved = fika(&["solve", &example.to_string_lossy(), "-o", &roster.to_string_lossy()]);
    assert!(solved.status.success(), "{}", String::from_utf8_lossy(&solved.stderr));
    let plotted = fika(&["plot", &roster.to_string_lossy(), "-o", &svg.to_string_lossy()]);
    assert!(plotted.status.success(), "{}", String::from_utf8_lossy(&plotted.stderr));
    screenshot(&browser, &svg, &png, &folder.join("profile"));
    let pixels = pixels(&png);
    for fill in FILLS {
        let seen = pixels.iter().filter(|pixel| **pixel == fill).count();
        assert!(seen > 500, "the colour {fill:?} fills {seen} pixels only");
    }
}
