//! Experts and requests of the fake node: a small story, and a life of a
//! request simple enough to be read in one go.

use serde_json::json;

use super::content::{DAY, NOW};
use super::*;

/// What the fake node knows of experts and requests.
pub struct Support {
    pub experts: Vec<Expert>,
    pub requests: Vec<Request>,
    pub keys: HashMap<String, String>,
    pub changes: tokio::sync::broadcast::Sender<Change>,
    pub number: u64,
    /// Those who typed their passphrase, so that their requests can be read.
    pub opened: Vec<String>,
}

/// Rosa, who has a card and an account here.
pub const ROSA: &str = "tern1cr0sa9dvt2mxakp3e7rs5w8ylj4c6h0fzn";
const HERE: &str = "Example Labour Institute";
const NEED: &str = "We open a centre in March where returning workers can deal with papers, savings \
    and the search for work in one visit. Four agencies will share it. None of us has run a shared \
    desk before.\n\nWe would like help with three things: who does what among the agencies, a simple \
    intake form, and a two-day training for the first twelve people who will work there.";

fn party(person: Option<&str>, organisation: &str) -> Party {
    Party { person: person.map(str::to_owned), organisation: organisation.to_owned() }
}

fn expert(id: &str, name: Option<&str>, organisation: &str, country: &str, card: Json) -> Expert {
    Expert {
        id: id.to_owned(),
        name: name.map(str::to_owned),
        organisation: organisation.to_owned(),
        country: Some(Choice { code: country.to_owned(), label: country.to_owned() }),
        card: serde_json::from_value(card).expect("a card file"),
        state: CardState::Listed,
        signed: NOW - 40 * DAY,
        expires: NOW + 325 * DAY,
        load: 0,
    }
}

fn experts(lists: &Vocabularies) -> Vec<Expert> {
    let mut all = vec![
        expert(
            "tern1ca1chatou9dvt2mxakp3e7rs5w8ylj4c6h",
            Some("Aïchatou Moussa"),
            "Civil Registry Service",
            "NE",
            json!({"name": "Aïchatou Moussa", "objectives": [4, 15, 21], "topics": ["data"],
                "languages": [{"tag": "fr", "can": "write"}, {"tag": "en", "can": "work"}],
                "country_experience": ["NE", "TD", "BF"],
                "support_types": ["question", "expert-advice", "workshop"],
                "years": "10-19", "modality": "both", "hours": 8, "cost": "free"}),
        ),
        expert(
            "tern1csk1lls9dvt2mxakp3e7rs5w8ylj4c6h0f",
            None,
            "Skills Recognition Centre",
            "PH",
            json!({"objectives": [18, 21], "topics": ["skills"],
                "languages": [{"tag": "en", "can": "train"}], "country_experience": ["PH"],
                "support_types": ["expert-advice", "workshop"], "modality": "remote", "hours": 4}),
        ),
        expert(
            "tern1cr0c10vargas9dvt2mxakp3e7rs5w8ylj4",
            Some("Rocío Vargas"),
            "Child Protection Round Table",
            "CR",
            json!({"name": "Rocío Vargas", "objectives": [7, 12, 21],
                "languages": [{"tag": "es", "can": "train"}, {"tag": "en", "can": "work"}],
                "country_experience": ["CR", "NI"], "support_types": ["question"]}),
        ),
        expert(
            "tern1cla1la9dvt2mxakp3e7rs5w8ylj4c6h0fz",
            Some("ليلى حداد"),
            "هيئة الاندماج",
            "JO",
            json!({"name": "ليلى حداد", "objectives": [15, 16, 21],
                "languages": [{"tag": "ar", "can": "train"}], "country_experience": ["JO"],
                "support_types": ["expert-advice", "tool-transfer"], "years": "5-9"}),
        ),
        expert(
            ROSA,
            Some("Rosa Quispe"),
            HERE,
            "NP",
            json!({"name": "Rosa Quispe", "objectives": [3, 6],
                "languages": [{"tag": "en", "can": "write"}, {"tag": "es", "can": "write"}],
                "country_experience": ["NP"], "support_types": ["question", "document-review"],
                "hours": 6}),
        ),
    ];
    for expert in &mut all {
        if let Some(country) = &mut expert.country {
            *country = Fake::choice(&lists.countries, &country.code);
        }
    }
    all
}

fn event(kind: EventKind, actor: Party, days: i64, later: i64) -> RequestEvent {
    RequestEvent {
        kind,
        actor,
        claimed: NOW - days * DAY,
        received: NOW - days * DAY + later,
        note: None,
        reason: None,
        about: None,
    }
}

