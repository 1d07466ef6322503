home-title = Practices
home-heading = Find a practice that worked
home-lead = { $practices ->
    [one] { $practices } practice
   *[other] { $practices } practices
} in a network of { $organisations ->
    [one] { $organisations } organisation
   *[other] { $organisations } organisations
}, each signed by the people behind it. Everything listed here is kept on this node and can be read offline.
home-all = All practices
home-empty-lead = This library is new. What you write here, and what partners send, will be kept on this node and can be read offline.
home-empty-heading = Nothing here yet
home-empty-text = No practice has been published in this library so far.
home-empty-write = Write the first one: fill in one page and sign it.
home-empty-meet = Or exchange with a partner: an invitation brings you their whole library.

map-title = World map of published practices by country, without borders. The numbers are in a table below it.
map-caption = Larger dots mean more practices.
map-table = See the numbers as a table
map-country = Country or area
map-count = Practices
map-note = Dots and names say nothing about the status of any country or territory or about its borders.

coverage-heading = Coverage of the 23 objectives
coverage-text = Each bar counts published practices. Amber bars with bold numbers show where experience is most needed.
coverage-bar = Objective { $objective }: { $count ->
    [one] { $count } practice
   *[other] { $count } practices
}

share-heading = Done something others could use?
share-text = Fill in one page. You can save at any time, even offline.
share-button = Share a practice

arrivals-heading = Latest from partners
arrivals-none = Nothing yet. What partners publish is listed here when it arrives.
arrivals-edition = (edition { $number })

support-heading = Looking for help?
support-text = Describe what you need, and an expert of a partner organisation answers. Nodes in between carry it and cannot read it.
support-button = Ask for support
support-experts = See the experts
