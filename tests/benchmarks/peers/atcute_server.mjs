// @atcute/xrpc-server on Node, through the fetch adapter that its documentation names. Its router validates parameters
// and input but not output, so the handlers validate what they answer.
import * as http from 'node:http'
import { createRequestListener } from '@remix-run/node-fetch-server'
import * as v from '@atcute/lexicons/validations'
import { XRPCRouter, json } from '@atcute/xrpc-server'
import { absolute, created, definition, nsidOf, page, port } from './lexicon_documents.mjs'

const STRING_FORMATS = {
  'at-identifier': v.actorIdentifierString,
  'at-uri': v.resourceUriString,
  cid: v.cidString,
  datetime: v.datetimeString,
  did: v.didString,
  handle: v.handleString,
  language: v.languageCodeString,
  nsid: v.nsidString,
  'record-key': v.recordKeyString,
  tid: v.tidString,
  uri: v.genericUriString,
}
const known = new Map()

function refTo(ref) {
  if (!known.has(ref)) known.set(ref, schema(definition(ref), nsidOf(ref), ref))
  return known.get(ref)
}

function constrained(base, constraints) {
  return constraints.length ? v.constrain(base, constraints) : base
}

function string(def) {
  if (def.enum) return v.literalEnum(def.enum)
  const constraints = []
  if (def.minLength !== undefined || def.maxLength !== undefined) {
    constraints.push(v.stringLength(def.minLength ?? 0, def.maxLength))
  }
  if (def.minGraphemes !== undefined || def.maxGraphemes !== undefined) {
    constraints.push(v.stringGraphemes(def.minGraphemes ?? 0, def.maxGraphemes))
  }
  return constrained(def.format ? STRING_FORMATS[def.format]() : v.string(), constraints)
}

function integer(def) {
  const limited = def.minimum !== undefined || def.maximum !== undefined
  return constrained(v.integer(), limited ? [v.integerRange(def.minimum ?? Number.MIN_SAFE_INTEGER, def.maximum)] : [])
}

function shape(def, nsid) {
  const required = new Set(def?.required ?? [])
  const nullable = new Set(def?.nullable ?? [])
  const properties = Object.entries(def?.properties ?? {}).map(([name, property]) => {
    const plain = schema(property, nsid)
    const value = nullable.has(name) ? v.nullable(plain) : plain
    return [name, required.has(name) ? value : v.optional(value, property.default)]
  })
  return Object.fromEntries(properties)
}

function schema(def, nsid, ref) {
  switch (def.type) {
    case 'boolean': return v.boolean()
    case 'integer': return integer(def)
    case 'string': return string(def)
    case 'unknown': return v.unknown()
    case 'array': return v.array(schema(def.items, nsid))
    case 'ref': return refTo(absolute(def.ref, nsid))
    case 'object': {
      const type = ref ? { $type: v.optional(v.literal(ref)) } : {}
      return v.object({ ...type, ...shape(def, nsid) })
    }
    default: throw new Error(`the bench's schemas have no ${def.type}`)
  }
}

const body = (def, nsid) => (def ? { type: 'lex', schema: schema(def.schema, nsid) } : null)

function method(nsid) {
  const def = definition(nsid)
  const params = def.parameters ? v.object(shape(def.parameters, nsid)) : null
  const output = body(def.output, nsid)
  return def.type === 'query'
    ? v.query(nsid, { params, output })
    : v.procedure(nsid, { params, input: body(def.input, nsid), output })
}

const getScrobbles = method('app.rocksky.scrobble.getScrobbles')
const createScrobble = method('app.rocksky.scrobble.createScrobble')
const router = new XRPCRouter()
router.addQuery(getScrobbles, {
  async handler({ params }) {
    return json(v.parse(getScrobbles.output.schema, page(params.limit)))
  },
})
router.addProcedure(createScrobble, {
  async handler({ input }) {
    return json(v.parse(createScrobble.output.schema, created(input)))
  },
})

http.createServer(createRequestListener(router.fetch)).listen(port, '127.0.0.1')
