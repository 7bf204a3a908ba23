// What the test programs know of the gateway: its address and three keys, from the environment.

function required(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name}: absent (expected: set by the test that runs this program)`);
  }
  return value;
}

export const gateway = required('TOLLGATE_TEST_URL');

/** No budget applies to it. */
export const freeKey = required('TOLLGATE_TEST_FREE_KEY');

/** Good for one request a day. */
export const onceKey = required('TOLLGATE_TEST_ONCE_KEY');

/** Good for one request at a time. */
export const singleKey = required('TOLLGATE_TEST_SINGLE_KEY');

/** A `fetch` that keeps the answers' heads, and tells `watch` of each. */
export function recordingFetch(watch = () => {}) {
  const responses = [];
  const recording = async (input, init) => {
    const response = await fetch(input, init);
    responses.push(response);
    watch(response);
    return response;
  };
  return { fetch: recording, responses };
}

/** All of an async iterable, which newer versions of Node can do by `Array.fromAsync`. */
export async function gathered(iterable) {
  const all = [];
  for await (const one of iterable) {
    all.push(one);
  }
  return all;
}
