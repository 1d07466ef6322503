drafts-title = My work
drafts-none = Nothing waits for you
drafts-none-text = Begin a draft: it is saved on this node, and only your organisation sees it until you share or publish it.
drafts-none-browse = Or open a practice and write its next edition
drafts-none-role = Your account may read but not write. Ask the person who runs this node for the role of contributor.
drafts-untitled = Draft without a title
drafts-changed = Changed { $when }
drafts-of = Next edition of a published practice
drafts-new = A new practice
drafts-sign = Check and publish
drafts-over = It was published, or is not shared with your organisation any more.
drafts-away = Put away
drafts-away-done = Put away. Nothing was deleted; you find it at the end of this page.
drafts-away-undone = Brought back.

new-title = Share a practice
new-text = Two things to begin with. Everything else can follow later, in any order.
new-title-missing = Enter a title
new-language-missing = Choose the language you will write in
new-button = Begin
new-form-title = With a word processor instead
new-form-text = Fill in the form on any computer, without a network, and give it to the person who runs this node: tern practice import makes a draft of it.
new-form-take = Get the form (Word)

seen-by-title = Who sees this draft
seen-by-owner = { $org } began it and says who sees it.
seen-by-text = Whoever sees a draft sees all of it, with what it said before, and may write in it. What everybody writes is kept, and joined. When you take an organisation out, it keeps what it has and is told nothing of what follows.
seen-by-members = Other members that see it
seen-by-nobody = Your federation has no other member yet.
seen-by-seen = It is seen by:
seen-by-out = Your organisation was taken out. You see the draft as it was then; what you write in it stays on this node.
seen-by-unsigned = { $count ->
    [one] { $count } change is not signed yet and stays on this node. Whoever made it sends it from this page.
   *[other] { $count } changes are not signed yet and stay on this node. Whoever made them sends them from this page.
}
seen-by-save = Save
seen-by-send = Sign and send what I wrote
seen-by-back = Back to the draft
seen-by-done = Saved. What you wrote is signed and goes to those who see this draft.
