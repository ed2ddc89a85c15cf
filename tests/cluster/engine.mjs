// Runs the engine's module on the input in a file, and prints what Result points to, as hexadecimal digits.
import fs from "fs";

const [code, given] = process.argv.slice(2).map((name) => fs.readFileSync(name));
const { memory, input, run } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
const place = input(given.length); // may give memory a new buffer
new Uint8Array(memory.buffer).set(given, place);
const address = run(1024);
const [, snapshots, snapshotsAt, changes, changesAt] = new BigInt64Array(memory.buffer, address, 5);
const bytes = (at, count) => Buffer.from(memory.buffer, Number(at), Number(count)).toString("hex");
console.log(bytes(snapshotsAt, snapshots * 160n) + bytes(changesAt, changes * 16n));
