network-exchange-all = Exchange now
network-exchange = Exchange
network-asked = Asked. The page shows the result when you open it again.
network-nobody = No partner could be asked: none is known or reachable.
network-federation = Federation
network-members = Members
network-see-members = See members
network-practices = Practices here
network-disk = On disk
network-partners = Partners
network-alone = This node has no partners yet.
network-alone-next = Everything works without them. When you invite an organisation or join a federation, libraries are exchanged by themselves.
network-invite = Members and invitations
network-own = This node
network-own-text = Compare these with a partner: two nodes in step have the same public root and count.
network-organisation = Organisation
network-node = Node
network-federation-id = Federation
network-fingerprint = Fingerprint of your organisation
network-fingerprint-text = Read both out to the steward who invites you, and compare theirs, before you are admitted.
network-root = Public root
network-root-count = { $count ->
    [one] { $count } object
   *[other] { $count } objects
}
network-listen = Listens on
network-reach-nobody = Nobody reaches this node from beyond its local network: it calls the others.
network-reach-told = This node tells the others where it is. Whether they get through is not known yet.
network-reach-closed = This node tells the others where it is, but they do not get through to it: a router or a firewall may keep them out.
network-reach-directly = Others reach this node directly.
network-reach-over = Others reach this node through { $names }. What passes there cannot be read on the way.
network-relays-for = { $count ->
    [0] Members that nobody can reach directly may be reached through this node; just now none is.
    [one] Through this node { $count } member is reached that nobody can reach directly. What passes cannot be read here.
   *[other] Through this node { $count } members are reached that nobody can reach directly. What passes cannot be read here.
}

restored-waits = This node was restored from a backup of { $when } and has met no other member since. You can read and write drafts; nothing can be signed until it has.
restored-see = What to do
restored-heading = Restored from a backup
restored-text = On { $at } this node was restored from a backup of { $to }.
restored-why = It does not know what it signed after that backup, so it signs nothing until it has met another member. Connect it, or use Exchange now. What the others hold of your work comes back by itself.
restored-nobody = There is nobody to meet
restored-resume-text = Go on only if no other member can be reached for long. What this node signed after the backup and others hold may then be there twice, in two versions.
restored-resume = Go on without meeting anyone
restored-resumed = The node signs again.
restored-met = It is in step again since { $at }, with { $with }.
restored-gained = { $count ->
    [0] Nothing had to come back.
    [one] { $count } object came back.
   *[other] { $count } objects came back.
}
restored-by-word = The operator let it go on, on { $at }.

put-back-waits = On { $when } it was noticed that this node was put back to an earlier state, and it has met no other member since. You can read and write drafts; nothing can be signed until it has.
put-back-heading = Put back to an earlier state
put-back-text = On { $at } this node met { $by }, who had met a later state of it: an older copy of its data folder, or of the whole machine, was started.
put-back-bundle = On { $at } this node found a bundle that it had written and does not remember: an older copy of its data folder, or of the whole machine, was started.
put-back-why = It does not know what it signed after that state, so it signs nothing until it has met another member. Connect it, or use Exchange now. What the others hold of your work comes back by itself.

copied-heading = Two nodes run with one key
copied-text = On { $at } { $by } noticed that two nodes run with the key of this node: somebody started a copy of its data folder, or of the whole machine.
copied-why = Both go on working, and nothing is lost. But both sign as one, so a practice may get two editions with one number.
copied-stop = Let the other one exchange once more, then stop it for good, and say so here.
copied-both = If both are needed, stop the other one and give it a key of its own: on its machine, type the command below. Then say here that only this one runs.
copied-only = Only this one runs now
copied-operator = Whoever operates this node can say here that only this one runs.
copied-noted = Noted: only this node runs with its key.
copied-cleared = On { $at } its operator said that only this one runs.

condition-heading = How this node is
condition-text = What tern doctor finds, with what to do. You see it because you operate this node.
condition-ok = Well
condition-well = { $count ->
    [one] { $count } check finds nothing to do
   *[other] { $count } checks find nothing to do
}
condition-attention = Attention
condition-red = Act now

peer-organisation = Organisation
peer-state = State
peer-last = Last exchange
peer-behind = Missing here
peer-waiting = Waiting to be sent
peer-today = Today
peer-act = Exchange
peer-unknown = Unknown organisation
peer-away = Not connected
peer-never = Never
peer-not-known = Not known

members-title = Members
members-all = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
members-kind = Kind
members-country = Country
members-state = State
members-own = This node
member-member = Member
member-suspended = Suspended
member-left = Left
member-removed = Removed
member-steward = Steward
members-waiting = { $count ->
    [one] { $count } organisation waits to be admitted
   *[other] { $count } organisations wait to be admitted
}
members-waiting-text = Call each of them by a number that you know, and compare the fingerprint before you approve.
members-asked = Asked { $when }
members-approvals = { $approvals } of { $needed } approvals
invite-heading = Invite an organisation
invite-text = You get a text that works once. Send it by any means: the organisation pastes it when it sets up its node.
invite-organisation = Name of the organisation
invite-button = Make an invitation
invite-made = The invitation
invite-made-text = Copy it now, it is not shown again. It works until { $moment }.
invite-code = The invitation as a QR code
invite-code-text = Or have it photographed: the code holds the same text.

# How old the view of the members is.
network-members-as-of = { $days ->
    [0] Your view of the members is of today.
    [one] Your view of the members is one day old.
   *[other] Your view of the members is { $days } days old.
} The stewards last said on { $day } that they are there.
