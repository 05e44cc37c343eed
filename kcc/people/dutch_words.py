"""Words with which people in the Netherlands begin a password, likeliest first; what follows is strength's.

Written down by us, as words that come to mind: secrets, seasons, places, clubs, names, pets, food, work.
"""

_WORDS = """
wachtwoord welkom geheim hallo qwerty welkom01 wachtwoord1 geheimpje toegang inloggen paswoord sleutel
ikhouvanjou ikhouvan ikhou liefje schatje schat liefde kusje lieverd hartje vriend vriendin vrienden
lente zomer herfst winter voorjaar najaar januari februari maart april mei juni juli augustus september
oktober november december maandag dinsdag woensdag donderdag vrijdag zaterdag zondag weekend vakantie
kerst kerstmis sinterklaas pasen koningsdag nieuwjaar carnaval oranje holland nederland nederlands hollands
ajax feyenoord psv twente heerenveen utrecht vitesse willem sparta cambuur groningen heracles excelsior
amsterdam rotterdam denhaag eindhoven tilburg almere breda nijmegen apeldoorn haarlem arnhem enschede
amersfoort zaanstad haarlemmermeer hertogenbosch denbosch zwolle leiden leeuwarden maastricht dordrecht ede
alphen delft deventer venlo sittard hilversum assen roosendaal emmen gouda vlaardingen alkmaar lelystad
friesland drenthe overijssel gelderland flevoland zeeland limburg brabant texel ameland terschelling
belgie antwerpen brussel gent brugge duitsland frankrijk spanje italie griekenland turkije marokko
jan piet klaas kees henk willem hendrik johan marie anna maria petra ingrid monique marieke sanne lisa
emma julia sophie mila tess zoe noah daan lucas levi sem finn liam milan bram thijs tim tom bas rick
mark peter erik marco dennis jeroen martijn robert patrick michel linda ester esther sandra anja wendy
kim laura femke lotte anouk iris eva nina fleur roos noor saar sara fatima mohamed ahmed ali yusuf
jansen devries vandenberg bakker visser smit meijer deboer mulder degroot bos vos peters hendriks
hond kat poes konijn paard vogel vis hamster cavia olifant leeuw tijger aap beer muis koe varken schaap
minoes pluis tommie bobby max snuffel vlekje moppie beertje poekie binkie tijgertje loebas snoopy
mama papa moeder vader oma opa broer zus dochter zoon baby kind kinderen familie gezin thuis huis
voetbal hockey tennis schaatsen fietsen wielrennen zwemmen hardlopen volleybal formule1 verstappen
cruijff fiets auto trein boot vliegtuig vrachtwagen motor tractor caravan camper
bier wijn koffie thee kaas brood boterham stroopwafel hagelslag pindakaas drop frikandel kroket patat
appel peer banaan aardbei sinaasappel chocola chocolade taart koek pannenkoek stamppot haring friet
rood groen blauw geel zwart wit paars roze bruin grijs goud zilver
een twee drie vier vijf zes zeven acht negen tien honderd duizend
zon maan ster sterren regen sneeuw wind storm zee strand duinen bos berg bloem bloemen tulp tulpen roos
boom water vuur aarde lucht hemel wereld molen klompen dijk polder gracht
werk werken kantoor baas collega afdeling klant klanten klantcontact contactcenter callcenter telefoon
gesprek gesprekken medewerker coach manager directie administratie beheer beheerder organisatie bedrijf
computer laptop internet google facebook windows microsoft office outlook netwerk server
gemeente provincie overheid rijksoverheid ministerie belasting belastingdienst uitkering subsidie rvo
gebruiker gast test tester proef tijdelijk standaard nieuw oud mijn onze jouw goed beter best mooi lekker
leuk lief grappig stom gek blij happy gelukkig sterk snel groot klein altijd nooit vandaag morgen gisteren
muziek gitaar piano zingen dansen feest film boek spel spelen
geld euro bank rekening miljoen rijk koning koningin prins prinses beatrix maxima alexander amalia
god jezus allah engel duivel hoop geloof vrede vrijheid leven dood
sesamstraat nijntje kabouter spongebob pokemon minecraft fortnite starwars superman batman
verdomme kutzooi shit neuken kut lul klootzak hoer
"""
RANKED = {word: rank for rank, word in enumerate(dict.fromkeys(_WORDS.split()), 1)}
"""Each word once, with its place."""
BASES = tuple(word for word in list(RANKED)[:90] if len(word) >= 5)
"""Secrets, love, seasons, months, days and clubs: what is left of a password without these must do alone."""
