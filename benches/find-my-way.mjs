// Fastify's router over the large set of `router.rs`: the same routes, the same paths.
//
//     npm install find-my-way@9.10.1
//     cargo bench --bench router -- --print-requests > requests.txt
//     node benches/find-my-way.mjs requests.txt
//
// Each lookup is `find`, which gives the handler and the parameters as an object, escapes undone where there are any. The median
// of 15 rounds over all requests, in nanoseconds per lookup.

import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const require = createRequire(join(process.cwd(), 'x.js'))
const router = require('find-my-way')()

const requests = readFileSync(process.argv[2], 'utf8').trim().split('\n').map((line, number) => {
  const [pattern, method, path] = line.split(' ')
  const theirs = pattern.replace(/\{\*[^}]*\}/g, '*').replace(/\{([^}]*)\}/g, ':$1')
  router.on(method, theirs, () => number)
  return { method, path, number }
})
for (const { method, path, number } of requests) {
  if (router.find(method, path)?.handler() !== number) throw new Error(`${method} ${path} is given to another route`)
}

let found = 0
const round = (set, times) => {
  const start = process.hrtime.bigint()
  for (let time = 0; time < times; time++) {
    for (const { method, path } of set) found += router.find(method, path) === null ? 0 : 1
  }
  return Number(process.hrtime.bigint() - start) / times / set.length
}
const median = (set) => {
  const times = Math.ceil(400000 / set.length)
  round(set, times) // warm
  return Array.from({ length: 15 }, () => round(set, times)).sort((a, b) => a - b)[7].toFixed(1)
}
const one = (path) => [{ method: 'GET', path }]
console.log(`node ${process.version}, ${requests.length} routes`)
console.log(`static ${median(one('/user/following'))} ns`)
console.log(`param  ${median(one('/repos/rust-lang/rust-analyzer/pulls/1048576/commits'))} ns`)
console.log(`miss   ${median(one('/repos/rust-lang/rust-analyzer/pulls/1048576/nothing'))} ns`)
console.log(`mixed  ${median(requests)} ns`)
if (found === 0) throw new Error('nothing was found')
