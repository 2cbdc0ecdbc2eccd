// Serves oidc-provider and an API behind it on a system port of 127.0.0.1 until stdin ends.
// The first line of stdout is the issuer, written once it listens; oidc-provider's own notices go to stderr.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

console.info = console.warn = console.error;
const { default: Provider, errors } = await import("oidc-provider");

const ALGORITHMS = ["RS256", "ES256"];

const jwk = (...kind) => generateKeyPairSync(...kind).privateKey.export({ format: "jwk" });

// A native app, as RFC 8252 has it: no secret, and any port of the loopback address.
const nativeApp = (algorithm) => ({
  client_id: `native-${algorithm.toLowerCase()}`,
  application_type: "native",
  token_endpoint_auth_method: "none",
  redirect_uris: ["http://127.0.0.1/auth/callback"],
  grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
  response_types: ["code"],
  id_token_signed_response_alg: algorithm,
});

const configuration = (api) => ({
  clients: ALGORITHMS.map(nativeApp),
  jwks: { keys: [jwk("rsa", { modulusLength: 2048 }), jwk("ec", { namedCurve: "P-256" })] },
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true }),
  }),
  pkce: { required: () => true },
  rotateRefreshToken: true,
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo(_, resource) {
        if (resource !== api) throw new errors.InvalidTarget();
        return { scope: "notes:read", accessTokenFormat: "opaque" };
      },
    },
  },
});

// The API: who the bearer of an access token for it is, or 401.
const serveApi = (provider, api) => async (ctx, next) => {
  if (!ctx.href.startsWith(api)) return next();
  const token = await provider.AccessToken.find(ctx.get("authorization").replace(/^Bearer /, ""));
  const grant = token && (await provider.Grant.find(token.grantId));
  ctx.status = grant && token.aud === api ? 200 : 401;
  ctx.body = ctx.status === 200 ? { subject: token.accountId, scope: token.scope } : { error: "invalid_token" };
};

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration(`${issuer}/api`));
  provider.use(serveApi(provider, `${issuer}/api`));
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.resume().on("end", () => process.exit());
