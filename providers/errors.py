"""One family of errors for every outside company.

ProviderError
├── ProviderTimeout      no answer in time              (may work later)
├── ProviderUnavailable  unreachable, 429, 5xx           (may work later)
├── ProviderRefused      4xx                             (will not work as it is)
│   └── ContentRefused   blocked words; others are fine  (will not work as it is)
└── UnsupportedFeature   this provider cannot do that    (will not work)
BadSignature             a webhook that its sender did not sign
"""

from __future__ import annotations


class ProviderError(Exception):
    """A provider did not do its part. `permanent` says that trying again will not help.

    `code` is the provider's own ("21211"), for the log and the answer to an API call.
    """

    permanent = False

    def __init__(self, role: str, provider: str, message: str, code: str = "") -> None:
        super().__init__(message)
        self.role = role
        self.provider = provider
        self.code = code

    @property
    def needs_a_person(self) -> bool:
        """A wrong key, an empty account, a model that is gone: waiting will not mend that."""
        return self.permanent


class ProviderTimeout(ProviderError):
    """No answer within the deadline."""


class ProviderUnavailable(ProviderError):
    """Unreachable, overloaded or broken for now."""


class ProviderRefused(ProviderError):
    """The provider understood and said no."""

    permanent = True


class ContentRefused(ProviderRefused):
    """The provider works and will not deal with this content. `code` says why ("SAFETY")."""

    @property
    def needs_a_person(self) -> bool:
        """The next content may be another."""
        return False


class UnsupportedFeature(ProviderError):
    """This provider cannot do that."""

    permanent = True


class BadSignature(Exception):
    """A webhook or socket did not prove who sent it."""
