# Work in a shared draft that is held and not shown.
held-work-title = Held back in this draft
held-work-none = Nothing of this draft is held back.
held-work-revoked = This was signed under a certificate that has ended, and it is not on the list of what stands of it. It is kept, and not shown.
held-work-builds = This builds on work that was signed under a certificate that has ended, and that is not on the list of what stands of it. Both are kept, and not shown.
held-work-lost = Two texts were written as one and the same, as happens when a machine is copied or an old backup put back. The other one is shown; this one is kept.
held-work-by = Written by
held-work-ended = Certificate revoked
held-work-removed = Organisation removed
held-work-much = How much
held-work-changes = { $count ->
    [one] { $count } change, { $size }
   *[other] { $count } changes, { $size }
}
held-work-what = What it would change
held-work-unreadable = What it says cannot be put together on this node.
held-work-nothing = It would change nothing of what is shown.
held-work-adopt-means = Adopt it if you know that it is honest work. It is shown then on every node that sees this draft, with all on which it builds, and says that you adopted it. Your signature cannot be taken back. Read it first.
held-work-take-means = Taken over, it is written into the draft as a change of yours, signed by you. What others wrote meanwhile stays; where both changed a passage, both are joined.
held-work-take = Take it over
held-work-ours = Keep ours alone
held-work-ours-means = Or keep only what your organisation wrote: it is written into the draft as a change of yours, without the rest.
held-work-put = Put away
held-work-bring = Bring back
held-work-reason-hint = The draft stays with those who see it, but every member can read this reason. At most 300 characters.
held-work-reason = Read it, or say why
held-work-all = Everything that is held back
held-work-adopted = Adopted. It is shown here, and wherever this arrives, with your name.
held-work-taken = Taken over. It is a change of yours now.
held-work-joined = Taken over. In some passages both texts were joined: please read them.
held-work-away = Put away. Nothing was deleted: it is among everything that is held back.
held-work-back = Brought back.
held-work-unpublished = Something of this draft is held back and not shown. It is not published either.
held-work-label = Adopted text
held-work-label-by = Written by
held-work-label-adopter = Adopted by
