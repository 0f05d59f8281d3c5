export type { Clock, ContractVersion } from "./contract.ts";
export type { DelegationRow } from "./delegations.ts";
export { type Emulator, startEmulator } from "./emulator.ts";
export type { EmulatorEvent, EmulatorEventBody } from "./events.ts";
export type { Fault, FaultEvent, FaultScope } from "./faults.ts";
export type { RateLimit } from "./guards/rate-limit.ts";
export type { DeliveryMode, Status } from "./liveness.ts";
export type { EmulatorOptions } from "./options.ts";
export type {
  RecordedAuthorization,
  RecordedHeaders,
  RecordedRequest,
  RequestOutcome,
} from "./recorded-request.ts";
export type { WorkspaceView } from "./view.ts";
export { workspaceId } from "./workspace-id.ts";
