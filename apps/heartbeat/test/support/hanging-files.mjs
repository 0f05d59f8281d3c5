import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * For `--import`: while there is a pipe beside a file, `<file>.hangs`, the file's status hangs as on a disk that does
 * not answer. Opening a pipe without a writer blocks the calling thread: this one, or one of the thread pool.
 */
const hangs = (path) => (fs.existsSync(`${path}.hangs`) ? `${path}.hangs` : null);

const { stat } = fs.promises;
const { statSync } = fs;
fs.promises.stat = (path, options) => {
  const pipe = hangs(path);
  return pipe === null ? stat(path, options) : fs.promises.open(pipe).then(() => stat(path, options));
};
fs.statSync = (path, options) => {
  const pipe = hangs(path);
  if (pipe !== null) fs.openSync(pipe, "r");
  return statSync(path, options);
};
syncBuiltinESMExports();
