//! Handing one mail to the mail server that the operator named (RFC 5321).
//!
//! What went wrong is told in words of our own with the code of the answer: what
//! else a server answers may repeat an address, and is kept nowhere.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::{MailSettings, MailTls};

/// No step of the conversation is waited for longer.
const STEP_TIME_MAX: Duration = Duration::from_secs(30);
/// Nor the whole of it.
const TIME_MAX: Duration = Duration::from_secs(120);

/// Codes by which a server says that this node may not send, whatever the address
/// (RFC 4954, sections 4 and 6; 5.5.1 and 5.7 of RFC 3463 among them).
const OPERATORS: [u16; 6] = [500, 502, 530, 534, 535, 538];

/// A mail that the server did not take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum NotSent {
    /// No mail goes now: what is wrong with the way, or with what the operator set.
    Way(String),
    /// This mail may go later: the code.
    Later(String),
    /// This mail will never go: the code.
    Never(String),
}

/// Sends one mail.
pub(super) async fn send(settings: &MailSettings, message: Message) -> Result<(), NotSent> {
    let settings = settings.clone();
    let prepared = tokio::task::spawn_blocking(move || prepare(&settings));
    let transport = prepared.await.unwrap_or_else(|_| Err("it is stopping".to_owned()));
    let transport = transport.map_err(NotSent::Way)?;
    match tokio::time::timeout(TIME_MAX, transport.send(message)).await {
        Err(_) => Err(NotSent::Way("the mail server is too slow".to_owned())),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(told(&error)),
    }
}

fn prepare(settings: &MailSettings) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let server = settings.server.as_ref().ok_or("no mail server is named")?;
    let from = settings.from.as_ref().ok_or("nobody said whom mail comes from")?;
    let encrypted = || -> Result<TlsParameters, String> {
        let host = server.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let mut tls = TlsParameters::builder(host).certificate_store(CertificateStore::WebpkiRoots);
        if let Some(text) = settings.authorities()? {
            let read = Certificate::from_pem(text.as_bytes());
            let own = read.map_err(|_| "the file in `mail.authorities` is not PEM".to_owned())?;
            tls = tls.add_root_certificate(own);
        }
        tls.build_rustls()
            .map_err(|_| "the certificates in `mail.authorities` cannot be used".to_owned())
    };
    let tls = match settings.tls {
        MailTls::Starttls => Tls::Required(encrypted()?),
        MailTls::Implicit => Tls::Wrapper(encrypted()?),
        MailTls::None | MailTls::Unencrypted => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.clone())
        .port(server.port)
        .tls(tls)
        .timeout(Some(STEP_TIME_MAX))
        // The machine's own name is nobody's business.
        .hello_name(ClientId::Domain(from.domain().to_owned()));
    if let Some(password) = settings.password()? {
        builder = builder.credentials(Credentials::new(settings.user.clone(), password));
    }
    Ok(builder.build())
}

fn told(error: &lettre::transport::smtp::Error) -> NotSent {
    match error.status().map(u16::from) {
        Some(code) if OPERATORS.contains(&code) => NotSent::Way(format!(
            "the mail server does not let this node send (it answered {code}): see `mail.user`, `mail.password_file` and `mail.from`"
        )),
        Some(code) if error.is_permanent() => NotSent::Never(code.to_string()),
        Some(code) => NotSent::Later(code.to_string()),
        None if error.is_timeout() => NotSent::Way("the mail server does not answer".to_owned()),
        None if error.is_tls() => NotSent::Way(
            "the way to the mail server cannot be encrypted: see `mail.tls`, and `mail.authorities` for a certificate of your own".to_owned(),
        ),
        None if error.is_client() => NotSent::Way(
            "the mail server does not do what is asked of it: see `mail.tls` and `mail.user`".to_owned(),
        ),
        None => NotSent::Way("the mail server cannot be reached".to_owned()),
    }
}
