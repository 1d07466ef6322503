//! What can be chosen in a request.

use crate::schema::choices;

choices! {
    /// Who gets a request.
    Mode default Routed later "query-to-all" {
        /// The experts that the asker names.
        Directed "directed";
        /// The best matches, found on the asker's own node.
        Routed "routed";
    }

    /// How much it presses.
    Urgency default Normal {
        /// It can take its turn.
        Normal "normal";
        /// It goes before what is not urgent.
        Urgent "urgent";
    }

    /// How people meet: said by the asker of the request, by the expert of
    /// what they offer.
    Modality {
        /// From afar.
        Remote "remote";
        /// In the country.
        Visit "visit";
        /// Either.
        Both "both";
    }

    /// Whether there is money for it.
    Funding {
        /// There is.
        Yes "yes";
        /// There is none.
        No "no";
        /// Not known yet.
        Unknown "unknown";
    }

    /// To whom a request is encrypted. The desks of both organisations can
    /// read it in either case.
    Confidentiality default Matched later "network" "public" {
        /// To the experts that the asker chose by hand, and to no others.
        Chosen "chosen";
        /// To the experts that matching finds, or that the asker chose of
        /// them.
        Matched "matched";
    }

    /// Who decides which of the experts that accept does the work.
    Award default Auto {
        /// The asker's node: the first that accepts.
        Auto "auto";
        /// The asker.
        Manual "manual";
    }

    /// A field that everybody may see, once requests have public stubs. Until
    /// then nothing of a request is public, whatever is chosen here.
    StubField {
        /// The country.
        Country "country";
        /// The objectives.
        Objectives "objectives";
        /// The topics.
        Topics "topics";
        /// What kinds of support are asked for.
        SupportTypes "support_types";
        /// The languages wanted.
        LanguagesOut "languages_out";
        /// By when.
        NeededBy "needed_by";
        /// How much it presses.
        Urgency "urgency";
    }
}