fn step(stage: Stage, organisation: &str, at: i64) -> Step {
    let node = format!("tern1n{}9dvt2mxakp3e7rs5w8ylj4c6h", stage.code());
    Step { stage, node, organisation: organisation.to_owned(), at }
}

fn part(part: &str, points: u32, of: u32, detail: &str, data: &[&str]) -> ScorePart {
    let data = data.iter().map(|d| Choice { code: (*d).into(), label: (*d).into() });
    ScorePart { part: part.into(), points, of, detail: detail.into(), data: data.collect() }
}

fn parts(points: u32) -> Vec<ScorePart> {
    vec![
        part("objectives", 30, 30, "objectives", &["21 Return and reintegration"]),
        part("support", points, 20, "support", &["Expert advice"]),
        part("languages", 15, 15, "speaks", &["English"]),
        part("country", 5, 15, "knows-region", &["Burkina Faso"]),
        part("availability", 10, 10, "free", &["8"]),
        part("load", 10, 10, "in-hand", &[]),
    ]
}

fn total(parts: &[ScorePart]) -> u32 {
    parts.iter().map(|part| part.points).sum()
}

fn invited(expert: &Expert, said: Said) -> Invited {
    let parts = parts(20);
    Invited {
        expert: expert.id.clone(),
        party: party(expert.name.as_deref(), &expert.organisation),
        score: Some(total(&parts)),
        parts,
        said,
        reason: None,
        note: None,
        at: (said != Said::Nothing).then_some(NOW - DAY),
    }
}

fn request(id: &str, side: Side, asker: Party, ask: Json) -> Request {
    let ask: Ask = serde_json::from_value(ask).expect("a request file");
    Request {
        id: format!("tern1r{id}9dvt2mxakp3e7rs5w8ylj4c6h0fzn"),
        side,
        state: RequestState::Proposed,
        lang: ask.language.clone().unwrap_or_default(),
        ask,
        tried: Vec::new(),
        translate: None,
        readers: vec![RequestReader { party: asker.clone(), role: ReaderRole::Asker }],
        sent: NOW - 4 * DAY,
        due: Some(NOW + 3 * DAY),
        holder: None,
        since: Some(NOW - 2 * DAY),
        trails: Vec::new(),
        events: vec![event(EventKind::Submit, asker.clone(), 4, 0)],
        asker,
        refused: Vec::new(),
        candidates: Vec::new(),
        answer: None,
        closure: None,
        talk: Talk::default(),
        unreachable: Vec::new(),
        superseded_by: None,
        waits: false,
        acts: Vec::new(),
        passphrase: false,
    }
}

