"""Places for the tests of the embedded server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.embedded.scene import Account, Place, own_account, wait_until


@pytest.fixture(scope="module")
def account() -> Account:
    """Who uses the cluster: ourselves."""
    return own_account()


@pytest.fixture(scope="module")
def warm_place(account: Account) -> Iterator[Place]:
    """A place whose data is made once for all tests of an account."""
    place = Place.make(account)
    place.user().is_up().leave()
    yield place
    place.remove()


@pytest.fixture
def place(warm_place: Place) -> Iterator[Place]:
    """A place with data, where nobody is at first, and nobody may be left at last."""
    wait_until(warm_place.is_empty)
    yield warm_place
    try:
        wait_until(warm_place.is_empty)
    finally:
        warm_place.kill_everything()


@pytest.fixture
def new_place(account: Account) -> Iterator[Place]:
    """A place without data."""
    place = Place.make(account)
    yield place
    place.remove()
