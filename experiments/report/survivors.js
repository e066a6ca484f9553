// Pointing at a word of an example, or walking to it with the arrow keys, shows where it went
// and its rank in each encoder; the numbers above show what is left after an encoder. Nothing
// here has a less-than sign or an ampersand, so that the page is XML, too.
const space = document.querySelector("svg").namespaceURI; // that of the charts, so that no address stands here
const drawn = (name, attributes) => {
  const e = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  return e;
};

for (const card of document.querySelectorAll(".survivors")) {
  const words = [...card.querySelectorAll(".words span")], panel = card.querySelector(".fate");
  const entering = card.dataset.entering.split(" ").map(Number);
  const numbers = text => text.split(" ").filter(Boolean).map(Number);
  const say = document.createElement("p");
  panel.hidden = false;

  // A column for each encoder: all that enter, those of them that stay, and the word's rank.
  const ladder = word => {
    const top = 4, tall = 60, wide = 26, width = 8 + wide * entering.length, most = Math.max(...entering), at = n => top + tall * n / most;
    const picture = drawn("svg", {viewBox: `0 0 ${width} ${top + tall + 18}`, role: "img", "aria-label": "rank in each encoder", style: `max-width:${1.3 * width}px`});
    entering.forEach((n, j) => {
      const x = 6 + wide * j, rank = numbers(word.dataset.ranks)[j];
      picture.append(drawn("rect", {class: "enter", x, y: top, width: 16, height: at(n) - top}),
        drawn("rect", {class: "stay", x, y: top, width: 16, height: at(entering[j + 1] ?? 1) - top}));
      if (rank) picture.append(drawn("circle", {cx: x + 8, cy: at(rank - 0.5), r: 4}));
      const number = drawn("text", {x: x + 8, y: top + tall + 14, "text-anchor": "middle"});
      number.textContent = j + 1;
      picture.append(number);
    });
    return picture;
  };

  const show = word => {
    for (const w of words) w.classList.toggle("shown", w === word);
    say.textContent = word.textContent + " " + word.dataset.fate;
    panel.replaceChildren(say, ladder(word));
  };
  words.forEach((word, i) => {
    word.dataset.fate = word.title;
    word.setAttribute("aria-label", word.textContent + " " + word.title);
    word.removeAttribute("title");
    word.tabIndex = i ? -1 : 0;
    word.addEventListener("mouseenter", () => show(word));
    word.addEventListener("focus", () => show(word));
    word.addEventListener("keydown", e => {
      const to = {ArrowRight: words[i + 1], ArrowLeft: words[i - 1], Home: words[0], End: words.at(-1)}[e.key];
      if (!to) return;
      e.preventDefault();
      word.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    });
  });

  const after = document.createElement("p");
  after.className = "after";
  after.append("left after encoder");
  entering.forEach((_, j) => {
    const button = document.createElement("button");
    button.textContent = j + 1;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") === "false";
      for (const b of after.querySelectorAll("button")) b.setAttribute("aria-pressed", String(on ? b === button : false));
      for (const w of words) w.classList.toggle("out", on ? j + 1 > Number(w.dataset.lives) : false);
    });
    after.append(" ", button);
  });
  card.querySelector(".words").before(after);
  if (words.length) show(words.find(w => Number(w.dataset.lives) === 0) ?? words[0]);
}