/// Ours: one that waits for a choice, one that is answered.
fn ours(experts: &[Expert], practices: &[Sample]) -> Vec<Request> {
    let amina = party(Some("Amina Saleh"), HERE);
    let mut centre = request(
        "centre",
        Side::Asker,
        amina.clone(),
        json!({"language": "en", "mode": "routed", "award": "manual",
            "title": "Setting up a one-stop centre for returning workers", "country": "TD",
            "support_types": ["expert-advice", "workshop"], "objectives": [21], "need": NEED,
            "desired_result": "A plan of who does what, an intake form, a training.",
            "tried": [practices[3].id],
            "languages_out": ["en", "fr", "ar"], "needed_by": "2026-12-20", "urgency": "normal",
            "modality": "both"}),
    );
    centre.candidates = vec![
        invited(&experts[0], Said::Accepted),
        invited(&experts[1], Said::Nothing),
        invited(&experts[2], Said::Declined),
    ];
    centre.candidates[0].note = Some("We run two such desks. I can start next week.".into());
    centre.candidates[2].reason = Some(Choice { code: "no-time".into(), label: "no-time".into() });
    centre.state = RequestState::Accepted;
    centre.holder = Some(amina.clone());
    let aichatou = party(Some("Aïchatou Moussa"), "Civil Registry Service");
    let rocio = party(Some("Rocío Vargas"), "Child Protection Round Table");
    let mut declined = event(EventKind::Decline, rocio.clone(), 2, 9_000);
    declined.reason = Some(Choice { code: "no-time".into(), label: "no-time".into() });
    let mut accepted = event(EventKind::Accept, aichatou.clone(), 2, 31_000);
    accepted.note = centre.candidates[0].note.clone();
    centre.events.extend([declined, accepted]);
    centre.readers.extend([
        RequestReader { party: aichatou.clone(), role: ReaderRole::Expert },
        RequestReader { party: party(None, "Civil Registry Service"), role: ReaderRole::Desk },
        RequestReader { party: party(None, HERE), role: ReaderRole::Desk },
    ]);
    centre.trails = vec![
        Trail {
            what: Carried::Request,
            to: aichatou.clone(),
            steps: vec![
                step(Stage::Made, HERE, NOW - 4 * DAY),
                step(Stage::Carried, "Riverside Hotline", NOW - 4 * DAY + 7_200),
                step(Stage::Arrived, "Civil Registry Service", NOW - 3 * DAY),
                step(Stage::Opened, "Civil Registry Service", NOW - 3 * DAY + 5_400),
            ],
        },
        Trail {
            what: Carried::Word,
            to: amina.clone(),
            steps: vec![
                step(Stage::Made, "Civil Registry Service", NOW - 2 * DAY),
                step(Stage::Carried, "Riverside Hotline", NOW - 2 * DAY + 3_600),
                step(Stage::Arrived, HERE, NOW - 2 * DAY + 31_000),
            ],
        },
    ];
    let asked = |text: &str, at| Remark { by: aichatou.clone(), text: text.to_owned(), at };
    centre.talk.questions = vec![Question {
        id: "tern1xhowmany9dvt2mxakp3e7rs5w8".into(),
        asked: asked("How many people will work at the centre?", NOW - DAY),
        replies: Vec::new(),
    }];
    centre.talk.named = vec![Named {
        expert: experts[3].id.clone(),
        party: party(experts[3].name.as_deref(), &experts[3].organisation),
        by: rocio.clone(),
        note: Some("She set up the first shared desk here.".into()),
        asked: false,
    }];
    centre.unreachable = vec![Unreachable {
        organisation: "Skills Recognition Centre".into(),
        since: NOW - 6 * DAY,
    }];
    centre.refused = vec![RefusedEvent {
        kind: "accept".into(),
        actor: party(None, "Riverside Hotline"),
        received: NOW - DAY,
        reason: "Its key was revoked before this was signed, and it was never asked.".into(),
    }];

    let mut papers = request(
        "papers",
        Side::Asker,
        amina.clone(),
        json!({"language": "en", "title": "Registering births along trade routes", "country": "TD",
            "support_types": ["question"], "objectives": [4], "need": NEED,
            "languages_out": ["en"], "needed_by": "2026-12-01"}),
    );
    papers.state = RequestState::Delivered;
    papers.holder = Some(amina.clone());
    papers.due = None;
    papers.candidates = vec![invited(&experts[0], Said::Awarded)];
    let mut award = event(EventKind::Award, amina, 3, 0);
    award.about = Some(aichatou.clone());
    papers.events.extend([
        event(EventKind::Accept, aichatou.clone(), 3, 600),
        award,
        event(EventKind::Answer, aichatou.clone(), 1, 4_000),
    ]);
    let cited = practices.get(1).map(|practice| Cited {
        id: practice.id.clone(),
        title: Some(Phrase {
            text: "Mobile teams that register births and identity papers along pastoral routes"
                .into(),
            lang: "en".into(),
        }),
    });
    papers.answer = Some(Answered {
        text: "Two people with a solar kit are enough for one route.\n\nPublish the calendar \
            first: families plan by it."
            .into(),
        lang: "en".into(),
        by: aichatou,
        claimed: NOW - DAY,
        received: NOW - DAY + 4_000,
        practices: cited
            .into_iter()
            .chain([Cited { id: "tern1pfaraway9dvt2mxakp3e7rs5w8".into(), title: None }])
            .collect(),
    });
    // Nobody took this one, and somebody saw what was posted of it.
    let mut herders = request(
        "herders",
        Side::Asker,
        party(Some("Amina Saleh"), HERE),
        json!({"language": "en", "title": "Papers for herders who cross borders", "country": "TD",
            "support_types": ["question"], "objectives": [4], "need": NEED,
            "languages_out": ["en"], "needed_by": "2026-12-01"}),
    );
    herders.state = RequestState::Unmet;
    herders.candidates = vec![invited(&experts[2], Said::Declined)];
    herders.talk.helps = vec![Help {
        expert: experts[3].id.clone(),
        said: Remark {
            by: party(experts[3].name.as_deref(), &experts[3].organisation),
            text: "We gave such papers to two thousand families.".into(),
            at: NOW - DAY,
        },
        asked: false,
    }];
    vec![centre, papers, herders]
}

