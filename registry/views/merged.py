"""The pages of a record that was merged into another one lead on to the same page of that firm."""

from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from rest_framework.permissions import SAFE_METHODS

from registry.access import Guarded
from registry.models import Firm


def led_on(view: Guarded) -> Guarded:
    """For a view of the firm `pk`. What is there costs nothing more: the merged record is looked for after a 404."""

    @wraps(view)
    def led(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, pk, **kwargs)
        except Http404:
            survivor = Firm.objects.visible_to(request.user).survivor_of(pk).first()
            if survivor is None or request.method not in SAFE_METHODS or request.resolver_match is None:
                raise
            page = reverse(request.resolver_match.view_name, kwargs=request.resolver_match.kwargs | {"pk": survivor.pk})
            query = request.META.get("QUERY_STRING", "")
            return redirect(f"{page}?{query}" if query else page)  # not for good: a merge may be undone

    return cast("Guarded", led)
