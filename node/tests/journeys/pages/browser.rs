//! A browser as people have one: Chromium, driven by chromedriver.
//!
//! Where either is missing there is nothing to tell, and that is said aloud;
//! `BROWSER_TESTS=required` makes it a failure. Pictures of every page that was
//! looked at are left in `target/tmp/pages/`.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::ChromeCapabilities;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;

/// What Chromium is started with, beside a fresh profile.
const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
/// The widths at which pages are looked at, in CSS pixels.
const WIDTHS: [u32; 2] = [390, 1280];
/// A picture is at most this high.
const PICTURE_HEIGHT_MAX: u64 = 4_000;
/// How long a page may take, on a machine that does other things beside.
const PATIENCE: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(50);

/// How pages are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Eyes {
    /// The language asked for, and the name of the pictures' folder.
    pub lang: &'static str,
    /// The direction in which it is written.
    pub dir: &'static str,
    /// Whether scripts run.
    pub scripts: bool,
}

pub struct Browser {
    // Dropped first, so that the browser ends while there is somebody to end it.
    driver: WebDriver,
    _server: Server,
    eyes: Eyes,
    pictures: PathBuf,
    _profile: tempfile::TempDir,
}

/// `chromedriver`, which serves until it is told to stop.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Starts it; returns the port as well, which it tells in a line.
    fn start(program: PathBuf) -> (Self, u16) {
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("chromedriver runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let server = Self(child);
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let port = lines.map_while(Result::ok).find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            });
            let _ = tell.send(port);
        });
        let port = told.recv_timeout(PATIENCE).ok().flatten();
        (server, port.expect("chromedriver tells its port"))
    }
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

impl Browser {
    /// Starts one; `None` where there is none.
    pub async fn start(eyes: Eyes) -> Option<Self> {
        let (Some(driver), Some(chromium)) = (found("chromedriver"), found("chromium")) else {
            let why = "chromium and chromedriver are not both installed (Debian: chromium, chromium-driver)";
            assert!(std::env::var("BROWSER_TESTS").as_deref() != Ok("required"), "{why}");
            // Past the test's capture, so that it is read.
            let _ = writeln!(std::io::stderr(), "pages were NOT looked at in a browser: {why}");
            return None;
        };
        let (server, port) = Server::start(driver);
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut wanted = DesiredCapabilities::chrome();
        let ask = |wanted: &mut ChromeCapabilities| {
            wanted.set_binary(chromium.to_str().expect("text"))?;
            FLAGS.iter().try_for_each(|flag| wanted.add_arg(flag))?;
            wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
            if !eyes.scripts {
                let none = json!({ "profile.managed_default_content_settings.javascript": 2 });
                wanted.add_experimental_option("prefs", none)?;
            }
            WebDriverResult::Ok(())
        };
        ask(&mut wanted).expect("known capabilities");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await;
        let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages").join(eyes.lang);
        std::fs::create_dir_all(&pictures).expect("room");
        let driver = driver.expect("a browser");
        Some(Self { driver, _server: server, eyes, pictures, _profile: profile })
    }

    pub async fn open(&self, address: &str) {
        self.driver.goto(address).await.unwrap_or_else(|why| panic!("{address}: {why}"));
    }