/// Asked of Rosa: a new one, one she works on, one that another got.
fn theirs() -> Vec<Request> {
    let registry = "Civil Registry Service";
    let asker = party(Some("Aïchatou Moussa"), registry);
    let rosa = party(Some("Rosa Quispe"), HERE);
    let make = |id: &str, title: &str, state, said| {
        let mut request = request(
            id,
            Side::Expert,
            asker.clone(),
            json!({"language": "en", "title": title, "country": "NE",
                "support_types": ["document-review"], "objectives": [3], "need": NEED,
                "languages_out": ["en"], "needed_by": "2026-12-20"}),
        );
        request.state = state;
        request.holder = Some(rosa.clone());
        request.candidates = vec![Invited {
            expert: ROSA.into(),
            party: rosa.clone(),
            score: None,
            parts: Vec::new(),
            said,
            reason: None,
            note: None,
            at: None,
        }];
        request.trails = vec![Trail {
            what: Carried::Request,
            to: rosa.clone(),
            steps: vec![
                step(Stage::Made, registry, NOW - 4 * DAY),
                step(Stage::Carried, "Riverside Hotline", NOW - 3 * DAY),
                step(Stage::Arrived, HERE, NOW - 2 * DAY),
            ],
        }];
        request
    };
    let leaflet = make(
        "leaflet",
        "A leaflet on fair recruitment, read through",
        RequestState::Proposed,
        Said::Nothing,
    );
    let mut contract = make(
        "contract",
        "A model contract for herders’ helpers",
        RequestState::InProgress,
        Said::Awarded,
    );
    let mut award = event(EventKind::Award, asker.clone(), 1, 900);
    award.about = Some(rosa.clone());
    contract.events.extend([event(EventKind::Accept, rosa.clone(), 2, 0), award]);
    let mut hotline =
        make("hotline", "Training for a hotline", RequestState::InProgress, Said::Superseded);
    hotline.superseded_by = Some(party(None, registry));
    hotline.holder = Some(party(None, "Child Protection Round Table"));
    hotline.events.push(event(EventKind::Accept, rosa, 2, 0));
    vec![leaflet, contract, hotline]
}

impl Support {
    /// The story, or nothing at all.
    pub fn new(lists: &Vocabularies, practices: &[Sample]) -> Self {
        let (mut all, mut requests) = (Vec::new(), Vec::new());
        if !practices.is_empty() {
            all = experts(lists);
            requests = ours(&all, practices);
            requests.extend(theirs());
        }
        Self {
            opened: Vec::new(),
            experts: all,
            requests,
            keys: HashMap::new(),
            changes: tokio::sync::broadcast::channel(16).0,
            number: 0,
        }
    }

    /// Tells those who listen.
    pub fn tell(&mut self, topic: Topic, id: &str) {
        self.number += 1;
        let _ = self.changes.send(Change { number: self.number, topic, id: id.to_owned() });
    }
}

/// What a person may do about a request.
fn acts(request: &Request, account: &Account) -> Vec<ActKind> {
    let said = |said| request.candidates.iter().any(|one| one.said == said);
    match (request.side, request.state) {
        (Side::Asker, _) if !account.may_draft() => Vec::new(),
        (Side::Asker, RequestState::Accepted) if said(Said::Accepted) => {
            let open = request.talk.questions.iter().any(|one| one.replies.is_empty());
            let reply = open.then_some(ActKind::Reply);
            let all = [Some(ActKind::Award), reply, Some(ActKind::Offer), Some(ActKind::Withdraw)];
            all.into_iter().flatten().collect()
        }
        (
            Side::Asker,
            RequestState::Submitted
            | RequestState::Proposed
            | RequestState::Accepted
            | RequestState::InProgress,
        ) => vec![ActKind::Withdraw],
        (Side::Asker, RequestState::Delivered) => {
            vec![ActKind::Confirm, ActKind::Dispute, ActKind::Close, ActKind::Withdraw]
        }
        (Side::Asker, RequestState::Disputed) => vec![ActKind::Confirm, ActKind::Close],
        (Side::Asker, RequestState::Unmet) => vec![ActKind::Offer, ActKind::Escalate],
        (Side::Asker, RequestState::Closed) if request.talk.became.is_none() => {
            vec![ActKind::FollowUp]
        }
        (Side::Asker, RequestState::Confirmed) => vec![ActKind::Close],
        (Side::Expert, RequestState::Proposed) if said(Said::Nothing) => {
            vec![ActKind::Accept, ActKind::Question, ActKind::Refer, ActKind::Decline]
        }
        (Side::Expert, RequestState::InProgress) if said(Said::Awarded) => {
            vec![ActKind::Answer, ActKind::Progress, ActKind::Question]
        }
        _ => Vec::new(),
    }
}

/// A practice with its title, where it is here.
fn cite(samples: &[Sample], id: &str) -> Cited {
    let title = samples.iter().find(|sample| sample.id == id).map(|sample| {
        let fields = &sample.editions.last().expect("an edition").fields;
        let (lang, text) = fields.title.best(&["en"]).expect("a title");
        Phrase { text: text.into(), lang: lang.into() }
    });
    Cited { id: id.to_owned(), title }
}

fn waits(request: &Request, account: &Account) -> bool {
    acts(request, account).iter().any(|act| *act != ActKind::Withdraw)
}

