//! The guides in `deploy` are true: what they tell people to type is typed
//! here, in the order of the page, at a real node.
//!
//! Every fenced block of a guide has a comment before it, which readers do not
//! see, and which says what becomes of it:
//!
//! - `commands: serve` begins a node that stays, and must be `tern serve`;
//! - `commands: run` is run at that node's machine, with Bash, and must succeed;
//! - `commands: run elsewhere` is run at a machine of another organisation;
//! - `commands: root` needs an administrator or another machine, and is not run
//!   (`deploy/fresh-debian` goes that way);
//! - `commands: file` is not typed, but written into a file.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::http;
use super::patience::output;
use super::tern::{Desk, Ran, Served, text};

/// A fenced block of a guide.
#[derive(Debug)]
struct Block {
    /// What its comment says.
    fate: String,
    commands: String,
}

/// The blocks of a guide, in order.
fn blocks(guide: &str) -> Vec<Block> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(guide);
    let page = fs::read_to_string(file).expect("a guide");
    let mut lines = page.lines();
    let mut before = "";
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let fate =
                before.strip_prefix("<!-- commands: ").and_then(|it| it.strip_suffix(" -->"));
            let fate = fate.unwrap_or_else(|| panic!("{guide}: nothing is said of {line}"));
            let within = lines.by_ref().take_while(|line| *line != "```");
            let commands = within.map(|line| format!("{line}\n")).collect();
            blocks.push(Block { fate: fate.to_owned(), commands });
        }
        before = line;
    }
    blocks
}

/// A machine where `tern` is installed, and whose administrator may say `sudo`.
struct Machine {
    desk: Desk,
    programs: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let desk = Desk::empty();
        let programs = desk.data().with_file_name("programs");
        fs::create_dir(&programs).expect("room");
        symlink(env!("CARGO_BIN_EXE_tern"), programs.join("tern")).expect("a link");
        // Here the node belongs to whoever runs the test: `sudo tern` is `tern`.
        symlink("/usr/bin/env", programs.join("sudo")).expect("a link");
        Self { desk, programs }
    }

    /// What Bash says to a block; every command in it has to succeed.
    fn run(&self, commands: &str, folder: &Path) -> Ran {
        let path = std::env::var("PATH").expect("a path");
        let like = self.desk.command(&[]);
        let mut bash = Command::new("bash");
        for (name, value) in like.get_envs() {
            match value {
                Some(value) => bash.env(name, value),
                None => bash.env_remove(name),
            };
        }
        bash.args(["-euo", "pipefail", "-c", commands])
            .env("PATH", format!("{}:{path}", self.programs.display()))
            .env("TERN_DATA", self.desk.data())
            .current_dir(folder)
            .stdin(Stdio::null());
        let ran = Ran::from(output(&mut bash));
        assert_eq!(ran.code, Some(0), "{commands}\n{ran:?}");
        ran
    }
}

/// Fills in the set-up page with the code that the node printed.
fn set_up(node: &Served) {
    let page = text(&node.told["setup"]);
    let host = page.trim_start_matches("http://").trim_end_matches("/setup");
    let typed = format!(
        "code={}&organisation=Ministry+of+Arrivals&country=NE&node_lang=en&person=Awa+Example\
         &account=awa&password=three+calm+words&start=found",
        text(&node.told["code"])
    );
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", page.trim_end_matches("/setup")),
    ];
    let answer = http::ask(host, "POST", "/setup", &form, &typed).expect("a node that answers");
    assert_eq!(answer.status, 303, "{}", answer.body);
}

#[test]
fn whoever_types_what_the_guides_say_gets_a_node_and_a_published_practice() {
    let (here, elsewhere) = (Machine::new(), Machine::new());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut serving = None;
    let mut told = String::new();
    let pages = [
        "README.md",
        "people.md",
        "keys.md",
        "contributing-practices.md",
        "exchanging.md",
        "backup.md",
        "usb-stick.md",
        "links.md",
        "reaching.md",
        "watching.md",
        "upgrading.md",
        "governing.md",
        "reviewing.md",
        "discussing.md",
        "collecting.md",
        "notifying.md",
    ];
    for block in pages.into_iter().flat_map(blocks) {
        match block.fate.as_str() {
            "serve" => {
                assert_eq!(block.commands, "tern serve\n");
                let node = here.desk.serve();
                set_up(&node);
                assert!(!node.log().contains('\u{1b}'), "a log in a file has no colours");
                serving = Some(node);
            }
            "run" => told += &here.run(&block.commands, folder.path()).out,
            "run elsewhere" => told += &elsewhere.run(&block.commands, folder.path()).out,
            "root" | "file" => {}
            other => panic!("`{other}` is no fate of a block"),
        }
    }
    assert!(serving.is_some(), "the guide begins with a node");
    for said in [
        "Ministry of Arrivals",
        "Account amina is made.",
        "/sign-in/link/",
        "Member of the federation",
        "Upland Labour Office",
        "can be imported, 0 cannot",
        "sled 0.34.7",
        "Registering every birth",
        "Registering births abroad",
        "began this draft; it is seen by Upland Labour Office too.",
        "Only Ministry of Arrivals sees this draft.",
        "yes, everything that its writer held",
        "every 6 hours when nothing presses, within the hours 22-05 UTC",
        "\"class\":\"broadband\"",
        "Two reviewers of other countries.",
        "suspended: Nobody answers their telephone.",
        "revoked: left",
        "Practices of the Hub",
        "Desks for those who return",
        "Which four?",
        "Who keeps the list of the desks?",
        "The national fund, since 2024.",
        "Le fonds national, depuis 2024.",
        "One desk, or many?",
        "Births at the border",
        "Replaced in 2026",
        "Feed, shown once: http://",
        "Mail: this node sends none.",
    ] {
        assert!(told.contains(said), "nobody said {said}:\n{told}");
    }
}
