// A certified OpenID Connect provider for one test: node server.mjs PORT PERSON_FILE REDIRECT_URI.
// Whoever the JSON file describes ({sub, acr, amr, claims}) is signed in without being asked; it is read anew
// each time, so that a test can let an affiliation change.
import { readFileSync } from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'

const [port, personFile, redirectUri] = process.argv.slice(2)
const person = () => JSON.parse(readFileSync(personFile, 'utf8'))
const key = (type, options, kid) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, use: 'sig'
})
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'catalogue',
    client_secret: 'only-for-this-test-only-for-this-test',
    redirect_uris: [redirectUri],
    id_token_signed_response_alg: process.env.SIGNED_BY || 'RS256'
  }],
  jwks: {
    keys: [
      { ...key('rsa', { modulusLength: 2048 }, 'r'), alg: 'RS256' },
      { ...key('ec', { namedCurve: 'P-256' }, 'e'), alg: 'ES256' }
    ]
  },
  cookies: { keys: ['only for tests'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  acrValues: ['https://refeds.org/profile/mfa', 'https://refeds.org/profile/sfa'],
  claims: {
    openid: ['sub'],
    acr: null,
    amr: null,
    email: ['email', 'email_verified'],
    profile: ['name', 'orcid', 'country', 'ror', 'voperson_id', 'eduperson_scoped_affiliation',
      'eduperson_assurance', 'schac_home_organization']
  },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...person().claims }) })
})

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next()
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res)
  const { sub, acr, amr } = person()
  let result = { login: { accountId: sub, acr, amr, remember: false } }
  if (prompt.name === 'consent') {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    grant.addOIDCClaims(['acr', 'amr'])
    result = { consent: { grantId: await grant.save() } }
  }
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: prompt.name === 'consent' })
  ctx.respond = false
})

provider.on('server_error', (ctx, error) => console.error(error))
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'))
