edit-title = Edit practice
edit-language = You are writing in { $language }.
edit-save = Save
edit-save-sign = Save, then check and publish
edit-save-files = Save, then add or change files
edit-saved = Saved on this node.
edit-saved-merged = Saved. Somebody else’s changes were taken in too; nothing was lost.
edit-state = State of this draft
edit-changed = Saved on this node { $when }.
edit-audience = It is shared with:
reached-title = How they are reached
reached-link = A link is open: what is sent arrives at once.
reached-heard = No link leads there. The last word from there came through other members, who cannot read it, { $when }.
reached-not = No link leads there, and nothing has come through other members yet.
reached-sent = What was sent that way { $when } has not arrived as far as is known here.
edit-audience-own = Only your organisation can see it.
edit-audience-change = Who sees it
edit-parts = Parts of this form
edit-problems = { $count ->
    [one] { $count } problem
   *[other] { $count } problems
}
edit-other = Other languages
edit-other-text = Texts stand beside each other by language. Save first, then choose.
edit-other-label = Language to write in
edit-other-button = Write in this language
edit-clash-heading = Somebody else edited the same part while you were writing.
edit-clash-text = Everything is saved and nothing was lost. Please read the marked parts and put them right.
edit-clash-by = { $name } edited this part while you were writing.
edit-clash-somebody = Somebody else edited this part while you were writing.
edit-clash-read = Please read the joined text:
missing-edit = Publishing needs little. A review would also ask for:

group-about = Title and objectives
group-place = Place and time
group-who = Who did it, and for whom
group-situation = Situation and aims
group-done = What was done
group-changed = What changed
group-advice = Lessons and advice
group-care = Principles, rights and risks
group-links = Topics, sources and files
group-terms = Source, contact and licence
