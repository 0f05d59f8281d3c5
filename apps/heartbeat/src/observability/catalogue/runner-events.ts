import { type EventGroup, NOTHING } from "./event-kind.ts";

export const runnerEvents = {
  title: "The runner",
  events: {
    STARTED: {
      levels: ["info"],
      what: "the runner started; the line gives the number of workspaces and the platform",
      fix: NOTHING,
    },
    STOPPING: {
      levels: ["info"],
      what: "after SIGTERM or Ctrl-C, the end of the command, or `REJECTED_AT_START`; requests in flight finish first",
      fix: NOTHING,
    },
    STOPPED: {
      levels: ["info"],
      what: "the runner stopped, with every token it received stored",
      fix: NOTHING,
    },
    REJECTED_AT_START: {
      levels: ["error"],
      what: "the platform rejects the only workspace's token at the start (exit code 3)",
      fix: "store the right token, or start with `--wait-for-token`",
    },
    STATUS_SERVED: { levels: ["info"], what: "the address of the status port", fix: NOTHING },
    CONFIG_RELOADED: { levels: ["info"], what: "a changed list or agent card was applied", fix: NOTHING },
    CONFIG_REJECTED: {
      levels: ["error"],
      what: "a changed file is invalid; the previous configuration stays in effect",
      fix: "correct the file; it is read again when it changes or becomes readable",
    },
    CONFIG_IGNORED: {
      levels: ["warn"],
      what: "an unknown key of the list or of the agent card",
      fix: "use the key that the line names, or remove it",
    },
    WORKSPACE_ID_NOT_UUID: {
      levels: ["warn"],
      what: "the platform accepts only UUIDs; the line lists ids that are not",
      fix: "use the ids that the platform shows",
    },
    PROXY_USED: { levels: ["info"], what: "the proxy used for a platform", fix: NOTHING },
    PLAIN_HTTP: {
      levels: ["warn"],
      what: "the URL of a platform on another machine is http",
      fix: "use https: anyone on the path can read the token",
    },
    CERTIFICATES_NOT_CHECKED: {
      levels: ["warn"],
      what: "`NODE_TLS_REJECT_UNAUTHORIZED` is 0, so any server is taken for the platform",
      fix: "unset it, and name the platform's authority in `NODE_EXTRA_CA_CERTS`",
    },
    CLOCK_SKEW: {
      levels: ["warn"],
      what: "this machine's clock and the platform's differ by more than 5 minutes; repeats every hour",
      fix: "set the clock, for example with NTP",
    },
    SECOND_RUNNER: {
      levels: ["warn"],
      what: "another runner uses the same configs directory",
      fix: "stop one of them, or [give it its own directory](troubleshooting.md#another-runner-uses-the-same-directory)",
    },
    LOG_LINES_DROPPED: {
      levels: ["warn"],
      what: "this many lines were dropped, because nothing read them or the disk was full",
      fix: "check the log's reader and its disk",
    },
    DISK_HANGS: {
      levels: ["error"],
      what: "a disk does not answer, so the process kills itself (status 137)",
      fix: "[fix the disk or mount](troubleshooting.md#the-disk-does-not-answer)",
    },
    SYSTEMD_NOTIFY_FAILED: {
      levels: ["warn"],
      what: "`NOTIFY_SOCKET` is set, but `systemd-notify` cannot be run, so systemd is not notified",
      fix: "install `systemd-notify`, or use `Type=exec` without `WatchdogSec=`",
    },
  },
} as const satisfies EventGroup;

export const besideEvents = {
  title: "Commands, proxies and the library",
  events: {
    COMMAND_STARTED: {
      levels: ["info"],
      what: "the command of `run -- <command>` started; the line gives its process id",
      fix: NOTHING,
    },
    COMMAND_ENDED: {
      levels: ["info", "error"],
      what: "the command ended; the line says how, and when it is restarted",
      fix: "at `error`, check the command's output",
    },
    TOKEN_COPY_FAILED: {
      levels: ["warn"],
      what: "the file with the command's copy of the token cannot be written",
      fix: "make the directory that the line names writable; the socket next to it still works",
    },
    PROXY_OPENED: {
      levels: ["info"],
      what: "the address at which requests of other programs are signed",
      fix: NOTHING,
    },
    EVENT_LOOP_BLOCKED: {
      levels: ["warn"],
      what: "`startWorkspace({ thread: true })`: how long the agent's event loop was blocked",
      fix: "move long work off the main thread",
    },
    THREAD_FAILED: {
      levels: ["error"],
      what: "`startWorkspace({ thread: true })`: the thread ended, and nothing is sent any more",
      fix: "start the workspace again, and report a bug",
    },
  },
} as const satisfies EventGroup;
