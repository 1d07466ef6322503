# Collections of practices and resources, and resources beside practices.
library-tabs = The library

collection-list-title = Collections
collection-list-text = Practices and resources that an organisation chose and put in order, to be read, kept and taken away together.
collection-new-link = Make a collection
collection-search-label = Search collections
collection-count = { $count ->
    [0] No collections
    [one] { $count } collection
   *[other] { $count } collections
}
collection-none = There are no collections yet.
collection-none-text = A publisher makes one: open a practice and add it to a collection, or begin with a title here.
collection-nothing = No collection has these words in its title or text.
collection-everything = Show all collections
collection-items = { $count ->
    [0] Nothing in it
    [one] { $count } item
   *[other] { $count } items
}
collection-by = A collection of { $org }
collection-missing = { $count ->
    [one] { $count } of them is missing on this node. It comes with an exchange, or on a stick.
   *[other] { $count } of them are missing on this node. They come with an exchange, or on a stick.
}
collection-missing-one = Missing here
collection-not-here = Something that is not on this node
collection-members = A practice for members alone
collection-a-resource = Resource
collection-withdrawn = Withdrawn
collection-empty = Nothing is in it yet. Open a practice and add it to this collection.
collection-edit-link = Change the collection
collection-take = Take it away
collection-take-text = { $count ->
    [one] The practice of it that is on this node, as a file.
   *[other] The { $count } practices of it that are on this node, as one file.
}
collection-bundle = For a node that is cut off, with all that is needed to check who signed, the command line writes a bundle:
collection-new-title = Make a collection
collection-edit-title = Change the collection
collection-public = A collection is public and signed. Every node has it after the next exchange.
collection-text = What it is for
collection-order = What is in it
collection-order-none = Nothing yet. Practices and resources are added from their own pages.
collection-order-hint = The order here is the order in which it is to be read. Nothing is signed before you save.
collection-note = Why it is here
collection-up = Move up
collection-down = Move down
collection-remove = Take out
collection-withdraw-title = Withdraw the collection

resource-list-title = Resources
resource-list-text = Briefs, tools, trainings, data sets and laws that organisations list beside practices.
resource-new-link = List a resource
resource-search-label = Search resources
resource-count = { $count ->
    [0] No resources
    [one] { $count } resource
   *[other] { $count } resources
}
resource-none = There are no resources yet.
resource-none-text = A publisher lists what others can use: a brief, a tool, a training, a data set, a law.
resource-nothing = No resource has these words in its title or abstract.
resource-everything = Show all resources
resource-by = Listed by { $org }
resource-where = Where it is
resource-outside = A link to another site. This node fetches nothing from there.
resource-file-away = The file is not on this node. Whoever has it can send it over the network.
resource-edit-link = Change the resource
resource-new-title = List a resource
resource-edit-title = Change the resource
resource-public = A resource is public and signed. Every node has what you say of it after the next exchange. A file is sent with the command line: tern resource new FORM --file FILE.
resource-text = What it says
resource-type = Kind
resource-url = Address on the web
resource-url-hint = It begins with https://. It is needed if there is no file.
resource-publisher = Publisher
resource-publisher-hint = If that is not your organisation.
resource-date = Published
resource-date-hint = A year, a month or a day, as 2024, 2024-05 or 2024-05-17.
resource-countries = Countries
resource-countries-hint = Codes of two letters, as NE, TD.
resource-objectives = Objectives of the Compact
resource-languages = Languages
resource-licence = Licence
resource-withdraw-title = Withdraw the resource

listing-untitled = Without a title
listing-said-on = Said on { $when }
listing-gone = { $org } withdrew this.
listing-beside = { $count ->
    [one] Somebody of the same organisation said something else at the same time. Whoever changes it next brings both together.
   *[other] Others of the same organisation said something else { $count } times, without knowing of this. Whoever changes it next brings all together.
}
listing-about = Who says this
listing-by = Signed by
listing-said-at = When, as they say
listing-signed = The signature was checked on this node. Only the organisation whose it is can change or withdraw it.
listing-id = Id
listing-record = Signed record
listing-lang = Language of the texts
listing-lang-hint = Texts in other languages stay as they are.
listing-title = Title
listing-save = Sign and save
listing-said = It is signed and saved.
listing-meanwhile = Somebody else changed it meanwhile. Look at the page again, then save what you mean: it takes the place of what stands there.
listing-withdraw-link = Withdraw
listing-withdraw-text = It is listed no more. Whoever has its address reads who withdrew it and why. Practices and files are not touched.
listing-withdraw-button = Sign and withdraw
listing-withdrawn = It is withdrawn.
listing-reason = Why?
listing-reason-missing = Choose a reason.
listing-reason-text = More about it

add-link = Add to a collection
add-title = Add to a collection
add-none = Your organisation has no collection yet.
add-which = Which collection?
add-choose = Choose a collection.
add-new = Begin a new one with it
add-edition = Which edition?
add-edition-latest = The one that is shown at the time
add-edition-this = Edition { $number }, also when there are later ones
add-button = Sign and add
add-done = It is in the collection.

keep-title = Keep on this node
keep-text = Its files are fetched and stay here, also when nothing names them any more.
keep-no-files = Its practices and resources have no files. Their texts are here already.
keep-here = { $here } of { $files } files are here,
keep-takes = Fetching the others takes { $bytes } over the link and about { $minutes } min.
keep-costs = Beyond the local network that costs { $cost }.
keep-costly = Links beyond the local network cost money.
keep-button = Keep its files here
keep-kept = Its files are kept here.
keep-undo = Keep them no more
keep-again = Fetch what is missing
keep-done = The files are kept; those that are missing are being fetched.
keep-undone = The files are kept for this collection no more.

read-collections = In these collections
