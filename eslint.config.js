import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** The core is a pure function of its inputs: time, chance and I/O reach it as arguments only. */
const timeAndChance = [
  'Date',
  'performance',
  'process',
  'console',
  'fetch',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
];
const impureGlobals = [...timeAndChance, 'queueMicrotask', 'Buffer'].map((name) => ({
  name,
  message: 'src/core is pure: pass it in (DESIGN: pure core, I/O at the edge).',
}));

/** What runs in the simulator, too, gets its time, chance, files and network from its surroundings. */
const surroundingGlobals = timeAndChance.map((name) => ({
  name,
  message: 'src/driver and src/simulate run in virtual time: take it from the surroundings.',
}));

const noMathRandom = [
  'error',
  { object: 'Math', property: 'random', message: 'Pass a seeded generator in.' },
];

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'bench/results'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals],
      'no-restricted-properties': noMathRandom,
    },
  },
  {
    files: ['src/driver/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...surroundingGlobals],
      'no-restricted-properties': noMathRandom,
      'no-restricted-imports': [
        'error',
        { patterns: ['node:fs*', 'node:timers*', 'node:crypto', 'node:http*'] },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', fetch: 'readonly' },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', Buffer: 'readonly', __dirname: 'readonly' } },
  },
  prettier,
);
