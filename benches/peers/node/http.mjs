// node's own server: no framework, routes matched by hand.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { Readable, pipeline } from 'node:stream'
import { hello, pieces, port, users, workers } from './contract.mjs'

const send = (response, status, type, text) => {
  response.writeHead(status, { server: 'bench', 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}
const text = (response, status, body) => send(response, status, 'text/plain', body)
const json = (response, status, value) => send(response, status, 'application/json', JSON.stringify(value))
const isNumber = (value) => value !== null && /^-?\d+$/.test(value)
const isNewUser = (value) =>
  typeof value?.email === 'string' && typeof value.name === 'string' && Number.isInteger(value.age)

async function create (request, response) {
  let body = ''
  for await (const chunk of request) body += chunk
  let value
  try {
    value = JSON.parse(body)
  } catch {
    return text(response, 400, 'bad request')
  }
  if (!isNewUser(value)) return text(response, 400, 'bad request')
  const { email, name, age } = value
  json(response, 201, { id: 1, email, name, age })
}

async function upload (request, response) {
  let bytes = 0
  for await (const chunk of request) bytes += chunk.length
  text(response, 200, String(bytes))
}

function get (request, response) {
  const mark = request.url.indexOf('?')
  const path = mark < 0 ? request.url : request.url.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1))
  switch (path) {
    case '/plaintext': return text(response, 200, hello)
    case '/json': return json(response, 200, { message: hello })
    case '/search': {
      const limit = query.get('limit')
      if (!isNumber(limit)) return text(response, 400, 'bad request')
      return json(response, 200, { q: query.get('q') ?? '', limit: Number(limit) })
    }
    case '/users': return json(response, 200, users.slice(0, Number(query.get('n') ?? 0)))
    case '/download': {
      const bytes = Number(query.get('bytes'))
      response.writeHead(200, { server: 'bench', 'content-type': 'application/octet-stream', 'content-length': bytes })
      return pipeline(Readable.from(pieces(bytes)), response, () => {})
    }
  }
  if (!path.startsWith('/users/')) return text(response, 404, 'not found')
  const id = decodeURIComponent(path.slice('/users/'.length))
  json(response, 200, { id, name: `User ${id}` })
}

function route (request, response) {
  if (request.method === 'GET') return get(request, response)
  switch (request.url) {
    // A client that goes away ends its own request, not the server.
    case '/users': return create(request, response).catch(() => response.destroy())
    case '/upload': return upload(request, response).catch(() => response.destroy())
    case '/echo':
      response.writeHead(200, { server: 'bench', 'content-type': 'application/octet-stream' })
      return pipeline(request, response, () => {})
    default: return text(response, 404, 'not found')
  }
}

if (workers > 1 && cluster.isPrimary) {
  for (let worker = 0; worker < workers; worker++) cluster.fork()
} else {
  createServer(route).listen({ port, host: '127.0.0.1', backlog: 4096 })
}
