// Opens pages in Chromium over the DevTools protocol and prints, as JSON, what it saw: console messages, requests, and
// the findings of axe-core. Needs nothing but Node; the path of axe.min.js is an argument.
//
// node run.mjs CHROMIUM AXE WIDTH SCHEME PAGE…
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [chromium, axePath, width, scheme, ...pages] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "sociable-chromium-"));
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank",
];
const browser = spawn(chromium, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const [, , , toBrowser, fromBrowser] = browser.stdio;
const waiting = new Map();
const listeners = [];
let buffer = "";
let lastId = 0;
fromBrowser.on("data", (chunk) => {
  buffer += chunk;
  for (let end = buffer.indexOf("\0"); end >= 0; end = buffer.indexOf("\0")) {
    const message = JSON.parse(buffer.slice(0, end));
    buffer = buffer.slice(end + 1);
    if (message.id) {
      const { resolve, reject } = waiting.get(message.id);
      waiting.delete(message.id);
      message.error ? reject(new Error(message.error.message)) : resolve(message.result);
    } else {
      listeners.forEach((listener) => listener(message));
    }
  }
});

function send(method, params = {}, sessionId) {
  lastId += 1;
  const id = lastId;
  toBrowser.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

function once(method, sessionId) {
  return new Promise((resolve) => {
    const listener = (message) => {
      if (message.method === method && message.sessionId === sessionId) {
        listeners.splice(listeners.indexOf(listener), 1);
        resolve(message.params);
      }
    };
    listeners.push(listener);
  });
}

async function open(page) {
  const url = pathToFileURL(page).href;
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const seen = { page, console: [], requests: [], dialogs: 0 };
  listeners.push(({ method, params, sessionId: own }) => {
    if (own !== sessionId) return;
    if (method === "Runtime.consoleAPICalled") seen.console.push(params.args.map((arg) => arg.value).join(" "));
    if (method === "Runtime.exceptionThrown") seen.console.push(params.exceptionDetails.text);
    if (method === "Log.entryAdded") seen.console.push(params.entry.text);
    if (method === "Page.javascriptDialogOpening") seen.dialogs += 1;
    // The page itself and what it holds are no requests to anywhere.
    if (method === "Network.requestWillBeSent" && params.request.url !== url && !params.request.url.startsWith("data:")) {
      seen.requests.push(params.request.url);
    }
  });
  for (const domain of ["Runtime", "Log", "Network", "Page"]) await send(`${domain}.enable`, {}, sessionId);
  await send("Emulation.setDeviceMetricsOverride",
    { width: Number(width), height: 900, deviceScaleFactor: 1, mobile: false }, sessionId);
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] }, sessionId);
  const loaded = once("Page.loadEventFired", sessionId);
  await send("Page.navigate", { url }, sessionId);
  await loaded;
  const evaluate = async (expression) => {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", params, sessionId);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  seen.overflow = await evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  seen.rates = await evaluate(`[...document.querySelectorAll("tr[data-tag]")].map((row) => [
    row.dataset.tag, row.children[1].textContent, row.children[2].textContent,
    row.querySelector("data").value, row.querySelectorAll("data")[1].value])`);
  seen.scripts = await evaluate("document.querySelectorAll('script, iframe, object, embed, img, [onclick], [onerror], [onload]').length");
  // What the page says is complete; axe is put in afterwards, from outside, past its content security policy.
  seen.consoleBeforeAxe = [...seen.console];
  await evaluate(readFileSync(axePath, "utf8"));
  const found = await evaluate("axe.run(document, { resultTypes: ['violations'] })");
  seen.violations = found.violations.map(({ id, impact, nodes }) =>
    ({ id, impact, count: nodes.length, first: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary }));
  seen.passes = found.passes.length;
  return seen;
}

try {
  const results = [];
  for (const page of pages) results.push(await open(page));
  console.log(JSON.stringify(results));
} finally {
  await send("Browser.close").catch(() => {});
  browser.kill();
  await new Promise((resolve) => browser.once("exit", resolve));
  // Its children may still be writing there for a moment, also while the folder is emptied: rmSync's own retries do not
  // look for new files.
  for (let left = 20; left >= 0; left -= 1) {
    try {
      rmSync(profile, { recursive: true, force: true });
      break;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
