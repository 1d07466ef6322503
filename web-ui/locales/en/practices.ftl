practices-title = Practices
search-label = Search practices
search-button = Search

filter-label = Filters
filter-objective = Objective
filter-country = Country
filter-kind = Kind
filter-language = Language
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
list-without = Without { $filter }: { $chosen }
list-everything = Show all practices

hit-countries = Countries:
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
