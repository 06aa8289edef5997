// Has a form signed by a passkey before it is sent. Without this script, or without a passkey, a form is what it
// always was: the server decides what it is worth.
//
//   <form data-passkey="URL">         whenever it came: when a button of it is pressed, its fields are posted to URL, which answers
//                                     {"ceremony": ID, "publicKey": OPTIONS} or a problem (RFC 9457); the passkey is
//                                     asked, and the form goes out with two more fields, `ceremony` and `assertion`
//                                     (JSON). OPTIONS with `user` make a passkey instead of using one. While the
//                                     passkey is asked the form is `aria-busy`, and `passkeyover` says that it is no
//                                     more: what was signed must not change meanwhile
//   <button data-passkey-optional>    when the passkey gives nothing, pressing it once more sends the form without
//   [data-passkey-notice]             where the form says what went wrong
//   [data-passkey-says="NAME"]        hidden sentences, in the reader's language: cancelled, optional, unsupported,
//                                     unreachable

const decode = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), char => char.charCodeAt(0));

const encode = buffer =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

const descriptors = list => (list ?? []).map(each => ({ ...each, id: decode(each.id) }));

/** Asks the passkey; gives the credential as JSON (WebAuthn §5.1). */
async function ask(publicKey) {
  const options = { ...publicKey, challenge: decode(publicKey.challenge) };
  let credential;
  if (publicKey.user) {
    options.user = { ...publicKey.user, id: decode(publicKey.user.id) };
    options.excludeCredentials = descriptors(publicKey.excludeCredentials);
    credential = await navigator.credentials.create({ publicKey: options });
  } else {
    options.allowCredentials = descriptors(publicKey.allowCredentials);
    credential = await navigator.credentials.get({ publicKey: options });
  }
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) {
      response[name] = encode(credential.response[name]);
    }
  }
  return JSON.stringify({ id: credential.id, rawId: encode(credential.rawId), type: credential.type, response });
}

/** What went wrong, in a sentence for the person. */
class Told extends Error {}

async function begin(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  let answer;
  try {
    answer = await fetch(form.dataset.passkey, { method: 'POST', body: fields });
  } catch {
    throw new Told(says(form, 'unreachable'));
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Told(json.detail ?? says(form, 'unreachable'));
  }
  return json;
}

function says(form, name) {
  return form.querySelector(`[data-passkey-says="${name}"]`)?.textContent ?? name;
}

function notice(form, sentence) {
  const place = form.querySelector('[data-passkey-notice]');
  if (place) {
    place.textContent = sentence;
    place.hidden = !sentence;
  }
}

function put(form, name, value) {
  let field = form.querySelector(`input[name="${name}"]`);
  if (!field) {
    field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    form.append(field);
  }
  field.value = value;
}

function drop(form) {
  form.querySelectorAll('input[name="ceremony"], input[name="assertion"]').forEach(field => field.remove());
}

const pending = new WeakSet();

async function sign(form, button) {
  pending.add(form);
  form.setAttribute('aria-busy', 'true');
  notice(form, '');
  try {
    if (!window.PublicKeyCredential) {
      throw new Told(says(form, 'unsupported'));
    }
    const { ceremony, publicKey } = await begin(form, button);
    put(form, 'assertion', await ask(publicKey));
    put(form, 'ceremony', ceremony);
    form.dataset.passkeyGiven = '';
    form.requestSubmit(button);
  } catch (error) {
    drop(form);
    const optional = button?.hasAttribute('data-passkey-optional');
    if (optional) {
      button.dataset.passkeyGivenUp = '';
    }
    if (error instanceof Told) {
      notice(form, error.message);
    } else if (optional) {
      notice(form, says(form, 'optional'));
    } else {
      notice(form, says(form, error.name === 'SecurityError' ? 'unsupported' : 'cancelled'));
    }
  } finally {
    form.removeAttribute('aria-busy');
    pending.delete(form);
    form.dispatchEvent(new Event('passkeyover'));
  }
}

// At the document, as a page may get another form while it is open.
document.addEventListener('submit', event => {
  const form = event.target;
  const button = event.submitter;
  if (!('passkey' in form.dataset) || 'passkeyGiven' in form.dataset
      || (button && 'passkeyGivenUp' in button.dataset)) {
    return;
  }
  event.preventDefault();
  if (!pending.has(form)) {
    sign(form, button);
  }
});

// Back to a page that the browser kept: what was signed then was used.
window.addEventListener('pageshow', event => {
  if (event.persisted) {
    for (const form of document.querySelectorAll('form[data-passkey]')) {
      delete form.dataset.passkeyGiven;
      drop(form);
    }
  }
});