fn sees(request: &Request, account: &Account) -> bool {
    match request.side {
        Side::Asker => account.may_draft(),
        Side::Expert => account.is(Role::Expert),
    }
}

impl Fake {
    pub(super) fn signs(account: &Account, passphrase: Option<&str>) -> Result<(), Refusal> {
        if account.passphrase && passphrase != Some(PASSPHRASE) {
            return Err(invalid("passphrase", "does not open your key; try again"));
        }
        Ok(())
    }

    pub(super) fn directory(
        &self,
        reader: &Reader,
        query: &ExpertQuery,
    ) -> Result<Experts, Refusal> {
        self.may(reader, |_| true)?;
        let words = query.text.to_lowercase();
        let state = self.state();
        let fits =
            |wanted: &Option<String>, has: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(has);
        let items: Vec<_> = state
            .support
            .experts
            .iter()
            .filter(|expert| {
                let card = &expert.card;
                let named = format!("{:?} {}", expert.name, expert.organisation).to_lowercase();
                expert.state == CardState::Listed
                    && named.contains(&words)
                    && fits(&query.objective, &|o| {
                        card.objectives.iter().any(|n| n.to_string() == o)
                    })
                    && fits(&query.country, &|c| card.country_experience.iter().any(|k| k == c))
                    && fits(&query.lang, &|l| card.languages.iter().any(|s| s.tag == l))
                    && fits(&query.support, &|s| card.support_types.iter().any(|k| k == s))
            })
            .cloned()
            .collect();
        let from: usize = query.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let total = items.len();
        Ok(Experts {
            total: total as u64,
            items: items.into_iter().skip(from).take(query.limit).collect(),
            next: (from + query.limit < total).then(|| (from + query.limit).to_string()),
        })
    }

    pub(super) fn one_expert(&self, reader: &Reader, id: &str) -> Result<Expert, Refusal> {
        self.may(reader, |_| true)?;
        let state = self.state();
        let found = state.support.experts.iter().find(|e| id.len() >= 8 && e.id.starts_with(id));
        found.cloned().ok_or(Refusal::NotFound)
    }

    pub(super) fn own(&self, reader: &Reader) -> Result<OwnCard, Refusal> {
        let account = self.may(reader, |_| true)?;
        let state = self.state();
        let mine = |expert: &&Expert| expert.name.as_deref() == Some(account.display.as_str());
        let expert = state.support.experts.iter().find(mine).cloned();
        let start = Card {
            languages: vec![Speaks { tag: "en".into(), can: "work".into() }],
            ..Card::default()
        };
        Ok(OwnCard {
            card: expert.as_ref().map_or(start, |expert| expert.card.clone()),
            seen: u64::from(expert.is_some()),
            expert,
            passphrase: account.passphrase,
            refused: (!account.is(Role::Expert))
                .then(|| "Only people with the role expert can sign a card.".to_owned()),
        })
    }

    pub(super) fn look_through(card: &Card) -> CardCheck {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, message: &str| {
            problems.push(FieldError {
                field: field.into(),
                code: "refused".into(),
                message: message.into(),
                limit: None,
            });
        };
        if card.objectives.is_empty() {
            wrong("objectives", "are not chosen: choose one or more");
        }
        if card.name.as_ref().is_some_and(|name| name.chars().count() > 80) {
            wrong("name", "has too many characters, and at most 80 fit");
        }
        let missing = if card.hours.is_none() { vec!["hours".to_owned()] } else { Vec::new() };
        CardCheck { problems, missing }
    }

    pub(super) fn sign(&self, reader: &Reader, sign: &SignCard) -> Result<String, Refusal> {
        let account = self.may(reader, |account| account.is(Role::Expert))?;
        let own = self.own(reader)?;
        if own.seen != sign.seen {
            return Err(Refusal::Conflict("There is a newer card. Open the form again.".into()));
        }
        Self::signs(&account, sign.passphrase.as_deref())?;
        let mut state = self.state();
        let id = own.expert.map_or_else(|| ROSA.to_owned(), |expert| expert.id);
        state.support.experts.retain(|expert| expert.id != id);
        state.support.experts.push(Expert {
            card: sign.card.clone(),
            ..expert(&id, Some(&account.display), HERE, "NP", json!({}))
        });
        state.support.tell(Topic::Expert, &id);
        Ok(id)
    }

