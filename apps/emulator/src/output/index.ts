export { logfmt } from "./logfmt.ts";
export { type DroppedText, ProcessOutput } from "./process-output.ts";
export {
  describeDropped,
  dropWhatIsNotRead,
  type ProcessOutputs,
  takeOverOutput,
} from "./process-outputs.ts";
