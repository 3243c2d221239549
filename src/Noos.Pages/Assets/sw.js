"use strict";

// Keeps the shell alone: style, scripts, icon. What is said never lies in a cache. Where the server is away, a page says so and tries again.
const shell = "noos-shell";
const away = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2"><title>Noos</title><style>body{font:1rem/1.6 system-ui;display:grid;place-content:center;height:90vh;
text-align:center;color-scheme:light dark}</style><h1>Noos is not running</h1><p>This page opens by itself when it is: <code>noos up</code></p>`;

addEventListener("install", () => skipWaiting());
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => new Response(away, { headers: { "Content-Type": "text/html; charset=utf-8" } })));
    return;
  }
  const address = new URL(request.url);
  if (address.origin !== location.origin || !address.searchParams.has("v")) return;
  event.respondWith(caches.open(shell).then(async cache => {
    const known = await cache.match(request);
    if (known) return known;
    const answer = await fetch(request);
    if (answer.ok) {
      // Of every file the newest alone is kept.
      for (const old of await cache.keys()) if (new URL(old.url).pathname === address.pathname) await cache.delete(old);
      await cache.put(request, answer.clone());
    }
    return answer;
  }));
});
