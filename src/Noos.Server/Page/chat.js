"use strict";

// The whole page: it keeps the conversation in OpenAI's message format, posts it to the API of this server, and draws what streams back.
// All text from the model or the tools reaches the page as text nodes, never as markup.

const $ = id => document.getElementById(id);
const main = document.querySelector("main");
const store = {
  read: key => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  write: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* Private windows may have no storage. */ } },
};
const suggestions = ["What is 48*37+5?", "Tell me a story about a fox", "Who are you?"];

let messages = Array.isArray(store.read("noos.chat")) ? store.read("noos.chat") : [];
let running = null;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svg.namespaceURI, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

// A call the way a person writes it: calculator(48*37+5).
function describe(name, args) {
  const shown = value => typeof value === "string" ? value : JSON.stringify(value);
  const entries = Object.entries(args ?? {});
  return `${name}(${entries.length === 1 ? shown(entries[0][1]) : entries.map(([key, value]) => `${key}: ${shown(value)}`).join(", ")})`;
}

// Draws one answer, piece by piece.
class AnswerView {
  constructor() {
    this.root = element("article", "assistant");
    this.root.setAttribute("aria-label", "Answer");
    $("log").append(this.root);
    this.chips = new Map();
    this.block = null;
    this.thoughts = null;
  }

  busy(on) {
    this.root.setAttribute("aria-busy", on);
    if (!on) this.endThoughts();
  }

  // Thoughts of a model that thinks before it speaks: folded away, there for those who want to see them.
  thought(piece) {
    if (!this.thoughts) {
      this.block = null;
      this.thoughts = element("details", "thoughts");
      this.thoughts.append(element("summary", "", "Thinking…"), element("p"));
      this.thoughts.lastChild.append("");
      this.root.append(this.thoughts);
    }
    this.thoughts.lastChild.firstChild.appendData(piece);
  }

  endThoughts() {
    if (this.thoughts) this.thoughts.firstChild.textContent = "Thoughts";
    this.thoughts = null;
  }

  text(piece) {
    if (!this.block) {
      piece = piece.trimStart();
      if (!piece) return;
      this.endThoughts();
      this.block = element("div");
      this.block.append("");
      this.root.append(this.block);
    }
    this.block.firstChild.appendData(piece);
  }

  call(id, name, args) {
    this.block = null;
    this.endThoughts();
    const chip = element("span", "chip waiting");
    chip.append(icon("M5 3h14v18H5zM9 7h6M9 12h.01M12 12h.01M15 12h.01M9 16h.01M12 16h.01M15 16h.01"), element("span", "", describe(name, args)));
    this.root.append(chip);
    this.chips.set(id, chip);
  }

  result(id, content, failed) {
    const chip = this.chips.get(id);
    if (!chip) return;
    chip.classList.remove("waiting");
    chip.classList.toggle("failed", failed);
    chip.append(element("b", "", failed ? `Error: ${content}` : `= ${content}`));
  }

  meta(text, answer) {
    const line = element("div", "meta", text);
    if (answer && navigator.clipboard) {
      const copy = element("button", "", "Copy");
      copy.type = "button";
      copy.addEventListener("click", async () => {
        try { await navigator.clipboard.writeText(answer); say("Copied"); copy.textContent = "Copied"; } catch { say("Copying is not allowed here"); }
      });
      line.append(copy);
    }
    this.root.append(line);
  }
}

function say(text) { $("status").textContent = text; }

function drawUser(text) { $("log").append(element("article", "user", text)); }

function drawAll() {
  $("log").replaceChildren();
  let view = null;
  for (const message of messages) {
    if (message.role === "user") {
      drawUser(message.content);
      view = null;
      continue;
    }
    view ??= new AnswerView();
    if (message.role === "tool") {
      view.result(message.tool_call_id, message.content, message.is_error === true);
    } else {
      if (message.reasoning_content) view.thought(message.reasoning_content);
      view.endThoughts();
      if (message.content) view.text(message.content);
      for (const call of message.tool_calls ?? []) view.call(call.id, call.function.name, parse(call.function.arguments));
      if (!message.tool_calls) view.block = null;
    }
  }
  $("welcome").hidden = messages.length > 0;
  scrollToEnd();
}

