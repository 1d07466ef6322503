//! A node that is open in this process: its parts, put together once.
//!
//! [`Node`] owns the folder's lock, the driver, the network, the keys and the
//! index, and is what pages and commands work on. It decides nothing: what is
//! true is the authority's, what is held the replica's. Opening it is the same
//! after a clean stop, a crash or a power cut.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tern_crdt::identity::{Nonce, OrgId, PublicKey, SecretKey};
use tern_crdt::signed::Record;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::gate::Examined;
use tern_protocol::step::{Command, Event, Settings as ReplicaSettings};
use tern_protocol::tariff::Tariff;
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use crate::acceptor::Acceptor;
use crate::accounts::failed;
use crate::blob_store::BlobStore;
use crate::blobs::fetching::Fetching;
use crate::blobs::{Blobs, giving, named, tidying};
use crate::config::{Dial, Settings};
use crate::driver::{self, Driver, OpenStore};
use crate::folder::OpenFolder;
use crate::handle::{Handle, NodeReplica, NodeStore};
use crate::identity::Identity;
use crate::indexer::Indexer;
use crate::keystore::{AccountName, Entry, Keystore, Passphrase, Purpose, Verifiers};
use crate::members::{Beginning, load_knock};
use crate::metrics::Visits;
use crate::net::{self, Local, Net, NetSettings};
use crate::notices::Notices;
use crate::ops::{ErrorCode, OpError};
use crate::reading::Reading;
use crate::recovery::Pending as Recovery;
use crate::relaying::Lately;
use crate::requests::Requests;
use crate::router::Router;
use crate::sign_in::SignInLinks;
use crate::store::{Figures, JournalStore, Weights};

/// Closing takes no longer than this: a service manager kills after 90 seconds.
const CLOSING_MAX: Duration = Duration::from_secs(30);

/// How a node is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// To run: peers are dialled and met as the settings say.
    Serving,
    /// For one command: peers are met only when the command says so, and a
    /// port that is in use does not matter.
    Command,
}

/// See the module.
pub struct Node {
    folder: OpenFolder,
    identity: Identity,
    settings: Settings,
    handle: Handle,
    driver: AsyncMutex<Option<Driver>>,
    net: Option<Net>,
    keystore: Keystore,
    /// The node's own key, which is never wrapped.
    key: SecretKey,
    verifiers: Mutex<Verifiers>,
    links: SignInLinks,
    acceptor: Acceptor,
    reading: Reading,
    indexer: Indexer,
    started: Instant,
    /// The same moment by the machine's clock.
    opened_at: Timestamp,
    visits: Visits,
    /// Where pages and API answer, once they do.
    http: OnceLock<String>,
    /// One save of a draft at a time.
    saving: AsyncMutex<()>,
    /// Makes the actors of this run: drawn at the start, kept in memory only.
    run: Mutex<Nonce>,
    /// One import at a time.
    importing: AsyncMutex<()>,
    /// One change of the organisation's own keys at a time.
    rotating: AsyncMutex<()>,
    /// One bundle gets its counter at a time.
    bundling: AsyncMutex<()>,
    requests: Requests,
    notices: Arc<Notices>,
    blobs: Blobs,
    mode: Mode,
    lately: Mutex<Lately>,
    router: Router,
}

