// Put into the head of a page, it tells the console what is wrong with it, and at
// the end how many figures it has. What else the console says is a fault, too.
const fault = (what, e) => console.error(what + ": " + e.outerHTML.replace(/\s+/g, " ").slice(0, 80));

// An error of a file that does not load reaches no other listener.
addEventListener("error", e => { if (e.target !== window) fault("does not load", e.target); }, true);

addEventListener("load", () => {
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const size = e => e.getBoundingClientRect();
  const figures = all("svg, img");
  for (const f of figures)
    if (!(size(f).width > 0 && size(f).height > 0)) fault("has no size", f);
  for (const picture of all("img"))
    if (picture.naturalWidth === 0) fault("is broken", picture);
  for (const chart of all("svg")) // a level curve has no height
    if (!all("polyline, circle, rect.cell, path", chart).some(e => size(e).width + size(e).height > 0)) fault("has no curve", chart);
  for (const f of all("figure"))
    if (all("svg, img, table, ol", f).length === 0) fault("shows nothing", f);
  for (const chart of all("svg")) { // a pixel is what rounding takes
    const box = size(chart), within = e => e.left >= box.left - 1 && e.right <= box.right + 1 && e.top >= box.top - 1 && e.bottom <= box.bottom + 1;
    for (const e of all("text", chart))
      if (!within(size(e))) fault("is cut off", e);
    if (box.right > innerWidth) fault("is wider than its window", chart);
    const upright = all("text", chart).filter(e => Math.abs(e.getScreenCTM().b) < 0.01 && size(e).width > 0); // boxes of turned ones say little
    upright.forEach((e, i) => upright.slice(0, i).forEach(o => {
      const a = size(e), b = size(o), apart = 1;
      if (a.left < b.right - apart && b.left < a.right - apart && a.top + a.height / 5 < b.bottom - b.height / 5 && b.top + b.height / 5 < a.bottom - a.height / 5) fault("lies over another text", e);
    }));
  }
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0.05);
  const parts = c => (c.match(/[\d.]+/g) ?? []).map(Number);
  const ground = e => { // the first one behind an element that hides what is behind it
    for (; e; e = e.parentElement) {
      const c = parts(getComputedStyle(e).backgroundColor);
      if (c.length === 3) return c;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  for (const e of all("p, td, th, b, small, dt, dd, figcaption, svg text:not(.count)")) {
    if (!e.textContent.trim() || !(size(e).width > 0)) continue;
    const style = getComputedStyle(e), ink = parts(e.closest("svg") ? style.fill : style.color);
    if (e.closest("button, .words, svg:not(:root) g")) continue; // on grounds of their own
    const [a, b] = [light(ink), light(ground(e))];
    if (Math.max(a / b, b / a) < 4.4) fault("is hard to read", e);
  }
  for (const e of all(".tile b"))
    if (e.scrollWidth > e.clientWidth) fault("is cut off", e);
  for (const e of all(".card:has(tr.power)")) // narrower windows scroll it
    if (innerWidth >= 800 && e.scrollWidth > e.clientWidth + 1) fault("is cut off", e);
  for (const e of all("*")) // over half a card, say
    if (getComputedStyle(e).position === "sticky" && getComputedStyle(e).bottom !== "auto") fault("covers what is below it", e);
  if (document.documentElement.scrollWidth > innerWidth) console.error("the page is wider than its window");
  for (const e of all("td:not(.bar), .tile b, dd, svg text"))
    if (/^\s*$|NaN|Inf\b/.test(e.textContent)) fault("says nothing", e);
  console.log("figures: " + figures.length);
});
