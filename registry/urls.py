from collections.abc import Iterable

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from registry.certified import CERTIFICATE_STEPS
from registry.forms.sections import SECTIONS
from registry.intake.kinds import KINDS
from registry.models import CLAIM_STEPS, ERASURE_STEPS, FIRM_STEPS, NEED_STEPS
from registry.tabular import WRITERS
from registry.views import (
    claims,
    consortia,
    drawings,
    duplicates,
    events,
    files,
    firms,
    home,
    imports,
    maps,
    needs,
    notices,
    official,
    people,
    profile,
    projects,
    register,
    sheets,
    tokens,
    webhooks,
)


def words(name: str, known: Iterable[str]) -> None:
    """A converter for one of a few words, so that anything else is no address at all."""
    register_converter(type(f"{name}Converter", (StringConverter,), {"regex": "|".join(known)}), name)


words("extension", WRITERS)
words("firm_step", FIRM_STEPS)
words("certificate_step", CERTIFICATE_STEPS)
words("claim_step", CLAIM_STEPS)
words("need_step", NEED_STEPS)
words("profile_section", SECTIONS)
words("person_step", people.STEPS)
words("erasure_step", ERASURE_STEPS)
words("pair_step", duplicates.STEPS)
words("webhook_step", webhooks.STEPS)
words("import_step", ("take", "undo", "cancel"))
words("import_kind", KINDS)

