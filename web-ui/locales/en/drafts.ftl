drafts-title = My work
drafts-none = Nothing waits for you
drafts-none-text = Begin a draft: it is saved on this node, and only your organisation sees it until you publish.
drafts-none-browse = Or open a practice and write its next edition
drafts-none-role = Your account may read but not write. Ask the person who runs this node for the role of contributor.
drafts-untitled = Draft without a title
drafts-changed = Changed { $when }
drafts-of = Next edition of a published practice
drafts-new = A new practice
drafts-sign = Check and publish

new-title = Share a practice
new-text = Two things to begin with. Everything else can follow later, in any order.
new-title-missing = Enter a title
new-language-missing = Choose the language you will write in
new-button = Begin
