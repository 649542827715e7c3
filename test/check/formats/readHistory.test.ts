import { describe, expect, it } from 'vitest';
import { readText, refusal } from './readText.js';

const line = '{"session":"s","type":"write","key":"a","value":"é","status":"ok"}';

describe('a file', () => {
  it.each([
    [line, 'ndjson'],
    [`\n\n  ${line}`, 'ndjson'],
    ['{"key":"process","session":"s","type":"delete","status":"ok"}', 'ndjson'],
    ['{:type :ok, :f :txn, :process 0, :value [[:w :x 1]]}', 'elle'],
    ['; a comment\n[{:process 0, :type :ok, :f :write, :value 1}]', 'elle'],
    ['#jepsen.history.Op{:process 0, :type :ok, :f :write, :value 1}', 'elle'],
    ['({:process 0 :type :ok :f :write :value 1})', 'elle'],
    ['{"process":0,"type":"ok","f":"write","value":1}', 'elle'],
    ['[\n  {\n  "type":"ok","f":"write","value":1,"process":0}]', 'elle'],
    ['{\n  "type":"ok","f":"write","value":1,\n"process":0}', 'elle'],
    ['w(1,2,3,4)', 'plume'],
    ['\n r(1,0,3,4)\n', 'plume'],
  ])('is recognised by how it begins: %j', async (text, format) => {
    const imported = await readText(text);
    expect([imported.format, imported.history.length]).toEqual([format, 1]);
  });

  it.each([
    ['hello there', 'line 1: the text begins with "hello there", as none of the formats does'],
    ['"text"', 'as none of the formats does'],
    ['{', 'line 1: the text begins with "{"'],
    ['', 'the history is empty'],
    [' \n\n', 'the history is empty'],
    [`[${line}]`, 'line 1: an operation must be an object {...}, received an array of 1'],
    ['[]', 'the text begins with "[]"'],
    [`${line}\n\0\0`, 'line 2: not UTF-8 text'],
    [Buffer.from([0x7f, 0x45, 0xff, 0xfe]), 'line 1: not UTF-8 text'],
    [Buffer.from(line).subarray(0, -22), 'line 1: not'],
  ])('that is no history is refused: %j', async (text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  it('is read as what the caller says that it is', async () => {
    expect(await refusal(line, 'plume')).toContain('line 1: expected r(key,value,session,txn)');
    expect(await refusal('w(1,1,1,1)', 'ndjson')).toContain('line 1: not JSON');
    expect(await refusal('', 'elle')).toContain('the history is empty');
  });

  it('of 100,000 operations is no problem', async () => {
    const lines = Array.from({ length: 100_000 }, (_none, index) =>
      JSON.stringify({
        session: `s${index % 50}`,
        type: 'write',
        key: `k${index % 97}`,
        value: index,
        status: 'ok',
      }),
    );
    const { history } = await readText(lines.join('\n'), undefined, 65_536);
    expect([history.length, history.at(-1)?.line]).toEqual([100_000, 100_000]);
  });
});
