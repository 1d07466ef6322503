//! Files to take away.

use tern_web_ui::service::*;

use super::*;

impl Exporting for Fake {
    fn export_practice<'a>(
        &'a self,
        _: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        let found = Self::find(&self.state(), id);
        now(found.and_then(|sample| {
            let text = format!("{} {}", sample.id, edition.unwrap_or("latest"));
            made(&format!("{}.{format}", sample.id), format, text)
        }))
    }

    fn submission_form<'a>(&'a self, _: &'a Reader, lang: &'a str) -> Answer<'a, Exported> {
        now(made("form.docx", "docx", lang.to_owned()))
    }

    fn export_found<'a>(
        &'a self,
        _: &'a Reader,
        query: &'a Query,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        now(made("list", format, format!("{} {:?}", query.text, query.country)))
    }
}

fn made(name: &str, format: &str, text: String) -> Result<Exported, Refusal> {
    if !EXPORT_FORMATS.contains(&format) {
        return Err(Refusal::Invalid(vec![FieldError {
            field: "format".into(),
            code: "invalid".into(),
            message: "there is none of that name".into(),
            limit: None,
        }]));
    }
    let media_type = if format == "md" { "text/markdown" } else { "application/x-test" };
    Ok(Exported { name: name.into(), media_type: media_type.into(), bytes: text.into_bytes() })
}
