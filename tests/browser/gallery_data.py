"""Sample data of the gallery: long compounds, long names, few and many rows; nothing of a real person."""

from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
LONG_NAME = "Maria-Magdalena Wilhelmina van der Schoonenbeek-Oosterhuizen"
TASKS = ("Mijn gesprekken", "Mijn steekproef", "Coachingsgesprekken", "Verslagen", "Kwaliteitsbewaking")
ERRORS = [
    ("password", "Dit wachtwoord is te kort: 15 tekens of meer."),
    ("what", "Vul in wat er is gebeurd."),
    (None, "De verbinding is even weg geweest."),
]
MARKS = ([], [("info", "getrokken")], [("warning", "bedreiging"), ("default", "toestemming gevraagd")])
SAMPLE = [
    SimpleNamespace(
        day=f"{('ma', 'di', 'wo', 'do', 'vr')[i % 5]} {1 + i % 27} nov, {9 + i % 8}:0{i % 10}",
        duration=f"{i % 12}:{i * 7 % 60:02}",
        direction="inkomend" if i % 3 else "uitgaand",
        days=28 - i % 29,
        marks=MARKS[i % 3],
    )
    for i in range(10_000)
]
PEOPLE = [
    SimpleNamespace(
        name=LONG_NAME,
        slots=[("signed", "afgerond"), ("scored", "beluisterd"), ("drawn", "getrokken"), ("open", "vrij")],
        summary="1 afgerond, 1 beluisterd, 1 getrokken",
        step="Gesprek 3 beluisteren",
    ),
    SimpleNamespace(
        name="Ab Oe",
        slots=[("skipped", "niet representatief"), ("drawn", "getrokken"), *[("open", "vrij")] * 2],
        summary="1 getrokken",
        step="Afspraak maken",
    ),
    SimpleNamespace(
        name="Çiğdem Yıldız",
        slots=[("open", "vrij")] * 4,
        summary="aangekondigd",
        step="Wacht tot 30 nov",
    ),
]
QUESTIONS = [
    (1, "Neemt de medewerker de telefoon binnen de afgesproken tijd op?"),
    (2, "Is de welkomsttekst volledig?"),
    (3, "Noemt de medewerker de eigen naam?"),
    (4, "Stelt de medewerker vragen die de aanvraagbehandelingsgeschiedenis van de beller helder maken?"),
    (5, "Vat de medewerker samen?"),
]
EVERYTHING = {
    "sample": SAMPLE,
    "people": PEOPLE,
    "questions": QUESTIONS,
    "long_name": LONG_NAME,
    "listened": [
        (LONG_NAME, "di 3 nov, 14:05", "coaching"),
        ("Jijzelf", "wo 4 nov, 09:12", "inzage in je eigen gesprek"),
    ],
}
