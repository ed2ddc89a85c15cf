// Unpacks plotly.js from this page and draws the figures. Asks for no address. Until it has
// drawn a figure, and wherever it cannot, the still picture stays.
(async () => {
  const nonce = document.currentScript.nonce;
  const packed = document.getElementById("plotly-packed");
  const figures = [...document.querySelectorAll("figure[data-figure]")];
  const open = () => document.querySelectorAll("details").forEach((one) => { one.open = true; });
  addEventListener("beforeprint", open);
  if (!packed || !figures.length) { document.documentElement.dataset.figures = "none"; return; }
  const bytes = Uint8Array.from(atob(packed.textContent.trim()), (sign) => sign.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = document.createElement("script");
  code.nonce = nonce;
  code.textContent = await new Response(plain).text();
  document.head.append(code);
  for (const figure of figures) {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const stage = document.createElement("div");
    stage.className = "stage";
    stage.style.height = (spec.layout.height || 320) + "px";
    figure.querySelector("img").hidden = true;
    figure.append(stage);
    delete spec.layout.width;
    await Plotly.newPlot(stage, spec.data, { ...spec.layout, autosize: true },
      { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] });
  }
  document.documentElement.dataset.figures = "drawn";
})().catch((error) => {
  document.querySelectorAll("figure[data-figure] img").forEach((one) => { one.hidden = false; });
  document.documentElement.dataset.figures = "still";
});
