// What the browser phone hears and says: clips, the browser's own voice, recognition, tones.
"use strict";

window.phoneVoice = (() => {
  const speech = window.speechSynthesis;
  const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
  const READING_RATE = 45; // characters a second when nobody speaks them
  const queue = [];
  let now = null; // the sound that is playing, with how to stop it
  let isMuted = localStorage.getItem("phone-muted") === "1";
  let chosen = "";
  let tones = null;
  const tell = { started() {}, played() {}, finished() {} };

  const voices = () => (speech ? speech.getVoices() : []);

  /** The voice for a language: the chosen one, one of the same country, one of the language. */
  function voiceFor(language) {
    const base = language.split("-")[0];
    const mine = voices().find((voice) => voice.voiceURI === chosen);
    if (mine && mine.lang.startsWith(base)) return mine;
    const named = (voice) => voice.lang.replace("_", "-");
    return (
      voices().find((voice) => named(voice) === language) ||
      voices().find((voice) => named(voice).split("-")[0] === base) ||
      null
    );
  }

  /** Time passes as if somebody read the words. */
  function silently(text, done) {
    const timer = setTimeout(done, 250 + (text.length / READING_RATE) * 1000);
    return () => clearTimeout(timer);
  }

  function clip(sound, done) {
    const audio = new Audio(sound.address);
    let stopReading = null;
    const fail = () => {
      if (!stopReading) stopReading = silently(sound.words, done);
    };
    audio.onplaying = () => tell.started(sound);
    audio.onended = done;
    audio.onerror = fail;
    audio.play().catch(fail); // a browser that plays nothing before it was touched
    return () => {
      audio.onended = audio.onerror = null;
      audio.pause();
      if (stopReading) stopReading();
    };
  }

  function spoken(sound, voice, done) {
    const said = new SpeechSynthesisUtterance(sound.words);
    said.voice = voice;
    said.lang = voice.lang;
    // Some engines never say that they have ended.
    const guard = setTimeout(() => finish(), 6000 + sound.words.length * 160);
    let isOver = false;
    const finish = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(guard);
      done();
    };
    said.onstart = () => tell.started(sound);
    said.onend = finish;
    said.onerror = finish;
    speech.speak(said);
    return () => {
      isOver = true;
      clearTimeout(guard);
      speech.cancel();
    };
  }

  function next() {
    if (now) return;
    const sound = queue.shift();
    if (!sound) {
      tell.finished();
      return;
    }
    const playing = { sound, stop: null, isOver: false };
    now = playing;
    const done = () => {
      if (playing.isOver) return;
      playing.isOver = true;
      if (now === playing) now = null;
      tell.played(sound, true);
      next();
    };
    const voice = sound.address || isMuted ? null : voiceFor(sound.language);
    if (sound.address && !isMuted) playing.stop = clip(sound, done);
    else if (voice) playing.stop = spoken(sound, voice, done);
    else {
      tell.started(sound);
      playing.stop = silently(sound.words, done);
    }
  }

  /** Play after what plays already. `sound`: number, words, language, address of a clip or "". */
  function play(sound) {
    queue.push(sound);
    next();
  }

  /** Stop talking at once; what was waiting is dropped, and counts as not heard. */
  function stop() {
    const dropped = queue.splice(0);
    if (now) {
      now.isOver = true;
      if (now.stop) now.stop();
      dropped.unshift(now.sound);
      now = null;
    }
    for (const sound of dropped) tell.played(sound, false);
  }

  /** Hear the microphone until `end` of what is returned; null when the browser cannot. */
  function listen(language, on) {
    if (!Recognition) return null;
    const ear = new Recognition();
    ear.lang = language;
    ear.interimResults = true;
    ear.continuous = false;
    ear.onresult = (event) => {
      const results = Array.from(event.results);
      const text = results.map((result) => result[0].transcript).join(" ").trim();
      const last = results[results.length - 1];
      if (last.isFinal) on.heard(text, last[0].confidence || 0.9);
      else on.hearing(text);
    };
    ear.onerror = (event) => on.failed(event.error);
    ear.onend = () => on.ended();
    ear.start();
    return { end: () => ear.stop(), drop: () => ear.abort() };
  }

  /** A tone of the telephone: two sines for some seconds. */
  function tone(low, high, seconds) {
    if (isMuted) return;
    try {
      tones = tones || new AudioContext();
      const gain = tones.createGain();
      gain.gain.value = 0.06;
      gain.connect(tones.destination);
      for (const pitch of [low, high]) {
        const source = tones.createOscillator();
        source.frequency.value = pitch;
        source.connect(gain);
        source.start();
        source.stop(tones.currentTime + seconds);
      }
    } catch {
      tones = null; // no sound device
    }
  }

  return {
    play, stop, listen, tone, voiceFor, voices,
    canSpeak: () => voices().length > 0,
    canListen: () => Boolean(Recognition),
    isPlaying: () => Boolean(now),
    isMuted: () => isMuted,
    mute(on) {
      isMuted = on;
      localStorage.setItem("phone-muted", on ? "1" : "0");
      if (now && on) {
        // What was being said goes on in silence: the rest of it would be lost otherwise.
        const { sound, stop: stopSound } = now;
        now.isOver = true;
        stopSound();
        now = null;
        queue.unshift(sound);
        next();
      }
    },
    choose(uri) { chosen = uri; },
    on(handlers) { Object.assign(tell, handlers); },
  };
})();
