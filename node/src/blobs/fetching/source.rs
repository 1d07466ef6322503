//! One source of a file: questions to it, and what it answers.

use tern_crdt::identity::PublicKey;
use tern_crdt::practice::BlobHash;
use tern_protocol::blobs::message::VERSION;
use tern_protocol::blobs::{Answer, Question};
use tokio::sync::mpsc;

use crate::blobs::PATIENCE;
use crate::net::{Lane, Net};

/// What a source tells the task.
pub(super) enum Told {
    /// It answered; questions go there.
    Answered(Answer, mpsc::UnboundedSender<Question>),
    Data(Vec<u8>),
    Gone(String),
}

/// Speaks with one source until either end has enough.
pub(super) async fn source(
    net: Net,
    peer: PublicKey,
    hash: BlobHash,
    tell: mpsc::Sender<(PublicKey, bool, Told)>,
) {
    let (near, reason) = match net.open_lane(peer).await {
        Ok(lane) => (lane.near, converse(lane, hash, &tell).await),
        Err(reason) => (true, reason),
    };
    // Without a reader the fetch is over.
    let _ = tell.send((peer, near, Told::Gone(reason))).await;
}

async fn converse(
    lane: Lane,
    hash: BlobHash,
    tell: &mpsc::Sender<(PublicKey, bool, Told)>,
) -> String {
    let Lane { peer, near, mut reader, mut writer } = lane;
    let want = Question::Want { version: VERSION, hash };
    if let Err(error) = writer.send(&want.encode(), PATIENCE).await {
        return error.to_string();
    }
    let (questions, mut asked) = mpsc::unbounded_channel::<Question>();
    let mut questions = Some(questions);
    let listening = async {
        loop {
            let frame = match reader.next(PATIENCE).await {
                Ok(Some(frame)) => frame,
                Ok(None) => return "it ended".to_owned(),
                Err(error) => return error.to_string(),
            };
            let told = match (Answer::decode(&frame), questions.take()) {
                (Ok(answer), Some(questions)) => Told::Answered(answer, questions),
                (Ok(Answer::Data(data)), None) => Told::Data(data),
                (Ok(_), None) => return "it does not keep to the protocol".to_owned(),
                (Err(error), _) => return error.to_string(),
            };
            if tell.send((peer, near, told)).await.is_err() {
                return "it is over".to_owned();
            }
        }
    };
    let speaking = async {
        while let Some(question) = asked.recv().await {
            if let Err(error) = writer.send(&question.encode(), PATIENCE).await {
                return error.to_string();
            }
        }
        writer.close(PATIENCE).await;
        "it is left".to_owned()
    };
    tokio::select! {
        reason = listening => reason,
        reason = speaking => reason,
    }
}
