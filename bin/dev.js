#!/usr/bin/env node
import { settings } from '@oclif/core/settings';
import { register } from 'tsx/esm/api';
import { runCli } from './cli.js';

register();
// tsx does it; oclif would look for ts-node.
settings.enableAutoTranspile = false;
await runCli('src');
