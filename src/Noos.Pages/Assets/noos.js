"use strict";

// What a browser must do itself: the draft and its files, scrolling, shortcuts, copying, and finding the server again. All else is drawn by
// the server (Blazor), whose elements are never changed here; what is changed here is empty there.
(() => {
const $ = id => document.getElementById(id);
const root = document.documentElement;
const store = {
  read: key => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  write: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* Private windows may have no storage. */ } },
  remove: key => { try { localStorage.removeItem(key); } catch { /* The same. */ } },
};
const say = text => { const place = $("status"); if (place) { place.textContent = ""; place.textContent = text; } };

// ---- The connection ----
let page = null, arrive, ready = new Promise(done => { arrive = done; }), isLeaving = false;

async function find() {
  const sign = $("connection");
  delete root.dataset.connected;
  const shown = setTimeout(() => { sign.hidden = false; }, 300);
  for (let wait = 150; !isLeaving; wait = Math.min(wait * 1.5, 2000)) {
    await new Promise(done => setTimeout(done, wait));
    try {
      if (!(await fetch("health", { cache: "no-store" })).ok) continue;
    } catch { continue; }
    // The same server knows this page; another one has to draw it anew.
    if (!await Blazor.reconnect().catch(() => false)) return load();
    break;
  }
  root.dataset.connected = "";
  clearTimeout(shown);
  sign.hidden = true;
}

function load() { isLeaving = true; keep(); location.reload(); }
addEventListener("pagehide", () => { isLeaving = true; keep(); });

Blazor.start({ circuit: { reconnectionHandler: { onConnectionDown: find, onConnectionUp: () => { $("connection").hidden = true; } } } })
  .catch(() => setTimeout(load, 1000));

// ---- The composer: text and files of one conversation ----
let chat = null, box = null, files = [], isSending = false, begun = null;
const draftKey = name => `noos.draft.${name}`;

function keep() {
  if (!box || !chat) return;
  const kept = files.filter(file => file.isDone).map(({ name, size }) => ({ name, size, isDone: true }));
  if (box.value || kept.length) store.write(draftKey(chat), { text: box.value, files: kept, begun, isSending });
  else store.remove(draftKey(chat));
}

// The element is another one after the page was drawn anew, or the conversation is another.
function restore() {
  const form = $("ask");
  if (!form) { box = chat = null; return; }
  const now = $("question");
  if (now === box && form.dataset.chat === chat) return;
  if (box && chat && form.dataset.chat !== chat) keep();
  const isSame = form.dataset.chat === chat;
  [box, chat] = [now, form.dataset.chat];
  const draft = store.read(draftKey(chat));
  const last = [...document.querySelectorAll("#log .said")].pop()?.textContent.trim();
  // It was on its way when the server went, and has arrived.
  const isSaid = draft?.isSending && draft.text.trim() === last;
  if (isSaid) store.remove(draftKey(chat));
  box.value = isSaid ? "" : draft?.text ?? "";
  begun = draft?.begun ?? null;
  if (!isSame) files = isSaid ? [] : draft?.files ?? [];
  drawFiles();
  fit();
  follows = true;
  requestAnimationFrame(scrollToEnd);
  if (innerWidth >= 800 && (document.activeElement === document.body || !document.activeElement)) box.focus();
}

