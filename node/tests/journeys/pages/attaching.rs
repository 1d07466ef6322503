//! Files of a draft, attached in a browser, and a picture on a practice's page.

use super::browser::{Browser, Eyes};
use super::{BACKWARDS, ENGLISH, LONGER, serve, sign, sign_in};
use crate::blobs::report;
use crate::patience::{PATIENCE, until};
use crate::practices::practice;
use crate::tern::Desk;

/// A picture of rising grey, as PNG without any compression.
fn png(wide: u16, high: u16) -> Vec<u8> {
    let row = std::iter::once(0).chain((0..wide).map(|x| u8::try_from(x % 256).expect("a byte")));
    let pixels: Vec<u8> = (0..high).flat_map(|_| row.clone()).collect();
    let mut data = vec![0x78, 0x01];
    for (at, block) in pixels.chunks(65_535).enumerate() {
        let length = u16::try_from(block.len()).expect("a short block");
        data.push(u8::from((at + 1) * 65_535 >= pixels.len()));
        data.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        data.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in &pixels {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    data.extend((b << 16 | a).to_be_bytes());
    let sides = [u32::from(wide).to_be_bytes(), u32::from(high).to_be_bytes()].concat();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in
        [(b"IHDR", [&sides[..], &[8, 0, 0, 0, 0]].concat()), (b"IDAT", data), (b"IEND", vec![])]
    {
        out.extend(u32::try_from(body.len()).expect("short").to_be_bytes());
        let body = [&kind[..], &body].concat();
        let sum = body.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xedb8_8320 * (sum & 1)))
        });
        out.extend(body);
        out.extend((!sum).to_be_bytes());
    }
    out
}

async fn files_are_attached(eyes: Eyes) {
    let Some(browser) = Browser::start(eyes).await else { return };
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let served = serve(&niger);
    let draft = niger.draft(&practice("Checking contracts before departure"));
    let home = served.http();
    browser.open(&format!("{home}/?lang={}", eyes.lang)).await;
    sign_in(&browser, &niger).await;
    browser.open(&format!("{home}/drafts/{draft}/edit")).await;
    browser.follow("form[action$='/edit'] button[value=files]").await;
    browser.text("form[data-upload]").await;
    browser.look("files-none").await;

    let send = "form[data-upload] button.main";
    let refused = "#file-error:not([hidden])";
    browser.choose_file("#file", &niger.file("photo.heic", b"\0\0\0\x18ftypheic....")).await;
    browser.fill("#alt", "The counter at the bus station").await;
    browser.press(send).await;
    assert!(browser.text(".errors").await.contains("JPEG") || eyes != ENGLISH);
    browser.look("files-refused").await;

    // What was typed is still there. A script does not even send what is too large.
    let long = niger.file("long.pdf", report(26_000_000));
    browser.choose_file("#file", &long).await;
    browser.press(send).await;
    assert!(browser.text(refused).await.contains("25") || eyes != ENGLISH);
    browser.look("files-too-large").await;

    browser.choose_file("#file", &niger.file("counter.png", png(640, 360))).await;
    browser.press(send).await;
    browser.text(".note.done").await;
    assert!(browser.text("#files").await.contains("The counter at the bus station"));
    browser.choose_file("#file", &niger.file("first year.pdf", report(12_000_000))).await;
    if eyes.scripts {
        browser.slow(1_000_000).await;
        browser.press(send).await;
        browser.text(".sending:not([hidden]) progress[value]:not([value='0'])").await;
        browser.look("files-sending").await;
        browser.press(".sending [data-cancel]").await;
        browser.text(refused).await;
        browser.slow(-1).await;
        let left = || {
            let names = std::fs::read_dir(niger.data().join("blobs")).expect("a folder");
            names.flatten().all(|name| !name.file_name().to_string_lossy().starts_with("new-"))
        };
        until("nothing of it is left", PATIENCE, || left().then_some(()));
    }
    browser.press(send).await;
    browser.text("#files li:nth-child(2)").await;
    browser.look("files-two").await;

    let second = "#files li:nth-child(2)";
    browser.follow(&format!("{second} a[href*='/replace']")).await;
    browser.look("files-replace").await;
    browser.choose_file("#file", &niger.file("better.pdf", report(40_000))).await;
    browser.press(send).await;
    assert!(browser.text(second).await.contains("40"));
    browser.follow(&format!("{second} a:not([href*='/replace'])")).await;
    browser.fill("#name", "First year, evaluated.pdf").await;
    browser.look("files-texts").await;
    browser.follow("main form button.main").await;
    assert!(browser.text(second).await.contains("evaluated"));
    browser.follow(&format!("{second} form button")).await;
    browser.look("files-removed").await;
    browser.follow("form[action$='/back'] button").await;
    assert!(browser.text(second).await.contains("evaluated"));

    browser.open(&format!("{home}/drafts/{draft}/edit")).await;
    browser.look("edit-with-files").await;
    browser.open(&format!("{home}/drafts/{draft}/sign")).await;
    sign(&browser, "With a picture").await;
    assert_eq!(browser.shown(".files img.picture").await, 1);
    browser.look("practice-picture").await;
    browser.quit().await;
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_attached_in_a_browser() {
    files_are_attached(ENGLISH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_attached_from_right_to_left() {
    files_are_attached(BACKWARDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_attached_in_long_words_without_scripts() {
    files_are_attached(LONGER).await;
}
