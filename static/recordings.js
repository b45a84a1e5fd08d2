// Players of recordings: the link behind one expires, so a player that fails asks once for another.
document.addEventListener("error", (event) => {
  const player = event.target;
  if (!(player instanceof HTMLAudioElement) || !player.dataset.sound || player.dataset.again) return;
  player.dataset.again = "1";
  const at = player.currentTime;
  player.src = player.dataset.sound;
  player.addEventListener("loadedmetadata", () => { player.currentTime = at; player.play(); }, { once: true });
}, true);
document.addEventListener("playing", (event) => {
  if (event.target instanceof HTMLAudioElement) delete event.target.dataset.again;
}, true);
