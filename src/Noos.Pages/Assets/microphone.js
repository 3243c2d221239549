"use strict";

// The microphone: words into the draft, and a call in which both sides speak. Who speaks when is decided by the server; here is what only a
// browser can do: listen, be silent, and show what is said.
(() => {
const $ = id => document.getElementById(id);
const worklet = document.currentScript.dataset.worklet;
const rate = 16000, maxSeconds = 300;
const sleep = time => new Promise(done => setTimeout(done, time));

async function open(take) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("A browser lets a page listen only over HTTPS, or on the computer itself (localhost).");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
  } catch (error) {
    throw new Error(error.name === "NotAllowedError" ? "The browser does not let this page use the microphone; allow it beside the address, and try again."
      : error.name === "NotFoundError" ? "No microphone is connected; connect one, and try again."
      : "The microphone cannot be used; another program may have it.");
  }
  const context = new AudioContext();
  const close = () => { stream.getTracks().forEach(track => track.stop()); context.close().catch(() => { }); };
  try {
    await context.audioWorklet.addModule(worklet);
    const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    node.port.onmessage = event => take(event.data);
    context.createMediaStreamSource(stream).connect(node);
    await Promise.race([context.resume(), sleep(2000)]);
  } catch (error) { close(); throw error; }
  return close;
}

function fail(error) {
  const text = error.message?.includes("circuit") ? "The server cannot be reached; try again." : error.message;
  noos.say(text);
  noos.tell(text);
}

// What is missing is said before somebody speaks.
async function prepare() {
  noos.tell("");
  const problem = await noos.invoke("OpenMicrophoneAsync");
  if (problem) throw new Error(problem);
}

// ---- Words into the draft ----
let recording = null;
const bar = $("listening"), state = $("listening-state"), meter = $("listening-level");

function wav(parts) {
  const length = 2 * parts.reduce((sum, part) => sum + part.length, 0), head = new DataView(new ArrayBuffer(44));
  const write = (at, text) => [...text].forEach((letter, i) => head.setUint8(at + i, letter.charCodeAt(0)));
  write(0, "RIFF"); head.setUint32(4, length + 36, true); write(8, "WAVEfmt "); head.setUint32(16, 16, true);
  head.setUint16(20, 1, true); head.setUint16(22, 1, true); head.setUint32(24, rate, true); head.setUint32(28, 2 * rate, true);
  head.setUint16(32, 2, true); head.setUint16(34, 16, true); write(36, "data"); head.setUint32(40, length, true);
  return new Blob([head, ...parts], { type: "audio/wav" });
}

function show(text) {
  bar.hidden = !text;
  state.textContent = text;
  document.querySelector("[data-act='dictate']")?.setAttribute("aria-pressed", String(!!text));
}

async function dictate() {
  if (recording) return finish();
  if (call) return;
  const mine = recording = { parts: [], halt: new AbortController() };
  show("One moment…");
  try {
    await prepare();
    const close = await open(part => {
      if (recording !== mine || mine.isOver) return;
      mine.parts.push(part);
      bar.dataset.heard = mine.parts.length;
      meter.value = Math.min(1, 4 * Math.sqrt(part.reduce((sum, sample) => sum + (sample / 32768) ** 2, 0) / part.length));
      if (mine.parts.length >= maxSeconds * 20) finish();
    });
    if (recording !== mine) { close(); return; }
    mine.close = close;
    show("Listening…");
    noos.say("Listening");
    $("listening-done").focus();
  } catch (error) { if (recording === mine) { cancel(); fail(error); } }
}

async function finish() {
  const mine = recording;
  if (!mine?.close || mine.isOver) return;
  mine.isOver = true;
  mine.close();
  show("Writing it down…");
  try {
    const answer = await fetch("chat/hear", { method: "POST", body: wav(mine.parts), signal: mine.halt.signal });
    const result = await answer.json().catch(() => null);
    if (recording !== mine) return;
    cancel();
    if (!answer.ok) throw new Error(result?.error?.message ?? "The server could not hear it; try again.");
    if (!result.text) throw new Error("No speech was heard; speak closer to the microphone, and try again.");
    noos.write(result.text);
    noos.say(result.text);
  } catch (error) {
    if (recording === mine) cancel();
    if (error.name !== "AbortError") fail(error.name === "TypeError" ? new Error("The server cannot be reached; try again.") : error);
  }
}

