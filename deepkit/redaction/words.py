"""The word lists of redaction: texts of words with spaces between them."""

PAIRS = """
ab ac ad af ag ai ak al am an ap ar as at au av aw ax ay ba bc be bi bl bo br bs bu by ca cc ce ch ci ck cl
cm co cr cs ct cu cy da dd de di dl do dr ds du dy ea eb ec ed ee ef eg ei ek el em en eo ep eq er es et ev
ew ex ey fa fe ff fi fl fo fr fs ft fu ga ge gh gi gl gn go gr gs gu ha he hi ho hr ht hu ia ib ic id ie if
ig ik il im in io ip ir is it iv ix iz je jo ka ke ki kl kn ks kw la lc ld le lf li ll lo lp ls lt lu ly ma
mb me mi mm mo mp ms mu na nc nd ne nf ng ni nk nl nn no np ns nt nu nv ny oa ob oc od oe of og oi ok ol om
on oo op or os ot ou ov ow pa pd pe pi pl po pp pr ps pt pu py qu ra rc rd re rf rg ri rk rl rm rn ro rp rr
rs rt ru rv rw ry sa sc se sg sh si sk sl sm sn so sp ss st su sw sy ta tc td te tf th ti tl tm to tp tr ts
tt tu tw ty ua ub uc ud ue uf ug ui ul um un up ur us ut va ve vi vo wa we wh wi wn wo wr ws xa xc xe xi xp
xt xx ye yi yn yo yp ys yt ze zi
"""
"""The pairs of letters that make up 97 % of all pairs in the words of English technical texts."""
NO_SECRETS = """
admin apikey changeme client deepkit deepseek default dummy empty example false keyrequired lmstudio local
localhost none norequired notneeded notused null ollama openai openrouter password proxy proxyuser required
sandbox secret server skno sknokeyrequired test testing token true unused user username
"""
"""What stands where a secret is expected and is none, letters and digits alone."""
COMMON = """
deepseek deepkit openrouter openai sandbox password secret token apikey server proxy example company
localhost https http
"""
"""Words that stand in many texts and in many secrets."""
NOBODY = """
admin administrator build centos client codespace container daemon data debian deepkit deepseek default
deploy desktop docker email fedora gateway github guest home host info jovyan jupyter laptop linux local
localhost macbook mail main master name nobody node noreply proxy public python root runner sandbox server
service shared support system test testing tests ubuntu user users vagrant vscode windows worker
"""
"""Names of accounts and machines that tell nothing about anybody."""
ABOUT = """
a accepted an and any are array as at auth authentication auto available basic be bearer bool boolean by
bytes can cannot check could count default denied dict disabled empty enabled env error exceeded expired
failed false float for format found from given has header here hidden if in incorrect int integer invalid is
it key keys length limit list loaded map may mismatch missing must my n/a na name needed nil no none not
null number object of ok on optional or our please provided recognised recognized redacted refused rejected
removed required revoked secretstr set should str string tbd that the then this to todo token tokens true
type undefined unknown unset usage valid value values verification was were when will with wrong yes your
不存在 不正确 不能为空 为空 失效 已过期 无效 有误 错误
"""
"""What follows a label and is no value: types, states, words of a sentence."""
