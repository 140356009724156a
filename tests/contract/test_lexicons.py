"""The documents in `lexicons/`: well formed, complete, described, and what Rocksky's clients rely on.

Read here without the compiler, so that a mistake in it cannot hide one in a document. `rocksky_shapes.txt` lists what
clients of Rocksky find in each `app.rocksky.*` document: one line for each part of a document, `!` marks a required
field. A document may have more than that, never less.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest


def _words(text):
    return text.split()


ROOT = Path(__file__).parents[2] / "lexicons"
SHAPES = [line.split(" ") for line in (Path(__file__).parent / "rocksky_shapes.txt").read_text().splitlines()]
METHODS = {"query", "procedure", "subscription"}
PRIMARY = METHODS | {"record", "permission-set"}
DEFINABLE = {"boolean", "integer", "string", "bytes", "cid-link", "blob", "array", "object", "token"}
IN_PARAMS = {"boolean", "integer", "string", "unknown"}
IN_OBJECT = DEFINABLE - {"object", "token"} | {"ref", "union", "unknown"}
BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minGraphemes", "maxGraphemes", "maxSize")
KEY_ORDER = _words("""
    lexicon id type description title detail permissions resource collection key record parameters encoding schema input output message errors name format ref refs
    closed required nullable properties items accept maxSize minLength maxLength minGraphemes maxGraphemes minimum
    maximum default const enum knownValues defs