app_name = "registry"
urlpatterns = [
    path("", home.home, name="home"),
    path("firms/", firms.firms, name="firms"),
    path("firms/export.<extension:extension>", firms.firms_export, name="firms-export"),
    path("firms/equipment.<extension:extension>", sheets.equipment_export, name="equipment-export"),
    path("firms/certificates.<extension:extension>", sheets.certificates_export, name="certificates-export"),
    path("firms/capabilities.<extension:extension>", sheets.capabilities_export, name="capabilities-export"),
    path("firms/memberships.<extension:extension>", sheets.memberships_export, name="memberships-export"),
    path("firms/<int:pk>/", firms.firm, name="firm"),
    path("firms/wording/", profile.firm_wording, name="firm-wording"),
    path("firms/<int:pk>/edit/", profile.firm_edit, name="firm-edit"),
    path("firms/<int:pk>/edit/<profile_section:section>/", profile.firm_section, name="firm-section"),
    path("firms/<int:pk>/preview/", profile.firm_preview, name="firm-preview"),
    path("firms/<int:pk>/confirm/", profile.firm_confirm, name="firm-confirm"),
    path("firms/<int:pk>/english/confirm/", profile.firm_english, name="firm-english"),
    path("firms/<int:pk>/history/", profile.firm_history, name="firm-history"),
    path("firms/<int:pk>/certificates/<int:certificate>/scan/", files.scan, name="scan"),
    path("firms/<int:pk>/certificates/<int:certificate>/scan/put/", files.scan_put, name="scan-put"),
    path("firms/<int:pk>/certificates/<int:certificate>/scan/remove/", files.scan_remove, name="scan-remove"),
    path(
        "firms/<int:pk>/certificates/<int:certificate>/<certificate_step:step>/",
        files.certificate_step,
        name="certificate-step",
    ),
    path("firms/<int:pk>/photos/add/", files.photo_add, name="photo-add"),
    path("firms/<int:pk>/photos/<int:photo>/", files.photo, name="photo"),
    path("firms/<int:pk>/photos/<int:photo>/remove/", files.photo_remove, name="photo-remove"),
    path("firms/<int:pk>/people/", people.people, name="people"),
    path("firms/<int:pk>/people/invite/", people.invite, name="person-invite"),
    path("firms/<int:pk>/people/<int:member>/<person_step:step>/", people.person_step, name="person-step"),
    path("firms/<int:pk>/invitations/<int:invitation>/withdraw/", people.uninvite, name="invitation-withdraw"),
    path("firms/<int:pk>/leave/", people.leave, name="leave"),
    path("firms/<int:pk>/leave/erasure/", people.ask_erasure, name="ask-erasure"),
    path("invitations/<str:token>/", people.invitation, name="invitation"),
    path("erasures/", people.erasures, name="erasures"),
    path("erasures/export.<extension:extension>", people.erasures_export, name="erasures-export"),
    path("erasures/<int:pk>/<erasure_step:step>/", people.erasure_decide, name="erasure-decide"),
    path("firms/<int:pk>/official/", official.firm_official, name="firm-official"),
    path("firms/<int:pk>/official/take/", official.firm_official_take, name="firm-official-take"),
    path("firms/<int:pk>/<firm_step:step>/", firms.firm_step, name="firm-step"),
    path("register/", register.register, name="register"),
    path("register/new/", register.register_firm, name="register-firm"),
    path("register/claim/<int:pk>/", register.claim, name="claim"),
    path("claims/", claims.claims, name="claims"),
    path("claims/export.<extension:extension>", claims.claims_export, name="claims-export"),
    path("claims/<int:pk>/<claim_step:step>/", claims.claim_decide, name="claim-decide"),
    path("imports/", imports.imports_page, name="imports"),
    path("imports/export.<extension:extension>", imports.imports_export, name="imports-export"),
    path("imports/<import_kind:kind>-template.xlsx", imports.import_template, name="import-template"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path("imports/<int:pk>/header/", imports.import_header, name="import-header"),
    path("imports/<int:pk>/columns/", imports.import_columns, name="import-columns"),
    path("imports/<int:pk>/remarks.xlsx", imports.import_remarks, name="import-remarks"),
    path("imports/<int:pk>/<import_step:step>/", imports.import_step, name="import-step"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/export.<extension:extension>", duplicates.duplicates_export, name="duplicates-export"),
    path("duplicates/<int:pk>/", duplicates.duplicate, name="duplicate"),
    path("duplicates/<int:pk>/merge/", duplicates.duplicate_merge, name="duplicate-merge"),
    path("duplicates/<int:pk>/<pair_step:step>/", duplicates.duplicate_step, name="duplicate-step"),
    path("notices/", notices.notices, name="notices"),
    path("notices/export.<extension:extension>", notices.notices_export, name="notices-export"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/read/", notices.notices_read, name="notices-read"),
    path("notices/wishes/", notices.notice_wishes, name="notice-wishes"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/everybody/", tokens.everybody, name="tokens-everybody"),
    path("tokens/everybody/export.<extension:extension>", tokens.everybody_export, name="tokens-everybody-export"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("events/", events.events, name="events"),
    path("events/attendance.<extension:extension>", events.attendance_export, name="attendance-export"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:pk>/<webhook_step:step>/", webhooks.webhook_step, name="webhook-step"),
    path("webhooks/<int:pk>/messages/<int:delivery>/again/", webhooks.delivery_again, name="delivery-again"),
    path("consortia/", consortia.consortia, name="consortia"),
    path("consortia/export.<extension:extension>", consortia.consortia_export, name="consortia-export"),
    path("consortia/<slug:code>/", consortia.consortium, name="consortium"),
    path("projects/", projects.projects, name="projects"),
    path("projects/export.<extension:extension>", projects.projects_export, name="projects-export"),
    path("projects/<int:pk>/", projects.project, name="project"),
    path("map/", maps.region_map, name="map"),
    path("needs/", needs.needs, name="needs"),
    path("needs/export.<extension:extension>", needs.needs_export, name="needs-export"),
    path("needs/new/", needs.need_new, name="need-new"),
    path("needs/wording/", needs.need_wording, name="need-wording"),
    path("needs/<int:pk>/", needs.need, name="need"),
    path("needs/<int:pk>/edit/", needs.need_edit, name="need-edit"),
    path("needs/<int:pk>/history/", needs.need_history, name="need-history"),
    path("needs/<int:pk>/lots/", needs.need_lots, name="need-lots"),
    path("needs/<int:pk>/drawings/", drawings.drawings, name="drawings"),
    path("needs/<int:pk>/drawings/add/", drawings.drawing_add, name="drawing-add"),
    path("needs/<int:pk>/drawings/<int:drawing>/", drawings.drawing, name="drawing"),
    path("needs/<int:pk>/drawings/<int:drawing>/remove/", drawings.drawing_remove, name="drawing-remove"),
    path("needs/<int:pk>/export-checks/add/", drawings.export_check, name="export-check"),
    path("needs/<int:pk>/<need_step:step>/", needs.need_step, name="need-step"),
]
