# Requests: the two lists, one of them whole, the words of its life.
requests-title = Requests
inbox-title = Requests for you
requests-tabs = Requests
requests-tab = We asked
inbox-tab = We are asked
requests-count = { $count ->
    [one] { $count } request
   *[other] { $count } requests
}
requests-none = Nothing asked yet
requests-none-text = Describe what you need. This node finds practices like yours and experts who can help, and you choose who gets it.
requests-none-experts = Look through the experts
requests-none-role = Your account may not ask for support. Ask whoever runs this node for a role that may: contributor, publisher or focal point.
inbox-none = Nothing is asked of you
inbox-none-text = Your card is known to partners. A request that fits is listed here when it arrives.
inbox-none-card = Requests come to people with an expert card. Fill one in to be found.

request-waits = Waits for you
request-follow-up-waits = Say what became of it
request-from = From { $org }
request-needed-by = Needed by { $day }
request-with = With { $who }
request-changed = Changed { $when }
request-superseded-tag = Another expert was chosen
request-sealed = { $count ->
    [one] Sealed: { $count } reader
   *[other] Sealed: { $count } readers
}
request-sent = Asked by { $who } on { $day }
request-superseded = { $org } chose another expert; thank you – nothing more is asked of you.
request-unreachable = { $org } is not reachable since { $when }. What waits for them waits without blame, and their clock stands still.
request-holder = Who holds it
request-holder-none = Nobody: nothing more is to be done
request-since = Since { $when }
request-due = This step runs until
request-needed = Answer needed by
request-your-turn = It is your turn
request-nothing-now = Nothing waits for you now
request-need = What is needed
request-tried = Tried already
request-candidates = Who was asked
request-events = What happened
request-events-text = Each line is signed. Of the two times the first is the signer’s, the second that of this node.
request-refused = What does not count
request-refused-text = These came under the name of this request and change nothing.
request-id = Request

state-draft = Draft
state-submitted = Sent
state-matching = Looking for an expert
state-proposed = With experts
state-accepted = Accepted
state-in_progress = In progress
state-delivered = Answered
state-confirmed = Confirmed
state-disputed = Disputed
state-closed = Closed
state-unmet = No expert found
state-withdrawn = Withdrawn
state-expired = Expired

state-next-draft = It is not sent yet.
state-next-submitted = It is on its way to the experts; the path shows how far it has come.
state-next-matching = This node looks for the next expert.
state-next-proposed = The experts read it and say whether they take it.
state-next-accepted = One or more experts took it. The asking organisation chooses.
state-next-in_progress = The chosen expert writes the answer.
state-next-delivered = The answer is there. The asking organisation reads it and confirms it.
state-next-confirmed = The answer is confirmed. The asking organisation can close the request.
state-next-disputed = The asking organisation says what is missing of the answer. The expert answers again, or the request is closed as partly met or not met.
state-next-closed = It is closed.
state-next-unmet = Nobody could take it.
state-next-withdrawn = The asking organisation took it back.
state-next-expired = Its time ran out.

event-submit = { $who } asked
event-offer = Sent to { $whom }
event-accept = { $who } accepted
event-decline = { $who } declined
event-refer = { $who } named { $whom }
event-ask = { $who } asked back
event-award = { $who } chose { $whom }
event-progress = { $who } reported progress
event-answer = { $who } answered
event-confirm = { $who } confirmed the answer
event-dispute = { $who } said what is missing of the answer
event-reply = { $who } replied to a question
event-follow-up = { $who } said what became of it
event-close = { $who } closed the request
event-withdraw = { $who } withdrew the request
event-escalate = { $who } looked further for somebody
event-expire = The time ran out
event-times = { $claimed } · received here { $received }

refused-event = { $what }, said to be from { $who }
refused-received = Received here { $when }
refused-accept = An acceptance
refused-decline = A refusal
refused-award = A choice of expert
refused-answer = An answer
refused-confirm = A confirmation
refused-close = A closing
refused-withdraw = A withdrawal
refused-receipt = A receipt
refused-offer = An asking of more experts
refused-ask = A question
refused-reply = A reply
refused-progress = Word of progress
refused-refer = The naming of an expert
refused-dispute = A dispute
refused-follow-up = Word of what became of it
refused-escalate = A step further
refused-record = Something

said-nothing = No word yet
said-accepted = Accepted
said-declined = Declined
said-awarded = Chosen
said-superseded = Accepted; another was chosen

score-total = Score { $score } of 100
score-of = { $points } of { $of }
score-why = Why this score
score-objectives = Objectives
score-support = Kind of support
score-languages = Languages
score-country = Country
score-topics = Topics
score-availability = Availability
score-load = Free hands
score-vetting = Vouched for
found-with = { $what }: { $data }
found-none = nothing in common
found-not-asked = not asked for
found-speaks-data = answers in { $data }
found-knows-country = knows the country
found-in-country = is in the country
found-knows-region-data = knows { $data }, in the same region
found-elsewhere = knows no country near
found-free = has time
found-free-data = { $data } hours a month
found-no-hours = gives no hours at present
found-away = away when it is needed
found-away-data = away until { $data }
found-in-hand = nothing in hand
found-in-hand-data = requests in hand: { $data }