    pub(super) fn on_card(
        &self,
        reader: &Reader,
        act: CardAct,
        passphrase: Option<&str>,
    ) -> Result<(), Refusal> {
        let account = self.may(reader, |account| account.is(Role::Expert))?;
        let id = self.own(reader)?.expert.ok_or(Refusal::NotFound)?.id;
        Self::signs(&account, passphrase)?;
        let mut state = self.state();
        let all = &mut state.support.experts;
        match act {
            CardAct::Remove => all.retain(|expert| expert.id != id),
            CardAct::Pause | CardAct::List => {
                for expert in all.iter_mut().filter(|expert| expert.id == id) {
                    expert.state =
                        if act == CardAct::Pause { CardState::Paused } else { CardState::Listed };
                }
            }
        }
        state.support.tell(Topic::Expert, &id);
        Ok(())
    }

    pub(super) fn count_waiting(&self, reader: &Reader) -> u32 {
        let Ok(account) = self.may(reader, |_| true) else { return 0 };
        let state = self.state();
        let all = state.support.requests.iter();
        let count = all.filter(|one| sees(one, &account) && waits(one, &account)).count();
        u32::try_from(count).expect("few")
    }

    pub(super) fn read_through(&self, reader: &Reader, ask: &Ask) -> Result<Matching, Refusal> {
        let account = self.may(reader, |_| true)?;
        let mut problems = Vec::new();
        let mut wrong = |field: &str, message: &str| {
            problems.push(FieldError {
                field: field.into(),
                code: "refused".into(),
                message: message.into(),
                limit: None,
            });
        };
        let chars = |text: &Option<String>| text.as_deref().unwrap_or("").chars().count();
        if !(10..=120).contains(&chars(&ask.title)) {
            wrong("title", "has between 10 and 120 characters");
        }
        if !(300..=3_000).contains(&chars(&ask.need)) {
            wrong("need", "has between 300 and 3,000 characters");
        }
        if ask.objectives.is_empty() {
            wrong("objectives", "are not chosen: choose one or more");
        }
        let state = self.state();
        let (mut candidates, mut excluded) = (Vec::new(), Vec::new());
        for expert in state.support.experts.iter().filter(|expert| expert.organisation != HERE) {
            let speaks = expert.card.languages.iter().any(|s| ask.languages_out.contains(&s.tag));
            let shares = expert.card.objectives.iter().any(|o| ask.objectives.contains(o));
            if speaks && shares {
                let parts = parts(20 - 3 * u32::try_from(candidates.len()).expect("few"));
                candidates.push(Candidate {
                    expert: expert.clone(),
                    score: total(&parts),
                    parts,
                    best: candidates.len() < 3,
                });
            } else {
                let reason = if shares { "cannot-answer" } else { "no-objective" };
                excluded.push(Excluded {
                    name: expert.name.clone(),
                    organisation: expert.organisation.clone(),
                    reason: reason.into(),
                    data: Vec::new(),
                });
            }
        }
        let like = state.samples.iter().filter(|sample| counts(sample)).filter(|sample| {
            let fields = &sample.editions.last().expect("an edition").fields;
            fields.primary_objectives.iter().any(|o| ask.objectives.contains(o))
        });
        Ok(Matching {
            problems,
            candidates,
            excluded,
            comparable: like.take(3).map(|sample| self.alike_to(sample, &reader.lang)).collect(),
            passphrase: account.passphrase,
            refused: (!account.may_draft())
                .then(|| "Your account has no role that may ask for support.".to_owned()),
        })
    }

    pub(super) fn send(&self, reader: &Reader, send: &SendAsk) -> Result<String, Refusal> {
        let account = self.may(reader, Account::may_draft)?;
        Self::signs(&account, send.passphrase.as_deref())?;
        let mut state = self.state();
        if let Some(known) = state.support.keys.get(&send.key) {
            return Ok(known.clone());
        }
        let asker = party(Some(&account.display), HERE);
        let file = serde_json::to_value(&send.ask).expect("a request is JSON");
        let name = format!("new{}", state.support.requests.len());
        let mut made = request(&name, Side::Asker, asker, file);
        made.state = RequestState::Submitted;
        let chosen = |expert: &&Expert| send.chosen.contains(&expert.id);
        let asked: Vec<_> = state.support.experts.iter().filter(chosen).cloned().collect();
        made.candidates = asked.iter().map(|expert| invited(expert, Said::Nothing)).collect();
        let id = made.id.clone();
        state.support.requests.push(made);
        state.support.keys.insert(send.key.clone(), id.clone());
        state.support.tell(Topic::Request, &id);
        Ok(id)
    }

