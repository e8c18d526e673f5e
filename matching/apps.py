from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from registry.changes import on_change, on_merge, on_split


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = _("Matching")

    def ready(self) -> None:
        """What the register saves is matched at once; without this the sweep would find it a little later."""
        from matching.api import RESOURCES  # noqa: PLC0415
        from matching.home import concerns_panel, inquiries_panel, lists_panel, proposals_panel  # noqa: PLC0415  the models are loaded only now
        from matching.jobs import request_changed  # noqa: PLC0415
        from matching.merged import join, split  # noqa: PLC0415
        from matching.notices import KINDS  # noqa: PLC0415
        from matching.panels import NEED_PANELS  # noqa: PLC0415
        from matching.partners import note_change  # noqa: PLC0415
        from matching.preview import anchor_side  # noqa: PLC0415
        from matching.today import changes_panel, links_panel, new_panel, tasks_panel  # noqa: PLC0415
        from matching.todo import settle  # noqa: PLC0415
        from matching.webhooks import EVENTS  # noqa: PLC0415
        from registry import notices, panels, tokens, webhooks  # noqa: PLC0415
        from registry.home import PANELS  # noqa: PLC0415
        from registry.preview import VIEWS  # noqa: PLC0415

        on_change.extend([settle, request_changed, note_change])
        on_merge.append(join)
        on_split.append(split)
        VIEWS.append(anchor_side)
        panels.NEED_PANELS.extend(NEED_PANELS)
        notices.KINDS.update(KINDS)
        tokens.RESOURCES.update(RESOURCES)
        webhooks.EVENTS.update(EVENTS)
        PANELS.extend([concerns_panel, proposals_panel, changes_panel, new_panel, inquiries_panel, lists_panel])
        PANELS.extend([tasks_panel, links_panel])
