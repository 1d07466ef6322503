# Discussions: the list, one of them, what is said there, reports.
nav-discussions = Discussions
discussions-title = Discussions
discussions-text = People of the member organisations ask each other and answer in the open, in their own languages. Everything that is said here is public and signed.
discussions-lang = Language
discussions-objective = Objective
discussions-any = Any
discussions-open = Only open ones
discussions-narrow = Show
discussions-count = { $count ->
    [one] { $count } discussion
   *[other] { $count } discussions
}
discussions-none = There are no discussions yet.
discussions-none-text = A publisher or focal point opens one for everybody. Questions to the authors of a practice need nobody to open them: open the practice and ask.
discussions-hidden = { $count ->
    [one] { $count } discussion that moderators hide
   *[other] { $count } discussions that moderators hide
}
discussions-nothing = No discussion fits what you chose.
discussions-everything = Show all discussions

discussion-state-ahead = Not begun
discussion-state-open = Open
discussion-state-past = Past its date
discussion-state-closed = Closed

discussion-ask = Questions to the authors
discussion-about = Questions to the authors: { $title }
discussion-untitled = Without a title
discussion-ask-text = Ask those who wrote this practice, or tell them how it went with you. They get no message: they see it here, on their own node, after the next exchange.
discussion-ask-link = Ask or tell
discussion-posts = { $count ->
    [one] { $count } post
   *[other] { $count } posts
}
discussion-last = Last on { $when }, as they say
discussion-public = Everything on this page is public and signed.
discussion-flaw = This discussion does not count:
discussion-summary = Summary of the moderators
discussion-post-link = Write a post
discussion-close-link = Close with a summary
discussion-moderate-link = Moderate the discussion
discussion-guest = Sign in to take part. Whoever has a role that writes, as contributor, publisher, reviewer, focal point, expert or moderator, can post.
discussion-question = Question { $number }:
discussion-unanswered = Nobody has answered yet.
discussion-answer-link = Answer this question
discussion-nothing = Nobody has said anything yet.
discussion-said = What was said
discussion-other = Other posts
discussion-refused = { $count ->
    [one] { $count } thing that was said does not count
   *[other] { $count } things that were said do not count
}
discussion-refused-post = A post of { $org }:
discussion-refused-edit = Another wording, by { $org }:
discussion-refused-translate = A translation by { $org }:
discussion-refused-advise = Advice of { $org }:
discussion-refused-close = A summary by { $org }:
discussion-facts = About this discussion
discussion-practice = About the practice
discussion-not-here = A practice that is not shown here
discussion-authors = Written by
discussion-opened-by = Opened by
discussion-moderators = Moderated by
discussion-opens = From
discussion-closes = Until
discussion-order = A post stands below what it answers. Times are what the clocks of those who wrote said.
discussion-id = Discussion
discussion-claimed = { $when }, as they say
discussion-answers = Answers { $who }
discussion-answers-gone = Answers something that was taken back, or is not here yet
discussion-hidden = Hidden by { $org }: { $reason }.
discussion-show-anyway = Show anyway
discussion-reply-link = Answer
discussion-edit-link = Reword
discussion-translate-link = Translate
discussion-take-back-link = Take back
discussion-advise-link = Moderate
discussion-report-link = Report
discussion-in = In { $language }
discussion-old-wording = Of an earlier wording
discussion-edited = { $count ->
    [one] Reworded once: what it said before
   *[other] Reworded { $count } times: what it said before
}
discussion-not-now = That cannot be done in this discussion now.
discussion-all-public = What you sign here is public for good: your organisation, your certificate and, where you show it, your name. Write nothing that others must not read.
discussion-opened = The discussion is open. It goes to the other nodes with the next exchange.

discussion-open-link = Open a discussion
discussion-open-title = Open a discussion
discussion-open-text = Discussions are few and long. Say what it is about and what you ask; people of every member organisation can answer. The moderators of your organisation close it with a summary.
discussion-open-lang = Language of what you write here
discussion-open-name = Title
discussion-open-purpose = Why it is held, and for whom
discussion-open-question = Question { $number }
discussion-open-languages = Languages in which its moderators read
discussion-open-objectives = Objectives that it is about
discussion-open-dates = Dates are told to people. Nothing closes by itself: a moderator closes it with a summary.
discussion-open-button = Sign and open

translated-human = Translated by
translated-reviewed = Translated by a machine and read by
translated-machine = Translated by a machine, for