    pub(super) fn listed(
        &self,
        reader: &Reader,
        query: &RequestQuery,
    ) -> Result<Requests, Refusal> {
        let account = self.may(reader, |_| true)?;
        let has_card = self.own(reader)?.expert.is_some();
        let state = self.state();
        let of = |one: &&Request| one.side == query.side && sees(one, &account);
        let mut all: Vec<_> = state.support.requests.iter().filter(of).collect();
        all.sort_by_key(|one| !waits(one, &account));
        let from: usize = query.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let total = all.len();
        let items = all.into_iter().skip(from).take(query.limit).map(|one| RequestEntry {
            id: one.id.clone(),
            title: one.ask.title.clone().unwrap_or_default(),
            lang: one.lang.clone(),
            organisation: one.asker.organisation.clone(),
            country: one.ask.country.as_deref().map(|c| Self::choice(&self.lists.countries, c)),
            state: one.state,
            holder: one.holder.clone(),
            needed_by: one.ask.needed_by.clone(),
            changed: one.events.last().map_or(NOW, |event| event.received),
            waits: waits(one, &account),
            superseded: one.superseded_by.is_some(),
        });
        Ok(Requests {
            total: total as u64,
            items: items.collect(),
            next: (from + query.limit < total).then(|| (from + query.limit).to_string()),
            may_ask: account.may_draft(),
            has_card,
            locked: account.passphrase && !state.support.opened.contains(&account.id.0),
        })
    }

    pub(super) fn unlock(&self, reader: &Reader, passphrase: &str) -> Result<(), Refusal> {
        let account = self.may(reader, |_| true)?;
        Self::signs(&account, Some(passphrase))?;
        self.state().support.opened.push(account.id.0);
        Ok(())
    }

    pub(super) fn whole(&self, reader: &Reader, id: &str) -> Result<Request, Refusal> {
        let account = self.may(reader, |_| true)?;
        let state = self.state();
        let found = state
            .support
            .requests
            .iter()
            .find(|one| id.len() >= 8 && one.id.starts_with(id) && sees(one, &account));
        let found = found.cloned().ok_or(Refusal::NotFound)?;
        let tried = found.ask.tried.iter().map(|id| cite(&state.samples, id)).collect();
        Ok(Request {
            waits: waits(&found, &account),
            acts: acts(&found, &account),
            tried,
            translate: found.ask.translate.as_ref().map(|wanted| ToTranslate {
                practice: cite(&state.samples, &wanted.practice),
                edition: wanted.edition.clone(),
                number: Some(1),
                language: Choice { code: wanted.language.clone(), label: wanted.language.clone() },
                came: None,
            }),
            passphrase: account.passphrase,
            ..found
        })
    }

