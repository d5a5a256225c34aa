// The contract's data, and what both servers of node need of the command line.
export const users = Array.from({ length: 100 }, (_, index) => {
  const id = index + 1
  return { id, email: `user${id}@example.com`, name: `User ${id}`, active: id % 2 === 0, score: id * 1.5 + 0.25 }
})
export const hello = 'Hello, World!'
export const port = Number(process.argv[2])
export const workers = Number(process.argv[3] ?? 1)
export const piece = Buffer.alloc(64 * 1024, 'x')

// So many bytes as pieces of one buffer.
export function * pieces (bytes) {
  for (let left = bytes; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece
}
