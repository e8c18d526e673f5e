"""Certificates as people write them, tied to the catalogue where the spelling is known."""

from registry.models import Certification
from registry.text import fold


class CertificationIndex:
    """Catalogue certifications by any spelling of their name."""

    def __init__(self) -> None:
        self._by_key: dict[str, str] = {}
        self.names: list[str] = []
        for certification in Certification.objects.all():
            self.names.append(certification.label)
            for spelling in (certification.name, certification.name_en, *certification.aliases):
                self._by_key.setdefault(self.key(spelling), certification.pk)

    @staticmethod
    def key(text: str) -> str:
        return fold(text).replace(" ", "")

    def find(self, stated: str) -> str | None:
        """The code of the certification, None when the catalogue does not know the spelling."""
        return self._by_key.get(self.key(stated))
