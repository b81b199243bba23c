/** TFRecord files of tf.train.Example, plain or in gzip: what TensorFlow pipelines read and write. In: a stream. Out: rows; and back. */
import { z } from "zod";
import { hasExtension } from "./extension";
import type { TableFormat } from "./format";
import { readTfRecord } from "./tfrecord/read";
import { startsWithRecord } from "./tfrecord/records";
import { tfRecordWriter } from "./tfrecord/write";

const EXTENSIONS = ["tfrecord", "tfrecords"];

export const tfrecord: TableFormat = {
  id: "tfrecord",
  label: "TFRecord",
  summary: "Records of tf.train.Example, each with its checksums.",
  extensions: EXTENSIONS,
  mediaType: "application/octet-stream",
  settings: z.object({}),
  // A checksum of eight bytes that fits is no accident; a damaged file is known by its name alone.
  detect: (head, name) => (startsWithRecord(head) ? 1 : head.length > 0 && hasExtension(name, EXTENSIONS) ? 0.6 : 0),
  read: readTfRecord,
  write: tfRecordWriter,
};
