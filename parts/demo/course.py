"""The course of the stand-in presenter: which slides it has, of which type, and what stands on them.

The slide keys and video numbers are those of the recorded curricula; every text
is the stand-in's own. Neighbouring slides often share a type and carry texts of
clearly different length, because that is where a capture that reuses a slide's
element goes wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import escape
from zlib import crc32

from course.curricula import CURRICULA, Curriculum, recorded_slides
from course.languages import Language

EXTRA_KEY = "extra_1"
EXTRA_VIDEO_KEY = "extra_video_"
# The stage of a progress bar that is behind the slide.
_WHOLE_STAGE = 100

PICTURES = ("circles.svg", "path.svg", "table.svg", "tree.svg")
BACKDROPS = ("hills.svg", "waves.svg")
QR_CODES = ("qr-checkin.png", "qr-share.png")

SLIDE_TYPES = (
    "activity",
    "break",
    "center",
    "checkin",
    "congratulations",
    "discuss",
    "final",
    "left_image",
    "look_back",
    "obey",
    "overview",
    "pray",
    "review",
    "title",
    "video",
    "watch",
)

# How many sentences a slide gets, by its place in the session: never two neighbours of similar length.
_SENTENCE_COUNTS = (1, 7, 3, 8, 2, 5)

_TYPE_OF_KEY = {"break": "break", "final": "final", "congratulations": "congratulations", "next_steps": "obey"}
# A topic's last slide and the next topic's first one share their type in two cases of three.
_TYPES_OF_TOPIC = {"a": ("watch", "discuss", "activity"), "c": ("discuss", "activity", "center")}
# By the number at the end of other keys, modulo nine.
_TYPES_BY_NUMBER = ("obey", "overview", "checkin", "pray", "look_back", "look_back", "review", "review", "obey")


@dataclass(frozen=True)
class Words:
    """The texts of one language.

    Attributes:
        session: the word for a session.
        video: the word for a video.
        next: the label of the arrow forward.
        previous: the label of the arrow back.
        headings: the heading of each slide type.
        sentences: what the slides say, in pieces of different length.
    """

    session: str
    video: str
    next: str
    previous: str
    headings: dict[str, str]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class CourseSlide:
    """One slide of the stand-in's course.

    Attributes:
        key: the slide's name on the site.
        type: one of ``SLIDE_TYPES``.
        video: the number of the course video on a video slide, else None.
        marker: curriculum, session, place and key; no two slides of a page have the same.
        heading: the line at the top.
        number: session and place, e.g. ``3.11``, beside the heading.
        text: the sentences below it.
        picture: the name of the picture, or "".
        qr: the name of the QR code, or "".
        backdrop: the name of the picture behind the text, or "".
    """

    key: str
    type: str
    video: int | None
    marker: str
    heading: str
    number: str
    text: tuple[str, ...]
    picture: str
    qr: str
    backdrop: str

    def page_data(self) -> dict[str, object]:
        """Return the slide as the page's own course data has it, but for the video of a video slide.

        The texts are HTML, and lie beside the addresses of pictures, as people have typed them in. ``marker`` and
        ``number`` are the stand-in's own: they make every two slides differ.
        """
        heading, texts = escape(self.heading), self._texts()
        session, place = self.number.split(".")
        data: dict[str, object] = {
            "key": self.key,
            "type": self.type,
            "marker": self.marker,
            "number": self.number,
            "menu": [heading, self.length],
            "length": self.length,
            "progress_bar": [*[_WHOLE_STAGE] * (int(session) - 1), int(place)],
        }
        if self.video is not None:
            # In the middle, there is nothing but the player.
            data |= {"left": [heading], "right": texts, "alt_video_id": self.video, "script_id": str(100 + self.video)}
        elif self.picture:
            data |= {"center": [heading], "left": [_address(self.picture)], "right": texts}
        elif self.backdrop:
            data |= {"center": [_address(self.backdrop), heading, *texts], "left": [], "right": []}
        else:
            data |= {"center": [heading, ""], "left": texts, "right": False}
        if self.qr:
            data |= {"id": crc32(self.key.encode()) % 1000, "qr": _address(self.qr)}
        return data

    @property
    def length(self) -> str:
        """How long the slide takes, for the menu; "" where nobody has said it."""
        minutes = 5 * (crc32(self.key.encode()) % 4)
        return f"{minutes} min" if minutes else ""

    def _texts(self) -> list[object]:
        """Return the sentences in the ways in which they are typed in: as a text, as some in one, as a list of them."""
        first, *others = (escape(sentence) for sentence in self.text)
        two = [f"<p>{'</p><p>'.join(others[:2])}</p>"] if others else []
        return [f"<strong>{first}</strong>", *two, *([others[2:]] if others[2:] else [])]


@dataclass(frozen=True)
class CourseChanges:
    """How a course departs from the recorded one.

    Attributes:
        extra_slide: True puts one slide more, ``extra_1``, into session 2 of each curriculum.
        removed_slides: the keys of slides that the course lacks.
        short_course: keep only so many slides of each of the first sessions; None keeps all.
        short_sessions: how many sessions a shortened course keeps.
        more_videos: numbers of videos, each of which gets a slide at the end of each curriculum that lacks it.
    """

    extra_slide: bool = False
    removed_slides: frozenset[str] = frozenset()
    short_course: int | None = None
    short_sessions: int = 2
    more_videos: tuple[int, ...] = ()


def course(language: Language, three_circles: bool, changes: CourseChanges) -> dict[str, list[list[CourseSlide]]]:
    """Return the sessions of slides of each curriculum, by the page's constant for it.

    Args:
        language: whose texts the slides carry.
        three_circles: which edition, as a rule the language's own.
        changes: what to leave out or add.
    """
    words = words_of(language)
    return {
        curriculum.constant: [
            _session(curriculum, number, content, words)
            for number, content in enumerate(_content(curriculum, three_circles, changes), start=1)
        ]
        for curriculum in CURRICULA
    }


def words_of(language: Language) -> Words:
    """Return the texts of a language; one without texts of its own gets English ones with its native name in them."""
    words = _WORDS.get(language.code)
    if words:
        return words
    english = _WORDS["en"]
    name = language.native_name
    return Words(
        session=english.session,
        video=english.video,
        next=english.next,
        previous=english.previous,
        headings={kind: f"{name} · {heading}" for kind, heading in english.headings.items()},
        sentences=tuple(f"{name}: {sentence}" for sentence in english.sentences),
    )


def _content(curriculum: Curriculum, three_circles: bool, changes: CourseChanges) -> list[list[tuple[str, int | None]]]:
    """Return the key and video number of each slide, session by session."""
    sessions: list[list[tuple[str, int | None]]] = []
    for slide in recorded_slides(curriculum, three_circles):
        if slide.session > len(sessions):
            sessions.append([])
        if slide.key not in changes.removed_slides:
            sessions[slide.session - 1].append((slide.key, slide.video))
    if changes.short_course:
        sessions = _shortened(sessions[: changes.short_sessions], changes.short_course)
    if changes.extra_slide:
        sessions[1].insert(2, (EXTRA_KEY, None))
    shown = {video for session in sessions for _, video in session}
    sessions[-1] += [(f"{EXTRA_VIDEO_KEY}{number}", number) for number in changes.more_videos if number not in shown]
    return sessions


def _shortened(sessions: list[list[tuple[str, int | None]]], length: int) -> list[list[tuple[str, int | None]]]:
    """Keep the first slides of each session, and at least one video slide among them."""
    kept = [session[:length] for session in sessions]
    if not any(video for session in kept for _, video in session):
        kept[0][-1] = next(slide for slide in sessions[0] if slide[1])
    return kept


def _session(
    curriculum: Curriculum, session: int, content: Collection[tuple[str, int | None]], words: Words
) -> list[CourseSlide]:
    slides = []
    for place, (key, video) in enumerate(content):
        kind = _type(key, place, video)
        slides.append(
            CourseSlide(
                key=key,
                type=kind,
                video=video,
                marker=f"{curriculum.folder} · {words.session} {session} · {place + 1} · {key}",
                heading=words.headings[kind],
                number=f"{session}.{place + 1}",
                text=_text(key, 1 if video else _SENTENCE_COUNTS[place % len(_SENTENCE_COUNTS)], words.sentences),
                picture=_choice(key, PICTURES) if kind in ("left_image", "activity") else "",
                qr=_choice(kind, QR_CODES) if kind in ("checkin", "congratulations") else "",
                backdrop=_choice(key, BACKDROPS) if kind in ("title", "break", "congratulations") else "",
            )
        )
    return slides


def _type(key: str, place: int, video: int | None) -> str:
    """Choose a slide's type from its key and its place in the session, counted from 0."""
    if video is not None:
        return "video"
    if key in _TYPE_OF_KEY:
        return _TYPE_OF_KEY[key]
    if place == 0:
        return "title"
    if topic := re.fullmatch(r"t(\d+)_([a-z])[a-z]*", key):
        number, part = topic.groups()
        return _TYPES_OF_TOPIC[part][int(number) % 3] if part in _TYPES_OF_TOPIC and number != "10" else "left_image"
    number_in_key = re.search(r"(\d+)[a-z]*$", key)
    return _TYPES_BY_NUMBER[int(number_in_key[1]) % len(_TYPES_BY_NUMBER)] if number_in_key else "center"