    /// The path of the page that is shown.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.expect("a page").path().to_owned()
    }

    async fn element(&self, css: &str) -> WebElement {
        let found = self.driver.query(By::Css(css)).wait(PATIENCE, AGAIN).first().await;
        match found {
            Ok(element) => element,
            Err(why) => {
                let page = self.driver.find(By::Css("body")).await.expect("a page");
                let says = page.text().await.unwrap_or_default();
                panic!("no `{css}` on {}: {why}\n{says}", self.path().await)
            }
        }
    }

    /// Waits for something on the page; returns what it says.
    pub async fn text(&self, css: &str) -> String {
        self.element(css).await.text().await.expect("an element")
    }

    /// Whether the page has it now.
    pub async fn has(&self, css: &str) -> bool {
        !self.driver.find_all(By::Css(css)).await.expect("a page").is_empty()
    }

    /// Types into a field what it is to say.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.element(css).await;
        field.clear().await.expect("a field");
        field.send_keys(text).await.expect("a field");
    }

    /// Chooses a file of this machine.
    pub async fn choose_file(&self, css: &str, path: &str) {
        self.element(css).await.send_keys(path).await.expect("a field for a file");
    }

    /// From now on no more bytes a second leave the browser; all that can for -1.
    pub async fn slow(&self, bytes: i64) {
        let tools = self.driver.cdp();
        tools.send_raw("Network.enable", json!({})).await.expect("the tools");
        let link = json!({
            "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes,
        });
        tools.send_raw("Network.emulateNetworkConditions", link).await.expect("a slow link");
    }

    /// How many pictures of this kind the page shows, once they were fetched.
    pub async fn shown(&self, css: &str) -> u64 {
        let count = format!(
            "return [...document.querySelectorAll('{css}')].filter(i => i.naturalWidth).length"
        );
        self.element(css).await.scroll_into_view().await.expect("a picture");
        let counted = self.driver.execute(&count, vec![]).await.expect("a page");
        counted.json().as_u64().expect("a number")
    }

    /// Ticks a box, chooses from a list.
    pub async fn press(&self, css: &str) {
        let element = self.element(css).await;
        element.scroll_into_view().await.expect("an element");
        element.click().await.unwrap_or_else(|why| panic!("`{css}`: {why}"));
    }

    /// Follows a link or sends a form, until this page has gone for another.
    pub async fn follow(&self, css: &str) {
        let page = self.element("html").await;
        self.press(css).await;
        let gone = page.wait_until().wait(PATIENCE, AGAIN).stale().await;
        gone.unwrap_or_else(|why| panic!("`{css}` leads nowhere: {why}"));
    }

    /// Chooses from a list by the value that is sent.
    pub async fn choose(&self, css: &str, value: &str) {
        self.press(&format!("{css} option[value=\"{value}\"]")).await;
    }

    /// Looks at the page in every width: nothing runs out of it sideways, it
    /// has one heading, no sentence is missing, its language is the reader's.
    pub async fn look(&self, name: &str) {
        for width in WIDTHS {
            self.measure(width, 900).await;
            let page = self.page().await;
            let seen = format!("{name} at {width} in {:?}: {page}", self.eyes);
            assert!(page["wide"].as_u64() <= page["inner"].as_u64(), "{seen}");
            assert_eq!(page["inner"], json!(width), "{seen}");
            assert_eq!(page["headings"], 1, "{seen}");
            assert_eq!(
                (&page["dir"], &page["missing"]),
                (&json!(self.eyes.dir), &json!(false)),
                "{seen}"
            );
            let height = page["high"].as_u64().expect("a number").min(PICTURE_HEIGHT_MAX);
            self.measure(width, height).await;
            let picture = self.pictures.join(format!("{name}-{width}.png"));
            self.driver.screenshot(&picture).await.expect("a picture");
        }
    }

    async fn measure(&self, width: u32, height: u64) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 768,
        });
        let tools = self.driver.cdp();
        let set = tools.send_raw("Emulation.setDeviceMetricsOverride", metrics);
        set.await.expect("a viewport");
    }

    async fn page(&self) -> Value {
        const LOOK: &str = r#"
            const page = document.scrollingElement;
            const wide = [...document.querySelectorAll("body *")]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)
                .slice(0, 3).map(e => e.outerHTML.slice(0, 120));
            return {
                wide: page.scrollWidth, inner: innerWidth, high: page.scrollHeight,
                headings: document.querySelectorAll("h1").length, dir: document.documentElement.dir,
                missing: document.body.innerText.includes("\u27E6"), beyond: wide,
            };"#;
        let looked = self.driver.execute(LOOK, vec![]).await.expect("a page");
        looked.json().clone()
    }

    pub async fn quit(self) {
        self.driver.clone().quit().await.expect("the browser ends");
    }
}