function fit() {
  if (!box || CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

async function send(steers) {
  const text = box?.value.trim() ?? "";
  if (isSending || (!text && !files.length)) return;
  const form = $("ask"), from = chat, sent = box?.value ?? "";
  isSending = true;
  form.classList.add("sending");
  try {
    await Promise.all(files.map(file => file.work));
    if (files.some(file => file.problem)) throw new Error("A file could not be given; remove it or try again.");
    keep();
    await ready;
    const problem = await page.invokeMethodAsync("SendAsync", text, files.map(file => file.name), begun, steers);
    if (problem) throw new Error(problem);
    // What was typed behind it while it was on its way stays: it is the next question.
    if (box && (chat === from || box.value.trim() === text)) box.value = box.value.startsWith(sent) ? box.value.slice(sent.length) : "";
    forget(files);
    [files, begun, follows] = [[], null, true];
    store.remove(draftKey(from));
    fit();
    drawFiles();
    scrollToEnd();
  } catch (error) {
    tell(error.message?.includes("circuit") || error.message?.includes("connection") ? "Not sent yet; the text is kept." : error.message);
  }
  isSending = false;
  form.classList.remove("sending");
  keep();
}

function tell(text) {
  const place = $("problem");
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}

// ---- Files ----
const sizes = bytes => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

// What a browser shows as a picture; SVG is a document with scripts, and stays a name.
const shown = /^image\/(png|jpeg|gif|webp|bmp|avif)$/;
const forget = list => list.forEach(file => { if (file.preview) URL.revokeObjectURL(file.preview); });

function drawFiles() {
  const place = $("attached");
  if (!place) return;
  place.replaceChildren(...files.map(file => {
    const chip = document.createElement("span");
    chip.className = file.problem ? "file failed" : "file";
    if (file.preview) {
      const picture = document.createElement("img");
      picture.src = file.preview;
      picture.alt = "";
      chip.append(picture);
    }
    const name = document.createElement("b");
    name.textContent = file.name;
    const state = document.createElement("span");
    state.textContent = file.problem ?? (file.isDone ? sizes(file.size) : `${Math.round(100 * (file.progress ?? 0))} %`);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    remove.addEventListener("click", () => { file.request?.abort(); forget([file]); files = files.filter(other => other !== file); drawFiles(); keep(); });
    chip.append(name, state, remove);
    return chip;
  }));
  place.hidden = files.length === 0;
}

async function give(list) {
  tell("");
  for (const given of list) {
    const file = { name: given.name || "pasted.png", size: given.size, progress: 0 };
    if (shown.test(given.type)) file.preview = URL.createObjectURL(given);
    files.push(file);
    file.work = upload(file, given).catch(error => { file.problem = error.message; }).then(() => { drawFiles(); keep(); });
  }
  drawFiles();
}

let beginning = null;
async function begin() {
  if (chat !== "new") return chat;
  await ready;
  return begun ??= await (beginning ??= page.invokeMethodAsync("BeginAsync").finally(() => { beginning = null; }));
}

async function upload(file, content) {
  const id = await begin();
  const answer = await new Promise((done, fail) => {
    const request = file.request = new XMLHttpRequest();
    request.open("POST", `chat/${id}/files?name=${encodeURIComponent(file.name)}`);
    request.upload.addEventListener("progress", event => {
      file.progress = event.lengthComputable ? event.loaded / event.total : 0;
      drawFiles();
    });
    request.addEventListener("load", () => {
      try { request.status < 300 ? done(JSON.parse(request.responseText)) : fail(new Error(JSON.parse(request.responseText).error.message)); }
      catch { fail(new Error("not taken")); }
    });
    request.addEventListener("error", () => fail(new Error("The server cannot be reached.")));
    request.send(content);
  });
  [file.name, file.size, file.isDone, file.request] = [answer.name, answer.bytes, true, null];
}

// A long text that is pasted is a file.
const maxPasted = 8000;
addEventListener("paste", event => {
  if (!box || event.target !== box) return;
  const given = [...event.clipboardData.files];
  const text = event.clipboardData.getData("text/plain");
  if (given.length) { event.preventDefault(); give(given); }
  else if (text.length > maxPasted) { event.preventDefault(); give([new File([text], "pasted.txt", { type: "text/plain" })]); }
});
let depth = 0;
const hasFiles = event => box && event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", event => { if (hasFiles(event)) { depth++; root.classList.add("dropping"); } });
addEventListener("dragleave", event => { if (hasFiles(event) && --depth <= 0) { depth = 0; root.classList.remove("dropping"); } });
addEventListener("dragover", event => { if (hasFiles(event)) event.preventDefault(); });
addEventListener("drop", event => {
  depth = 0;
  root.classList.remove("dropping");
  if (hasFiles(event)) { event.preventDefault(); give(event.dataTransfer.files); box.focus(); }
});
addEventListener("change", event => {
  if (event.target.id === "files") { give([...event.target.files]); event.target.value = ""; box?.focus(); }
  if (event.target.id === "import") { importFile(event.target.files[0]); event.target.value = ""; }
  const setting = event.target.dataset?.setting;
  if (setting) { event.target.value ? store.write(setting, event.target.value) : store.remove(setting); noosTheme(); }
});

// From whatever page: the list of the conversations finds what came by itself.
async function importFile(file) {
  if (!file) return;
  const show = text => { $("imported").textContent = text; say(text); };
  show("Importing…");
  const answer = await fetch("chat/import", { method: "POST", body: file }).catch(() => null);
  const result = await answer?.json().catch(() => null), count = result?.count ?? 0;
  show(!answer ? "The server cannot be reached." : !answer.ok ? result?.error?.message ?? "The file could not be read."
    : count === 0 ? "The file has no conversations." : `${count} ${count === 1 ? "conversation" : "conversations"} imported.`);
}

// ---- Scrolling: with the text, unless the reader has gone elsewhere ----
let follows = true;
const main = () => $("main");
function scrollToEnd() { const view = main(); if (view) { follows = true; view.scrollTop = view.scrollHeight; } }
document.addEventListener("scroll", event => {
  // Whoever scrolls to the end of the conversations wants those before them.
  const older = event.target.classList?.contains("conversations") && $("older");
  if (older && older.getBoundingClientRect().top < innerHeight) older.click();
  if (event.target !== main()) return;
  // Whoever scrolls up reads on in the messages before these; each time once.
  const earlier = $("earlier");
  if (earlier && event.target.scrollTop < innerHeight && earlier.dataset.asked !== earlier.textContent) {
    earlier.dataset.asked = earlier.textContent;
    earlier.click();
  }
  follows = event.target.scrollHeight - event.target.scrollTop - event.target.clientHeight < 60;
  const latest = $("latest");
  if (latest) latest.hidden = follows;
}, { capture: true, passive: true });

new MutationObserver(() => {
  restore();
  for (const choice of document.querySelectorAll("[data-setting]:not([data-known])")) {
    choice.dataset.known = "";
    choice.value = store.read(choice.dataset.setting) ?? "";
  }
  const view = main();
  if (follows && view?.dataset.follows !== undefined) view.scrollTop = view.scrollHeight;
  requestAnimationFrame(refocus);
}).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["data-chat"] });

