"""Signing in and up is allauth's; here is what it leaves open to hostile input."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from registry.forms.fields import validate_storable
from registry.models import User


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_safe_url(self, url: str | None) -> bool:
        """An address that cannot even be taken apart leads nowhere."""
        try:
            urlsplit(url)
        except ValueError:
            return False
        return bool(super().is_safe_url(url))


class EvenSignupForm(SignupForm):  # type: ignore[misc]
    """Asks for a name, since an office decides on a person's claim and an address alone says little.

    A known address takes as long as a new one: else the clock tells who has an account.
    """

    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=100,
        validators=[validate_storable],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("email", "name", "password1", "password2")

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class CredentialField(forms.JSONField):
    """What a security key answers, as JSON. Deep nesting or an endless number is no answer, and no error of ours."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (RecursionError, ValueError) as error:
            raise self.refusal() from error

    def refusal(self) -> ValidationError:
        return ValidationError(self.error_messages["invalid"], code="invalid")


class AddKeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField()

    def clean(self) -> Any:
        try:
            return super().clean()
        except (RecursionError, ValueError) as error:  # the answer holds JSON of its own
            raise CredentialField().refusal() from error


class AuthenticateKeyForm(webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField()

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except (RecursionError, ValueError) as error:
            raise CredentialField().refusal() from error


class LoginKeyForm(AuthenticateKeyForm, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """Log in with a key alone."""


class ReauthenticateKeyForm(AuthenticateKeyForm, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Say again who one is."""
