//! Handing one mail to the mail server that the operator named (RFC 5321).
//!
//! Each step of the conversation has its own meaning when it fails: what goes wrong
//! before somebody is named as the one to get it, or with what is sent, is the
//! operator's to mend and holds up all mail; what is said of the one who is to get
//! it concerns that address alone. It is told in words of our own with the code of
//! the answer: what else a server answers may repeat an address, and is kept nowhere.

use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use crate::config::{MailSettings, MailTls};

/// No step of the conversation is waited for longer.
const STEP_TIME_MAX: Duration = Duration::from_secs(30);
/// Nor the whole of it.
const TIME_MAX: Duration = Duration::from_secs(120);

/// Mail servers know one of these.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// The service closes the link (RFC 5321, section 3.8), whatever was said before.
const CLOSES: u16 = 421;

/// A mail that the server did not take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum NotSent {
    /// No mail goes now: what is wrong with the way, or with what the operator set.
    Way(String),
    /// The address takes none now: the code.
    Later(String),
    /// The address will never take one: the code.
    Never(String),
}

/// What the conversation needs, read from the settings and the files they name.
struct Prepared {
    host: String,
    port: u16,
    hello: ClientId,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
}

/// Sends one mail.
pub(super) async fn send(settings: &MailSettings, message: Message) -> Result<(), NotSent> {
    let (kind, settings) = (settings.tls, settings.clone());
    let prepared = tokio::task::spawn_blocking(move || prepare(&settings));
    let prepared = prepared.await.unwrap_or_else(|_| Err("it is stopping".to_owned()));
    let prepared = prepared.map_err(NotSent::Way)?;
    match tokio::time::timeout(TIME_MAX, converse(kind, prepared, message)).await {
        Err(_) => Err(NotSent::Way("the mail server is too slow".to_owned())),
        Ok(sent) => sent,
    }
}

fn prepare(settings: &MailSettings) -> Result<Prepared, String> {
    let server = settings.server.as_ref().ok_or("no mail server is named")?;
    let from = settings.from.as_ref().ok_or("nobody said whom mail comes from")?;
    let host = server.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let tls = match settings.tls {
        MailTls::None | MailTls::Unencrypted => None,
        MailTls::Starttls | MailTls::Implicit => {
            let mut tls = TlsParameters::builder(host.clone())
                .certificate_store(CertificateStore::WebpkiRoots);
            if let Some(text) = settings.authorities()? {
                let read = Certificate::from_pem(text.as_bytes());
                let own = read.map_err(|_| "the file in `mail.authorities` is not PEM")?;
                tls = tls.add_root_certificate(own);
            }
            let unusable = |_| "the certificates in `mail.authorities` cannot be used";
            Some(tls.build_rustls().map_err(unusable)?)
        }
    };
    let password = settings.password()?;
    let credentials = password.map(|word| Credentials::new(settings.user.clone(), word));
    // The machine's own name is nobody's business.
    let hello = ClientId::Domain(from.domain().to_owned());
    Ok(Prepared { host, port: server.port, hello, tls, credentials })
}

async fn converse(kind: MailTls, with: Prepared, message: Message) -> Result<(), NotSent> {
    let Prepared { host, port, hello, tls, credentials } = with;
    let at_once = tls.clone().filter(|_| kind == MailTls::Implicit);
    let place = (host.as_str(), port);
    let link =
        AsyncSmtpConnection::connect_tokio1(place, Some(STEP_TIME_MAX), &hello, at_once, None);
    let mut link = link.await.map_err(|error| way(&error, "takes nothing now"))?;
    if let Some(tls) = tls.filter(|_| kind == MailTls::Starttls) {
        let begun = link.starttls(tls, &hello).await;
        begun.map_err(|error| way(&error, "does not begin to encrypt, see `mail.tls`"))?;
    }
    if let Some(credentials) = credentials {
        let signed_in = link.auth(&MECHANISMS, &credentials).await;
        let what = "does not let this node sign in, see `mail.user` and `mail.password_file`";
        signed_in.map_err(|error| way(&error, what))?;
    }
    let envelope = message.envelope();
    let from = link.command(Mail::new(envelope.from().cloned(), Vec::new())).await;
    from.map_err(|error| way(&error, "refuses whom mail comes from, see `mail.from`"))?;
    for to in envelope.to() {
        link.command(Rcpt::new(to.clone(), Vec::new()))
            .await
            .map_err(|error| of_address(&error))?;
    }
    let what = "refuses what this node sends";
    link.command(Data).await.map_err(|error| way(&error, what))?;
    link.message(&message.formatted()).await.map_err(|error| way(&error, what))?;
    // It is taken, however the server says good-bye.
    let _ = link.quit().await;
    Ok(())
}

/// Of a step that concerns all mail; `what` says what the server does by answering so.
fn way(error: &Error, what: &str) -> NotSent {
    let told = match error.status().map(u16::from) {
        Some(code) => format!("the mail server {what} (it answered {code})"),
        None if error.is_timeout() => "the mail server does not answer".to_owned(),
        None if error.is_tls() => "the way to the mail server cannot be encrypted: see `mail.tls`, and `mail.authorities` for a certificate of your own".to_owned(),
        None if error.is_client() => format!("the mail server {what}"),
        None => "the mail server cannot be reached, or its certificate is not trusted here".to_owned(),
    };
    NotSent::Way(told)
}

