"""A provider of OpenID Connect over real HTTP: whom it shows, and everything that shows nobody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Response
from joserfc.jwk import ECKey, RSAKey

from pnl.access.journey import Journey
from pnl.access.provider import AT_ONCE, Provider
from pnl.clock import SystemClock
from pnl.errors import ProviderUnreachable, SignInError, SignInRefused
from tests.providers.forger import CLIENT, SECRET, Claims, Forger
from tests.providers.process import ProviderProcess

BACK = "http://127.0.0.1:8050/signin/oidc/back"


class Ahead(SystemClock):
    """The system's clock, and how far it is ahead."""

    seconds = 0.0

    def now(self) -> Any:  # noqa: ANN401 - as the clock has it
        return super().now() + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return super().monotonic() + self.seconds


@pytest.fixture
def forger() -> Iterator[Forger]:
    with Forger() as made:
        yield made


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def provider(forger: Forger, clock: Ahead) -> Provider:
    return Provider(forger.url, CLIENT, SECRET, clock=clock)


def person(forger: Forger, provider: Provider) -> str:
    """Go to the provider and back."""
    journey = Journey.begin()
    return provider.person(journey, forger.come_back(provider.address(journey, BACK)), BACK).name


def refusal(forger: Forger, provider: Provider, kind: type[SignInError] = SignInRefused) -> str:
    with pytest.raises(kind) as caught:
        person(forger, provider)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_the_browser_is_sent_with_all_that_must_come_back(provider: Provider, forger: Forger) -> None:
    journey = Journey.begin()

    address = urlsplit(provider.address(journey, BACK, anew=True))

    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{forger.url}/begin"
    assert asked.pop("scope") == "openid email profile"
    assert len(asked.pop("code_challenge")) == 43
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": BACK,
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge_method": "S256",
        "prompt": "select_account",
    }
    assert not {journey.secret, journey.verifier} & {*asked.values()}


def test_what_is_seen_of_a_journey_tells_nothing_of_the_rest() -> None:
    one, other = Journey.begin(), Journey.begin()

    assert len({one.state, one.nonce, one.verifier, one.secret, other.state, other.nonce, other.verifier}) == 7
    assert Journey.of(one.secret) == one
    assert one.secret not in repr(one)
    assert [Journey.of(text) for text in ("", "x", one.secret + "x", one.secret[:-1] + "\n")] == [None] * 4


def test_who_comes_back_is_who_the_token_names(forger: Forger, provider: Provider) -> None:
    assert person(forger, provider) == "ann@example.com"


def test_letters_are_small_and_a_verified_address_is_as_good_as_one_of_which_nothing_is_said(
    forger: Forger, provider: Provider
) -> None:
    forger.twist = lambda claims: claims | {"email": "Ann@Example.com", "email_verified": True}

    assert person(forger, provider) == "ann@example.com"


@pytest.mark.parametrize(
    ("twist", "said"),
    [
        ({"nonce": "another"}, "is of another sign-in (nonce)"),
        ({"nonce": None}, "is of another sign-in (nonce)"),
        ({"nonce": ["x"]}, "is of another sign-in (nonce)"),
        ({"aud": "another"}, "is of another server (aud)"),
        ({"aud": None}, "is of another server (aud)"),
        ({"aud": []}, "is of another server (aud)"),
        ({"aud": ["another"]}, "is of another server (azp)"),
        ({"aud": ["another"], "azp": CLIENT}, "is of another server (aud)"),
        ({"aud": [CLIENT, "another"]}, "is of another server (azp)"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "is of another server (azp)"),
        ({"azp": "another"}, "is of another server (azp)"),
        ({"iss": "https://evil.test"}, "is of another provider (iss)"),
        ({"iss": None}, "is of another provider (iss)"),
        ({"exp": None}, "not valid at this time"),
        ({"exp": "never"}, "not valid at this time"),
        ({"exp": float("inf")}, "not valid at this time"),
        ({"iat": None}, "not valid at this time"),
        ({"sub": None}, "lacks what it must have (sub)"),
        ({"sub": ""}, "lacks what it must have (sub)"),
        ({"email": None}, "there is no email of yours"),
        ({"email": ""}, "there is no email of yours"),
        ({"email": ["ann@example.com"]}, "there is no email of yours"),
        ({"email": "ann@example.com\u202e"}, "there is no email of yours"),
        ({"email": "ann@example.com,bob"}, "there is no email of yours"),
        ({"email": "a" * 201}, "there is no email of yours"),
        ({"email_verified": False}, "has not seen that your mail address is yours"),
        ({"email_verified": "false"}, "has not seen that your mail address is yours"),
        ({"email_verified": None, "email": "x@y\n"}, "there is no email of yours"),
    ],
)
def test_a_token_that_is_not_of_this_sign_in_shows_nobody(
    forger: Forger, provider: Provider, twist: Claims, said: str
) -> None:
    forger.twist = lambda claims: claims | twist

    assert said in refusal(forger, provider)