function parse(json) { try { return JSON.parse(json); } catch { return {}; } }

let follows = true;
function scrollToEnd() { follows = true; main.scrollTop = main.scrollHeight; }
function keepUp() { if (follows) main.scrollTop = main.scrollHeight; }
main.addEventListener("scroll", () => {
  follows = main.scrollHeight - main.scrollTop - main.clientHeight < 60;
  $("latest").hidden = follows;
}, { passive: true });

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ")) continue;
      if (line === "data: [DONE]") return;
      yield JSON.parse(line.slice(6));
    }
  }
}

// Collects what the answer adds to the conversation: text, calls with their results, text again.
class Answer {
  constructor() { this.messages = []; this.last = null; }

  assistant() {
    if (this.last?.role !== "assistant") this.messages.push(this.last = { role: "assistant", content: "" });
    return this.last;
  }

  text(piece) { this.assistant().content += piece; }

  thought(piece) { this.assistant().reasoning_content = (this.last.reasoning_content ?? "") + piece; }

  call(id, name, args) {
    const owner = this.assistant();
    (owner.tool_calls ??= []).push({ id, type: "function", function: { name, arguments: JSON.stringify(args) } });
  }

  result(id, content, failed) {
    this.messages.push(this.last = { role: "tool", tool_call_id: id, content, ...(failed && { is_error: true }) });
  }

  // A stopped answer may hold a call without its result: the model must not see half of a pair.
  finished() {
    const answered = new Set(this.messages.filter(message => message.role === "tool").map(message => message.tool_call_id));
    for (const message of this.messages) {
      if (!message.tool_calls) continue;
      message.tool_calls = message.tool_calls.filter(call => answered.has(call.id));
      if (message.tool_calls.length === 0) delete message.tool_calls;
    }
    return this.messages.filter(message => message.content || message.tool_calls || message.role === "tool");
  }
}

async function ask(text) {
  messages.push({ role: "user", content: text });
  drawUser(text);
  $("welcome").hidden = true;
  scrollToEnd();
  await answer();
}

async function answer() {
  const conversation = messages;
  const view = new AnswerView();
  const made = new Answer();
  const started = performance.now();
  let tokens = 0, generating = 0, omitted = 0, pagedOut = 0, problem = null, stopped = false;
  running = new AbortController();
  document.body.classList.add("running");
  $("send").setAttribute("aria-label", "Stop");
  $("send").title = "Stop (Esc)";
  view.busy(true);
  try {
    const response = await fetch("v1/chat/completions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ model: chosenModel(), messages, stream: true, truncation: "auto" }),
      signal: running.signal,
    });
    if (!response.ok) throw new Error((await response.json().catch(() => null))?.error?.message ?? `The server answered ${response.status}.`);
    for await (const chunk of events(response)) {
      if (chunk.error) throw new Error(chunk.error.message);
      const { content, reasoning_content: thought } = chunk.choices?.[0]?.delta ?? {};
      if (thought) { view.thought(thought); made.thought(thought); }
      if (content) { view.text(content); made.text(content); }
      for (const item of chunk.noos ?? []) {
        if (item.event === "tool_call") { view.call(item.call_id, item.name, item.arguments); made.call(item.call_id, item.name, item.arguments); }
        if (item.event === "tool_result") { view.result(item.call_id, item.content, item.is_error); made.result(item.call_id, item.content, item.is_error); }
        if (item.event === "failover") view.meta(`${item.to} answers, because ${item.from} does not: ${item.reason}`);
        if (item.event === "model_run") {
          tokens += item.generated_tokens;
          generating = performance.now() - started;
          omitted = item.omitted_messages ?? omitted;
          pagedOut = item.paged_out_tokens ?? pagedOut;
        }
      }
      keepUp();
    }
  } catch (error) {
    stopped = error.name === "AbortError";
    if (!stopped) problem = error instanceof TypeError ? "The server cannot be reached. Is it still running?" : error.message;
  }
  running = null;
  document.body.classList.remove("running");
  $("send").setAttribute("aria-label", "Send");
  $("send").title = "Send (Enter)";
  view.busy(false);
  const added = made.finished();
  if (conversation !== messages) return; // A new chat was begun meanwhile.
  messages.push(...added);
  store.write("noos.chat", messages);
  if (problem) {
    fail(view, problem, added.length);
  } else {
    const said = added.filter(message => message.role === "assistant").map(message => message.content).join("").trim();
    const left = omitted > 0 ? `, without the ${omitted} oldest messages, which no longer fit`
      : pagedOut > 0 ? `, without ${pagedOut} tokens, which no longer fit` : "";
    const speed = tokens > 0 && generating > 0 ? `${tokens} tokens, ${(generating / 1000).toFixed(1)} s${left}` : "";
    view.meta(stopped ? "Stopped" : speed || (said ? "" : "No answer"), said);
    say(stopped ? "Stopped" : "Answer complete");
  }
  keepUp();
  $("question").focus();
}