/// Of the step that names who is to get it.
fn of_address(error: &Error) -> NotSent {
    match error.status().map(u16::from) {
        Some(CLOSES) | None => way(error, "takes nothing now"),
        Some(code) if error.is_permanent() => NotSent::Never(code.to_string()),
        Some(code) => NotSent::Later(code.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

    use super::*;
    use crate::config::MailServer;

    /// What a server answers to each command that begins so; `250` to others.
    type Script = &'static [(&'static str, &'static str)];

    async fn speak(stream: impl AsyncRead + AsyncWrite, script: Script, greets: bool) -> bool {
        let (hears, mut says) = tokio::io::split(stream);
        let mut lines = BufReader::new(hears).lines();
        let mut data = false;
        if greets {
            says.write_all(b"220 mail\r\n").await.expect("said");
        }
        while let Ok(Some(line)) = lines.next_line().await {
            if data && line != "." {
                continue;
            }
            data = line == "DATA";
            let scripted = script.iter().find(|(begins, _)| line.starts_with(begins));
            let answer = match scripted {
                Some((_, answer)) => answer,
                None if data => "354 go on",
                None if line.starts_with("EHLO") => "250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN",
                None => "250 yes",
            };
            let answer = format!("{answer}\r\n");
            if says.write_all(answer.as_bytes()).await.is_err() {
                return false;
            }
            match line.as_str() {
                "STARTTLS" => return true,
                "QUIT" => return false,
                _ => {}
            }
        }
        false
    }

    fn message() -> Message {
        let built = Message::builder()
            .from("tern@example.org".parse().expect("an address"))
            .to("awa@example.net".parse().expect("an address"))
            .subject("Something waits for you");
        built.body("It waits.\r\n".to_owned()).expect("a mail")
    }

    async fn listening() -> (TcpListener, MailSettings) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let settings = MailSettings {
            server: Some(MailServer { host: "localhost".into(), port }),
            from: Some("tern@example.org".parse().expect("an address")),
            ..MailSettings::default()
        };
        (listener, settings)
    }

    /// What becomes of a mail at a server that answers so, in the clear.
    async fn answered(script: Script) -> Result<(), NotSent> {
        let (listener, settings) = listening().await;
        let serves = async {
            let (stream, _) = listener.accept().await.expect("a link");
            speak(stream, script, true).await;
        };
        let settings = MailSettings { tls: MailTls::None, ..settings };
        tokio::join!(send(&settings, message()), serves).0
    }

    #[tokio::test]
    async fn only_what_is_said_of_an_address_concerns_it_alone() {
        let way = |told: Result<(), NotSent>| match told {
            Err(NotSent::Way(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(answered(&[]).await, Ok(()));
        assert_eq!(answered(&[("RCPT", "550 nobody")]).await, Err(NotSent::Never("550".into())));
        assert_eq!(answered(&[("RCPT", "450 later")]).await, Err(NotSent::Later("450".into())));
        assert!(way(answered(&[("RCPT", "421 closing")]).await).contains("421"));
        let told = way(answered(&[("MAIL", "550 awa@example.net is not yours")]).await);
        assert!(told.contains("`mail.from`") && told.contains("550"), "{told}");
        assert!(!told.contains("example.net"), "what the server says may name somebody: {told}");
        assert!(way(answered(&[("DATA", "554 no")]).await).contains("554"));
        assert!(way(answered(&[(".", "554 spam")]).await).contains("refuses what this node sends"));
        assert!(way(answered(&[("EHLO", "500 what"), ("HELO", "500 what")]).await).contains("500"));
        let (listener, settings) = listening().await;
        drop(listener);
        let settings = MailSettings { tls: MailTls::None, ..settings };
        let nobody = send(&settings, message()).await;
        assert!(way(nobody).contains("cannot be reached"));
    }

    /// What becomes of a mail at a server that encrypts, with a certificate of its own.
    async fn encrypted(tls: MailTls, trusted: bool, script: Script) -> Result<(), NotSent> {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let key = PrivatePkcs8KeyDer::from(own.key_pair.serialize_der());
        let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("protocols")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.into())
            .expect("a certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (file, password) = (dir.path().join("own.pem"), dir.path().join("password"));
        std::fs::write(&file, own.cert.pem()).expect("room");
        std::fs::write(&password, "four calm words\n").expect("room");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let closed = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&password, closed).expect("closed");
        }
        let (listener, settings) = listening().await;
        let serves = async {
            let (mut stream, _) = listener.accept().await.expect("a link");
            if tls == MailTls::Starttls && !speak(&mut stream, script, true).await {
                return;
            }
            // A node that does not trust the certificate hangs up.
            if let Ok(stream) = acceptor.accept(stream).await {
                speak(stream, script, tls == MailTls::Implicit).await;
            }
        };
        let settings = MailSettings {
            tls,
            authorities: trusted.then_some(file),
            user: "tern".into(),
            password_file: Some(password),
            ..settings
        };
        tokio::join!(send(&settings, message()), serves).0
    }

    #[tokio::test]
    async fn a_way_is_encrypted_and_trusted_before_a_password_or_an_address_is_said() {
        for tls in [MailTls::Starttls, MailTls::Implicit] {
            assert_eq!(encrypted(tls, true, &[]).await, Ok(()), "{tls:?}");
            let stranger = encrypted(tls, false, &[]).await;
            assert!(matches!(stranger, Err(NotSent::Way(_))), "{tls:?}: {stranger:?}");
            let refused = encrypted(tls, true, &[("AUTH", "535 no")]).await;
            let told = format!("{refused:?}");
            assert!(told.contains("`mail.password_file`") && told.contains("535"), "{told}");
        }
        let clear = encrypted(MailTls::Starttls, true, &[("EHLO", "250 mail")]).await;
        let told = format!("{clear:?}");
        assert!(told.contains("does not begin to encrypt"), "it is not sent in the clear: {told}");
    }
}