excluded-paused = the card is paused
excluded-removed = the card was taken back
excluded-ended = the card lapsed
excluded-no-objective = no objective in common
excluded-cannot-read = does not read the language of the request
excluded-cannot-answer = cannot answer in a language you chose

trail-heading = By which path
trail-none = No receipt has come back yet.
trail-request = Request
trail-word = Word about it
trail-answer = Answer
trail-to = to { $who }
stage-made = Signed and sealed at { $org }
stage-carried = Carried by { $org }
stage-arrived = Arrived at { $org }
stage-opened = Opened at { $org }

readers-heading = Who can read it
readers-carriers = Every other node that carries it cannot read a word of it: neither title nor text nor names.
reader-asker = asks for support
reader-expert = expert who was asked
reader-desk = desk of the organisation, so that nothing is lost with one person
reader-own-desk = your own desk

answer-heading = The answer
answer-by = { $who }, { $when }.
answer-received = Received here { $when }.
answer-practices = Practices it cites
answer-not-here = Not on this node yet:

closure-heading = How it ended
closure-outcome = The need was
closure-rating = The answer was
closure-comment = Comment
closure-when = Closed on
outcome-met = Met
outcome-partly = Partly met
outcome-unmet = Not met
outcome-moved = Dealt with elsewhere
rating-4 = Very useful
rating-3 = Useful
rating-2 = A little useful
rating-1 = Not useful

questions-heading = Questions
questions-text = They are read by whoever asked them and by the asking organisation. The expert’s time stands still until there is a reply.
question-waits = Waits for a reply
remark-by = { $who }, { $when }
named-heading = Who was named
named-text = Somebody who knows of the request names these experts. They have not got it: the asking organisation decides.
named-by = named by { $who }
named-asked = Was asked
named-ask = Ask them
dispute-heading = What is missing of the answer
follow-up-when = What became of it is said on
became-heading = What became of it
used-used = The answer was used
used-partly = Part of it was used
used-not = It was not used
later-usual = In half a year, if something of use came
later-day = On another day
later-never = Not at all
reach-heading = How far you looked
reach-next = Among those who fit
reach-wider = In all languages
reach-desks = At the desks of others
reach-board = On the board

receipt-link = A receipt to print
receipt-title = Receipt of a request
receipt-text = As this node knew it at { $when }.
receipt-number = Number
receipt-what = What is asked
receipt-asked = Asked by
receipt-state = Where it stands
receipt-sealed = Of the request itself only its title is on this page. Those who can read it find the rest on their node by this number.
receipt-print = Print this page with your browser.

live-list = The list was brought up to date.
live-request = This request was brought up to date.
events-full = Too many pages listen at once. This page works without it.

open-title = Open your requests
open-locked = A key of yours is locked, so requests may wait here unread.
open-link = Open them
open-text = Requests for you are encrypted, and the keys that read them are locked with your passphrase. Once it is typed here they stay open until this node stops.
open-button = Open
open-done = Open. What waited is being read now.

board-title = Needs that nobody met yet
board-tab = Board
board-lead = For these nobody was found. Each says what those who need it chose to say; the request behind it stays sealed. If you can help, say so: they alone read it.
board-search = Look through the board
board-region = Region
board-count = { $count ->
    [0] No needs
    [one] { $count } need
   *[other] { $count } needs
}
board-none = Nothing is on the board that fits. Choose less, or come back: what others post appears here when it arrives.
need-ours = Posted by your organisation
need-until = On the board until
need-down = Take it down
need-down-text = It disappears from every node that learns of it. Once the request is closed or withdrawn this happens by itself, where your key needs no passphrase.
need-down-button = Sign and take it down
need-down-done = Taken down. Partners hear of it with the next exchange.
helping-title = We can help
helping-text = Your word is sealed for those who posted this and for both desks. Nobody else reads it, and those who carry it cannot tell what it is about. They decide whether to send you the request.
helping-label = How can you help?
helping-hint = What you did, for whom, and what you could give. At least 10 characters.
helping-button = Sign and offer help
helping-done = Sealed. It leaves with the next exchange.
helping-no-card = Experts with a card that is listed can offer help here. Fill yours in first.
helps-heading = Who offers help
helps-text = They read your need on the board, and nothing of the request. It goes to those whom you ask.
reach-board-link = What stands on the board
post-link = Put it on the board
post-title = Put it on the board
post-text = Everybody in the federation reads this line, with the objectives, the kinds of support, the languages and the day of your request. The request itself stays sealed, and nothing leads from the board to it.
post-label = What is needed, on one line
post-hint = 10 to 120 characters. Name nobody, and nothing that is not for everybody.
post-naming = Who is named with it?
post-naming-missing = Choose who is named
post-too = It stands there until the day by which you need an answer, or until you take it down.
post-signed = It is signed with your key. The pages do not name you beyond what you choose here, but whoever examines the signed record can see which organisation posted it.
post-button = Sign and put it on the board
post-done = It is on the board, and leaves with the next exchange.
naming-organisation = Your organisation and its country
naming-country = The country of your organisation alone
naming-region = The region of your organisation alone
naming-nothing = Nobody and no place
