# Comments on the fields of a draft.
comments-title = Comments
comments-text = What those who write this draft say to each other. Comments travel with the draft to everybody who sees it, and are signed by whoever wrote them. They are not published: an edition has none of them.
comments-none = Nobody has commented yet.
comments-beside = { $count ->
    [0] No open comments.
    [one] { $count } open comment.
   *[other] { $count } open comments.
}
comments-manage = Read and write comments
comments-unpublished = Comments are not published. { $count ->
    [one] { $count } of them is still open.
   *[other] { $count } of them are still open.
}
comment-unsigned = Somebody whose signature is not here yet
comment-done = Done
comment-moved = These words were changed since.
comment-answer = Answer
comment-answer-button = Write the answer
comment-resolve = Done with it
comment-again = Open it again
comment-write = Write a comment
comment-field = On which field
comment-lang = On the text in
comment-lang-all = Any language
comment-quote = On which words
comment-quote-hint = As they stand in the field; leave it empty if you mean all of it.
comment-words = Comment
comment-button = Write the comment
comment-written = The comment is here. Others who see this draft have it after the next exchange.
comment-resolved = The comment is done with.
comment-reopened = The comment is open again.
comment-see = Answer, or say that it is done
edit-save-comment = Save, then comment
