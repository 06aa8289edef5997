// The clock and the news of a page, by the server's time. Without it the page is whole, only still.
//
// #live says where to ask (data-changes), what the page shows (data-mark), what to say after a change (data-says)
// and when no more can be learned (data-stale); data-page is the page's own address where it has another. After a
// change the same page is fetched, and each [data-part] that reads otherwise takes the place of its like; what only
// counts the time down [data-passes] is no news. What somebody types stays, and the focus where it is; a form
// [data-stays] stays itself, as long as it can be filled in and pressed as before. A link [data-includes] shows in
// place what this page leaves out. Nothing changes while a passkey is asked. [data-opens] is a pause: until then the
// button [data-waits] stays shut, as the server would have it anyway.

const WAIT = 25;
const GRACE = 1000;
const MINUTE = 60_000;

let ahead = null; // the server's clock less this page's own, which no change of the computer's time moves
let shownBefore = null;

const live = () => document.getElementById('live');
const clock = () => document.querySelector('[data-until]');
const serverTime = () => performance.now() + ahead;

function say(id, text) {
  const place = document.getElementById(id) ?? document.getElementById('told');
  if (place && place.textContent !== text) place.textContent = text;
}

/** What changed; told again where it reads as it did before. */
function tell(text) {
  const place = document.getElementById('said') ?? document.getElementById('told');
  if (place) place.textContent = place.textContent === text ? text + '\u00a0' : text;
}

/** The form for which a passkey is asked. */
const busy = () => document.querySelector('form[aria-busy]');

function close(part) {
  for (const sentence of part.querySelectorAll('[data-closed]')) sentence.hidden = false;
  for (const pause of part.querySelectorAll('[data-opens]')) pause.remove();
  for (const button of part.querySelectorAll('button')) button.disabled = true;
}

function spelt(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return (hours ? hours + ':' + two(minutes) : minutes) + ':' + two(seconds % 60);
}

function tick() {
  const face = clock();
  if (!face || ahead === null) return;
  const left = Number(face.dataset.until) - serverTime();
  if (left <= 0) {
    face.textContent = face.dataset.passed;
    const answer = document.querySelector('[data-part="answer"]');
    if (answer && !busy()) close(answer);
    say('said', face.dataset.passed);
  } else if (left < 48 * 60 * MINUTE) {
    face.textContent = face.dataset.left.replace('%', spelt(left));
    face.classList.toggle('soon', left < 5 * MINUTE);
    const crossed = (mark) => shownBefore !== null && shownBefore > mark && left <= mark;
    if (crossed(MINUTE)) say('told', face.dataset.one);
    else if (crossed(5 * MINUTE)) say('told', face.dataset.five);
  }
  shownBefore = left;
  rest();
}

/** Holds an approval back for the time of a pause. */
function rest() {
  const pause = document.querySelector('[data-opens]');
  const button = document.querySelector('[data-waits]');
  if (!pause || !button) return;
  const left = Number(pause.dataset.opens) - serverTime();
  button.disabled = left > 0;
  if (left > 0) {
    pause.lastElementChild.textContent = pause.dataset.left.replace('%', Math.ceil(left / 1000));
    return;
  }
  pause.textContent = pause.dataset.open;
  say('told', pause.dataset.open);
  delete pause.dataset.opens;
}

async function sight(wait) {
  const place = live();
  const address = place.dataset.changes + '&mark=' + encodeURIComponent(place.dataset.mark) + '&wait=' + wait;
  const answer = await fetch(address, { headers: { 'Countersign-By-Itself': '1' }, redirect: 'error' });
  if (answer.status === 401 || answer.status === 404) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  const seen = await answer.json();
  ahead = seen.now - performance.now();
  return seen;
}

const own = () => live().dataset.page ?? location.pathname + location.search;

/** The same page as it is now; `pressed` where somebody asked to see it. */
function fetched(pressed = false) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', own());
    request.responseType = 'document';
    if (!pressed) request.setRequestHeader('Countersign-By-Itself', '1');
    request.onload = () => {
      const page = request.response;
      if (request.status === 200 && page && page.getElementById('live')) resolve(page);
      else reject(new Error(String(request.status)));
    };
    request.onerror = () => reject(new Error('away'));
    request.send();
  });
}

