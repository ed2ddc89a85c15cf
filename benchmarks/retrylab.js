// Measured in the page: from the event of a control to the frame that shows its answer.
// Installed as `dk`. The page is looked at every few milliseconds, and what was found there is on the screen
// with the next frame; looking by frames instead would count a frame too many.

const frame = () => new Promise((done) => requestAnimationFrame(done));
const painted = () =>
  new Promise((done) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel(); // a task after the frame was handed to the screen
      channel.port1.onmessage = done;
      channel.port2.postMessage(0);
    }),
  );
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(ok, limit = 10_000) {
  const end = performance.now() + limit;
  while (!ok()) {
    if (performance.now() > end) throw new Error("nothing was drawn in time");
    await pause(1);
  }
}

window.dk = {
  /** Move one of RetryLab's controls n times, a step forth or back, each after the last is complete. */
  async moves(name, n) {
    const input = document.querySelector(`.dk-lab [name=${name}]`);
    const picture = document.querySelector(".dk-stage .dk-picture");
    const number = () => Number(picture.dataset.at.split("-").pop());
    const times = [];
    for (let i = 0; i < n; i += 1) {
      await until(() => picture.dataset.done === "1");
      await pause(60 + 7 * (i % 9));
      const before = number();
      const svg = picture.firstChild;
      const start = performance.now();
      input.value = Number(input.value) + (i % 4 < 2 ? -1 : 1);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await until(() => number() > before && picture.firstChild !== svg);
      await painted();
      times.push(performance.now() - start);
    }
    return times;
  },

  /** Drag: n events, one a frame; returns how many pictures were drawn, and how long the last one took. */
  async drag(name, n) {
    const input = document.querySelector(`.dk-lab [name=${name}]`);
    const picture = document.querySelector(".dk-stage .dk-picture");
    const number = () => Number(picture.dataset.at.split("-").pop());
    await until(() => picture.dataset.done === "1");
    let drawn = 0;
    const watch = new MutationObserver(() => (drawn += 1));
    watch.observe(picture, { childList: true });
    const last = number() + n;
    let start = 0;
    for (let i = 0; i < n; i += 1) {
      await frame();
      input.value = Number(input.min) + ((i * 7) % (Number(input.max) + 1));
      start = performance.now();
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    await until(() => number() >= last);
    await painted();
    const took = performance.now() - start;
    watch.disconnect();
    return [drawn, took];
  },

  /** Press an arrow key on an ipywidgets slider n times; the figure below it says which value it shows. */
  async peer(place, n) {
    const handle = document.querySelector(`.${place} .noUi-handle`);
    const shown = () => document.querySelector(`.${place} .js-plotly-plot`)?.layout?.meta?.load;
    const times = [];
    for (let i = 0; i < n; i += 1) {
      await pause(250);
      const before = shown();
      const start = performance.now();
      const key = i % 4 < 2 ? "ArrowLeft" : "ArrowRight";
      handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await until(() => shown() !== undefined && shown() !== before);
      await painted();
      times.push(performance.now() - start);
    }
    return times;
  },
};
