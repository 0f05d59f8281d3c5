import type { CardMessage } from "../src/dashboard/messages.ts";

/** A past time's age, in the largest suitable unit. */
export function ago(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 1) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** A share as a percentage; a positive share is never shown as 0. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "<1 %";
  return `${Math.round(share * 100)} %`;
}

/** Milliseconds for people: about three digits. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** An integer with thousands separators. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** The time of day in the viewer's time zone. */
export function timeOfDay(at: number): string {
  // Formatting with a locale is a hundred times slower, and the page has hundreds of times.
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

const twoDigits = (value: number) => String(value).padStart(2, "0");

/** A status for people: `awaiting agent`. */
export const statusText = (status: string): string => status.replaceAll("_", " ");

/** The first characters of a workspace's newest token, and the number of other live ones. */
export function tokenText({
  tokenPrefix,
  liveTokens,
}: Pick<CardMessage, "tokenPrefix" | "liveTokens">): string {
  if (tokenPrefix === null) return "none";
  return liveTokens > 1 ? `${tokenPrefix}… +${liveTokens - 1}` : `${tokenPrefix}…`;
}
