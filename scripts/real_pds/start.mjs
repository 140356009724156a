// The reference PDS and a PLC directory on loopback, with data that vanish at the end.
//
//   node start.mjs PDS_PORT PLC_PORT
//
// Prints one line of JSON when both answer. Ends on SIGTERM and SIGINT, and with --stop-with-stdin when its standard
// input closes, so that it cannot outlive the test run that started it. --rate-limits turns the PDS's own limits on.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Database, PlcServer } from '@did-plc/server'
import { PDS, envToCfg, envToSecrets } from '@atproto/pds'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'stop-with-stdin': { type: 'boolean' }, 'rate-limits': { type: 'boolean' } },
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
