// Sound of a live call (8 kHz μ-law, ITU-T G.711): what comes is played, the microphone is sent.
"use strict";

window.phoneLive = (() => {
  const RATE = 8000;
  const AHEAD_S = 0.1; // played so much later than it comes, so that a late piece leaves no gap
  const BEHIND_MOST_S = 0.6; // what is later than that is caught up with
  const microphoneAddress = document.currentScript.dataset.microphone;
  const LEVELS = Float32Array.from({ length: 256 }, (_, byte) => {
    const bits = ~byte & 0xff;
    const size = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
    return (bits & 0x80 ? -size : size) / 32768;
  });
  let out = null;
  let gain = null;
  let playsUntil = 0;
  let pieces = [];
  let mic = null;

  function player() {
    if (!out) {
      out = new AudioContext();
      gain = out.createGain();
      gain.connect(out.destination);
    }
    if (out.state === "suspended") out.resume().catch(() => {});
    return out;
  }

  /** Play a piece after those before it. */
  function sound(bytes, isMuted) {
    const context = player();
    gain.gain.value = isMuted ? 0 : 1;
    const levels = new Uint8Array(bytes);
    const buffer = context.createBuffer(1, levels.length, RATE);
    const samples = buffer.getChannelData(0);
    for (let at = 0; at < levels.length; at += 1) samples[at] = LEVELS[levels[at]];
    const now = context.currentTime;
    if (playsUntil > now + BEHIND_MOST_S) return;
    if (playsUntil < now) playsUntil = now + AHEAD_S;
    const piece = context.createBufferSource();
    piece.buffer = buffer;
    piece.connect(gain);
    piece.onended = () => {
      pieces = pieces.filter((one) => one !== piece);
    };
    piece.start(playsUntil);
    playsUntil += buffer.duration;
    pieces.push(piece);
  }

  /** Play nothing of what came so far. */
  function cut() {
    for (const piece of pieces) piece.stop();
    pieces = [];
    playsUntil = 0;
  }

  /** Have every 20 ms of the microphone sent. Rejects when the browser does not allow it. */
  async function listen(send) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
    });
    const context = new AudioContext();
    try {
      await context.audioWorklet.addModule(microphoneAddress);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      await context.close();
      throw error;
    }
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 });
    node.port.onmessage = (message) => send(message.data);
    context.createMediaStreamSource(stream).connect(node);
    mic = { stream, context };
  }

  function hush() {
    if (!mic) return;
    for (const track of mic.stream.getTracks()) track.stop();
    mic.context.close();
    mic = null;
  }

  function stop() {
    cut();
    hush();
  }

  return {
    sound, cut, listen, hush, stop,
    isListening: () => mic !== null,
    canListen: () => Boolean(navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode),
    // Of what was played, for who measures it.
    playsFor: () => (out ? Math.max(0, playsUntil - out.currentTime) : 0),
  };
})();
