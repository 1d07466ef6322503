//! The federation of the fake node: three stewards, a suspended member, one
//! that left, a newcomer whose name is another's.

use tern_web_ui::service::*;

use super::{Fake, PASSPHRASE, invalid, now};

/// The organisation of the node.
pub const INSTITUTE: &str = "tern1g0institute9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
/// A steward beside it.
pub const REGISTRY: &str = "tern1g1registry9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
/// A member that is suspended.
pub const AUTHORITY: &str = "tern1g2authority9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
/// One that left.
pub const CENTRE: &str = "tern1g3centre9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
/// Who asks to be admitted.
pub const NEWCOMER: &str = "tern1q9dvt2mxakp3e";
/// A proposed charter.
pub const AMENDMENT: &str = "tern1ramendment9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
/// One that contradicts what the institute approved.
pub const RIVAL: &str = "tern1rrival9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
/// Bikash's certificate.
pub const BIKASH: &str = "tern1cbikash9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
/// Amina's.
pub const AMINA: &str = "tern1camina9dvt2mxakp3e7rs5w8ylj4c6h0fzn";

/// What stewards did here.
#[derive(Default)]
pub struct Governance {
    approved: Vec<String>,
    decided: Vec<(String, MemberAct)>,
    revoked: Vec<(String, String)>,
    policies: Option<Vec<Policy>>,
}

fn org(id: &str, name: &str) -> OrgLink {
    OrgLink { id: id.into(), name: name.into() }
}

fn institute() -> OrgLink {
    org(INSTITUTE, "Example Labour Institute")
}

fn registry() -> OrgLink {
    org(REGISTRY, "Civil Registry Service")
}

fn authority() -> OrgLink {
    org(AUTHORITY, "هيئة الاندماج")
}

/// Everyone who is or was a member.
pub fn members(decided: &Governance) -> Vec<Member> {
    let member = |link: OrgLink, country: &str, state, steward, own| {
        let acts = decided.decided.iter().filter(|(id, _)| *id == link.id);
        let state = acts.fold(state, |_, (_, act)| match act {
            MemberAct::Suspend => MemberState::Suspended,
            MemberAct::Remove => MemberState::Removed,
            MemberAct::Leave => MemberState::Left,
            MemberAct::Lift | MemberAct::Admit => MemberState::Member,
        });
        Member {
            id: link.id,
            name: link.name,
            country: Some(country.into()),
            kind: Some("National government".into()),
            state,
            steward,
            own,
        }
    };
    vec![
        member(institute(), "Nepal", MemberState::Member, true, true),
        member(registry(), "Niger", MemberState::Member, true, false),
        member(authority(), "Jordan", MemberState::Suspended, true, false),
        member(
            org(CENTRE, "Skills Recognition Centre"),
            "Philippines",
            MemberState::Left,
            false,
            false,
        ),
    ]
}

fn policy(code: &str, text: &str) -> Policy {
    Policy { code: code.into(), text: text.into() }
}

fn versions(decided: &Governance) -> Vec<CharterVersion> {
    let version = |number: u32, stewards: Vec<OrgLink>, policies, changes| CharterVersion {
        id: format!("tern1rcharter{number}9dvt2mxakp3e7rs5w8ylj4c6h0fzn"),
        number,
        name: "Knowledge Exchange".into(),
        majority: stewards.len() as u32 / 2 + 1,
        recall: if number == 0 { 1 } else { 3 },
        signed: stewards.clone(),
        stewards,
        policies,
        changes,
    };
    let three = vec![institute(), registry(), authority()];
    let appoints = vec![
        CharterChange::Appoints(registry()),
        CharterChange::Appoints(authority()),
        CharterChange::Recall { from: 1, to: 3 },
        CharterChange::Policy {
            code: "reviews".into(),
            from: None,
            to: Some("Two reviewers of other countries.\nNobody reviews a friend.".into()),
        },
    ];
    let policies = vec![
        policy("data-protection", "Each member names a person who answers within a month."),
        policy("reviews", "Two reviewers of other countries.\nNobody reviews a friend."),
        policy("our-own", "<b>Not</b> markup."),
    ];
    let policies = decided.policies.clone().unwrap_or(policies);
    vec![version(1, three, policies, appoints), version(0, vec![institute()], vec![], vec![])]
}

impl Fake {
    fn steward(&self, reader: &Reader) -> Result<Account, Refusal> {
        self.may(reader, |account| account.is(Role::Steward))
    }

