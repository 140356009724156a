// @atproto/xrpc-server with its schema API: server.add() on schemas made by the constructors that its generator uses.
import { l } from '@atproto/lex-schema'
import { createServer } from '@atproto/xrpc-server'
import express from 'express'
import { absolute, created, definition, nsidOf, page, port } from './lexicon_documents.mjs'

const known = new Map()

function refTo(ref) {
  if (!known.has(ref)) known.set(ref, schema(definition(ref), nsidOf(ref), ref))
  return known.get(ref)
}

function object(def, nsid) {
  const required = new Set(def.required ?? [])
  const nullable = new Set(def.nullable ?? [])
  const shape = Object.entries(def.properties ?? {}).map(([name, property]) => {
    const plain = schema(property, nsid)
    const value = nullable.has(name) ? l.nullable(plain) : plain
    return [name, required.has(name) ? value : l.optional(value)]
  })
  return l.object(Object.fromEntries(shape))
}

function withDefault(validator, def) {
  return def.default === undefined ? validator : l.withDefault(validator, def.default)
}

function schema(def, nsid, ref) {
  const { type, description: _, default: __, knownValues: ___, ...options } = def
  switch (type) {
    case 'boolean': return withDefault(l.boolean(), def)
    case 'integer': return withDefault(l.integer(options), def)
    case 'string': return withDefault(def.enum ? l.enum(def.enum) : l.string(options), def)
    case 'unknown': return l.unknown()
    case 'array': return l.array(schema(def.items, nsid), { minLength: def.minLength, maxLength: def.maxLength })
    case 'ref': return l.ref(() => refTo(absolute(def.ref, nsid)))
    case 'object': return ref ? l.typedObject(nsid, ref.split('#')[1] ?? 'main', object(def, nsid)) : object(def, nsid)
    default: throw new Error(`the bench's schemas have no ${type}`)
  }
}

function params(def, nsid) {
  const required = new Set(def?.required ?? [])
  const shape = Object.entries(def?.properties ?? {}).map(([name, property]) => {
    const value = schema(property, nsid)
    return [name, required.has(name) ? value : l.optional(value)]
  })
  return l.params(Object.fromEntries(shape))
}

const payload = (body, nsid) => l.payload(body.encoding, schema(body.schema, nsid))

function method(nsid) {
  const def = definition(nsid)
  const errors = def.errors?.map((error) => error.name)
  return def.type === 'query'
    ? l.query(nsid, params(def.parameters, nsid), payload(def.output, nsid), errors)
    : l.procedure(nsid, params(def.parameters, nsid), payload(def.input, nsid), payload(def.output, nsid), errors)
}

const server = createServer()
const json = (body) => ({ encoding: 'application/json', body })
server.add(method('app.rocksky.scrobble.getScrobbles'), { handler: async ({ params }) => json(page(params.limit)) })
server.add(method('app.rocksky.scrobble.createScrobble'), { handler: async ({ input }) => json(created(input.body)) })

const app = express()
app.use(server.router)
app.listen(port, '127.0.0.1')
