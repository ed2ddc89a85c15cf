// RetryLab's page: sends what a control says, shows what the kernel answers, computes nothing.
// Moves are messages, one a frame at most, and the kernel keeps the newest only. A trait would wait
// for the kernel's word that it is idle, which never comes for one that arrives while a cell awaits.

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const byValue = (a, b) => (a[0] === null ? -1 : b[0] === null ? 1 : a[0] - b[0]);

/** A slider over a list of values; one that is not in the list is put in its place. */
function slider(spec, changed) {
  let options = spec.options;
  const input = element("input", { type: "range", min: 0, step: 1, name: spec.name });
  const words = element("span", { className: "dk-value" }); // not an output, which would take the label
  input.setAttribute("aria-label", spec.label);
  const say = () => {
    words.textContent = options[input.value][1];
    input.setAttribute("aria-valuetext", words.textContent);
  };
  input.addEventListener("input", () => (say(), changed(spec.name, options[input.value][0])));
  const write = ([value, text]) => {
    const same = (option) => option[0] === value;
    options = spec.options.some(same) ? spec.options : [...spec.options, [value, text]].sort(byValue);
    input.max = options.length - 1;
    input.value = options.findIndex(same);
    say();
  };
  return { input, write, box: element("label", { className: "dk-range" }, element("span", {}, spec.label), words, input) };
}

function list(spec, changed) {
  const input = element("select", { name: spec.name });
  input.append(...spec.options.map(([value, text]) => element("option", { value, textContent: text })));
  input.addEventListener("change", () => changed(spec.name, input.value));
  const write = ([value]) => (input.value = value);
  return { input, write, box: element("label", { className: "dk-list" }, element("span", {}, spec.label), input) };
}

function check(spec, changed) {
  const input = element("input", { type: "checkbox", name: spec.name });
  input.addEventListener("change", () => changed(spec.name, input.checked));
  const write = ([value]) => (input.checked = value);
  return { input, write, box: element("label", { className: "dk-check" }, input, element("span", {}, spec.label)) };
}

/** Radio buttons that look like tabs; the arrow keys move between them. */
function tabs(views, group, changed) {
  const inputs = views.map(([value]) => element("input", { type: "radio", name: group, value }));
  inputs.forEach((one) => one.addEventListener("change", () => changed("view", one.value)));
  const labels = views.map(([, text], i) => element("label", {}, inputs[i], element("span", { textContent: text })));
  const box = element("div", { className: "dk-tabs" }, ...labels);
  box.setAttribute("role", "radiogroup");
  box.setAttribute("aria-label", "What to show");
  return { box, write: ([value]) => inputs.forEach((one) => (one.checked = one.value === value)) };
}

const KINDS = { range: slider, list, check };

function draw(place, picture, alt) {
  place.innerHTML = picture || "";
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", alt || "");
}

function render({ model, el }) {
  const me = Math.random().toString(36).slice(2);
  let moves = 0;
  let width = 0;
  let values = {};
  const send = () => {
    model.send({ do: "ask", values, width, at: `${me}-${moves}` });
  };
  const changed = (name, value) => {
    values = name === "preset" ? { preset: value } : { ...values, [name]: value };
    moves += 1;
    send();
  };

  const form = model.get("form");
  const controls = { view: tabs(form.views, `dk-view-${me}`, changed) };
  const groups = form.groups.map((group) => {
    const made = group.controls.map((spec) => (controls[spec.name] = KINDS[spec.kind](spec, changed)));
    const body = made.map((one) => one.box);
    if (!group.title) return element("div", { className: "dk-first" }, ...body);
    return element("details", { open: true }, element("summary", { textContent: group.title }), ...body);
  });
  const button = (text, title, what) => {
    const made = element("button", { type: "button", textContent: text, title });
    made.addEventListener("click", () => model.send({ do: what }));
    return made;
  };
  const reset = button("Reset", "Go back to the situation that was shown first", "reset");
  const compare = button("Compare policies", "Let thirteen policies compete in this situation", "compare");
  const stop = button("Stop", "Stop the comparison", "stop");
  const use = button("", "Take the winner's policy", "use");
  const picture = element("div", { className: "dk-picture" });
  const said = element("p", { className: "dk-said" });
  said.setAttribute("aria-live", "polite");
  const note = element("p", { className: "dk-note" });
  const code = element("code");
  const lines = element("pre", { tabIndex: 0 }, code);
  lines.setAttribute("aria-label", "Code for this policy");
  const result = element("div", { className: "dk-picture dk-contest" });
  const verdict = element("p", { className: "dk-said" });
  verdict.setAttribute("role", "status");
  const more = element("div", { className: "dk-more" }, ...groups.slice(1), element("div", {}, reset));
  const stage = element("div", { className: "dk-stage" }, controls.view.box, picture, said, note);
  const contest = element("div", { className: "dk-foot" }, element("div", {}, compare, stop, use), verdict, result);
  contest.append(element("details", {}, element("summary", { textContent: "This policy in your own client" }), lines));
  const page = element("div", { className: "dk-lab" }, element("div", { className: "dk-grid" }, groups[0], stage, more, contest));
  for (const one of page.querySelectorAll("input, select, button, summary, pre")) {
    one.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes the arrow keys for its own
  }
  el.append(page);

  const show = () => {
    const shown = model.get("shown");
    said.textContent = shown.said || "";
    note.textContent = shown.note || "";
    code.textContent = shown.code || "";
    draw(picture, shown.picture, shown.alt);
    picture.dataset.at = shown.at || "";
    picture.dataset.done = shown.done ? "1" : "";
    const mine = String(shown.at || "").startsWith(me) ? shown.at === `${me}-${moves}` : true;
    if (!mine || !shown.values) return; // the reader has moved on; do not pull the slider back
    values = {};
    for (const [name, pair] of Object.entries(shown.values)) controls[name]?.write(pair);
    for (const [name, one] of Object.entries(controls)) {
      if (one.input) one.input.disabled = (shown.unused || []).includes(name);
    }
  };
  const judge = () => {
    const now = model.get("contest");
    verdict.textContent = now.said || "";
    compare.disabled = Boolean(now.running);
    stop.hidden = !now.running;
    use.hidden = !now.use;
    use.textContent = now.use ? `Use ${now.use.replaceAll("_", " ")}` : "";
    draw(result, now.picture, now.alt);
    result.hidden = !now.picture;
  };
  model.on("change:shown", show);
  model.on("change:contest", judge);
  show();
  judge();
  const seen = new ResizeObserver(() => {
    const now = Math.floor(stage.clientWidth / 20) * 20;
    if (now < 100 || now === width) return;
    if (!width && now < 480) for (const one of el.querySelectorAll(".dk-more details")) one.open = false;
    width = now;
    send();
  });
  seen.observe(stage);
  return () => {
    seen.disconnect();
    model.off("change:shown", show);
    model.off("change:contest", judge);
  };
}

export default { render };
