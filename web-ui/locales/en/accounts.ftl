accounts-title = Accounts
accounts-link-from-account = Accounts of this node
accounts-all = { $count ->
    [one] { $count } account
   *[other] { $count } accounts
}
accounts-person = Person
accounts-signs-in = Signs in
accounts-by-password = With a password
accounts-by-link = By a link
accounts-act = Change
accounts-roles = Roles
accounts-reset = New password
accounts-reset-done = { $name } has no password now
accounts-reset-text = Every session of this account has ended. Hand this link to the person: with it they set a new password, once, until { $moment }. It is not shown again.
accounts-link = The link
accounts-remove = Remove
accounts-keys = A password opens these pages and no key. New keys, where a passphrase is lost, are made on the command line of the node: tern account rekey.
accounts-removed = The account { $name } is removed
accounts-goes-on = { $to } goes on:
accounts-drafts = { $count ->
    [one] { $count } draft
   *[other] { $count } drafts
}
accounts-requests = { $count ->
    [one] { $count } open request
   *[other] { $count } open requests
}
accounts-declined = { $count ->
    [one] { $count } request was declined in this person’s name.
   *[other] { $count } requests were declined in this person’s name.
}
accounts-kept = What stays
kept-request = Request
kept-certificate = Certificate
kept-expert-card = Expert card
kept-key = Key
account-remove-title = Remove the account of { $name }
account-remove-text = For somebody who left. The account can no longer sign in, and its signing key is removed for good. What this person published stays, signed by them. Open requests that they were asked are declined in their name, where their key opens. This cannot be undone.
account-remove-to = Who goes on?
account-remove-to-hint = Drafts and open requests of this person go over to this account.
account-remove-nobody = Nobody: there is nothing to go on with
account-remove-button = Remove the account
new-password-title = Set a new password
new-password-button = Save and sign in
password-link-spent = This link was used already or is too old. Ask whoever runs this node for a new one.
