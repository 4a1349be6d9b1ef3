"""The commonest little words of languages that are written in Latin letters, and letters of their own.

Written for this program from general knowledge of each language. What a newcomer would get wrong: a word that
two languages share stands in both, and then counts half for each; leaving it out of one would make it speak
for the other.
"""

from typing import Final

WORDS: Final = {
    "en": (
        "the be to of and in that have it for not on with he as you do at this but his by from they we "
        "say her she or an will my one all would there their what so up out if about who get which go "
        "me when make can like time just him know take into your some could them see other than then "
        "now look only come its over think also back after use how our work first well even want "
        "because any these give most us is are was were been has had did does am i i'm im i've ive "
        "you're youre don't dont can't cant it's isn't isnt that's thats he's hes she's they're theyre "
        "we're won't wont didn't didnt doesn't doesnt wasn't aren't couldn't wouldn't what's there's "
        "let's i'll you'll u ur r lol omg please thanks thank sorry why where here again still never "
        "always very too much more many should really going gonna got getting been being those through "
        "before down off away every everyone someone something nothing anyone police people good hope "
        "stay safe today tonight hello hi yes no mate love need help right same mean said says good bad "
        "than without around under between plant yr hen mam"
    ),
    "cy": (
        "y yr yn mae ar i'r a'r o'r i'w oedd wedi bod hyn hwn hon hynny ond gyda gydag gan am at fel fy "
        "dy ei eu ein eich nhw hi ni chi dwi rwy rwyf rydw rydym rydyn rydych maen maent ydy ydi ydw yw "
        "sydd sy bydd byddwn byddai byddaf fydd nid dim ddim diolch iawn bore noswaith prynhawn dda "
        "bawb pawb heno heddiw ddoe yfory nawr rŵan yma yno lle pryd pam sut beth pwy faint oes does "
        "gobeithio gobeithio'r meddwl teulu cadwch cadw saff druan ohonyn cywilydd rhag mor hefyd eto "
        "neu os nac mewn dros trwy drwy wrth heb cyn ôl gwaith gweithio plant tŷ ffordd heddlu cymru "
        "cymraeg gymraeg ysgol rhywun rhywbeth popeth llawer mwy eisiau isio angen gallu gall gallwn "
        "allwn dewch dere tyrd ewch gwelwch croeso llongyfarchiadau hapus cariad ffrindiau mae'r mae'n "
        "hi'n o'n sy'n mae'i yn'r ydy'r ydi'r fe'i clywed gweld gwybod mynd wneud neithiwr bobl pobl "
        "yw'r am'y bendigedig ofnadwy trist drist mawr fawr bach fach hen newydd cael gael chwaer brawd "
        "mam tad ar'y efo gennym gen gynno ganddo ddigon digon gobaith ladda mi'n fi ti fo fe'n i'n "
        "chi'n ni'n bore'r ddim'n ydyn"
    ),
    "ga": (
        "agus an na tá bhí ní níl seo sin leis ag ar sé sí siad muid sibh mé tú go maith raibh mar ach "
        "gach le chun faoi anois anseo ansin conas cén cá cad atá againn agat agam againn aici acu nach "
        "is ón den don sa san ina gaeilge éire slán dia duit raibh maith agat míle fáilte"
    ),
    "gd": (
        "agus tha bha chan eil seo sin leis aig air mi thu sinn sibh iad mo do gu math mar ach gach "
        "nach is ann anns gus bho dhan dha gàidhlig alba tapadh leat leibh ciamar càite carson dè cò"
    ),
    "fr": (
        "le la les de des du un une et est sont dans pour pas que qui ne ce cette ces il elle ils elles "
        "nous vous je tu mon ton son sur avec plus mais ou où tout tous fait faire être avoir comme "
        "bien très aux au c'est j'ai n'est qu'il d'un d'une l'on merci bonjour oui non aussi même quand "
        "comment pourquoi leur leurs sans sous encore toujours jamais rien était été suis sommes êtes"
    ),
    "de": (
        "der die das und ist nicht ich du er sie es wir ihr ein eine einen einem einer den dem des mit "
        "auf für von zu zum zur auch sich an als bei nach wie aber oder wenn noch nur schon was wer wo "
        "warum haben hat habe bin sind war waren wird werden kann mein dein sein kein keine danke bitte "
        "ja nein sehr gut alle alles hier dort immer über unter vor mehr man so dass"
    ),
    "nl": (
        "de het een en is niet ik je jij hij zij ze wij we van op te in dat die voor met aan zijn was "
        "heb heeft ook maar als bij naar nog wel geen of om dan er hoe wat wie waar waarom dit deze hun "
        "ons mijn jouw kan zal worden dank bedankt goed heel veel alleen altijd nooit"
    ),
    "es": (
        "el la los las de del y que en un una es son por para con no se su lo como más pero sus le ya o "
        "este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien todo nos yo tú "
        "él ella gracias hola está están qué esto eso fue ser estar tengo tiene bien mucho nada siempre "
        "nunca aquí"
    ),
    "pt": (
        "o os as de do da dos das e que em no na um uma é são por para com não se seu sua mais mas como "
        "ele ela eles elas nós você vocês eu isso isto está estão muito já também quando onde porque "
        "quem obrigado obrigada olá sim nada tudo foi ser ter tem tenho bem sempre nunca aqui pela pelo "
        "ao à"
    ),
    "it": (
        "il lo la gli le di del della che e è un una non per con sono si in come ma anche più questo "
        "questa quello ho hai ha abbiamo io tu lui lei noi voi loro mi ti ci vi su al alla dal dalla "
        "nel nella grazie ciao perché quando dove chi cosa tutto tutti molto bene sempre mai essere "
        "fare sei siamo"
    ),
    "pl": (
        "i w z na do nie to się że jest są a o jak ale tak co po od za dla czy już tylko może być ma "
        "mam mi mnie cię go jej ich nas was ten ta te tego tej tym był była było przez przy bardzo "
        "dziękuję dzięki dobry dzień wszystko wszyscy gdzie kiedy dlaczego kto bo więc jeszcze teraz tu "
        "tam nic"
    ),
    "ro": (
        "și si în in de la cu pe nu este sunt un o ce că ca care din mai pentru dar sau se a fi ai are "
        "am ei el ea noi voi lor lui acest această aceasta foarte mulțumesc bună ziua unde când cum "
        "cine tot toate toți aici acolo bine fost va vor să sa le ne îi îl"
    ),
    "lt": (
        "ir yra ne kad su į iš tai kaip bet ar o jis ji jie mes jūs aš tu man tau mano tavo savo buvo "
        "bus ačiū labas taip čia ten kur kada kodėl kas visi viskas labai gerai dar jau tik prie per už "
        "nuo"
    ),
    "lv": (
        "un ir ar nav ka no uz par kā bet vai es tu viņš viņa mēs jūs viņi man tev mans tavs bija būs "
        "paldies labdien jā nē šeit tur kur kad kāpēc kas visi viss ļoti labi vēl jau tikai pie"
    ),
    "cs": (
        "a je na se v že to s z do ale jako co tak za po jsem jsi jsou byl byla bylo být mám má mi mě "
        "ho její nás vás ten ta pro od při velmi děkuji dobrý den všechno všichni kde kdy proč kdo "
        "ještě teď tady nic"
    ),
    "sk": (
        "a je na sa v že to s z do ale ako čo tak za po som si sú bol bola bolo byť mám má mi ma ho jej "
        "nás vás ten tá pre od pri veľmi ďakujem dobrý deň všetko všetci kde kedy prečo kto ešte teraz "
        "tu nič"
    ),
    "hu": (
        "a az és hogy nem is egy van volt ez azt de ha csak már még meg mint el ki be le fel vagy "
        "vagyok én te ő mi ti ők nagyon köszönöm szia jó napot hol mikor miért ki minden mindenki itt "
        "ott semmi lesz"
    ),
    "sq": (
        "dhe të në e i është janë nuk që një me për nga si por ky kjo këto unë ti ai ajo ne ju ata jam "
        "je kam ka kemi shumë faleminderit mirë ku kur pse kush gjithë këtu atje asgjë edhe do"
    ),
    "so": (
        "waa iyo in ka ku ah oo la uu ay aan wax ma u waxaan waxay mid kale laakiin haa maya mahadsanid "
        "fadlan halkan waxa inuu inay leh badan dad dadka maanta xaggee goorma maxaa sidee wanaagsan"
    ),
    "tr": (
        "ve bir bu da de için ile çok ne var yok ama gibi daha en ben sen o biz siz onlar değil mi mı "
        "mu mü ki kadar sonra her şey ise olan oldu olarak teşekkürler merhaba evet hayır nerede neden "
        "nasıl kim burada şimdi iyi"
    ),
}
"""By two-letter code; words stand apart by blanks, in small letters, with a straight apostrophe."""

LETTERS: Final = {
    "ŵ": "cy", "ŷ": "cy", "ł": "pl", "ą": "pl", "ś": "pl", "ź": "pl", "ż": "pl", "ń": "pl", "ș": "ro",
    "ț": "ro", "ă": "ro", "ė": "lt", "ų": "lt", "į": "lt", "ļ": "lv", "ņ": "lv", "ķ": "lv", "ģ": "lv",
    "ř": "cs", "ě": "cs", "ů": "cs", "ľ": "sk", "ĺ": "sk", "ŕ": "sk", "ő": "hu", "ű": "hu", "ğ": "tr",
    "ı": "tr", "ñ": "es", "¿": "es", "¡": "es", "ß": "de", "ã": "pt", "õ": "pt", "ë": "sq", "œ": "fr",
}  # fmt: skip
"""Letters that speak for one of these languages."""
