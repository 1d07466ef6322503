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

# The submission form for word processors; made by the node.
template-title = Submit a practice
template-how = Write on the right. What you leave empty is left out; files and pictures are added later. The small grey words on the left tell the program which answer is which: leave them as they are. To answer in a further language, copy a row and write its code instead of the last letters, as in tern:title.fr.
template-back = When it is filled in, take it back with: tern practice import FILE
template-choices = Write codes. There are: { $choices }
template-several = Several answers: one on each line, or ; between them.