/** The parts as the server wrote them: somebody may have unfolded or filled in what is shown. */
const parts = new Map();

function written(part) {
  const copy = part.cloneNode(true);
  for (const each of copy.querySelectorAll('[data-passes]')) each.remove();
  return copy;
}

/** Somebody else signed in meanwhile: their words and their token have no place under this person's name. */
function leave() {
  delete live().dataset.changes;
  for (const part of document.querySelectorAll('[data-part]')) close(part);
  const place = document.getElementById('said') ?? document.getElementById('told');
  place.className = 'said'; // where news are only heard, this is seen
  place.textContent = document.body.dataset.another;
}

function renew(page) {
  if (page.body.dataset.reader !== document.body.dataset.reader) {
    leave();
    return;
  }
  const fresh = page.getElementById('live');
  const stood = places();
  let changed = false;
  for (const old of document.querySelectorAll('[data-part]')) {
    const name = old.dataset.part;
    const next = fresh.querySelector('[data-part="' + name + '"]');
    const text = next && written(next);
    if (!next || parts.get(name).isEqualNode(text)) continue;
    parts.set(name, text);
    changed = true;
    // An answer that came too late to give stays to be read, and can't be given.
    if (old.querySelector('[data-stays]') && !next.querySelector('form')) close(old);
    else replace(old, document.adoptNode(next));
  }
  // What a ticket's page says is how it stands: not each part that is another is news.
  const news = 'stands' in fresh.dataset ? fresh.dataset.says !== live().dataset.says : changed;
  if (!fresh.dataset.changes) delete live().dataset.changes;
  Object.assign(live().dataset, fresh.dataset);
  document.title = page.title;
  if (news) tell(fresh.dataset.says);
  tick();
  guard(stood);
}

function replace(old, next) {
  const form = old.querySelector('[data-stays]');
  const other = next.querySelector('[data-stays]');
  if (form && names(form) === names(other)) {
    keep(form, other);
    return;
  }
  const folds = (part) => [...part.querySelectorAll('details')].map((each, i) => [each.id || i, each]);
  const unfolded = new Map(folds(old));
  for (const [name, each] of folds(next)) each.open = unfolded.get(name)?.open ?? each.open;
  for (const each of old.querySelectorAll('input[id]:not([type="hidden"]), textarea[id]')) {
    const mine = next.querySelector('#' + CSS.escape(each.id));
    if (mine && each.type === 'checkbox') mine.checked = each.checked;
    else if (mine) mine.value = each.value;
  }
  explain(old, next);
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const focus = active && key(old, active);
  const from = active?.selectionStart ?? null;
  const to = active?.selectionEnd ?? null;
  old.replaceWith(next);
  if (focus) {
    const again = [...next.querySelectorAll(FOCUSABLE)].find((each) => key(next, each) === focus);
    (again ?? document.getElementById('content')).focus({ preventScroll: true });
    if (again && from !== null) again.setSelectionRange(from, to);
  }
}

/** Why an answer to one of several was not taken stays to be read until that one is another. */
function explain(old, next) {
  for (const mine of old.querySelectorAll('[data-member]')) {
    const its = next.querySelector('[data-member="' + mine.dataset.member + '"]');
    if (its?.dataset.version !== mine.dataset.version) continue;
    for (const refused of mine.querySelectorAll('[data-refused]')) {
      refused.removeAttribute('role'); // it was said
      its.querySelector('header').after(refused);
    }
    for (const wrong of mine.querySelectorAll('[aria-invalid]')) {
      const field = its.querySelector('#' + CSS.escape(wrong.id));
      const why = mine.querySelector('#' + CSS.escape(wrong.getAttribute('aria-describedby')));
      if (!field) continue;
      field.setAttribute('aria-invalid', 'true');
      field.setAttribute('aria-describedby', why.id);
      field.after(why);
    }
  }
}

