// Fastify as its guide writes it: schemas of what comes and of what is answered, no logger.
import cluster from 'node:cluster'
import { Readable } from 'node:stream'
import { hello, pieces, port, users, workers } from './contract.mjs'

const string = { type: 'string' }
const integer = { type: 'integer' }
const object = (properties, required = []) => ({ type: 'object', properties, required })
const answers = (status, schema) => ({ response: { [status]: schema } })

async function serve () {
  const { default: fastify } = await import('fastify')
  const app = fastify({ logger: false, bodyLimit: 1024 ** 3 })
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('server', 'bench')
    done()
  })
  app.get('/plaintext', (request, reply) => reply.type('text/plain').send(hello))
  app.get('/json', { schema: answers(200, object({ message: string })) }, (request, reply) => reply.send({ message: hello }))
  app.get('/users/:id', { schema: answers(200, object({ id: string, name: string })) }, (request, reply) => {
    reply.send({ id: request.params.id, name: `User ${request.params.id}` })
  })
  const search = { querystring: object({ q: string, limit: integer }, ['limit']), ...answers(200, object({ q: string, limit: integer })) }
  app.get('/search', { schema: search }, (request, reply) => reply.send({ q: request.query.q ?? '', limit: request.query.limit }))
  const user = object({ id: integer, email: string, name: string, active: { type: 'boolean' }, score: { type: 'number' } })
  const list = { querystring: object({ n: { ...integer, default: 0 } }), ...answers(200, { type: 'array', items: user }) }
  app.get('/users', { schema: list }, (request, reply) => reply.send(users.slice(0, request.query.n)))
  const fields = { email: string, name: string, age: integer }
  const create = { body: object(fields, ['email', 'name', 'age']), ...answers(201, object({ id: integer, ...fields })) }
  app.post('/users', { schema: create }, (request, reply) => {
    const { email, name, age } = request.body
    reply.code(201).send({ id: 1, email, name, age })
  })
  // Bodies of any other type are not read before the handler.
  app.register(async (streams) => {
    streams.removeAllContentTypeParsers()
    streams.addContentTypeParser('*', (request, payload, done) => done(null, payload))
    streams.post('/upload', async (request, reply) => {
      let bytes = 0
      for await (const chunk of request.raw) bytes += chunk.length
      return reply.type('text/plain').send(String(bytes))
    })
    streams.post('/echo', (request, reply) => reply.type('application/octet-stream').send(request.raw))
  })
  app.get('/download', (request, reply) => {
    const bytes = Number(request.query.bytes)
    reply.type('application/octet-stream').header('content-length', bytes).send(Readable.from(pieces(bytes)))
  })
  await app.listen({ port, host: '127.0.0.1', backlog: 4096 })
}

if (workers > 1 && cluster.isPrimary) {
  for (let worker = 0; worker < workers; worker++) cluster.fork()
} else {
  await serve()
}