    fn opens(passphrase: Option<&str>) -> Result<(), Refusal> {
        match passphrase {
            Some(PASSPHRASE) => Ok(()),
            _ => Err(invalid("passphrase", "This passphrase does not open the root key.")),
        }
    }

    fn waiting_items(&self) -> Vec<Waiting> {
        let state = self.state();
        let approved = |id: &str| state.governance.approved.iter().any(|given| given == id);
        let base = |id: &str, kind: &str| Waiting {
            id: id.into(),
            kind: kind.into(),
            needed: 2,
            approved_here: approved(id),
            approved: if approved(id) { vec![institute(), registry()] } else { vec![registry()] },
            missing: if approved(id) { vec![authority()] } else { vec![institute(), authority()] },
            ..Waiting::default()
        };
        let mut items = vec![Waiting {
            number: 2,
            changes: vec![
                CharterChange::Name {
                    from: "Knowledge Exchange".into(),
                    to: "The Exchange".into(),
                },
                CharterChange::Drops(authority()),
                CharterChange::Appoints(org(CENTRE, "Skills Recognition Centre")),
                CharterChange::Policy {
                    code: "reviews".into(),
                    from: Some("Two reviewers.".into()),
                    to: Some("Three reviewers.".into()),
                },
            ],
            to_agree: vec![org(CENTRE, "Skills Recognition Centre")],
            recall: Some((1, 3)),
            ..base(AMENDMENT, "charter")
        }];
        items.push(Waiting {
            number: 2,
            changes: vec![CharterChange::Policy {
                code: "our-own".into(),
                from: Some("x".into()),
                to: None,
            }],
            blocked: Some("Example Labour Institute has approved another for charter 2".into()),
            ..base(RIVAL, "charter")
        });
        items.extend(state.waiting.iter().map(|one| Waiting {
            about: org(&one.id, &one.name),
            country: one.country.clone(),
            fingerprint: Some(one.fingerprint.clone()),
            since: Some(one.asked),
            invited_here: true,
            returns: true,
            alike: vec![LookAlike { org: institute(), like: "words".into(), same_country: true }],
            neighbours: vec![registry()],
            approved: Vec::new(),
            needed: 1,
            ..base(&one.id, "admit")
        }));
        items.push(Waiting {
            about: authority(),
            reason: Some("It answers again.".into()),
            ..base("tern1rlift9dvt2mxakp3e7rs5w8ylj4c6h0fzn", "lift")
        });
        items
    }

    fn book(&self, reader: &Reader, id: &str) -> Result<OrganisationBook, Refusal> {
        self.may(reader, |_| true)?;
        let (steward, operator) = (
            self.steward(reader).is_ok(),
            self.may(reader, |account| account.is(Role::Operator)).is_ok(),
        );
        let state = self.state();
        let member = members(&state.governance).into_iter().find(|member| member.id == id);
        let member = member.ok_or(Refusal::NotFound)?;
        let line = |id: &str, person: Option<&str>, roles: &[Role], entry| {
            let revoked =
                state.governance.revoked.iter().find(|(certificate, _)| certificate == id);
            CertificateLine {
                id: id.into(),
                person: person.map(str::to_owned),
                roles: roles.to_vec(),
                node: roles.is_empty(),
                fingerprint: "9dvt 2mxa kp3e 7rs5".into(),
                entry,
                state: if revoked.is_some() { "revoked" } else { "live" }.into(),
                ended: revoked.map(|(_, reason)| reason.clone()),
                ended_by: revoked.map(|_| 6),
                only: (id == BIKASH).then(|| vec![("draft", "tern1d<valley>".to_owned())]),
                quota: (id == BIKASH).then_some(40),
                ends: (id == BIKASH).then_some((31, 14)),
                own: id == AMINA,
            }
        };
        let mut acts = Vec::new();
        match (member.own, member.state) {
            (true, MemberState::Member) if operator => acts.push(MemberAct::Leave),
            (false, MemberState::Member) if steward => {
                acts.extend([MemberAct::Suspend, MemberAct::Remove]);
            }
            (false, MemberState::Suspended) if steward => {
                acts.extend([MemberAct::Lift, MemberAct::Remove]);
            }
            (false, MemberState::Left | MemberState::Removed) if steward => {
                acts.push(MemberAct::Admit);
            }
            _ => {}
        }
        Ok(OrganisationBook {
            beacon: 17,
            reason: (member.state == MemberState::Suspended)
                .then(|| "Nobody answers its <telephone>.".to_owned()),
            fingerprint: Some("4hq7 9dvt 2mxa kp3e".into()),
            certificates: vec![
                line("tern1cnode9dvt2mxakp3e7rs5w8ylj4c6h0fzn", None, &[], 2),
                line(AMINA, Some("Amina Saleh"), &[Role::Operator, Role::Steward], 3),
                line(BIKASH, None, &[Role::Contributor], 4),
            ],
            acts,
            may_revoke: member.own && operator,
            passphrase: true,
            member,
        })
    }
}

