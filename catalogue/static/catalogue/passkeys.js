// Shows the passkey button where the browser knows passkeys, and says what went wrong with one.
'use strict'
const passkeyButton = document.getElementById('passkey_login')
if (passkeyButton && window.PublicKeyCredential) passkeyButton.hidden = false
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const place = document.querySelector('[data-passkey-failed]')
  if (place) place.hidden = false
})
