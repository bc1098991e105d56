// Click on a frame: it fills the width. Click on the lowest one: everything again.
(() => {
  const svg = document.currentScript.closest("svg");
  const frames = [...svg.querySelectorAll("g.f")].map((g) => ({
    g, rect: g.querySelector("rect"), text: g.querySelector("text"),
    from: +g.dataset.a, to: +g.dataset.b, depth: +g.dataset.d, name: g.dataset.n,
  }));
  const width = +svg.dataset.width, letter = +svg.dataset.letter;
  function show(chosen) {
    const span = chosen.to - chosen.from;
    for (const f of frames) {
      const below = f.depth < chosen.depth;
      const out = below ? f.from > chosen.from || f.to < chosen.to : f.from < chosen.from || f.to > chosen.to;
      f.g.style.display = out ? "none" : "";
      if (out) continue;
      const left = below ? 0 : ((f.from - chosen.from) / span) * width;
      const wide = below ? width : ((f.to - f.from) / span) * width;
      f.rect.setAttribute("x", left.toFixed(2));
      f.rect.setAttribute("width", Math.max(wide - 0.4, 0.1).toFixed(2));
      f.g.style.opacity = below ? 0.5 : 1;
      const letters = Math.floor((wide - 6) / letter);
      f.text.setAttribute("x", (left + 3).toFixed(2));
      f.text.textContent = letters < 3 ? "" : f.name.length <= letters ? f.name : f.name.slice(0, letters - 1) + "…";
    }
  }
  for (const f of frames) f.g.addEventListener("click", () => show(f));
})();
