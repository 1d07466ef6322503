//! What a file is, by its first bytes. A name or a word of whoever brought it
//! is never believed, as browsers would be told the same.

/// What is not recognised.
pub const UNKNOWN: &str = "application/octet-stream";
/// So many of the first bytes are looked at.
pub const LOOKED_AT: usize = 1024;

/// Beginnings, where they stand, and what they mean.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftyphe", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypmsf1", "image/heic"),
    (4, b"ftypavi", "image/avif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
];

/// What office programs write into their packages, near the beginning.
const PACKAGES: &[(&[u8], &str)] = &[
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (
        b"application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (b"application/epub+zip", "application/epub+zip"),
];

/// The media type of a file that begins so.
pub fn sniff(begins: &[u8]) -> &'static str {
    let begins = &begins[..begins.len().min(LOOKED_AT)];
    let at = |at: usize, what: &[u8]| begins.get(at..).is_some_and(|rest| rest.starts_with(what));
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return "image/webp";
    }
    if at(0, b"RIFF") && at(8, b"WAVE") {
        return "audio/wav";
    }
    if let Some((_, _, kind)) = MAGIC.iter().find(|(place, what, _)| at(*place, what)) {
        return kind;
    }
    if at(0, b"PK\x03\x04") {
        let holds = |what: &[u8]| begins.windows(what.len()).any(|window| window == what);
        let package = PACKAGES.iter().find(|(what, _)| holds(what));
        return package.map_or("application/zip", |(_, kind)| kind);
    }
    if is_text(begins) { "text/plain" } else { UNKNOWN }
}

/// Whether this is UTF-8 without control characters; it may be cut in the
/// middle of a character.
fn is_text(begins: &[u8]) -> bool {
    let text = match std::str::from_utf8(begins) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            std::str::from_utf8(&begins[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(sniff(b"%PDF-1.7\n%\xe2"), "application/pdf");
        assert_eq!(sniff(b"\xff\xd8\xff\xe0\0\x10JFIF"), "image/jpeg");
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), "image/webp");
        assert_eq!(sniff(b"\0\0\0\x18ftypheic"), "image/heic");
        assert_eq!(sniff(b"\0\0\0\x18ftypisom"), "video/mp4");
        assert_eq!(sniff("Étude à Agadez\n".as_bytes()), "text/plain");
        assert_eq!(sniff(b"PK\x03\x04........word/document.xml"), PACKAGES[0].1);
        assert_eq!(sniff(b"PK\x03\x04........readme"), "application/zip");
    }

    #[test]
    fn a_page_is_text_and_a_program_is_nothing_that_a_browser_would_open() {
        assert_eq!(sniff(b"<!DOCTYPE html><script>alert(1)</script>"), "text/plain");
        assert_eq!(sniff(b"<svg xmlns='http://www.w3.org/2000/svg'>"), "text/plain");
        assert_eq!(sniff(b"\x7fELF\x02\x01\x01\0"), UNKNOWN);
        assert_eq!(sniff(b""), UNKNOWN);
    }
}
