"""Scrobble through Tonearm with the `atproto` SDK's plain client, and read the play back from both ends.

python python_sdk.py TONEARM_URL API_TOKEN PDS_URL DID
"""

import json
import sys
import time

from atproto import Client
from atproto_client.models.dot_dict import DotDict

tonearm_url, token, pds_url, did = sys.argv[1:]
tonearm, pds = Client(tonearm_url), Client(pds_url)
tonearm.request.add_additional_header("Authorization", f"Bearer {token}")

play = {"title": "Olson", "artist": "Boards of Canada", "album": "Music Has the Right to Children", "duration": 91_000}
made = tonearm.invoke_procedure(
    "app.rocksky.scrobble.createScrobble",
    data=DotDict(play),
    input_encoding="application/json",
    output_encoding="application/json",
).content

stored = None
while stored is None:
    page = pds.com.atproto.repo.list_records({"repo": did, "collection": "app.rocksky.scrobble"})
    stored = next((record for record in page.records if record.uri == made["uri"]), None)
    time.sleep(0.1)
history = tonearm.invoke_query("app.rocksky.scrobble.getScrobbles", params=DotDict({"did": did})).content

told = {"made": made, "stored": {"uri": stored.uri, "title": stored.value["title"]}, "history": history["scrobbles"]}
sys.stdout.write(json.dumps(told))
