// The reference PDS and a PLC directory on loopback, with data that vanish at the end.
//
//   node start.mjs PDS_PORT PLC_PORT
//
// Prints one line of JSON when both answer. Ends on SIGTERM and SIGINT, and with --stop-with-stdin when its standard
// input closes, so that it cannot outlive the test run that started it. --rate-limits turns the PDS's own limits on.
// --hooks FILE names a JSON object that is read whenever it matters, for what has no place in the public network:
//   clients: {"https://app.example": "http://127.0.0.1:9001"}   where documents of OAuth clients are read instead
//   lexiconAuthority: "did:plc:..."                             whose repository has every lexicon
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Database, PlcServer } from '@did-plc/server'
import { PDS, envToCfg, envToSecrets } from '@atproto/pds'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'stop-with-stdin': { type: 'boolean' }, 'rate-limits': { type: 'boolean' }, hooks: { type: 'string' } },
})
const [pdsPort, plcPort] = positionals.map(Number)
const secret = () => randomBytes(32).toString('hex')

// Both servers ask Express to listen on every interface; tests belong on loopback alone.
const onLoopback = (app) => {
  const listen = app.listen.bind(app)
  app.listen = (port, ...rest) => listen(port, 'localhost', ...rest)
}

const plc = PlcServer.create({ db: Database.mock(), port: plcPort })
onLoopback(plc.app)
await plc.start()

const dataDirectory = await mkdtemp(join(tmpdir(), 'real-pds-'))
const env = {
  devMode: true, // plain HTTP
  hostname: 'localhost', // the public URL has a port only for this very name
  port: pdsPort,
  didPlcUrl: `http://localhost:${plcPort}`,
  dataDirectory,
  blobstoreDiskLocation: join(dataDirectory, 'blobs'),
  adminPassword: secret(),
  jwtSecret: secret(),
  dpopSecret: secret(),
  plcRotationKeyK256PrivateKeyHex: secret(),
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  disableSsrfProtection: true, // the PLC directory is on loopback
  rateLimitsEnabled: values['rate-limits'] ?? false,
  rateLimitBypassIps: [],
  trustedOAuthClients: [],
  handleBackupNameservers: [],
  crawlers: [],
}
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
if (values.hooks) {
  const hooks = () => JSON.parse(readFileSync(values.hooks, 'utf8'))
  Object.defineProperty(pds.ctx.cfg.lexicon, 'didAuthority', { get: () => hooks().lexiconAuthority })

  // The PDS reads documents of clients by https from public addresses alone.
  const clients = pds.ctx.oauthProvider.clientManager
  const elsewhere = (url) => {
    const [from, to] = Object.entries(hooks().clients ?? {}).find(([origin]) => url.startsWith(origin)) ?? []
    return from && to + url.slice(from.length)
  }
  const readJson = async (url) => {
    const answer = await fetch(url, { redirect: 'error' })
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`)
    return answer.json()
  }
  const metadata = clients.getDiscoverableClientMetadata.bind(clients)
  clients.getDiscoverableClientMetadata = async (id) =>
    elsewhere(id) ? clients.validateClientMetadata(id, await readJson(elsewhere(id))) : metadata(id)
  const keys = clients.jwks
  clients.jwks = { get: async (url) => (elsewhere(url) ? readJson(elsewhere(url)) : keys.get(url)) }
}
onLoopback(pds.app)
await pds.start()

let ending = false
const end = async () => {
  if (ending) return
  ending = true
  // A subscriber that stays connected would hold the server open for ever.
  const limit = setTimeout(() => process.exit(0), 3000)
  await pds.destroy()
  await plc.destroy()
  clearTimeout(limit)
  process.exit(0)
}
process.on('exit', () => rmSync(dataDirectory, { recursive: true, force: true }))
process.on('SIGTERM', end)
process.on('SIGINT', end)
if (values['stop-with-stdin']) process.stdin.on('end', end).resume()

console.log(JSON.stringify({
  pds: `http://localhost:${pdsPort}`,
  plc: `http://localhost:${plcPort}`,
  did: pds.ctx.cfg.service.did,
  jwtSecret: env.jwtSecret, // lets a test make a token that has expired
  pid: process.pid,
}))
