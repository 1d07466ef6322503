charter-title = Charter
charter-in-force-number = Charter { $number }, in force
charter-stewards = Stewards
charter-one-steward = One organisation alone decides who belongs and what the charter says.
charter-majority = { $majority } of { $count } stewards decide who belongs and what the charter says. A new steward has to agree.
charter-recall = { $count } members together can replace the stewards by another charter.
charter-no-recall = As long as there are so few members, nobody can replace the stewards.
charter-appoint = There are { $count } members now. Appoint three stewards, so that no single organisation, and no single stolen key, decides for all.
charter-policies = What was agreed on
charter-no-policies = No policies yet.
charter-promises = Policies are promises between organisations. Who the stewards are and how many decide is checked by every node.
charter-history = History
charter-founded = Founded { $name }. Stewards:
charter-signed = Signed by
charter-open = { $count ->
    [one] { $count } proposal for the next charter
   *[other] { $count } proposals for the next charter
}
charter-propose = Propose the next charter
charter-proposed = Proposed. It counts once the others have approved it.
charter-in-force = The charter is in force.
charter-form-title = Propose charter { $number }
charter-form-text = Change what is to be otherwise; the rest stays. Before anything is signed you see what would change.
charter-name = Name of the federation
charter-stewards-hint = One, three, five or seven. Three are good: two decide, and one can be on leave.
charter-policies-hint = A policy without text is taken out.
charter-policy-code = Another policy: a short code, such as translations
charter-policy-text = Its text
charter-check = Show what would change
charter-sign-title = Sign the proposal of charter { $number }
charter-sign-button = Sign and propose
charter-back = Change something

policy-admission = How organisations are admitted
policy-conduct = How members behave, and what is done where they do not
policy-data-protection = How personal data is protected
policy-languages = In which languages work is done
policy-quotas = How much a member may publish
policy-reviews = How practices are reviewed
policy-seals = Who may seal a practice
policy-stewards = How stewards are chosen, and for how long

change-name = The name changes from { $from } to { $to }
change-appoints = { $org } becomes a steward
change-drops = { $org } is no steward any more
change-policy-set = New: { $policy }
change-policy-out = Taken out: { $policy }
change-policy = Changed: { $policy }
change-recall = { $to ->
    [0] Nobody can replace the stewards
    [1] Nobody can replace the stewards
   *[other] { $to } members together can replace the stewards
} ({ $from ->
    [0] before, nobody could
    [1] before, nobody could
   *[other] before: { $from }
})

approvals-title = What needs my approval
approvals-text = What the stewards have not decided yet. Read it, compare fingerprints where somebody is new, then approve or leave it.
approvals-none = Nothing waits.
approvals-yours = Waits for you
approvals-given = Your organisation has approved this.
approvals-decide = Read and decide
approve-button = Sign the approval
approve-done = Approved.
approve-no-role = Your account does not speak for a steward: the role steward is missing.
approve-read-out = Read this federation’s fingerprint out to them too: { $fingerprint }
approve-compared = I have called the organisation by a number that I knew before, and the fingerprint is the same.
approve-compared-missing = Compare the fingerprint by telephone first, then tick the box
approve-means-charter = Your organisation’s approval of this charter cannot be taken back. It counts once enough stewards have signed, and those it appoints.
approve-means-admit = Its people can read everything that members share, publish in its name and invite nobody. Other members will trust that you know who this is.
approve-means-suspend = It connects to nobody and is sent nothing until that is lifted. What it published stays.
approve-means-lift = It takes part again as before.
approve-means-remove = Its people and nodes are put out. What the proposing steward held of their work stays; what turns up later does not count.
approve-means-rekey = Its keys are replaced by new ones, because it lost its own or they conflict. Be sure who asks: whoever has the new key speaks for it.
proposal-charter = Charter { $number }
proposal-admit = Admit { $org }
proposal-suspend = Suspend { $org }
proposal-lift = Lift the suspension of { $org }
proposal-remove = Remove { $org }
proposal-rekey = New keys for { $org }
proposal-reason = Reason
proposal-invited = Invited by
proposal-invited-here = Your organisation: it showed an invitation of this node.
proposal-approved = Approved by
proposal-nobody = Nobody yet
proposal-missing = Still missing
proposal-to-agree = New stewards that have to agree
proposal-recall = Or by recall
proposal-recall-text = { $approvals } of { $needed } members

alike-warning = Careful:
like-name = This has the same name as
like-spelling = This is spelled almost like
like-words = Most words of this name are also in that of
like-initials = This has the initials of
alike-country = in the same country
alike-returns = It was a member before, and left or was removed. Read why, under Members, before you let it in again.
alike-advice = Call the organisation that you know, by a number that you know, before you approve.
alike-neighbours = Others of the same country:

