// A worker that computes the SHA-256 of a file of any size (FIPS 180-4); the browser's own digest wants
// the whole file in memory. Post it a File; it posts back the sum in hexadecimal.
"use strict";

const SLICE_BYTES = 4 * 1024 * 1024;
const BLOCK_BYTES = 64;

const primes = [];
for (let n = 2; primes.length < 64; n += 1) {
  if (primes.every((prime) => n % prime)) primes.push(n);
}
// The first 32 bits of the fractional parts of roots of primes (sections 4.2.2 and 5.3.3).
const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const W = new Int32Array(64);

function digestBlocks(state, bytes, count) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let [h0, h1, h2, h3, h4, h5, h6, h7] = state;
  for (let block = 0; block < count; block += 1) {
    for (let t = 0; t < 16; t += 1) W[t] = view.getInt32(block * BLOCK_BYTES + t * 4);
    for (let t = 16; t < 64; t += 1) {
      const x = W[t - 15];
      const y = W[t - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[t] = (W[t - 16] + s0 + W[t - 7] + s1) | 0;
    }
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    let f = h5;
    let g = h6;
    let h = h7;
    for (let t = 0; t < 64; t += 1) {
      const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
      const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
    h5 = (h5 + f) | 0;
    h6 = (h6 + g) | 0;
    h7 = (h7 + h) | 0;
  }
  state.set([h0, h1, h2, h3, h4, h5, h6, h7]);
}

function finish(state, rest, sizeBytes) {
  const last = new Uint8Array(rest.length + 9 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES);
  last.set(rest);
  last[rest.length] = 0x80;
  new DataView(last.buffer).setBigUint64(last.length - 8, BigInt(sizeBytes) * 8n);
  digestBlocks(state, last, last.length / BLOCK_BYTES);
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

self.onmessage = async ({ data: file }) => {
  const state = START.slice();
  let rest = new Uint8Array(0);
  // Slices are whole blocks, so only the last one leaves a rest.
  for (let offset = 0; offset < file.size; offset += SLICE_BYTES) {
    const bytes = new Uint8Array(await file.slice(offset, offset + SLICE_BYTES).arrayBuffer());
    const count = Math.floor(bytes.length / BLOCK_BYTES);
    digestBlocks(state, bytes, count);
    rest = bytes.subarray(count * BLOCK_BYTES);
  }
  self.postMessage(finish(state, rest, file.size));
};
