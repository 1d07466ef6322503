# What links cost: the line on every page, the page, the step of set-up.
link-month = This month: { $spent }
link-month-of = This month: { $spent } of { $allowance }
link-bill = About { $bill }
link-used-up = The month's allowance is used up: requests and answers still move, everything else waits until { $day }.
link-see = Where the bytes went

links-title = What links cost
links-say = Say what it costs
links-unsaid = Nobody has said what links beyond the local network cost. They are taken to cost money: contact is made every few hours and then closed.
links-free = Links cost nothing: they stay open.
links-metered = Links beyond the local network cost money: contact is made now and then, and at once for a request or an answer.
links-satellite = Links beyond the local network go over a satellite: contact is made now and then, and at once for a request or an answer.
links-spent-heading = Where the bytes went this month
links-purpose = For
links-costly = Cost money
links-free-column = Cost nothing
links-sum = All
link-purpose-requests = Requests and answers
link-purpose-library = Practices, drafts and public records
link-purpose-files = Files beside practices
link-purpose-authority = Who may say what
link-purpose-finding = Finding out what is lacking
link-purpose-transport = The transport itself, estimated
links-count-text = Bytes are counted here, both ways, and partly estimated. What you pay is decided by the provider's own count.
links-contacts = Contacts this month
links-bill-label = Bill so far
links-allowance = Allowance of a month
links-no-allowance = No limit
links-last = Last contact
links-next = Next contact
links-now = Being made now
links-at-once = As soon as a partner can be reached
links-waits = Waits for it
links-nothing-waits = Nothing
links-wait-requests = { $count ->
    [one] { $count } request or answer
   *[other] { $count } requests and answers
}
links-wait-library = { $count ->
    [one] { $count } practice or record
   *[other] { $count } practices and records
}
links-wait-authority = { $count ->
    [one] { $count } record of who may say what
   *[other] { $count } records of who may say what
}
links-wait-bytes = About { $bytes }
links-contact = Make contact now
links-contact-asked = Contact is being made. The page shows the result when you open it again.
links-contact-nobody = Nobody can be reached beyond the local network: no address is known.
links-operator = Whoever operates this node can say what links cost.
links-form = What does your link cost?
links-form-text = It is about links that leave this building. Within the local network everything is exchanged at once.
links-class = Your link
links-class-free = Office network, fibre or cable: bytes cost nothing
links-class-metered = Mobile data, or anything that counts bytes
links-class-satellite = Satellite
links-class-missing = Choose what your link is
links-price = Price of a megabyte
links-price-hint = Such as 8.50. Leave it empty if you do not know.
links-currency = Currency
links-currency-hint = Such as USD or FCFA.
links-monthly = Megabytes a month
links-monthly-hint = When they are used up, requests and answers still move and everything else waits for the next month. Leave it empty for no limit.
links-every = Time between two contacts
links-every-hint = Such as 30m, 4h or 1d. Requests and answers do not wait for it.
links-from = First hour of contacts
links-hours-hint = From 0 to 23, in UTC. Leave both empty for all day.
links-to = Last hour of contacts
links-save = Save
links-saved = Noted.
setup-link-part = Your link
setup-link-text = You can leave this out and say it later. Until then links are taken to cost money, so that nothing is used up unasked.
