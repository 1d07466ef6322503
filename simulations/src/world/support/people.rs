//! What people do about support: ask, accept, decline, change their mind,
//! decide, answer, confirm, close, take back, ask more experts.

use tern_crdt::ask::{Ask, Award, Urgency};
use tern_crdt::identity::{CertificateId, RequestId};
use tern_crdt::request::fold::{Case, Choice, State, Word};
use tern_crdt::request::{DeclineReason, Deed, EXPERTS_MAX, Outcome, Request, Step, Use};
use tern_crdt::signed::{Statement, Verified};
use tern_crdt::value::{Tree, Value};
use tern_protocol::routing::desk::{Dossier, Envelope, Sender};

use super::cast::BETWEEN;
use super::{Helper, MARK, Part, Sent, Support, Truth};
use crate::chance::Chance;
use crate::node::Nature;
use crate::people::Party;
use crate::world::World;

/// People say at most this much about one request.
const SAID_MAX: usize = 18;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Words that are found again wherever they are.
pub(super) fn words(chance: &mut Chance) -> String {
    const LETTERS: &[u8; 16] = b"abcdefghijklmnop";
    let drawn = chance.bytes::<16>();
    let letters = drawn.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let letters = letters.map(|half| LETTERS[usize::from(half)]);
    MARK.iter().copied().chain(letters).map(char::from).collect()
}

/// The words of a deed.
pub(super) fn texts(deed: &Deed) -> Vec<Vec<u8>> {
    let mut texts = vec![deed.note().as_bytes().to_vec()];
    if let Deed::Answer { reply, .. } = deed
        && let Some(Value::Text(said)) = reply.0.get("text")
    {
        texts.push(said.as_bytes().to_vec());
    }
    texts.retain(|text| !text.is_empty());
    texts
}

impl World {
    /// Somebody does something about support.
    pub fn help(&mut self) -> Result<(), String> {
        let up: Vec<usize> = (0..self.nodes.len())
            .filter(|node| self.nodes[*node].is_up() && !self.nodes[*node].gone)
            .filter(|node| !self.nodes[*node].is_catching_up())
            .collect();
        if self.chance.percent(15)
            && let Some(villain) =
                up.iter().find(|node| self.nodes[**node].nature == Nature::Villain)
        {
            return self.deceives(*villain);
        }
        let people: Vec<(usize, usize)> = up
            .iter()
            .flat_map(|node| self.nodes[*node].people.iter().map(|person| (*node, *person)))
            .collect();
        // Most of the time people have nothing to do; somebody who has is
        // found soon.
        for _ in 0..4 {
            let Some((node, person)) = self.chance.pick(&people).copied() else { return Ok(()) };
            let Some(support) = &self.support else { return Ok(()) };
            let (helper, wanted) = (support.people[person].clone(), support.wanted > 0);
            let done = match helper.part {
                Part::Asker if wanted => {
                    self.asks(node, &helper)?;
                    true
                }
                _ => self.goes_on(node, &helper)?,
            };
            if done {
                return Ok(());
            }
        }
        Ok(())
    }

    fn experts(&mut self, but: &[CertificateId]) -> Vec<CertificateId> {
        let Some(support) = &self.support else { return vec![] };
        let mut experts: Vec<CertificateId> = support
            .people
            .iter()
            .filter(|helper| helper.part == Part::Expert && !but.contains(&helper.certificate))
            .map(|helper| helper.certificate)
            .collect();
        let count = 1 + self.chance.below(3) as usize;
        let mut chosen = Vec::new();
        while chosen.len() < count.min(EXPERTS_MAX)
            && let Some(at) = self.chance.place(experts.len())
        {
            chosen.push(experts.swap_remove(at));
        }
        chosen
    }