impl Node {
    /// Opens the node of a folder.
    ///
    /// # Errors
    /// No node was founded there, a damaged file, a port in use.
    pub async fn open(
        folder: OpenFolder,
        settings: Settings,
        mode: Mode,
    ) -> Result<Arc<Self>, OpError> {
        let identity = Identity::load(folder.paths())?.ok_or_else(|| {
            let what = format!(
                "{} holds no node yet: found one with `tern init`, or join with `tern join`",
                folder.paths().root().display()
            );
            OpError::new(ErrorCode::NotFound, what)
        })?;
        // Killed when only this was left to do.
        folder.mark_finished()?;
        let keystore = Keystore::open(folder.paths().keys())?;
        let key = keystore.unlock(Purpose::Node, identity.node, None)?;
        let net = start_net(key.clone(), &settings, mode).await?;
        let joining = match load_knock(folder.paths())? {
            Some((knock, _)) => Some(knock),
            None => Recovery::load(folder.paths())?.and_then(|pending| pending.knock),
        };
        let replica = ReplicaSettings {
            federation: identity.federation,
            org: identity.org,
            auto: mode == Mode::Serving && settings.meet_auto,
            learns: settings.dial == Dial::Members,
            joining,
            tariff: settings.tariff(),
        };
        let (net, received) = net.unzip();
        let network = net.clone().zip(received);
        let open = open_store(&folder);
        let seed = u64::from_le_bytes(draw()?);
        let acceptor = Acceptor::start().map_err(no_threads)?;
        let work = acceptor.clone();
        let (driver, handle) =
            driver::start(replica, identity.node, open, seed, network, work).map_err(failed)?;
        let reading = Reading::new(handle.clone(), acceptor.clone());
        let indexer = Indexer::start(&folder.paths().index(), handle.clone(), acceptor.clone())?;
        let place = folder.paths().blobs();
        let blobs = tokio::task::spawn_blocking(|| BlobStore::open(place));
        let blobs = Blobs::open(blobs.await.map_err(|_| stopping())?);
        let node = Arc::new(Self {
            verifiers: Mutex::new(Verifiers::open(&keystore)?),
            folder,
            identity,
            settings,
            handle,
            driver: AsyncMutex::new(Some(driver)),
            net,
            keystore,
            key,
            links: SignInLinks::default(),
            acceptor,
            reading,
            indexer,
            started: Instant::now(),
            opened_at: driver::now(),
            visits: Visits::default(),
            http: OnceLock::new(),
            saving: AsyncMutex::new(()),
            run: Mutex::new(draw()?),
            importing: AsyncMutex::new(()),
            rotating: AsyncMutex::new(()),
            bundling: AsyncMutex::new(()),
            requests: Requests::default(),
            notices: Arc::default(),
            blobs,
            mode,
            lately: Mutex::default(),
            router: Router::default(),
        });
        tokio::spawn(named::keep(
            Arc::downgrade(&node),
            node.handle.events(),
            mode == Mode::Serving,
        ));
        tokio::spawn(attend(Arc::downgrade(&node), node.handle.events()));
        tokio::spawn(crate::notices::note_changes(Arc::downgrade(&node)));
        tokio::spawn(crate::beacons::keep(Arc::downgrade(&node)));
        if mode == Mode::Serving {
            tokio::spawn(crate::requests::next::keep(Arc::downgrade(&node)));
        }
        tokio::spawn(crate::sharing::keep(Arc::downgrade(&node)));
        if let Some(net) = &node.net
            && let Some(lanes) = net.lanes()
        {
            tokio::spawn(giving::keep(Arc::downgrade(&node), net.clone(), lanes));
        }
        node.keep_company().await?;
        tokio::spawn(crate::relaying::keep(Arc::downgrade(&node)));
        if mode == Mode::Serving {
            tokio::spawn(crate::announcing::keep(Arc::downgrade(&node)));
            tokio::spawn(crate::notices::keep(Arc::downgrade(&node)));
            tokio::spawn(crate::router::keep(Arc::downgrade(&node)));
            tokio::spawn(tidying::keep(Arc::downgrade(&node)));
            tokio::spawn(crate::sharing::letters::keep(Arc::downgrade(&node)));
        }
        node.attend_to_what_waits().await?;
        Ok(node)
    }

    /// Makes the folder the node's whose beginning this is, durably, and
    /// leaves it closed.
    ///
    /// # Errors
    /// The store's, or the gate's refusal.
    pub async fn begin(folder: &OpenFolder, beginning: Beginning) -> Result<(), OpError> {
        let Beginning { identity, records, account } = beginning;
        let settings = ReplicaSettings {
            federation: identity.federation,
            org: identity.org,
            auto: false,
            learns: true,
            joining: None,
            tariff: Tariff::unsaid(),
        };
        let open = open_store(folder);
        let seed = u64::from_le_bytes(draw()?);
        let acceptor = Acceptor::start().map_err(no_threads)?;
        let (driver, handle) =
            driver::start(settings, identity.node, open, seed, None, acceptor).map_err(failed)?;
        let verified: Result<Vec<Examined>, _> = records
            .into_iter()
            .map(|record: Record| record.verify(identity.federation).map(Examined::Record))
            .collect();
        let pieces =
            verified.map_err(|error| OpError::new(ErrorCode::Failed, error.to_string()))?;
        let command = Command::Write { pieces, private: vec![account.keep()] };
        let written = handle.command(command).await;
        driver.stop().await;
        written?;
        identity.save(folder)
    }