impl Governing for Fake {
    fn awaiting<'a>(&'a self, _: &'a Reader) -> Answer<'a, u32> {
        let count = self.waiting_items().iter().filter(|one| one.is_for_us()).count();
        now(Ok(count as u32))
    }

    fn charter<'a>(&'a self, reader: &'a Reader) -> Answer<'a, CharterBook> {
        let may_propose = self.steward(reader).is_ok();
        let versions = versions(&self.state().governance);
        let fingerprint = "0fzn 9dvt 2mxa kp3e".into();
        now(Ok(CharterBook { fingerprint, versions, proposed: 2, members: 4, may_propose }))
    }

    fn charter_form<'a>(&'a self, reader: &'a Reader) -> Answer<'a, CharterForm> {
        let may = self.steward(reader);
        let now_in_force = versions(&self.state().governance).swap_remove(0);
        now(may.map(|_| CharterForm {
            number: 2,
            now: now_in_force,
            members: vec![institute(), registry(), authority()],
            codes: vec!["reviews".into(), "seals".into()],
            passphrase: true,
        }))
    }

    fn check_charter<'a>(
        &'a self,
        reader: &'a Reader,
        amended: &'a Amended,
    ) -> Answer<'a, CharterCheck> {
        if let Err(refusal) = self.steward(reader) {
            return now(Err(refusal));
        }
        if !matches!(amended.stewards.len(), 1 | 3 | 5 | 7) {
            let message = "A charter names 1, 3, 5 or 7 stewards.";
            return now(Err(invalid("steward", message)));
        }
        let seals = amended.policies.iter().find(|policy| policy.code == "seals");
        let changes =
            seals.filter(|policy| !policy.text.is_empty()).map(|policy| CharterChange::Policy {
                code: policy.code.clone(),
                from: None,
                to: Some(policy.text.clone()),
            });
        match changes {
            Some(change) => {
                now(Ok(CharterCheck { number: 2, changes: vec![change], passphrase: true }))
            }
            None => now(Err(invalid("charter", "This would change nothing."))),
        }
    }

    fn propose_charter<'a>(
        &'a self,
        reader: &'a Reader,
        amended: &'a Amended,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, bool> {
        let may = self.steward(reader).and_then(|_| Self::opens(passphrase));
        now(may.map(|()| {
            self.state().governance.policies = Some(amended.policies.clone());
            true
        }))
    }

    fn proposals<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Proposals> {
        let (may, steward) = (self.may(reader, |_| true), self.steward(reader).is_ok());
        now(may.map(|_| Proposals {
            items: self.waiting_items(),
            fingerprint: "0fzn 9dvt 2mxa kp3e".into(),
            may_approve: steward,
            passphrase: true,
        }))
    }

    fn approve<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        let may = self.steward(reader).and_then(|_| Self::opens(passphrase));
        now(may.map(|()| {
            let mut state = self.state();
            state.governance.approved.push(id.to_owned());
            state.waiting.retain(|one| one.id != id);
        }))
    }

    fn organisation<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, OrganisationBook> {
        now(self.book(reader, id))
    }

    fn act_on_member<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        act: MemberAct,
        _: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, bool> {
        let may = self.steward(reader).and_then(|_| Self::opens(passphrase));
        now(may.map(|()| {
            self.state().governance.decided.push((id.to_owned(), act));
            true
        }))
    }

    fn revoke<'a>(
        &'a self,
        reader: &'a Reader,
        certificate: &'a str,
        reason: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, u64> {
        let operator = self.may(reader, |account| account.is(Role::Operator));
        now(operator.and_then(|_| Self::opens(passphrase)).map(|()| {
            let revoked = (certificate.to_owned(), reason.to_owned());
            self.state().governance.revoked.push(revoked);
            3
        }))
    }

    fn data_policy<'a>(&'a self, _: &'a Reader) -> Answer<'a, Option<String>> {
        let all = versions(&self.state().governance).swap_remove(0).policies;
        now(Ok(all.into_iter().find(|policy| policy.code == "data-protection").map(|p| p.text)))
    }
}
