"""Two changes of one group at once, and two offices that decide on its parts: none undoes or hides the other."""

import pytest

from matching import parts
from matching.models import Group, GroupEvent, GroupMember
from tests.factories import BureauFactory, FirmFactory, NeedFactory
from tests.races.test_decide import refusals, together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def proposed(n: int) -> tuple[int, list[GroupMember]]:
    group = Group.objects.create(need=NeedFactory(), number=1, made_by=BureauFactory(), state=Group.State.PROPOSED)
    members = [
        GroupMember.objects.create(group=group, firm=FirmFactory(), position=place, is_lead=place == 1, verdict="pass")
        for place in (1, 2, 3)
    ]
    return group.pk, members


def test_of_two_changes_from_one_version_one_wins() -> None:
    bureau, made = BureauFactory(), [proposed(n) for n in range(ROUNDS)]
    seen = [[Group.objects.select_related("need__project").get(pk=pk) for pk, _members in made] for _ in range(2)]
    answers = together(
        lambda n: parts.lead(seen[0][n], made[n][1][1].pk, seen=1, by=bureau),
        lambda n: parts.remove(seen[1][n], made[n][1][2].pk, seen=1, by=bureau),
        rounds=ROUNDS,
    )
    assert set(refusals(answers)) == {1}
    assert set(Group.objects.values_list("version", flat=True)) == {2}
    assert GroupEvent.objects.count() == ROUNDS


def test_two_offices_at_once_both_decide_and_the_group_knows() -> None:
    bureau, made = BureauFactory(), [proposed(n) for n in range(ROUNDS)]
    GroupMember.objects.filter(position=3).update(state=GroupMember.State.ACCEPTED)
    rows = GroupMember.objects.select_related("group__need__project", "firm__prefecture")
    seen = [[rows.get(pk=members[place].pk) for _pk, members in made] for place in (0, 1)]
    answers = together(
        *[lambda n, place=place: parts.decide("accept", seen[place][n], seen=1, by=bureau) for place in (0, 1)],
        rounds=ROUNDS,
    )
    assert set(refusals(answers)) == {0}
    assert set(Group.objects.values_list("state", flat=True)) == {Group.State.ACCEPTED}
