practices-title = Practices
search-label = Search practices
search-button = Search

filter-label = Filters
filter-objective = Objective
filter-country = Country
filter-kind = Kind
filter-language = Language
filter-topic = Topic
filter-place = Region
filter-chosen = Chosen
filter-drop = Remove
filter-set = { $filter }: { $chosen }
filter-any = Show all
filter-none = Nothing to choose

list-count = { $count ->
    [0] No practices
    [one] { $count } practice
   *[other] { $count } practices
}
list-newest = Newest first
list-best = Best match first
list-indexing = The search index is being built. More may be found in a moment.
list-nothing = No practice fits all of this. Try fewer or other words, or drop a filter:
list-nothing-words = No practice has these words. Try fewer or other words, or words of another language.
list-without-words = Without the words
list-nothing-typed = Nothing has these words as they are typed.
list-meant = Shown for:
list-similar = Nothing has all these words as they are typed. These practices have similar ones.
list-partly = Nothing has all these words. These practices have most of them.
list-new-only = New only
list-new-only-text = Only what arrived since you last looked is shown.
list-new-all = Show everything that fits
list-without = Without { $filter }: { $chosen }
list-everything = Show all practices

hit-countries = Countries:
hit-by = Found by what it is about:
hit-more = and { $count } more
hit-languages = Languages:
hit-listed = Listed from a public source
hit-not-reviewed = Not reviewed
hit-signatures = { $count ->
    [one] { $count } signature
   *[other] { $count } signatures
}

pager-label = Pages
pager-first = Back to the first page
pager-next = Next page

near-heading = From places like yours
near-text = Practices from your country and from countries near it, best first. Each says why it is shown.
near-heading-same = Similar practices, from places like yours
near-why = Why this one
near-country = The same country: { $data }
near-place = The same part of the world: { $data }
near-objectives = The same objectives: { $data }
near-topics = The same topics: { $data }
near-groups = For the same people: { $data }
near-kind = The same kind of practice: { $data }
near-words = Most of your words

saved-title = Saved searches
saved-text = They are kept on this node for you alone. Nobody else is told what you look for.
saved-keep = Save this search
saved-keep-button = Save
saved-name = Name
saved-yours = What you keep
saved-none = You keep no search yet. Search for something, then choose “Save this search” below the list.
saved-none-next = Search practices
saved-words = “{ $words }”
saved-fresh = { $count ->
    [one] { $count } new
   *[other] { $count } new
}
saved-nothing-new = Nothing new
saved-looked = looked at { $when }
saved-seen = I have seen these
saved-remove = Remove
saved-kept = The search is saved.
saved-removed = The search is removed.