    /// Stops: everything confirmed is durable already, so that what does not end
    /// in time is left behind. The folder is free when the last holder of the node
    /// lets go.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSING_MAX, self.close_in_order()).await.is_err() {
            tracing::error!("not closed within {CLOSING_MAX:?}: left as it is");
        }
    }

    async fn close_in_order(&self) {
        self.requests.end();
        self.blobs.fetching().values().for_each(Fetching::stop);
        self.indexer.stop().await;
        self.router.release().await;
        if let Some(net) = &self.net {
            net.shutdown().await;
        }
        if let Some(driver) = self.driver.lock().await.take() {
            driver.stop().await;
        }
        if let Err(error) = self.folder.forget_node_file() {
            tracing::warn!(%error, "node.json stays behind");
        }
    }

    /// Who this node is.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The settings in force.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The folder.
    pub const fn folder(&self) -> &OpenFolder {
        &self.folder
    }

    /// The replica's handle.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The keys.
    pub const fn keystore(&self) -> &Keystore {
        &self.keystore
    }

    /// The node's own key.
    pub(crate) const fn key(&self) -> &SecretKey {
        &self.key
    }

    /// What keys there are, read off the async threads.
    ///
    /// # Errors
    /// The folder of keys cannot be read.
    pub async fn keys(&self) -> Result<Vec<Entry>, OpError> {
        let keystore = self.keystore.clone();
        let listed = tokio::task::spawn_blocking(move || keystore.list());
        Ok(listed.await.map_err(|_| stopping())??.entries)
    }

    /// Whether a passphrase is needed to sign with this key.
    ///
    /// # Errors
    /// As [`keys`](Self::keys).
    pub async fn is_wrapped(&self, sign: PublicKey) -> Result<bool, OpError> {
        Ok(self.keys().await?.iter().any(|key| key.public == sign && key.wrapped))
    }

    /// One-time sign-in links.
    pub const fn links(&self) -> &SignInLinks {
        &self.links
    }

    /// Threads that accept documents.
    pub const fn acceptor(&self) -> &Acceptor {
        &self.acceptor
    }

    /// Practices as people read them.
    pub const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The search index and who keeps it.
    pub const fn indexer(&self) -> &Indexer {
        &self.indexer
    }

    /// When it was opened.
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// When it was opened, by the machine's clock.
    pub const fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// Requests to pages and API.
    pub const fn visits(&self) -> &Visits {
        &self.visits
    }

    /// Where pages and API answer (`http://…`), if they do.
    pub fn http(&self) -> Option<&str> {
        self.http.get().map(String::as_str)
    }

    /// Pages and API answer from now on.
    pub fn serves_at(&self, http: String) {
        // Told twice, the first word stands.
        let _ = self.http.set(http);
    }

    /// Held while a draft is read, changed and written.
    pub(crate) const fn saving(&self) -> &AsyncMutex<()> {
        &self.saving
    }

    /// Makes the actors of this run.
    pub(crate) fn run(&self) -> Nonce {
        *self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws anew what makes the actors of this run.
    ///
    /// # Errors
    /// The system has no chance to draw.
    pub(crate) fn renew_run(&self) -> Result<Nonce, OpError> {
        let nonce = draw()?;
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = nonce;
        Ok(nonce)
    }

    /// Held while rows are looked up and taken in.
    pub(crate) const fn importing(&self) -> &AsyncMutex<()> {
        &self.importing
    }

    /// Held while the organisation's own keys are looked up and changed.
    pub(crate) const fn rotating(&self) -> &AsyncMutex<()> {
        &self.rotating
    }

    /// Held while counters of bundles are looked up and noted.
    pub(crate) const fn bundling(&self) -> &AsyncMutex<()> {
        &self.bundling
    }

    /// Files beside practices.
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The network, if there is one.
    pub(crate) const fn net(&self) -> Option<&Net> {
        self.net.as_ref()
    }

    /// What is kept in memory of who is told of what waits.
    pub const fn notices(&self) -> &Arc<Notices> {
        &self.notices
    }

    /// What is kept in memory for requests.
    pub const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// What the store takes up.
    ///
    /// # Errors
    /// The folder cannot be measured.
    pub async fn figures(&self) -> Result<Figures, OpError> {
        self.handle
            .read(|replica| replica.library().ledger().store().figures())
            .await?
            .map_err(failed)
    }

    /// What is alive in the store, by kind: a little at a time.
    ///
    /// # Errors
    /// The store's index cannot be read.
    pub async fn weights(&self) -> Result<Weights, OpError> {
        let mut sum = Weights::default();
        let mut after = None;
        loop {
            let weigh = move |replica: &NodeReplica| {
                replica.library().ledger().store().weigh(after.as_deref())
            };
            let weighed = self.handle.read(weigh).await?.map_err(failed)?;
            sum = sum.and(weighed.weights);
            match weighed.next {
                Some(next) => after = Some(next),
                None => return Ok(sum),
            }
        }
    }

    /// All addresses on which peers can reach this node, without its id.
    pub fn listening(&self) -> Vec<String> {
        self.net.as_ref().map(Net::addresses).unwrap_or_default()
    }

    /// Tells when [`listening`](Self::listening) changed.
    pub(crate) fn watch_listening(&self) -> watch::Receiver<Vec<String>> {
        let nowhere = || watch::channel(Vec::new()).1;
        self.net.as_ref().map_or_else(nowhere, Net::watch_addresses)
    }

    /// How it was opened.
    pub(crate) const fn mode(&self) -> Mode {
        self.mode
    }

    /// Members over whose relays this node is reached now.
    pub fn relays(&self) -> Vec<PublicKey> {
        self.net.as_ref().map(Net::relays).unwrap_or_default()
    }

    /// Tells when [`relays`](Self::relays) changed.
    pub(crate) fn watch_relays(&self) -> watch::Receiver<Vec<PublicKey>> {
        let nobody = || watch::channel(Vec::new()).1;
        self.net.as_ref().map_or_else(nobody, Net::watch_relays)
    }

    /// The router, and what it opened for this node.
    pub(crate) const fn router(&self) -> &Router {
        &self.router
    }

    /// Those over whose relays it was reached lately.
    pub(crate) fn lately(&self) -> std::sync::MutexGuard<'_, Lately> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A secret key, unwrapped off the async threads.
    ///
    /// # Errors
    /// Locked, a wrong passphrase, or not on this node.
    pub async fn unlock(
        &self,
        purpose: Purpose,
        public: PublicKey,
        passphrase: Option<Passphrase>,
    ) -> Result<SecretKey, OpError> {
        let keystore = self.keystore.clone();
        let unlocked = tokio::task::spawn_blocking(move || {
            keystore.unlock(purpose, public, passphrase.as_ref())
        });
        let unlocked = unlocked.await.map_err(|_| stopping())?;
        Ok(unlocked?)
    }

    /// Whether this is the password of an account. Takes its time, known
    /// account or not.
    ///
    /// # Errors
    /// Too little memory to find out.
    pub async fn password_fits(
        self: &Arc<Self>,
        account: AccountName,
        password: Passphrase,
    ) -> Result<bool, OpError> {
        let node = Arc::clone(self);
        let verified =
            tokio::task::spawn_blocking(move || node.verifiers().verify(&account, &password));
        Ok(verified.await.map_err(|_| stopping())??)
    }

    /// Sets or replaces the password of an account. Durable when it answers.
    ///
    /// # Errors
    /// The keystore's.
    pub async fn set_password(
        self: &Arc<Self>,
        account: AccountName,
        password: Passphrase,
    ) -> Result<(), OpError> {
        let node = Arc::clone(self);
        let set = tokio::task::spawn_blocking(move || node.verifiers().set(&account, &password));
        Ok(set.await.map_err(|_| stopping())??)
    }

    /// The password verifiers.
    pub fn verifiers(&self) -> std::sync::MutexGuard<'_, Verifiers> {
        self.verifiers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happened while nobody attended: knocks on a steward's door, a
    /// membership whose name card was not published yet.
    pub(crate) async fn attend_to_what_waits(&self) -> Result<(), OpError> {
        let (knocks, member) = self
            .handle
            .read(|replica| {
                // It would sign.
                if replica.is_catching_up() {
                    return (Vec::new(), false);
                }
                let knocks: Vec<OrgId> = replica.library().waiting().map(|(org, _)| org).collect();
                (knocks, !replica.is_joining())
            })
            .await?;
        for org in knocks {
            self.admit_invited(org).await?;
        }
        self.recover_by_itself().await;
        if member { self.welcome().await } else { Ok(()) }
    }

    /// This node's organisation is a member: what it carries is looked at, its
    /// first name card can be published, and the knock is over.
    async fn welcome(&self) -> Result<(), OpError> {
        self.attend_to_requests().await?;
        let Some((_, card)) = load_knock(self.folder.paths())? else { return Ok(()) };
        self.submit(vec![card]).await?;
        let path = self.folder.paths().join_file();
        match std::fs::remove_file(&path) {
            // Two who attend to it at once do the same.
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                let what = format!("cannot remove {}: {cause}", path.display());
                Err(OpError::new(ErrorCode::Failed, what))
            }
            _ => Ok(()),
        }
    }

    async fn attend_to(&self, event: &Event) {
        // What would be signed waits until a restored node is in step again.
        if matches!(event, Event::Knocked(_) | Event::Joined)
            && self.handle.read(NodeReplica::is_catching_up).await.unwrap_or(true)
        {
            return;
        }
        let done = match event {
            Event::CaughtUp(_) => self.attend_to_what_waits().await,
            Event::Knocked(org) => self.admit_invited(*org).await,
            Event::Joined => self.welcome().await,
            Event::Members => {
                self.recover_by_itself().await;
                Ok(())
            }
            Event::Parcel(id) => self.attend_to_parcel(*id).await,
            Event::Custody(id) => self.tell_of_way(*id).await,
            _ => Ok(()),
        };
        // What was not attended to before the end is at the next start.
        if let Err(error) = done
            && !self.requests.is_over()
        {
            tracing::error!(error = error.for_log(), ?event, "could not attend to what happened");
        }
    }
}

