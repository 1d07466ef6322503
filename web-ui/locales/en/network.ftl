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
network-root = Public root
network-root-count = { $count ->
    [one] { $count } object
   *[other] { $count } objects
}
network-listen = Listens on

condition-heading = How this node is
condition-text = What tern doctor finds, with what to do. You see it because you operate this node.
condition-ok = Well
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
member-steward = Steward
members-waiting = { $count ->
    [one] { $count } organisation waits to be admitted
   *[other] { $count } organisations wait to be admitted
}
members-waiting-text = Call the organisation and compare the fingerprint before you approve.
members-asked = Asked { $when }
members-approvals = { $approvals } of { $needed } approvals
members-approve = Approve
members-approved = Approved.
invite-heading = Invite an organisation
invite-text = You get a text that works once. Send it by any means: the organisation pastes it when it sets up its node.
invite-organisation = Name of the organisation
invite-button = Make an invitation
invite-made = The invitation
invite-made-text = Copy it now, it is not shown again. It works until { $moment }.
