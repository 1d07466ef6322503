//! The `tern` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tern_node::cli::main(&tern_node::process::Tern)
}
