//! What a node says, carried out: and looked at, since what must never be said
//! is noticed here.

use bytes::Bytes;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::limits::{MESSAGE_BYTES_MAX, WINDOW_BYTES};
use tern_protocol::meeting::sketch::SYMBOL_BYTES;
use tern_protocol::message::Message;
use tern_protocol::runs::Run;
use tern_protocol::step::{CommandId, CommandRefused, Done, Event, Job, LinkId, Output};

use super::{Happening, World};
use crate::invariants::tells_nothing;
use crate::model::{Item, Own};
use crate::node::{Asked, Nature, Node};

impl World {
    pub fn carry_out(
        &mut self,
        node: usize,
        now: Timestamp,
        outputs: Vec<Output>,
    ) -> Result<(), String> {
        for output in outputs {
            match output {
                Output::Send { link, frame } => self.sends(node, link, frame)?,
                Output::Credit { link, bytes } => {
                    if let Some(link) = self.nodes[node].links.get(&link) {
                        self.network.credit(&mut self.agenda, link.end, bytes)?;
                    }
                }
                Output::Hangup { link } => {
                    if let Some(link) = self.nodes[node].links.remove(&link) {
                        self.network.hang_up(&mut self.agenda, link.end);
                    }
                }
                Output::Dial { address, peer } => self.dials(node, address, peer),
                Output::WakeAt(at) => {
                    let wait = at.since(now).min(24 * 60 * 60 * 1_000);
                    if wait <= 0 {
                        return Err(format!("{} wants to wake at once", self.name(node)));
                    }
                    let alarmed = &mut self.nodes[node];
                    alarmed.alarm += 1;
                    let (life, alarm) = (alarmed.life, alarmed.alarm);
                    self.agenda.after(wait, Happening::Alarm { node, life, alarm });
                }
                Output::Work(job) => self.works(node, job),
                Output::Answer { id, result } => self.answers(node, id, result)?,
                Output::Event(event) => self.tells(node, &event)?,
            }
        }
        Ok(())
    }

    fn works(&mut self, node: usize, job: Job) {
        let life = self.nodes[node].life;
        let late = self.chance.percent(self.scenario.faults.late_jobs) && self.trouble;
        let wait = if late { self.chance.between(0, 2_000) } else { 0 };
        let worked = Box::new(job.run());
        self.agenda.after(wait, Happening::Worked { node, life, worked });
    }

    /// A node sends a frame; what must never be sent is noticed here.
    fn sends(&mut self, number: usize, id: LinkId, frame: Bytes) -> Result<(), String> {
        let Some(link) = self.nodes[number].links.get_mut(&id) else { return Ok(()) };
        let to = *link;
        link.in_flight += frame.len();
        let in_flight = link.in_flight;
        if self.support.is_none() {
            self.tell(|world| {
                let what = spoken(&frame);
                format!("{} → {}: {what}", world.name(number), world.name(to.peer))
            });
        }
        if self.nodes[number].nature == Nature::Villain {
            return self.lies(number, to, frame);
        }
        if in_flight > WINDOW_BYTES + MESSAGE_BYTES_MAX {
            return Err(format!("{} has {in_flight} bytes on one link", self.name(number)));
        }
        let peer = self.nodes[to.peer].key.public();
        if !self.model.may_be_told(&peer) && !tells_nothing(&frame) {
            return Err(format!(
                "{} told {}, which is no member: {}",
                self.name(number),
                self.name(to.peer),
                spoken(&frame)
            ));
        }
        self.check_sealed(number, &frame)?;
        self.check_post(number, to.peer, &frame)?;
        self.overhear(&frame);
        self.network.send(&mut self.agenda, to.end, frame);
        Ok(())
    }

    fn overhear(&mut self, frame: &Bytes) {
        if self.chance.percent(10) {
            self.overheard.push_back(frame.clone());
            if self.overheard.len() > 20 {
                self.overheard.pop_front();
            }
        }
    }

    fn answers(
        &mut self,
        node: usize,
        id: CommandId,
        result: Result<Done, CommandRefused>,
    ) -> Result<(), String> {
        let Some(asked) = self.nodes[node].commands.remove(&id) else {
            return Err(format!("{} answers what nobody asked", self.name(node)));
        };
        self.tell(|world| {
            let what = match &result {
                Ok(_) => "done".to_owned(),
                Err(refused) => refused.to_string(),
            };
            format!("{} answers {asked:?}: {what}", world.name(node))
        });
        let desk = matches!(asked, Asked::Desk(_));
        if desk {
            self.nodes[node].desk.busy = false;
        }
        match (asked, result) {
            (Asked::Write(_) | Asked::Desk(_), Ok(Done::Written(changes)))
                if !changes.is_empty()
                    && self.nodes[node].is_catching_up()
                    && self.nodes[node].put_back_at != Some(self.agenda.now()) =>
            {
                return Err(format!("{} signs before it is in step again", self.name(node)));
            }
            (Asked::Write(items) | Asked::Desk(items), Ok(Done::Written(_) | Done::Noted)) => {
                for item in items {
                    self.model.acknowledged(item, node);
                    self.check_kept(node, &item)?;
                }
            }
            // A peer's word may have come between.
            (Asked::Desk(_) | Asked::Write(_), Err(CommandRefused::CatchingUp)) => {}
            (Asked::Desk(_), Err(refused)) => {
                return Err(format!("the desk of {} is refused: {refused}", self.name(node)));
            }
            (Asked::Write(_), Err(refused))
                if self.support.is_some() && self.nodes[node].is_honest() =>
            {
                return Err(format!("{} refuses its own people: {refused}", self.name(node)));
            }
            (Asked::Bundle { stick, bundle }, Ok(_)) => self.bundle_leaves(stick, *bundle),
            (Asked::Carried(carried), Ok(Done::TakenIn(taken))) => {
                self.taken_in(node, *carried, &taken)?;
            }
            (Asked::Heard { writer, counter, complete: true }, Ok(_)) => {
                self.heard(node, writer, counter)?;
            }
            (Asked::Letter(read), Ok(Done::TakenIn(taken))) => {
                self.took_letter(node, &read, &taken)?;
            }
            (Asked::ClearCopied, Ok(_)) => {
                self.nodes[node].cleared = self.is_only_one(node);
            }
            (Asked::Forbidden(what), Ok(_)) => {
                return Err(format!("{} wrote {what}", self.name(node)));
            }
            (Asked::Invitation { invited, knock }, Ok(_)) => {
                let item = Item::Own(Own::Invitation(knock.invitation.public()));
                self.model.acknowledged(item, node);
                self.check_kept(node, &item)?;
                self.nodes[invited].knock = Some(*knock);
                self.nodes[invited].needs_invitation = false;
                if self.nodes[invited].is_up() {
                    self.stop(invited, None, 100);
                } else {
                    self.agenda.after(100, Happening::Start(invited));
                }
            }
            _ => {}
        }
        self.filed_something(node);
        Ok(())
    }

