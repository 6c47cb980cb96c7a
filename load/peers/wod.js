// The router's job on /fitness/wod, for nginx with njs: who is asking, and which side they are on.
import crypto from 'crypto';

const PERCENT = 50;
const SECRET = process.env.JWT_SECRET;
const BEARER = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i;

// `candidate` or `legacy`, empty for a token that is not good; sets $user and $role.
function cohort(r) {
    const found = BEARER.exec(r.headersIn.Authorization || '');
    const claims = found ? verified(found[1], found[2], found[3]) : null;
    if (claims === null) {
        return '';
    }
    r.variables.user = encodeURIComponent(claims.sub);
    r.variables.role = encodeURIComponent(claims.role || '');
    return bucket('wod', claims.sub) < PERCENT * 1000 ? 'candidate' : 'legacy';
}

// The claims of a token, null if it is not good.
function verified(head, payload, signature) {
    const signed = crypto.createHmac('sha256', SECRET).update(`${head}.${payload}`);
    if (signed.digest('base64url') !== signature) {
        return null;
    }
    try {
        const claims = decoded(payload);
        const now = Date.now() / 1000;
        const is_good = decoded(head).alg === 'HS256' && claims.iss === 'fit-api'
            && typeof claims.sub === 'string' && claims.sub !== ''
            && typeof claims.exp === 'number' && claims.exp > now
            && !(claims.nbf > now) && !(claims.iat > now);
        return is_good ? claims : null;
    } catch (e) {
        return null;
    }
}

function decoded(part) {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
}

// As router/core/bucketing.py: the first 64 bits of the digest, modulo 100,000. They do not fit a
// number, but each half does: 2^32 leaves 67,296.
function bucket(salt, unit) {
    const digest = crypto.createHash('sha256').update(`${salt}:${unit}`).digest('hex');
    const high = parseInt(digest.substring(0, 8), 16);
    const low = parseInt(digest.substring(8, 16), 16);
    return ((high % 100000) * 67296 + low) % 100000;
}

export default { cohort };
