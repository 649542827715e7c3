import { spawn } from 'node:child_process';

/*
 * Runs a program of somebody else's and ends with it, and ends it with the benchmark, however that ends: the program itself
 * would outlive it. Run: guard.js PROGRAM ARGUMENT... The program's output is the guard's. Tells {pid} over IPC, or {problem}.
 */

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });

child.on('spawn', () => process.send({ pid: child.pid }));
child.on('error', ({ message }) => {
  process.send({ problem: message }, () => process.exit(1));
});
child.on('exit', (code) => process.exit(code ?? 1));
process.on('disconnect', () => child.kill('SIGKILL'));
// Ctrl-C reaches all of a terminal; the benchmark says when it is over.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