    /// A node tells a fact. Honest nodes have nothing to say against each
    /// other.
    fn tells(&mut self, number: usize, event: &Event) -> Result<(), String> {
        self.tell(|world| format!("{}: {event:?}", world.name(number)));
        match event {
            Event::Parcel(parcel) => self.holds_parcel(number, *parcel),
            Event::CaughtUp(_) => self.filed_something(number),
            Event::PutBack(_) | Event::Copied(_) | Event::OtherRun { .. } => {
                return self.check_runs(number, event);
            }
            _ => {}
        }
        let (peer, wrong) = match event {
            Event::Refused { peer, reason } => {
                (*peer, (!reason.is_innocent()).then(|| reason.to_string()))
            }
            Event::HungUp { peer, reason } => (*peer, (!is_fair(reason)).then(|| reason.clone())),
            Event::JoinRefused(_) => {
                self.nodes[number].needs_invitation = true;
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.nodes[number].complaints.insert(peer);
        let honest = |node: &Node| node.is_honest() && node.key.public() == peer;
        let accused = self.nodes.iter().find(|node| honest(node));
        match (accused, wrong) {
            (Some(accused), Some(wrong)) if self.nodes[number].is_honest() => {
                Err(format!("{} says of {}: {wrong}", self.name(number), accused.name))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an honest peer may be hung up on with these words: it left, it is
/// not known yet, or it knocked in vain.
fn is_fair(reason: &str) -> bool {
    const FAIR: [&str; 8] = [
        "it is this node itself",
        "the peer left: ",
        "it is no node of a member",
        "it opened more links than it needs",
        "this node did not write that invitation",
        "the invitation has expired",
        "all is told until the next contact",
        "what it shows does not make it a node of a member",
    ];
    FAIR.iter().any(|fair| reason.starts_with(fair))
}

/// A frame in a word.
fn spoken(frame: &[u8]) -> String {
    match Message::from_bytes(frame) {
        Ok(Message::Hello(hello)) => format!("hello, round {}", hello.round),
        Ok(Message::Buckets { set, .. }) => format!("buckets of {set}"),
        Ok(Message::Names { set, bucket, names, .. }) => {
            format!("{} names of {set}/{bucket}", names.len() / 8)
        }
        Ok(Message::Symbols { set, range, symbols }) => {
            format!("{} symbols of {set}/{range}", symbols.len() / SYMBOL_BYTES)
        }
        Ok(Message::More { set, range, symbols }) => {
            format!("{symbols} symbols more of {set}/{range}, please")
        }
        Ok(Message::Divide { set }) => format!("bucket by bucket of {set}, please"),
        Ok(Message::Difference { set, range, lacks, has }) => {
            format!("lacks {}, has {} of {set}/{range}", lacks.len() / 4, has.len() / 8)
        }
        Ok(Message::Everything { set, range }) => format!("has nothing of {set}/{range}"),
        Ok(Message::Told { set }) => format!("all told of {set}"),
        Ok(Message::Answer { set, range, answers }) => {
            format!("answers {:?} of {set}/{range}", &answers[..])
        }
        Ok(Message::Parts { set, object, parts }) => {
            format!("{} parts of {:02x}{:02x} of {set}", parts.len() / 32, object[0], object[1])
        }
        Ok(Message::Pieces { set, pieces }) => {
            format!("{} pieces of {set}", pieces.unpack().map_or(0, |pieces| pieces.len()))
        }
        Ok(Message::End { pushed }) => format!("end, {pushed} pushed"),
        Ok(Message::Roots { root }) => format!("roots {:02x}{:02x}", root[0], root[1]),
        Ok(Message::Goodbye { reason }) => format!("goodbye: {reason}"),
        Ok(Message::Join(_)) => "may we join?".into(),
        Ok(Message::Joined(answer)) => format!("{answer:?}"),
        Ok(Message::Credentials { records }) => format!("{} credentials", records.len()),
        Ok(Message::Custody { records }) => format!("who holds {} parcels", records.len()),
        Ok(Message::CustodyTaken) => "noted who holds them".into(),
        Ok(Message::Run { mine, yours }) => {
            let number = |run: Run| format!("{}/{:02x}/{}", run.number, run.id[0], run.said);
            format!("this is run {}, you were {:?}", number(mine), yours.map(number))
        }
        Ok(Message::RunTaken) => "noted which run".into(),
        Ok(Message::RunTwice { other }) => format!("you run twice, also as {}", other.number),
        Err(refused) => format!("{} bytes of nothing: {refused}", frame.len()),
    }
}
