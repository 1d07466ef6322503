provenance-heading = Who vouches for this, and how to check
provenance-edition = Edition { $number }
provenance-accepted = Every signature below was checked on this node. The text is exactly what was signed.
provenance-adopted = The original signature no longer counts by itself; somebody who may do so vouched for the text afterwards.
provenance-quarantined = This edition does not count under the rules of the federation.
provenance-ids = Identifiers
provenance-check = Check it yourself
provenance-check-text = On any computer with Tern and a copy of this practice, from this node or from any other, type:
provenance-check-says = It names who signed and says why the signature counts. It needs no connection.

chain-federation = The federation
chain-organisation = admitted the organisation
chain-certificate = which certified this person’s key
chain-roles = Roles:
chain-granted = Since { $day }
chain-revoked = Revoked { $day }
key-level-plain = This key is kept on this node without a passphrase.
key-level-wrapped = This key is kept on this node under a passphrase.
key-level-device = This key is kept on a device, and not on this node.
chain-signature = which signed this edition

id-practice = Practice
id-edition = Edition
id-content = Content hash
id-head = Head