""")


def _no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), keys
    return dict(pairs)


PATHS = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.json")}
DOCUMENTS = {
    nsid: json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_duplicates)
    for nsid, path in sorted(PATHS.items())
}


def _main(nsid):
    return DOCUMENTS[nsid]["defs"]["main"]


def _nodes(value, path):
    """Every JSON object below `value` with its path, property maps left out."""
    if isinstance(value, dict):
        if not path.endswith(("/properties", "/defs")):
            yield path, value
        for key, inner in value.items():
            yield from _nodes(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _nodes(inner, f"{path}/{index}")


NODES = [(nsid, path, node) for nsid, document in DOCUMENTS.items() for path, node in _nodes(document, nsid)]
TYPED = [(nsid, path, node) for nsid, path, node in NODES if isinstance(node.get("type"), str)]
CALLABLE = {
    nsid: document["defs"]["main"]
    for nsid, document in DOCUMENTS.items()
    if document["defs"].get("main", {}).get("type") in METHODS
}
OURS = [nsid for nsid in CALLABLE if nsid.startswith("app.")]


def _target(ref, nsid):
    document, _, name = ref.partition("#")
    return DOCUMENTS.get(document or nsid, {}).get("defs", {}).get(name or "main")


def _refs(node):
    return [node["ref"]] if node["type"] == "ref" else node.get("refs", []) if node["type"] == "union" else []


def _resolved(schema, nsid):
    return _target(schema["ref"], nsid) if schema["type"] == "ref" else schema


def _output(nsid):
    return _resolved(CALLABLE[nsid]["output"]["schema"], nsid)


def _params(nsid):
    return CALLABLE[nsid].get("parameters", {}).get("properties", {})


def _errors(nsid):
    return {error["name"] for error in CALLABLE[nsid]["errors"]}


def _shape(node):
    if node["type"] == "array":
        return f"[{_shape(node['items'])}]"
    if node["type"] in {"ref", "union"}:
        return "|".join(_refs(node))
    bounds = [f"{key}={node[key]}" for key in BOUNDS if key in node]
    inner = [*([node["format"]] if "format" in node else []), *node.get("accept", []), *bounds]
    return node["type"] + (f"({','.join(inner)})" if inner else "")


# ---- every document


@pytest.mark.parametrize("nsid", DOCUMENTS)
def test_a_document_lies_where_its_id_says_and_is_written_in_the_one_form(nsid):
    document = DOCUMENTS[nsid]
    assert document["lexicon"] == 1
    assert document["id"] == nsid
    assert PATHS[nsid].read_text(encoding="utf-8") == json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("nsid", DOCUMENTS)
def test_the_keys_of_a_document_stand_in_the_one_order(nsid):
    for path, node in _nodes(DOCUMENTS[nsid], nsid):
        is_error = set(node) == {"name", "description"}
        expected = ["name", "description"] if is_error else sorted(node, key=KEY_ORDER.index)
        assert list(node) == expected, path


@pytest.mark.parametrize("nsid", DOCUMENTS)
def test_only_main_is_a_primary_type_and_no_definition_is_a_bare_reference(nsid):
    for name, definition in DOCUMENTS[nsid]["defs"].items():
        allowed = DEFINABLE | PRIMARY if name == "main" else DEFINABLE
        assert definition["type"] in allowed, name


def test_no_reference_dangles():
    dangling = [f"{path}: {ref}" for nsid, path, node in TYPED for ref in _refs(node) if _target(ref, nsid) is None]
    assert dangling == []


def test_a_union_names_objects_and_a_reference_names_no_method():
    for nsid, path, node in TYPED:
        for ref in _refs(node):
            kind = _target(ref, nsid)["type"]
            assert kind == "object" if node["type"] == "union" else kind in DEFINABLE, path


def test_required_and_nullable_name_properties_that_exist():
    for _nsid, path, node in TYPED:
        for key in ("required", "nullable"):
            names = node.get(key, [])
            assert len(set(names)) == len(names), path
            assert set(names) <= set(node.get("properties", {})), path


def test_parameters_hold_plain_values_and_objects_hold_no_objects_in_line():
    for _nsid, path, node in TYPED:
        for name, inner in node.get("properties", {}).items():
            if node["type"] == "params":
                assert (inner["items"] if inner["type"] == "array" else inner)["type"] in IN_PARAMS, f"{path}/{name}"
            else:
                assert inner["type"] in IN_OBJECT, f"{path}/{name}"
        if node["type"] == "array":
            assert node["items"]["type"] in IN_OBJECT, path


def test_queries_have_no_input_and_methods_exchange_references_unions_and_objects():
    for nsid, method in CALLABLE.items():
        assert method["type"] == "procedure" or "input" not in method, nsid
        for part in ("input", "output", "message"):
            schema = method.get(part, {}).get("schema")
            assert schema is None or schema["type"] in {"ref", "union", "object"}, nsid


def test_every_method_record_definition_and_field_is_described():
    for nsid, document in DOCUMENTS.items():
        for name, definition in document["defs"].items():
            assert definition.get("description", "").endswith("."), f"{nsid}#{name}"
    for _nsid, path, node in TYPED:
        for name, inner in node.get("properties", {}).items():
            assert inner.get("description", "").endswith("."), f"{path}/{name}"


def test_a_document_of_shared_definitions_says_what_it_is():
    for nsid, document in DOCUMENTS.items():
        if "main" not in document["defs"]:
            assert document["description"].endswith("."), nsid


def test_every_method_declares_its_errors_by_name_with_an_explanation():
    for nsid, method in CALLABLE.items():
        names = [error["name"] for error in method["errors"]]
        assert len(set(names)) == len(names), nsid
        for error in method["errors"]:
            assert re.fullmatch(r"[A-Z][A-Za-z]+", error["name"]), nsid
            assert error["description"].endswith("."), nsid


def test_what_the_protocol_itself_may_answer_is_not_declared_again():
    general = {"InvalidRequest", "AuthenticationRequired", "Forbidden", "RateLimitExceeded", "InternalServerError"}
    assert [nsid for nsid in CALLABLE if _errors(nsid) & general] == []


# ---- app.rocksky


def test_the_180_documents_of_rocksky_are_here():
    named = {line[0].partition("#")[0] for line in SHAPES}
    assert len(named) == 180
    assert named <= set(DOCUMENTS)
    # A permission set permits only what is below its own authority: this one of ours has to stand there.
    assert {nsid for nsid in DOCUMENTS if nsid.startswith("app.rocksky.")} - {"app.rocksky.authScrobbling"} == {
        nsid for nsid in named if nsid.startswith("app.rocksky.")
    }


def _assert_fields(node, fields, where):
    found = {name: _shape(inner) for name, inner in node.get("properties", {}).items()}
    expected = dict(field.split("=", 1) for field in fields)
    names = {name.removesuffix("!") for name in expected}
    assert {name: found.get(name) for name in names} == {k.removesuffix("!"): v for k, v in expected.items()}, where
    assert set(node.get("required", [])) == {name.removesuffix("!") for name in expected if name.endswith("!")}, where


@pytest.mark.parametrize("line", SHAPES, ids=lambda line: " ".join(line[:2]))
def test_a_document_has_every_field_that_clients_of_rocksky_know(line):
    where, kind, *fields = line
    nsid, _, name = where.partition("#")
    definition = DOCUMENTS[nsid]["defs"].get(name or "main")
    if kind == "defs":
        assert definition is None
    elif kind in METHODS:
        assert definition["type"] == kind
    elif kind == "object":
        _assert_fields(definition, fields, where)
    elif kind == "record":
        assert definition["key"] == fields[0]
        _assert_fields(definition["record"], fields[1:], where)
    elif kind == "parameters":
        _assert_fields(definition["parameters"], fields, where)
    else:
        body = definition[kind]
        assert body["encoding"] == fields[0]
        if len(fields) == 2 and "=" not in fields[1]:
            assert body["schema"] == {"type": "ref", "ref": fields[1]}
        elif len(fields) > 1:
            _assert_fields(body["schema"], fields[1:], where)


def test_a_method_takes_and_gives_a_body_exactly_where_rocksky_does():
    bodies = {(line[0], line[1]) for line in SHAPES if line[1] in {"input", "output"}}
    for nsid, method in CALLABLE.items():
        if nsid.startswith("app.rocksky."):
            for part in ("input", "output"):
                assert (part in method) == ((nsid, part) in bodies), f"{nsid} {part}"


DOCUMENTED = _words("""
    id user userDisplayName userAvatar title artist artistUri album albumUri cover date uri sha256 liked likesCount
