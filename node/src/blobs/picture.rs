//! Pictures without what they tell of their maker: place, time, device, names.
//!
//! Cameras write where and with what a picture was taken beside it (Exif, XMP,
//! IPTC). Published once, that cannot be called back; so it is taken out before
//! a picture is named. What is needed to show it stays: the pixels as they are,
//! their colours, and which way is up. Files of kinds that this cannot be done
//! to are refused.
//!
//! JPEG: ITU-T T.81 annex B, Exif 2.32; PNG: W3C, third edition; WebP: RFC 9649.
//! Nothing is decoded, and what does not keep to its kind is refused whole.

use thiserror::Error;

/// Longer pictures are not read into memory.
pub const PICTURE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a picture cannot be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PictureRefused {
    /// A kind of which no place can be removed.
    #[error(
        "this is a picture of kind {0}, from which place, time and device cannot be removed here: save it as JPEG or PNG and attach that"
    )]
    Kind(&'static str),
    /// It does not keep to its kind.
    #[error(
        "this picture is damaged, so that place, time and device cannot be removed from it: save it anew and attach that"
    )]
    Damaged,
    /// Too long.
    #[error("a picture has at most {PICTURE_BYTES_MAX} bytes: make it smaller")]
    TooLong,
}

/// The picture without it; `None` if this kind of file is no picture.
///
/// # Errors
/// It is one, and it cannot be done.
pub fn clean(kind: &'static str, bytes: &[u8]) -> Result<Option<Vec<u8>>, PictureRefused> {
    let cleaned = match kind {
        "image/jpeg" => jpeg(bytes),
        "image/png" => png(bytes),
        "image/webp" => webp(bytes),
        kind => return is_cleanable(kind).map(|()| None),
    };
    cleaned.map(Some).ok_or(PictureRefused::Damaged)
}

/// Whether a file of this kind has to be [cleaned](clean).
pub fn is_picture(kind: &str) -> bool {
    kind.starts_with("image/") && kind != "image/gif"
}

/// Whether a file of this kind can be attached, as far as that shows.
///
/// # Errors
/// It is a picture that cannot be [cleaned](clean).
pub fn is_cleanable(kind: &'static str) -> Result<(), PictureRefused> {
    match kind {
        "image/jpeg" | "image/png" | "image/webp" | "image/gif" => Ok(()),
        kind if kind.starts_with("image/") => Err(PictureRefused::Kind(kind)),
        _ => Ok(()),
    }
}

/// The marker of a JPEG that begins here, and what follows it. Fill bytes may
/// stand before it (T.81, B.1.1.2).
pub(super) fn marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes.strip_prefix(b"\xff")?;
    while let Some(more) = rest.strip_prefix(b"\xff") {
        rest = more;
    }
    rest.split_first().map(|(marker, rest)| (*marker, rest))
}

fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    let mut out = b"\xff\xd8".to_vec();
    let mut upright = None;
    let mut shown = false;
    loop {
        let (kind, after) = marker(rest)?;
        rest = after;
        match kind {
            // The end: what stands behind it is no part of the picture.
            0xd9 if shown => {
                out.extend_from_slice(b"\xff\xd9");
                return Some(out);
            }
            0x00 | 0x01 | 0xd0..=0xd9 => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        let body = rest.get(2..length)?;
        rest = &rest[length..];
        let keeps = match kind {
            // JFIF, and Adobe's word on colours.
            0xe0 | 0xee => true,
            0xe2 => body.starts_with(b"ICC_PROFILE\0"),
            0xe1 => {
                upright = upright.or_else(|| orientation(body.strip_prefix(b"Exif\0\0")?));
                false
            }
            0xe3..=0xed | 0xef | 0xfe => false,
            _ => true,
        };
        // What is up goes before the tables, where readers look for it.
        if !matches!(kind, 0xe0..=0xef | 0xfe)
            && let Some(upright) = upright.take().filter(|upright| (2..=8).contains(upright))
        {
            out.extend_from_slice(&exif_with(upright));
        }
        if keeps {
            out.extend_from_slice(&[0xff, kind]);
            out.extend_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
            out.extend_from_slice(body);
        }
        if kind == 0xda {
            shown = true;
            let scan = scan_length(rest)?;
            out.extend_from_slice(&rest[..scan]);
            rest = &rest[scan..];
        }
    }
}

/// How long the coded pixels are that begin here: up to the next marker.
fn scan_length(bytes: &[u8]) -> Option<usize> {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    bytes.windows(2).position(is_end)
}

/// Which way is up, from 1 to 8, of what Exif says.
fn orientation(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = *tiff.get(at..)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let four: [u8; 4] = *tiff.get(4..)?.first_chunk()?;
    let first = if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
    let first = usize::try_from(first).ok()?;
    let entries = usize::from(short(first)?);
    let places = (0..entries).map(|entry| first + 2 + entry * 12);
    let found = places.take_while(|at| *at < tiff.len()).find(|at| short(*at) == Some(0x0112));
    short(found? + 8)
}

/// A segment that says which way is up, and nothing else.
fn exif_with(orientation: u16) -> Vec<u8> {
    let mut segment =
        b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    segment.extend_from_slice(&orientation.to_be_bytes());
    segment.extend_from_slice(&[0; 6]);
    segment
}

/// Chunks that a picture is shown by.
const PNG_KEPT: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut out = SIGNATURE.to_vec();
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        let whole = length.checked_add(12)?;
        let chunk = rest.get(..whole)?;
        rest = &rest[whole..];
        let kind: &[u8; 4] = chunk[4..].first_chunk()?;
        if PNG_KEPT.contains(&kind) {
            out.extend_from_slice(chunk);
        } else if kind[0].is_ascii_uppercase() {
            // It cannot be shown without, and nobody knows what it tells.
            return None;
        }
        if kind == b"IEND" {
            return Some(out);
        }
    }
}

fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let body = bytes.strip_prefix(b"RIFF")?;
    let length = usize::try_from(u32::from_le_bytes(*body.first_chunk()?)).ok()?;
    let mut rest = body.get(4..length.checked_add(4)?)?.strip_prefix(b"WEBP")?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    while !rest.is_empty() {
        let length = usize::try_from(u32::from_le_bytes(*rest.get(4..)?.first_chunk()?)).ok()?;
        let whole = length.checked_add(length % 2)?.checked_add(8)?;
        let chunk = rest.get(..whole)?;
        rest = &rest[whole..];
        match &chunk[..4] {
            b"VP8X" => {
                let begins = out.len();
                out.extend_from_slice(chunk);
                // Neither Exif nor XMP follows any more.
                *out.get_mut(begins + 8)? &= !0b0000_1100;
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP" => {
                out.extend_from_slice(chunk);
            }
            _ => {}
        }
    }
    let length = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLACE: &[u8] = b"GPS 16.97N 7.99E Agadez";

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u16 + 2).to_be_bytes();
        [&[0xff, marker][..], &length, body].concat()
    }

    /// What a telephone held sideways writes.
    fn photo() -> Vec<u8> {
        let exif = [&exif_with(6)[4..], PLACE].concat();
        [
            b"\xff\xd8".to_vec(),
            segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xe1, &exif),
            segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", PLACE].concat()),
            segment(0xe2, b"ICC_PROFILE\0colours"),
            segment(0xe2, &[b"MPF\0", PLACE].concat()),
            segment(0xed, PLACE),
            segment(0xfe, PLACE),
            segment(0xdb, &[3; 65]),
            segment(0xda, b"scan"),
            b"pixels\xff\x00more\xff\xd0pixels".to_vec(),
            segment(0xc4, b"table"),
            segment(0xda, b"scan"),
            b"further pixels\xff\xd9".to_vec(),
            PLACE.to_vec(),
        ]
        .concat()
    }

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32).to_be_bytes()[..], kind, body, b"crc!"].concat()
    }

    fn holds(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|window| window == what)
    }

    #[test]
    fn a_photo_keeps_its_pixels_its_colours_and_which_way_is_up_and_tells_no_place() {
        let cleaned = clean("image/jpeg", &photo()).expect("it is whole").expect("a picture");
        assert!(!holds(&cleaned, b"Agadez") && !holds(&cleaned, b"GPS"));
        assert!(holds(&cleaned, b"pixels\xff\x00more\xff\xd0pixels"));
        assert!(holds(&cleaned, b"ICC_PROFILE\0colours") && holds(&cleaned, b"JFIF"));
        assert!(holds(&cleaned, &exif_with(6)), "it is still shown upright");
        assert!(cleaned.ends_with(b"further pixels\xff\xd9"));
        let again = clean("image/jpeg", &cleaned).expect("it is whole").expect("a picture");
        assert_eq!(again, cleaned, "what is clean stays as it is");
    }

    #[test]
    fn a_png_and_a_webp_tell_no_place_either() {
        let parts = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", b"size"),
            chunk(b"eXIf", PLACE),
            chunk(b"iTXt", PLACE),
            chunk(b"prVt", PLACE),
            chunk(b"IDAT", b"pixels"),
            chunk(b"IEND", b""),
            PLACE.to_vec(),
        ];
        let cleaned = clean("image/png", &parts.concat()).expect("whole").expect("a picture");
        assert_eq!(cleaned, [&parts[0][..], &parts[1], &parts[5], &parts[6]].concat());

        let chunk = |kind: &[u8; 4], body: &[u8]| {
            [kind, &(body.len() as u32).to_le_bytes()[..], body, &[0; 1][..body.len() % 2]].concat()
        };
        let body =
            [chunk(b"VP8X", b"\x0c123456789"), chunk(b"VP8 ", b"pixel"), chunk(b"EXIF", PLACE)];
        let body = [&b"WEBP"[..], &body.concat()].concat();
        let file = [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat();
        let cleaned = clean("image/webp", &file).expect("whole").expect("a picture");
        assert!(holds(&cleaned, b"pixel") && !holds(&cleaned, b"Agadez"));
        assert_eq!(cleaned[20], 0, "and does not say that it does");
        assert_eq!(
            u32::from_le_bytes(*cleaned[4..].first_chunk().expect("long")),
            cleaned.len() as u32 - 8
        );
    }

    #[test]
    fn what_cannot_be_cleaned_is_refused_and_what_is_no_picture_is_left() {
        let refused = clean("image/heic", b"...").expect_err("of another kind");
        assert!(refused.to_string().contains("save it as JPEG or PNG"), "{refused}");
        let cut = photo().len() - PLACE.len() - 2;
        assert_eq!(clean("image/jpeg", &photo()[..cut]), Err(PictureRefused::Damaged));
        assert_eq!(clean("application/pdf", b"%PDF-"), Ok(None));
    }

    proptest! {
        #[test]
        fn no_bytes_stop_it(
            bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(),
            flip in any::<u8>(),
        ) {
            let mut photo = photo();
            let at = at.index(photo.len());
            photo[at] ^= flip;
            for kind in ["image/jpeg", "image/png", "image/webp"] {
                let _ = (clean(kind, &bytes), clean(kind, &photo), clean(kind, &photo[..at]));
            }
            let _ = orientation(&bytes);
            let _ = clean("image/png", &[b"\x89PNG\r\n\x1a\n", &bytes[..]].concat());
            let _ = clean("image/webp", &[b"RIFF\xc0\0\0\0WEBP", &bytes[..]].concat());
        }
    }
}
