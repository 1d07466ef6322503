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

