"""The AT Protocol's own facts: identifiers, data model, hashes, keys and wire formats. No I/O, no clock, no state.

Model. A repository holds *records*; each is a value of the *data model* (null, boolean, 64-bit integer, text, bytes,
link, list, map with text keys; no floats). The same value has two forms: DAG-CBOR, which is hashed and signed, and
JSON, which is sent over HTTP. Every value has exactly one DAG-CBOR form, so a record's *CID*, the hash of its bytes,
names it anywhere.

    formats     the eleven string formats of lexicons, as predicates
    at_uri, tid names of records and the sortable keys made from time
    cid         links: CIDv1, SHA-256, DAG-CBOR or raw
    dag_cbor    data model <-> canonical bytes
    json_data   strict JSON text -> values, and values <-> the data model ($link, $bytes, blobs)
    car         archives of blocks, written and read with every hash checked
    frames      messages of event streams
    did_key     K-256 and P-256 keys, low-S signatures
    did_plc     genesis operations and documents of did:plc identities
    mst         the Merkle search tree of a repository
    multibase   the text of keys and hashes
    place       the path to a fault inside a value, for messages

Rejected. A general CBOR library with a tag hook: it accepts floats, duplicate and unsorted keys, other tags and
trailing bytes, and each of those is a second form of a value, that is, a second CID. A decoder that gives links as
`bytes`: a byte string that looks like a link would change its type on the way back. Here a link is a `Cid` and
nothing else is.

Invariant. What this package accepts, it gives back byte for byte: `encode(decode(block)) == block`. What it cannot
give back, it refuses, with an error that is a `ValueError` and says what is wrong. Input of any size, depth or
content ends in a value or in that error, within time and memory proportional to the input.

The third-party codecs (libipld, coincurve) are named in this package alone.
"""
