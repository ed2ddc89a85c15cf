// Copies, saves the data, and opens a folded card that a link leads to. Asks for no address.
const words = (id) => document.getElementById(id)?.textContent ?? "";
const said = (button, text) => { const was = button.textContent; button.textContent = text; setTimeout(() => { button.textContent = was; }, 1500); };
async function copy(button, text) {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
  }
  said(button, "Copied");
}
function data(button) {
  const address = URL.createObjectURL(new Blob([words("deepkit-case")], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: address, download: "deepkit-case.json" }).click();
  said(button, "Saved");
}
for (const button of document.querySelectorAll("button[data-do]")) {
  const does = { ticket: () => copy(button, words("dk-ticket")), summary: () => copy(button, words("dk-summary")), data: () => data(button) };
  button.addEventListener("click", does[button.dataset.do]);
}
const lead = () => document.getElementById(location.hash.slice(1))?.querySelector("details")?.setAttribute("open", "");
addEventListener("hashchange", lead);
lead();
