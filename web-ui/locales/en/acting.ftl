# What a person does about a request: one question a page.
act-not-now = This cannot be done any more. The page says what happened meanwhile.
act-reason = Why?
act-reason-missing = Choose a reason
act-expert = Who gets it?
act-expert-missing = Choose one expert
act-text-missing = Write the answer
act-outcome = Was the need met?
act-outcome-missing = Say whether the need was met
act-rating = How useful was the answer?
act-comment = Anything to add?
act-practices = Practices you cite
act-practices-hint = An answer that points to what others did is easier to act on. Tick those that fit, or search for more.
act-find = Search practices
act-find-none = No practice fits these words.
act-find-nothing = No practice on this objective is on this node. Search for others.
act-language = Language of your answer
act-more = Other practices, by id
act-more-hint = Ids (tern1p…), with a space between.

act-accept-link = Accept
act-accept-title = Take this request?
act-accept-text = You say that you can help. If others were asked too, the asking organisation chooses, and you start once you are chosen.
act-accept-note = A word to those who ask
act-accept-button = Sign and accept
act-accept-done = Accepted. Your word leaves with the next exchange.

act-decline-link = Decline
act-decline-title = Decline this request?
act-decline-text = A reason helps those who ask to find somebody else sooner. It is shown to them alone.
act-decline-note = A word to those who ask
act-decline-button = Sign and decline
act-decline-done = Declined. Nothing more is asked of you.

act-offer-link = Ask more experts
act-offer-title = Ask more experts?
act-offer-text = They get the request as you sent it. Those who were asked before can still accept.
act-offer-whom = Whom?
act-offer-none = Everybody who fits was asked already. New expert cards appear here when they arrive.
act-offer-missing = Choose at least one expert
act-offer-button = Sign and ask
act-offer-done = Asked. The request leaves with the next exchange.

act-award-link = Choose an expert
act-award-title = Choose an expert
act-award-text = The one you choose starts to work. The others are told, with thanks.
act-award-button = Sign and choose
act-award-done = Chosen. The expert starts when this arrives.

act-answer-link = Answer
act-answer-title = Write the answer
act-answer-text = It goes to those who asked and to both desks. Nobody else can read it.
act-answer-need = Read again what is needed
act-answer-label = Your answer
act-answer-hint = Plain words, with steps that somebody can take on Monday.
act-answer-button = Sign and send the answer
act-answer-done = Answered. It leaves with the next exchange.

act-confirm-link = Confirm the answer
act-confirm-title = Does the answer help?
act-confirm-text = With this you tell the expert that the answer arrived and that you can work with it. You can close the request afterwards.
act-confirm-button = Sign and confirm
act-confirm-done = Confirmed. You can close the request now.

act-close-link = Close
act-close-title = Close this request
act-close-text = Tell the expert how it went. Nothing more can be added afterwards.
act-close-button = Sign and close
act-close-done = Closed. Thank you.

act-withdraw-link = Withdraw
act-withdraw-title = Withdraw this request?
act-withdraw-text = Those who have it are told that nothing more is asked of them. This cannot be undone; you can always ask anew.
act-withdraw-note = A word to those who have it
act-withdraw-button = Sign and withdraw
act-withdraw-done = Withdrawn.


act-question-link = Ask back
act-question-title = Ask those who ask
act-question-text = Your question goes to the asking organisation and to your own desk. It changes nothing about who is asked; your time stands still until there is a reply.
act-question-label = Your question
act-question-hint = At least 10 characters.
act-question-missing = Write the question
act-question-button = Sign and ask
act-question-done = Asked. It leaves with the next exchange.

act-reply-link = Reply
act-reply-title = Reply to a question
act-reply-text = The expert who asked reads the reply. Other experts do not.
act-reply-which = Which question?
act-reply-which-missing = Choose the question
act-reply-label = Your reply
act-reply-hint = In a few words.
act-reply-missing = Write the reply
act-reply-button = Sign and reply
act-reply-done = Replied. It leaves with the next exchange.

act-progress-link = Say how far it is
act-progress-title = How far is it?
act-progress-text = A line is enough: those who wait see that somebody is at it.
act-progress-label = How far it is
act-progress-hint = For those who ask.
act-progress-missing = Write how far it is
act-progress-button = Sign and send
act-progress-done = Sent. It leaves with the next exchange.

act-refer-link = Name somebody else
act-refer-title = Who could help?
act-refer-text = You name an expert, and the asking organisation decides whether to ask them. The expert gets nothing before that. You can still accept or decline.
act-refer-whom = Whom?
act-refer-other = Somebody else
act-refer-other-hint = The name on their card, or their id (tern1c…).
act-refer-missing = Choose an expert, or write who it is
act-refer-note = Why them
act-refer-button = Sign and name them
act-refer-done = Named. It leaves with the next exchange.

act-dispute-link = Something is missing
act-dispute-title = What is missing of the answer?
act-dispute-text = The expert reads this and can answer again. If it stays as it is, close the request as partly met or not met.
act-dispute-answer = Read the answer again
act-dispute-label = What is missing
act-dispute-hint = Say what you still need, so that one more answer is enough. At least 10 characters.
act-dispute-missing = Write what is missing
act-dispute-button = Sign and send
act-dispute-done = Sent. The expert can answer again.

act-follow-up-link = Say what became of it
act-follow-up-title = What became of it?
act-follow-up-text = The expert hears whether the answer was of use. It takes a minute, and it is what experts ask for most.
act-follow-up-used = Was the answer used?
act-follow-up-missing = Say whether it was used
act-follow-up-note = What came of it
act-follow-up-button = Sign and send
act-follow-up-done = Sent. Thank you.

act-escalate-link = Look further
act-escalate-title = Look further for somebody
act-escalate-text = Nobody who fits has taken it. Each step reaches more people; you choose which.
act-escalate-how = How far?
act-escalate-missing = Choose how far
act-escalate-wider = In all languages
act-escalate-wider-text = Experts who share the objective but none of your languages can be asked. A translation may be needed.
act-escalate-desks = At the desks of other organisations
act-escalate-desks-text = Their focal points read the request and may name somebody. Nobody else of theirs does.
act-escalate-which = Which organisations?
act-escalate-which-hint = One a line, by name or id. If you name none, the stewards are asked.
act-escalate-button = Sign and look further
act-escalate-done = Done. It leaves with the next exchange.

act-close-later = When will you say what became of it?
act-close-day = Which day
act-close-day-missing = Choose the day
