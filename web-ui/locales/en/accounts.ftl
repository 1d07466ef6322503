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
accounts-revoked = { $count ->
    [one] The certificate is revoked.
   *[other] { $count } certificates are revoked.
}
accounts-stands = { $count ->
    [0] Nothing that this person signed is held here.
    [one] One piece that this person signed is held here, and it stands. What turns up later does not count.
   *[other] { $count } pieces that this person signed are held here, and they stand. What turns up later does not count.
}
accounts-kept = What stays
kept-request = Request
kept-certificate = Certificate
kept-expert-card = Expert card
kept-key = Key
account-remove-title = Remove the account of { $name }
account-remove-text = For somebody who left. The account can no longer sign in, and its signing key is removed for good. What this person published stays, signed by them. Open requests that they were asked are declined in their name, where their key opens. This cannot be undone.
account-remove-certificate = The certificate is revoked with it. What this person signed and this node holds stands, with their name; what turns up later under their key does not count, unless somebody adopts it.
account-remove-away = Your organisation’s root key is not on this node, and without it nothing is revoked. With the stick, on the command line of the node:
account-remove-away-error = Remove the account on the command line with the stick, or keep the certificate for now and revoke it afterwards
account-remove-keep = Keep the certificate
account-remove-keep-hint = For somebody who only moves to another node of your organisation. It stays valid until it is revoked, wherever its key is.
account-remove-to = Who goes on?
account-remove-to-hint = Drafts and open requests of this person go over to this account.
account-remove-nobody = Nobody: there is nothing to go on with
account-remove-button = Remove the account
new-password-title = Set a new password
new-password-button = Save and sign in
password-link-spent = This link was used already or is too old. Ask whoever runs this node for a new one.
