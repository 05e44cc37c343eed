// Writes fragmented MP4 around FLAC frames (ISO 14496-12, "FLAC in ISOBMFF"): one opening segment, then one per chunk.

const u16 = (n) => [(n >> 8) & 0xff, n & 0xff];
const u32 = (n) => [(n >>> 24) & 0xff, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff];
const zeros = (n) => new Array(n).fill(0);
const ascii = (text) => [...text].map((letter) => letter.charCodeAt(0));
const UNITY = [u32(0x10000), zeros(12), u32(0x10000), zeros(12), u32(0x40000000)].flat();

function box(type, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  const bytes = new Uint8Array(size);
  bytes.set([...u32(size), ...ascii(type)]);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
const full = (type, version, flags, ...parts) => box(type, u32(version * 2 ** 24 + flags), ...parts);

function sampleEntry({ rate, channels }, info) {
  const dfLa = full("dfLa", 0, 0, [0x80, 0, 0, info.length], info);
  return box("fLaC", zeros(6), u16(1), zeros(8), u16(channels), u16(16), zeros(4), u16(rate), u16(0), dfLa);
}

/** The segment that comes first: one audio track whose clock ticks at the sample rate. */
export function initSegment(sound, info) {
  const empty = (type, extra = 0) => full(type, 0, 0, zeros(4 + extra));
  const table = box("stbl", full("stsd", 0, 0, u32(1), sampleEntry(sound, info)),
    empty("stts"), empty("stsc"), empty("stsz", 4), empty("stco"));
  const data = box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1)));
  const media = box("mdia",
    full("mdhd", 0, 0, zeros(8), u32(sound.rate), u32(0), u16(0x55c4), u16(0)),
    full("hdlr", 0, 0, zeros(4), ascii("soun"), zeros(13)),
    box("minf", full("smhd", 0, 0, zeros(4)), data, table));
  const track = box("trak",
    full("tkhd", 0, 3, zeros(8), u32(1), zeros(4), u32(0), zeros(8), u16(0), u16(0), u16(0x100), u16(0), UNITY, zeros(8)),
    media);
  const movie = box("moov",
    full("mvhd", 0, 0, zeros(8), u32(sound.rate), u32(0), u32(0x10000), u16(0x100), zeros(10), UNITY, zeros(24), u32(2)),
    track,
    box("mvex", full("trex", 0, 0, u32(1), u32(1), u32(0), u32(0), u32(0x02000000))));
  return concatenate([box("ftyp", ascii("iso5"), u32(512), ascii("iso5iso6mp41")), movie]);
}

/** A segment of whole frames: `frames` is a list of {bytes, samples}, `start` the first sample's place in the call. */
export function mediaSegment(sequence, start, frames) {
  const samples = frames.flatMap(({ bytes, samples: length }) => [...u32(length), ...u32(bytes.length)]);
  const moof = (offset) => box("moof", full("mfhd", 0, 0, u32(sequence)), box("traf",
    full("tfhd", 0, 0x020000, u32(1)),
    full("tfdt", 1, 0, u32(Math.floor(start / 2 ** 32)), u32(start % 2 ** 32)),
    full("trun", 0, 0x000301, u32(frames.length), u32(offset), samples)));
  const offset = moof(0).length + 8;
  return concatenate([moof(offset), box("mdat", ...frames.map(({ bytes }) => bytes))]);
}

function concatenate(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