    fn asks(&mut self, node: usize, asker: &Helper) -> Result<(), String> {
        let [title, need, name] = [0; 3].map(|_| words(&mut self.chance));
        let ask = Ask {
            title: Some(title.clone()),
            organisation: Some(name.clone()),
            urgency: if self.chance.percent(30) { Urgency::Urgent } else { Urgency::Normal },
            award: if self.chance.percent(50) { Award::Auto } else { Award::Manual },
            ..Ask::default()
        };
        let Tree(mut fields) = ask.to_tree();
        fields.insert("need".to_owned(), Value::Text(need.clone()));
        let to = self.experts(&[]);
        let request = Request {
            by: asker.certificate,
            nonce: self.chance.bytes(),
            ask: Tree(fields),
            to: to.clone(),
            claimed_at: self.clock(node),
        };
        let record = request.prepare().sign(self.federation, &asker.key);
        let request: Verified<Request> =
            record.verify(self.federation).and_then(Verified::read).map_err(text)?;
        let (now, chance) = (self.clock(node), self.chance.bytes());
        let Some(replica) = &self.nodes[node].replica else { return Ok(()) };
        let key = self.nodes[node].key.clone();
        let Some(support) = &mut self.support else { return Ok(()) };
        let certificate = *support.nodes.get(&key.public()).ok_or("a node of the stories")?;
        let sender = Sender { node: certificate, key: &key, chance, now };
        let id: RequestId = request.id().cast();
        let authority = replica.library().authority();
        let envelope = Envelope::of_request(authority, id, request.body());
        let outgoing = envelope.seal(self.federation, request.record(), &sender).map_err(text)?;
        let readers = support.readers(to.iter().chain([&asker.certificate]));
        let parties = support.parties_of(&readers);
        let texts = [title, need, name].map(String::into_bytes).to_vec();
        support.texts.extend(texts.iter().map(|text| (text.clone(), parties.clone())));
        support.wanted -= 1;
        support
            .parcels
            .insert(outgoing.id, Sent { request: id, readers, lie: None, inside: vec![] });
        let truth = Truth { request, parcel: outgoing.id, texts, events: [].into() };
        support.requests.insert(id, truth);
        self.tell(|world| {
            let experts: Vec<_> = to.iter().filter_map(|expert| world.who(expert)).collect();
            format!("{} asks {} in request {id:?}", asker.name, experts.join(" and "))
        });
        self.posts(node, id, outgoing, false);
        Ok(())
    }

    /// Goes on with a request that is known here; whether there was anything
    /// to say.
    fn goes_on(&mut self, node: usize, helper: &Helper) -> Result<bool, String> {
        let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
        let requests = replica.library().requests().map_err(text)?;
        let Some(request) = self.chance.pick(&requests).copied() else { return Ok(false) };
        let Some(replica) = &self.nodes[node].replica else { return Ok(false) };
        let library = replica.library();
        let Some(dossier) = library.dossier(&request).map_err(text)? else { return Ok(false) };
        let case = dossier.case(library.authority());
        let Some(support) = &self.support else { return Ok(false) };
        let Some(truth) = support.requests.get(&request) else { return Ok(false) };
        let closed = matches!(case.state, State::Closed(_));
        if truth.events.len() > SAID_MAX || case.state.is_over() && !closed {
            return Ok(false);
        }
        let mut wishes = match helper.part {
            Part::Expert => expert_wishes(helper, &dossier, &case),
            Part::Desk => vec![],
            Part::Focal => self.asker_wishes(support, &dossier, &case),
            Part::Asker if helper.certificate == dossier.request.body().by => {
                self.asker_wishes(support, &dossier, &case)
            }
            Part::Asker => vec![],
        };
        let org = self.nodes[node].party.map(|party| self.parties[party].org());
        let reads = org.is_some_and(|org| case.talk.desks.contains(&org));
        let named = self.experts(&[helper.certificate]).first().copied();
        let own = |by: &CertificateId| *by == helper.certificate;
        if let Some(to) = named
            && !closed
            && !case.talk.referrals.iter().any(|one| own(&one.by))
            && (helper.part == Part::Desk && reads
                || helper.part == Part::Expert && case.asked(&helper.certificate).is_some())
        {
            let weight = if helper.part == Part::Desk { 10 } else { 1 };
            wishes.push((weight, Deed::Refer { to, note: String::new() }));
        }
        let all: u64 = wishes.iter().map(|(weight, _)| weight).sum();
        if all == 0 {
            return Ok(false);
        }
        let mut drawn = self.chance.below(all);
        for (weight, wish) in wishes {
            if drawn < weight {
                let Some(deed) = self.worded(wish, &case) else { return Ok(false) };
                self.says(node, &dossier, helper.certificate, &helper.key, deed, false)?;
                return Ok(true);
            }
            drawn -= weight;
        }
        Ok(false)
    }