@pytest.mark.parametrize("age", [-3600, -120, 3600])
def test_clocks_that_differ_are_told_as_such(forger: Forger, provider: Provider, age: int) -> None:
    forger.twist = lambda claims: claims | {"iat": claims["iat"] - age, "exp": claims["exp"] - age}

    said = refusal(forger, provider)

    assert "clock and this server's are" in said
    assert "seconds apart" in said


@pytest.mark.parametrize("age", [-45, 345])
def test_clocks_that_differ_by_less_than_a_minute_do_no_harm(forger: Forger, provider: Provider, age: int) -> None:
    forger.twist = lambda claims: claims | {"iat": claims["iat"] - age, "exp": claims["exp"] - age}

    assert person(forger, provider) == "ann@example.com"


def test_a_token_that_another_key_signed_shows_nobody(forger: Forger, provider: Provider) -> None:
    other = RSAKey.generate_key(2048, {"kid": forger.key.kid or ""})
    ours, signed = forger.key, forger.signed

    def forged(claims: Claims) -> str:
        forger.key = other
        text = signed(claims)
        forger.key = ours
        return text

    forger.sign = forged

    assert "signed by a key that is not the provider's" in refusal(forger, provider)


@pytest.mark.parametrize("way", ["unsigned", "hmac_of_the_public_key", "hmac_of_the_secret"])
def test_a_token_that_anybody_could_have_signed_shows_nobody(forger: Forger, provider: Provider, way: str) -> None:
    forger.sign = getattr(forger, way)

    assert "is not signed as it must be" in refusal(forger, provider)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "..", "é.é.é", "x" * 40_000])
def test_what_is_no_token_shows_nobody(forger: Forger, provider: Provider, text: str) -> None:
    forger.sign = lambda _: text

    assert "ID token" in refusal(forger, provider)


def test_an_elliptic_key_does_as_well(forger: Forger, provider: Provider) -> None:
    forger.key = ECKey.generate_key("P-256", auto_kid=True)

    assert person(forger, provider) == "ann@example.com"


def test_new_keys_of_the_provider_are_found_at_once_and_withdrawn_ones_within_the_hour(
    forger: Forger, provider: Provider, clock: Ahead
) -> None:
    assert person(forger, provider) == "ann@example.com"
    before = forger.key
    forger.key = RSAKey.generate_key(2048, auto_kid=True)

    assert person(forger, provider) == "ann@example.com"
    assert forger.asked["/keys"] == 2
    forger.jwks = {"keys": [forger.key.as_dict(private=False)]}
    forger.key = before
    assert "signed by a key that is not" in refusal(forger, provider)
    assert forger.asked["/keys"] == 2  # not for every token that somebody invents
    clock.seconds += 11
    refusal(forger, provider)
    assert forger.asked["/keys"] == 3


