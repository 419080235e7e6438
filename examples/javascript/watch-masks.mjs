/**
 * Reads masks from Kafka and says what is in them.
 *
 *     npm install
 *     node watch-masks.mjs --bootstrap kafka:9092 --registry http://registry:8081
 *
 * It reads committed masks only, which is kafkajs' default, and begins with the first that the topic has.
 */

import { parseArgs } from "node:util";
import avro from "avsc";
import { Kafka, logLevel } from "kafkajs";
import { decode } from "./atrous-masks.mjs";

const HEADER_BYTES = 5;

/** Reads records in Confluent's wire format: a zero byte, the schema's id, Avro binary. */
class EventReader {
  #registry;
  #types = new Map();

  constructor(registry) {
    this.#registry = registry.replace(/\/+$/, "");
  }

  async read(record) {
    if (record.length < HEADER_BYTES || record[0] !== 0) {
      throw new RangeError("the record is not in Confluent's wire format");
    }
    const type = await this.#type(record.readUInt32BE(1));
    return type.fromBuffer(record.subarray(HEADER_BYTES));
  }

  async #type(id) {
    let type = this.#types.get(id);
    if (!type) {
      const answer = await fetch(`${this.#registry}/schemas/ids/${id}`);
      if (!answer.ok) {
        throw new Error(`the registry has no schema ${id}: status ${answer.status}`);
      }
      type = avro.Type.forSchema(JSON.parse((await answer.json()).schema), { wrapUnions: false });
      this.#types.set(id, type);
    }
    return type;
  }
}

/** What a mask shows, the largest class first. */
function describe(event) {
  const labels = decode(event.encoding, event.labels, event.maskWidth, event.maskHeight);
  const pixels = new Map();
  for (const label of labels) {
    pixels.set(label, (pixels.get(label) ?? 0) + 1);
  }
  const names = new Map(event.classes.map((summary) => [summary.classId, summary.name]));
  const classes = [...pixels]
    .sort(([, a], [, b]) => b - a)
    .map(([label, count]) => `${names.get(label) ?? "no class"} ${Math.round((100 * count) / labels.length)} %`);
  // capturedAt is in microseconds, which a number holds exactly until the year 2255.
  const capturedAt = new Date(event.capturedAt / 1000).toISOString();
  // No region event comes for a frame with regionCount 0: this is the only word that nothing is there.
  return `${JSON.stringify(event.cameraId)} ${capturedAt}: ${event.regionCount} regions; ${classes.join(", ")}`;
}

const { values: options } = parseArgs({
  options: {
    bootstrap: { type: "string", default: "localhost:9092" },
    registry: { type: "string", default: "http://localhost:8081" },
    topic: { type: "string", default: "masks" },
    group: { type: "string", default: "watch-masks" },
    count: { type: "string" },
  },
});

const events = new EventReader(options.registry);
const kafka = new Kafka({ brokers: options.bootstrap.split(","), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: options.group });
let left = options.count === undefined ? Infinity : Number(options.count);

await consumer.connect();
await consumer.subscribe({ topic: options.topic, fromBeginning: true });
await new Promise((resolve, reject) => {
  process.once("SIGINT", resolve);
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  consumer.run({
    eachMessage: async ({ message }) => {
      if (left > 0) {
        console.log(describe(await events.read(message.value)));
        left--;
      }
      if (left === 0) {
        resolve();
      }
    },
  });
});
await consumer.disconnect();
