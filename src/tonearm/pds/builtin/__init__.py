"""The built-in PDS: a repository host in this process, for accounts that have no PDS of their own.

    pds = BuiltinPds(          # tonearm.pds.builtin.host
        database,              # a Database that holds the pds_ tables (tonearm.index.migrations)
        sealer,                # seals the repositories' keys
        public_url="http://127.0.0.1:8070",
        jwt_key=key,           # 32 bytes or more, the same after a restart
        check_password=check,  # async (identifier, password, address) -> DID or None; limits guesses
        clock=time.time,
        handle_domains=("test",),
    )
    await pds.start()          # refuses when a key is missing or can't be opened
    did = await pds.create_repository("alice.test")
    await pds.apply_writes(did, writes)

Model. An account is a did:plc made offline, a handle, two sealed keys and a repository. `repository` holds the latter:
records by path, the nodes of the Merkle search tree over them, one signed commit, and the log of events. A commit is
built from a snapshot outside the transaction, then stored in one: head, nodes, records, blob references and event
together, and only where the head is still the one that it was built on. `account` holds identities, keys, sessions and
app passwords. `writer` is the host as the outbox sees it. The XRPC methods over all this are thin (`tonearm.api`).

Storage. Only the newest commit and its tree are kept, since nodes belong to one tree each and a replaced node is never
needed again; a record's bytes lie with its path. Nodes and records are also found by the first 64 bits of their CID,
many at a time, and the full CID decides.

Rejected. A store of blocks by CID alone: every read of a record becomes two lookups at random places, and garbage has
to be counted. A tree kept in memory between commits: it would have to be rolled back with a failed transaction, and
130,000 records of it cost more than the whole server may use; what is kept is a bounded cache of nodes by hash.

Invariant: a repository's head, tree, records and events always tell the same story, whenever the process is killed.
What was acknowledged is in it, exactly once.
"""