def test_what_is_published_is_read_once_an_hour(forger: Forger, provider: Provider, clock: Ahead) -> None:
    for _ in range(3):
        person(forger, provider)
    assert (forger.asked["/.well-known/openid-configuration"], forger.asked["/keys"]) == (1, 1)

    clock.seconds += 3601
    forger.twist = lambda claims: claims | {"iat": claims["iat"] + 3601, "exp": claims["exp"] + 3601}
    person(forger, provider)

    assert (forger.asked["/.well-known/openid-configuration"], forger.asked["/keys"]) == (2, 2)


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ({"issuer": "https://evil.test"}, "calls itself otherwise"),
        ({"issuer": None}, "calls itself otherwise"),
        ({"token_endpoint": "http://evil.test/token"}, "token_endpoint is no address over https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint is no address over https"),
        ({"authorization_endpoint": None}, "authorization_endpoint is no address over https"),
        ({"jwks_uri": 7}, "jwks_uri is no address over https"),
        ({"userinfo_endpoint": "ftp://evil.test"}, "userinfo_endpoint is no address over https"),
    ],
)
def test_a_provider_that_publishes_what_cannot_be_trusted_is_not_gone_to(
    forger: Forger, provider: Provider, published: dict[str, Any], said: str
) -> None:
    forger.metadata = published

    assert said in refusal(forger, provider, ProviderUnreachable)
    assert said in refusal(forger, provider, ProviderUnreachable)
    assert forger.asked == {"/.well-known/openid-configuration": 1}  # it is left alone for a moment


@pytest.mark.parametrize(
    "keys", [[], {}, {"keys": []}, {"keys": [7]}, {"keys": [{"kty": "RSA"}]}, {"keys": "x" * 300_000}]
)
def test_keys_that_are_none_show_nobody(forger: Forger, provider: Provider, keys: Any) -> None:  # noqa: ANN401 - bad JSON
    forger.jwks = keys or {"keys": []}

    assert "no answer that could be used" in refusal(forger, provider, ProviderUnreachable)


def test_no_redirect_is_followed(forger: Forger, provider: Provider) -> None:
    forger.metadata = {"jwks_uri": f"{forger.url}/elsewhere"}

    assert "no answer that could be used" in refusal(forger, provider, ProviderUnreachable)
    assert "/keys" not in forger.asked


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Response("{}", 500), ProviderUnreachable, "gives no answer that could be used"),
        (Response("<html>", 200), ProviderUnreachable, "gives no answer that could be used"),
        (Response("[]", 200), ProviderUnreachable, "gives no answer that could be used"),
        (Response("{}", 200), SignInRefused, "sent no ID token"),
        (Response('{"error": "invalid_grant"}', 400), SignInRefused, "was used already, or took too long"),
        (Response('{"error": "invalid_client"}', 401), SignInRefused, "check PNL_OIDC_CLIENT_ID and"),
        (Response('{"error": "<script>", "error_description": "<b>"}', 400), SignInRefused, "refused this sign-in"),
    ],
)
def test_a_provider_that_gives_no_token_shows_nobody(
    forger: Forger, provider: Provider, answer: Response, kind: type[SignInError], said: str
) -> None:
    forger.wrong = answer

    text = refusal(forger, provider, kind)

    assert said in text
    assert "<" not in text


def test_a_wrong_secret_is_told_with_the_setting_to_check(forger: Forger, clock: Ahead) -> None:
    wrong = Provider(forger.url, CLIENT, "wrong", clock=clock)

    assert "check PNL_OIDC_CLIENT_ID and PNL_OIDC_CLIENT_SECRET" in refusal(forger, wrong)


def test_the_secret_goes_in_the_body_where_the_provider_takes_it_there_alone(
    forger: Forger, provider: Provider
) -> None:
    forger.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert person(forger, provider) == "ann@example.com"


def test_a_code_is_worth_nothing_without_the_secret_of_the_browser_that_asked(
    forger: Forger, provider: Provider
) -> None:
    code = forger.come_back(provider.address(Journey.begin(), BACK))

    with pytest.raises(SignInRefused, match="used already"):
        provider.person(Journey.begin(), code, BACK)


def test_another_claim_may_name_people(forger: Forger, clock: Ahead) -> None:
    forger.twist = lambda claims: claims | {"preferred_username": "Ann", "email_verified": False}

    named = Provider(forger.url, CLIENT, SECRET, clock=clock, claim="preferred_username")

    assert person(forger, named) == "ann"


def test_what_the_token_leaves_out_is_asked_for(forger: Forger, provider: Provider) -> None:
    forger.metadata = {"userinfo_endpoint": f"{forger.url}/userinfo"}
    forger.twist = lambda claims: claims | {"email": None}
    forger.userinfo = {"sub": "1001", "email": "bob@example.com"}
    assert person(forger, provider) == "bob@example.com"

    forger.userinfo = {"sub": "1002", "email": "bob@example.com"}
    assert "tells of somebody else" in refusal(forger, provider)
    forger.userinfo = {"sub": "1001", "email": "bob@example.com", "email_verified": False}
    assert "has not seen" in refusal(forger, provider)


