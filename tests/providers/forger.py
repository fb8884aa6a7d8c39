"""A provider that says whatever a test wants: what it publishes, and what its tokens claim and are signed with."""

import hmac
import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from flask import Flask, Response, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "northstar", "a secret with signs: +/=&%"
Claims = dict[str, Any]


class Forger:
    """Signs anybody in as ann, unless told otherwise; holds the client to PKCE, to its secret and to its address.

    Attributes:
        twist: Changes the claims of a token before it is signed.
        sign: Signs them; the provider's own key does, if nothing else is said.
        metadata: What is published in the place of, or beside, the usual; None takes a thing away.
        userinfo: What is told of who signed in.
        wrong: The answer of the token endpoint in the place of a token.
        asked: How often each path was asked for.
    """

    def __init__(self) -> None:
        self.key: RSAKey | ECKey = RSAKey.generate_key(2048, auto_kid=True)
        self.twist: Callable[[Claims], Claims] = dict
        self.sign: Callable[[Claims], str] = self.signed
        self.metadata: Claims = {}
        self.userinfo: Claims = {}
        self.wrong: Response | None = None
        self.asked: dict[str, int] = {}
        self.jwks: Any = None
        self._begun: dict[str, dict[str, str]] = {}
        app = self._app()
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def signed(self, claims: Claims) -> str:
        """Return a token signed by the provider's own key."""
        alg = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return jwt.encode({"alg": alg, "kid": self.key.kid}, claims, self.key, algorithms=[alg])

    def hmac_of_the_public_key(self, claims: Claims) -> str:
        """Return one signed by an HMAC whose key everybody knows: the public key."""
        return _by_hand(claims, "HS256", self.key.as_pem(private=False))

    def hmac_of_the_secret(self, claims: Claims) -> str:
        """Return one signed by an HMAC of the client's secret."""
        return _by_hand(claims, "HS256", SECRET.encode())

    def unsigned(self, claims: Claims) -> str:
        """Return one of the algorithm `none`."""
        return _by_hand(claims, "none", None)

    def come_back(self, address: str) -> str:
        """Sign somebody in at the address that a browser was sent to; return the code that it is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = sha256(address.encode()).hexdigest()
        self._begun[code] = asked
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Be there no longer."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _app(self) -> Flask:
        app = Flask("forger")
        app.before_request(self._count)
        app.add_url_rule("/.well-known/openid-configuration", "published", self._published)
        app.add_url_rule("/keys", "keys", lambda: _json(self.jwks or {"keys": [self.key.as_dict(private=False)]}))
        app.add_url_rule("/token", "token", self._token, methods=["POST"])
        app.add_url_rule("/userinfo", "userinfo", self._userinfo)
        app.add_url_rule("/elsewhere", "elsewhere", lambda: redirect("/keys"))
        app.add_url_rule("/begin", "begin", self._begin)
        return app

    def _begin(self) -> Response:
        """Sign in whoever comes, without a question."""
        asked = {"code": self.come_back(request.url), "state": request.args["state"]}
        return Response(status=302, headers={"Location": f"{request.args['redirect_uri']}?{urlencode(asked)}"})

    def _count(self) -> None:
        self.asked[request.path] = self.asked.get(request.path, 0) + 1

    def _published(self) -> Response:
        usual: Claims = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/begin",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        return _json({name: value for name, value in (usual | self.metadata).items() if value is not None})

    def _token(self) -> Response:
        if self.wrong:
            return self.wrong
        begun = self._begun.pop(request.form["code"], None)
        proof = _coded(sha256(request.form["code_verifier"].encode()).digest())
        if begun is None or proof != begun["code_challenge"] or request.form["redirect_uri"] != begun["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        if self._who_asks() != (CLIENT, SECRET):
            return _json({"error": "invalid_client"}, 401)
        now = int(time.time())
        claims: Claims = {
            "iss": self.url,
            "sub": "1001",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": begun["nonce"],
            "email": "ann@example.com",
        }
        token = self.sign({name: value for name, value in self.twist(claims).items() if value is not None})
        return _json({"access_token": "an access token", "token_type": "Bearer", "id_token": token})

    def _who_asks(self) -> tuple[str, str]:
        given = request.headers.get("Authorization", "")
        if not given:
            return request.form.get("client_id", ""), request.form.get("client_secret", "")
        name, _, secret = b64decode(given.removeprefix("Basic ")).decode().partition(":")
        return unquote(name), secret if secret == SECRET else unquote(secret)

    def _userinfo(self) -> Response:
        assert request.headers["Authorization"] == "Bearer an access token"
        return _json(self.userinfo)


def _by_hand(claims: Claims, alg: str, key: bytes | None) -> str:
    """Return a token that no library would sign."""
    text = ".".join(_coded(json.dumps(part).encode()) for part in ({"alg": alg}, claims))
    return f"{text}.{_coded(hmac.digest(key, text.encode(), 'sha256')) if key else ''}"


def _coded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _json(body: Any, status: int = 200) -> Response:  # noqa: ANN401 - whatever the test wants
    return Response(json.dumps(body), status, content_type="application/json")
