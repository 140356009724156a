// Scrobble through Tonearm with @atproto/api, and read the play back from both ends.
//
//   node atproto_api.mjs TONEARM_URL API_TOKEN PDS_URL DID LEXICONS
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from '@atproto/api'

const [tonearmUrl, token, pdsUrl, did, lexicons] = process.argv.slice(2)
const tonearm = new Agent({ service: tonearmUrl, headers: { authorization: `Bearer ${token}` } })
const pds = new Agent({ service: pdsUrl })
for (const file of readdirSync(lexicons, { recursive: true }).filter((name) => name.endsWith('.json'))) {
  const lexicon = JSON.parse(readFileSync(join(lexicons, file)))
  if (!tonearm.lex.get(lexicon.id)) tonearm.lex.add(lexicon)
}

const play = { title: 'Roygbiv', artist: 'Boards of Canada', album: 'Music Has the Right to Children', duration: 151000 }
const made = await tonearm.call('app.rocksky.scrobble.createScrobble', {}, play)

let stored
while (!stored) {
  const page = await pds.com.atproto.repo.listRecords({ repo: did, collection: 'app.rocksky.scrobble' })
  stored = page.data.records.find((record) => record.uri === made.data.uri)
  await sleep(100)
}
const history = await tonearm.call('app.rocksky.scrobble.getScrobbles', { did })

console.log(JSON.stringify({
  made: made.data,
  stored: { uri: stored.uri, title: stored.value.title },
  history: history.data.scrobbles,
}))