function cancel() {
  const was = recording;
  recording = null;
  was?.close?.();
  was?.halt.abort();
  show("");
  delete bar.dataset.heard;
  $("question")?.focus();
}

// ---- The call ----
let call = null;
const panel = $("call"), sign = $("call-state"), person = $("call-person"), voice = $("call-voice");

async function begin() {
  if (call) return end();
  if (recording) cancel();
  const mine = call = { parts: [], isSending: false };
  panel.hidden = false;
  sign.textContent = "One moment…";
  person.textContent = voice.textContent = "";
  document.querySelector("[data-act='call']")?.setAttribute("aria-pressed", "true");
  try {
    await prepare();
    await noos.invoke("BeginCallAsync");
    const close = await open(part => { if (call === mine) { mine.parts.push(part); send(mine); } });
    if (call !== mine) { close(); return; }
    mine.close = close;
    sign.textContent = "Listening";
    $("call-end").focus();
  } catch (error) { if (call === mine) { end(); fail(error); } }
}

// One piece after the other: what comes meanwhile goes with the next.
async function send(mine) {
  if (mine.isSending) return;
  mine.isSending = true;
  try {
    while (call === mine && mine.parts.length) {
      const parts = mine.parts.splice(0), bytes = new Uint8Array(parts.length * 1600);
      parts.forEach((part, i) => bytes.set(new Uint8Array(part.buffer), i * 1600));
      const sounding = noosVoice.sounding();
      if (sounding) voice.textContent = sounding;
      const heard = await noos.invoke("HearCallAsync", bytes, sounding);
      if (call !== mine) return;
      if (heard.problem) throw new Error(heard.problem);
      for (const action of heard.actions) act(mine, action);
      sign.textContent = heard.isSpeaking ? "You speak" : sounding ? "Noos speaks" : mine.isAnswering ? "Thinking" : "Listening";
      panel.dataset.steps = Number(panel.dataset.steps ?? 0) + parts.length;
    }
  } catch (error) { if (call === mine) { end(); fail(error); } }
  mine.isSending = false;
}

function act(mine, { kind, text }) {
  if (kind === "Pause") noosVoice.pause();
  else if (kind === "Resume") noosVoice.resume();
  else if (kind === "Send") answer(mine, text);
}

async function answer(mine, text) {
  noosVoice.stop();
  const turn = mine.turn = {};
  [person.textContent, voice.textContent, mine.isAnswering] = [text, "", true];
  try {
    const before = await noos.invoke("LatestTurn");
    const problem = await noos.invoke("SendAsync", text, [], null, true);
    if (problem) throw new Error(problem);
    // The page learns of it from the journal, and may have gone to a new conversation.
    let now = before;
    for (let tries = 0; tries < 300 && now <= before && call === mine && mine.turn === turn; tries++) {
      await sleep(50);
      now = await noos.invoke("LatestTurn");
    }
    if (call === mine && mine.turn === turn && now > before) await noosVoice.read(now, null);
  } catch (error) { if (call === mine) { end(); fail(error); } }
  if (mine.turn === turn) mine.isAnswering = false;
}

function end() {
  const was = call;
  call = null;
  was?.close?.();
  noosVoice.stop();
  panel.hidden = true;
  delete panel.dataset.steps;
  document.querySelector("[data-act='call']")?.setAttribute("aria-pressed", "false");
  noos.invoke("EndCall").catch(() => { });
  $("question")?.focus();
}

document.addEventListener("click", event => {
  const from = event.target.closest?.("[data-act='dictate'], [data-act='call'], #listening-done, #listening-cancel, #call-end");
  if (!from) return;
  if (from.id === "listening-done") finish();
  else if (from.id === "listening-cancel") cancel();
  else if (from.id === "call-end") end();
  else if (from.dataset.act === "dictate") dictate();
  else begin();
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape" || !(recording || call)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  recording ? cancel() : end();
}, true);
addEventListener("pagehide", () => { if (recording) cancel(); if (call) end(); });
})();
