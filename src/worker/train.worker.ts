/** The train worker: the device, the loop, checkpoints, generation. Speaks TrainBackend. */
import { expose } from "comlink";
import { createTrainBackend } from "./trainBackend";

expose(createTrainBackend());
