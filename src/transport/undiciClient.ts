/** A module of its own to be loaded on demand: bundled, undici itself would show no names to an `import()`. */
export { Client } from 'undici';
