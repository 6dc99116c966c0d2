//! Assertions of the JWT bearer grant.

use super::app::App;
use super::grant::Denied;
use super::StartError;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::{decode, get_current_timestamp, Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// The login hosts. One of them must be the audience of an assertion, whichever host it is sent to.
const AUDIENCES: [&str; 2] = ["https://login.salesforce.com", "https://test.salesforce.com"];
/// The longest lifetime of an assertion, in seconds.
const MAX_LIFE: u64 = 300;

/// A verifier of assertions.
pub(crate) struct Verifier {
    key: Option<DecodingKey>,
    signature: Validation,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
}

impl Verifier {
    /// Creates a verifier. Without a key it does not verify signatures.
    pub(crate) fn new(public_key: Option<&str>) -> Result<Verifier, StartError> {
        let parse = |pem: &str| DecodingKey::from_rsa_pem(pem.as_bytes());
        let key = public_key.map(parse).transpose().map_err(|_| StartError::JwtPublicKey)?;
        // `check` verifies the claims, because each of them has its own refusal.
        let mut signature = Validation::new(Algorithm::RS256);
        signature.required_spec_claims.clear();
        signature.validate_exp = false;
        signature.validate_aud = false;
        Ok(Verifier { key, signature })
    }

    pub(crate) fn check(&self, assertion: &str, app: &App) -> Result<(), Denied> {
        let claims = self.claims(assertion).ok_or_else(|| Denied::grant("invalid assertion"))?;
        let now = get_current_timestamp();
        match claims {
            _ if !app.is_client(&claims.iss) => Err(Denied::client_id()),
            _ if !AUDIENCES.contains(&claims.aud.as_str()) => Err(Denied::grant("audience is invalid")),
            // Salesforce uses this message for an assertion as well.
            _ if claims.exp <= now => Err(Denied::grant("expired authorization code")),
            _ if claims.exp > now + MAX_LIFE => Err(Denied::grant("invalid assertion")),
            _ if !app.is_user(&claims.sub) => Err(Denied::grant("user hasn't approved this consumer")),
            _ => Ok(()),
        }
    }

    fn claims(&self, assertion: &str) -> Option<Claims> {
        let token = match &self.key {
            Some(key) => decode::<Claims>(assertion, key, &self.signature),
            None => insecure_decode::<Claims>(assertion),
        };
        token.ok().filter(|token| token.header.alg == Algorithm::RS256).map(|token| token.claims)
    }
}
