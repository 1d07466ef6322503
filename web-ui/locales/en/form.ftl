form-problem = There is a problem
form-error = Error:
form-wrong = { $field }: { $message }
form-optional = (optional)
form-cancel = Cancel
form-choose = Choose …
form-characters = Up to { $count } characters.
form-too-long = Shorten this to { $limit } characters or fewer
form-not-number = Write a number, such as 27.5
form-not-whole = Write a whole number, such as 1200
form-of = { $what }: { $whom }
form-row = { $field }, { $number }
form-chosen = Chosen: { $what }
form-none-chosen = Nothing chosen yet
form-show-all = { $count ->
    [one] Show { $count }
   *[other] Show all { $count }
}
form-no-files = None yet.