    pub(super) fn do_act(
        &self,
        reader: &Reader,
        id: &str,
        act: &Act,
        passphrase: Option<&str>,
    ) -> Result<(), Refusal> {
        let account = self.may(reader, |_| true)?;
        let present = self.whole(reader, id)?;
        let kind = match act {
            Act::Accept { .. } => ActKind::Accept,
            Act::Decline { .. } => ActKind::Decline,
            Act::Offer { .. } => ActKind::Offer,
            Act::Award { .. } => ActKind::Award,
            Act::Answer(_) => ActKind::Answer,
            Act::Confirm => ActKind::Confirm,
            Act::Close { .. } => ActKind::Close,
            Act::Withdraw { .. } => ActKind::Withdraw,
            Act::Question { .. } => ActKind::Question,
            Act::Reply { .. } => ActKind::Reply,
            Act::Progress { .. } => ActKind::Progress,
            Act::Refer { .. } => ActKind::Refer,
            Act::Dispute { .. } => ActKind::Dispute,
            Act::FollowUp { .. } => ActKind::FollowUp,
            Act::Escalate { .. } => ActKind::Escalate,
        };
        if !present.acts.contains(&kind) {
            return Err(Refusal::Conflict("Something happened meanwhile. Read it again.".into()));
        }
        if let Act::Answer(reply) = act
            && let Some(at) = reply.practices.iter().position(|id| !id.starts_with("tern1p"))
        {
            return Err(invalid(&format!("practices[{at}]"), "is no id of a practice"));
        }
        Self::signs(&account, passphrase)?;
        let mut state = self.state();
        let State { support, samples, .. } = &mut *state;
        let experts = support.experts.clone();
        let request =
            support.requests.iter_mut().find(|one| one.id == present.id).expect("just seen");
        let me = party(Some(&account.display), HERE);
        let mut happened = event(EventKind::Accept, me.clone(), 0, 0);
        match act {
            Act::Accept { note } => {
                request.state = RequestState::Accepted;
                request.candidates[0].said = Said::Accepted;
                happened.note.clone_from(note);
            }
            Act::Decline { reason, note } => {
                request.state = RequestState::Matching;
                request.candidates[0].said = Said::Declined;
                happened.kind = EventKind::Decline;
                happened.reason = Some(Choice { code: reason.clone(), label: reason.clone() });
                happened.note.clone_from(note);
            }
            Act::Offer { experts: to } => {
                happened.kind = EventKind::Offer;
                for one in request.talk.named.iter_mut().filter(|one| to.contains(&one.expert)) {
                    one.asked = true;
                }
                for expert in experts.iter().filter(|expert| to.contains(&expert.id)) {
                    let one = invited(expert, Said::Nothing);
                    happened.about = Some(one.party.clone());
                    request.candidates.push(one);
                }
            }
            Act::Award { expert } => {
                request.state = RequestState::InProgress;
                happened.kind = EventKind::Award;
                for one in &mut request.candidates {
                    if one.expert == *expert {
                        one.said = Said::Awarded;
                        request.holder = Some(one.party.clone());
                        happened.about = Some(one.party.clone());
                    }
                }
            }
            Act::Answer(reply) => {
                request.state = RequestState::Delivered;
                request.holder = Some(request.asker.clone());
                happened.kind = EventKind::Answer;
                request.answer = Some(Answered {
                    text: reply.text.clone(),
                    lang: reply.language.clone().unwrap_or_default(),
                    by: me,
                    claimed: NOW,
                    received: NOW,
                    practices: reply.practices.iter().map(|id| cite(samples, id)).collect(),
                });
            }
            Act::Confirm => {
                request.state = RequestState::Confirmed;
                happened.kind = EventKind::Confirm;
            }
            Act::Question { text } => {
                happened.kind = EventKind::Question;
                let asked = Remark { by: me, text: text.clone(), at: NOW };
                let id = format!("tern1xquestion{}", request.talk.questions.len());
                request.talk.questions.push(Question { id, asked, replies: Vec::new() });
            }
            Act::Reply { question, text } => {
                happened.kind = EventKind::Reply;
                let reply = Remark { by: me, text: text.clone(), at: NOW };
                let asked = request.talk.questions.iter_mut().find(|one| one.id == *question);
                asked.expect("a question that waits").replies.push(reply);
            }
            Act::Progress { text } => {
                happened.kind = EventKind::Progress;
                happened.note = Some(text.clone());
            }
            Act::Refer { expert, note } => {
                happened.kind = EventKind::Refer;
                let known = experts.iter().find(|one| one.id == *expert);
                let known = known.ok_or_else(|| invalid("expert", "no such expert is known"))?;
                let named = party(known.name.as_deref(), &known.organisation);
                happened.about = Some(named.clone());
                request.talk.named.push(Named {
                    expert: known.id.clone(),
                    party: named,
                    by: me,
                    note: note.clone(),
                    asked: false,
                });
            }
            Act::Dispute { text } => {
                request.state = RequestState::Disputed;
                happened.kind = EventKind::Dispute;
                request.talk.disputed = Some(Remark { by: me, text: text.clone(), at: NOW });
            }
            Act::FollowUp { used, note } => {
                happened.kind = EventKind::FollowUp;
                let text = note.clone().unwrap_or_default();
                let said = Remark { by: me, text, at: NOW };
                request.talk.follow_up = None;
                request.talk.became = Some(Became { used: *used, said });
            }
            Act::Escalate { reach, desks } => {
                happened.kind = EventKind::Escalate;
                request.talk.reach = *reach;
                request.talk.desks.clone_from(desks);
            }
            Act::Close { outcome, rating, comment, follow_up } => {
                request.state = RequestState::Closed;
                if follow_up.as_deref() != Some("never") {
                    request.talk.follow_up = Some(NOW);
                }
                request.holder = None;
                happened.kind = EventKind::Close;
                request.closure = Some(Closure {
                    outcome: *outcome,
                    rating: *rating,
                    comment: comment.clone(),
                    at: NOW,
                });
            }
            Act::Withdraw { note } => {
                request.state = RequestState::Withdrawn;
                request.holder = None;
                happened.kind = EventKind::Withdraw;
                happened.note.clone_from(note);
            }
        }
        request.events.push(happened);
        support.tell(Topic::Request, &present.id);
        Ok(())
    }

    pub(super) fn listen(&self, reader: &Reader) -> Result<Changes, Refusal> {
        self.may(reader, |_| true)?;
        let heard = self.state().support.changes.subscribe();
        let next = async |mut heard: tokio::sync::broadcast::Receiver<Change>| {
            use tokio::sync::broadcast::error::RecvError;
            match heard.recv().await {
                Ok(change) => Some((change, heard)),
                Err(RecvError::Lagged(_)) => {
                    let missed = Change { number: 0, topic: Topic::Anything, id: String::new() };
                    Some((missed, heard))
                }
                Err(RecvError::Closed) => None,
            }
        };
        Ok(Box::pin(futures::stream::unfold(heard, next)))
    }
}
