//! How wide and high a picture is, by its first bytes, so that a page can leave
//! room for it. Nothing is decoded; what is not understood has no sides.

use super::picture::marker;

/// Width and height in pixels, neither of them nothing.
pub type Sides = (u32, u32);

/// The sides of a picture of this kind, as it is stored: what turns it when it
/// is shown is not looked at.
pub fn sides(kind: &str, bytes: &[u8]) -> Option<Sides> {
    let (wide, high) = match kind {
        "image/png" => png(bytes),
        "image/gif" => gif(bytes),
        "image/jpeg" => jpeg(bytes),
        "image/webp" => webp(bytes),
        _ => None,
    }?;
    (wide > 0 && high > 0).then_some((wide, high))
}

fn png(bytes: &[u8]) -> Option<Sides> {
    let header = bytes.get(12..24)?.strip_prefix(b"IHDR")?;
    let side = |at: usize| Some(u32::from_be_bytes(*header.get(at..)?.first_chunk()?));
    Some((side(0)?, side(4)?))
}

fn gif(bytes: &[u8]) -> Option<Sides> {
    let side = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?).into());
    Some((side(6)?, side(8)?))
}

/// A JPEG says it in its frame header (ITU-T T.81, B.2.2), behind segments of
/// any number.
fn jpeg(bytes: &[u8]) -> Option<Sides> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let (kind, after) = marker(rest)?;
        rest = after;
        match kind {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let side = |at: usize| {
                    Some(u32::from(u16::from_be_bytes(*rest.get(at..)?.first_chunk()?)))
                };
                return Some((side(5)?, side(3)?));
            }
            // Without a frame before the pixels there is nothing to know.
            0x00 | 0x01 | 0xd0..=0xda => return None,
            _ => {
                let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
                rest = rest.get(length.max(2)..)?;
            }
        }
    }
}

/// RFC 9649, sections 2.5 to 2.7.
fn webp(bytes: &[u8]) -> Option<Sides> {
    let body = bytes.get(20..)?;
    let three = |at: usize| {
        let three = body.get(at..at + 3)?;
        Some(u32::from_le_bytes([three[0], three[1], three[2], 0]))
    };
    match bytes.get(12..16)? {
        b"VP8X" => Some((three(4)? + 1, three(7)? + 1)),
        b"VP8L" => {
            let bits = u32::from_le_bytes(*body.strip_prefix(b"\x2f")?.first_chunk()?);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => {
            let frame = body.get(3..)?.strip_prefix(b"\x9d\x01\x2a")?;
            let side = |at: usize| {
                Some(u32::from(u16::from_le_bytes(*frame.get(at..)?.first_chunk()?) & 0x3fff))
            };
            Some((side(0)?, side(2)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_says_how_large_it_is() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02";
        assert_eq!(sides("image/png", png), Some((640, 480)));
        assert_eq!(sides("image/gif", b"GIF89a\x80\x02\xe0\x01\0"), Some((640, 480)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03";
        assert_eq!(sides("image/jpeg", jpeg), Some((640, 480)));
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0abc\x9d\x01\x2a\x80\x02\xe0\x01";
        assert_eq!(sides("image/webp", lossy), Some((640, 480)));
        let more = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0";
        assert_eq!(sides("image/webp", more), Some((640, 480)));
    }

    #[test]
    fn what_is_cut_or_says_nothing_has_no_sides() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03";
        for end in 0..jpeg.len() - 1 {
            assert_eq!(sides("image/jpeg", &jpeg[..end]), None, "{end}");
        }
        assert_eq!(sides("image/jpeg", b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"), None);
        assert_eq!(sides("image/gif", b"GIF89a\0\0\xe0\x01"), None);
        assert_eq!(sides("image/webp", b"RIFF\0\0\0\0WEBPVP8X"), None);
        assert_eq!(sides("application/pdf", b"%PDF-1.7 and much more of it"), None);
    }
}
