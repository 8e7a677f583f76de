// SPDX-License-Identifier: Apache-2.0
// Writes 8-bit grey or RGB PNG pictures as data URIs.
import * as zlib from 'node:zlib';

const TABLE = Array.from({length: 256}, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

// zlib.crc32 is younger than Node 18.
const crc32 = zlib.crc32 ?? ((data) => (data.reduce((c, byte) => TABLE[(c ^ byte) & 255] ^ (c >>> 8), -1) ^ -1) >>> 0);

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const size = Buffer.alloc(4);
  const sum = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
}

// channels: 1 (grey) or 3 (RGB); pixel(x, y) gives a number or three of them.
export function pngUri(width, height, channels, pixel) {
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (let y = 0, at = 0; y < height; y++) {
    rows[at++] = 0;  // no filter
    for (let x = 0; x < width; x++) for (const value of [pixel(x, y)].flat()) rows[at++] = value;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 0], 8);
  const png = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header),
                             chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
  return `data:image/png;base64,${png.toString('base64')}`;
}
