"""What stands in README.txt of every bundle: for somebody who has never heard of Cordon."""

from typing import Final

README: Final = """\
WHAT THIS IS

This is a bundle of evidence from the desk on which a police force watches and moderates what the public says
on the force's own social media accounts. It was made by the program Cordon. Nothing in it needs that program.

WHAT IS IN IT

  manifest.json        what this bundle is, who made it, when and why, and every file with its SHA-256 digest
  evidence/eN.json     a record as it was sealed before anything was done: in clear ("plain"), encrypted
                       ("cipher"), and the key of that one record, so that you can check one against the other
  covered/eN.json      a working copy of a record in which words are covered, each with a reason
  media/               pictures and videos as they came from the network; each is named by its SHA-256 digest
  exhibits/            the same records as pages to read and print, and all of them in exhibits.pdf
  said.jsonl           what one author said that is in the desk's working store (in bundles about one author)
  custody.jsonl        everything that was done with each record: sealed, looked at, given out, disposed of
  ledger.jsonl         the desk's ledger: entries that belong to this bundle in full, all others as their hash
  checkpoints.txt      signed statements of how the ledger stood
  key.txt              the public keys that signed them
  seal.json            the ledger's size and root, and the digests of these last four files
  check_cordon_bundle.py   a program that checks all of this

BEFORE YOU RUN ANYTHING

A program that comes with evidence could have been changed together with it. So take check_cordon_bundle.py
from somewhere else: from the force's own site, from somebody you trust, or from another bundle. It prints
its own SHA-256 digest first; compare that with the one the force publishes. The verdict counts only then.
Files in media/ are what strangers sent. Do not open them on a computer that matters.

HOW TO CHECK IT

You need Python 3.9 or later, and for signatures and sealed records its package "cryptography".

  python3 check_cordon_bundle.py THIS_FOLDER_OR_ZIP

If somebody gave you a checkpoint of this ledger earlier, or its public key, say so. Only then it is shown
that the ledger was not written anew from its beginning:

  python3 check_cordon_bundle.py THIS_FOLDER_OR_ZIP --checkpoint FILE --key FILE

HOW TO CHECK IT BY OTHER MEANS

1. SHA-256 of manifest.json is what the entry "bundle.exported" in ledger.jsonl names.
2. The hash of an entry is SHA-256 over a zero byte and the text in "leaf". The tree over all hashes is that
   of RFC 6962, section 2.1; "proof" leads from an entry to the root in seal.json.
3. checkpoints.txt holds signed notes (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint).
4. What stands beside an entry ("content") belongs to it if SHA-256 over the bytes of "salt" and of "content"
   is what the entry names as its content.
5. SHA-256 of the bytes in "cipher" of a record is the "digest" in the entry "evidence.sealed" that names it.
   AES-256-GCM with "key" opens it (the first 12 bytes are the nonce) and gives exactly "plain".
6. In "plain", "digests" holds the SHA-256 of the words and of the network's own data, and "media" the digest
   of each picture that was captured.

WHAT IT CANNOT SHOW

That the network told Cordon the truth. That an entry which is shown only by its hash has nothing to do with
the matter: ask for it by its number. What stands under covered words: the original stays sealed with the
force, and its digest is in the ledger, so that a court can have it opened and compared.
"""
