history-heading = History
history-text = Editions are never changed. Each one stays readable and keeps its own signatures.
history-this = Edition { $number }, this one
history-edition = Edition { $number }
history-all = { $count ->
    [one] The only edition so far
   *[other] All { $count } editions
}
history-times = Published { $published }, arrived here { $received }.
history-compare = What changed from { $from } to { $to }

compare-heading = Compare editions
compare-title = From edition { $from } to edition { $to }
compare-from = From
compare-to = to
compare-option = { $number }, { $day }
compare-button = Compare
compare-same = These two editions say the same.
compare-legend = Underlined words are new, struck-through words are gone.
diff-gone = [taken out:]
diff-new = [put in:]
