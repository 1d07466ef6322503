//! What the keystore promises.

use std::fs;

use super::*;

fn chad() -> (tempfile::TempDir, Keystore) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let keystore = Keystore::open(dir.path().join("keys")).expect("opened");
    (dir, keystore)
}

fn phrase(text: &str) -> Passphrase {
    Passphrase::new(text).expect("a passphrase")
}

fn only_file(keystore: &Keystore) -> PathBuf {
    let mut entries = fs::read_dir(&keystore.folder).expect("readable");
    let path = entries.next().expect("one file").expect("readable").path();
    assert!(entries.next().is_none(), "one file and nothing beside it");
    path
}

#[test]
fn a_plain_key_opens_without_a_passphrase() {
    let (_dir, keystore) = chad();
    let key = keystore.create(Purpose::Node, "node", None).expect("made");
    let again = keystore.unlock(Purpose::Node, key.public(), None).expect("opened");
    assert_eq!(again.public(), key.public());
    let listing = keystore.list().expect("listed");
    assert!(listing.damaged.is_empty());
    let entry = Entry {
        purpose: Purpose::Node,
        owner: "node".into(),
        public: key.public(),
        wrapped: false,
    };
    assert_eq!(listing.entries, [entry]);
}

#[test]
fn a_wrapped_key_opens_with_its_passphrase_and_no_other() {
    let (_dir, keystore) = chad();
    let sand = phrase("sable du Djourab");
    let key = keystore.create(Purpose::PersonSign, "Amina Issa", Some(&sand)).expect("made");
    let unlock = |passphrase| keystore.unlock(Purpose::PersonSign, key.public(), passphrase);
    assert_eq!(unlock(Some(&sand)).expect("opened").public(), key.public());
    let wrong = phrase("sable du Djourab ");
    let wrong = unlock(Some(&wrong)).expect_err("refused");
    assert!(matches!(wrong, KeystoreError::WrongPassphrase { .. }), "{wrong}");
    let locked = unlock(None).expect_err("refused");
    assert!(matches!(locked, KeystoreError::Locked { .. }), "{locked}");
    assert!(locked.to_string().contains("--passphrase-file"), "{locked}");
    let text = fs::read_to_string(only_file(&keystore)).expect("text");
    let seed = crate::hex::encode(&*key.seed());
    assert!(!text.contains(&seed), "the secret is nowhere in clear");
}

#[test]
fn one_phrase_typed_on_two_keyboards_is_one_phrase() {
    let (_dir, keystore) = chad();
    let composed = phrase("clé du désert");
    let decomposed = phrase("cle\u{301} du de\u{301}sert");
    let key = keystore.create(Purpose::Root, "Chad", Some(&composed)).expect("made");
    keystore.unlock(Purpose::Root, key.public(), Some(&decomposed)).expect("opened");
}

#[test]
fn a_changed_passphrase_replaces_the_old_one() {
    let (_dir, keystore) = chad();
    let (old, new) = (phrase("harmattan"), phrase("mousson"));
    let key = keystore.create(Purpose::Root, "Chad", Some(&old)).expect("made");
    keystore.rewrap(Purpose::Root, key.public(), Some(&old), Some(&new)).expect("rewrapped");
    keystore.unlock(Purpose::Root, key.public(), Some(&new)).expect("opened");
    let refused = keystore.unlock(Purpose::Root, key.public(), Some(&old));
    assert!(matches!(refused, Err(KeystoreError::WrongPassphrase { .. })));
    assert_eq!(keystore.list().expect("listed").entries[0].owner, "Chad");
}