fingerprint = Fingerprint
fingerprint-text = Compare it by telephone: it tells this organisation from another of its name.
fingerprint-federation = Fingerprint of the federation
fingerprint-federation-text = Read it out to whoever joins: they see the same digits, or it is another federation.
root-passphrase = Passphrase of the root key
root-passphrase-hint = It opens your organisation’s root key for this one signature.
root-key-text = It is signed with your organisation’s root key, which speaks for all of it.

organisation-facts = About it
organisation-id = Id
organisation-frozen = Two changes of its keys conflict. The stewards can give it new ones.
organisation-certificates = { $count ->
    [one] { $count } certificate
   *[other] { $count } certificates
}
organisation-certificates-text = What the organisation trusts each key with. The order is that of its log, which has no clock.
organisation-acts = What can be done
certificate-who = Person or node
certificate-node = Node
certificate-own = Yours
certificate-since = Since
certificate-entry = entry { $number }
certificate-act = Change
certificate-state-live = Acts
certificate-state-waiting = Waits for admission
certificate-state-suspended = Suspended
certificate-state-over = Its time is over
certificate-state-left = Organisation left
certificate-state-removed = Organisation removed
certificate-state-revoked = Revoked
certificate-only-draft = Only for the draft { $id }
certificate-only-practice = Only for the practice { $id }
certificate-only-submission = Only for the review of the submission { $id }
certificate-only-request = Only for the request { $id }
certificate-only-unknown = Only for something that is not here: { $id }
certificate-only-none = For nothing that this version understands
certificate-quota = { $count ->
    [0] All that it signs goes after what others signed
    [one] One thing that it signs goes first in a meeting, the rest after what others signed
   *[other] { $count } things that it signs go first in a meeting, the rest after what others signed
}
certificate-ends = { $weeks ->
    [0] Ends with beacon { $beacon }, the present one
    [one] Ends with beacon { $beacon }, about { $weeks } week from now
   *[other] Ends with beacon { $beacon }, about { $weeks } weeks from now
}
certificate-ends-text = Ends are counted by the federation’s beacons, about one a week, and not by any clock. What a certificate signed stays valid.
certificate-ends-none = No beacon has been made yet: until there is one, nothing ends.
revoke-link = Revoke
revoke-title = Revoke a certificate
revoke-means = This key signs nothing any more that counts. What it signed and this node holds stays; what turns up later does not count, unless somebody adopts it. This cannot be undone, but a new certificate can be granted.
revoke-own = This is your own certificate: you will not be able to act any more.
revoke-own-node = This is the node whose pages you read: once others know, they meet it no more.
revoke-last-operator = Nobody else operates a node of your organisation. Afterwards only whoever holds the data folder and the root key can let somebody in, on the command line: tern cert grant.
revoke-button = Revoke it
revoke-done = Revoked.
revoke-forbidden = Certificates are revoked by an operator of the organisation whose they are.
revoke-reason-missing = Choose a reason
revoke-reason-left = The person left, or has other duties
revoke-reason-replaced = Another certificate takes its place
revoke-reason-lost = The key is lost
revoke-reason-stolen = Somebody else may have the key
revoke-reason-misused = It was misused

member-act-suspend = Suspend
member-act-lift = Lift the suspension
member-act-remove = Remove
member-act-admit = Admit again
member-act-leave = Leave the federation
member-act-means-suspend = It connects to nobody and is sent nothing until a majority of the stewards lifts that. What it published stays.
member-act-means-lift = It takes part again as before, once a majority of the stewards agrees.
member-act-means-remove = Once a majority of the stewards agrees it is put out. What this node holds of its people’s work stays; what turns up later does not count.
member-act-means-admit = It belongs again, with the keys that it had, once a majority of the stewards agrees.
member-act-means-leave = Your organisation connects to nobody and signs nothing any more that others take. What it published stays with them. Only the stewards can let it in again.
member-act-steward = It is a steward and keeps its say until a charter names others. Propose one that does not name it, as well.
member-act-forbidden = This cannot be done, or not by you: the stewards decide it.
member-act-button-suspend = Sign the suspension
member-act-button-lift = Sign that it is lifted
member-act-button-remove = Sign the removal
member-act-button-admit = Sign the admission
member-act-button-leave = Sign that we leave
member-reason-hint = Its people and all members read this.
member-reason-missing = Say why
member-decided = Done: it counts.
member-proposed = Proposed. It counts once the other stewards have approved it.