// ---- Focus: what had it may be gone with what was done to it, and keys need a place to go on from ----
let focused = null, around = [], hasKeys = false;
addEventListener("pointerdown", () => { hasKeys = false; }, true);
addEventListener("focusin", event => {
  focused = event.target;
  around = [];
  for (let place = focused.parentElement; place && place !== document.body; place = place.parentElement) around.push(place);
});
// With the text that stands in it, unless somebody is there already: over a slow link this comes late, and would take what was typed.
function take(place) {
  if (!place || place === document.activeElement) return;
  place.focus();
  place.select?.();
}
const isSeen = place => place?.isConnected && place.checkVisibility();
function refocus() {
  const now = document.activeElement;
  if (!hasKeys || !focused || (now && now !== document.body) || isSeen(focused)) return;
  focused = null;
  // What was drawn anew in the same place, or the row that it stood in; else where one asks.
  for (const place of around) {
    const home = place.id && !["main", "log", "ask"].includes(place.id) ? $(place.id) : place.matches(".item, .queue li, .facts > li") ? place : null;
    const next = isSeen(home) && [...home.querySelectorAll("a, button:enabled, summary, input, textarea")].find(isSeen);
    if (next) { take(next); return; }
  }
  (box && !box.disabled ? box : main())?.focus({ preventScroll: true });
}

// How long something runs already.
setInterval(() => {
  for (const place of document.querySelectorAll("[data-since]")) {
    const text = `${Math.max(0, (Date.now() - place.dataset.since) / 1000).toFixed(0)} s`;
    if (place.textContent !== text) place.textContent = text;
  }
}, 500);

// ---- What is clicked ----
async function copy(text, from) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
    from?.classList.add("copied");
    setTimeout(() => from?.classList.remove("copied"), 1500);
  } catch { say("Copying is not allowed here"); }
}

const acts = {
  sidebar: () => {
    root.dataset.sidebar = root.dataset.sidebar === "open" ? "closed" : "open";
    if (innerWidth >= 800) store.write("noos.sidebar", root.dataset.sidebar);
  },
  theme: () => { store.write("noos.theme", root.dataset.theme === "dark" ? "light" : "dark"); noosTheme(); },
  latest: scrollToEnd,
  attach: () => $("files").click(),
  import: () => $("import").click(),
  shortcuts: () => $("shortcuts").showModal(),
  skip: () => main().focus(),
  close: from => from.closest("dialog").close(),
  "copy-code": from => copy(from.closest("figure").querySelector("code").textContent, from),
  wrap: from => from.closest("figure").classList.toggle("wrapped"),
  "copy-answer": async from => copy(await page.invokeMethodAsync("TextOf", Number(from.dataset.turn)), from),
  cite: from => showSource(from),
  // What code has printed reaches the model in a person's question alone, where it can be read before it is sent.
  "quote-run": from => {
    if (!box || box.disabled) return;
    const printed = from.closest(".code-run").querySelector(".printed").textContent.trimEnd();
    box.value = `${box.value ? `${box.value.trimEnd()}\n\n` : ""}The code printed:\n\`\`\`text\n${printed}\n\`\`\`\n`;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    box.scrollTop = box.scrollHeight;
  },
  suggest: from => { box.value = from.textContent.trim(); send(false); },
  retry: () => send(false),
  // The server cuts the pages of a session that ends, and they find its form.
  logout: () => fetch("api/logout", { method: "POST", body: "{}" }).catch(() => say("The server cannot be reached.")),
};

