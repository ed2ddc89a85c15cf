// The control bar of a page: a form and buttons. It sends what is chosen and shows what the kernel says; results stand elsewhere.
// A key, a recording and a conversation go to the kernel by message: they are no part of what a notebook saves.

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A field with its label; `tell` is called with its value whenever it is changed. */
function field(spec, value, tell) {
  const input = element(spec.kind === "area" ? "textarea" : spec.kind === "list" ? "select" : "input", { name: spec.name });
  if (spec.kind === "list") input.append(...spec.options.map(([name, words]) => element("option", { value: name, textContent: words })));
  if (spec.kind === "secret") Object.assign(input, { type: "password", autocomplete: "off" });
  if (spec.kind === "file") Object.assign(input, { type: "file", accept: ".har,.json" });
  if (spec.hint) input.placeholder = spec.hint;
  if (spec.kind === "file") input.addEventListener("change", async () => tell(spec.name, input.files[0] ? await input.files[0].text() : ""));
  else if (spec.kind === "secret") input.addEventListener("change", () => { tell(spec.name, input.value); input.value = ""; });
  else { input.value = value ?? ""; input.addEventListener(spec.kind === "area" ? "input" : "change", () => tell(spec.name, input.value)); }
  return { input, box: element("label", { className: spec.wide ? "dk-wide" : "" }, element("span", { textContent: spec.label }), input) };
}

async function copy(words, say) {
  try {
    await navigator.clipboard.writeText(words);
    say("Copied.");
  } catch {
    const area = element("textarea", { value: words });
    document.body.append(area);
    area.select();
    say(document.execCommand("copy") ? "Copied." : "Your browser does not allow copying; open the ticket below and copy it by hand.");
    area.remove();
  }
}

/** Keeps the answer in sight while a whole notebook runs, until the reader touches anything. */
function hold(el, model) {
  let held = true;
  const free = () => { held = false; };
  const signs = ["wheel", "pointerdown", "keydown", "touchstart"];
  signs.forEach((sign) => addEventListener(sign, free, { capture: true, passive: true, once: true }));
  const place = () => { // where the form fills a third of the screen, the answer below it
    const below = el.closest(".jp-OutputArea-child")?.nextElementSibling;
    return below && el.offsetHeight > innerHeight / 3 ? below : el;
  };
  const back = () => {
    if (!held || !el.isConnected || Math.abs(place().getBoundingClientRect().top - 120) < 80) return;
    place().scrollIntoView({ block: "start" });
  };
  const timer = setInterval(back, 150);
  const end = () => { clearInterval(timer); held = false; };
  model.on("change:shown", () => { if (model.get("shown").led) setTimeout(end, 2500); });
  setTimeout(end, 90000);
  back();
  return end;
}

/** What the browser tells of itself: whom the steps are written for, until somebody says otherwise. */
function here() {
  const words = navigator.userAgent;
  const first = (pairs) => pairs.find(([pattern]) => pattern.test(words))?.[1] ?? "";
  return {
    system: first([[/Android/, "android"], [/iPhone|iPad/, "ios"], [/Windows/, "windows"], [/Mac OS/, "macos"], [/Linux/, "linux"]]),
    browser: first([[/Edg\//, "edge"], [/Firefox\//, "firefox"], [/Chrome\//, "chrome"], [/Safari\//, "safari"]]),
  };
}

function render({ model, el }) {
  const form = model.get("form");
  const tell = (name, value) => model.send({ do: "change", values: { [name]: value } });
  const fields = Object.fromEntries(form.fields.map((spec) => [spec.name, field(spec, form.values[spec.name], tell)]));
  const row = (group) => element("div", { className: "dk-row" }, ...form.fields.filter((spec) => spec.group === group).map((spec) => fields[spec.name].box));
  const buttons = Object.fromEntries(form.buttons.map(([name, words]) => [name, element("button", { type: "button", textContent: words, className: name === "check" ? "dk-first" : "" })]));
  const state = element("div", { className: "dk-state" });
  const link = element("span", {});
  state.setAttribute("role", "status");
  const key = element("span", { className: "dk-help" });
  const more = element("details", {}, element("summary", { textContent: "More about your case" }), row("more"), key);
  const say = (words) => { state.textContent = words; };
  const local = { ticket: () => copy(model.get("shown").ticket, say), summary: () => copy(model.get("shown").summary, say) };
  for (const [name, button] of Object.entries(buttons)) {
    button.addEventListener("click", () => (local[name] ?? (() => model.send({ do: name })))());
  }
  const line = (...names) => element("div", { className: "dk-row" }, ...names.map((name) => buttons[name]).filter(Boolean));
  const foot = element("div", { className: "dk-foot" }, more, state, link);
  const body = element("form", {}, row("first"), line("check", "cancel", "sure", "best", "show", "ticket", "summary", "save"), foot);
  body.addEventListener("submit", (event) => event.preventDefault());
  const card = element("div", { className: "dk-card" }, body);
  const root = element("div", { className: "dk dk-bar" }, card);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Your question");
  el.append(root);

  const draw = () => {
    const shown = model.get("shown");
    say(shown.said ?? "");
    key.textContent = shown.key ?? "";
    for (const [name, button] of Object.entries(buttons)) {
      button.disabled = !shown.can?.[name];
      button.hidden = shown.hidden?.includes(name) ?? false;
      if (shown.words?.[name]) button.textContent = shown.words[name];
    }
    for (const [name, on] of Object.entries(shown.fields ?? {})) if (fields[name]) fields[name].box.hidden = !on;
  };
  model.on("change:shown", draw);
  model.on("msg:custom", (told) => {
    if (told.do !== "file") return;
    const address = URL.createObjectURL(new Blob([told.html], { type: "text/html" }));
    const anchor = element("a", { href: address, download: told.name, textContent: `Saved as ${told.path}. Open or download it again` });
    link.replaceChildren(anchor);
    anchor.click();
  });
  draw();
  for (const [name, value] of Object.entries(here())) {
    if (value && !fields[name].input.value) { fields[name].input.value = value; tell(name, value); }
  }
  return form.lead ? hold(root, model) : undefined;
}
export default { render };