""")


def test_a_play_needs_only_title_and_artist_and_every_other_field_may_be_null():
    play = CALLABLE["app.rocksky.scrobble.createScrobble"]["input"]["schema"]
    assert set(play["required"]) == {"title", "artist"}
    assert set(play["nullable"]) == set(play["properties"]) - {"title", "artist"}
    assert {"albumArtist", "artists", "genres"} <= set(play["properties"])
    assert play["properties"]["genres"]["items"] == {"type": "string"}
    credit = _target(play["properties"]["artists"]["items"]["ref"], "app.rocksky.scrobble.createScrobble")
    assert set(credit["properties"]) == {"name", "mbid"}
    assert (credit["required"], credit["nullable"]) == (["name"], ["mbid"])


def test_no_text_of_a_play_has_a_bound_so_that_long_titles_are_kept():
    play = CALLABLE["app.rocksky.scrobble.createScrobble"]["input"]["schema"]
    assert [name for name, inner in play["properties"].items() if set(inner) & set(BOUNDS)] == []


def test_create_scrobble_always_answers_all_fifteen_documented_fields():
    answer = CALLABLE["app.rocksky.scrobble.createScrobble"]["output"]["schema"]
    assert answer["type"] == "object"
    assert answer["required"] == DOCUMENTED
    assert "nullable" not in answer
    view = DOCUMENTS["app.rocksky.scrobble.defs"]["defs"]["scrobbleViewBasic"]["properties"]
    assert {name: _shape(inner) for name, inner in answer["properties"].items()} == {
        name: _shape(inner) for name, inner in view.items()
    }


def test_one_view_carries_the_items_of_both_scrobble_lists():
    view = set(DOCUMENTS["app.rocksky.scrobble.defs"]["defs"]["scrobbleViewBasic"]["properties"])
    feed = "title artist albumArtist album duration trackNumber discNumber mbId isrc genre composer label "
    feed += "copyrightMessage spotifyLink tidalLink appleMusicLink youtubeLink sha256 artistUri albumUri "
    feed += "cover date createdAt user userDisplayName userAvatar uri tags id trackUri likesCount liked"
    history = "id trackId title artist albumArtist albumArt album handle did avatar uri trackUri artistUri albumUri "
    history += "createdAt timestamp"
    assert set(_words(feed)) <= view
    assert set(_words(history)) <= view


PAGED = {
    "actor": "getActorAlbums getActorArtists getActorLovedSongs getActorNeighbours getActorPlaylists getActorScrobbles "
    "getActorSongs",
    "album": "getAlbumTracks getAlbums",
    "artist": "getArtistAlbums getArtistListeners getArtistRecentListeners getArtistTracks getArtists",
    "charts": "getTopArtists getTopTracks",
    "feed": "getAlbumRecommendations getArtistRecommendations getFeed getFeedGenerators getFeedSkeleton "
    "getRecommendations getStories search",
    "graph": "getFollowers getFollows getKnownFollowers",
    "notification": "listNotifications",
    "playlist": "getPlaylists",
    "scrobble": "getScrobbles",
    "shout": "getAlbumShouts getArtistShouts getProfileShouts getShoutReplies getTrackShouts",
    "song": "getSongRecentListeners getSongs",
}


@pytest.mark.parametrize("nsid", [f"app.rocksky.{g}.{name}" for g, names in PAGED.items() for name in _words(names)])
def test_a_list_that_can_grow_is_read_page_by_page(nsid):
    assert _params(nsid)["cursor"]["type"] == "string"
    assert {"limit", "size"} & set(_params(nsid))
    assert _output(nsid)["properties"]["cursor"]["type"] == "string"
    assert "cursor" not in _output(nsid).get("required", [])
    assert "InvalidCursor" in _errors(nsid)


def test_a_limit_is_never_refused_for_being_high():
    for nsid in OURS:
        for name in {"limit", "size"} & set(_params(nsid)):
            if not nsid.startswith("app.rocksky.library."):
                limit = _params(nsid)[name]
                assert "maximum" not in limit, nsid
                assert re.search(r"higher value than (1000|100) is taken as \1", limit["description"]), nsid


DEFAULTS = {
    10: "actor.getActorAlbums actor.getActorArtists actor.getActorSongs actor.getActorLovedSongs",
    20: "scrobble.getScrobbles artist.getArtistRecentListeners song.getSongRecentListeners playlist.getPlaylists "
    "actor.getActorPlaylists feed.getStories",
    30: "notification.listNotifications",
    50: "actor.getActorScrobbles charts.getTopArtists charts.getTopTracks feed.getFeed feed.getFeedSkeleton "
    "graph.getFollowers graph.getFollows graph.getKnownFollowers",
    100: "song.getSongs album.getAlbums artist.getArtists artist.getArtistTracks artist.getArtistListeners "
    "feed.getFeedGenerators",
}


@pytest.mark.parametrize(("nsid", "default"), [(n, d) for d, names in DEFAULTS.items() for n in _words(names)])
def test_without_a_limit_a_list_is_as_long_as_rockskys(nsid, default):
    params = _params(f"app.rocksky.{nsid}")
    assert params.get("limit", params.get("size"))["default"] == default


@pytest.mark.parametrize("group", ["song.getSongs", "album.getAlbums", "artist.getArtists", "scrobble.getScrobbles"])
def test_a_filter_that_cannot_be_read_has_an_error_of_its_own(group):
    assert "filter" in _params(f"app.rocksky.{group}")
    assert "InvalidFilter" in _errors(f"app.rocksky.{group}")


def test_a_method_that_names_an_account_or_a_record_says_what_happens_when_it_is_not_known():
    absent = {"ActorNotFound", "RecordNotFound", "UnknownFeed", "ShoutNotFound"}
    for nsid in OURS:
        named = {"did", "actor", "uri", "feed"} & set(_params(nsid))
        assert not named or _errors(nsid) & absent, nsid


def test_putting_a_mirror_source_keeps_its_documented_contract():
    source = CALLABLE["app.rocksky.mirror.putMirrorSource"]["input"]["schema"]
    assert source["required"] == ["provider"]
    assert set(source["properties"]) == {"provider", "enabled", "externalUsername", "apiKey"}
    view = _output("app.rocksky.mirror.putMirrorSource")
    assert set(view["required"]) == {"provider", "enabled", "hasCredentials"}
    assert view["nullable"] == ["externalUsername"]
    assert _errors("app.rocksky.mirror.putMirrorSource") == {"UnknownProvider", "UsernameRequired"}


def test_the_references_that_rocksky_leaves_dangling_lead_somewhere():
    keys = DOCUMENTS["app.rocksky.apikey.defs"]["defs"]
    assert set(keys["apiKeyView"]["properties"]) < set(keys["apiKey"]["properties"])
    shouts = DOCUMENTS["app.rocksky.shout.defs"]["defs"]
    assert set(shouts["shoutView"]["properties"]) < set(shouts["shoutViewBasic"]["properties"])
    assert "selfLabels" in DOCUMENTS["com.atproto.label.defs"]["defs"]
    album = DOCUMENTS["app.rocksky.album.defs"]["defs"]["albumViewDetailed"]["properties"]
    assert album["tracks"]["items"]["ref"] == "app.rocksky.song.defs#songViewBasic"
    assert "tracks" not in _main("app.rocksky.album")["record"]["properties"]


@pytest.mark.parametrize("nsid", ["scrobble", "song", "artist", "album"])
def test_a_record_says_what_was_assumed_to_fill_it(nsid):
    record = _main(f"app.rocksky.{nsid}")["record"]
    assert record["properties"]["tonearm"]["ref"] == "app.tonearm.defs#recordExtension"
    assert "tonearm" not in record["required"]


# ---- com.atproto, fm.teal, app.tonearm

OFFICIAL = {
    "server": "createSession refreshSession getSession deleteSession describeServer createAccount createAppPassword "
    "listAppPasswords revokeAppPassword getServiceAuth",
    "repo": "createRecord putRecord deleteRecord applyWrites getRecord listRecords describeRepo uploadBlob",
    "sync": "getRepo getLatestCommit getRecord getBlocks getBlob listBlobs listRepos getRepoStatus subscribeRepos "
    "requestCrawl",
    "identity": "resolveHandle updateHandle",
}


def test_the_methods_of_a_repository_host_are_here():
    wanted = {f"com.atproto.{group}.{name}" for group, names in OFFICIAL.items() for name in _words(names)}
    assert {nsid for nsid in CALLABLE if nsid.startswith("com.atproto.")} == wanted


def test_a_commit_message_has_all_that_a_reader_needs_to_check_it():
    defs = DOCUMENTS["com.atproto.sync.subscribeRepos"]["defs"]
    assert defs["main"]["message"]["schema"]["refs"] == ["#commit", "#sync", "#identity", "#account", "#info"]
    required = "seq rebase tooBig repo commit rev since blocks ops blobs time"
    assert defs["commit"]["required"] == _words(required)
    assert defs["commit"]["nullable"] == ["since"]
    assert defs["commit"]["properties"]["prevData"]["type"] == "cid-link"
    assert defs["repoOp"]["nullable"] == ["cid"]
    assert defs["repoOp"]["properties"]["prev"]["type"] == "cid-link"
    assert defs["sync"]["required"] == ["seq", "did", "blocks", "rev", "time"]


def test_a_batch_of_writes_is_a_closed_choice_of_three():
    writes = CALLABLE["com.atproto.repo.applyWrites"]["input"]["schema"]["properties"]["writes"]["items"]
    assert (writes["refs"], writes["closed"]) == (["#create", "#update", "#delete"], True)
    assert _errors("com.atproto.repo.applyWrites") == {"InvalidSwap"}


@pytest.mark.parametrize("nsid", ["fm.teal", "fm.teal.alpha"])
def test_plays_of_teal_fm_can_be_read_in_both_collections(nsid):
    play = _main(f"{nsid}.feed.play")
    assert (play["key"], play["record"]["required"]) == ("tid", ["trackName"])
    assert "seconds" in play["record"]["properties"]["duration"]["description"]
    assert _main(f"{nsid}.actor.status")["key"] == "literal:self"


def test_the_queue_tells_its_owner_why_an_entry_waits():
    entry = DOCUMENTS["app.tonearm.journal.defs"]["defs"]["entryView"]
    states = ["waiting", "retrying", "refused", "waitingForLogin"]
    assert entry["properties"]["state"]["knownValues"] == states
    assert {"id", "uri", "collection", "state", "reason", "message", "attempts", "submittedAt", "source"} == set(
        entry["required"]
    )


def test_an_entry_can_be_retried_discarded_and_edited():
    queue = "app.tonearm.journal."
    for name in ("retryEntry", "discardEntry", "editEntry"):
        assert CALLABLE[queue + name]["input"]["schema"]["required"] == ["id"]
        assert "EntryNotFound" in _errors(queue + name)
    play = set(CALLABLE["app.rocksky.scrobble.createScrobble"]["input"]["schema"]["properties"])
    edit = CALLABLE[queue + "editEntry"]["input"]["schema"]
    assert set(edit["properties"]) == play | {"id", "clear"}
    assert set(edit["nullable"]) == play
    assert {"EntryNotEditable", "InvalidScrobble", "TimestampOutOfRange"} <= _errors(queue + "editEntry")
