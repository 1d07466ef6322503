//! Who is a member: newcomers at this node's door, and this node at another's.

use minicbor::bytes::ByteVec;
use tern_crdt::authority::Standing as MemberStanding;
use tern_crdt::identity::{OrgId, PublicKey};
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::library::Library;
use crate::membership::Knocked;
use crate::message::{Join, Joined, Message};
use crate::runs::Talk;
use crate::session::Standing;
use crate::step::{Event, LinkId};
use crate::store::{Store, StoreError};

/// Whether an organisation is a member, and this its node.
pub(super) fn is_member<S: Store>(library: &Library<S>, org: &OrgId, node: &PublicKey) -> bool {
    let authority = library.authority();
    authority.standing(org) == Some(MemberStanding::Member) && authority.node(node).is_some()
}

impl<S: Store> Replica<S> {
    /// What a peer is to this node when its link opens.
    pub(super) fn standing(&self, peer: &PublicKey) -> Standing {
        if self.joining.as_ref().is_some_and(|knock| knock.invitation.inviter == *peer) {
            Standing::Asked
        } else if self.library.authority().node(peer).is_some() {
            Standing::Member
        } else {
            Standing::Stranger
        }
    }

    /// A newcomer knocks here.
    pub(super) fn knocked(
        &mut self,
        now: Timestamp,
        link: LinkId,
        join: &Join,
    ) -> Result<(), StoreError> {
        let Some(session) = self.links.get_mut(&link) else { return Ok(()) };
        let Knocked { answer, org, gap } = self.library.knocked(join, session.peer, now)?;
        if let Some(org) = org {
            session.standing = Standing::Knocking(org);
            session.knock = gap.then(|| Box::new(join.clone()));
        }
        match (&answer, org) {
            // The link becomes one of a member, and says so.
            (Joined::Member, _) if self.library.authority().node(&session.peer).is_some() => {
                self.events.push(Event::Members);
                return self.authority_changed(now);
            }
            // The root key in force vouches for it until it has a certificate.
            (Joined::Member, _) => session.standing = Standing::Member,
            // Nobody who asks for new keys is admitted by an invitation.
            (Joined::Waiting(_), Some(org))
                if !self.library.waiting().any(|(waiting, _)| waiting == org) =>
            {
                self.events.push(Event::Members);
            }
            (Joined::Waiting(_), Some(org)) => self.events.push(Event::Knocked(org)),
            _ => {}
        }
        self.say(link, &Message::Joined(answer.clone()));
        if let Joined::Refused(reason) = answer {
            self.hang_up(now, link, &reason);
        }
        Ok(())
    }

    /// A stranger shows that it is a node of a member.
    pub(super) fn shown(
        &mut self,
        now: Timestamp,
        link: LinkId,
        records: &[ByteVec],
    ) -> Result<(), StoreError> {
        let Some(session) = self.links.get_mut(&link) else { return Ok(()) };
        match self.library.shown(records, session.peer)? {
            Ok(org) => {
                session.standing = Standing::Knocking(org);
                self.events.push(Event::Members);
                self.authority_changed(now)
            }
            Err(reason) => {
                self.hang_up(now, link, reason);
                Ok(())
            }
        }
    }

    /// The peer answers whether it lets this node in, or asks who it is.
    pub(super) fn joined(&mut self, now: Timestamp, link: LinkId, joined: Joined) {
        match joined {
            Joined::Member => {
                if let Some(session) = self.links.get_mut(&link) {
                    session.standing = Standing::Member;
                }
                self.begin(link);
            }
            Joined::Unknown => match self.library.credentials(&self.node) {
                Some(records) => {
                    let of = self.links.get(&link);
                    if let Some((peer, terms)) = of.map(|s| (s.peer, s.meeting.terms)) {
                        let meeting = self.meeting_with(peer, terms);
                        if let Some(session) = self.links.get_mut(&link) {
                            session.standing = Standing::Asked;
                            session.meeting = meeting;
                            session.talk = Talk::default();
                        }
                    }
                    self.say(link, &Message::Credentials { records });
                }
                None => self.hang_up(now, link, "this node has no certificate to show"),
            },
            Joined::Waiting(why) => self.join_answered(Event::JoinWaits(why)),
            Joined::Refused(why) => self.join_answered(Event::JoinRefused(why)),
        }
    }

    /// The inviter answered; whoever looks later finds it too.
    fn join_answered(&mut self, answer: Event) {
        self.join_answer = Some(answer.clone());
        self.events.push(answer);
    }

    /// After who may say what has changed: those who waited may be members,
    /// this node too, and a link may be one of a member now.
    pub(super) fn authority_changed(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if !self.library.promote_waiting()?.is_empty() {
            self.events.push(Event::Members);
        }
        if self.joining.is_some() && is_member(&self.library, &self.org, &self.node) {
            self.joining = None;
            self.events.push(Event::Joined);
        }
        // What they showed may build on what came now.
        let knocks: Vec<(PublicKey, Box<Join>)> = self
            .links
            .values()
            .filter_map(|session| Some((session.peer, session.knock.clone()?)))
            .collect();
        for (peer, join) in knocks {
            self.library.knocked(&join, peer, now)?;
        }
        let mut admitted = Vec::new();
        for (link, session) in &mut self.links {
            let knocked = matches!(session.standing, Standing::Knocking(_));
            let waits = knocked || session.standing == Standing::Stranger;
            let known = self.library.authority().node(&session.peer).is_some();
            if waits && (known || knocked && self.library.recovered(&session.peer)?) {
                session.standing = Standing::Member;
                session.knock = None;
                admitted.extend(knocked.then_some(*link));
            }
        }
        for link in admitted {
            self.say(link, &Message::Joined(Joined::Member));
        }
        let gone: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, session)| session.standing == Standing::Member)
            .filter(|(_, session)| self.library.authority().was_node(&session.peer))
            .map(|(link, _)| *link)
            .collect();
        for link in gone {
            let reason = "it is no node of a member any more: its certificate was revoked, or its organisation was suspended, removed or left";
            self.hang_up(now, link, reason);
        }
        Ok(())
    }
}
