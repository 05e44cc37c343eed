"""What people in the demo wrote in forms, conversations and summaries; who wrote it is told elsewhere."""

FINDINGS = {
    "finding-well": "Je luistert rustig en vat goed samen wat de beller wil weten.",
    "finding-compliment": "Fijn dat je uit jezelf vertelde hoe lang de behandeling duurt.",
    "finding-less": "Bij de wachtstand zei je niet waarom je de beller liet wachten.",
    "finding-knowledge": "De termijn voor bezwaar klopte niet helemaal: het zijn zes weken.",
    "point-1": "Zeg vóór de wachtstand wat je gaat doen en hoe lang het duurt.",
    "point-2": "Controleer de gegevens hardop voordat je ze vastlegt.",
}
REMARKS = {
    "remark-6": "Mooie samenvatting na de uitleg van de beller.",
    "remark-16": "Niet gezegd waarom en hoe lang.",
}
MOMENTS = {
    "note-000a": "Hier noem je je naam heel duidelijk.",
    "about-000a": "3",
    "at-000a": "0:03",
    "note-000b": "De beller zegt iets over een tweede aanvraag. Vraag daar nog even op door.",
    "about-000b": "5",
    "at-000b": "0:11",
    "note-000c": "Prettig tempo in dit stuk.",
    "at-000c": "0:16",
}
EARLIER = (
    "Je neemt de tijd voor de beller, ook als het druk is.",
    "Je vraagt goed door naar wat er al is aangevraagd.",
    "Je uitleg over de voorwaarden was helder en kort.",
    "Je sluit vriendelijk af en noemt wat er nu gebeurt.",
)
EARLIER_POINTS = (
    "Vat samen voordat je het antwoord geeft.",
    "Stel eerst een open vraag, daarna pas een controlevraag.",
    "Noem zelf de vervolgstap en de termijn.",
)
VIEWS = {
    "employee": "Ik vond het een rustig gesprek. Bij de wachtstand wist ik even niet waar ik moest zoeken.",
    "coach": "Je houdt goed contact met de beller. Het zoeken gaat sneller als je eerst samenvat.",
}
TOGETHER = (
    {
        "conclusions": "De beller krijgt veel ruimte. De leiding in het gesprek komt daardoor soms laat.",
        "agreements": "We luisteren samen naar twee eigen gesprekken en letten op het begin.",
        "point-1": "Neem na de eerste uitleg zelf het woord en vat samen.",
    },
    {
        "conclusions": "De leiding is er nu vanaf het begin. De wachtstand vraagt nog aandacht.",
        "agreements": "Je oefent een vaste zin voor de wachtstand en gebruikt die een week lang.",
        "point-1": "Zeg bij de wachtstand hoe lang het ongeveer duurt.",
    },
    {
        "conclusions": "De wachtstand gaat goed. Bij moeilijke vragen komt het antwoord wat versnipperd.",
        "agreements": "Je maakt voor drie veelgestelde vragen een kort antwoord in eigen woorden.",
        "point-1": "Geef eerst het antwoord, dan pas de uitleg.",
    },
    {
        "conclusions": "Het contact met de beller is sterk. De opbouw naar het antwoord kan korter.",
        "agreements": "Je oefent twee weken met samenvatten vóór het zoeken. Daarna luisteren we terug.",
        "point-1": "Vat eerst samen wat de beller vraagt, en zoek dan pas.",
    },
)
PLACE = "Kamer 2.14"
OPEN_QUESTION = "Eén open vraag, aan het begin. Dat was hier genoeg."
CLOSED_QUESTIONS = "Daarna alleen nog controlevragen."
WHY_OPINION = "Bij item 16 lees ik de uitleg anders: ik zei wel waarom ik de beller liet wachten."
INTERPRETATION = (
    "Ja: de medewerker stelt minstens één open vraag voordat het zoeken begint.",
    "Yes: the employee asks at least one open question before searching.",
)
TRAINING = "Doorvragen zonder verhoor"
EXCEPTION = "De nieuwe regeling voor warmtepompen is begonnen. We kijken samen hoe de uitleg gaat."
SUMMARY = "Je hebt veel geoefend met samenvatten, en dat hoor je: bellers weten waar ze aan toe zijn."
VIEW_OF_SUMMARY = "Ik herken dit. Aan het doorvragen wil ik volgend jaar verder werken."
PHRASE = "de hangmat van oma is groen"
ACCOUNT = "De beller schold en dreigde langs te komen."
TALK = "We bellen hem samen terug en zeggen dat dit niet kan."
AFTERCARE = "Een gesprek met de bedrijfsmaatschappelijk werker, als je dat wilt."
INDICATIONS = "Twee klanten meldden los van elkaar dat om contant geld is gevraagd."
REQUEST = "Woo-verzoek van een krant, over een gesprek dat de beller zelf openbaar maakte."
