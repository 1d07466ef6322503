# What organisations say about practices.

said-when = Said on { $day }
said-untitled = A practice that is not shown here
said-take-back = Take back
said-kind-withdraw = The withdrawal
said-kind-adapt = That we use it too
said-kind-translate = The translation
said-kind-same = That the same is told of elsewhere

# Withdrawn.
hit-withdrawn = Withdrawn
withdrawn-title = This practice was withdrawn
withdrawn-by = Withdrawn by { $org }
withdrawn-instead = Read instead:
withdrawn-kept = Its text is still kept. What it says may not hold any more.
withdrawn-others = { $count ->
    [one] Another edition was withdrawn. This one was published beside that or later.
   *[other] { $count } other editions were withdrawn. This one was published beside that or later.
}
withdraw-reason-outdated = It is out of date.
withdraw-reason-wrong = It says what is not so.
withdraw-reason-superseded = Something else takes its place.
withdraw-reason-unsafe = To do as it says may do harm.
withdraw-reason-rights = Somebody else has rights in it.
withdraw-reason-other = Another reason.
withdraw-link = Withdraw it

# Still valid?
valid-heading = Is it still valid?
valid-renewed = Last published or confirmed on { $day }.
valid-confirmed = Confirmed still valid on { $day }
valid-stale-since = Not confirmed since { $day }
valid-fresh = Confirmed within a year
valid-stale = Not confirmed for a year
confirm-link = Confirm that it is
filter-valid = Validity
list-valid = Most recently confirmed first.
list-by-valid = Most recently confirmed first
list-by-newest = Newest first
list-by-best = Best first
list-one-organisation = Of one organisation
saved-withdrawn = Also what was withdrawn
list-with-withdrawn = Also show what was withdrawn
list-without-withdrawn = Leave out what was withdrawn
due-heading = Practices of ours to confirm
due-text = { $count ->
    [one] One practice was not confirmed for a year. Look at it and say whether it is still valid.
   *[other] { $count } practices were not confirmed for a year. Look at them and say whether they are still valid.
}
due-all = All of them

# Used elsewhere too.
adapt-heading = Used elsewhere too
adapt-of = What it uses of others
adapt-none = Nobody has said so yet.
adapt-count = { $count ->
    [one] Used by one more
   *[other] Used by { $count } more
}
adapt-link = We use this too
adapt-since-told = since { $date }
adapt-changed-told = Changed:
adapted-worked = It worked
adapted-partly = It worked in part
adapted-did-not = It did not work

# Translations.
translation-tab = translation
translation-tab-old = translation, out of date
translation-by = You are reading a translation into { $language } by { $org }.
translation-of = It is of edition { $number }.
translation-old = The edition now says something else in: { $fields }
translation-missing = Not translated: { $fields }
translated-by-human = By people.
translated-by-machine = By a machine.
translated-by-reviewed = By a machine, reviewed by people.
translate-heading = Translate it
translate-into = Into which language
translate-button = Translate
translate-better = Translate it anew
translate-title = Translate into { $language }
translate-text = Each text of edition { $number } stands beside its translation. What you leave empty is read in the original.
translate-before = What is filled in was translated by { $org }.
translate-changed = Changed since it was translated
translate-into-field = { $field }, in { $language }
translate-most = At most { $most } characters
translate-challenge-text = Challenge { $number }
translate-challenge-overcome = How challenge { $number } was overcome
translate-by = How it was translated
translate-sign = Sign and publish the translation
translate-done = The translation is published. It goes to every member.

# The same elsewhere.
same-heading = Also published as
same-link = It is told of elsewhere too
scheme-doi = DOI
scheme-url = Address on the web
scheme-hub = Earlier Hub
scheme-gfmd = GFMD
scheme-gcr = Global Compact on Refugees
scheme-iati = IATI

# Saying it.
say-public = All of it is public, for good: it is signed with your key in the name of your organisation and goes to every member.
say-forbidden = A publisher says this in the name of their organisation. To withdraw and to confirm a practice is for the organisation that it comes from.
say-withdraw-title = Withdraw this practice
say-withdraw-text = It stays where it is, with the reason before its text, on every node. It is not found by search any more and leaves catalogues. If it must be gone, erase it instead. You can take the withdrawal back.
say-withdraw-note = The reason in words
say-withdraw-button = Sign and withdraw
say-withdraw-done = Withdrawn here. Every other node shows it so as soon as that learns of it.
say-reason = Why
say-reason-missing = Choose why it is withdrawn
say-which = Which editions
say-which-all = All that there are
say-which-one = Only edition { $number }
say-replaced = What to read instead
say-replaced-hint = The id of another practice.
say-confirm-title = Confirm that it is still valid
say-confirm-text = Readers see when you confirmed it. After twelve months without, they see that too.
say-confirm-note = More about it
say-confirm-button = Sign and confirm
say-confirm-done = Confirmed.
say-looked = I looked at edition { $number }, and what it says is still so.
say-looked-missing = Tick the box once you have looked at it
say-adapt-title = We use this too
say-adapt-text = Tell others where you use it and how it went. That it did not work is as useful to know.
say-adapt-note = More about how it went
say-adapt-button = Sign and tell
say-adapt-done = Told. It stands beside the practice and on the page of your organisation.
say-countries = In which countries
say-countries-hint = Choose one or more.
say-place = Where in them
say-place-hint = A region, a town.
say-since = Since when
say-since-hint = A year, a month or a day: 2025, 2025-03, 2025-03-31.
say-changed = What you changed
say-outcome = How it went
say-outcome-hint = Choose the last if you cannot say yet.
say-outcome-early = Too early to say
say-same-title = The same is told of elsewhere
say-same-text = If another practice tells of the same work, or it has a name elsewhere, say so. Readers of either are led to the other, and see that it was you who said it.
say-same-button = Sign and say so
say-same-done = Said. Both practices name each other now.
say-same-which = Which practice is the same? These are likely:
say-same-none = Nothing here looks like it.
say-same-this = This one
say-same-id = Another one, by its id
say-same-id-hint = As it stands at the end of its page.
say-same-missing = Choose a practice, or give a name that it has elsewhere
say-alias = Its name elsewhere
say-scheme = What kind of name
say-alias-name = The name
say-take-back-title = Take back what we said
say-take-back-text = It does not stand any more, on every node that learns of it. That it was said stays known.
say-take-back-note = Why
say-take-back-button = Sign and take back
say-take-back-done = Taken back.
translate-none = Nothing is left to translate: the organisation wrote all of it in { $language } itself.
