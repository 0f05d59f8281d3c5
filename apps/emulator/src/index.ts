export type { Clock, ContractVersion } from "./contract.ts";
export type { DelegationRow } from "./delegations.ts";
export { type Emulator, type EmulatorOptions, type RotateOptions, startEmulator } from "./emulator.ts";
export type { EmulatorEvent } from "./events.ts";
export type { Fault, FaultScope } from "./faults.ts";
export type { RateLimit } from "./guards/rate-limit.ts";
export type { DeliveryMode, Status } from "./liveness.ts";
export type { RecordedAuthorization, RecordedHeaders, RecordedRequest } from "./recorder.ts";
export type { WorkspaceView } from "./view.ts";
