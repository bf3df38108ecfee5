"""Where countries are, and land and sea as dots.

Computed from Natural Earth's 1:50m countries (public domain): the middle of the largest part of
each country, to a tenth of a degree, and whether the middle of each field of 2.5 by 2.5 degrees
is land. Codes are those of ISO 3166-1, and XK.
"""

LAND_TOP = 81.25
"""Latitude of the first row of `LAND`; each is 2.5 degrees further south."""

LAND_LEFT = -178.75
"""Longitude of field 0 of a row; each is 2.5 degrees further east."""

LAND_STEP = 2.5

LAND = (
    "34 36-45 48-62 64-66 94",
    "31 35-41 44-63 77-80 112-113",
    "23 28 31-32 35 44-64 96-98 110 112-116",
    "22-25 32 34-35 37 50-63 94 106-114 116 128",
    "0 9 25-29 33-34 37-43 50-62 93 99-101 103-123 125-132",
    "6-25 27 29 33 35-36 38 41-44 52-61 78-86 91 93 95-98 100 102-135 137-143",
    "0-3 8-37 42-46 51-57 65 78-85 87 90-143",
    "8-35 37 39 43-45 51-55 64 75-79 81-142",
    "6-33 41-42 53-54 74-78 81-134 136 138-140",
    "9-10 18-34 41-46 74-78 81-128 136-137",
    "8 19-36 40-46 70 75 77 80-126 134-136",
    "20-38 40-48 68-69 71 75-127 134-135",
    "21-49 71-127",
    "22-43 45 49 71-127",
    "23-45 47 72-83 85 87-91 93-126",
    "22-43 71-74 76 78-82 88-90 92-125 129",
    "22-42 69-72 77-78 80-83 85-86 88-91 94-123 128",
    "23-40 68-71 78 80 83-91 94-118 122 128",
    "23-41 72-75 85-119 123 126-127",
    "25-39 69-75 86-119 125",
    "25 27-38 68-78 80-82 84 86-120",
    "26-33 39 68-90 92-120",
    "28-32 39 66-85 87-91 95-119",
    "29-32 66-85 87-94 99-118 120",
    "30-32 36 65-86 88-95 100-106 109-114",
    "30-33 35-36 43-44 66-86 88-94 101-105 110-113 115",
    "33-36 47 65-87 89-92 101-103 111-114 120",
    "36-38 65-90 102-103 111-115 120-121",
    "42 44 66-88 91 102-103 111 113-115 121",
    "39 41-47 67-91 111 122",
    "41-48 68-72 74-91 104 112 118",
    "41-51 75-90 111-112 117-118",
    "40-51 76-89 112 116-118 120",
    "40-51 53 76-88 111-113 116-118 120 124-125",
    "40-56 76-87 113 118 120 126-129",
    "40-57 77-87 114 127-130",
    "40-57 77-87 118 120 122 128",
    "41-56 78-87 124",
    "42-55 77-87 91 124-126",
    "43-55 77-87 90-91 121-126 129",
    "44-55 77-86 90-91 121-130",
    "44-55 77-85 89-90 118-131",
    "44-53 78-85 89-90 117-132",
    "44-52 78-84 118-132",
    "43-51 79-84 118-132",
    "43-50 79-83 118-132",
    "43-50 79-81 118-120 126-132",
    "43-48 128-131",
    "43-47 142",
    "42-45 130 141",
    "1 43-45 140",
    "43-44 139",
    "42-44",
    "42-43",
    "43-44",
)
"""Rows from north to south: the fields that are land, runs as first-last."""