def test_a_provider_that_is_down_takes_no_more_than_its_share_of_the_threads(
    forger: Forger, provider: Provider
) -> None:
    for _ in range(AT_ONCE):
        provider._places.acquire()

    assert "Many are signing in just now" in refusal(forger, provider, ProviderUnreachable)
    assert forger.asked == {}


def test_a_provider_that_is_down_is_told_as_such_and_asked_again_when_it_is_back(clock: Ahead) -> None:
    with Forger() as gone:
        url = gone.url
    provider = Provider(url, CLIENT, SECRET, clock=clock)

    with pytest.raises(ProviderUnreachable, match=r"gives no answer that could be used \(ConnectError\)"):
        provider.address(Journey.begin(), BACK)
    with pytest.raises(ProviderUnreachable, match="gave no answer a moment ago"):
        provider.address(Journey.begin(), BACK)
    clock.seconds += 11
    with pytest.raises(ProviderUnreachable, match="ConnectError"):
        provider.address(Journey.begin(), BACK)


def code_for(process: ProviderProcess, provider: Provider, journey: Journey, sub: str) -> str:
    return parse_qs(urlsplit(process.sign_in(provider.address(journey, BACK), sub)).query)["code"][0]


def test_a_real_provider_shows_who_signed_in_also_after_its_keys_have_turned() -> None:
    with ProviderProcess() as process:
        provider, journey = Provider(process.url, CLIENT, SECRET, clock=SystemClock()), Journey.begin()
        code = code_for(process, provider, journey, "ann")
        assert provider.person(journey, code, BACK).name == "ann@example.com"
        with pytest.raises(SignInRefused, match="was used already"):
            provider.person(journey, code, BACK)
        with pytest.raises(SignInRefused, match="another sign-in"):
            provider.person(journey, code_for(process, provider, Journey.begin(), "ann"), BACK)
        with pytest.raises(SignInRefused, match="has not seen"):
            provider.person(journey, code_for(process, provider, journey, "zoe"), BACK)

        process.stop()
        process.start()

        again = Journey.begin()
        assert provider.person(again, code_for(process, provider, again, "bob"), BACK).name == "bob@example.com"


def test_a_token_of_a_real_provider_that_is_over_shows_nobody() -> None:
    with ProviderProcess(expired=True) as process:
        provider, journey = Provider(process.url, CLIENT, SECRET, clock=SystemClock()), Journey.begin()

        with pytest.raises(SignInRefused, match="not valid at this time"):
            provider.person(journey, code_for(process, provider, journey, "ann"), BACK)


def test_the_way_out_carries_the_token_of_the_session_and_where_to_come_back(
    forger: Forger, provider: Provider
) -> None:
    assert not provider.ends_sessions()
    assert provider.way_out("t", BACK, "s") is None

    forger.metadata = {"end_session_endpoint": f"{forger.url}/end?realm=a"}
    fresh = Provider(forger.url, CLIENT, SECRET, clock=Ahead())
    address = fresh.way_out("a.b.c", "https://pnl.example/signin", "s")

    assert fresh.ends_sessions()
    assert address
    assert address.startswith(f"{forger.url}/end?realm=a&")
    assert parse_qs(urlsplit(address).query) == {
        "realm": ["a"], "id_token_hint": ["a.b.c"], "client_id": [CLIENT],
        "post_logout_redirect_uri": ["https://pnl.example/signin"], "state": ["s"],
    }  # fmt: skip
    forgotten = fresh.way_out("", BACK, "s")
    assert forgotten
    assert "id_token_hint" not in forgotten


def test_a_way_out_that_is_not_over_https_is_not_gone(forger: Forger, clock: Ahead) -> None:
    forger.metadata = {"end_session_endpoint": "http://provider.example/end"}

    with pytest.raises(ProviderUnreachable, match="end_session_endpoint is no address over https"):
        Provider(forger.url, CLIENT, SECRET, clock=clock).ends_sessions()
