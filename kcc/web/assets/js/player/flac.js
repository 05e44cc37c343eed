// Wraps PCM16 in FLAC frames without compressing ("verbatim"), so that MediaSource takes it; knows no container.

const crcTable = (bits, polynomial) => {
  const top = 1 << (bits - 1);
  const mask = bits === 8 ? 0xff : 0xffff;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (bits - 8);
    for (let i = 0; i < 8; i += 1) crc = (crc & top ? (crc << 1) ^ polynomial : crc << 1) & mask;
    return crc;
  });
};
const CRC8 = crcTable(8, 0x07);
const CRC16 = crcTable(16, 0x8005);

const crc8 = (bytes, end) => {
  let crc = 0;
  for (let i = 0; i < end; i += 1) crc = CRC8[crc ^ bytes[i]];
  return crc;
};

const crc16 = (bytes, end) => {
  let crc = 0;
  for (let i = 0; i < end; i += 1) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ bytes[i]];
  return crc;
};

/** A number as FLAC codes frame numbers: the UTF-8 scheme, up to 21 bits (a 4-hour call has 57,600 frames). */
function utf8Number(n) {
  if (n < 0x80) return [n];
  if (n < 0x800) return [0xc0 | (n >> 6), 0x80 | (n & 0x3f)];
  if (n < 0x10000) return [0xe0 | (n >> 12), 0x80 | ((n >> 6) & 0x3f), 0x80 | (n & 0x3f)];
  return [0xf0 | (n >> 18), 0x80 | ((n >> 12) & 0x3f), 0x80 | ((n >> 6) & 0x3f), 0x80 | (n & 0x3f)];
}

/** STREAMINFO, 34 bytes: what a decoder must know before the first frame. `total` counts samples per channel. */
export function streamInfo({ rate, channels, block, total }) {
  const info = new Uint8Array(34);
  const view = new DataView(info.buffer);
  view.setUint16(0, block);
  view.setUint16(2, block);
  view.setUint32(10, (rate << 12) | ((channels - 1) << 9) | (15 << 4) | Math.floor(total / 2 ** 32));
  view.setUint32(14, total % 2 ** 32);
  return info;
}

/** One frame from interleaved little-endian PCM16; `number` counts frames of equal length from the start of the call. */
export function frame(pcm, number, { rate, channels }) {
  const samples = pcm.byteLength / 2 / channels;
  const size = samples - 1;
  const header = [0xff, 0xf8, 0x7d, ((channels - 1) << 4) | 0x08, ...utf8Number(number),
    size >> 8, size & 0xff, rate >> 8, rate & 0xff];
  const bytes = new Uint8Array(header.length + 1 + channels * (1 + 2 * samples) + 2);
  bytes.set(header);
  bytes[header.length] = crc8(bytes, header.length);
  let at = header.length + 1;
  for (let channel = 0; channel < channels; channel += 1) {
    bytes[at] = 0x02; // subframe of type "verbatim"
    at += 1;
    for (let i = 0, from = 2 * channel; i < samples; i += 1, from += 2 * channels, at += 2) {
      bytes[at] = pcm[from + 1];
      bytes[at + 1] = pcm[from];
    }
  }
  const crc = crc16(bytes, at);
  bytes[at] = crc >> 8;
  bytes[at + 1] = crc & 0xff;
  return bytes;
}
