error-home = First page
error-search = Search practices
error-back = What you typed is still there: go back with your browser.
error-signed-out = You are not signed in any more. Sign in in another tab, come back to this one, and send the form again.
error-cut-off = What you sent did not come whole, so nothing was kept. Go back, choose the file again and send the form again.
error-host = This node does not answer under that name. Use the address that was shown when it started, or have the name added to its settings.
error-not-set-up = This node is not set up yet. Open its pages in a browser first.
error-forbidden-title = This is not open to you
error-forbidden-text = The form came from another site or your account may not do this. Open the page here and try again.
error-missing-title = Page not found
error-missing-text = There is nothing at this address. The link may be old or cut short.
error-conflict-title = Something changed meanwhile
error-conflict-text = Somebody changed this since you opened it. Open it again.
error-large-title = Too much at once
error-large-text = What you sent is larger than this page takes.
error-invalid-title = Something is not right yet
error-invalid-text = Please correct this and send it again.
error-wait-title = Please wait a little
error-wait-text = Too many tries. Wait and try again.
error-wait-for = Too many tries. Try again in { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}.
error-unavailable-title = Not possible right now
error-unavailable-text = The node is busy or starting. Try again in a moment.
error-request-title = This was not understood
error-request-text = The browser sent something this node cannot read.
error-broken-title = Something went wrong here
error-broken-text = This is a fault of the node, not of yours. The people who run it find the reason in its log.
