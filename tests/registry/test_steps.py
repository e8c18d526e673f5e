import pytest

from registry.models import NEED_STEPS, Need
from registry.steps import StepRefused, move, open_steps
from tests.factories import NeedFactory

pytestmark = pytest.mark.django_db


def test_a_step_moves_the_row_in_memory_and_in_the_database() -> None:
    need = NeedFactory(state="draft")
    assert move(need, NEED_STEPS["submit"]) == "draft"
    assert need.state == Need.objects.get(pk=need.pk).state == "review"


def test_a_step_from_another_state_is_refused() -> None:
    with pytest.raises(StepRefused, match=r"Submit|確認を依頼する"):
        move(NeedFactory(state="open"), NEED_STEPS["submit"])


def test_the_second_of_two_people_is_told_and_nothing_is_written() -> None:
    need = NeedFactory(state="review")
    other = Need.objects.get(pk=need.pk)
    move(need, NEED_STEPS["open"])
    with pytest.raises(StepRefused):
        move(other, NEED_STEPS["return"])
    assert other.state == Need.objects.get(pk=need.pk).state == "open"


def test_buttons_are_drawn_from_the_table() -> None:
    assert list(open_steps(NEED_STEPS, "review")) == ["open", "return"]
