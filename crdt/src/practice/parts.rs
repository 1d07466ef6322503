//! The records that lists of a practice hold.

use crate::schema::{
    BlobHash, Code, Date, Figure, Group, Licence, Link, Principles, ResourceType, Tag, Texts,
    TranslatedBy, record,
};

/// A name has at most this many characters.
pub const NAME_MAX: u64 = 300;
/// A short note has at most this many characters.
pub const NOTE_MAX: u64 = 1_000;
/// A long text has at most this many characters in one language.
pub const LONG_MAX: u64 = 20_000;
/// A file has at most this many bytes (1 TiB).
pub const FILE_BYTES_MAX: u64 = 1 << 40;
/// A count of people has at most this value.
pub const PEOPLE_MAX: u64 = 10_000_000_000;

record! {
    /// A short form with what it stands for.
    Acronym bare short {
        /// The short form.
        short: String, 40;
        /// What it stands for.
        long: Option<String>, NAME_MAX;
    }
}

record! {
    /// A guiding principle and how it was kept.
    Principle bare code {
        /// Which.
        code: Code<Principles>, 0;
        /// How it was kept.
        how: Texts, 3_000;
    }
}

record! {
    /// A place inside a country.
    Place bare name {
        /// What it is called.
        name: String, NAME_MAX;
        /// Latitude in degrees, north positive.
        lat: Option<f64>, 90;
        /// Longitude in degrees, east positive.
        lon: Option<f64>, 180;
    }
}

record! {
    /// Another organisation that took part.
    Partner bare org {
        /// Its name.
        org: String, NAME_MAX;
        /// What it did.
        role: Option<String>, NAME_MAX;
    }
}

record! {
    /// Who paid.
    Donor bare name {
        /// The name.
        name: String, NAME_MAX;
        /// How much.
        amount: Option<Figure>, 60;
        /// In which currency, by its three letters (ISO 4217).
        currency: Option<String>, 3;
        /// The activity's identifier in IATI.
        iati: Option<String>, 100;
    }
}

record! {
    /// Whom it is for.
    TargetGroup bare code {
        /// Which group.
        code: Code<Group>, 0;
        /// How many people of it were reached.
        number: Option<u64>, PEOPLE_MAX;
    }
}

record! {
    /// Something that was measured.
    Indicator bare name {
        /// What was measured.
        name: Texts, NAME_MAX;
        /// Before.
        baseline: Option<Figure>, NAME_MAX;
        /// After.
        value: Option<Figure>, NAME_MAX;
        /// In what.
        unit: Option<String>, 60;
        /// When.
        date: Option<Date>, 0;
        /// Who says so.
        source: Option<String>, NOTE_MAX;
    }
}

record! {
    /// A difficulty and what was done about it.
    Challenge bare text {
        /// The difficulty.
        text: Texts, 5_000;
        /// How it was overcome.
        overcome: Texts, 5_000;
    }
}

record! {
    /// Something to read elsewhere.
    Resource bare url {
        /// Its title, in its own language.
        title: Option<String>, NAME_MAX;
        /// Where it is on the web.
        url: Option<Link>, 0;
        /// Or its hash, if the Hub holds the file.
        hash: Option<BlobHash>, 0;
        /// The language that it is in.
        lang: Option<Tag>, 0;
        /// What it is.
        kind = "type": Option<Code<ResourceType>>, 0;
        /// Under which licence.
        licence: Option<Code<Licence>>, 0;
    }
}

record! {
    /// A file that belongs to the practice. Its bytes travel apart.
    Attachment {
        /// The file's name.
        name: String, NAME_MAX;
        /// What it is: `application/pdf`.
        media_type: Option<String>, 100;
        /// How many bytes it has.
        bytes: Option<u64>, FILE_BYTES_MAX;
        /// Its hash.
        hash: BlobHash, 0;
        /// The language that it is in.
        lang: Option<Tag>, 0;
        /// What it shows, for those who cannot open it.
        alt: Texts, NOTE_MAX;
        /// Under which licence.
        licence: Option<Code<Licence>>, 0;
    }
}

record! {
    /// A picture.
    Image {
        /// The file's name.
        name: Option<String>, NAME_MAX;
        /// What it is: `image/jpeg`.
        media_type: Option<String>, 100;
        /// How many bytes it has.
        bytes: Option<u64>, FILE_BYTES_MAX;
        /// Its hash.
        hash: BlobHash, 0;
        /// What it shows, for those who do not see it.
        alt: Texts, NOTE_MAX;
        /// Who agreed that they are shown, and when.
        consent: Option<String>, NOTE_MAX;
        /// Under which licence.
        licence: Option<Code<Licence>>, 0;
    }
}

record! {
    /// The organisation in whose name somebody else wrote.
    OnBehalfOf bare org {
        /// Its name.
        org: String, NAME_MAX;
        /// Who agreed, and when.
        consent: Option<String>, NOTE_MAX;
    }
}

record! {
    /// What a practice was translated from.
    TranslationOf bare edition {
        /// The edition.
        edition: String, 100;
        /// By whom.
        by: Option<Code<TranslatedBy>>, 0;
    }
}

record! {
    /// Where somebody else's practice was found.
    Listed bare url {
        /// The public source.
        url: Link, 0;
        /// When it was read there.
        seen_on: Option<Date>, 0;
        /// What to know about the entry.
        note: Option<String>, NOTE_MAX;
    }
}
