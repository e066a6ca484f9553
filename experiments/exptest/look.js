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
    if (!all("polyline, circle, rect.cell", chart).some(e => size(e).width + size(e).height > 0)) fault("has no curve", chart);
  for (const f of all("figure"))
    if (all("svg, img, table, ol", f).length === 0) fault("shows nothing", f);
  for (const chart of all("svg")) { // a pixel is what rounding takes
    const box = size(chart), within = e => e.left >= box.left - 1 && e.right <= box.right + 1 && e.top >= box.top - 1 && e.bottom <= box.bottom + 1;
    for (const e of all("text", chart))
      if (!within(size(e))) fault("is cut off", e);
    if (box.right > innerWidth) fault("is wider than its window", chart);
  }
  if (document.documentElement.scrollWidth > innerWidth) console.error("the page is wider than its window");
  for (const e of all("td:not(.bar), .tile b, dd, svg text"))
    if (/^\s*$|NaN|Inf\b/.test(e.textContent)) fault("says nothing", e);
  console.log("figures: " + figures.length);
});
