"""Export: all that is held of an account, read back and compared with the database."""

from __future__ import annotations

import base64
import io
import json
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

from tests.server.lifecycle.test_deletion import WORDS, full_account
from tests.support.everything import everything
from tonearm.atproto.car import read_car
from tonearm.atproto.tid import tid_text
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from tests.support.server import Person, Server


async def archive(server: Server, who: Person) -> zipfile.ZipFile:
    async with server.http.get(
        f"{server.url}/xrpc/app.tonearm.account.export", headers={"Authorization": f"Bearer {who.token}"}
    ) as answer:
        body = await answer.read()
        assert answer.status == 200, body
        assert answer.headers["Content-Type"] == "application/zip"
        assert f'filename="tonearm-{who.handle}.zip"' in answer.headers["Content-Disposition"]
    opened = zipfile.ZipFile(io.BytesIO(body))
    assert opened.testzip() is None
    return opened


def lines(opened: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in opened.read(name).splitlines()]


async def test_an_export_has_what_the_database_has(server: Server):
    bob = await full_account(server)
    rows = {
        table: [row for row in of_table if row.get("actor_id") == bob.actor_id]
        for table, of_table in (await everything(server.core)).items()
    }
    opened = await archive(server, bob)
    names = {name.partition("/")[0] for name in opened.namelist()}
    assert names >= {"README.txt", "account.json", "profile.json", "plays.jsonl", "identity.json", "repository.car"}

    def uris(name: str) -> set[str]:
        return {line["uri"] for line in lines(opened, name)}

    def of_plays(table: str) -> set[str]:
        return {f"at://{bob.did}/app.rocksky.scrobble/{tid_text(row['tid'])}" for row in rows[table]}

    assert uris("plays.jsonl") == of_plays("play") and len(of_plays("play")) == 4
    assert uris("deleted-plays.jsonl") == of_plays("tombstone")
    for name, table in (("songs", "actor_song"), ("artists", "actor_artist"), ("albums", "actor_album")):
        held = {(tid_text(row[f"{name[:-1]}_id"]), row["plays"]) for row in rows[table]}
        assert {(line[f"{name[:-1]}_id"], line["plays"]) for line in lines(opened, f"{name}.jsonl")} == held, name
    submitted = {line["journal_id"]: line["raw"].encode() for line in lines(opened, "submissions.jsonl")}
    assert submitted == {row["journal_id"]: bytes(row["raw"]) for row in rows["journal"]}
    assert {line["write_id"] for line in lines(opened, "writes.jsonl")} == {
        row["write_id"] for row in rows["repo_write"]
    }
    confirmed = {line["write_id"] for line in lines(opened, "confirmed.jsonl")}
    assert confirmed == {line["write_id"] for line in lines(opened, "writes.jsonl")}, "everything had arrived"
    assert [line["idempotency_key"] for line in lines(opened, "client-keys.jsonl")] == [WORDS]
    assert json.loads(opened.read("profile.json"))["display_name"] == WORDS
    account = json.loads(opened.read("account.json"))
    assert (account["name"], account["role"], account["has_password"]) == ("bob", "none", True)
    assert [token["label"] for token in json.loads(opened.read("tokens.json"))] == ["test"]
    assert [key["name"] for key in json.loads(opened.read("player-keys.json"))] == [WORDS]
    assert {session["kind"] for session in json.loads(opened.read("sessions.json"))} == {"browser", "app"}
    identity = json.loads(opened.read("identity.json"))
    assert [each["name"] for each in identity["app_passwords"]] == [WORDS]
    assert identity["operations"][0]["operation"]["alsoKnownAs"] == [f"at://{bob.handle}"]
    blobs = [name for name in opened.namelist() if name.startswith("blobs/")]
    assert [opened.read(name) for name in blobs] == [b"\x89PNG" + WORDS.encode()]


async def test_an_export_is_made_in_small_pieces(server: Server):
    bob = await server.create_account("bob")
    raw = b"x" * 200_000
    plays = [
        Submission.of(title=f"T{n}", artist="A", raw=raw, played_at_s=1_600_000_000 + n, now_s=1.8e9)
        for n in range(200)
    ]
    await server.core.scrobbles.submit(bob.listener, plays, "test")
    tracemalloc.start()
    total = 0
    async for piece in server.core.lifecycle.export(bob.actor_id):
        total += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 30_000
    assert peak < 30_000_000, "of forty megabytes that it is made from, a page or two are held"


async def test_the_repository_in_an_export_is_the_repository(server: Server):
    bob = await full_account(server)
    opened = await archive(server, bob)
    _, blocks = read_car(opened.read("repository.car"))
    async with server.http.get(f"{server.url}/xrpc/com.atproto.sync.getRepo", params={"did": bob.did}) as answer:
        _, there = read_car(await answer.read())
    assert dict(blocks) == dict(there)


async def test_an_export_has_no_secret_and_nothing_of_others(server: Server):
    bob = await full_account(server)
    carol = await server.create_account("carol")
    await server.scrobble(carol, title="Carol Alone", artist="Carol")
    key = await server.core.player_keys.create(bob.actor_id, "two", None)
    cookie = await server.core.logins.open_browser(bob.actor_id, agent="x", address="192.0.2.1")
    rows = await everything(server.core)
    hashes = [row[name] for table, name in SECRETS for row in rows[table] if row[name]]
    opened = await archive(server, bob)
    for name in opened.namelist():
        content = opened.read(name)
        for secret in (bob.token, bob.password, key.api_key, key.shared_secret, cookie, carol.did, "Carol"):
            assert secret.encode() not in content, name
        for secret in hashes:
            for form in (
                (bytes(secret), bytes(secret).hex().encode()) if isinstance(secret, bytes) else (secret.encode(),)
            ):
                assert form not in content, name


SECRETS = (
    ("account", "password_hash"),
    ("api_token", "token_hash"),
    ("login_session", "secret_hash"),
    ("player_key", "sealed"),
    ("player_key", "api_key_hash"),
    ("pds_repo", "signing_key"),
    ("pds_repo", "rotation_key"),
    ("pds_app_password", "secret_hash"),
)


async def test_an_export_shows_what_waits_in_the_queue(server: Server):
    bob = await server.create_account("bob")
    await server.core.pds.accounts.set_status(bob.did, "suspended")  # nothing can be written
    await server.scrobble(bob, title="Waits", artist="X", timestamp=1_600_000_000)
    queue = lines(await archive(server, bob), "queue.jsonl")
    assert "Waits" in [line["record"]["title"] for line in queue if "/app.rocksky.scrobble/" in line["uri"]]


async def test_submissions_that_are_no_text_are_exported_all_the_same(server: Server):
    bob = await server.create_account("bob")
    raw = b"\xff\xfe\x00not text"
    play = Submission.of(title="T", artist="A", raw=raw, played_at_s=1_600_000_000, now_s=1.8e9)
    await server.core.scrobbles.submit(bob.listener, [play], "test")
    (line,) = lines(await archive(server, bob), "submissions.jsonl")
    assert base64.b64decode(line["raw_base64"]) == raw


async def test_of_an_account_elsewhere_an_export_says_where_the_repository_is(server: Server):
    did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
    account = await server.core.accounts.add_remote(did, "carol.example.com", "https://pds.example.com")
    pieces = [piece async for piece in server.core.lifecycle.export(account.actor_id)]
    opened = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    told = opened.read("repository.txt").decode()
    assert f"https://pds.example.com/xrpc/com.atproto.sync.getRepo?did={did}" in told
    assert "repository.car" not in opened.namelist()
