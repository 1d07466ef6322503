# Requests without a link: what this node said as QR codes and text, and codes that
# others made.
codes-heading = Without a link
codes-offer = Where no link and no stick leads to the other organisation, what this node said about this request fits a few codes: for the camera of a telephone, a letter or a message. Whoever sees them can pass them on, and reads nothing.
codes-button = Show the codes
codes-title = This request as codes
codes-back = Back to the request
codes-how = { $count ->
    [one] It is one code. Photograph it, or copy the text. The other office pastes it under Requests, Take in codes.
   *[other] It takes { $count } codes. Photograph each, or copy the text of all. The other office pastes them together under Requests, Take in codes, in any order.
}
codes-text-heading = The codes as text
codes-one = Code { $number } of { $count }

codes-take-title = Take in codes
codes-take-link = Take in codes
codes-take-text = Paste all codes that were sent to you, in any order: each is a text that begins with tern1t. A telephone shows that text when its camera reads a QR code. Pasting the same codes again changes nothing.
codes-take-label = Codes
codes-take-button = Take in
codes-taken = From { $org }, written on { $when }
codes-taken-counts = { $new ->
    [0] Nothing in it is new here.
    [one] { $new } thing is new here.
   *[other] { $new } things are new here.
} { $known ->
    [0] {""}
    [one] { $known } was here already.
   *[other] { $known } were here already.
}
codes-refused = Not taken in:
