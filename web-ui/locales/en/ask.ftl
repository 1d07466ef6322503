# Asking for support: form, choice of experts, check and signature.
ask-button = Ask for support
ask-heading = Ask for support
ask-step = Step { $step } of { $of }
ask-lead = Say what you need in your own words. Nothing leaves this node before you sign at the end.
ask-how = How it goes
ask-how-1 = You say what you need.
ask-how-2 = You see practices like yours and the experts who could help, with the reasons, and choose who gets it.
ask-how-3 = You check everything and sign. Then you can follow where it is.
ask-how-lost = What you typed stays in the page from step to step, and you can always go back.
ask-next = Find practices and experts
ask-next-check = Check before sending
ask-back-form = Change what I need
ask-back-choose = Change who gets it

ask-choose-heading = Who could help
ask-comparable = Read these first
ask-comparable-text = Practices on the same objectives, already on this node. One of them may answer you today. They open in a new tab, and your request stays here.
ask-new-tab = (opens in a new tab)
ask-comparable-none = No practice on these objectives is on this node yet.
ask-experts = Who gets your request
ask-experts-text = The best three are chosen for you; change it as you like. Whoever is not chosen never hears of it.
ask-experts-none = No expert on this node’s list fits.
ask-experts-none-next = Go back and add an objective or a language, or come back after the next exchange: new cards may have arrived.
ask-best = Best match
ask-card = Read the card in a new tab
ask-chosen-missing = Choose at least one expert
ask-excluded = { $count ->
    [one] { $count } expert who cannot be asked, and why
   *[other] { $count } experts who cannot be asked, and why
}
ask-award = When somebody accepts
ask-award-auto = The first who accepts gets it by itself, and the others are told
ask-award-manual = I choose among those who accept
ask-award-auto-said = The first who accepts gets it by itself, and the others are told.
ask-award-manual-said = You choose among those who accept.

ask-sign-heading = Check and send
ask-whom = Who gets it
ask-sign = Sign and send
ask-promise = It holds no personal data of migrants, and my organisation agrees that these people read it
ask-promise-missing = Tick this, or change the text until you can
ask-send = Sign and send
ask-sent = Sent. It leaves this node with the next exchange; here you see where it is.

group-ask-need = What you need
group-ask-about = What it is about
group-ask-how = How and when
group-ask-terms = Terms
ask-title = Title
ask-title-hint = One line, such as: Setting up a one-stop centre for returning workers. 10 characters or more.
ask-need = What do you need?
ask-need-hint = What is the situation, and what would help? 300 characters or more. No names of migrants.
ask-desired_result = What should be there in the end?
ask-desired_result-hint = Such as: an intake form, and a plan of who does what.
ask-background = What else should an expert know?
ask-language = Language of this request
ask-objectives = Objectives it is about
ask-objectives-hint = Choose the closest. Experts are found by these.
ask-support_types = Kind of support
ask-country = Country it is for
ask-languages_out = Languages the answer can be in
ask-languages_in = Working languages
ask-needed_by = Answer needed by
ask-needed_by-hint = A day, as 2027-03-09.
ask-urgency = How urgent it is
ask-modality = At a distance or on a visit
ask-duration = How long it would take
ask-duration-hint = Such as: three half days.
ask-topics = Topics
ask-budget = Is there money for it?
ask-budget-funding = Money
ask-budget-note = What to know about it
ask-tried = Practices you tried already
ask-tried-hint = Their ids (tern1p…), one a line.
ask-endorsement = Agreement of the state
ask-endorsement-required = It is required
ask-endorsement-by = Given by
ask-reuse_consent = The answer may be used again, without names

# Choices that have no label of their own.
choice-urgency-normal = It can take its turn
choice-urgency-urgent = It presses
choice-modality-remote = At a distance
choice-modality-visit = On a visit
choice-modality-both = Either
choice-funding-yes = Yes
choice-funding-no = No
choice-funding-unknown = Not known yet
choice-can-work = Read, listen and talk
choice-can-write = Write an answer
choice-can-train = Lead a training
choice-cost-free = Nothing
choice-cost-expenses = What the travel costs
choice-cost-fee = A fee
choice-reason-no-time = No time
choice-reason-not-my-field = Not my field
choice-reason-conflict = A conflict of interest
choice-reason-other = Another reason

# Asking for a translation.
ask-translate-heading = Ask for a translation
ask-translate-there = Somebody translated it already:
ask-translate-lead = Somebody of another organisation who writes the language can translate this edition for you.
ask-translate-button = Ask for it
ask-translate-line = Translate into { $language }: { $title }
ask-translate-need = Please translate edition { $number } of the practice “{ $title }”.
ask-translate-need-languages = It is written in { $from }, and we need to read it in { $into }.
ask-translate-need-how = Each of its texts stands beside its translation under “Translate it” on the page of the practice; whatever is left empty is read in the original. The translation is signed by your organisation and goes to every member. Once it is published, say so in your answer and cite the practice.
ask-translate-text = Everything below is filled in for a translation. Change it as you like; kinds of support can stay empty.
translate-is-there = It can be read in that language already. Nobody needs to be asked.
to-translate-heading = To be translated
to-translate-edition = Edition { $number }
to-translate-into = Into { $language }
to-translate-came = Translated by { $who }, edition { $number }.
to-translate-read = Read the translation
answer-translated = The translation into { $language } is published. You find it on the page of the practice.
