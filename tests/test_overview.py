"""The page."""

# The page to look through it


def page_of(course, language="es"):
    course.publish(language=language)
    return (course.project.output / "index.html").read_text(encoding="utf-8")


def test_the_page_shows_every_position_and_every_file_it_names_is_there(course):
    page = page_of(course)

    shown = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert set(shown) == set(course.expected(TEN, SHORT))
    assert all((course.project.output / name).is_file() for name in shown)
    captions = re.findall(r"<figcaption>(\d+) · (\w+)", page)
    assert captions == [(str(slide.position), slide.key) for slide in SHORT]


def test_the_page_shows_a_gap_where_a_picture_is_missing(course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    page = page_of(course)

    assert len(re.findall("<figcaption>", page)) == len(SHORT)
    assert "3 · t1_c: missing" in page
    assert 'src="10/3.png"' not in page
    assert "position 3 " in page


def test_the_page_escapes_what_comes_from_outside(course):
    hostile = number_slides([[("<script>alert(1)</script>&\"'", "title", None)]])
    plan = Plan(sequences={TEN: hostile}, missing=["<b>missing</b> & more"])
    page = overview(plan, '"><script>alert(2)</script>')

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;missing&lt;/b&gt; &amp; more" in page


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("ur", "rtl"), ("es", "ltr"), ("xx", "ltr")])
def test_the_page_has_the_language_and_its_direction(language, direction, course):
    page = page_of(course, language)

    assert f'<html lang="{language}" dir="{direction}">' in page


def test_the_page_needs_nothing_from_elsewhere(course):
    page = page_of(course, "ar")

    assert "العربية" in page
    assert not re.findall(r"https?:|//|@import", page.replace("</", "<"))
