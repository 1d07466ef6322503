# The directory of experts, one card, one's own card.
experts-title = Experts
experts-lead = People in partner organisations who help others, each by a card they signed. The search runs on this node alone: nobody learns what you look for.
experts-own = Your own card
experts-search = Search experts
experts-words = Words
experts-support = Kind of support
experts-country = Country they know
experts-any = Any
experts-all = Show all experts
experts-count = { $count ->
    [0] No experts
    [one] { $count } expert
   *[other] { $count } experts
}
experts-none = No expert card has reached this node yet. Cards of partners arrive with the next exchange.
experts-none-next = If you can help others, be the first: fill in a card of your own.
experts-nothing = No card fits all of this. Try fewer or other words, or take one choice back.
experts-nothing-ask = Ask for support, and this node looks for the closest

expert-title = Expert
expert-says = What this card says
expert-signed = Signed on { $signed }. It lapses on { $expires } if it is not renewed.
expert-load = { $count ->
    [one] { $count } request in hand
   *[other] { $count } requests in hand
}
expert-ask = Ask this expert for support
expert-not-now = This expert cannot be asked at the moment.

card-state-listed = In the directory
card-state-due = To be renewed soon
card-state-paused = Paused
card-state-lapsed = Lapsed

card-title = Your expert card
card-lead = Say what you can help others with. Requests that fit come to you, and you decide on each one.
card-check = Check the card
card-now = Your card now
card-none = You have no card. Nobody can send you a request.
card-see = See it as others do
card-pause-link = Pause it for a while
card-list-link = List it again
card-remove-link = Remove it
card-public = Everybody can read it
card-public-text = A card is public and reaches every partner. Write a name only if you want it there: an alias does as well. Never write a private address or number. You can take the card back at any time.

card-sign-title = Check and sign your card
card-sign-text = This is what every partner will read.
card-missing = You can sign without these. With them you are found more easily:
card-sign-heading = Sign your card
card-sign-why = Your signature lets partners check that the card is yours. It is listed for twelve months, then you are asked whether it is still right.
card-sign-button = Sign and list it
card-signed = Signed and listed. Partners get it with the next exchange.
card-paused = Your card is paused. No new requests come to you.
card-listed = Your card is listed again.
card-removed = Your card is removed. Partners drop it with the next exchange.

card-act-pause = Pause your card?
card-act-list = List your card again?
card-act-remove = Remove your card?
card-act-text-pause = While it is paused no new request comes to you. Requests you have stay with you.
card-act-text-list = It is listed for another twelve months, and requests that fit come to you again.
card-act-text-remove = Partners drop its content with the next exchange. Requests you have stay with you. You can sign a new card at any time.
card-act-button-pause = Sign and pause it
card-act-button-list = Sign and list it
card-act-button-remove = Sign and remove it

group-card-what = What you can help with
group-card-where = Languages and countries
group-card-when = Time and terms
card-name = Name or alias
card-name-hint = Leave it empty to be shown as a person of your organisation.
card-objectives = Objectives you know well
card-objectives-hint = Choose those you could answer a colleague on tomorrow.
card-support_types = Support you offer
card-topics = Topics
card-languages = Languages
card-languages-hint = One row for each, with the most you can do in it. To get another row, check the card and go back.
card-languages-tag = Language
card-languages-can = You can
card-country_experience = Countries you know
card-hours = Hours a month
card-hours-hint = A whole number, such as 8.
card-availability = When you are there
card-availability-hint = First and last day, such as 2027-03-09. Leave it empty if you are there all year.
card-availability-from = From
card-availability-until = Until
card-years = Years of experience
card-modality = At a distance or on a visit
card-cost = What it costs
