"""The administrator's workplace: people, offices, catalogues. Nobody else gets in (User.is_staff)."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.admin import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import history
from registry.access import signed_in
from registry.models import (
    AnchorProject,
    Capability,
    Certification,
    Consortium,
    Firm,
    FirmMembership,
    Industry,
    Municipality,
    Need,
    Office,
    Place,
    Prefecture,
    Programme,
    ProjectMembership,
    ProjectStateChange,
    Referral,
    Role,
    Sector,
    User,
)

admin.site.site_header = admin.site.site_title = "縁 Enishi"
admin.site.unregister(Group)  # rights follow from the role alone
admin.site.unregister(Authenticator)  # allauth's page shows the secrets
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # the second factor holds here too


def _is_administrator(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and user.is_active and user.role == Role.ADMIN


class ByRole:
    """The role decides, not Django's permission rows: what an administrator sees here they may also do."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)


class RowAdmin(ByRole, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the administrator looks after here."""


class OnlyToSee(ByRole):
    """Rows whose changes belong to the register's own pages, where each leaves a record."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SeenAdmin(OnlyToSee, admin.ModelAdmin):  # type: ignore[type-arg]
    """Such rows, to look at."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What is not shown is not found out by ?contact_email__startswith=a either."""
        return lookup.split("__")[0] not in (self.exclude or ()) and super().lookup_allowed(lookup, value, request)


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "name", "role")


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "name", "role", "is_active", "overseas", "password")


@admin.register(User)
class UserAdmin(ByRole, DjangoUserAdmin):  # type: ignore[type-arg]
    form, add_form = UserForm, NewUserForm
    fieldsets = ((None, {"fields": ("email", "name", "role", "is_active", "overseas", "password")}),)
    add_fieldsets = ((None, {"fields": ("email", "name", "role", "usable_password", "password1", "password2")}),)
    list_display = ("email", "name", "role", "is_active", "overseas", "date_joined")
    list_filter = ("role", "is_active", "overseas")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: their decisions stay. Clear “active” instead."""
        return False


@admin.register(Office)
class OfficeAdmin(RowAdmin):
    list_display = ("name", "kind", "code")
    list_filter = ("kind",)
    search_fields = ("name", "code")
    autocomplete_fields = ("members",)
    filter_horizontal = ("prefectures", "clusters")


@admin.register(FirmMembership)
class FirmMembershipAdmin(RowAdmin):
    list_display = ("user", "firm", "since")
    autocomplete_fields = ("user", "firm")
    list_select_related = ("user", "firm")


@admin.register(ProjectMembership)
class ProjectMembershipAdmin(RowAdmin):
    list_display = ("user", "project", "since")
    autocomplete_fields = ("user", "project")
    list_select_related = ("user", "project")


@admin.register(Prefecture, Industry, Consortium, Programme, Certification)
class CatalogueAdmin(RowAdmin):
    list_display: tuple[str, ...] = ("code", "name", "name_en")
    search_fields = ("code", "name", "name_en")


@admin.register(Referral)
class ReferralAdmin(RowAdmin):
    list_display = ("transition", "programme", "active")
    list_filter = ("programme", "active")
    list_select_related = ("transition", "programme")


@admin.register(Municipality)
class MunicipalityAdmin(CatalogueAdmin):
    list_filter = ("prefecture",)


@admin.register(Place)
class PlaceAdmin(CatalogueAdmin):
    list_filter = ("kind",)


@admin.register(Sector)
class SectorAdmin(CatalogueAdmin):
    list_display = ("code", "name", "name_en", "cluster", "position")
    list_select_related = ("cluster",)


@admin.register(Capability)
class CapabilityAdmin(CatalogueAdmin):
    list_filter = ("group_name",)
    filter_horizontal = ("sectors",)


class StateChangeInline(OnlyToSee, admin.TabularInline):  # type: ignore[type-arg]
    model = ProjectStateChange
    fields = readonly_fields = ("since", "state", "reason", "source", "by")
    extra = 0


@admin.register(AnchorProject)
class AnchorProjectAdmin(RowAdmin):
    list_display = ("name", "kind", "sector", "state", "is_sample")
    list_filter = ("kind", "state", "is_sample")
    list_select_related = ("sector",)
    search_fields = ("name", "name_en", "organisation", "code")
    autocomplete_fields = ("municipality",)
    inlines = (StateChangeInline,)

    def save_model(self, request: HttpRequest, obj: AnchorProject, form: Any, change: bool) -> None:
        """A new state leaves a line of its own, everything else one that says what was changed."""
        before = history.snapshot(obj) if change else {}
        super().save_model(request, obj, form, change)
        if change:
            history.record_changes(obj, before, signed_in(request))
        if "state" in form.changed_data or not change:
            today = timezone.localdate()
            obj.state_changes.create(state=obj.state, since=today, source=obj.source, by=signed_in(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Firm)
class FirmAdmin(SeenAdmin):
    list_display = ("name", "prefecture", "state", "updated_at", "is_sample")
    list_filter = ("state", "is_sample")
    list_select_related = ("prefecture",)
    search_fields = ("name", "corporate_number")
    exclude = ("contact_name", "contact_email", "contact_phone")


@admin.register(Need)
class NeedAdmin(SeenAdmin):
    list_display = ("number", "title", "project", "state", "visibility")
    list_filter = ("state", "visibility")
    list_select_related = ("project",)
    search_fields = ("title",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """The same rows as everywhere: not those under NDA."""
        return Need.objects.visible_to(request.user)

    @admin.display(description=_("Number"), ordering="pk")
    def number(self, need: Need) -> str:
        return need.number


@admin.register(Authenticator)
class AuthenticatorAdmin(SeenAdmin):
    """Second factors: taken away from somebody who lost theirs, never read and never added."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)