document.addEventListener("click", event => {
  const from = event.target.closest?.("[data-act]");
  if (from) acts[from.dataset.act]?.(from);
  else if (!event.target.closest?.("#source")) hideSource();
  // On a narrow screen the sidebar lies over the page.
  if (innerWidth < 800 && root.dataset.sidebar === "open" && (event.target.closest?.(".sidebar a") || event.target.id === "veil")) {
    root.dataset.sidebar = "closed";
  }
  // A menu closes with a choice, or with a click elsewhere.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest(".choices")) menu.open = false;
  }
  requestAnimationFrame(refocus);
});

// A window that becomes narrow has no room for the sidebar beside the page.
matchMedia("(max-width: 799px)").addEventListener("change", narrow => {
  root.dataset.sidebar = narrow.matches ? "closed" : store.read("noos.sidebar") ?? "open";
});

// ---- Sources of an answer ----
let source = null;
function hideSource() { source?.remove(); source = null; }
function showSource(from) {
  const item = document.getElementById(from.dataset.source);
  if (!item) return;
  hideSource();
  source = document.createElement("div");
  source.id = "source";
  source.setAttribute("role", "dialog");
  source.setAttribute("aria-label", "Source");
  source.append(...[...item.cloneNode(true).childNodes]);
  source.querySelector("details")?.setAttribute("open", "");
  document.body.append(source);
  const place = from.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left, innerWidth - source.offsetWidth - 8));
  const below = place.bottom + 6, isBelow = below + source.offsetHeight < innerHeight;
  source.style.left = `${left}px`;
  source.style.top = `${isBelow ? below : Math.max(8, place.top - source.offsetHeight - 6)}px`;
}
document.addEventListener("pointerover", event => {
  const from = event.pointerType === "mouse" && event.target.closest?.(".cite");
  if (from) showSource(from);
});

// ---- Keys ----
document.addEventListener("submit", event => { if (event.target.id === "ask") { event.preventDefault(); send(false); } });
document.addEventListener("input", event => { if (event.target === box) { tell(""); keep(); fit(); } });
document.addEventListener("keydown", event => {
  const { key, ctrlKey, metaKey, shiftKey } = event, isCommand = ctrlKey || metaKey;
  hasKeys = true;
  if (event.target === box && key === "Enter" && !shiftKey && !event.isComposing) {
    event.preventDefault();
    send(isCommand);
    return;
  }
  if (key === "Escape" && shiftKey) { event.preventDefault(); box?.focus(); return; }
  if (key === "Escape") {
    if (source) { hideSource(); return; }
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
    if (innerWidth < 800 && root.dataset.sidebar === "open") { acts.sidebar(); document.querySelector(".bar [data-act='sidebar']")?.focus(); return; }
    const panel = document.querySelector(".context");
    if (panel) { panel.querySelector("button").click(); return; }
    if (!document.querySelector("dialog[open]") && !event.target.closest?.(".editing")) $("stop")?.click();
    return;
  }
  if (!isCommand || store.read("noos.shortcuts") === "off") return;
  const press = id => { const button = $(id); if (button) { event.preventDefault(); button.click(); } };
  const name = key.toLowerCase();
  if (name === "k" && !shiftKey) {
    event.preventDefault();
    root.dataset.sidebar = "open";
    $("search")?.focus();
  } else if (name === "o" && shiftKey) press("new");
  else if ((name === "s" && shiftKey) || (name === "b" && !shiftKey)) { event.preventDefault(); acts.sidebar(); }
  // The browser finds what is drawn.
  else if (name === "f" && !shiftKey) $("all-earlier")?.click();
  else if (name === "/") { event.preventDefault(); acts.shortcuts(); }
  else if (name === "c" && shiftKey) {
    const last = [...document.querySelectorAll("[data-act='copy-answer']")].pop();
    if (last) { event.preventDefault(); acts["copy-answer"](last); }
  } else if (shiftKey && (key === ";" || key === ":")) {
    const code = [...document.querySelectorAll("figure.code code")].pop();
    if (code) { event.preventDefault(); copy(code.textContent); }
  }
});

globalThis.noos = {
  // A page that listens has been drawn by the server.
  connect: reference => { page = reference; arrive(); root.dataset.connected = ""; restore(); },
  say,
  tell,
  invoke: async (name, ...given) => { await ready; return page.invokeMethodAsync(name, ...given); },
  // Behind what stands in the draft already.
  write: text => {
    if (!box || box.disabled) return;
    box.value = `${box.value ? `${box.value.trimEnd()} ` : ""}${text}`;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  },
  focus: id => take($(id)),
  download: (address, name) => { const link = document.createElement("a"); [link.href, link.download] = [address, name]; link.click(); },
};

restore();
scrollToEnd();
if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register("sw.js").catch(() => { });
})();
