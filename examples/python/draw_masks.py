#!/usr/bin/env python3
"""Reads masks from Kafka and draws each as a PNG, in colours, with its classes' names.

    pip install -r requirements.txt
    python3 draw_masks.py --bootstrap kafka:9092 --registry http://registry:8081 --out masks

It reads committed masks only, joins no group, and begins with the first that the topic has.
"""

import argparse
import colorsys
import io
import json
import pathlib
import re
import struct
import urllib.request

import fastavro
from confluent_kafka import Consumer, OFFSET_BEGINNING, TopicPartition
from PIL import Image

import atrous_masks


class EventReader:
    """Reads records in Confluent's wire format: a zero byte, the schema's id, Avro binary."""

    def __init__(self, registry):
        self.registry = registry.rstrip("/")
        self.schemas = {}

    def read(self, record):
        magic, schema_id = struct.unpack(">bI", record[:5])
        if magic != 0:
            raise ValueError("the record is not in Confluent's wire format")
        return fastavro.schemaless_reader(io.BytesIO(record[5:]), self.schema(schema_id), None)

    def schema(self, schema_id):
        if schema_id not in self.schemas:
            with urllib.request.urlopen(f"{self.registry}/schemas/ids/{schema_id}") as answer:
                self.schemas[schema_id] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
        return self.schemas[schema_id]


def palette():
    """A colour for each class: hues that lie far apart; no class is black."""
    colours = []
    for class_id in range(255):
        red, green, blue = colorsys.hsv_to_rgb(class_id * 0.618034 % 1, 0.65, 0.95)
        colours += [round(255 * red), round(255 * green), round(255 * blue)]
    return colours + [0, 0, 0]


def draw(mask):
    """The mask of a MaskEvent as a picture; its pixels are class indices, and its palette colours."""
    width, height = mask["maskWidth"], mask["maskHeight"]
    labels = atrous_masks.decode(mask["encoding"], mask["labels"], width, height)
    picture = Image.frombytes("P", (width, height), labels)
    picture.putpalette(palette())
    return picture


def consumer(bootstrap, topic):
    reader = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": "unused",  # the client asks for one; without subscribing or committing it isn't joined
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
    })
    partitions = reader.list_topics(topic, timeout=10).topics[topic].partitions
    reader.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    return reader


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--bootstrap", required=True, help="brokers, such as kafka:9092")
    arguments.add_argument("--registry", required=True, help="schema registry, such as http://registry:8081")
    arguments.add_argument("--topic", default="masks")
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path("masks"), help="folder of the pictures")
    arguments.add_argument("--count", type=int, help="how many masks to draw; default: all that come")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    events = EventReader(options.registry)
    reader = consumer(options.bootstrap, options.topic)
    drawn = 0
    try:
        while options.count is None or drawn < options.count:
            record = reader.poll(1)
            if record is None:
                continue
            if record.error():
                raise SystemExit(f"draw_masks: {record.error()}")
            mask = events.read(record.value())
            name = re.sub(r"[^A-Za-z0-9._-]", "_", mask["outcomeId"])
            draw(mask).save(options.out / f"{name}.png")
            drawn += 1
            classes = ", ".join(summary["name"] for summary in mask["classes"])
            # No region event comes for a frame with regionCount 0: this is the only word that nothing is there.
            print(f"{mask['cameraId']!r} {mask['capturedAt']}: {mask['regionCount']} regions; {classes!r}", flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        reader.close()


if __name__ == "__main__":
    main()
