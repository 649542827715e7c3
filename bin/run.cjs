#!/usr/bin/env node
const { loadProgram } = require('./loadProgram.cjs');

// CommonJS, because that starts sooner. What the bundle does not have is run from the files that it is made of.
const root = `${__dirname}/../dist/`;
const running = loadProgram(`${root}cli/program.cjs`).run(process.argv.slice(2), root);
if (running === undefined) import('./cli.js').then(({ runCli }) => runCli('dist'));
