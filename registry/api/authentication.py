from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registry import tokens
from registry.models import APIToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer enishi_…`; nowhere else is a token looked for, least of all in an address."""

    def authenticate(self, request: Request) -> tuple[User, APIToken] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.find(secret.strip())
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked, or its owner may not sign in."))
        tokens.note_use(token)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Enishi"'
