// The routes of `app.rs` on node:http, with its limits as near to ours as it has them. `node node.mjs PORT`
import http from 'node:http';

const text = (res, status, body, headers = {}) => {
  res.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  res.end(body);
};

const routes = {
  'GET /sentinel': (req, res) => text(res, 200, 'sentinel'),
  'GET /smuggled': (req, res) => text(res, 200, 'smuggled'),
  'GET /a': (req, res) => text(res, 200, 'a'),
  'GET /b': (req, res) => text(res, 200, 'b'),
  'GET /later': (req, res) => setImmediate(() => text(res, 200, 'later')),
  'GET /host': (req, res) => text(res, 200, (req.headers.host ?? '').replace(/:\d*$/, '')),
  'POST /echo': (req, res) => {
    const chunks = [];
    let length = 0;
    req.on('data', (chunk) => {
      length += chunk.length;
      if (length > 1000 && !res.headersSent) text(res, 413, 'too large', { connection: 'close' });
      chunks.push(chunk);
    });
    req.on('end', () => res.headersSent || text(res, 200, Buffer.concat(chunks)));
    req.on('error', () => {});
  },
  'POST /ignore': (req, res) => text(res, 200, 'ignored'),
  'GET /none': (req, res) => res.writeHead(204).end(),
  'GET /none-with-body': (req, res) => res.writeHead(204).end('a body'),
  'GET /unmodified': (req, res) => res.writeHead(304, { etag: '"1"' }).end(),
  'GET /unmodified-with-body': (req, res) => res.writeHead(304).end('a body'),
  'GET /empty': (req, res) => text(res, 200, ''),
  'GET /sized': (req, res) => text(res, 200, 'sized'),
  'GET /chunked': (req, res) => { res.writeHead(200); res.write('chunked'); res.end(); },
  'GET /conflict': (req, res) => text(res, 409, 'taken'),
  'GET /panics': (req, res) => text(res, 500, 'panic'),
  'GET /closes': (req, res) => text(res, 200, 'bye', { connection: 'close' }),
};

const server = http.createServer({ maxHeaderSize: 1024, keepAliveTimeout: 600000 }, (req, res) => {
  const path = req.url.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*/, '') || '/';
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  if (method === 'OPTIONS' && (req.url === '*' || routes[`GET ${path}`] || routes[`POST ${path}`])) return res.writeHead(204).end();
  const route = routes[`${method} ${path}`];
  if (route) return route(req, res);
  const known = Object.keys(routes).filter((name) => name.endsWith(` ${path}`));
  text(res, known.length ? 405 : 404, 'no');
});
server.maxHeadersCount = 20;
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
