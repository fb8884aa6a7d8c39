"""How people are known: whom a proxy names, and what they may do."""

import pytest

from pnl.access.ways import Named, Open, Roles, Shown

ROLES = Roles(editors=("bob@example.com",), viewers=("@example.com", "ann"))


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("bob@example.com", "editor"),
        ("Bob@Example.com", "editor"),
        ("eve@example.com", "viewer"),
        ("ANN", "viewer"),
        ("eve@example.com.evil.test", None),
        ("eve@evil.test", None),
        ("bob", None),
        ("eve@evil.test,bob@example.com", None),
        ("eve@evil.test@example.com", None),
        ("\u212aim@example.com", "viewer"),
        ("@example.com", "viewer"),
    ],
)
def test_a_role_is_of_a_name_an_address_or_a_company(name: str, role: str | None) -> None:
    assert ROLES.of(name) == role


def test_letters_that_only_look_alike_when_small_are_of_somebody_else() -> None:
    roles = Roles(editors=("kim@example.com", "sam"), viewers=())

    assert roles.of("KIM@example.com") == "editor"
    assert roles.of("\u212aim@example.com") is None  # the sign of the kelvin, whose small letter is a k
    assert roles.of("\u017fam") is None


def test_a_star_is_everybody() -> None:
    assert Roles(editors=(), viewers=("*",)).of("whoever") == "viewer"


def test_a_proxy_that_is_trusted_names_who_it_is() -> None:
    door = Named(["10.1.0.0/16", "::1"], ROLES)

    found = door.person(Shown(peer="10.1.2.3", named="bob@example.com"))

    assert found
    assert (found.name, found.role) == ("bob@example.com", "editor")
    assert door.person(Shown(peer="::1", named="ann"))
    assert door.person(Shown(peer="::ffff:10.1.2.3", named="ann"))


@pytest.mark.parametrize(
    ("peer", "named"),
    [
        ("10.2.0.1", "bob@example.com"),
        (None, "bob@example.com"),
        ("unix", "bob@example.com"),
        ("10.1.0.1", None),
        ("10.1.0.1", " "),
        ("10.1.0.1", "stranger"),
        ("10.1.0.1", "a" * 300),
        ("10.1.0.1", "ann\x00"),
        ("10.1.0.1", "ann\u202e"),
        ("10.1.0.1", "ann,bob@example.com"),
    ],
)
def test_nobody_else_is_believed_and_no_stranger_comes_in(peer: str | None, named: str | None) -> None:
    assert Named(["10.1.0.0/16"], ROLES).person(Shown(peer=peer, named=named)) is None


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_where_nobody_signs_in_whoever_is_at_this_machine_is_an_editor(peer: str) -> None:
    found = Open().person(Shown(peer=peer))

    assert found
    assert (found.name, found.role, found.way) == (peer, "editor", "open")


@pytest.mark.parametrize("peer", ["10.213.85.1", "::ffff:10.213.85.1"])
def test_where_nobody_signs_in_whoever_comes_from_an_address_that_is_let_in_is_an_editor(peer: str) -> None:
    found = Open(["10.213.85.1"]).person(Shown(peer=peer))

    assert found
    assert found.role == "editor"


@pytest.mark.parametrize("peer", ["10.213.85.2", "203.0.113.9", "2001:db8::1", "", None, "nonsense"])
def test_where_nobody_signs_in_nobody_comes_from_another_address(peer: str | None) -> None:
    assert Open(["10.213.85.1"]).person(Shown(peer=peer)) is None
    assert Open().person(Shown(peer=peer)) is None
