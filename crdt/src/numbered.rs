//! Choices whose number is signed: a number, once given, means the same for ever.

/// `Name { Variant 0 "word"; … }`.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident $number:literal $code:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, minicbor::Encode, minicbor::Decode)]
        #[cbor(index_only)]
        pub enum $name {
            $($(#[$case_doc])* #[n($number)] $case,)*
        }
        impl $name {
            /// All, in order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$case),*];

            /// The code of JSON.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$case => $code,)*
                }
            }

            /// The one with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

pub(crate) use numbered;
