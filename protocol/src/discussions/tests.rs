//! Niger opens a discussion and asks the authors of a practice of Chad; told to
//! two nodes in two orders, and one post is taken back.

use serde_json::json;
use tern_crdt::authority::{Erase, EraseReason, Role};
use tern_crdt::discussion::{
    Advice, Answers, Deed, Discussion, DiscussionEvent, DiscussionForm, Reason,
};
use tern_crdt::identity::{DiscussionId, RecordId, SecretKey};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;

use super::HeldDiscussion;
use crate::gate::GateRefused;
use crate::library::Library;
use crate::meeting::set::SetId;
use crate::step::Change;
use crate::store::memory::MemoryStore;
use crate::story::{Holder, Hub, piece};

struct Story {
    hub: Hub,
    /// Moderates for Niger.
    awa: Holder,
    opened: Record,
}

fn post(answers: Answers, text: &str) -> Deed {
    Deed::Post { answers, lang: "en".into(), text: text.into() }
}

impl Story {
    fn new() -> Self {
        let mut hub = Hub::new();
        let key = SecretKey::from_seed(&[101; 32]);
        let certificate = hub.niger.grant(key.public(), &[Role::Moderator]);
        let awa = Holder { key, certificate };
        let form = json!({ "title": "One desk, or many?", "questions": ["Who paid?"] });
        let opened = Discussion {
            by: hub.niger.publisher.certificate,
            nonce: [1; 16],
            form: DiscussionForm::from_json(&form, "en").expect("a discussion").to_tree(),
            practice: None,
            moderators: vec![],
            claimed_at: Timestamp(1),
        };
        let opened = opened.prepare().sign(hub.federation, &hub.niger.publisher.key);
        Self { hub, awa, opened }
    }

    fn id(&self) -> DiscussionId {
        self.opened.id().cast()
    }

    fn says(&self, who: &Holder, discussion: DiscussionId, deed: Deed) -> Record {
        let (by, after) = (who.certificate, Vec::new());
        let event = DiscussionEvent { by, discussion, after, deed, claimed_at: Timestamp(3) };
        event.prepare().sign(self.hub.federation, &who.key)
    }

    fn told(&self, said: &[&Record]) -> Library<MemoryStore> {
        let mut library = self.hub.library();
        for record in said {
            let told = self.hub.submit(&mut library, &piece(record));
            assert!(matches!(told, Ok(Change::Discussion(_))), "{told:?}");
        }
        library.commit().expect("room");
        library
    }
}

fn read(library: &Library<MemoryStore>, id: &DiscussionId) -> HeldDiscussion {
    library.discussion(id).expect("sound").expect("held")
}

#[test]
fn two_nodes_that_heard_it_in_two_orders_and_one_that_started_again_tell_the_same() {
    let story = Story::new();
    let (chad, niger) = (&story.hub.chad, &story.hub.niger);
    let ask = story.says(&chad.contributor, story.id(), post(Answers::Question(0), "The fund"));
    let reply = post(Answers::Post(ask.id()), "Which one?");
    let reply = story.says(&niger.contributor, story.id(), reply);
    let advice = Deed::Advise {
        about: ask.id(),
        advice: Advice::Warn,
        reason: Reason::OffTopic,
        lang: "en".into(),
        text: String::new(),
    };
    let advice = story.says(&story.awa, story.id(), advice);
    let one = story.told(&[&story.opened, &ask, &reply, &advice]);
    let other = story.told(&[&advice, &reply, &ask, &story.opened]);
    let again = Library::open(other.into_store(), story.hub.federation).expect("sound");
    let told = |library: &Library<MemoryStore>| {
        read(library, &story.id()).conversation(library.authority())
    };
    assert_eq!(told(&one), told(&again));
    assert_eq!(told(&one).posts.len(), 2);
    assert_eq!(told(&one).posts[0].advised.len(), 1);
    assert_eq!(one.set(SetId::Public).root(), again.set(SetId::Public).root());
    assert_eq!(again.discussions().opened().collect::<Vec<_>>(), [(story.id(), None)]);
}

#[test]
fn who_has_no_role_for_it_is_not_held() {
    let story = Story::new();
    let mut library = story.hub.library();
    let niger = &story.hub.niger;
    let by_node = story.says(&niger.node, story.id(), post(Answers::Discussion, "Buy"));
    let sum = Deed::Close { lang: "en".into(), text: "Enough".into() };
    let by_writer = story.says(&niger.contributor, story.id(), sum);
    for refused in [&by_node, &by_writer] {
        let told = story.hub.submit(&mut library, &piece(refused));
        assert!(matches!(told, Err(GateRefused::Forbidden(_))), "{told:?}");
    }
}

#[test]
fn the_authors_of_a_practice_are_asked_without_anybody_opening_anything() {
    let story = Story::new();
    let edition = story.hub.edition(&story.hub.chad.publisher, &[], "Desks");
    let id: DiscussionId = edition.practice().cast();
    let ask = story.says(&story.hub.niger.contributor, id, post(Answers::Discussion, "Who paid?"));
    let mut library = story.told(&[&ask]);
    assert!(library.discussion(&id).expect("sound").is_none(), "its practice is not here yet");
    library.admit(edition.examined()).expect("sound").expect("admitted");
    let told = read(&library, &id).conversation(library.authority());
    assert_eq!((told.posts.len(), told.moderators), (1, [story.hub.chad.org()].into()));
    assert_eq!(library.discussions().spoken().collect::<Vec<_>>(), [id]);
}

#[test]
fn what_its_author_takes_back_is_gone_and_its_answers_stay() {
    let story = Story::new();
    let (chad, niger) = (&story.hub.chad, &story.hub.niger);
    let ask = story.says(&chad.contributor, story.id(), post(Answers::Discussion, "My number"));
    let reply = post(Answers::Post(ask.id()), "Take that down");
    let reply = story.says(&niger.contributor, story.id(), reply);
    let mut library = story.told(&[&story.opened, &ask, &reply]);
    let (by, object) = (chad.contributor.certificate, *ask.id().as_bytes());
    let erase = Erase { by, object, author: by, reason: EraseReason::PersonalData };
    let erase = erase.prepare().sign(story.hub.federation, &chad.contributor.key);
    story.hub.submit(&mut library, &piece(&erase)).expect("its author takes it back");
    library.commit().expect("room");
    let told = read(&library, &story.id()).conversation(library.authority());
    let posts: Vec<RecordId> = told.posts.iter().map(|said| said.id).collect();
    assert_eq!(posts, [reply.id()]);
    assert_eq!(library.discussions().of(&ask.id()), None);
    let back = story.hub.submit(&mut library, &piece(&ask));
    assert!(matches!(back, Err(GateRefused::Erased)), "{back:?}");
}
