"""Countries: one code for the many ways to write a country.

Floor 2: values only.

SALESmanago shows ISO 3166 codes, Zoho shows names, and people write whatever
they like; `country_code` brings them together so that ``PL``, ``POL``,
``Poland`` and ``Polska`` are equal.

Source: ISO 3166-1 for the codes and English short names. The other names are
those in common use in English, in Polish and in the country itself.
"""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["COUNTRY_CODES", "country_code"]

# Code of two letters, code of three letters, names.
_ROWS: Final = """
AD AND Andorra / Andora
AE ARE United Arab Emirates / UAE / Emirates / Zjednoczone Emiraty Arabskie
AF AFG Afghanistan / Afganistan
AG ATG Antigua and Barbuda / Antigua & Barbuda
AI AIA Anguilla
AL ALB Albania / Shqipëria
AM ARM Armenia / Hayastan
AO AGO Angola
AQ ATA Antarctica
AR ARG Argentina / Argentyna
AS ASM American Samoa
AT AUT Austria / Österreich / Oesterreich
AU AUS Australia / Commonwealth of Australia
AW ABW Aruba
AX ALA Aland Islands / Åland Islands / Åland
AZ AZE Azerbaijan / Azerbejdżan / Azərbaycan
BA BIH Bosnia and Herzegovina / Bosnia / Bosnia & Herzegovina / Bośnia i Hercegowina
BA BIH Bosna i Hercegovina
BB BRB Barbados
BD BGD Bangladesh / Bangladesz
BE BEL Belgium / Belgia / België / Belgique / Belgien
BF BFA Burkina Faso
BG BGR Bulgaria / Bułgaria / България
BH BHR Bahrain
BI BDI Burundi
BJ BEN Benin
BL BLM Saint Barthélemy / St. Barthélemy
BM BMU Bermuda
BN BRN Brunei / Brunei Darussalam
BO BOL Bolivia / Plurinational State of Bolivia / Boliwia
BQ BES Caribbean Netherlands / Bonaire, Sint Eustatius and Saba
BR BRA Brazil / Brazylia / Brasil
BS BHS Bahamas
BT BTN Bhutan
BV BVT Bouvet Island
BW BWA Botswana
BY BLR Belarus / Białoruś / Беларусь
BZ BLZ Belize
CA CAN Canada / Kanada
CC CCK Cocos Islands / Cocos (Keeling) Islands
CD COD Democratic Republic of the Congo / Congo, The Democratic Republic of the
CD COD DR Congo / DRC / Congo (Kinshasa)
CF CAF Central African Republic
CG COG Republic of the Congo / Congo / Congo (Brazzaville)
CH CHE Switzerland / Szwajcaria / Schweiz / Suisse / Svizzera
CI CIV Ivory Coast / Côte d'Ivoire / Wybrzeże Kości Słoniowej
CK COK Cook Islands
CL CHL Chile
CM CMR Cameroon
CN CHN China / Chiny / People's Republic of China / PRC / 中国
CO COL Colombia / Kolumbia
CR CRI Costa Rica / Kostaryka
CU CUB Cuba / Kuba
CV CPV Cape Verde / Cabo Verde
CW CUW Curaçao
CX CXR Christmas Island
CY CYP Cyprus / Cypr / Κύπρος
CZ CZE Czechia / Czech Republic / Czechy / Republika Czeska / Česko / Česká republika
DE DEU Germany / Niemcy / Deutschland / Federal Republic of Germany
DJ DJI Djibouti
DK DNK Denmark / Dania / Danmark
DM DMA Dominica
DO DOM Dominican Republic / Dominikana
DZ DZA Algeria / Algieria
EC ECU Ecuador / Ekwador
EE EST Estonia / Eesti
EG EGY Egypt / Egipt
EH ESH Western Sahara
ER ERI Eritrea
ES ESP Spain / Hiszpania / España
ET ETH Ethiopia / Etiopia
FI FIN Finland / Finlandia / Suomi
FJ FJI Fiji
FK FLK Falkland Islands / Falkland Islands (Malvinas)
FM FSM Micronesia / Micronesia, Federated States of / Federated States of Micronesia
FO FRO Faroe Islands / Wyspy Owcze / Føroyar
FR FRA France / Francja
GA GAB Gabon
GB GBR United Kingdom / UK / Great Britain / Britain
GB GBR United Kingdom of Great Britain and Northern Ireland / Wielka Brytania
GB GBR Zjednoczone Królestwo
GD GRD Grenada
GE GEO Georgia / Gruzja / Sakartvelo
GF GUF French Guiana
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar
GL GRL Greenland / Grenlandia / Kalaallit Nunaat
GM GMB Gambia / The Gambia
GN GIN Guinea
GP GLP Guadeloupe
GQ GNQ Equatorial Guinea
GR GRC Greece / Grecja / Hellas / Ελλάδα
GS SGS South Georgia and the South Sandwich Islands
GS SGS South Georgia & South Sandwich Islands
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau / Guinea Bissau
GY GUY Guyana
HK HKG Hong Kong / Hongkong / Hong Kong SAR China / Hong Kong SAR
HM HMD Heard Island and McDonald Islands / Heard & McDonald Islands
HN HND Honduras
HR HRV Croatia / Chorwacja / Hrvatska
HT HTI Haiti
HU HUN Hungary / Węgry / Magyarország
ID IDN Indonesia / Indonezja
IE IRL Ireland / Irlandia / Éire / Republic of Ireland
IL ISR Israel / Izrael
IM IMN Isle of Man
IN IND India / Indie / Bharat
IO IOT British Indian Ocean Territory
IQ IRQ Iraq / Irak
IR IRN Iran / Iran, Islamic Republic of / Islamic Republic of Iran
IS ISL Iceland / Islandia / Ísland
IT ITA Italy / Włochy / Italia
JE JEY Jersey
JM JAM Jamaica / Jamajka
JO JOR Jordan / Jordania
JP JPN Japan / Japonia / Nippon / 日本
KE KEN Kenya / Kenia
KG KGZ Kyrgyzstan / Kirgistan
KH KHM Cambodia / Kambodża
KI KIR Kiribati
KM COM Comoros
KN KNA Saint Kitts and Nevis / St. Kitts and Nevis / St. Kitts & Nevis
KP PRK North Korea / Korea, Democratic People's Republic of
KP PRK Democratic People's Republic of Korea / Korea Północna
KR KOR South Korea / Korea, Republic of / Republic of Korea / Korea Południowa / Korea
KR KOR 대한민국
KW KWT Kuwait / Kuwejt
KY CYM Cayman Islands
KZ KAZ Kazakhstan / Kazachstan / Қазақстан
LA LAO Laos / Lao People's Democratic Republic
LB LBN Lebanon / Liban
LC LCA Saint Lucia / St. Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania / Litwa / Lietuva
LU LUX Luxembourg / Luksemburg / Lëtzebuerg / Luxemburg
LV LVA Latvia / Łotwa / Latvija
LY LBY Libya / Libia
MA MAR Morocco / Maroko / Maroc
MC MCO Monaco / Monako
MD MDA Moldova / Moldova, Republic of / Republic of Moldova / Mołdawia
ME MNE Montenegro / Czarnogóra / Crna Gora
MF MAF Saint Martin / Saint Martin (French part) / St. Martin
MG MDG Madagascar / Madagaskar
MH MHL Marshall Islands
MK MKD North Macedonia / Macedonia / Macedonia Północna / Северна Македонија
ML MLI Mali
MM MMR Myanmar / Burma / Birma
MN MNG Mongolia
MO MAC Macau / Macao / Macao SAR China
MP MNP Northern Mariana Islands
MQ MTQ Martinique
MR MRT Mauritania
MS MSR Montserrat
MT MLT Malta
MU MUS Mauritius
MV MDV Maldives / Malediwy
MW MWI Malawi
MX MEX Mexico / Meksyk / México
MY MYS Malaysia / Malezja
MZ MOZ Mozambique / Mozambik
NA NAM Namibia
NC NCL New Caledonia
NE NER Niger
NF NFK Norfolk Island
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands / Holland / Holandia / Niderlandy / Nederland / The Netherlands
NO NOR Norway / Norwegia / Norge / Noreg
NP NPL Nepal
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand / Nowa Zelandia / Aotearoa
OM OMN Oman
PA PAN Panama
PE PER Peru
PF PYF French Polynesia
PG PNG Papua New Guinea
PH PHL Philippines / Filipiny / The Philippines
PK PAK Pakistan
PL POL Poland / Polska / Rzeczpospolita Polska / Republic of Poland
PM SPM Saint Pierre and Miquelon / St. Pierre and Miquelon
PN PCN Pitcairn Islands / Pitcairn
PR PRI Puerto Rico
PS PSE Palestine / Palestine, State of / State of Palestine / Palestinian Territories
PS PSE Palestyna
PT PRT Portugal / Portugalia
PW PLW Palau
PY PRY Paraguay / Paragwaj
QA QAT Qatar / Katar
RE REU Réunion
RO ROU Romania / Rumunia / România
RS SRB Serbia / Republic of Serbia / Srbija / Србија
RU RUS Russia / Russian Federation / Rosja / Россия
RW RWA Rwanda
SA SAU Saudi Arabia / Arabia Saudyjska
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan
SE SWE Sweden / Szwecja / Sverige
SG SGP Singapore / Singapur
SH SHN Saint Helena / Saint Helena, Ascension and Tristan da Cunha / St. Helena
SI SVN Slovenia / Słowenia / Slovenija
SJ SJM Svalbard and Jan Mayen / Svalbard & Jan Mayen
SK SVK Slovakia / Słowacja / Slovensko / Slovak Republic
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan
ST STP Sao Tome and Principe / São Tomé and Príncipe
SV SLV El Salvador
SX SXM Sint Maarten / Sint Maarten (Dutch part)
SY SYR Syria / Syrian Arab Republic
SZ SWZ Eswatini / Swaziland
TC TCA Turks and Caicos Islands / Turks & Caicos Islands
TD TCD Chad
TF ATF French Southern Territories
TG TGO Togo
TH THA Thailand / Tajlandia
TJ TJK Tajikistan / Tadżykistan
TK TKL Tokelau
TL TLS East Timor / Timor-Leste
TM TKM Turkmenistan
TN TUN Tunisia / Tunezja
TO TON Tonga
TR TUR Turkey / Türkiye / Turcja
TT TTO Trinidad and Tobago / Trinidad & Tobago
TV TUV Tuvalu
TW TWN Taiwan / Taiwan, Province of China / Tajwan
TZ TZA Tanzania / Tanzania, United Republic of / United Republic of Tanzania
UA UKR Ukraine / Ukraina / Україна
UG UGA Uganda
UM UMI United States Minor Outlying Islands / U.S. Outlying Islands
US USA United States / USA / U.S.A. / U.S. / United States of America / America
US USA Stany Zjednoczone / Stany Zjednoczone Ameryki
UY URY Uruguay / Urugwaj
UZ UZB Uzbekistan
VA VAT Vatican City / Holy See / Holy See (Vatican City State) / Watykan
VC VCT Saint Vincent and the Grenadines / St. Vincent and the Grenadines
VE VEN Venezuela / Venezuela, Bolivarian Republic of
VE VEN Bolivarian Republic of Venezuela / Wenezuela
VG VGB British Virgin Islands / Virgin Islands, British
VI VIR United States Virgin Islands / Virgin Islands, U.S. / US Virgin Islands
VN VNM Vietnam / Viet Nam / Wietnam
VU VUT Vanuatu
WF WLF Wallis and Futuna / Wallis & Futuna
WS WSM Samoa
YE YEM Yemen / Jemen
YT MYT Mayotte
ZA ZAF South Africa / RPA / Republika Południowej Afryki
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""

# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "&": "and"})


def country_code(text: str) -> str | None:
    """Give the ISO 3166 code of two letters, or ``None`` if it is no country.

    Case, accents, blanks and punctuation make no difference.

    >>> country_code("Czech Republic")
    'CZ'
    >>> country_code("UNITED  KINGDOM")
    'GB'
    >>> country_code("Atlantis")
    """
    code = _CODES.get(text)
    return code if code is not None else _CODES.get(_key(text))


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    return "".join(filter(str.isalnum, plain))


def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for row in _ROWS.strip().splitlines():
        code, long_code, names = row.split(" ", 2)
        for name in (code, long_code, *names.split(" / ")):
            codes[_key(name)] = code
        # What services show most often is found without folding.
        codes[code] = code
        codes[names.split(" / ")[0]] = code
    return codes


_CODES: Final = _codes()

COUNTRY_CODES: Final = frozenset(_CODES.values())
"""All codes of two letters."""
