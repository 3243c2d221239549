// Before anything is drawn: the theme and the sidebar as they were left.
(() => {
  const read = key => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.theme = read("noos.theme") ?? (dark.matches ? "dark" : "light");
    root.dataset.size = read("noos.size") ?? "usual";
    root.dataset.width = read("noos.width") ?? "usual";
  };
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  globalThis.noosTheme = apply;
  apply();
  root.dataset.sidebar = innerWidth < 800 ? "closed" : read("noos.sidebar") ?? "open";
})();
