import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvcError } from '../../src/errors.js';
import { clockText, encodeClock, encodeDot, parseClock, parseDot } from '../../src/protocol/clockJson.js';
import { encodeError, errorOfBody } from '../../src/protocol/errorJson.js';
import { parseFaultsRequest, parseStepRequest } from '../../src/protocol/faultJson.js';
import { parseJson } from '../../src/protocol/json.js';
import { parseKey } from '../../src/protocol/keys.js';
import { parseNodeName, parseReplicaId } from '../../src/protocol/names.js';
import { keysCursor, parseKeysQuery } from '../../src/protocol/queries.js';
import {
  parseReplicateAnswer,
  parseReplicateRequest,
  replicateAnswerText,
  replicateRequestText,
} from '../../src/protocol/replicateJson.js';
import { parseBatchRequest, parseReadManyRequest, parseWriteRequest } from '../../src/protocol/requests.js';
import { decodeToken } from '../../src/protocol/sessionToken.js';
import { parseUpdate, updateText } from '../../src/protocol/updateJson.js';
import { decodeValue, encodeValue } from '../../src/protocol/valueJson.js';
import { bytes, key, message, replicaId, update, vector } from './arbitraries.js';

function viaJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('what is encoded is decoded to the same', () => {
  it('value', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(Buffer.from(decodeValue(viaJson(encodeValue(value)) as object))).toEqual(Buffer.from(value));
      }),
    );
  });

  it('version vector, by either encoder', () => {
    fc.assert(
      fc.property(vector, (clock) => {
        expect(parseClock(viaJson(encodeClock(clock)), 'clock')).toEqual(clock);
        expect(clockText(clock)).toBe(JSON.stringify(encodeClock(clock)));
      }),
    );
  });

  it('dot', () => {
    fc.assert(
      fc.property(replicaId, fc.integer({ min: 1 }), (replica, counter) => {
        expect(parseDot(viaJson(encodeDot({ replica, counter })), 'dot')).toEqual({ replica, counter });
      }),
    );
  });

  it('update', () => {
    fc.assert(
      fc.property(update, (made) => {
        expect(parseUpdate(parseJson(updateText(made)), 'update')).toEqual(made);
      }),
    );
  });

  it('replication message and answer', () => {
    fc.assert(
      fc.property(message, vector, fc.nat(), (sent, received, refused) => {
        expect(parseReplicateRequest(parseJson(replicateRequestText(sent)))).toEqual(sent);
        const { from, clock, unreached } = sent;
        const answer = { from, clock, received, refused, unreached };
        expect(parseReplicateAnswer(parseJson(replicateAnswerText(answer)))).toEqual(answer);
      }),
    );
  });

  it('cursor of a listing', () => {
    fc.assert(
      fc.property(key, (last) => {
        const query = new URLSearchParams({ cursor: keysCursor(last) });
        expect(parseKeysQuery(query).after).toBe(last);
      }),
    );
  });

  it('error', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (text, facts) => {
        const error = new KvcError('KVC_E_KEY_INVALID', text, facts);
        const body = viaJson(encodeError(error));
        const decoded = errorOfBody(body, 400);
        expect(decoded).toMatchObject({ code: 'KVC_E_KEY_INVALID', message: text });
        expect(viaJson(encodeError(decoded))).toEqual(body);
      }),
    );
  });
});

describe('whatever arrives, a parser answers or throws a KvcError', () => {
  const parsers: Record<string, (input: unknown) => unknown> = {
    parseNodeName,
    parseReplicaId,
    parseKey,
    parseWriteRequest,
    parseBatchRequest,
    parseReadManyRequest,
    parseReplicateRequest,
    parseReplicateAnswer,
    parseFaultsRequest,
    parseStepRequest,
    parseClock: (input) => parseClock(input, 'clock'),
    parseDot: (input) => parseDot(input, 'dot'),
    parseUpdate: (input) => parseUpdate(input, 'update'),
    decodeValue: (input) => decodeValue({ value: input, encoding: input }),
    parseJson: (input) => parseJson(textOf(input)),
    decodeToken: (input) => decodeToken(textOf(input)),
  };

  /** These two are given text by their types; an object may have no text at all. */
  function textOf(input: unknown): string {
    return typeof input === 'string' ? input : fc.stringify(input);
  }

  /** Anything at all, and messages that are right but for one place. */
  const arbitraryInput = fc.oneof(
    fc.anything(),
    fc.jsonValue(),
    fc.tuple(message, fc.nat(), fc.jsonValue()).map(([sent, place, wrong]) => {
      let places = 0;
      return JSON.parse(replicateRequestText(sent), (_, value: unknown) =>
        places++ === place % 30 ? wrong : value,
      ) as unknown;
    }),
  );

  it.each(Object.entries(parsers))('%s', (_, parse) => {
    fc.assert(
      fc.property(arbitraryInput, (input) => {
        try {
          parse(input);
        } catch (error) {
          expect(error).toBeInstanceOf(KvcError);
          expect((error as KvcError).message.length).toBeLessThan(1000);
        }
      }),
    );
  });
});