async fn attend(node: std::sync::Weak<Node>, mut events: tokio::sync::broadcast::Receiver<Event>) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => {
                let Some(node) = node.upgrade() else { return };
                if let Err(error) = node.attend_to_what_waits().await {
                    tracing::error!(error = error.for_log(), "could not attend to what waits");
                }
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        let Some(node) = node.upgrade() else { return };
        node.attend_to(&event).await;
    }
}

async fn start_net(
    key: SecretKey,
    settings: &Settings,
    mode: Mode,
) -> Result<Option<(Net, tokio::sync::mpsc::Receiver<net::NetEvent>)>, OpError> {
    // A command comes and goes.
    let local = match (mode, settings.dial) {
        _ if !settings.mdns => Local::Off,
        (Mode::Command, _) => Local::Off,
        (Mode::Serving, Dial::Saved) => Local::Answers,
        (Mode::Serving, Dial::Members | Dial::Lan) => Local::Finds,
    };
    let start = |listen: Vec<String>| {
        let key = key.clone();
        let memory_max = crate::memory::bound(settings.memory_mb);
        net::start(NetSettings {
            limits: net::NetLimits { memory_max, ..net::NetLimits::default() },
            local,
            announce: settings.announce.clone(),
            proxy: settings.proxy.clone().map(Arc::new),
            relay: settings.relay,
            shares_port: mode == Mode::Serving && settings.proxy.is_none(),
            ..NetSettings::new(key, listen)
        })
    };
    match start(settings.listen.clone()).await {
        Ok(net) => Ok(Some(net)),
        // Nobody has to reach a command: it dials.
        Err(error) if mode == Mode::Command => match start(Vec::new()).await {
            Ok(net) => Ok(Some(net)),
            Err(_) => {
                tracing::warn!(%error, "without a network");
                Ok(None)
            }
        },
        Err(error @ net::NetError::PortInUse { .. }) => {
            Err(OpError::new(ErrorCode::InUse, error.to_string()))
        }
        Err(error @ net::NetError::Address(_)) => {
            Err(OpError::new(ErrorCode::Invalid, error.to_string()).in_field("listen"))
        }
        Err(error) => Err(OpError::new(ErrorCode::Failed, error.to_string())),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_threads(cause: std::io::Error) -> OpError {
    OpError::new(ErrorCode::Failed, format!("the system gives no threads: {cause}"))
}

fn open_store(folder: &OpenFolder) -> OpenStore {
    let path = folder.paths().store();
    Box::new(move || Ok(Box::new(JournalStore::open(&path)?) as NodeStore))
}

/// Bytes of chance.
///
/// # Errors
/// The system has none.
pub fn draw<const N: usize>() -> Result<[u8; N], OpError> {
    let mut chance = [0; N];
    getrandom::fill(&mut chance)
        .map_err(|cause| OpError::new(ErrorCode::Failed, format!("no chance to draw: {cause}")))?;
    Ok(chance)
}

pub(crate) fn stopping() -> OpError {
    OpError::new(ErrorCode::Failed, "the node is stopping")
}
