package io.atrous.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the frames and the answers of a world look like. */
interface ContractFormat {

  /** What an answer says it answers. */
  record Identity(String outcomeId, String attemptId) {}

  /** The value of a record of the frames. */
  byte[] frame(int partition, long sequence);

  /** Reads an answer of any topic. */
  Identity identity(ConsumerRecord<byte[], byte[]> answer);

  /** How many regions a mask has. */
  int regions(ConsumerRecord<byte[], byte[]> mask);
}
