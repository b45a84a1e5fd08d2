// Beside the page (an AudioWorklet): the microphone as 20 ms frames of μ-law at 8 kHz.
"use strict";

const RATE = 8000;
const FRAME = 160;
const BIAS = 0x84;
const MOST = 32635;

/** A sample from -1 to 1 as a byte of μ-law (ITU-T G.711). */
function muLaw(level) {
  let size = Math.round(Math.max(-1, Math.min(1, level)) * 32767);
  const sign = size < 0 ? 0x80 : 0;
  size = Math.min(Math.abs(size), MOST) + BIAS;
  const exponent = Math.max(0, 31 - Math.clz32(size) - 7);
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f)) & 0xff;
}

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE; // samples of the microphone to one of the telephone
    this.due = this.step;
    this.sum = 0;
    this.count = 0;
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
  }

  process(inputs) {
    for (const level of inputs[0][0] ?? []) {
      // The mean of what falls into one sample: it also keeps out what 8 kHz cannot carry.
      this.sum += level;
      this.count += 1;
      this.due -= 1;
      if (this.due > 0) continue;
      this.due += this.step;
      this.frame[this.filled] = muLaw(this.sum / this.count);
      this.sum = this.count = 0;
      this.filled += 1;
      if (this.filled === FRAME) {
        this.port.postMessage(this.frame.buffer, [this.frame.buffer]);
        this.frame = new Uint8Array(FRAME);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