#[test]
fn a_flipped_bit_anywhere_in_a_key_file_is_noticed() {
    for passphrase in [None, Some(phrase("harmattan"))] {
        let (_dir, keystore) = chad();
        let key = keystore.create(Purpose::Node, "node", passphrase.as_ref()).expect("made");
        let path = only_file(&keystore);
        let whole = fs::read(&path).expect("readable");
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &flipped).expect("written");
            let refused = keystore.unlock(Purpose::Node, key.public(), passphrase.as_ref());
            let refused = refused.expect_err("noticed");
            let told = refused.to_string();
            assert!(matches!(refused, KeystoreError::Damaged { .. }), "bit {bit}: {told}");
            assert!(told.contains(&path.display().to_string()), "it names the file: {told}");
        }
        fs::write(&path, &whole).expect("written");
        keystore.unlock(Purpose::Node, key.public(), passphrase.as_ref()).expect("opened");
    }
}

#[test]
fn a_key_file_cut_short_is_noticed() {
    let (_dir, keystore) = chad();
    keystore.create(Purpose::Node, "node", None).expect("made");
    let path = only_file(&keystore);
    let whole = fs::read(&path).expect("readable");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        assert_eq!(keystore.list().expect("listed").damaged.len(), 1, "{length} bytes");
    }
}

#[test]
fn a_damaged_key_hides_no_other() {
    let (_dir, keystore) = chad();
    keystore.create(Purpose::Node, "node", None).expect("made");
    fs::write(only_file(&keystore), "tern key 1\n").expect("written");
    keystore.create(Purpose::Root, "Chad", None).expect("made");
    let listing = keystore.list().expect("listed");
    assert_eq!(listing.entries.len(), 1);
    assert_eq!(listing.damaged.len(), 1);
}

#[test]
fn a_wrapped_secret_cannot_be_moved_into_the_file_of_another_key() {
    let (_dir, keystore) = chad();
    let sand = phrase("harmattan");
    let root = keystore.create(Purpose::Root, "Chad", Some(&sand)).expect("made");
    let text = fs::read_to_string(only_file(&keystore)).expect("text");
    let body = text.split_once("check ").expect("a check").0;
    let moved = checked::seal(&body.replace("purpose root", "purpose person-sign"));
    let path = keystore.path(Purpose::PersonSign, root.public());
    fs::write(path, moved).expect("written");
    let refused = keystore.unlock(Purpose::PersonSign, root.public(), Some(&sand));
    assert!(matches!(refused, Err(KeystoreError::WrongPassphrase { .. })));
}

#[test]
fn an_absent_key_is_said_to_be_absent() {
    let (_dir, keystore) = chad();
    let nobody = SecretKey::from_seed(&[7; 32]).public();
    let refused = keystore.unlock(Purpose::Node, nobody, None).expect_err("refused");
    assert!(matches!(refused, KeystoreError::Absent { .. }), "{refused}");
}

#[test]
fn a_key_is_never_overwritten() {
    let (_dir, keystore) = chad();
    let keep = || {
        let key = SecretKey::from_seed(&[7; 32]);
        keystore.keep(Purpose::Root, "Chad", key.public(), &[7; 32], None)
    };
    keep().expect("kept");
    assert!(matches!(keep(), Err(KeystoreError::Exists { .. })));
}

#[test]
fn an_owner_fits_on_one_line() {
    let (_dir, keystore) = chad();
    for owner in ["", " Chad", "Chad\npublic 00", &"x".repeat(OWNER_BYTES_MAX + 1)] {
        let refused = keystore.create(Purpose::Root, owner, None);
        assert!(matches!(refused, Err(KeystoreError::Owner)), "{owner:?}");
    }
}

#[cfg(unix)]
#[test]
fn files_open_to_others_are_closed_before_they_are_used() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, keystore) = chad();
    let key = keystore.create(Purpose::Node, "node", None).expect("made");
    let path = only_file(&keystore);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&keystore.folder), mode(&path)), (0o700, 0o600), "as made");
    fs::set_permissions(&keystore.folder, fs::Permissions::from_mode(0o755)).expect("set");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
    let keystore = Keystore::open(dir.path().join("keys")).expect("opened");
    keystore.unlock(Purpose::Node, key.public(), None).expect("opened");
    assert_eq!((mode(&keystore.folder), mode(&path)), (0o700, 0o600), "as mended");
}