/** The form that somebody is filling in stays; it, and what stands around it, speaks of what is shown now. */
function keep(form, other) {
  for (const each of other.elements) {
    const mine = each.type === 'submit'
      ? [...form.elements].find((button) => button.type === 'submit' && button.value === each.value)
      : form.elements.namedItem(each.name);
    if (each.type === 'submit' && mine) {
      mine.disabled = each.disabled;
      mine.toggleAttribute('data-waits', each.hasAttribute('data-waits'));
    } else if (each.type === 'hidden' && mine instanceof HTMLInputElement) {
      mine.value = each.value;
    }
  }
  while (form.previousSibling) form.previousSibling.remove();
  while (other.previousSibling) form.parentNode.insertBefore(other.previousSibling, form.parentNode.firstChild);
}

/** Where each button stands, by what it does; one of several that do the same by which of them it is. */
function places() {
  const found = new Map();
  for (const button of live().querySelectorAll('form button')) {
    const { left, top } = button.getBoundingClientRect();
    let name = key(live(), button);
    while (found.has(name)) name += ' again';
    found.set(name, { form: button.form, at: Math.round(left) + ' ' + Math.round(top) });
  }
  return found;
}

const moved = new Map(); // until when a button takes nothing

/** Who presses a button in the very moment in which it came or moved meant what stood there before. */
function guard(stood) {
  const now = performance.now();
  for (const [name, { form, at }] of places()) {
    if (stood.get(name)?.at !== at) moved.set(name, now + GRACE);
    const until = moved.get(name) ?? 0;
    if (until <= now) {
      moved.delete(name);
      continue;
    }
    // Noted by name, as the form may be replaced meanwhile.
    form.dataset.moved = Math.max(until, Number(form.dataset.moved ?? 0));
    setTimeout(() => { if (Number(form.dataset.moved) === until) delete form.dataset.moved; }, until - now);
  }
}

document.addEventListener('submit', (event) => {
  if ('moved' in event.target.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    tell(live().dataset.says);
  }
}, true);

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-includes]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  include(link.getAttribute('href')).catch(() => { location.assign(link.href); });
});

async function include(address) {
  live().dataset.page = address;
  const page = await fetched(true);
  await untouched();
  renew(page);
}

const FOCUSABLE = 'a, button, input, textarea, select, summary';

function key(part, element) {
  // A button by what it does: the one that stands in its place may do the same to another.
  return element.id || element.getAttribute('href')
    || (element.form ? element.form.getAttribute('action') + ' ' + element.name + '=' + element.value : '')
    || element.parentElement.id
    || element.tagName + [...part.querySelectorAll(FOCUSABLE)].indexOf(element);
}

/** What somebody can fill in and press, and where it is signed; what is hidden comes and goes with a passkey. */
function names(form) {
  return form
    ? (form.dataset.passkey ?? '') + ' ' + [...form.elements].filter((each) => each.type !== 'hidden').map((each) => each.name + '=' + each.type).join()
    : '';
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** When somebody can see the page. */
function visible() {
  return document.hidden
    ? new Promise((resolve) => { document.addEventListener('visibilitychange', resolve, { once: true }); }).then(visible)
    : Promise.resolve();
}

/** When no passkey is asked: what is being signed stays as it is. */
function untouched() {
  const form = busy();
  return form
    ? new Promise((resolve) => { form.addEventListener('passkeyover', resolve, { once: true }); }).then(untouched)
    : Promise.resolve();
}

async function follow() {
  let wait = 0;
  let failures = 0;
  while (live().dataset.changes) {
    await visible();
    try {
      const seen = await sight(wait);
      if (!seen) {
        say('said', live().dataset.stale);
        return;
      }
      if (seen.mark !== live().dataset.mark) {
        await visible();
        const address = own();
        const page = await fetched();
        await untouched();
        // What somebody asked to see meanwhile is another page.
        if (address === own()) renew(page);
      }
      wait = WAIT;
      failures = 0;
    } catch {
      wait = 0;
      failures += 1;
      await pause(Math.min(1000 * 2 ** failures, 30_000));
    }
  }
}

if (live()) {
  for (const each of document.querySelectorAll('[data-part]')) parts.set(each.dataset.part, written(each));
  const face = clock();
  if (face) {
    // The server wrote its time as the answer began; the first sight makes it exact.
    const begun = performance.getEntriesByType('navigation')[0]?.responseStart ?? 0;
    ahead = Number(face.dataset.now) - begun;
  }
  tick();
  setInterval(tick, 1000);
  document.addEventListener('visibilitychange', tick);
  follow();
}
