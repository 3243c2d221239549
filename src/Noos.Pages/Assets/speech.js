"use strict";

// Reads an answer aloud, sentence by sentence, also while it is still being written. The server says which sentences are complete and makes
// their sound; here they are fetched one ahead of the one that is heard, and played one behind the other.
(() => {
const bar = document.getElementById("speech"), line = document.getElementById("speech-line");
const rate = 24000, ahead = 2, pause = 200;
const sleep = time => new Promise(done => setTimeout(done, time));
let reading = null;

async function fetchSamples(sentence, signal) {
  const answer = await fetch("v1/audio/speech", {
    method: "POST", signal, headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ model: "tts-1", input: sentence, response_format: "pcm" }),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.error?.message ?? "The text could not be read aloud.");
  return new Int16Array(await answer.arrayBuffer());
}

function play(mine, samples, sentence) {
  const buffer = mine.context.createBuffer(1, Math.max(samples.length, 1), rate), channel = buffer.getChannelData(0);
  for (let i = 0; i < samples.length; i++) channel[i] = samples[i] / 32768;
  const source = mine.context.createBufferSource();
  source.buffer = buffer;
  source.connect(mine.context.destination);
  const begins = Math.max(mine.context.currentTime, mine.end);
  source.start(begins);
  mine.end = begins + buffer.duration;
  mine.spoken.push({ begins, ends: mine.end, sentence });
  setTimeout(() => { if (reading === mine) line.textContent = sentence; }, 1000 * (begins - mine.context.currentTime));
}

async function read(turn, from) {
  stop();
  const mine = reading = { turn, from, halt: new AbortController(), context: new AudioContext({ sampleRate: rate }), end: 0, spoken: [] };
  line.textContent = "Reading aloud…";
  bar.hidden = false;
  try {
    // Browsers let a page sound only after a click, which this is: then it sounds, if late where the machine is busy.
    await Promise.race([mine.context.resume(), sleep(navigator.userActivation?.hasBeenActive ? 30000 : 2000)]);
    if (mine.context.state !== "running") throw new Error("The browser does not let this page play sound; click again.");
    for (let next = 0; reading === mine;) {
      const { sentences, isOver } = await noos.invoke("SentencesOf", turn, next);
      for (const sentence of sentences) {
        const samples = await fetchSamples(sentence, mine.halt.signal);
        if (reading !== mine) return;
        play(mine, samples, sentence);
        bar.dataset.read = ++next;
        while (reading === mine && mine.end - mine.context.currentTime > ahead) await sleep(pause);
      }
      if (!sentences.length && isOver) break;
      if (!sentences.length) await sleep(pause);
    }
    while (reading === mine && mine.context.currentTime < mine.end) await sleep(pause);
    if (reading === mine) stop();
  } catch (error) {
    if (reading !== mine) return;
    stop();
    noos.say(error.message);
    noos.tell(error.message);
  }
}

function stop() {
  const was = reading;
  reading = null;
  bar.hidden = true;
  delete bar.dataset.read;
  was?.halt.abort();
  was?.context.close();
  return was;
}

document.addEventListener("click", event => {
  if (event.target.closest?.("#speech-stop")) { stop()?.from?.focus(); return; }
  const from = event.target.closest?.("[data-act='read-aloud']");
  if (!from) return;
  const turn = Number(from.dataset.turn);
  if (reading?.turn === turn) stop(); else read(turn, from);
});

// Before the keys of the page: the first Escape ends the voice, the next the answer.
document.addEventListener("keydown", event => {
  if (event.key === "Escape" && reading) {
    event.preventDefault();
    event.stopImmediatePropagation();
    stop()?.from?.focus();
  } else if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "l") {
    const last = [...document.querySelectorAll("[data-act='read-aloud']")].pop();
    if (last) { event.preventDefault(); last.click(); }
  }
}, true);
addEventListener("pagehide", stop);

// For a call: what is heard right now (null while the voice is silent), and a silence that can end.
globalThis.noosVoice = {
  read,
  stop,
  pause: () => reading?.context.suspend(),
  resume: () => reading?.context.resume(),
  sounding: () => reading?.context.state !== "running" ? null
    : reading.spoken.find(one => one.begins <= reading.context.currentTime && reading.context.currentTime < one.ends)?.sentence ?? null,
};
})();
