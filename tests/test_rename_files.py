"""Part 4 as a script."""

# The script


def test_the_script_makes_the_package_and_ends_with_0(course, lone_suite):
    done = lone_suite.part(4, "--project-path", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert str(course.project.output) in done.stdout
    assert "20: left out" in done.stdout


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 1), (("--allow-missing",), 0)])
@pytest.mark.parametrize("lacking", ["video", "picture"])
def test_what_is_missing_decides_on_the_exit_code_unless_it_is_allowed(
    lacking, arguments, exit_code, course, lone_suite
):
    if lacking == "video":
        (course.project.videos / "(06) title.mp4").unlink()
        expected = "video 6 is missing"
    else:
        next((course.project.path / "10").glob("*_t1_c.png")).unlink()
        expected = "10: position 3 (session 1, t1_c)"

    done = lone_suite.part(4, "-p", course.project.path, *arguments)

    assert done.returncode == exit_code
    assert expected in (done.stderr if exit_code else done.stdout)
    assert ("--allow-missing" in done.stderr) == bool(exit_code)
    assert "Traceback" not in done.stderr
    assert (course.project.output / "10" / "9.png").is_file()


@pytest.mark.parametrize("existing", [True, False], ids=["old output", "no output"])
def test_a_dry_run_shows_the_plan_and_touches_nothing(existing, course, lone_suite):
    if existing:
        course.publish()
    before = files_below(course.project.path)

    done = lone_suite.part(4, "-p", course.project.path, "--dry-run")

    assert done.returncode == 0, done.stderr
    assert files_below(course.project.path) == before
    for item in course.plan().items:
        assert item.target in done.stdout
        assert item.source.name in done.stdout


def test_a_dry_run_ends_as_the_real_run_would(course, lone_suite):
    (course.project.videos / "(06) title.mp4").unlink()

    assert lone_suite.part(4, "-p", course.project.path, "--dry-run").returncode == 1
    assert lone_suite.part(4, "-p", course.project.path, "--dry-run", "--allow-missing").returncode == 0


@pytest.mark.parametrize("problem", ["nothing", "two videos", "no folder"])
def test_what_cannot_be_packaged_ends_with_1_and_one_sentence(problem, bare, lone_suite):
    path = bare.project.path
    if problem == "two videos":
        bare.curriculum(TEN, SHORT)
        bare.video(6)
        bare.video(6, "6 again.mp4")
    if problem == "no folder":
        path = path / "missing"

    done = lone_suite.part(4, "-p", path)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert not (path / "output").exists()


def test_the_language_is_that_of_the_folder_when_nobody_says_it(tmp_path, lone_suite):
    course = Course(tmp_path / "fa")
    course.curriculum(INTENSIVE, recorded_slides(INTENSIVE, False), manifest=False)

    done = lone_suite.part(4, "-p", course.project.path, "--allow-missing")

    assert done.returncode == 0, done.stderr
    assert "classic" in done.stdout
    assert 'dir="rtl"' in (course.project.output / "index.html").read_text(encoding="utf-8")
