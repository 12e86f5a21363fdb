/**
 * The work that the graph asks of a visitor before it sends further codes (problem `WorkNeeded`, docs/proof-of-work.md):
 * the smallest nonce such that SHA-256 of `challenge.nonce` begins with `difficulty` zero bits.
 *
 * Own SHA-256, because `crypto.subtle` answers each of the 2^difficulty tries by a promise, which takes ten times as long.
 */

const BLOCK_BYTES = 64
const MOST_BYTES = BLOCK_BYTES - 9 // SHA-256 adds a 1 bit and a length of 8 bytes
const TRIES_AT_A_TIME = 20_000

const ROUND_CONSTANTS = rootsOfPrimes(64, 1 / 3)
const FIRST_STATE = rootsOfPrimes(8, 1 / 2)

/** Solve a challenge without freezing the page: it may draw between every 20,000 tries. Stops when `signal` says so. */
export async function solve(challenge: string, difficulty: number, signal?: AbortSignal): Promise<string> {
  for (let from = 0; ; from += TRIES_AT_A_TIME) {
    signal?.throwIfAborted()
    const nonce = solveBetween(challenge, difficulty, from, from + TRIES_AT_A_TIME)
    if (nonce !== undefined) return nonce
    await new Promise((resolve) => setTimeout(resolve))
  }
}

/** The smallest solution from `from` up to, but not including, `to`; undefined if there is none. */
export function solveBetween(challenge: string, difficulty: number, from: number, to: number): string | undefined {
  const block = new Uint8Array(BLOCK_BYTES)
  const words = new DataView(block.buffer)
  const schedule = new Int32Array(BLOCK_BYTES)
  const state = new Int32Array(8)
  const start = new TextEncoder().encode(`${challenge}.`)
  block.set(start)
  for (let nonce = from; nonce < to; nonce += 1) {
    const digits = String(nonce)
    const length = start.length + digits.length
    if (length > MOST_BYTES) throw new RangeError('a challenge and its nonce fit one block of SHA-256')
    for (let place = 0; place < digits.length; place += 1) block[start.length + place] = digits.charCodeAt(place)
    block[length] = 0x80
    block.fill(0, length + 1)
    words.setUint32(BLOCK_BYTES - 4, length * 8)
    hashBlock(words, schedule, state)
    if (zeroBits(state) >= difficulty) return digits
  }
  return undefined
}

function zeroBits(state: Int32Array): number {
  let bits = 0
  for (const word of state) {
    bits += Math.clz32(word)
    if (word !== 0) break
  }
  return bits
}

/** SHA-256 (FIPS 180-4) of a message that fits one block, padded already. */
function hashBlock(block: DataView, w: Int32Array, state: Int32Array): void {
  for (let t = 0; t < 16; t += 1) w[t] = block.getInt32(4 * t)
  for (let t = 16; t < 64; t += 1) {
    const early = w[t - 15]!
    const late = w[t - 2]!
    const s0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
    const s1 = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
    w[t] = w[t - 16]! + s0 + w[t - 7]! + s1
  }
  let a = FIRST_STATE[0]!
  let b = FIRST_STATE[1]!
  let c = FIRST_STATE[2]!
  let d = FIRST_STATE[3]!
  let e = FIRST_STATE[4]!
  let f = FIRST_STATE[5]!
  let g = FIRST_STATE[6]!
  let h = FIRST_STATE[7]!
  for (let t = 0; t < 64; t += 1) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
    const chosen = (e & f) ^ (~e & g)
    const first = (h + s1 + chosen + ROUND_CONSTANTS[t]! + w[t]!) | 0
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + s0 + majority) | 0
  }
  state.set([a, b, c, d, e, f, g, h])
  for (let place = 0; place < 8; place += 1) state[place]! += FIRST_STATE[place]!
}

function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

/** The first 32 bits behind the point of this root of the first primes, by which SHA-256 defines its constants. */
function rootsOfPrimes(count: number, root: number): Int32Array {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  }
  return Int32Array.from(found, (prime) => ((prime ** root % 1) * 2 ** 32) | 0)
}
