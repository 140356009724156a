// Reads the product's own lexicon documents, so that every server under test validates the same shapes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = process.env.BENCH_LEXICONS
const documents = new Map()

export function definition(ref) {
  const [nsid, name = 'main'] = ref.split('#')
  if (!documents.has(nsid)) {
    documents.set(nsid, JSON.parse(readFileSync(join(root, ...nsid.split('.')) + '.json', 'utf8')))
  }
  return documents.get(nsid).defs[name]
}

export const absolute = (ref, nsid) => (ref.startsWith('#') ? nsid + ref : ref)
export const nsidOf = (ref) => ref.split('#')[0]
export const answers = JSON.parse(readFileSync(process.env.BENCH_ANSWERS, 'utf8'))
export const port = Number(process.env.BENCH_PORT)

// The handlers answer constants, built anew for each call as a real handler would.
export const page = (limit) => ({ scrobbles: answers.views.slice(0, limit ?? 1).map((view) => ({ ...view })) })
export const created = (input) => ({ ...answers.created, title: input.title, artist: input.artist, album: input.album })