advice-hide = Hide it: it is shown when somebody asks for it
advice-correct = Correct it: write below what is right
advice-warn = Show it with a warning
advice-clear = What we advised before holds no longer
advice-said-hide = { $org } advises to hide this: { $reason }.
advice-said-correct = { $org } corrects this: { $reason }.
advice-said-warn = { $org } advises to read this with care: { $reason }.
advice-not-followed = This node does not follow that.
advice-reason-off-topic = it does not belong to the subject
advice-reason-wrong = it is not true, or misleads
advice-reason-personal-data = it holds personal data
advice-reason-harmful = it insults, threatens or discriminates
advice-reason-safety = it endangers somebody
advice-reason-spam = it advertises, or is there many times
advice-reason-other = another reason

talk-question = What do you answer?
talk-question-none = None of the questions
talk-made = How was it translated?
talk-made-human = By a person
talk-made-reviewed = By a machine, and read by a person
talk-made-machine = By a machine, and read by nobody
talk-made-missing = Say how it was translated
talk-advice = What do you advise?
talk-advice-missing = Choose what you advise
talk-reason = Why?
talk-reason-missing = Choose a reason
talk-text-missing = Write something
talk-text-long = This is longer than { $most } bytes: shorten it, or say it in two posts
talk-lang-missing = Choose the language
talk-words-hint = In a few sentences.
talk-markdown-hint = Markdown: an empty line begins a paragraph, * makes words stand out, - begins a list.

talk-post-title = Write a post
talk-post-text = It is shown below the question that you choose, or by itself.
talk-post-lang = Language of the text
talk-post-words = Text
talk-post-button = Sign and post
talk-post-done = Your post is here, and goes to the other nodes with the next exchange.
talk-reply-title = Answer
talk-reply-text = Your answer stands below this post:
talk-reply-lang = Language of the text
talk-reply-words = Text
talk-reply-button = Sign and post
talk-reply-done = Your answer is here, and goes to the other nodes with the next exchange.
talk-edit-title = Reword
talk-edit-text = The new wording is shown from then on. What it said before stays, since it was signed, and anybody can read it. To remove it, take it back.
talk-edit-words = Text
talk-edit-button = Sign the new wording
talk-edit-done = The new wording is here.
talk-translate-title = Translate
talk-translate-text = Your translation is shown beside the original, with your organisation’s name.
talk-translate-lang = Into which language
talk-translate-words = Translation
talk-translate-button = Sign the translation
talk-translate-done = The translation is here.
talk-advise-title = Moderate
talk-advise-text = You give advice in the name of your organisation. Nothing is deleted: nodes that follow you show the post as you advise, with your organisation’s name and the reason.
talk-advise-words = More about it
talk-advise-button = Sign the advice
talk-advise-done = Your advice is here, and goes to the other nodes with the next exchange.
talk-close-title = Close with a summary
talk-close-text = The summary is shown first. Once a node knows of it, nobody posts there any more; what was written elsewhere before still arrives.
talk-close-lang = Language of the summary
talk-close-words = Summary
talk-close-button = Sign and close
talk-close-done = The discussion is closed.
talk-report-title = Report
talk-report-text = The moderators on this node read your report, with your name. It goes to no other node. If the discussion is moderated elsewhere, ask a moderator of this node to write there.
talk-report-words = More about it
talk-report-button = Report
talk-report-done = The moderators on this node see your report.
talk-take-back-title = Take back
talk-take-back-text = The post, other wordings of it and your translations are erased from every node that learns of it, for good. Answers to it stay. Somebody may have kept a copy.
talk-take-back-reason-taken-back = I take it back
talk-take-back-reason-personal-data = It holds personal data
talk-take-back-reason-unlawful = It is unlawful to keep
talk-take-back-reason-safety = It endangers somebody
talk-take-back-button = Erase it for good
talk-take-back-done = It is gone here, and from every node that learns of it.

reports-title = Reports
reports-text = What people on this node reported. It goes to no other node. What you advise is public; settling a report only takes it off this list.
reports-waiting = Waiting
reports-none = Nothing was reported.
reports-by = By { $name }
reports-settle = It is settled
reports-settled = The reports about that post are settled.

read-discussion = Discussion
read-discussion-none = Nobody has asked the authors anything yet.
read-discussion-open = Open a discussion about this practice
talk-post-gone = The post was taken back meanwhile. Copy what you wrote here, and say it in a post of its own.