def _text(key: str, count: int, sentences: tuple[str, ...]) -> tuple[str, ...]:
    first = crc32(key.encode())
    return tuple(sentences[(first + step) % len(sentences)] for step in range(count))


def _address(picture: str) -> str:
    """Return the address of a picture, from the site's root on: its host may have any name."""
    return f"/pictures/{picture}"


def _choice(seed: str, names: tuple[str, ...]) -> str:
    return names[crc32(seed.encode()) % len(names)]


def _headings(*headings: str) -> dict[str, str]:
    return dict(zip(SLIDE_TYPES, headings, strict=True))


_WORDS = {
    "en": Words(
        session="Session",
        video="Video",
        next="Next",
        previous="Back",
        headings=_headings(
            "Try it yourselves",
            "A short break",
            "Remember this",
            "Check in",
            "Well done!",
            "Talk about it",
            "See you next time",
            "Look closely",
            "How did it go?",
            "Put it to use",
            "What comes today",
            "A quiet moment",
            "What we have learned",
            "Learning together",
            "Watch together",
            "Before you watch",
        ),
        sentences=(
            "We learn best when we learn together.",
            "Read the story aloud, then let each person say what they noticed first.",
            "Everyone speaks once before anyone speaks twice.",
            "Write down one thing you want to try before you meet again, and tell a friend about it.",
            "Listen well.",
            "Small steps, taken every day, lead far.",
            "Share what helped you this week, what was hard, and what you would do differently next time.",
            "Choose a partner and practise what you have just heard.",
        ),
    ),
    "es": Words(
        session="Sesión",
        video="Video",
        next="Siguiente",
        previous="Atrás",
        headings=_headings(
            "Pruébenlo ustedes",
            "Una pausa corta",
            "Recuerda esto",
            "Regístrate",
            "¡Muy bien!",
            "Conversen",
            "Hasta la próxima",
            "Mira con atención",
            "¿Cómo les fue?",
            "Ponlo en práctica",
            "Lo que veremos hoy",
            "Un momento de silencio",
            "Lo que hemos aprendido",
            "Aprender juntos",
            "Miren juntos",
            "Antes de mirar",
        ),
        sentences=(
            "Aprendemos mejor cuando aprendemos juntos.",
            "Lean la historia en voz alta y luego digan, uno por uno, qué les llamó la atención.",
            "Todos hablan una vez antes de que alguien hable dos veces.",
            "Anota una cosa que quieras probar antes de la próxima reunión y cuéntasela a un amigo.",
            "Escucha bien.",
            "Los pasos pequeños de cada día llevan lejos.",
            "Comparte qué te ayudó esta semana, qué fue difícil y qué harías de otra manera la próxima vez.",
            "Busca un compañero y practiquen lo que acaban de oír.",
        ),
    ),
    "fr": Words(
        session="Séance",
        video="Vidéo",
        next="Suivant",
        previous="Retour",
        headings=_headings(
            "À vous d'essayer",
            "Une courte pause",
            "À retenir",
            "Présence",
            "Bravo !",
            "Parlez-en",
            "À la prochaine fois",
            "Regardez de près",
            "Comment cela s'est-il passé ?",
            "Mettez en pratique",
            "Au programme",
            "Un moment de calme",
            "Ce que nous avons appris",
            "Apprendre ensemble",
            "Regardez ensemble",
            "Avant de regarder",
        ),
        sentences=(
            "On apprend mieux quand on apprend ensemble.",
            "Lisez l'histoire à haute voix, puis que chacun dise ce qu'il a remarqué d'abord.",
            "Chacun parle une fois avant que quelqu'un parle deux fois.",
            "Notez une chose que vous voulez essayer avant la prochaine rencontre, et dites-le à un ami.",
            "Écoutez bien.",
            "De petits pas, chaque jour, mènent loin.",
            "Racontez ce qui vous a aidé cette semaine, ce qui était difficile et ce que vous feriez autrement.",
            "Choisissez un partenaire et exercez-vous à ce que vous venez d'entendre.",
        ),
    ),
    "hi": Words(
        session="सत्र",
        video="वीडियो",
        next="आगे",
        previous="पीछे",
        headings=_headings(
            "खुद करके देखें",
            "छोटा विराम",
            "इसे याद रखें",
            "उपस्थिति",
            "शाबाश!",
            "आपस में चर्चा करें",
            "फिर मिलेंगे",
            "ध्यान से देखें",
            "कैसा रहा?",
            "अमल में लाएँ",
            "आज क्या होगा",
            "शांत समय",
            "हमने क्या सीखा",
            "साथ मिलकर सीखना",
            "साथ में देखें",
            "देखने से पहले",
        ),
        sentences=(
            "जब हम साथ सीखते हैं तब सबसे अच्छा सीखते हैं।",
            "कहानी को ज़ोर से पढ़ें, फिर हर व्यक्ति बताए कि उसने सबसे पहले क्या देखा।",
            "किसी के दूसरी बार बोलने से पहले सब एक बार बोलें।",
            "अगली बार मिलने से पहले जो एक काम आप करना चाहते हैं उसे लिखें और किसी मित्र को बताएँ।",
            "ध्यान से सुनें।",
            "रोज़ के छोटे कदम दूर तक ले जाते हैं।",
            "बताएँ कि इस सप्ताह किस बात ने आपकी मदद की, क्या कठिन था और अगली बार आप क्या अलग करेंगे।",
            "एक साथी चुनें और अभी जो सुना उसका अभ्यास करें।",
        ),
    ),
    "ar": Words(
        session="الجلسة",
        video="فيديو",
        next="التالي",
        previous="السابق",
        headings=_headings(
            "جرّبوا بأنفسكم",
            "استراحة قصيرة",
            "تذكّروا هذا",
            "تسجيل الحضور",
            "أحسنتم!",
            "تحدّثوا معًا",
            "إلى اللقاء",
            "انظروا جيدًا",
            "كيف كان الأسبوع؟",
            "طبّقوا ما تعلّمتم",
            "ماذا سنفعل اليوم",
            "لحظة هدوء",
            "ماذا تعلّمنا",
            "نتعلّم معًا",
            "شاهدوا معًا",
            "قبل المشاهدة",
        ),
        sentences=(
            "نتعلّم أفضل عندما نتعلّم معًا.",
            "اقرأوا القصة بصوت عالٍ، ثم ليقل كل واحد ما الذي لفت انتباهه أولًا.",
            "يتكلّم كل شخص مرة قبل أن يتكلّم أحد مرتين.",
            "اكتب شيئًا واحدًا تريد أن تجرّبه قبل اللقاء القادم، وأخبر به صديقًا.",
            "أصغِ جيدًا.",
            "الخطوات الصغيرة كل يوم تصل بنا بعيدًا.",
            "شارك ما ساعدك هذا الأسبوع، وما كان صعبًا، وما الذي ستفعله بطريقة مختلفة في المرة القادمة.",
            "اختر شريكًا وتدرّبا على ما سمعتماه الآن.",
        ),
    ),
    "zhcn": Words(
        session="课程",
        video="视频",
        next="下一页",
        previous="上一页",
        headings=_headings(
            "动手试一试",
            "休息一下",
            "请记住",
            "签到",
            "做得好！",
            "一起讨论",
            "下次再见",
            "仔细看",
            "进展如何？",
            "学以致用",
            "今天的内容",
            "安静片刻",
            "我们学到了什么",
            "一起学习",
            "一起观看",
            "观看之前",
        ),
        sentences=(
            "一起学习的时候，我们学得最好。",
            "大声读这个故事，然后请每个人说说自己最先注意到什么。",
            "每个人先说一次，然后才有人说第二次。",
            "写下一件你想在下次见面之前尝试的事，并且告诉一位朋友。",
            "用心倾听。",
            "每天一小步，可以走得很远。",
            "分享这一周什么帮助了你，什么让你觉得困难，下一次你会有什么不同的做法。",
            "找一位伙伴，练习你们刚才听到的内容。",
        ),
    ),
    "ne": Words(
        session="सत्र",
        video="भिडियो",
        next="अर्को",
        previous="पछाडि",
        headings=_headings(
            "आफैँ गरेर हेर्नुहोस्",
            "छोटो विश्राम",
            "यो सम्झनुहोस्",
            "उपस्थिति",
            "स्याबास!",
            "छलफल गर्नुहोस्",
            "फेरि भेटौँला",
            "राम्ररी हेर्नुहोस्",
            "कस्तो भयो?",
            "प्रयोगमा ल्याउनुहोस्",
            "आज के गर्छौँ",
            "शान्त समय",
            "हामीले के सिक्यौँ",
            "सँगै सिक्ने",
            "सँगै हेर्नुहोस्",
            "हेर्नुअघि",
        ),
        sentences=(
            "सँगै सिक्दा हामी सबैभन्दा राम्ररी सिक्छौँ।",
            "कथा ठूलो स्वरमा पढ्नुहोस्, त्यसपछि हरेकले आफूले पहिला के देखे भनून्।",
            "कसैले दोस्रो पटक बोल्नुअघि सबैले एक पटक बोलून्।",
            "अर्को भेटअघि आफूले गर्न चाहेको एउटा कुरा लेख्नुहोस् र एक जना साथीलाई भन्नुहोस्।",
            "राम्ररी सुन्नुहोस्।",
            "हरेक दिनका साना पाइलाले टाढा पुर्‍याउँछन्।",
            "यो हप्ता केले सहयोग गर्‍यो, के गाह्रो भयो र अर्को पटक के फरक गर्नुहुन्छ भनेर बताउनुहोस्।",
            "एक जना साथी छान्नुहोस् र भर्खरै सुनेको कुरा अभ्यास गर्नुहोस्।",
        ),
    ),
}
