attach-title = Files
attach-of = Files of this draft
attach-count = { $count ->
    [0] No file is attached.
    [one] { $count } file is attached.
   *[other] { $count } files are attached.
}
attach-save-first = Save the form first: what you typed and did not save stays behind.
attach-manage = Add, replace or remove files
attach-back = Back to the draft
attach-none = None yet.
attach-not-here = Not on this node
attach-not-yours = Your account may read this draft, and not write in it.
attach-lang = Language:
attach-shows = Shows:
attach-licence = Licence:
attach-no-alt = Nobody has said yet what this picture shows, so those who cannot see it get nothing of it.
attach-texts = Change its texts
attach-replace = Replace
attach-remove = Remove
attach-removed = { $name } was removed from this draft.
attach-undo = Put it back
attach-put-back = It is back in its place.

attach-add = Add a file
attach-full = { $count ->
    [one] A practice has at most { $count } file here. Remove it before you add another.
   *[other] A practice has at most { $count } files here. Remove one before you add another.
}
attach-file = File
attach-file-hint = Up to { $limit }, and at most { $count } files for one practice. Readers at other nodes decide themselves whether to fetch it, so a small file reaches more of them.
attach-cleaned = Place, time and device are taken out of pictures (JPEG, PNG, WebP) before they are kept. Other files stay as they are: what a document tells of its author in its properties stays in it, so look before you send it.
attach-name = Name shown
attach-name-hint = Without one, the file keeps its own.
attach-name-missing = Enter the name under which readers find this file.
attach-file-lang = Language of the file
attach-alt = What it shows
attach-alt-hint = For every picture: say in one or two sentences what can be seen. Those who cannot see it hear this instead, and those on a slow link read it first.
attach-file-licence = Licence of the file
attach-send = Add this file
attach-file-missing = Choose a file that is not empty.
attach-sending = Sending the file
attach-sent = { $percent } sent
attach-keeping = All of it is here. It is being kept.
attach-cancel = Stop
attach-stopped = Stopped. Nothing was kept.
attach-cut = The connection was cut, so nothing was kept. The file is still chosen: send it again.

attach-texts-title = Texts of a file
attach-texts-save = Save
attach-said = The texts of the file are saved.
attach-replace-title = Replace a file
attach-replace-text = The new file takes the place of this one in the draft. What is said of it stays: its name, language, description and licence. Readers of an edition that is published already still get the file as it was.
attach-replace-send = Replace the file

attach-added = The file is attached to this draft.
attach-added-cleaned = The picture is attached to this draft. Place, time and device were taken out of it.
attach-replaced = The file was replaced.
attach-replaced-cleaned = The picture was replaced. Place, time and device were taken out of the new one.
attach-already = This file is attached already. Nothing was changed.

attach-refused-too-large = This file is larger than { $limit }, which is the most that one file may have here. Make it smaller, or ask whoever runs this node to allow more.
attach-refused-too-many = { $count ->
    [one] A practice has at most { $count } file here. Remove it first.
   *[other] A practice has at most { $count } files here. Remove one first.
}
attach-refused-over-quota = With this file, all files on this node would have more than { $limit }, which is the most it keeps. Ask whoever runs this node to drop some or to allow more.
attach-refused-disk-full = The disk of this node has no room for this file. Ask whoever runs this node to free some, then send it again.
attach-refused-kind = From this kind of picture the place where it was taken cannot be taken out here. Save it as JPEG or PNG and send that.
attach-refused-damaged = This picture is damaged, so the place where it was taken cannot be taken out of it. Save it anew and send that.