#[test]
fn a_passphrase_file_is_read_without_its_newline() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("phrase");
    for written in ["sable du Djourab", "sable du Djourab\n", "sable du Djourab\r\n"] {
        fs::write(&path, written).expect("written");
        let read = Passphrase::from_file(&path).expect("read");
        assert_eq!(read.expose(), "sable du Djourab");
    }
    for (written, why) in [("", "is empty"), ("\n", "is empty"), (&*"x".repeat(2000), "too long")] {
        fs::write(&path, written).expect("written");
        let refused = Passphrase::from_file(&path).expect_err("refused").to_string();
        assert!(refused.contains(why) && refused.contains("phrase"), "{refused}");
    }
}

#[test]
fn a_password_is_verified_across_restarts_and_never_stored() {
    let (_dir, keystore) = chad();
    let amina: AccountName = "amina".parse().expect("a name");
    let zara: AccountName = "zara".parse().expect("a name");
    let mut verifiers = Verifiers::open(&keystore).expect("opened");
    verifiers.set(&amina, &phrase("sable du Djourab")).expect("set");
    let mut verifiers = Verifiers::open(&keystore).expect("opened again");
    let verify = |verifiers: &Verifiers, who, password| {
        verifiers.verify(who, &phrase(password)).expect("verified")
    };
    assert!(verify(&verifiers, &amina, "sable du Djourab"));
    assert!(!verify(&verifiers, &amina, "sable du djourab"));
    assert!(!verify(&verifiers, &zara, "sable du Djourab"));
    let text = fs::read_to_string(keystore.folder.join("accounts")).expect("text");
    assert!(!text.contains("sable"));
    verifiers.remove(&amina).expect("removed");
    assert!(!verify(&Verifiers::open(&keystore).expect("opened"), &amina, "sable du Djourab"));
}

#[test]
fn a_flipped_bit_anywhere_in_the_verifiers_is_noticed() {
    let (_dir, keystore) = chad();
    let amina = "amina".parse().expect("a name");
    let mut verifiers = Verifiers::open(&keystore).expect("opened");
    verifiers.set(&amina, &phrase("sable du Djourab")).expect("set");
    let path = keystore.folder.join("accounts");
    let whole = fs::read(&path).expect("readable");
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &flipped).expect("written");
        let opened = Verifiers::open(&keystore);
        assert!(matches!(opened, Err(KeystoreError::Damaged { .. })), "bit {bit}");
    }
}

#[test]
fn an_account_name_is_short_and_plain() {
    for name in ["amina", "a.b", "un-women_2"] {
        assert!(name.parse::<AccountName>().is_ok(), "{name}");
    }
    for name in ["ab", "Amina", "amina issa", "é-é-é", "../keys", &"x".repeat(33)] {
        assert!(name.parse::<AccountName>().is_err(), "{name}");
    }
}

#[test]
fn a_key_that_is_set_aside_is_listed_no_more_and_opens_as_before() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let keystore = Keystore::open(dir.path().join("keys")).expect("made");
    let phrase = Passphrase::new("harmattan").expect("a passphrase");
    let made = keystore.create(Purpose::PersonSign, "amina", Some(&phrase)).expect("room");
    let key = made.public();
    for _ in 0..2 {
        assert!(keystore.set_aside(Purpose::PersonSign, key).expect("room"), "done twice");
        assert!(keystore.list().expect("read").entries.is_empty());
        assert_eq!(keystore.list_aside().expect("read")[0].public, key);
    }
    keystore.unlock(Purpose::PersonSign, key, Some(&phrase)).expect("its passphrase");
    let wrong = Passphrase::new("dust").expect("a passphrase");
    let refused = keystore.unlock(Purpose::PersonSign, key, Some(&wrong)).expect_err("another");
    assert!(matches!(refused, KeystoreError::WrongPassphrase { .. }), "{refused}");
    keystore.discard(Purpose::PersonSign, key).expect("removed");
    assert!(!keystore.set_aside(Purpose::PersonSign, key).expect("nothing there"));
    assert!(keystore.list_aside().expect("read").is_empty());
}
