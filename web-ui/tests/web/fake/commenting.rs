//! Comments are kept with the draft; one that is about `<gone>` words is about words
//! that were changed.

use super::*;

impl Commenting for Fake {
    fn comment<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        act: &'a CommentAct,
    ) -> Answer<'a, String> {
        now(self.may(reader, Account::may_draft).and_then(|account| {
            let mut state = self.state();
            let writing = state.drafts.get_mut(draft).ok_or(Refusal::NotFound)?;
            let all = &mut writing.comments;
            let id = format!("{:032x}", all.len() + 1);
            let (on, text) = match act {
                CommentAct::Resolve { comment, done } => {
                    let found = all.iter_mut().find(|one| one.id == *comment);
                    found.ok_or(Refusal::NotFound)?.resolved = *done;
                    return Ok(comment.clone());
                }
                CommentAct::Answer { comment, text } => {
                    let found = all.iter().find(|one| one.id == *comment).cloned();
                    let found = found.ok_or(Refusal::NotFound)?;
                    (
                        DraftComment {
                            answers: Some(comment.clone()),
                            quote: String::new(),
                            ..found
                        },
                        text,
                    )
                }
                CommentAct::Add { field, lang, quote, text } => {
                    if field.is_empty() {
                        return Err(invalid("field", "choose a field"));
                    }
                    let on = DraftComment {
                        id: String::new(),
                        field: field.clone(),
                        lang: lang.clone(),
                        quote: quote.clone(),
                        stands: quote != "<gone>",
                        text: String::new(),
                        answers: None,
                        resolved: false,
                        by: None,
                        at: NOW,
                    };
                    (on, text)
                }
            };
            if text.is_empty() {
                return Err(invalid("text", "write something"));
            }
            let by = Some(Party {
                person: Some(account.display.clone()),
                organisation: "Registry <of> Towns".into(),
            });
            let (id, text) = (id.clone(), text.clone());
            all.push(DraftComment { id: id.clone(), text, by, ..on });
            Ok(id)
        }))
    }
}