function fail(view, problem, added) {
  const box = element("div", "problem");
  box.setAttribute("role", "alert");
  const retry = element("button", "", "Try again");
  retry.type = "button";
  retry.addEventListener("click", () => {
    if (running) return;
    messages.splice(messages.length - added, added);
    view.root.remove();
    answer();
  });
  box.append(element("span", "", problem), retry);
  view.root.append(box);
}

function newChat() {
  running?.abort();
  messages = [];
  store.write("noos.chat", messages);
  drawAll();
  $("question").focus();
}

function fitQuestion() {
  if (CSS.supports("field-sizing", "content")) return;
  $("question").style.height = "auto";
  $("question").style.height = `${$("question").scrollHeight}px`;
}

$("ask").addEventListener("submit", event => {
  event.preventDefault();
  if (running) { running.abort(); return; }
  const text = $("question").value.trim();
  if (!text) return;
  $("question").value = "";
  store.write("noos.draft", "");
  fitQuestion();
  ask(text);
});

$("question").addEventListener("keydown", event => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!running) $("ask").requestSubmit();
});
$("question").addEventListener("input", () => { store.write("noos.draft", $("question").value); fitQuestion(); });
$("new").addEventListener("click", newChat);
$("latest").addEventListener("click", scrollToEnd);

document.addEventListener("keydown", event => {
  if (event.key === "Escape" && running) running.abort();
  if (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "o") { event.preventDefault(); newChat(); }
});

const systemDark = matchMedia("(prefers-color-scheme: dark)");
function applyTheme() { document.documentElement.dataset.theme = store.read("noos.theme") ?? (systemDark.matches ? "dark" : "light"); }
systemDark.addEventListener("change", applyTheme);
$("theme").addEventListener("click", () => {
  store.write("noos.theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  applyTheme();
});

applyTheme();
for (const text of suggestions) {
  const item = element("li");
  const button = element("button", "", text);
  button.type = "button";
  button.addEventListener("click", () => { if (!running) ask(text); });
  item.append(button);
  $("suggestions").append(item);
}
$("question").value ||= store.read("noos.draft") ?? "";
drawAll();

// With one model its name; with several a choice, which the browser remembers.
function chosenModel() { return $("models").hidden ? $("model").textContent : $("models").value; }
function showModels(list) {
  $("model").textContent = list.data[0].id;
  $("model").hidden = list.data.length > 1;
  $("models").hidden = list.data.length < 2;
  if ($("models").hidden) return;
  for (const model of list.data) $("models").add(new Option(model.id, model.id));
  const before = store.read("noos.model");
  if (list.data.some(model => model.id === before)) $("models").value = before;
}
$("models").addEventListener("change", () => store.write("noos.model", $("models").value));
fetch("v1/models").then(response => response.json()).then(showModels).catch(() => { $("model").textContent = ""; });
