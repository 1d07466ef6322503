//! Serving: pages and local API over HTTP until the process is told to stop.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use serde_json::json;
use tern_web_ui::service::Service;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::announce;
use super::beginning::refuse_remains;
use crate::config::Settings;
use crate::folder::OpenFolder;
use crate::identity::Identity;
use crate::node::Audience;
use crate::ops::{ErrorCode, OpError, Operator};
use crate::running::{Mode, Node};
use crate::service::{Site, Unfounded};

/// Pages and API that answer until they are stopped.
pub(super) struct Pages {
    site: Arc<Site>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

/// A port on which pages will answer.
///
/// # Errors
/// The port is in use, or the system refuses it.
pub(super) async fn listen(http: SocketAddr) -> Result<(TcpListener, String), OpError> {
    let refused = |cause: std::io::Error| {
        if cause.kind() == std::io::ErrorKind::AddrInUse {
            let what = format!(
                "{http} is in use by another program: stop it, or choose another port with --http"
            );
            return OpError::new(ErrorCode::InUse, what).in_field("http");
        }
        OpError::new(ErrorCode::Failed, format!("cannot serve pages on {http}: {cause}"))
    };
    let listener = TcpListener::bind(http).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, format!("http://{}", opened_at(address))))
}

/// An address that can be opened: who serves on every interface also serves on
/// the machine's own.
const fn opened_at(address: SocketAddr) -> SocketAddr {
    let own = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(own, address.port())
}

impl Pages {
    /// Answers on `listener` from now on.
    ///
    /// # Errors
    /// The API's token cannot be written.
    pub(super) fn serve(
        site: Site,
        folder_token: &str,
        settings: &Settings,
        listener: TcpListener,
    ) -> Self {
        let site = Arc::new(site);
        let choices = tern_web_ui::Settings {
            listen: settings.http.ip(),
            hosts: settings.hosts.clone(),
            public: settings.public.clone(),
            https: settings.https,
            pseudo_locales: std::env::var_os("TERN_PSEUDO_LOCALES").is_some(),
        };
        let service: Arc<dyn Service> = Arc::clone(&site) as Arc<dyn Service>;
        let operator: Arc<dyn Operator> = Arc::clone(&site) as Arc<dyn Operator>;
        let operations = crate::api::routes(operator, folder_token);
        let figures = crate::metrics::routes(Arc::clone(&site), folder_token, settings.metrics);
        let router = tern_web_ui::router_beside(service, choices, operations.merge(figures));
        let router = crate::metrics::counted(router, Arc::clone(&site));
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(async move {
            let mut until = stopped;
            let router = router.into_make_service_with_connect_info::<SocketAddr>();
            let served = axum::serve(listener, router).with_graceful_shutdown(async move {
                // The sender lives as long as the pages do.
                let _ = until.wait_for(|stop| *stop).await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "pages stopped answering");
            }
        });
        Self { site, stop, server }
    }

    /// Stops answering, then closes the node.
    pub(super) async fn close(self) {
        self.stop.send_replace(true);
        if let Some(node) = self.site.node() {
            node.requests().end();
        }
        // Requests under way get a moment; a browser's idle connection none.
        let grace = std::time::Duration::from_secs(2);
        if tokio::time::timeout(grace, self.server).await.is_err() {
            tracing::debug!("connections were still open");
        }
        if let Some(node) = self.site.node() {
            node.close().await;
        }
    }
}

/// Runs a node until the process is interrupted. Asked to start anew, the
/// process ends in order and becomes what stands in its program's place then,
/// with the same words.
///
/// # Errors
/// A port in use, a damaged folder; the program cannot be started anew.
pub(super) async fn serve(
    folder: OpenFolder,
    settings: Settings,
    audience: Arc<dyn Audience>,
) -> Result<(), OpError> {
    // Its place, not what will have been renamed by then.
    let program = std::env::current_exe();
    let interrupted = interrupted();
    let (listener, http) = listen(settings.http).await?;
    let token = folder.token()?;
    let pages = if Identity::load(folder.paths())?.is_some() {
        let node = Node::open(folder, settings.clone(), Mode::Serving).await?;
        node.serves_at(http.clone());
        let pages = Pages::serve(Site::of(Arc::clone(&node)), &token, &settings, listener);
        let file = announce(&node)?;
        audience.say(&format!("{} answers at {}", file.node, settings.home(&http)));
        audience.answer(&json!(file));
        pages
    } else {
        refuse_remains(&folder)?;
        let unfounded = Unfounded::new(folder, settings.clone(), http.clone())?;
        audience.say("This folder holds no node yet. Set it up in a browser:");
        audience.say(&format!("  {http}/setup"));
        audience.say(&format!("  code: {}", unfounded.code()));
        audience.answer(&json!({ "setup": format!("{http}/setup"), "code": unfounded.code() }));
        Pages::serve(Site::unfounded(unfounded), &token, &settings, listener)
    };
    match interrupted.await {
        Ending::Stop => {
            audience.say("Stopping.");
            pages.close().await;
            Ok(())
        }
        Ending::Anew => {
            audience.say("Starting anew.");
            pages.close().await;
            let failed = program.map_or_else(|cause| cause, become_anew);
            Err(OpError::new(ErrorCode::Failed, format!("cannot start anew: {failed}")))
        }
    }
}

/// Becomes the program, under the same process id. Comes back only with why
/// not.
#[cfg(unix)]
fn become_anew(program: std::path::PathBuf) -> std::io::Error {
    let mut command = std::process::Command::new(program);
    std::os::unix::process::CommandExt::exec(command.args(std::env::args_os().skip(1)))
}

#[cfg(not(unix))]
fn become_anew(_: std::path::PathBuf) -> std::io::Error {
    std::io::ErrorKind::Unsupported.into()
}

/// How a process is asked to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    /// For good: SIGINT, SIGTERM.
    Stop,
    /// To begin anew, with the program and the settings that are there then:
    /// SIGHUP.
    Anew,
}

/// Listens for being asked to stop from this call on; the future ends when
/// that was. Whoever was told that the node answers can also stop it in order.
pub(super) fn interrupted() -> impl Future<Output = Ending> {
    #[cfg(unix)]
    let asked = {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        signals.map(signal)
    };
    async move {
        #[cfg(unix)]
        if let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = asked {
            return tokio::select! {
                _ = interrupt.recv() => Ending::Stop,
                _ = terminate.recv() => Ending::Stop,
                _ = hangup.recv() => Ending::Anew,
            };
        }
        // Without the signal the process is stopped from outside.
        let _ = tokio::signal::ctrl_c().await;
        Ending::Stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_serves_on_every_interface_prints_an_address_that_can_be_opened() {
        for (http, host) in [("0.0.0.0:0", "127.0.0.1"), ("127.0.0.1:0", "127.0.0.1")] {
            let (_, printed) = listen(http.parse().expect("an address")).await.expect("free");
            assert!(printed.starts_with(&format!("http://{host}:")), "{printed}");
        }
        let opened = opened_at("[::]:8480".parse().expect("an address"));
        assert_eq!(opened.to_string(), "[::1]:8480");
    }
}
