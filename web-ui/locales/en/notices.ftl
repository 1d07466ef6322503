# What waits for somebody, by kind: on the first page …
waits-heading = Waits for you
waits-live = What waits for you has changed.
waits-asked = { $count ->
    [one] One request waits for your word.
   *[other] { $count } requests wait for your word.
}
waits-own = { $count ->
    [one] One request that you asked waits for you.
   *[other] { $count } requests that you asked wait for you.
}
waits-review = { $count ->
    [one] One review waits for you.
   *[other] { $count } reviews wait for you.
}
waits-clearance = { $count ->
    [one] The clearance of one draft waits for you.
   *[other] The clearance of { $count } drafts waits for you.
}
waits-approval = { $count ->
    [one] One proposal waits for your approval.
   *[other] { $count } proposals wait for your approval.
}
waits-report = { $count ->
    [one] One reported post waits for a moderator.
   *[other] { $count } reported posts wait for a moderator.
}
waits-practice = { $count ->
    [one] One practice of your organisation is to be confirmed.
   *[other] { $count } practices of your organisation are to be confirmed.
}
waits-card = Your expert card ends soon, or has ended.
# … and in a feed of their own, one by one.
feed-title = Waits for you
feed-asked = A request waits for your decision
feed-own = A request that you asked waits for you
feed-review = A review waits for you
feed-clearance = The clearance of a draft waits for you
feed-approval = A proposal waits for your approval
feed-report = A reported post waits for a moderator
feed-practice = A practice is to be confirmed
feed-card = Your expert card ends soon, or has ended

notices-title = How you are told
notices-link = How you are told of what waits
notices-lead = What waits for you stands on the first page. You can be told by e-mail and by a feed as well: that something waits, never what.
notices-mail = By e-mail
notices-mail-none = This node sends no e-mail: whoever runs it has named no mail server.
notices-goes = Mail goes to { $address }.
notices-goes-none = No address is confirmed, so no mail goes to you.
notices-last = The last one went { $when }.
notices-refused = The mail server refused your address for good ({ $code }), { $when }. Enter it again, or another one.
notices-address = Your e-mail address
notices-address-hint = It stays on this node. A code is mailed to it first.
notices-often = How often
notices-often-hour = At once, at most once an hour
notices-often-day = At most once a day
notices-often-never = Never
notices-save = Save
notices-saved = Saved.
notices-confirm = Confirm your address
notices-confirm-wait = A code is on its way to { $address }.
notices-confirm-mailed = A code was mailed to { $address }. It works for a day.
notices-code = Code
notices-code-hint = Eight digits
notices-confirm-button = Confirm
notices-confirmed = Your address is confirmed.
notices-forget = Forget my address
notices-forgotten = Your address is forgotten.
notices-feed = By a feed
notices-feed-text = A feed reader shows what kind of thing waits, at an address that only you know. Whoever has that address can read it.
notices-feed-made = You have a feed. If others have its address, make a new one: the old one shows nothing then.
notices-feed-new = This is the address of your feed. It is shown once: copy it into your feed reader now.
notices-feed-address = Address of the feed
notices-feed-make = Make a feed
notices-feed-again = Make a new address
notices-feed-end = Take the feed back
notices-feed-ended = The feed is taken back.
notices-where = What waits is worked out on this node alone, and your address is told to nobody but the mail servers that carry mail to it.

# Whoever has the secret of a mail.
notices-stop-title = No more mail
notices-stop-text = You get no more mail about what waits for you on this node. You can change that under your account at any time.
notices-stop-button = Stop mail
notices-stopped = No more mail goes to you. What waits for you stands on the first page as before.

# Mail. It names nobody and nothing: whoever reads it on the way learns no more.
mail-confirm-subject = Your code
mail-confirm-text = Somebody entered this address to be told when something waits at { $place }. This is the code:
mail-confirm-where = Type it, signed in, at { $place }
mail-confirm-else = If that was not you, do nothing: no other mail comes.
mail-waits-subject = Something waits for you
mail-waits-text = Something waits for you. Sign in to see what it is:
mail-waits-why = This message says no more, so that nobody else learns of it on the way.
mail-change = Change how often you are told: { $place }
mail-stop = Stop such mail: { $place }
