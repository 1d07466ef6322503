//! What a router says in XML: the services of its description, and single values.
//!
//! Read from front to back and never by recursion, so that no depth costs anything;
//! how long a text is, whoever fetched it has bounded.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Tells the name of each element that ends and the text in it since the last
/// beginning or end; `None` if the text is no XML.
fn walk(text: &str, mut ended: impl FnMut(&str, &str)) -> Option<()> {
    let (mut reader, mut said) = (Reader::from_str(text), String::new());
    loop {
        match reader.read_event().ok()? {
            Event::Start(_) => said.clear(),
            Event::Text(part) => said.push_str(&part),
            Event::CData(part) => said.push_str(&part),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(c)) => said.push(c),
                _ => said.push_str(quick_xml::escape::resolve_predefined_entity(&name)?),
            },
            Event::End(end) => {
                let name = end.local_name();
                ended(name.as_ref(), said.trim());
                said.clear();
            }
            Event::Eof => return Some(()),
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::DocType(_) => return None,
        }
    }
}

/// The kinds of the services that a router describes, and where each is asked.
pub(super) fn services(text: &str) -> Option<Vec<(String, String)>> {
    let (mut found, mut kind, mut control) = (Vec::new(), String::new(), String::new());
    walk(text, |name, said| match name {
        "serviceType" => said.clone_into(&mut kind),
        "controlURL" => said.clone_into(&mut control),
        "service" => found.push((std::mem::take(&mut kind), std::mem::take(&mut control))),
        _ => {}
    })?;
    Some(found)
}

/// What the first element of this name holds.
pub(super) fn value(text: &str, wanted: &str) -> Option<String> {
    let mut found = None;
    walk(text, |name, said| {
        if name == wanted && found.is_none() {
            found = Some(said.to_owned());
        }
    })?;
    found
}

/// Arguments of a call. Nothing in them is escaped.
pub(super) fn arguments(asks: &[(&str, String)]) -> String {
    asks.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_at_any_depth_and_in_any_order() {
        let text = "<?xml version=\"1.0\"?><root xmlns=\"urn:x\"><device><serviceList>\
            <service><serviceType>urn:a</serviceType><controlURL>/a</controlURL></service>\
            </serviceList><deviceList><device><u:serviceList xmlns:u=\"urn:y\"><u:service>\
            <u:controlURL>/ctl?a=1&amp;b=2</u:controlURL><u:serviceType> urn:b\n</u:serviceType>\
            </u:service></u:serviceList></device></deviceList></device></root>";
        let found = |kind: &str, at: &str| (kind.to_owned(), at.to_owned());
        assert_eq!(
            services(text),
            Some(vec![found("urn:a", "/a"), found("urn:b", "/ctl?a=1&b=2")])
        );
        assert_eq!(value("<a><b>7</b><b>8</b></a>", "b"), Some("7".into()));
        assert_eq!(value("<a><b>7</b></a>", "c"), None);
    }

    #[test]
    fn no_text_is_too_deep_or_too_broken() {
        let deep = "<a>".repeat(20_000);
        assert_eq!(services(&deep), Some(Vec::new()), "it ends in the middle");
        assert_eq!(services(&format!("{deep}{}", "</a>".repeat(20_000))), Some(Vec::new()));
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><x>&a;</x>";
        for broken in [bomb, "<a></b>", "<x>&a;</x>", "<a", "<a b='>"] {
            assert_eq!(services(broken), None, "{broken}");
        }
    }
}
