# The frame of every page.
product = Tern
skip = Skip to main content
node-of = Node of { $organisation }
language = Language
your-account = Your account, { $name }
crumb = You are here

nav-main = Main
nav-practices = Practices
nav-experts = Experts
nav-requests = Requests
nav-waiting = { $count }
nav-waiting-text = waiting for you
nav-work = My work
nav-approvals = Approvals
nav-network = Network
nav-help = Help

sync-label = Connection
sync-connected = Connected
sync-apart = Not connected
sync-alone = On its own
sync-last = Last exchange { $when }
sync-reachable = { $connected } of { $peers } partners reachable
sync-waiting = { $count ->
    [one] { $count } of your changes waits to be sent
   *[other] { $count } of your changes wait to be sent
}
sync-see = See network

foot-version = Tern { $version }
foot-accessibility = Accessibility
foot-data = Data protection
foot-api = For programs

# What stands for a name that is not shown.
a-person-of = A person of { $org }
party = { $person }, { $org }
party-unknown = Not known
count = { $count }

# What the rules of the federation say of something signed.
verdict-accepted = Signature valid
verdict-adopted = Adopted
verdict-quarantined = Does not count

signer-author = Author
signer-contributor = Co-author
signer-publisher = Publishing organisation
signer-endorser = Endorsed it

role-contributor = Contributor
role-contributor-does = writes drafts
role-publisher = Publisher
role-publisher-does = publishes for the organisation
role-reviewer = Reviewer
role-reviewer-does = reviews practices
role-focal-point = Focal point
role-focal-point-does = speaks for the organisation
role-expert = Expert
role-expert-does = answers requests
role-moderator = Moderator
role-moderator-does = hides posts and gives advice
role-operator = Operator
role-operator-does = runs the node
role-steward = Steward
role-steward-does = decides with others who belongs
