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
ask-comparable-text = Practices on the same objectives, already on this node. One of them may answer you today.
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
ask-languages_in = Languages you work in
ask-needed_by = Answer needed by
ask-needed_by-hint = A day, as 2027-03-09.
ask-urgency = How urgent it is
ask-modality = At a distance or on a visit
ask-duration = How long it would take
ask-duration-hint = Such as: three half days.
ask-budget = Is there money for it?
ask-tried = Practices you tried already
ask-tried-hint = Their ids (tern1p…), one a line.
ask-confidentiality = Who may read it
ask-endorsement = Agreement of the state
ask-endorsement-required = It is required
ask-endorsement-by = Given by
ask-reuse_consent = The answer may be used again, without names
