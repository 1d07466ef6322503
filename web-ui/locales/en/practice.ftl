read-objective = Objective { $number }, { $label }
read-older = You are reading edition { $number }. The latest is edition { $latest }.
read-latest = Read the latest edition
read-concurrent = Two editions were published at the same time. Both are kept until the next edition settles them.
read-concurrent-other = Read the other one ({ $number })
read-languages = Language of this practice
read-original = original
read-other-language = This part is not there in the language chosen.
read-no-text = This entry has no text here. Follow the source above to read on.
read-quarantined = This text does not count: its signature does not hold under the rules of the federation.
read-show-anyway = Show it anyway

listed-sentence = Listed by { $org } from a public source; not written by those who did the work.
listed-source = Source:
listed-seen = Read there on { $date }
listed-note = Note:

file-here = On this node
file-picture = Picture: { $name }
file-takes = Not on this node. To fetch it takes about { $bytes } and { $time }.
file-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
file-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
file-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
file-costs = Over links beyond the local network that costs about { $sum }.
file-costs-unknown = Links beyond the local network cost money; nobody has said how much.
file-fetch = Fetch
file-coming = { $have } of { $all } are here.
file-looking = Looking for somebody who has it.
file-from = Coming from
file-again = Look again
file-failed = It did not come:
file-unknown = Not on this node, and it does not say enough to be fetched.
file-live = The files were updated.

fact-countries = Countries
fact-led = Led by
fact-carried = Carried out
fact-published = Published by
read-since = Since { $start }
read-from = From { $start }
read-until = Until { $end }
read-from-to = { $start } to { $end }

read-summary = In short
read-context = What was the situation?
read-aims = What was it for?
read-activities = What was done?
read-participation = How did migrants take part?
read-innovation = What is new about it?
read-results = What changed?
read-challenges = What was hard?
read-lessons = What was learned?
read-recommendations = If you want to try this
read-conditions = What has to be in place
read-sustainability = How it lasts
read-rights = Gender, children and rights
read-risks = Risks, and doing no harm
read-resources = Read on
read-more = More about it

who-heading = Who stands behind edition { $number }
who-signed = Signed { $day }
who-check = Check it yourself

cite-heading = Cite or take with you
cite-edition = edition { $number }
take-heading = Take away
take-heading-list = Take this list away
take-docx = Document (Word)
take-xlsx = Workbook (Excel)
take-csv = Table (CSV)
take-ris = Reference (RIS)
take-bibtex = Reference (BibTeX)
take-jsonld = Linked data (JSON-LD)
take-json = Data (JSON)
take-md = Text (Markdown)
take-print = To print it, or to keep it as PDF, print this page.
take-too-many = One file takes up to { $most } practices. Filter the list, or take all of them with tern practice export --all --format csv.
take-draft = A draft that is not published
take-signed = Signed by
take-check = To check it on any computer with Tern:

print-heading = Check this print
print-code = Code with the id of this edition and its hash
print-leads = The code leads to this edition at { $place } and holds its id and its hash. Without a network, give its text to tern practice verify on any computer with Tern and a copy of this practice.
print-no-network = The code holds the id of this edition and its hash. Give its text to tern practice verify on any computer with Tern and a copy of this practice; that needs no network.
print-type = Without the code, type this. It tells the number and the hash of the latest edition; compare both:

edit-heading = Is something to be changed?
edit-text = You write in a draft of your own; readers see it when you publish the next edition.
edit-button = Write the next edition

missing-heading = Not told yet
missing-text = A review would ask for:

# An edition that does not count because a key was revoked, and adopting it.
held-revoked = Edition { $number } is held back: the key that signed it was revoked, and it is not on the list of what stands.
held-builds = Edition { $number } is held back: it builds on an edition whose key was revoked.
adopt-button = Adopt
adopt-what = What does this mean?
adopt-read = Read it
adopt-title = Adopt edition { $number }
adopt-why = It was signed by { $person }, { $org }.
adopt-why-unnamed = It was signed by a person of { $org }.
adopt-held = It does not count now, because it is, or builds on, work signed with a key that was revoked.
adopt-means = Adopt it if you know that it is honest work. It then counts on every node, with all on which it builds, and says that you adopted it. Your signature cannot be taken back. Read it first.
adopt-reason = Why (optional)
adopt-reason-hint = Readers see it. At most 300 characters.
adopt-done = Adopted. It counts again, here and wherever this arrives.

# Erasing a practice.
erase-link = Erase this practice
erase-title = Erase this practice
erase-does = Erasing takes the practice with all its editions off this node, and off every other node once it learns of it. Nobody can publish it again under this id.
erase-cannot = It cannot reach what has left the nodes: printed pages, downloaded files, backups and sticks made before, and a node that nobody meets. A node that is restored from such a backup erases it again once it meets another.
erase-stays = The id, the reason and who erased it stay known, so that no node takes the practice in again.
erase-instead = If only something is wrong in it, write the next edition instead.
erase-instead-link = Back to the practice
erase-reason = Why
erase-reason-hint = Every member can read it.
erase-reason-taken-back = We take it back
erase-reason-personal-data = It tells of persons who did not agree
erase-reason-unlawful = The law forbids to publish it
erase-reason-safety = It endangers somebody
erase-reason-missing = Choose why it is erased
erase-go-on = Go on
erase-again-title = Erase it for ever?
erase-what = What is erased
erase-editions = Editions
erase-last = This cannot be undone, by anybody. It is signed with your key, and goes to every member.
erase-sure = Yes, erase it for ever
erase-sure-missing = Tick the box if you mean it
erase-button = Sign and erase
erase-done = Erased here. It goes from every other node as soon as that learns of it.
erase-forbidden = A practice is erased by a publisher, moderator or focal point of the organisation that it comes from.