    /// What whoever decides may want now, with weights.
    fn asker_wishes(&self, support: &Support, dossier: &Dossier, case: &Case) -> Vec<(u64, Deed)> {
        let empty = String::new;
        if let (Some(close), State::Closed(_)) = (case.talk.closed, case.state) {
            let follow_up = Deed::FollowUp { close, outcome: Use::Used, note: empty() };
            return vec![(u64::from(case.talk.followed_up.is_none()), follow_up)];
        }
        let close =
            Deed::Close { outcome: Outcome::Met, rating: None, note: empty(), follow_up: None };
        let early = u64::from(dossier.events.len() > 3);
        let mut wishes = vec![(early, Deed::Withdraw { reason: empty() }), (early, close.clone())];
        for asked in &case.asked {
            if let Word::Accepted(accept) = asked.word
                && asked.choice != Choice::Chosen
            {
                let weight = if case.state == State::Accepted { 20 } else { 4 };
                wishes.push((weight, dossier.award_to(case, asked.expert, accept)));
            }
        }
        if let Some(answer) = case.answers.last()
            && case.state == State::Delivered
        {
            wishes.push((25, Deed::Confirm { answer: *answer }));
            wishes.push((25, Deed::Dispute { answer: *answer, reasons: empty() }));
        }
        for question in case.talk.open_questions() {
            wishes.push((15, Deed::Reply { ask: question.id, text: empty() }));
        }
        let further = if case.state == State::Unmet { 20 } else { early };
        let carrier = self.parties.get(BETWEEN).map(Party::org);
        wishes.push(match (case.talk.step, carrier) {
            (Step::Wider, Some(carrier)) => {
                let desks = vec![carrier];
                (further, Deed::Escalate { step: Step::Desks, desks, need: None })
            }
            (Step::Desks, _) => {
                let need = Some(dossier.request.id());
                (further, Deed::Escalate { step: Step::Board, desks: vec![], need })
            }
            _ => (further, Deed::Escalate { step: Step::Wider, desks: vec![], need: None }),
        });
        if case.state == State::Confirmed {
            wishes.push((25, close));
        }
        let experts = support.people.iter().filter(|person| person.part == Part::Expert).count();
        if case.asked.len() < experts {
            let weight = if case.state == State::Unmet { 20 } else { 1 };
            wishes.push((weight, Deed::Offer { to: vec![] }));
        }
        wishes
    }

    /// Puts words and names into what somebody wants to say.
    fn worded(&mut self, deed: Deed, case: &Case) -> Option<Deed> {
        let said = words(&mut self.chance);
        Some(match deed {
            Deed::Accept { .. } => Deed::Accept { note: said },
            Deed::Decline { .. } => {
                let reason = *self.chance.pick(DeclineReason::ALL)?;
                Deed::Decline { reason, note: said }
            }
            Deed::Answer { award, .. } => {
                let reply = Tree([("text".to_owned(), Value::Text(said))].into());
                Deed::Answer { award, reply }
            }
            Deed::Close { .. } => {
                let outcome = *self.chance.pick(Outcome::ALL)?;
                let rating = self.chance.percent(50).then_some(3);
                Deed::Close { outcome, rating, note: said, follow_up: None }
            }
            Deed::Ask { .. } => Deed::Ask { text: said },
            Deed::Reply { ask, .. } => Deed::Reply { ask, text: said },
            Deed::Progress { award, .. } => Deed::Progress { award, text: said },
            Deed::Refer { to, .. } => Deed::Refer { to, note: said },
            Deed::Dispute { answer, .. } => Deed::Dispute { answer, reasons: said },
            Deed::FollowUp { close, .. } => {
                let outcome = *self.chance.pick(Use::ALL)?;
                Deed::FollowUp { close, outcome, note: said }
            }
            Deed::Withdraw { .. } => Deed::Withdraw { reason: said },
            Deed::Offer { .. } => {
                let asked: Vec<_> = case.asked.iter().map(|asked| asked.expert).collect();
                let to = self.experts(&asked);
                if to.is_empty() {
                    return None;
                }
                Deed::Offer { to }
            }
            other => other,
        })
    }
}

/// What an expert may want to say now, with weights.
fn expert_wishes(helper: &Helper, dossier: &Dossier, case: &Case) -> Vec<(u64, Deed)> {
    let Some(asked) = case.asked(&helper.certificate) else { return vec![] };
    let accept = Deed::Accept { note: String::new() };
    let decline = Deed::Decline { reason: DeclineReason::Other, note: String::new() };
    let answer = |award| Deed::Answer { award, reply: Tree::default() };
    // An award that names this expert, though another stands.
    let earlier = dossier.events.iter().find_map(|(id, held)| match &held.event.body().deed {
        Deed::Award { expert, .. } if *expert == helper.certificate => Some(*id),
        _ => None,
    });
    let ask = (1, Deed::Ask { text: String::new() });
    let progress = |award| Deed::Progress { award, text: String::new() };
    if matches!(case.state, State::Closed(_)) {
        return vec![];
    }
    match (asked.word, asked.choice) {
        (Word::None | Word::Received, _) => vec![(6, accept), (2, decline), ask],
        (Word::Declined(_), _) => vec![(1, accept)],
        (Word::Accepted(_), Choice::Chosen) => {
            let answered = case.answers.len() as u64;
            let again = if case.state == State::Disputed { 24 } else { 24 / (1 + 4 * answered) };
            let more = case.award.map(|award| [(again, answer(award)), (2, progress(award))]);
            more.into_iter().flatten().chain([(1, decline), ask]).collect()
        }
        (Word::Accepted(_), _) => {
            let late = earlier.map(|award| [(2, answer(award)), (1, progress(award))]);
            late.into_iter().flatten().chain([(1, decline)]).collect()
        }
    }
}
