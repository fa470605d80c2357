// Uploads in parts, straight to the store: three at a time, again after a failure, and on from where it
// stood when the same file is chosen again, also after a reload. The form works without this script.
"use strict";

const PARALLEL = 3;
const SIGNED_AT_ONCE = 6;
const TRIES = 8;
const LONGEST_PAUSE_S = 30;
const LOOK_AGAIN_S = 2;
const SPEED_OVER_S = 15;

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const language = document.documentElement.lang;

const formatUnit = (number, unit) =>
  new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: number < 10 ? 1 : 0 }).format(number);
const formatSize = (bytes) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"]; // as the rest of the page writes them
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const number = bytes / 1024 ** step;
  const digits = number >= 10 || step === 0 ? 0 : 1;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(number)} ${units[step]}`;
};
const formatTime = (seconds) => {
  if (seconds < 90) return formatUnit(Math.max(1, Math.round(seconds)), "second");
  return seconds < 5400 ? formatUnit(Math.round(seconds / 60), "minute") : formatUnit(seconds / 3600, "hour");
};

// What the API says no with, in its own words.
class Refusal extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

class Upload {
  constructor(control, file) {
    this.control = control;
    this.file = file;
    this.memory = `upload:${control.draft}:${file.name}:${file.size}:${file.lastModified}`;
    this.stopped = new AbortController();
    this.sent = new Map(); // part number -> bytes that are there or on their way
    this.answered = new Set(); // numbers of the parts that the store has said yes to
    this.samples = [];
    this.row = control.addRow(file, () => this.stopped.abort());
  }

  async run() {
    this.say("begin");
    try {
      const known = (await this.recall()) ?? (await this.begin());
      await this.sendParts(known);
      await this.complete();
    } catch (error) {
      if (this.stopped.signal.aborted) this.say("stopped");
      else this.say("failed", { reason: error.message });
      this.stopped.abort(); // the other parts, too
      this.row.querySelector("[data-stop]").hidden = true;
    }
  }

  // The upload that this file began earlier, if the server still has it open.
  async recall() {
    const { address, answered } = JSON.parse(localStorage.getItem(this.memory) ?? "{}");
    if (!address) return null;
    try {
      const known = await this.ask("GET", address);
      if (known.state === "uploading") {
        // Of a part that broke off some stores keep half and say that it is whole: only both count.
        for (const number of known.upload.received) if (answered.includes(number)) this.answered.add(number);
        return known;
      }
    } catch (error) {
      if (error.status !== 404) throw error;
    }
    localStorage.removeItem(this.memory);
    return null;
  }

  begin() {
    const { name, size } = this.file;
    return this.ask("POST", this.control.api, { draft: this.control.draft, name, size_bytes: size });
  }

  remember() {
    const memory = { address: this.address, answered: [...this.answered] };
    localStorage.setItem(this.memory, JSON.stringify(memory));
  }

  async sendParts(known) {
    this.address = this.control.pathOf(known.url);
    const size = known.upload.part_size_bytes;
    this.remember();
    for (const number of this.answered) {
      this.sent.set(number, Math.min(size, this.file.size - (number - 1) * size));
    }
    this.sum = this.control.computeSum(this.file, this.stopped.signal);
    this.sum.catch(() => {}); // stopped before anybody waited for it
    const waiting = [];
    for (let number = 1; number <= known.upload.part_count; number += 1) {
      if (!this.sent.has(number)) waiting.push(number);
    }
    const signed = new Map();
    const work = async () => {
      while (waiting.length) {
        const number = waiting.shift();
        const ahead = [number, ...waiting.slice(0, SIGNED_AT_ONCE - 1)];
        await this.sendPart(number, signed, ahead);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
  }

  async sendPart(number, signed, ahead) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!signed.has(number)) {
          const numbers = attempt === 1 ? ahead : [number];
          const { parts } = await this.ask("POST", `${this.address}/parts`, { numbers });
          for (const part of parts) signed.set(part.number, part);
        }
        const part = signed.get(number);
        signed.delete(number); // an address that failed may have run out
        await this.put(part);
        this.answered.add(number);
        this.remember();
        return;
      } catch (error) {
        this.sent.delete(number);
        const isFinal = error instanceof Refusal && error.status < 500 && ![403, 408, 429].includes(error.status);
        if (this.stopped.signal.aborted || isFinal || attempt >= TRIES) throw error;
        if (!navigator.onLine) await this.waitForLine();
        await pause(Math.min(2 ** attempt / 2, LONGEST_PAUSE_S));
      }
    }
  }

  put(part) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch tells nothing of how far it is
      request.open("PUT", part.url);
      request.upload.onprogress = (event) => this.note(part.number, event.loaded);
      request.onload = () => {
        if (request.status < 300) {
          this.note(part.number, part.size_bytes);
          resolve();
        } else {
          reject(new Refusal(request.status, `${request.status} ${request.statusText}`));
        }
      };
      request.onerror = () => reject(new Error(this.control.words.line));
      request.onabort = request.onerror;
      this.stopped.signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(this.file.slice(part.offset, part.offset + part.size_bytes, "application/octet-stream"));
    });
  }

  async complete() {
    this.say("checking");
    this.row.querySelector("[data-stop]").hidden = true;
    const sha256 = await this.sum;
    let known = await this.ask("POST", `${this.address}/complete`, { sha256 });
    localStorage.removeItem(this.memory);
    while (known.state === "checking") {
      await pause(LOOK_AGAIN_S);
      known = await this.ask("GET", this.address);
    }
    await this.control.showRows(known);
    this.row.remove();
  }

  // Asks the API, again while the line is down; says no with its words.
  async ask(method, address, body) {
    for (let attempt = 1; ; attempt += 1) {
      let answer;
      try {
        answer = await fetch(address, {
          method,
          headers: { "Content-Type": "application/json", "X-CSRFToken": this.control.token },
          body: body && JSON.stringify(body),
          signal: this.stopped.signal,
          cache: "no-store",
        });
      } catch (error) {
        if (this.stopped.signal.aborted || attempt >= TRIES) throw error;
        if (!navigator.onLine) await this.waitForLine();
        await pause(Math.min(2 ** attempt / 2, LONGEST_PAUSE_S));
        continue;
      }
      if (answer.ok) return answer.json();
      const problem = await answer.json().catch(() => ({}));
      if (answer.status < 500 || attempt >= TRIES) {
        throw new Refusal(answer.status, problem.detail ?? problem.title ?? answer.statusText);
      }
      await pause(Math.min(2 ** attempt / 2, LONGEST_PAUSE_S));
    }
  }

  async waitForLine() {
    this.say("waiting");
    await new Promise((resolve) => {
      addEventListener("online", resolve, { once: true });
      this.stopped.signal.addEventListener("abort", resolve, { once: true });
    });
  }

  note(number, bytes) {
    this.sent.set(number, bytes);
    const now = performance.now() / 1000;
    const done = this.doneBytes();
    this.samples.push([now, done]);
    while (this.samples.length > 2 && now - this.samples[0][0] > SPEED_OVER_S) this.samples.shift();
    const [since, before] = this.samples[0];
    const speed = (done - before) / Math.max(now - since, 0.001);
    if (now - since < 1 || speed <= 0) return;
    const left = formatTime((this.file.size - done) / speed);
    this.say("going", { speed: formatSize(speed), left });
  }

  doneBytes() {
    return [...this.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  say(word, values = {}) {
    const share = Math.min(1, this.doneBytes() / this.file.size);
    this.row.querySelector("progress").value = share * 1000;
    const percent = Math.floor(share * 100);
    this.row.querySelector("[data-words]").textContent = this.control.sentence(word, { percent, ...values });
  }
}

class Control {
  constructor(element) {
    this.element = element;
    this.api = element.dataset.upload;
    this.draft = element.dataset.draft;
    this.form = element.querySelector("form[enctype]");
    this.input = this.form.querySelector("input[type=file]");
    this.token = this.form.elements.csrfmiddlewaretoken.value;
    this.words = {};
    for (const item of element.querySelector("[data-upload-words]").content.children) {
      this.words[item.dataset.word] = item.textContent;
    }
    this.queue = Promise.resolve(); // one file after another: its parts share the line already
    this.open = 0;
    this.input.multiple = true;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.take([...this.input.files]);
      this.input.value = "";
    });
    addEventListener("beforeunload", (event) => {
      if (this.open) event.preventDefault();
    });
  }

  take(files) {
    for (const file of files) {
      const upload = new Upload(this, file);
      const problem = file.size === 0 ? "empty" : file.size > Number(this.element.dataset.maxBytes) ? "large" : "";
      if (problem) {
        upload.say(problem);
        upload.row.querySelector("[data-stop]").hidden = true;
        continue;
      }
      this.open += 1;
      this.queue = this.queue.then(() => upload.run()).finally(() => { this.open -= 1; });
    }
  }

  addRow(file, stop) {
    const row = this.element.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("[data-size]").textContent = formatSize(file.size);
    row.querySelector("[data-stop]").addEventListener("click", stop);
    this.element.querySelector("[data-uploads]").append(row);
    return row;
  }

  sentence(word, values) {
    return this.words[word].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  // The API names itself by its public address; the page may be open under another one.
  pathOf(url) {
    return new URL(url).pathname;
  }

  computeSum(file, signal) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.element.dataset.sum);
      const end = (settle, value) => {
        worker.terminate();
        settle(value);
      };
      worker.onmessage = ({ data }) => end(resolve, data);
      // Without it the server's own sum is all there is; that is no reason to stop.
      worker.onerror = () => end(resolve, "");
      signal.addEventListener("abort", () => end(reject, signal.reason), { once: true });
      worker.postMessage(file);
    });
  }

  async showRows(known) {
    const answer = await fetch(this.element.dataset.rows, { cache: "no-store" });
    if (answer.ok) this.element.querySelector("[data-file-rows]").innerHTML = await answer.text();
    this.element.querySelector("[data-announce]").textContent = `${known.name}: ${this.words[known.state] ?? known.state}`;
    this.element.dispatchEvent(new CustomEvent("files:changed", { bubbles: true, detail: known }));
  }
}

for (const element of document.querySelectorAll("[data-upload]")) new Control(element);