_COUNTRIES = """\
AD 42.5 1.6 Andorra
AE 23.9 54.3 United Arab Emirates
AF 33.8 66.0 Afghanistan
AG 17.1 -61.8 Antigua and Barbuda
AI 18.2 -63.1 Anguilla
AL 41.1 20.0 Albania
AM 40.3 44.9 Armenia
AO -12.3 17.6 Angola
AQ -71.0 -70.8 Antarctica
AR -35.2 -65.2 Argentina
AS -14.3 -170.7 American Samoa
AT 47.6 14.1 Austria
AU -12.4 123.6 Australia
AW 12.5 -70.0 Aruba
AX 60.2 19.9 Åland Islands
AZ 40.3 47.7 Azerbaijan
BA 44.2 17.8 Bosnia and Herzegovina
BB 13.2 -59.6 Barbados
BD 23.9 90.2 Bangladesh
BE 50.6 4.6 Belgium
BF 12.3 -1.8 Burkina Faso
BG 42.8 25.2 Bulgaria
BH 26.0 50.5 Bahrain
BI -3.4 29.9 Burundi
BJ 9.6 2.3 Benin
BL 17.9 -62.8 Saint Barthélemy
BM 32.3 -64.8 Bermuda
BN 4.5 114.6 Brunei Darussalam
BO -16.7 -64.7 Bolivia
BQ 12.2 -68.3 Bonaire, Sint Eustatius and Saba
BR -10.8 -53.1 Brazil
BS 24.7 -78.0 Bahamas
BT 27.4 90.4 Bhutan
BW -22.2 23.8 Botswana
BY 53.5 28.0 Belarus
BZ 17.2 -88.7 Belize
CA 57.9 -102.4 Canada
CD -2.9 23.6 Congo, The Democratic Republic of the
CF 6.6 20.5 Central African Republic
CG -0.8 15.2 Congo
CH 46.8 8.2 Switzerland
CI 7.6 -5.6 Côte d'Ivoire
CK -21.2 -159.8 Cook Islands
CL -35.7 -71.3 Chile
CM 5.7 12.7 Cameroon
CN 36.6 103.8 China
CO 3.9 -73.1 Colombia
CR 10.0 -84.2 Costa Rica
CU 21.6 -78.9 Cuba
CV 15.1 -23.6 Cabo Verde
CW 12.2 -69.0 Curaçao
CY 34.9 33.0 Cyprus
CZ 49.7 15.3 Czechia
DE 51.1 10.4 Germany
DJ 11.7 42.6 Djibouti
DK 56.2 9.4 Denmark
DM 15.4 -61.4 Dominica
DO 18.9 -70.5 Dominican Republic
DZ 28.2 2.6 Algeria
EC -1.4 -78.4 Ecuador
EE 58.7 25.8 Estonia
EG 26.5 29.9 Egypt
EH 24.2 -12.2 Western Sahara
ER 15.4 38.8 Eritrea
ES 40.4 -3.6 Spain
ET 8.6 39.6 Ethiopia
FI 64.5 26.3 Finland
FJ -17.8 178.0 Fiji
FK -51.7 -58.8 Falkland Islands (Malvinas)
FM 6.9 158.2 Micronesia, Federated States of
FO 62.2 -6.9 Faroe Islands
FR 46.6 2.5 France
GA -0.6 11.8 Gabon
GB 53.9 -2.5 United Kingdom
GD 12.1 -61.7 Grenada
GE 42.2 43.5 Georgia
GF 3.9 -53.2 French Guiana
GG 49.5 -2.6 Guernsey
GH 8.0 -1.2 Ghana
GI 36.1 -5.3 Gibraltar
GL 74.7 -41.4 Greenland
GM 13.4 -15.4 Gambia
GN 10.4 -10.9 Guinea
GP 16.2 -61.5 Guadeloupe
GQ 1.6 10.5 Equatorial Guinea
GR 39.5 22.6 Greece
GS -54.4 -36.7 South Georgia and the South Sandwich Islands
GT 15.7 -90.4 Guatemala
GU 13.4 144.8 Guam
GW 12.1 -14.9 Guinea-Bissau
GY 4.8 -59.0 Guyana
HK 22.4 114.1 Hong Kong
HM -53.1 73.5 Heard Island and McDonald Islands
HN 14.8 -86.6 Honduras
HR 45.2 16.4 Croatia
HT 18.9 -72.7 Haiti
HU 47.2 19.4 Hungary
ID -0.2 114.0 Indonesia
IE 53.2 -8.1 Ireland
IL 31.5 35.0 Israel
IM 54.2 -4.5 Isle of Man
IN 22.9 79.6 India
IO -7.3 72.4 British Indian Ocean Territory
IQ 33.0 43.7 Iraq
IR 32.6 54.3 Iran
IS 65.0 -18.6 Iceland
IT 43.5 12.1 Italy
JE 49.2 -2.1 Jersey
JM 18.2 -77.3 Jamaica
JO 31.2 36.8 Jordan
JP 36.7 138.0 Japan
KE 0.6 37.8 Kenya
KG 41.5 74.5 Kyrgyzstan
KH 12.7 104.9 Cambodia
KI 1.9 -157.4 Kiribati
KM -11.7 43.3 Comoros
KN 17.3 -62.7 Saint Kitts and Nevis
KP 40.2 127.2 North Korea
KR 36.5 127.9 South Korea
KW 29.3 47.6 Kuwait
KY 19.3 -81.3 Cayman Islands
KZ 48.2 67.3 Kazakhstan
LA 18.5 103.7 Laos
LB 33.9 35.9 Lebanon
LC 13.9 -61.0 Saint Lucia
LI 47.1 9.5 Liechtenstein
LK 7.6 80.7 Sri Lanka
LR 6.5 -9.3 Liberia
LS -29.6 28.2 Lesotho
LT 55.3 23.9 Lithuania
LU 49.8 6.1 Luxembourg
LV 56.9 24.9 Latvia
LY 27.0 18.0 Libya
MA 29.8 -8.5 Morocco
MC 43.8 7.4 Monaco
MD 47.2 28.5 Moldova
ME 42.8 19.2 Montenegro
MF 18.1 -63.1 Saint Martin (French part)
MG -19.4 46.7 Madagascar
MH 7.1 171.2 Marshall Islands
MK 41.6 21.7 North Macedonia
ML 17.3 -3.5 Mali
MM 21.2 96.5 Myanmar
MN 46.8 103.1 Mongolia
MO 22.2 113.5 Macao
MP 15.2 145.7 Northern Mariana Islands
MQ 14.6 -61.0 Martinique
MR 20.3 -10.3 Mauritania
MS 16.7 -62.2 Montserrat
MT 35.9 14.4 Malta
MU -20.3 57.6 Mauritius
MV 4.2 73.5 Maldives
MW -13.2 34.3 Malawi
MX 23.9 -102.5 Mexico
MY 3.6 114.7 Malaysia
MZ -17.3 35.5 Mozambique
NA -22.1 17.2 Namibia
NC -21.3 165.5 New Caledonia
NE 17.4 9.4 Niger
NF -29.1 167.9 Norfolk Island
NG 9.6 8.1 Nigeria
NI 12.8 -85.0 Nicaragua
NL 52.3 5.6 Netherlands
NO 64.2 13.9 Norway
NP 28.2 83.9 Nepal
NR -0.5 166.9 Nauru
NU -19.0 -169.9 Niue
NZ -44.0 170.5 New Zealand
OM 20.6 56.1 Oman
PA 8.5 -80.1 Panama
PE -9.2 -74.4 Peru
PF -17.7 -149.4 French Polynesia
PG -6.6 144.2 Papua New Guinea
PH 16.0 121.4 Philippines
PK 29.9 69.3 Pakistan
PL 52.1 19.4 Poland
PM 46.9 -56.3 Saint Pierre and Miquelon
PN -24.4 -128.3 Pitcairn
PR 18.2 -66.5 Puerto Rico
PS 31.9 35.2 Palestine, State of
PT 39.7 -8.0 Portugal
PW 7.5 134.6 Palau
PY -23.2 -58.4 Paraguay
QA 25.3 51.2 Qatar
RE -21.1 55.5 Réunion
RO 45.9 25.0 Romania
RS 44.2 20.8 Serbia
RU 61.7 99.7 Russian Federation
RW -2.0 29.9 Rwanda
SA 24.1 44.5 Saudi Arabia
SB -9.6 160.2 Solomon Islands
SC -4.7 55.5 Seychelles
SD 16.0 29.9 Sudan
SE 62.8 16.7 Sweden
SG 1.4 103.8 Singapore
SH -16.0 -5.7 Saint Helena, Ascension and Tristan da Cunha
SI 46.1 14.8 Slovenia
SK 48.7 19.5 Slovakia
SL 8.6 -11.8 Sierra Leone
SM 43.9 12.5 San Marino
SN 14.4 -14.5 Senegal
SO 4.8 45.7 Somalia
SR 4.1 -55.9 Suriname
SS 7.3 30.2 South Sudan
ST 0.2 6.6 Sao Tome and Principe
SV 13.7 -88.9 El Salvador
SX 18.1 -63.1 Sint Maarten (Dutch part)
SY 35.0 38.5 Syria
SZ -26.6 31.5 Eswatini
TC 21.8 -71.7 Turks and Caicos Islands
TD 15.3 18.6 Chad
TF -49.3 69.5 French Southern Territories
TG 8.5 1.0 Togo
TH 15.1 101.0 Thailand
TJ 38.5 71.0 Tajikistan
TL -8.8 125.9 Timor-Leste
TM 39.1 59.4 Turkmenistan
TN 34.1 9.5 Tunisia
TO -21.2 -175.2 Tonga
TR 39.0 35.4 Türkiye
TT 10.4 -61.3 Trinidad and Tobago
TV -7.5 178.7 Tuvalu
TW 23.8 121.0 Taiwan
TZ -6.3 34.8 Tanzania
UA 49.2 31.3 Ukraine
UG 1.3 32.4 Uganda
US 39.5 -99.1 United States
UY -32.8 -56.0 Uruguay
UZ 41.8 63.1 Uzbekistan
VA 41.9 12.4 Holy See (Vatican City State)
VC 13.3 -61.2 Saint Vincent and the Grenadines
VE 7.1 -66.2 Venezuela
VG 18.4 -64.6 Virgin Islands, British
VI 17.7 -64.8 Virgin Islands, U.S.
VN 16.7 106.3 Vietnam
VU -15.2 166.8 Vanuatu
WF -14.3 -178.1 Wallis and Futuna
WS -13.6 -172.4 Samoa
XK 42.6 20.9 Kosovo
YE 15.9 47.5 Yemen
YT -12.8 45.1 Mayotte
ZA -29.0 25.2 South Africa
ZM -13.5 27.8 Zambia
ZW -19.0 29.9 Zimbabwe
"""


def _read() -> dict[str, tuple[str, float, float]]:
    found = {}
    for line in _COUNTRIES.splitlines():
        code, latitude, longitude, name = line.split(" ", 3)
        found[code] = (name, float(latitude), float(longitude))
    return found


COUNTRIES = _read()
"""By code: name, latitude, longitude."""
